"""The fast scanner of :mod:`xlflow.ooxml.scanner`: sheets as Excel, WPS and libraries write them.

The bytes between ``<sheetData>`` and ``</sheetData>`` are split into rows and cells, and
each distinct piece is matched by a pattern once. It returns a result only where
everything there has that form and nothing can give it another meaning in XML (comments,
CDATA, prefixes, other namespaces); otherwise it declines, and never guesses.
"""

from __future__ import annotations

import re

from xlflow.ooxml.references import LAST_ROW, Area, column_number
from xlflow.ooxml.scanned_elements import (
    RawCell,
    RowAttributes,
    ScannedRow,
    array_areas,
    row_attributes,
    row_number,
    style_and_type,
)
from xlflow.ooxml.xml import Attributes, is_plain, unescape_xml

_OPENING, _CLOSING = b"<sheetData>", b"</sheetData>"
_ROW_END = b"</row>"
BLOCK = 1 << 20
"""How many bytes are split into rows at a time."""
_ATTRIBUTES = rb'(?: [A-Za-z][A-Za-z0-9:]*="[^"<&\t\r\n]*")*'
_ROW_TAG = re.compile(rb'<row r="([1-9][0-9]{0,6})"(' + _ATTRIBUTES + rb") ?(/)?>")
_CELL = b'<c r="'
_REFERENCE = re.compile(rb"([A-Z]{1,3})[1-9][0-9]{0,6}")
_AFTER_REFERENCE = re.compile(
    rb"(" + _ATTRIBUTES + rb") ?(?:/>|>"
    rb"(?:(<f" + _ATTRIBUTES + rb" ?/?>)(?:(?<=/>)|[^<]*</f>))?"
    rb'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>()'
    rb'|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    rb"</c>)"
)
_ATTRIBUTE = re.compile(rb' ([A-Za-z][A-Za-z0-9:]*)="([^"]*)"')


def find_body(text: bytes, cells: int) -> tuple[int, int]:
    """Return where the content of sheetData begins and ends; 0, 0 if the form is unusual.

    One of more than ``cells`` cells, or of more rows than a sheet has, counts as unusual,
    too: the general scanner refuses it.
    """
    start = text.find(_OPENING)
    end = text.rfind(_CLOSING)
    if (
        start < 0
        or end < start
        or not is_plain(text)
        or text.find(b"<sheetData", start + 1) >= 0
        or text.count(b"<c ") > cells
        or text.count(b"<row") > LAST_ROW
    ):
        return 0, 0
    return start + len(_OPENING), end


def scan_rows(text: bytes, position: int, end: int) -> tuple[list[ScannedRow], list[Area]] | None:
    """Return the rows and array areas of a sheet's body; None if it holds anything else.

    Raises ValueError where a tag, an entity or the encoding is invalid.
    """
    scanner = _BodyScanner()
    while position < end:
        # In blocks, so that a large sheet isn't in memory twice.
        last = min(end, position + BLOCK)
        cut = text.rfind(_ROW_END, position, last)
        if cut < 0:
            cut = text.find(_ROW_END, max(position, last - len(_ROW_END)), end)
        if cut < 0:
            break
        for chunk in text[position:cut].split(_ROW_END):
            if not scanner.scan_row(chunk, position):
                return None
            position += len(chunk) + len(_ROW_END)
    if not scanner.scan_closed_rows(text[position:end], position):
        return None
    return scanner.rows, scanner.arrays


class _LastRow:
    """The row that was scanned last, split where its number stands if that is asked for."""

    def __init__(self, tag: bytes, letters: list[bytes], tails: list[bytes], length: int) -> None:
        self.tails = tails
        self.length = length
        self._tag = tag
        self._letters = letters
        self._segments: list[bytes] | None = None

    def segments(self, number: bytes) -> list[bytes]:
        """Return what stands between the numbers of the row, given the number it has."""
        if self._segments is None:
            before, after = self._tag.split(number, 1)
            ends = [after, *(b'"' + tail for tail in self.tails)]
            starts = [*(_CELL + letters for letters in self._letters), b""]
            joined = [end + start for end, start in zip(ends, starts, strict=True)]
            self._segments = [before, *joined]
        return self._segments


class _BodyScanner:
    """Scans the rows of one sheet; what it has proved once of a run of bytes it remembers.

    A sheet repeats itself: rows have cells in the same columns, and what follows the
    address of a cell is the same in many of them. Each distinct piece is matched by the
    full pattern once and looked up from then on.
    """

    def __init__(self) -> None:
        self.rows: list[ScannedRow] = []
        self.arrays: list[Area] = []
        self._raw: dict[bytes, RawCell] = {}
        self._row_tags: dict[bytes, RowAttributes] = {}
        self._cell_tags: dict[bytes, tuple[int, str]] = {}
        self._letters: list[bytes] = []
        self._columns: tuple[int, ...] = ()
        self._number = 0
        self._last_row: _LastRow | None = None

    def scan_row(self, chunk: bytes, position: int) -> bool:
        """Scan self-closed rows and then one with an end tag, which the chunk lacks."""
        return self._repeats(chunk, position) or self._scan_row(chunk, position)

    def _repeats(self, chunk: bytes, position: int) -> bool:
        """Add a row that differs from the one before only in its number, as blank rows do."""
        last = self._last_row
        if last is None or self._number == LAST_ROW:
            return False
        old, new = str(self._number).encode(), str(self._number + 1).encode()
        longer = len(new) - len(old)
        if len(chunk) != last.length + longer * (len(last.tails) + 1):
            return False
        if chunk != new.join(last.segments(old)):
            return False
        self._number += 1
        before = self.rows[-1]
        self.rows.append(
            before._replace(
                number=self._number,
                start=position,
                opened=position + before.opened - before.start + longer,
                end=position + len(chunk) + len(_ROW_END),
            )
        )
        last.length = len(chunk)
        return True

    def _scan_row(self, chunk: bytes, position: int) -> bool:
        self._last_row = None
        head = self._row_tag(chunk, 0)
        while head is not None and head[3]:
            self._add_closed(head, position)
            head = self._row_tag(chunk, head.end())
        if head is None:
            return False
        before, *pieces = chunk[head.end() :].split(_CELL)
        parts = [piece.partition(b'"') for piece in pieces]
        if before or not self._scan_references([part[0] for part in parts], head[1]):
            return False
        known = self._raw
        tails = [part[2] for part in parts]
        try:
            raw = [known[tail] for tail in tails]
        except KeyError:
            for tail in tails:
                if tail not in known and not self._scan_content(tail):
                    return False
            raw = [known[tail] for tail in tails]
        self.rows.append(
            ScannedRow(
                self._number,
                position + head.start(),
                position + head.end(),
                position + len(chunk) + len(_ROW_END),
                *self._row_tags[head[2]],
                self._columns,
                raw,
                list(map(len, tails)),
            )
        )
        self._last_row = _LastRow(head[0], self._letters, tails, len(chunk) - head.start())
        return True

    def scan_closed_rows(self, chunk: bytes, position: int) -> bool:
        """Scan a run of self-closed rows, all that may follow the last end tag."""
        end = 0
        while end < len(chunk):
            head = self._row_tag(chunk, end)
            if head is None or not head[3]:
                return False
            self._add_closed(head, position)
            end = head.end()
        return True

    def _row_tag(self, chunk: bytes, start: int) -> re.Match[bytes] | None:
        head = _ROW_TAG.match(chunk, start)
        if head is not None:
            self._number = row_number(head[1].decode(), self._number)
            if head[2] not in self._row_tags:
                self._row_tags[head[2]] = row_attributes(_attributes(head[2]))
        return head

    def _add_closed(self, head: re.Match[bytes], position: int) -> None:
        """Add a self-closed row found in the chunk that begins at a position."""
        start, end = position + head.start(), position + head.end()
        self.rows.append(ScannedRow(self._number, start, end, end, *self._row_tags[head[2]]))

    def _scan_references(self, references: list[bytes], digits: bytes) -> bool:
        """Find the columns of a row's cells, which are usually those of the row before."""
        if references == [letters + digits for letters in self._letters]:
            return True
        letters = []
        for reference in references:
            found = _REFERENCE.fullmatch(reference)
            if found is None or reference[found.end(1) :] != digits:
                return False
            letters.append(found[1])
        self._letters = letters
        self._columns = tuple(column_number(name.decode()) for name in letters)
        return True

    def _scan_content(self, tail: bytes) -> bool:
        """Prove what follows a cell's reference to be a cell, and remember what it says."""
        found = _AFTER_REFERENCE.fullmatch(tail)
        if found is None:
            return False
        tag, formula, value, empty, inline = found.groups()
        if tag not in self._cell_tags:
            self._cell_tags[tag] = style_and_type(_attributes(tag))
        style, kind = self._cell_tags[tag]
        if inline is not None and kind != "inlineStr":
            return False
        if formula is not None and b" ref=" in formula:
            self.arrays.extend(array_areas(_attributes(formula.rstrip(b" />")[2:])))
        content = next((each for each in (value, empty, inline) if each is not None), None)
        text = unescape_xml(content) if content is not None else None
        self._raw[tail] = RawCell(style, kind, text, formula is not None)
        return True


def _attributes(text: bytes) -> Attributes:
    """Return the unprefixed attributes of a canonical start tag except ``r``.

    Raises ValueError where one is repeated or declares a namespace.
    """
    pairs = _ATTRIBUTE.findall(text)
    found = {name.decode(): value.decode() for name, value in pairs if b":" not in name}
    names = {name for name, _ in pairs} - {b"r"}
    if len(names) != len(pairs) or any(name.startswith(b"xmlns") for name in names):
        raise ValueError
    return found
