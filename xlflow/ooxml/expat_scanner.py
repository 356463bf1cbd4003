"""The general scanner of :mod:`xlflow.ooxml.scanner`: any well-formed sheet part, by expat.

expat reports byte indexes, so every element's position is known whatever its prefix,
quotes and surroundings.
"""

from __future__ import annotations

import re

from xlflow.errors import UnreadableError
from xlflow.ooxml.references import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    malformed,
    parse_address,
    parse_area,
)
from xlflow.ooxml.scanned_elements import (
    MAX_CELLS,
    MAX_MERGES,
    Element,
    Limits,
    RawCell,
    ScannedColumns,
    ScannedRow,
    array_areas,
    row_attributes,
    row_number,
    style_and_type,
    style_index,
)
from xlflow.ooxml.xml import MAX_DEPTH, Attributes, make_parser, parse_all, xml_int

_START_TAG = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")


class ExpatScanner:
    """Collects a sheet part's cells, rows and what surrounds them.

    The root's namespace is taken for the sheet's (Transitional, Strict, or one of the
    few that conversions left behind); elements of other namespaces are ignored.
    """

    def __init__(self, text: bytes, limits: Limits) -> None:
        self.text = text
        self._limits = limits
        self.rows: list[ScannedRow] = []
        self.arrays: list[Area] = []
        self.data: Element | None = None
        self.columns: list[ScannedColumns] = []
        self.merges: list[Area] = []
        self.dimension: tuple[Element, str] | None = None
        self._parser = make_parser(self._start, self._end, self._text)
        self._path: list[str] = []
        self._namespace = ""
        self._starts: list[tuple[int, int]] = []
        self._number = self._column = self._count = 0
        self._columns: list[int] = []
        self._raw: list[RawCell] = []
        self._located: list[tuple[int, int, int]] = []
        self._known: dict[RawCell, RawCell] = {}
        self._row_attributes: Attributes = {}
        self._cell: Attributes = {}
        self._formula = False
        self._value: str | None = None
        self._inline: list[str] | None = None
        self._pieces: list[str] | None = None

    def scan(self) -> None:
        """Parse the text; raises UnreadableError where it is malformed."""
        parse_all(self._parser, self.text)

    def _start_tag(self) -> tuple[int, int]:
        """Return where the current start tag begins and ends."""
        start = self._parser.CurrentByteIndex
        found = _START_TAG.match(self.text, start)
        if found is None:
            raise malformed("start tag")
        return start, found.end()

    def _element_end(self, opened: int) -> int:
        """Return where the current element ends, given the end of its start tag."""
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
        if depth > MAX_DEPTH:
            raise malformed("nesting")
        if depth == 2:
            self._start_part(tag, attributes)
        elif depth == 3:
            self._start_item(self._path[1], tag, attributes)
        elif depth > 3 and self._path[1] == "sheetData" and self._path[2] == "row":
            self._start_cell(depth, tag, attributes)

    def _start_part(self, tag: str, attributes: Attributes) -> None:
        if tag in ("sheetData", "dimension"):
            self._starts.append(self._start_tag())
            if tag == "dimension" and self.dimension is None:
                start, opened = self._starts[-1]
                self.dimension = Element(start, opened, opened), attributes.get("ref", "")

    def _start_item(self, parent: str, tag: str, attributes: Attributes) -> None:
        if parent == "sheetData" and tag == "row":
            self._number = row_number(attributes.get("r"), self._number)
            self._row_attributes = attributes
            self._column = 0
            self._columns, self._raw, self._located = [], [], []
            self._starts.append(self._start_tag())
        elif parent == "cols" and tag == "col":
            self._add_columns(attributes)
        elif parent == "mergeCells" and tag == "mergeCell":
            if len(self.merges) >= self._limits.merges:
                raise UnreadableError("too_many_merges", limit=MAX_MERGES)
            self.merges.append(parse_area(attributes.get("ref", "")))

    def _add_columns(self, attributes: Attributes) -> None:
        """Add a run of columns; runs may overlap, as some libraries write them."""
        first, last = xml_int(attributes.get("min")), xml_int(attributes.get("max"))
        if first is None or last is None:
            raise malformed("cols")
        if len(self.columns) >= LAST_COLUMN:
            raise malformed("cols")
        last = min(last, LAST_COLUMN)
        self.columns.append(ScannedColumns(first, last, style_index(attributes.get("style"))))

    def _start_cell(self, depth: int, tag: str, attributes: Attributes) -> None:
        parent = self._path[depth - 2]
        if depth == 4 and tag == "c":
            self._cell = attributes
            self._formula = False
            self._value = self._inline = None
            self._starts.append(self._start_tag())
        elif depth == 5 and parent == "c":
            if tag == "f":
                self._formula = True
                self.arrays.extend(array_areas(attributes))
            elif tag == "v":
                self._pieces = []
            elif tag == "is":
                self._inline = []
        elif (
            tag == "t" and self._path[4] == "is" and (depth == 6 or (depth == 7 and parent == "r"))
        ):
            self._pieces = []

    def _text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)

    def _end(self, _: str) -> None:
        depth = len(self._path)
        tag = self._path.pop()
        if depth == 2 and tag in ("sheetData", "dimension"):
            start, opened = self._starts.pop()
            element = Element(start, opened, self._element_end(opened))
            if tag == "sheetData":
                self.data = self.data or element
            elif self.dimension is not None and self.dimension[0].start == start:
                self.dimension = element, self.dimension[1]
        elif depth == 3 and tag == "row" and self._path[1] == "sheetData":
            start, opened = self._starts.pop()
            if len(self.rows) >= LAST_ROW:
                raise malformed("more rows than a sheet has")
            end = self._element_end(opened)
            attributes = row_attributes(self._row_attributes)
            self.rows.append(
                ScannedRow(
                    self._number,
                    start,
                    opened,
                    end,
                    *attributes,
                    self._columns,
                    self._raw,
                    located=self._located,
                )
            )
        elif depth >= 4 and self._path[1] == "sheetData" and self._path[2] == "row":
            self._end_cell(depth, tag)

    def _end_cell(self, depth: int, tag: str) -> None:
        if depth == 4 and tag == "c":
            self._count += 1
            if self._count > self._limits.cells:
                raise UnreadableError("too_many_cells", limit=MAX_CELLS)
            start, opened = self._starts.pop()
            style, kind = style_and_type(self._cell)
            row, column = self._number, self._column + 1
            if "r" in self._cell:
                row, column = parse_address(self._cell["r"])
            elif column > LAST_COLUMN:
                raise malformed("too many cells in a row")
            self._column = column
            value = self._value
            if kind == "inlineStr" and self._inline is not None:
                value = "".join(self._inline)
            end = self._element_end(opened)
            raw = RawCell(style, kind, value, self._formula)
            self._columns.append(column)
            self._raw.append(self._known.setdefault(raw, raw))
            self._located.append((row, start, end))
        elif self._pieces is not None and tag in ("v", "t"):
            text = "".join(self._pieces)
            self._pieces = None
            if tag == "v":
                self._value = text
            elif self._inline is not None:
                self._inline.append(text)
