"""Writing single cells into a workbook and changing nothing else.

Programs that load and save a workbook lose what they don't know: charts, slicers,
macros, cached values. Here the bytes of a cell are replaced in the sheet part; every
other byte of the part, and every other member of the archive, stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from decimal import Decimal
from itertools import groupby

from xlflow.errors import UnreadableError, WriteRefusedError
from xlflow.facts import CellContent, CellWrites, Position, address
from xlflow.ooxml.book import Book
from xlflow.ooxml.cell_values import parse_number
from xlflow.ooxml.patches import Patch, apply_patches, expand_element, prefix_at, start_tag
from xlflow.ooxml.references import parse_area, positions_within
from xlflow.ooxml.scanned_elements import ScannedCell, ScannedRow
from xlflow.ooxml.scanner import ScannedSheet
from xlflow.ooxml.strings import escape_text, unescape_text
from xlflow.ooxml.xml import xml_int

MAX_TEXT_LENGTH = 32_767
"""UTF-16 code units that Excel keeps in a cell."""


def splice(content: Book | bytes, writes: CellWrites) -> bytes:
    """Return the workbook's bytes with these cells changed.

    A cell keeps its style; a new one takes its row's, else its column's. Where every
    cell already has the wanted content, the same bytes object is returned. Raises
    WriteRefusedError for a signed workbook, a missing sheet, a formula (or a cell that
    an array formula fills), a cell hidden under a merged one, and a text or number that
    Excel can't store.
    """
    book = content if isinstance(content, Book) else Book(content)
    entries = {entry.name: entry for entry in book.entries}
    changed = {}
    for name, cells in writes.items():
        if not cells:
            continue
        if name not in entries:
            raise WriteRefusedError("sheet_gone", sheet=name)
        splicer = _SheetSplicer(name, book.scanned(entries[name]), book.strings)
        part = splicer.spliced(cells)
        if part is not None:
            changed[entries[name].part] = part
    if not changed:
        return book.data
    if book.signed:
        raise WriteRefusedError("signed")
    return book.package.replaced(changed)


class _SheetSplicer:
    """Works out the patches to one sheet part; only the rows to be written are looked at."""

    def __init__(self, name: str, xml: ScannedSheet, strings: list[str]) -> None:
        self._name = name
        self._xml = xml
        self._text = xml.markup.text
        self._strings = strings
        self._cells: dict[Position, ScannedCell] = {}
        self._duplicated: set[Position] = set()
        self._by_row: dict[int, list[ScannedCell]] = defaultdict(list)

    def spliced(self, cells: Mapping[Position, CellContent]) -> bytes | None:
        """Return the part with the cells written; None where nothing changes."""
        self._find_cells({row for row, _ in cells})
        wanted: dict[Position, CellContent] = {}
        for position, content in sorted(cells.items()):
            content = None if content == "" else content
            if not self._has(position, content):
                wanted[position] = content
        if not wanted:
            return None
        self._check_writable(wanted)
        patches = list(self._patches(wanted))
        filled = [position for position in wanted if wanted[position] is not None]
        patches.extend(self._widen_dimension(filled))
        return self._xml.markup.encoded(apply_patches(self._text, patches))

    def _find_cells(self, numbers: Container[int]) -> None:
        """Find the cells of some rows, and those that are there twice."""
        for row in self._xml.rows:
            if row.located is None and row.number not in numbers:
                continue
            for cell in row.cells():
                position = cell.row, cell.column
                if position in self._cells:
                    self._duplicated.add(position)
                self._cells[position] = cell
                self._by_row[cell.row].append(cell)

    def _has(self, position: Position, content: CellContent) -> bool:
        """Return whether a cell already has this content, not as the result of a formula."""
        cell = self._cells.get(position)
        if cell is None:
            return content is None
        _, kind, text, formula = cell.raw
        if formula or position in self._duplicated:
            return False
        if not text:
            return content is None
        if kind == "n" and parse_number(text) is not None:
            return isinstance(content, Decimal) and parse_number(text) == parse_number(str(content))
        if kind == "s":
            index = xml_int(text)
            if index is None or index >= len(self._strings):
                return False
            return content == self._strings[index]
        return kind in ("str", "inlineStr") and content == unescape_text(text)

    def _check_writable(self, wanted: Mapping[Position, CellContent]) -> None:
        """Raise WriteRefusedError for the first cell that can't be written."""
        array_filled = positions_within(wanted, self._xml.arrays)
        anchors = {merge[:2] for merge in self._xml.merges}
        covered = positions_within(wanted, self._xml.merges) - anchors
        for position, content in wanted.items():
            cell = self._cells.get(position)
            where = {"sheet": self._name, "cell": address(*position)}
            if (cell is not None and cell.raw.formula) or position in array_filled:
                raise WriteRefusedError("cell_formula", **where)
            if position in self._duplicated:
                raise WriteRefusedError("cell_twice", **where)
            if position in covered:
                raise WriteRefusedError("cell_merged", **where)
            if self._xml.data is None:
                raise WriteRefusedError("cell_unplaceable", **where)
            if isinstance(content, str) and len(content.encode("utf-16-le", "surrogatepass")) > (
                2 * MAX_TEXT_LENGTH
            ):
                raise WriteRefusedError("text_too_long", limit=MAX_TEXT_LENGTH, **where)
            if isinstance(content, Decimal) and parse_number(str(content)) is None:
                raise WriteRefusedError("number_impossible", value=str(content), **where)

    def _patches(self, wanted: Mapping[Position, CellContent]) -> Iterator[Patch]:
        new_rows = []
        for row_number, positions in groupby(wanted, key=lambda position: position[0]):
            missing: list[Position] = []
            for position in positions:
                cell = self._cells.get(position)
                if cell is None:
                    missing.append(position)
                else:
                    yield Patch(cell.start, cell.end, self._changed_cell(cell, wanted[position]))
            if not missing:
                continue
            new_cells = [
                (position[1], self._new_cell(position, wanted[position])) for position in missing
            ]
            row = self._xml.rows_by_number.get(row_number)
            if row is None:
                new_rows.append((row_number, b"".join(cell for _, cell in new_cells)))
            else:
                yield from self._insert_cells(row, new_cells)
        if new_rows:
            yield from self._insert_rows(new_rows)

    def _insert_cells(self, row: ScannedRow, new: list[tuple[int, bytes]]) -> Iterator[Patch]:
        """Insert new cells, given by column, into a row in the order of columns.

        A cell before which there is a gap has an ``r`` of its own, so an insertion
        never moves cells without one.
        """
        if row.spans is not None:
            yield from self._widen_spans(row, [column for column, _ in new])
        cells = b"".join(cell for _, cell in new)
        if row.opened == row.end:
            yield expand_element(self._text, row.start, row.end, cells)
            return
        present = [cell for cell in self._by_row[row.number] if row.opened <= cell.start < row.end]
        end = present[-1].end if present else row.opened
        for column, cell in new:
            start = next((other.start for other in present if other.column > column), end)
            yield Patch(start, start, cell)

    def _insert_rows(self, new: list[tuple[int, bytes]]) -> Iterator[Patch]:
        """Insert new rows, given by number with their cells, in the order of numbers."""
        data = self._xml.data
        assert data is not None
        prefix = prefix_at(self._text, data.start)
        rows = [
            (number, b'<%brow r="%d">%b</%brow>' % (prefix, number, cells, prefix))
            for number, cells in new
        ]
        if data.opened == data.end:
            content = b"".join(row for _, row in rows)
            yield expand_element(self._text, data.start, data.end, content)
            return
        end = self._xml.rows[-1].end if self._xml.rows else data.opened
        for number, row in rows:
            start = next((other.start for other in self._xml.rows if other.number > number), end)
            yield Patch(start, start, row)

    def _new_cell(self, position: Position, content: CellContent) -> bytes:
        """Return a new cell element, in the style that Excel would give it."""
        parent = self._xml.rows_by_number.get(position[0]) or self._xml.data
        assert parent is not None
        prefix = prefix_at(self._text, parent.start)
        style = self._xml.inherited_style(*position)
        tag = b'%bc r="%b"' % (prefix, address(*position).encode())
        if style:
            tag += b' s="%d"' % style
        return _cell_element(tag, prefix, content)

    def _changed_cell(self, cell: ScannedCell, content: CellContent) -> bytes:
        """Return a cell element with other content, without the attributes of the old one.

        Those are the type, the phonetic mark, and the metadata of values (``vm``,
        pictures and linked data types) and of formulas (``cm``).
        """
        start = cell.start
        name, attributes = start_tag(self._text, start)
        tag = name + b"".join(
            self._text[attribute.start : attribute.end]
            for attribute in attributes
            if attribute.name not in (b"t", b"ph", b"vm", b"cm")
        )
        return _cell_element(tag, prefix_at(self._text, start), content)

    def _widen_spans(self, row: ScannedRow, columns: list[int]) -> Iterator[Patch]:
        """Widen a row's hint about its used columns."""
        ends = [xml_int(end) for span in (row.spans or "").split() for end in span.split(":")]
        known = [end for end in ends if end is not None]
        if not known:
            return
        first, last = min(known), max(known)
        wide = min(first, *columns), max(last, *columns)
        if wide != (first, last):
            yield self._attribute_patch(row.start, b"spans", b"%d:%d" % wide)

    def _widen_dimension(self, positions: list[Position]) -> Iterator[Patch]:
        """Widen the sheet's used area, outside which some readers drop cells."""
        if self._xml.dimension is None or not positions:
            return
        element, reference = self._xml.dimension
        try:
            used = parse_area(reference)
        except UnreadableError:
            return
        rows, columns = [row for row, _ in positions], [column for _, column in positions]
        wide = (
            min(used[0], *rows),
            min(used[1], *columns),
            max(used[2], *rows),
            max(used[3], *columns),
        )
        if wide != used:
            corners = f"{address(*wide[:2])}:{address(*wide[2:])}"
            yield self._attribute_patch(element.start, b"ref", corners.encode())

    def _attribute_patch(self, start: int, name: bytes, value: bytes) -> Patch:
        """Return the patch that changes one attribute of the start tag at ``start``."""
        _, attributes = start_tag(self._text, start)
        found = next(attribute for attribute in attributes if attribute.name == name)
        return Patch(found.value, found.end - 1, value)


def _cell_element(tag: bytes, prefix: bytes, content: CellContent) -> bytes:
    """Return a cell element from its name with attributes and its content."""
    if content is None:
        return b"<%b/>" % tag
    name = prefix + b"c"
    if isinstance(content, Decimal):
        number = str(parse_number(str(content))).encode()
        return b"<%b><%bv>%b</%bv></%b>" % (tag, prefix, number, prefix, name)
    space = b"" if content == content.strip() else b' xml:space="preserve"'
    return b'<%b t="inlineStr"><%bis><%bt%b>%b</%bt></%bis></%b>' % (
        tag,
        prefix,
        prefix,
        space,
        escape_text(content).encode(),
        prefix,
        prefix,
        name,
    )
