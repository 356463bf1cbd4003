"""The content digest: whether two files differ in anything but xlflow's own cells.

Two versions of a workbook with the same digest differ only in what xlflow wrote, so one
of them is kept. The digest is stored with each version: a change of its formula would
store every workbook once more.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from xlflow.facts import Position, address
from xlflow.ooxml.book import Book
from xlflow.ooxml.patches import (
    Patch,
    apply_patches,
    expand_element,
    start_tag,
)
from xlflow.ooxml.scanned_elements import ScannedRow
from xlflow.ooxml.scanner import ScannedSheet


def content_digest(content: Book | bytes, own_cells: Mapping[str, Collection[Position]]) -> str:
    """Return a digest of everything in a workbook except the given cells, by sheet name.

    It doesn't change when those cells are spliced or the archive is packed differently,
    and changes with anything else: another cell, a chart, a style.
    """
    book = content if isinstance(content, Book) else Book(content)
    entries = {entry.part: entry for entry in book.entries}
    digest = hashlib.sha256()
    for name in sorted(book.package.names):
        if name in entries and (cells := own_cells.get(entries[name].name)):
            part = normalized_sheet(book.scanned(entries[name]), cells)
        else:
            part = book.package.read(name)
        digest.update(b"%b\0%d\0" % (name.encode(), len(part)))
        digest.update(part)
    return digest.hexdigest()


def normalized_sheet(xml: ScannedSheet, masked: Collection[Position]) -> bytes:
    """Return a sheet part without the masked cells and what writing them may change.

    The result is the same before and after a splice of those cells: they are removed,
    so are rows without other cells and attributes, self-closed elements are expanded,
    and the hints about used cells are left out. A masked cell whose style isn't the one
    that a new cell would get leaves that style behind, so that a change of style shows.
    """
    text = xml.markup.text
    columns: dict[int, list[int]] = defaultdict(list)
    for row, column in sorted(masked):
        columns[row].append(column)
    normalizer = _RowNormalizer(xml, {row: tuple(found) for row, found in columns.items()})
    patches = [Patch(row.start, row.end, normalizer.normalized(row)) for row in xml.rows]
    if xml.data is not None and xml.data.opened == xml.data.end:
        patches.append(expand_element(text, xml.data.start, xml.data.end, b""))
    if xml.dimension is not None:
        patches.append(Patch(xml.dimension[0].start, xml.dimension[0].end, b""))
    return apply_patches(text, patches)


class _RowNormalizer:
    """Normalizes the row elements of one sheet; rows whose start tags agree share the work."""

    def __init__(self, xml: ScannedSheet, masked: Mapping[int, tuple[int, ...]]) -> None:
        self._xml = xml
        self._text = xml.markup.text
        self._masked = masked
        self._tags: dict[bytes, tuple[bytes, bytes, bool]] = {}
        self._last: ScannedRow | None = None
        self._normalized = b""
        self._segments: list[bytes] | None = None  # of it, split where the number stands
        self._places: dict[tuple[Sequence[int], tuple[int, ...]], list[int]] = {}

    def normalized(self, row: ScannedRow) -> bytes:
        """Return a row without masked cells; nothing where it said nothing else.

        A row that differs from the one before only in its number, as blank rows do,
        differs so when it is normalized.
        """
        last = self._last
        if last is not None and self._repeats(last, row):
            if self._segments is None:
                number = b'(<row r="|<c r="[A-Z]{1,3})%d(?=")' % last.number
                self._segments = re.sub(number, rb"\1\0", self._normalized).split(b"\0")
            return str(row.number).encode().join(self._segments)
        self._last, self._segments = row, None
        self._normalized = self._without_masked(row)
        return self._normalized

    def _repeats(self, last: ScannedRow, row: ScannedRow) -> bool:
        masked = self._masked
        return (
            len(row.raw) > 0  # all rows without cells hold the same, whatever their tags say
            and row.raw is last.raw
            and row.located is None
            and masked.get(row.number) == masked.get(last.number)
        )

    def _without_masked(self, row: ScannedRow) -> bytes:
        text = self._text
        # What the fast scanner found begins with the number; the rest is the same in many rows.
        start = row.start + (len('<row r="') + len(str(row.number)) if row.located is None else 0)
        rest = text[start : row.opened]
        if rest not in self._tags:
            self._tags[rest] = self._start_tag(row, start)
        tag, name, bare = self._tags[rest]
        content = self._content(row)
        if bare and not content:
            return b""
        return b"%b%b%b</%b>" % (text[row.start : start], tag, content, name)

    def _start_tag(self, row: ScannedRow, start: int) -> tuple[bytes, bytes, bool]:
        """Return the tag from ``start`` without its spans, the name, and if only ``r`` remains."""
        text = self._text
        name, attributes = start_tag(text, row.start)
        tag = text[start : row.opened]
        for attribute in attributes:
            if attribute.name == b"spans":
                tag = text[start : attribute.start] + text[attribute.end : row.opened]
        if row.opened == row.end:
            tag = tag[:-2] + b">"
        return tag, name, {attribute.name for attribute in attributes} == {b"r"}

    def _content(self, row: ScannedRow) -> bytes:
        """Return what is between a row's tags, without the masked cells."""
        text = self._text
        if row.opened == row.end:
            return b""
        end = text.rindex(b"</", row.opened, row.end)
        if row.located is None:
            key = row.columns, self._masked.get(row.number, ())
            if key not in self._places:
                self._places[key] = [place for place, c in enumerate(key[0]) if c in key[1]]
            places = self._places[key]
        else:
            places = [
                place
                for place, (cell, column) in enumerate(zip(row.located, row.columns, strict=True))
                if column in self._masked.get(cell[0], ())
            ]
        if not places:
            return text[row.opened : end]
        spans = row.cell_spans()
        pieces = []
        position = row.opened
        for place in places:
            start, after = spans[place]
            pieces += [text[position:start], self._left_behind(row, place)]
            position = after
        return b"".join([*pieces, text[position:end]])

    def _left_behind(self, row: ScannedRow, place: int) -> bytes:
        """Return what stands for a masked cell: its style where a new cell would get another."""
        number = row.located[place][0] if row.located else row.number
        column, style = row.columns[place], row.raw[place].style
        if style == self._xml.inherited_style(number, column):
            return b""
        return b'<c r="%b" s="%d"/>' % (address(number, column).encode(), style)
