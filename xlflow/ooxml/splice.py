"""Writing single cells into a workbook, and nothing else.

Programs that load and save a workbook lose what they don't know: charts, slicers,
macros, cached values. Here the few bytes of a cell are cut out of the sheet part and
others put in; every other byte of the part, and every other member of the archive,
stays as it was.
"""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import groupby

from xlflow.errors import UnreadableError, WriteRefusedError
from xlflow.facts import address
from xlflow.ooxml.book import WorkbookPart, parse_number, positions_within
from xlflow.ooxml.package import Package
from xlflow.ooxml.patches import (
    Patch,
    apply_patches,
    expand_element,
    outermost_patches,
    prefix_at,
    start_tag,
)
from xlflow.ooxml.records import RawCell, RawRow, parse_area, parse_int
from xlflow.ooxml.scanner import ScannedSheet, scan_sheet
from xlflow.ooxml.strings import escape_text, unescape_text

Position = tuple[int, int]
CellContent = str | Decimal | None
"""What a cell can be made to hold: a text, a number, or nothing (as the empty text)."""

LONGEST_TEXT = 32_767
"""UTF-16 units that Excel keeps in a cell."""


def splice(data: bytes, edits: Mapping[str, Mapping[Position, CellContent]]) -> bytes:
    """Return the workbook with these cells, by sheet name, row and column, changed.

    A cell keeps its style; a new one takes its row's, else its column's. Where every
    cell holds what it should already, ``data`` itself comes back. Raises
    WriteRefusedError for a signed workbook, a sheet that isn't there, a formula (or a
    cell that an array formula fills), a cell hidden under a merged one, and a text or
    number that no cell can hold.
    """
    package = Package(data)
    main = WorkbookPart(package)
    parts = {listed.name: listed.part for listed in main.sheets()}
    strings: list[str] | None = None
    changed = {}
    for name, cells in edits.items():
        if not cells:
            continue
        if name not in parts:
            raise WriteRefusedError("sheet_gone", sheet=name)
        if strings is None:
            strings = main.strings()
        before = package.read(parts[name])
        after = _Splicer(name, scan_sheet(before), strings).spliced(cells)
        if after is not None:
            changed[parts[name]] = after
    if not changed:
        return data
    if package.signed:
        raise WriteRefusedError("signed")
    return package.replaced(changed)


class _Splicer:
    """Works out the changes to one sheet part."""

    def __init__(self, name: str, xml: ScannedSheet, strings: list[str]) -> None:
        self._name = name
        self._xml = xml
        self._text = xml.markup.text
        self._strings = strings
        self._cells: dict[Position, RawCell] = {}
        self._twice: set[Position] = set()
        self._by_row: dict[int, list[RawCell]] = defaultdict(list)
        for cell in xml.cells:
            place = cell[:2]
            if place in self._cells:
                self._twice.add(place)
            self._cells[place] = cell
            self._by_row[cell[0]].append(cell)

    def spliced(self, edits: Mapping[Position, CellContent]) -> bytes | None:
        """Return the part with the edits made; None where nothing changes."""
        wanted = {}
        for place, value in sorted(edits.items()):
            value = None if value == "" else value
            if not self._holds(place, value):
                wanted[place] = value
        if not wanted:
            return None
        self._refuse(wanted)
        changes = list(self._changes(wanted))
        changes.extend(self._dimension([place for place in wanted if wanted[place] is not None]))
        return self._xml.markup.encoded(apply_patches(self._text, changes))

    def _holds(self, place: Position, value: CellContent) -> bool:
        """Tell whether a cell already holds a value that a person or xlflow put there."""
        cell = self._cells.get(place)
        if cell is None:
            return value is None
        *_, kind, text, formula, _, _ = cell
        if formula or place in self._twice:
            return False
        if not text:
            return value is None
        if kind == "n" and parse_number(text) is not None:
            return isinstance(value, Decimal) and parse_number(text) == parse_number(str(value))
        if kind == "s":
            index = parse_int(text)
            if index is None or index >= len(self._strings):
                return False
            return value == self._strings[index]
        return kind in ("str", "inlineStr") and value == unescape_text(text)

    def _refuse(self, wanted: Mapping[Position, CellContent]) -> None:
        """Raise WriteRefusedError at the first place that can't be written."""
        array_filled = positions_within(wanted, self._xml.arrays)
        anchors = {merge[:2] for merge in self._xml.merges}
        hidden = positions_within(wanted, self._xml.merges) - anchors
        for place, value in wanted.items():
            cell = self._cells.get(place)
            spot = {"sheet": self._name, "cell": address(*place)}
            if (cell is not None and cell[5]) or place in array_filled:
                raise WriteRefusedError("cell_formula", **spot)
            if place in self._twice:
                raise WriteRefusedError("cell_twice", **spot)
            if place in hidden:
                raise WriteRefusedError("cell_merged", **spot)
            if self._xml.data is None:
                raise WriteRefusedError("cell_unplaceable", **spot)
            if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) > (
                2 * LONGEST_TEXT
            ):
                raise WriteRefusedError("text_too_long", limit=LONGEST_TEXT, **spot)
            if isinstance(value, Decimal) and parse_number(str(value)) is None:
                raise WriteRefusedError("number_impossible", value=str(value), **spot)

    def _changes(self, wanted: Mapping[Position, CellContent]) -> Iterator[Patch]:
        new_rows = []
        for row_number, places in groupby(wanted, key=lambda place: place[0]):
            new: list[Position] = []
            for place in places:
                cell = self._cells.get(place)
                if cell is None:
                    new.append(place)
                else:
                    yield Patch(cell[6], cell[7], self._renewed(cell, wanted[place]))
            if not new:
                continue
            built = [(place[1], self._built(place, wanted[place])) for place in new]
            row = self._xml.rows_by_number.get(row_number)
            if row is None:
                new_rows.append((row_number, b"".join(cell for _, cell in built)))
            else:
                yield from self._into_row(row, built)
        if new_rows:
            yield from self._into_sheet(new_rows)

    def _into_row(self, row: RawRow, built: list[tuple[int, bytes]]) -> Iterator[Patch]:
        """Put new cells where their columns belong; one that has to be there has ``r``.

        A gap in front of a cell means that the cell names its place itself, so an
        insertion never moves cells that only count.
        """
        if row.spans is not None:
            yield from self._spans(row, [column for column, _ in built])
        cells = b"".join(cell for _, cell in built)
        if row.opened == row.end:
            yield expand_element(self._text, row.start, row.end, cells)
            return
        inside = [cell for cell in self._by_row[row.number] if row.opened <= cell[6] < row.end]
        behind = inside[-1][7] if inside else row.opened
        for column, cell in built:
            place = next((other[6] for other in inside if other[1] > column), behind)
            yield Patch(place, place, cell)

    def _into_sheet(self, new_rows: list[tuple[int, bytes]]) -> Iterator[Patch]:
        """Put new rows where their numbers belong."""
        data = self._xml.data
        assert data is not None
        prefix = prefix_at(self._text, data.start)
        built = [
            (number_, b'<%brow r="%d">%b</%brow>' % (prefix, number_, cells, prefix))
            for number_, cells in new_rows
        ]
        if data.opened == data.end:
            rows = b"".join(row for _, row in built)
            yield expand_element(self._text, data.start, data.end, rows)
            return
        behind = self._xml.rows[-1].end if self._xml.rows else data.opened
        for number_, row in built:
            place = next(
                (other.start for other in self._xml.rows if other.number > number_), behind
            )
            yield Patch(place, place, row)

    def _built(self, place: Position, value: CellContent) -> bytes:
        """Return a new cell element, in the style that a person's would have there."""
        row = self._xml.rows_by_number.get(place[0])
        parent = row or self._xml.data
        assert parent is not None
        prefix = prefix_at(self._text, parent.start)
        style = self._xml.inherited_style(*place)
        tag = b'%bc r="%b"' % (prefix, address(*place).encode())
        if style:
            tag += b' s="%d"' % style
        return _cell(tag, prefix, value)

    def _renewed(self, cell: RawCell, value: CellContent) -> bytes:
        """Return a cell element with another value; what belonged to the old one goes.

        Those are the type, the phonetic mark, and the metadata for values (``vm``,
        pictures and linked data types) and for formulas (``cm``).
        """
        start = cell[6]
        name, attributes = start_tag(self._text, start)
        tag = name + b"".join(
            self._text[attribute.start : attribute.end]
            for attribute in attributes
            if attribute.name not in (b"t", b"ph", b"vm", b"cm")
        )
        return _cell(tag, prefix_at(self._text, start), value)

    def _spans(self, row: RawRow, columns: list[int]) -> Iterator[Patch]:
        """Widen a row's hint of which columns it uses."""
        ends = [parse_int(end) for span in (row.spans or "").split() for end in span.split(":")]
        known = [end for end in ends if end is not None]
        if not known:
            return
        first, last = min(known), max(known)
        wide = min(first, *columns), max(last, *columns)
        if wide != (first, last):
            yield self._attribute(row.start, b"spans", b"%d:%d" % wide)

    def _dimension(self, places: list[Position]) -> Iterator[Patch]:
        """Widen the sheet's used area, without which some readers drop cells."""
        if self._xml.dimension is None or not places:
            return
        element, written = self._xml.dimension
        try:
            used = parse_area(written)
        except UnreadableError:
            return
        rows, columns = [row for row, _ in places], [column for _, column in places]
        wide = (
            min(used[0], *rows),
            min(used[1], *columns),
            max(used[2], *rows),
            max(used[3], *columns),
        )
        if wide != used:
            corners = f"{address(*wide[:2])}:{address(*wide[2:])}"
            yield self._attribute(element.start, b"ref", corners.encode())

    def _attribute(self, start: int, name: bytes, value: bytes) -> Patch:
        """Return the change that gives one attribute of a start tag another value."""
        _, attributes = start_tag(self._text, start)
        found = next(attribute for attribute in attributes if attribute.name == name)
        return Patch(found.value, found.end - 1, value)


def _cell(tag: bytes, prefix: bytes, value: CellContent) -> bytes:
    """Return a cell element from the inside of its start tag and its value."""
    if value is None:
        return b"<%b/>" % tag
    name = prefix + b"c"
    if isinstance(value, Decimal):
        text = str(parse_number(str(value))).encode()
        return b"<%b><%bv>%b</%bv></%b>" % (tag, prefix, text, prefix, name)
    space = b"" if value == value.strip() else b' xml:space="preserve"'
    return b'<%b t="inlineStr"><%bis><%bt%b>%b</%bt></%bis></%b>' % (
        tag,
        prefix,
        prefix,
        space,
        escape_text(value).encode(),
        prefix,
        prefix,
        name,
    )


def normalized_sheet(xml: ScannedSheet, mask: Collection[Position]) -> bytes:
    """Return a sheet part without the given cells and without what writing them may change.

    The same before and after a splice of those cells: they are cut out, rows that hold
    nothing and say nothing go with them, self-closed elements are opened, and the
    hints about used cells are left out. A masked cell whose style isn't the one that a
    new cell would get leaves that style behind, so that a change of style shows.
    """
    text = xml.markup.text
    changes = []
    masked = frozenset(mask)
    beginnings = [element.start for element in xml.rows]
    left = [element.end - element.opened for element in xml.rows]
    for row, column, style, _, _, _, start, end in xml.cells:
        if (row, column) not in masked:
            continue
        rest = b""
        if style != xml.inherited_style(row, column):
            rest = b'<c r="%b" s="%d"/>' % (address(row, column).encode(), style)
        changes.append(Patch(start, end, rest))
        left[bisect(beginnings, start) - 1] -= end - start - len(rest)
    for element, length in zip(xml.rows, left, strict=True):
        changes.extend(_plain_row(text, element, length))
    if xml.data is not None and xml.data.opened == xml.data.end:
        changes.append(expand_element(text, xml.data.start, xml.data.end, b""))
    if xml.dimension is not None:
        changes.append(Patch(xml.dimension[0].start, xml.dimension[0].end, b""))
    return apply_patches(text, outermost_patches(changes))


def _plain_row(text: bytes, row: RawRow, length: int) -> Iterator[Patch]:
    """Return the changes to a row of which, with its end tag, ``length`` bytes are left."""
    name, attributes = start_tag(text, row.start)
    closing = 0 if row.opened == row.end else row.end - text.rindex(b"</", row.opened, row.end)
    if length == closing and {attribute.name for attribute in attributes} == {b"r"}:
        yield Patch(row.start, row.end, b"")
        return
    for attribute in attributes:
        if attribute.name == b"spans":
            yield Patch(attribute.start, attribute.end, b"")
    if row.opened == row.end:
        yield Patch(row.end - 2, row.end, b"></" + name + b">")


def content_digest(data: bytes, mask: Mapping[str, Collection[Position]]) -> str:
    """Return a digest of everything in a workbook but the given cells, by sheet name.

    It stays the same when those cells are spliced, or the archive is packed anew, and
    changes with anything else: another cell, a chart, a style.
    """
    package = Package(data)
    parts = {listed.part: listed.name for listed in WorkbookPart(package).sheets()}
    digest = hashlib.sha256()
    for name in sorted(package.names):
        content = package.read(name)
        if name in parts and (cells := mask.get(parts[name])):
            content = normalized_sheet(scan_sheet(content), cells)
        digest.update(b"%b\0%d\0" % (name.encode(), len(content)))
        digest.update(content)
    return digest.hexdigest()
