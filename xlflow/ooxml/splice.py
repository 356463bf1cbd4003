"""Writing single cells into a workbook and changing nothing else.

Programs that load and save a workbook lose what they don't know: charts, slicers,
macros, cached values. Here the bytes of a cell are replaced in the sheet part; every
other byte of the part, and every other member of the archive, stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from xlflow.errors import UnreadableError, WriteRefusedError
from xlflow.facts import CellContent, CellWrites, Position, address
from xlflow.ooxml.book import Book
from xlflow.ooxml.cell_values import parse_number
from xlflow.ooxml.patches import Patch, expand_element, patched_pieces, prefix_at, start_tag
from xlflow.ooxml.references import parse_area, positions_within
from xlflow.ooxml.scanned_elements import ScannedCell, ScannedRow
from xlflow.ooxml.scanner import ScannedSheet
from xlflow.ooxml.strings import escape_text, unescape_text
from xlflow.ooxml.xml import xml_int

MAX_TEXT_LENGTH = 32_767
"""UTF-16 code units that Excel keeps in a cell."""


def splice(
    content: Book | bytes,
    writes: CellWrites,
    *,
    styles: Mapping[str, Mapping[Position, int]] | None = None,
) -> bytes:
    """Return the workbook's bytes with these cells changed.

    A cell keeps its style; a new one takes that of ``styles``, else its row's, else its
    column's. Where every
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
        own = (styles or {}).get(name, {})
        splicer = _SheetSplicer(name, book.scanned(entries[name]), book.strings, own)
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

    def __init__(
        self,
        name: str,
        xml: ScannedSheet,
        strings: list[str],
        styles: Mapping[Position, int],
    ) -> None:
        self._name = name
        self._styles = styles
        self._xml = xml
        self._text = xml.markup.text
        self._strings = strings
        self._cells: dict[Position, ScannedCell] = {}
        self._duplicated: set[Position] = set()
        self._rows: dict[int, ScannedRow] = {}
        # In the form that the fast scanner reads, all elements are written alike.
        self._plain = bool(xml.rows) and xml.rows[0].located is None
        self._tags: dict[bytes, bytes] = {}
        self._contents: dict[tuple[bytes, CellContent], bytes] = {}

    def spliced(self, cells: Mapping[Position, CellContent]) -> Sequence[bytes | memoryview] | None:
        """Return the part with the cells written, in pieces; None where nothing changes."""
        self._find_cells(cells)
        wanted: dict[Position, CellContent] = {}
        for position, content in sorted(cells.items(), key=itemgetter(0)):
            content = None if content == "" else content
            if not self._has(position, content):
                wanted[position] = content
        if not wanted:
            return None
        self._check_writable(wanted)
        patches = list(self._patches(wanted))
        filled = [position for position in wanted if wanted[position] is not None]
        patches.extend(self._widen_dimension(filled))
        return self._xml.markup.encoded(patched_pieces(self._text, patches))

    def _find_cells(self, wanted: Collection[Position]) -> None:
        """Find the cells at these places, those that are there twice, and the first of each row."""
        columns: dict[int, list[int]] = defaultdict(list)
        for number, column in wanted:
            columns[number].append(column)
        places: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for row in self._xml.rows:
            number = row.number
            if number in columns:
                self._rows.setdefault(number, row)
            if row.located is not None:
                for place, (cell_row, start, end) in enumerate(row.located):
                    if cell_row in columns and row.columns[place] in columns[cell_row]:
                        self._add_cell(cell_row, row, place, (start, end))
            elif number in columns and row.columns:
                key = tuple(row.columns), tuple(columns[number])
                if key not in places:
                    asked = set(columns[number])
                    places[key] = [n for n, column in enumerate(row.columns) if column in asked]
                if places[key]:
                    spans = row.cell_spans()
                    for place in places[key]:
                        self._add_cell(number, row, place, spans[place])

    def _add_cell(self, number: int, row: ScannedRow, place: int, span: tuple[int, int]) -> None:
        position = number, row.columns[place]
        if position in self._cells:
            self._duplicated.add(position)
        self._cells[position] = ScannedCell(*position, row.raw[place], *span)

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
            if (cell is not None and cell.raw.formula) or position in array_filled:
                raise WriteRefusedError("cell_formula", **self._where(position))
            if position in self._duplicated:
                raise WriteRefusedError("cell_twice", **self._where(position))
            if position in covered:
                raise WriteRefusedError("cell_merged", **self._where(position))
            if self._xml.data is None:
                raise WriteRefusedError("cell_unplaceable", **self._where(position))
            if isinstance(content, str):
                # A character takes one unit, or two.
                if 2 * len(content) > MAX_TEXT_LENGTH < _utf16_units(content):
                    raise WriteRefusedError(
                        "text_too_long", limit=MAX_TEXT_LENGTH, **self._where(position)
                    )
            elif content is not None and parse_number(str(content)) is None:
                raise WriteRefusedError(
                    "number_impossible", value=str(content), **self._where(position)
                )

    def _where(self, position: Position) -> dict[str, str]:
        return {"sheet": self._name, "cell": address(*position)}

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
            row = self._rows.get(row_number)
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
        present = [
            (column, start, end)
            for place, (column, (start, end)) in enumerate(
                zip(row.columns, row.cell_spans(), strict=True)
            )
            if row.located is None or row.located[place][0] == row.number
        ]
        last = present[-1][2] if present else row.opened
        following = iter(present)
        other = next(following, None)
        for column, cell in new:
            while other is not None and other[0] <= column:
                other = next(following, None)
            start = other[1] if other is not None else last
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
        following = iter(self._xml.rows)
        other = next(following, None)
        for number, row in rows:
            while other is not None and other.number <= number:
                other = next(following, None)
            start = other.start if other is not None else end
            yield Patch(start, start, row)

    def _new_cell(self, position: Position, content: CellContent) -> bytes:
        """Return a new cell element, in the style that Excel would give it."""
        number, column = position
        row = self._rows.get(number)
        parent = row or self._xml.data
        assert parent is not None
        prefix = b"" if self._plain else prefix_at(self._text, parent.start)
        style = self._styles.get(position)
        if style is None and row is not None:
            style = row.style
        if style is None:
            style = self._xml.column_styles.get(column, 0)
        tag = b'%bc r="%b"' % (prefix, address(number, column).encode())
        if style:
            tag += b' s="%d"' % style
        return b"<%b%b" % (tag, self._content(prefix, content))

    def _changed_cell(self, cell: ScannedCell, content: CellContent) -> bytes:
        """Return a cell element with other content, without the attributes of the old one.

        Those are the type, the phonetic mark, and the metadata of values (``vm``,
        pictures and linked data types) and of formulas (``cm``).
        """
        text, start = self._text, cell.start
        if not self._plain:
            prefix = prefix_at(text, start)
            return b"<%b%b" % (_kept_tag(text, start)[0], self._content(prefix, content))
        reference = start + len('<c r=""') + len(address(cell.row, cell.column))
        opened = text.index(b">", reference)
        rest = text[reference:opened]
        kept = self._tags.get(rest)
        if kept is None:
            tag, end = _kept_tag(text, start)
            kept = tag[reference - start - 1 :]
            if end <= opened:  # else that sign is in an attribute
                self._tags[rest] = kept
        return b"%b%b%b" % (text[start:reference], kept, self._content(b"", content))

    def _content(self, prefix: bytes, content: CellContent) -> bytes:
        """Return what follows a cell's name and attributes; cells often say the same."""
        key = prefix, content
        if key not in self._contents:
            self._contents[key] = _cell_content(prefix, content)
        return self._contents[key]

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


def _kept_tag(text: bytes, start: int) -> tuple[bytes, int]:
    """Return a cell's name and the attributes that it keeps, and where its attributes end."""
    name, attributes = start_tag(text, start)
    kept = [
        text[attribute.start : attribute.end]
        for attribute in attributes
        if attribute.name not in (b"t", b"ph", b"vm", b"cm")
    ]
    return b"".join([name, *kept]), attributes[-1].end if attributes else start


def _cell_content(prefix: bytes, content: CellContent) -> bytes:
    """Return the rest of a cell element, from its type to its end tag."""
    if content is None:
        return b"/>"
    if isinstance(content, Decimal):
        number = str(parse_number(str(content))).encode()
        return b"><%bv>%b</%bv></%bc>" % (prefix, number, prefix, prefix)
    space = b"" if content == content.strip() else b' xml:space="preserve"'
    return b' t="inlineStr"><%bis><%bt%b>%b</%bt></%bis></%bc>' % (
        prefix,
        prefix,
        space,
        escape_text(content).encode(),
        prefix,
        prefix,
        prefix,
    )


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
