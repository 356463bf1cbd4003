"""Where the cells of a sheet part are, and what they hold: one scanner for reading and writing.

Readers that exist lose number formats, error cells or byte positions, or are ten
times too slow. Here a sheet as Excel, WPS and the common libraries write it goes
through one compiled pattern, and only what surrounds its cells through a parser (the
fast gear). Anything else that is well formed (prefixes, comments, CDATA, cells without
``r``, indentation …) goes through the parser as a whole (the general gear). Both give
the same records wherever both can read, which the tests hold them to.

Positions count bytes of the document's UTF-8 text (``SheetXml.markup``), which is the
part itself unless that is in another encoding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from xlflow.errors import UnreadableError
from xlflow.workbook.markup import Attributes, Markup, local, markup, parser_for, run, truth

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column: all inclusive, counted from 1."""

RawCell = tuple[int, int, int, str, str | None, bool, int, int]
"""Row, column, style index, type, text (None: no value element), formula, start, end.

The text is unescaped XML; shared strings are still an index, and ``_x000D_`` is still
spelt so. A plain tuple, because a record class would cost half of the scan.
"""


class RawRow(NamedTuple):
    """One row element: ``start:end`` in the text, its start tag ``start:opened``.

    ``style`` is None where the row has no style of its own.
    """

    number: int
    start: int
    opened: int
    end: int
    style: int | None
    hidden: bool
    spans: str | None


class RawColumns(NamedTuple):
    """A run of columns, first to last, that share a style."""

    first: int
    last: int
    style: int
    hidden: bool


class Element(NamedTuple):
    """An element that may have to change: ``start:end``, its start tag ``start:opened``."""

    start: int
    opened: int
    end: int


@dataclass(frozen=True)
class SheetXml:
    """A sheet part: its cells and rows in document order, and what surrounds them.

    ``arrays`` are the areas that array formulas and data tables fill; ``filtered`` says
    that an automatic filter of the sheet (not of a table) holds rows back.
    """

    markup: Markup
    cells: Sequence[RawCell]
    rows: Sequence[RawRow]
    columns: tuple[RawColumns, ...]
    merges: tuple[Area, ...]
    arrays: tuple[Area, ...]
    dimension: tuple[Element, str] | None
    data: Element | None
    protected: bool
    filtered: bool

    @cached_property
    def rows_by_number(self) -> dict[int, RawRow]:
        """The row elements; the first one where a number stands twice."""
        return {row.number: row for row in reversed(self.rows)}

    def inherited_style(self, row: int, column: int) -> int:
        """Return the style that a new cell takes: its row's, else its column's, else 0."""
        element = self.rows_by_number.get(row)
        if element is not None and element.style is not None:
            return element.style
        for run_ in self.columns:
            if run_.first <= column <= run_.last:
                return run_.style
        return 0


def scan(xml: bytes) -> SheetXml:
    """Return what a worksheet part holds; raises UnreadableError where it is broken."""
    document = markup(xml)
    return fast(document) or general(document)


def fast(document: Markup) -> SheetXml | None:
    """Scan a sheet in the form that most programs write; None if it isn't in that form."""
    text = document.text
    opened, closing = _body(text)
    if not opened:
        return None
    try:
        found = _canonical(text, opened, closing)
    except (UnicodeDecodeError, ValueError):
        return None
    if found is None:
        return None
    walker = _Walker(text[:opened] + text[closing:])
    walker.walk()
    if walker.data is None or walker.data.opened != opened:
        return None
    cells, rows, arrays = found
    return walker.sheet(
        document,
        cells,
        rows,
        arrays,
        Element(walker.data.start, opened, closing + len(_CLOSING)),
    )


def general(document: Markup) -> SheetXml:
    """Scan any well-formed sheet with a parser."""
    walker = _Walker(document.text)
    walker.walk()
    return walker.sheet(document, walker.cells, walker.rows, walker.arrays, walker.data)


# --- the fast gear ---------------------------------------------------------------

_OPENING, _CLOSING = b"<sheetData>", b"</sheetData>"
_UNUSUAL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
_ATTRIBUTES = rb'(?: [A-Za-z][A-Za-z0-9:]*="[^"<&\t\r\n]*")*'
_TOKEN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(' + _ATTRIBUTES + rb") ?(?:/>|>"
    rb"(?:(<f" + _ATTRIBUTES + rb" ?/?>)(?:(?<=/>)|[^<]*</f>))?"
    rb'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|(<v ?/>)'
    rb'|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    rb"</c>)"
    rb"|<row(" + _ATTRIBUTES + rb") ?(/)?>"
    rb"|(</row>)"
)
_ATTRIBUTE = re.compile(rb' ([A-Za-z][A-Za-z0-9:]*)="([^"]*)"')


def _body(text: bytes) -> tuple[int, int]:
    """Return where the content of sheetData begins and ends; 0, 0 if the form is unusual."""
    start = text.find(_OPENING)
    end = text.rfind(_CLOSING)
    if (
        start < 0
        or end < start
        or text.find(b"<!") >= 0
        or text.find(b"<?", 1) > 3
        or text.find(b"]]>") >= 0
        or len(text.translate(None, _UNUSUAL)) != len(text)
        or text.find(b"\xef\xbf\xbe") >= 0
        or text.find(b"\xef\xbf\xbf") >= 0
        or text.find(b"<sheetData", start + 1) >= 0
    ):
        return 0, 0
    return start + len(_OPENING), end


def _canonical(
    text: bytes, position: int, end: int
) -> tuple[list[RawCell], list[RawRow], list[Area]] | None:
    """Return cells, rows and array areas of a sheet's body, if nothing else stands there.

    Raises ValueError where a number or an entity isn't in the usual form either.
    """
    cells: list[RawCell] = []
    rows: list[RawRow] = []
    arrays: list[Area] = []
    columns: dict[bytes, int] = {}
    looks: dict[bytes, tuple[int, str]] = {}
    add = cells.append
    digits = b""
    number = row_start = row_opened = 0
    row_attributes: Attributes = {}
    inside = False
    for token in _TOKEN.finditer(text, position, end):
        start, stop = token.span()
        if start != position:
            return None
        position = stop
        letters, cell_row, rest, formula, value, empty, inline, row, closed, row_end = (
            token.groups()
        )
        if letters is not None:
            if cell_row != digits or not inside:
                return None
            column = columns.get(letters)
            if column is None:
                column = columns[letters] = _column(letters.decode())
            look = looks.get(rest)
            if look is None:
                attributes = _attributes(rest)
                look = looks[rest] = _look(attributes)
            style, kind = look
            if inline is not None:
                if kind != "inlineStr":
                    return None
                value = inline
            content = _unescaped(value) if value is not None else "" if empty is not None else None
            if formula is not None:
                if b" ref=" in formula:
                    arrays.extend(_array(_attributes(formula.rstrip(b" />")[2:])))
                add((number, column, style, kind, content, True, start, stop))
            else:
                add((number, column, style, kind, content, False, start, stop))
        elif row_end is not None:
            if not inside:
                return None
            inside = False
            rows.append(_row(number, row_attributes, row_start, row_opened, stop))
        else:
            if inside:
                return None
            row_attributes = _attributes(row)
            number = _row_number(row_attributes.get("r"), number)
            digits = str(number).encode()
            row_start, row_opened = start, stop
            if closed is not None:
                rows.append(_row(number, row_attributes, start, stop, stop))
            else:
                inside = True
    return (cells, rows, arrays) if position == end and not inside else None


def _attributes(raw: bytes) -> Attributes:
    """Return the attributes of a canonical start tag; prefixed ones don't concern us.

    Raises ValueError where one stands twice or declares a namespace.
    """
    pairs = _ATTRIBUTE.findall(raw)
    found = {name.decode(): value.decode() for name, value in pairs if b":" not in name}
    names = {name for name, _ in pairs}
    if len(names) != len(pairs) or any(name.startswith(b"xmlns") for name in names):
        raise ValueError
    return found


_ENTITY = re.compile("&([^;&]{1,8});?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _unescaped(raw: bytes) -> str:
    """Return the characters that canonical text stands for.

    Raises ValueError at an entity that XML doesn't know.
    """
    text = raw.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    if not entity[0].endswith(";"):
        raise ValueError
    if name in _NAMED:
        return _NAMED[name]
    if name.startswith("#x") and name[2:].isalnum():
        code = int(name[2:], 16)
    elif name.startswith("#") and name[1:].isdecimal():
        code = int(name[1:])
    else:
        raise ValueError
    if (code < 32 and code not in (9, 10, 13)) or 0xD800 <= code < 0xE000 or code | 1 == 0xFFFF:
        raise ValueError
    return chr(code)


# --- what both gears make of attributes ------------------------------------------

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_COLUMN_VALUES = {chr(64 + value): value for value in range(1, 27)}


def _malformed(what: str) -> UnreadableError:
    return UnreadableError("sheet_malformed", what=what)


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + _COLUMN_VALUES[letter]
    if column > LAST_COLUMN:
        raise _malformed(letters)
    return column


def reference(text: str) -> tuple[int, int]:
    """Return row and column of ``E7``; raises UnreadableError for what is no address."""
    found = _REFERENCE.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= LAST_ROW:
        raise _malformed(text)
    return int(found[2]), _column(found[1].upper())


def area(text: str) -> Area:
    """Return the area that ``A1:B3`` (or a lone ``A1``) names."""
    first, _, last = text.partition(":")
    row, column = reference(first)
    last_row, last_column = reference(last) if last else (row, column)
    return (
        min(row, last_row),
        min(column, last_column),
        max(row, last_row),
        max(column, last_column),
    )


def _row_number(text: str | None, previous: int) -> int:
    if text is None:
        number = previous + 1
    elif text.strip().isdecimal() and text.isascii():
        number = int(text)
    else:
        raise _malformed(text)
    if not 1 <= number <= LAST_ROW:
        raise _malformed(str(number))
    return number


def _index(text: str | None) -> int:
    """Return a style index; one that makes no sense is the default style."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _look(attributes: Attributes) -> tuple[int, str]:
    return _index(attributes.get("s")), attributes.get("t", "n")


def _row(number: int, attributes: Attributes, start: int, opened: int, end: int) -> RawRow:
    own = truth(attributes.get("customFormat"))
    return RawRow(
        number,
        start,
        opened,
        end,
        _index(attributes.get("s")) if own else None,
        truth(attributes.get("hidden")),
        attributes.get("spans"),
    )


def _array(attributes: Attributes) -> list[Area]:
    """Return the area that a formula fills, if it fills one."""
    if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
        return [area(attributes["ref"])]
    return []


# --- the general gear ------------------------------------------------------------

_START_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


class _Walker:
    """Walks a sheet part and notes cells, rows and what surrounds them.

    Whatever namespace the root is in is the sheet's (transitional, Strict, or one of
    the few that conversions left behind); elements of other namespaces don't exist.
    """

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.cells: list[RawCell] = []
        self.rows: list[RawRow] = []
        self.arrays: list[Area] = []
        self.data: Element | None = None
        self._columns: list[RawColumns] = []
        self._merges: list[Area] = []
        self._dimension: tuple[Element, str] | None = None
        self._protected = False
        self._filtered = False
        self._parser = parser_for(self._start, self._end, self._text)
        self._path: list[str] = []
        self._namespace = ""
        self._starts: list[tuple[int, int]] = []
        self._number = self._column = 0
        self._row_attributes: Attributes = {}
        self._cell: Attributes = {}
        self._formula = False
        self._value: str | None = None
        self._inline: str | None = None
        self._pieces: list[str] | None = None

    def walk(self) -> None:
        run(self._parser, self.text)

    def sheet(
        self,
        document: Markup,
        cells: Sequence[RawCell],
        rows: Sequence[RawRow],
        arrays: Sequence[Area],
        data: Element | None,
    ) -> SheetXml:
        """Put together what was found."""
        return SheetXml(
            document,
            cells,
            rows,
            tuple(self._columns),
            tuple(self._merges),
            tuple(arrays),
            self._dimension,
            data,
            self._protected,
            self._filtered,
        )

    def _opened(self) -> tuple[int, int]:
        """Return where the start tag at hand begins and ends."""
        start = self._parser.CurrentByteIndex
        found = _START_TAG.match(self.text, start)
        if found is None:
            raise _malformed("start tag")
        return start, found.end()

    def _closed(self, opened: int) -> int:
        """Return where the element at hand ends, given where its start tag did."""
        if self.text.startswith(b"/>", opened - 2):
            return opened
        return self.text.index(b">", self._parser.CurrentByteIndex) + 1

    def _start(self, name: str, attributes: Attributes) -> None:
        namespace, _, tag = name.rpartition("}")
        if not self._path:
            self._namespace = namespace
            if tag != "worksheet":
                raise UnreadableError("sheet_root", root=tag)
        elif namespace != self._namespace:
            tag = ""
        self._path.append(tag)
        depth = len(self._path)
        if depth == 2:
            self._start_part(tag, attributes)
        elif depth == 3:
            self._start_item(self._path[1], tag, attributes)
        elif depth > 3 and self._path[1] == "sheetData" and self._path[2] == "row":
            self._start_cell(depth, tag, attributes)

    def _start_part(self, tag: str, attributes: Attributes) -> None:
        if tag in ("sheetData", "dimension"):
            self._starts.append(self._opened())
            if tag == "dimension" and self._dimension is None:
                start, opened = self._starts[-1]
                self._dimension = Element(start, opened, opened), attributes.get("ref", "")
        elif tag == "sheetProtection":
            self._protected = truth(attributes.get("sheet"))

    def _start_item(self, parent: str, tag: str, attributes: Attributes) -> None:
        if parent == "sheetData" and tag == "row":
            self._number = _row_number(attributes.get("r"), self._number)
            self._row_attributes = attributes
            self._column = 0
            self._starts.append(self._opened())
        elif parent == "cols" and tag == "col":
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self._columns.append(
                    RawColumns(
                        int(first),
                        min(int(last), LAST_COLUMN),
                        _index(attributes.get("style")),
                        truth(attributes.get("hidden")),
                    )
                )
        elif parent == "mergeCells" and tag == "mergeCell":
            self._merges.append(area(attributes.get("ref", "")))
        elif parent == "autoFilter" and tag == "filterColumn":
            self._filtered = True

    def _start_cell(self, depth: int, tag: str, attributes: Attributes) -> None:
        parent = self._path[depth - 2]
        if depth == 4 and tag == "c":
            self._cell = attributes
            self._formula = False
            self._value = self._inline = None
            self._starts.append(self._opened())
        elif depth == 5 and parent == "c":
            if tag == "f":
                self._formula = True
                self.arrays.extend(_array(attributes))
            elif tag == "v":
                self._pieces = []
            elif tag == "is":
                self._inline = ""
        elif (
            tag == "t" and self._path[4] == "is" and (depth == 6 or (depth == 7 and parent == "r"))
        ):
            self._pieces = []

    def _text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        depth = len(self._path)
        tag = self._path.pop()
        if depth == 2 and tag in ("sheetData", "dimension"):
            start, opened = self._starts.pop()
            element = Element(start, opened, self._closed(opened))
            if tag == "sheetData":
                self.data = self.data or element
            elif self._dimension is not None and self._dimension[0].start == start:
                self._dimension = element, self._dimension[1]
        elif depth == 3 and tag == "row" and self._path[1] == "sheetData":
            start, opened = self._starts.pop()
            self.rows.append(
                _row(self._number, self._row_attributes, start, opened, self._closed(opened))
            )
        elif depth >= 4 and self._path[1] == "sheetData" and self._path[2] == "row":
            self._end_cell(depth, tag, name)

    def _end_cell(self, depth: int, tag: str, name: str) -> None:
        if depth == 4 and tag == "c":
            start, opened = self._starts.pop()
            style, kind = _look(self._cell)
            row, column = self._number, self._column + 1
            if "r" in self._cell:
                row, column = reference(self._cell["r"])
            elif column > LAST_COLUMN:
                raise _malformed(local(name))
            self._column = column
            value = self._value
            if kind == "inlineStr" and self._inline is not None:
                value = self._inline
            end = self._closed(opened)
            self.cells.append((row, column, style, kind, value, self._formula, start, end))
        elif self._pieces is not None and tag in ("v", "t"):
            text = "".join(self._pieces)
            self._pieces = None
            if tag == "v":
                self._value = text
            else:
                self._inline = (self._inline or "") + text
