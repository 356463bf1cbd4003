"""Where the four tables are in a workbook: sheets, header rows, columns, data rows.

Teams rename sheets, put titles above the header, move and insert columns, write
traditional characters or English, and keep a table on several sheets, one a month. A
table is found by the names of its sheet and of its headers; a row keeps its physical
position whatever is around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter

from xlflow.columns import DATED, Column, Owner, Table
from xlflow.facts import LAST_ROW, Cell, Row, Snapshot, TableSheet, Value
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.data_rows import Merges, data_rows
from xlflow.ooxml.header_rows import (
    MIN_SHARE,
    Header,
    OwnWords,
    find_headers,
    normalized,
)
from xlflow.packed_rows import Packer
from xlflow.record import Record, parse_record
from xlflow.schema import CAMPAIGN, PROBLEM, TABLES
from xlflow.values import (
    YEAR_ASSUMED,
    YEAR_FIRST_SEEN,
    Context,
    date_in,
    in_month,
    is_ditto,
    value_of,
)

_COPIED = 0.5
"""Of whose rows more than this share stand on an earlier sheet, that sheet is a copy."""


def find_tables(book: Book, context: Context) -> Snapshot:
    """Find the tables of ``book`` and read their rows.

    Args:
        context: what the cells' meaning depends on. To its ``seen`` dates without a year are
            brought near where their column has no full date, and the month by which a sheet
            is named.
    """
    context = context._replace(date1904=book.date1904)
    assigned = _assign_sheets(book, context.words)
    read = [
        _read_table(place, context)
        for sheet in assigned.in_order
        for place in _places(sheet, assigned.headers[sheet.name])
    ]
    kept, duplicates = _without_copies(read)
    order = {sheet.name: number for number, sheet in enumerate(book.sheets)}
    kept.sort(key=lambda found: (order[found.sheet], found.header_row))
    kept.sort(key=lambda found: TABLES.index(found.table))
    found = {sheet.table.name for sheet in kept}
    without_header = tuple(pair for pair in assigned.without_header if pair[0] not in found)
    known = found | {name for name, _ in without_header}
    return Snapshot(
        sheets=tuple(kept),
        absent=tuple(table.name for table in TABLES if table.name not in known),
        duplicates=tuple(duplicates),
        without_header=without_header,
        date1904=book.date1904,
        signed=book.signed,
        last_modified_by=book.last_modified_by,
    )


@dataclass(frozen=True, slots=True)
class _AssignedSheets:
    """The headers of each sheet that has tables, by its name.

    ``in_order`` are these sheets, those with a table's very name first, since a copy may
    stand before its original. ``without_header`` are pairs of (table name, sheet name).
    """

    headers: dict[str, list[Header]]
    in_order: list[Sheet]
    without_header: list[tuple[str, str]]


def _assign_sheets(book: Book, words: OwnWords) -> _AssignedSheets:
    """Decide which tables a sheet holds: by its name first, then by its headers."""
    headers: dict[str, list[Header]] = {}
    without_header: list[tuple[str, str]] = []
    named: list[Sheet] = []
    others: list[Sheet] = []
    for sheet in book.sheets:
        found = find_headers(sheet, words)
        table = next((t for t in TABLES if normalized(sheet.name) in _sheet_names(t)), None)
        of_name = [header for header in found if header.table is table]
        chosen = [max(of_name, key=lambda h: len(h.columns))] if of_name else []
        for header in sorted(found, key=lambda h: (-h.share, h.row)):
            if header.share >= MIN_SHARE and not any(_overlap(header, h) for h in chosen):
                chosen.append(header)
        if chosen:
            headers[sheet.name] = sorted(chosen, key=lambda h: (h.row, h.left))
            (named if of_name else others).append(sheet)
        elif table is not None:
            without_header.append((table.name, sheet.name))
    return _AssignedSheets(headers, [*named, *others], without_header)


def _overlap(one: Header, other: Header) -> bool:
    """Whether two headers take up the same cells, so that only one of them can be meant."""
    return (
        one.first_row <= other.row
        and other.first_row <= one.row
        and one.left <= other.right
        and other.left <= one.right
    )


@lru_cache(maxsize=16)
def _sheet_names(table: Table) -> frozenset[str]:
    names = (table.sheet.zh, table.sheet.en, table.title.zh, table.title.en, *table.aliases)
    return frozenset(normalized(name) for name in names)


@dataclass(frozen=True, slots=True)
class _Place:
    """One table's place in a sheet: its header, and where the next header begins (0: none)."""

    sheet: Sheet
    header: Header
    last_row: int
    next_header: int


def _places(sheet: Sheet, headers: Sequence[Header]) -> list[_Place]:
    """Return the places of a sheet's tables; a header repeated in its columns is no other table."""
    own: list[Header] = []
    for header in headers:
        if not any(h.table is header.table and h.columns == header.columns for h in own):
            own.append(header)
    places = []
    for header in own:
        below = (
            other.first_row
            for other in own
            if other.first_row > header.row
            and other.left <= header.right
            and header.left <= other.right
        )
        next_header = min(below, default=0)
        last_row = next_header - 1 if next_header else LAST_ROW
        places.append(_Place(sheet, header, last_row, next_header))
    return places


def _without_copies(
    read: Sequence[TableSheet],
) -> tuple[list[TableSheet], list[tuple[str, str, str]]]:
    """Return the tables without those on copied sheets, and these with the sheet before them.

    A sheet is a copy where most of its rows stand on a sheet read before it, cell for cell
    or, unless the two are named by different months, with the row's id and key.
    """
    kept: list[TableSheet] = []
    copies: list[tuple[str, str, str]] = []
    for sheet in read:
        original = next((o for o in kept if _is_copy(sheet, o)), None)
        if original is None:
            kept.append(sheet)
        else:
            copies.append((sheet.table.name, sheet.sheet, original.sheet))
    return kept, copies


def _is_copy(sheet: TableSheet, original: TableSheet) -> bool:
    if sheet.table is not original.table or sheet.sheet == original.sheet or not sheet.rows:
        return False
    most = _COPIED * len(sheet.rows)
    texts = Counter(row.texts for row in original.rows)
    if (Counter(row.texts for row in sheet.rows) & texts).total() > most:
        return True
    months = month_named(sheet.sheet), month_named(original.sheet)
    if None not in months and months[0] != months[1]:
        return False
    ids = {record.id for row in original.rows if (record := _record(row)) is not None}
    shared = [
        row for row in sheet.rows if (record := _record(row)) is not None and record.id in ids
    ]
    return len(shared) > most


_MONTH = re.compile(
    r"(?<!\d)(?:(?:20)?\d\d[-./年]?)?(1[0-2]|0?[1-9])月(?!底|初)|20\d\d[-./年]?(1[0-2]|0[1-9])(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(?:20)?(\d\d)[-./年](?:1[0-2]|0?[1-9])(?!\d)|20(\d\d)(?=1[0-2]|0[1-9])")
_RANGE = re.compile(r"\d月?[-~至到]\d{1,2}月")


def _month_of(
    name: str,
    table: Table,
    values: Sequence[Sequence[Value | None]],
    seen: date | None,
) -> tuple[str, bool]:
    """Return the month that a table's sheet is named by, and whether its year is assumed.

    Only campaigns and problems take it; the rows of the other tables have dates of their own.

    The year is that of the name, else that of the months below the header, else the one
    that brings it nearest to ``seen``, the day of reading.
    """
    number = month_named(name) if table in (CAMPAIGN, PROBLEM) else None
    if number is None or seen is None:
        return "", False
    if written := _YEAR.search(normalized(name)):
        return f"20{written[1] or written[2]}-{number:02}", False
    at = table.places.get("month")
    own = values[at] if at is not None else ()
    months = [value.value for value in own if value is not None and value.value]
    if years := Counter(int(month[:4]) for month in months):
        return f"{years.most_common(1)[0][0]:04}-{number:02}", False
    years_around = (seen.year, seen.year - 1, seen.year + 1)
    nearest = min(years_around, key=lambda y: abs((y - seen.year) * 12 + number - seen.month))
    return f"{nearest:04}-{number:02}", True


def month_named(name: str) -> int | None:
    """Return the number of the month that a sheet is named by; None where it is named by none."""
    text = normalized(name)
    found = _MONTH.findall(text)
    if len(found) != 1 or _RANGE.search(text):
        return None
    return int(found[0][0] or found[0][1])


def _record(row: Row) -> Record | None:
    value = row.value_in("record")
    return parse_record(value.cell.value) if value is not None else None


def _read_table(place: _Place, context: Context) -> TableSheet:
    sheet, header = place.sheet, place.header
    table = header.table
    merges = Merges(sheet, header, place.last_row)
    data = data_rows(sheet, header, place.last_row, place.next_header, merges, context.words)
    numbers, columns = data.numbers, data.columns
    reader = _ColumnReader(context)
    absent = [None] * len(numbers)
    values = [
        reader.values(column, numbers, columns[column.field], header.units.get(column.field, ""))
        if column.field in columns
        else absent
        for column in table.columns
    ]
    rows: list[Row] = []
    cleared: list[Row] = []
    team = table.team_places
    sheet_month, assumed = _month_of(sheet.name, table, values, context.seen)
    at = table.places.get("month")
    taken = False
    known: dict[int, Value] = {}
    packer = Packer(table)
    for number, row_values in zip(numbers, zip(*values, strict=True), strict=True):
        filled = [value is not None and not value.blank for value in row_values]
        if True not in filled:
            continue
        kind = rows if any(filled[place] for place in team) else cleared
        if sheet_month and kind is rows and at is None:
            taken = True
        elif sheet_month and kind is rows and at is not None and not filled[at]:
            in_sheets_month = known.setdefault(
                id(row_values[at]), in_month(row_values[at], sheet_month, assumed)
            )
            row_values = (*row_values[:at], in_sheets_month, *row_values[at + 1 :])
            taken = True
        kind.append(
            Row(
                table,
                sheet.name,
                number,
                row_values,
                packer.team(row_values),
                number in sheet.hidden_rows,
                merges.fields(number),
                month=sheet_month if at is None else "",
            )
        )
    cleared += _formerly_data(place, data.left_out, reader)
    return TableSheet(
        table=table,
        sheet=sheet.name,
        header_row=header.row,
        columns=header.columns,
        headers={f: header.texts[c] for f, c in header.columns.items()},
        missing=tuple(c.field for c in table.columns if c.field not in header.columns),
        duplicate_columns=header.duplicates,
        rows=tuple(rows),
        cleared=tuple(cleared),
        hidden=sheet.state != "visible",
        merges=merges.areas,
        years_first_seen=reader.years_first_seen or (taken and assumed),
        header_lines=header.lines,
        last_row=place.last_row,
        units=header.units,
        in_doubt=data.in_doubt,
        month=sheet_month if taken else "",
    )


def _formerly_data(place: _Place, left_out: Sequence[int], reader: _ColumnReader) -> list[Row]:
    """Return the rows that are no data, but hold a record, so that xlflow's cells are blanked."""
    column = place.header.columns.get("record")
    if column is None:
        return []
    found = []
    for number in left_out:
        cell = place.sheet.cell(number, column)
        if cell is None or parse_record(cell.value) is None:
            continue
        table = place.header.table
        values = tuple(
            reader.values(c, [number], [place.sheet.cell(number, at) or Cell(None)], "")[0]
            if (at := place.header.columns.get(c.field)) is not None
            else None
            for c in table.columns
        )
        found.append(Row(table, place.sheet.name, number, values, Packer(table).team(values)))
    return found


class _ColumnReader:
    """Reads columns of one workbook, each distinct cell of a column once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.years_first_seen = False

    def values(
        self, column: Column, numbers: list[int], cells: list[Cell], unit: str
    ) -> list[Value]:
        """Return the values of a column's cells, completed by those around them.

        A date without a year is brought near to the nearest full date in the column, and
        同上 is the value above. ``unit`` is that of the column's bare numbers.
        """
        context = self._context._replace(unit=unit)
        alone = context._replace(near=None, seen=None)
        known: dict[int, Value] = {}  # by identity: equal cells of a sheet are usually one
        for cell in cells:
            if id(cell) not in known:
                known[id(cell)] = value_of(column, cell, alone)
        values = [known[id(cell)] for cell in cells]
        if column.kind in DATED:
            self._complete(column, context, numbers, values, known)
        if column.owner is Owner.TEAM and any(
            is_ditto(value.cell.value) for value in known.values()
        ):
            for place, value in enumerate(values):
                if is_ditto(value.cell.value):
                    values[place] = values[place - 1] if place else Value(Cell(None))
        return values

    def _complete(
        self,
        column: Column,
        context: Context,
        numbers: list[int],
        values: list[Value],
        known: Mapping[int, Value],
    ) -> None:
        """Complete the dates in ``values`` that lack a year, or that a day of reading gives."""
        incomplete = {
            key
            for key, value in known.items()
            if value.problem is not None and isinstance(value.cell.value, str | Decimal)
        }
        if not incomplete:
            return
        days = [
            (number, day)
            for number, value in zip(numbers, values, strict=True)
            if value.value is not None and (day := date_in(value)) is not None
        ]
        for place, value in enumerate(values):
            if id(value.cell) in incomplete:
                near = _nearest_day(days, numbers[place])
                value = value_of(column, value.cell, context._replace(near=near or context.seen))
                if YEAR_ASSUMED in value.hints and near is None:
                    value = value._replace(hints=(*value.hints, YEAR_FIRST_SEEN))
                self.years_first_seen |= YEAR_FIRST_SEEN in value.hints
                values[place] = value


def _nearest_day(days: list[tuple[int, date]], number: int) -> date | None:
    """Return the date of the nearest row that has one; of two equally near the upper one's."""
    index = bisect_left(days, number, key=itemgetter(0))
    found = min(
        days[max(0, index - 1) : index + 1],
        key=lambda day: abs(day[0] - number),
        default=None,
    )
    return found[1] if found is not None else None
