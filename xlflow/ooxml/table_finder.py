"""Where the four tables are in a workbook: sheets, header rows, columns, data rows.

Teams rename sheets, put titles above the header, move and insert columns, write
traditional characters or English. A table is found by the names of its sheet and of
its headers; a row keeps its physical position whatever is around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

from xlflow.columns import DATED, Column, Owner, Table
from xlflow.facts import Cell, Row, Snapshot, TableSheet, Value
from xlflow.meaning.folding import fold
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.references import malformed
from xlflow.ooxml.scanned_elements import MAX_CELLS
from xlflow.packed_rows import Packer
from xlflow.schema import TABLES
from xlflow.values import (
    YEAR_ASSUMED,
    YEAR_FIRST_SEEN,
    Context,
    date_in,
    is_ditto,
    shown,
    value_of,
)

MAX_HEADER_ROW = 20
"""The last row in which a header is looked for."""

# The share of the guide's headers by which a sheet with another name is recognized.
_MIN_SHARE = 0.6
_TOTALS = frozenset(("合计", "总计", "小计", "total", "subtotal", "sum"))
_NO_FIELDS: frozenset[str] = frozenset()
_OPENING_BRACKET = re.compile(r"[(\[【「]")
_CLOSING_BRACKETS = (")", "]", "】", "」")
_LONGEST_CACHED = 256


@dataclass(frozen=True, slots=True)
class _Header:
    """A header row: the column of each field, and further columns with the same header."""

    row: int
    columns: Mapping[str, int]
    duplicates: tuple[tuple[str, int], ...]

    def share(self, table: Table) -> float:
        """Return the share of the guide's own columns that the header has."""
        guide = [c.field for c in table.columns if c.guide and c.owner is Owner.TEAM]
        return sum(field in self.columns for field in guide) / len(guide)


def find_tables(book: Book, context: Context) -> Snapshot:
    """Find the tables of ``book`` and read their rows.

    Args:
        book: the workbook.
        context: what the cells' meaning depends on; dates without a year are brought near
            to its ``seen`` where their column has no full date.
    """
    context = context._replace(date1904=book.date1904)
    headers = {
        (table.name, sheet.name): header
        for sheet in book.sheets
        for table, header in _find_headers(sheet, context.words).items()
    }
    assigned = _assign_sheets(book, headers)
    tables = {
        table.name: _read_table(table, sheet, headers[table.name, sheet.name], context)
        for table in TABLES
        if (sheet := assigned.sheets.get(table.name)) is not None
    }
    known = set(tables) | {name for name, _ in assigned.without_header}
    return Snapshot(
        tables=tables,
        absent=tuple(table.name for table in TABLES if table.name not in known),
        duplicates=tuple(assigned.duplicates),
        without_header=tuple(assigned.without_header),
        date1904=book.date1904,
        signed=book.signed,
        last_modified_by=book.last_modified_by,
    )


@dataclass(frozen=True, slots=True)
class _AssignedSheets:
    """The sheet of each table by its name, and the (table name, sheet name) pairs left over."""

    sheets: dict[str, Sheet]
    duplicates: list[tuple[str, str]]
    without_header: list[tuple[str, str]]


def _assign_sheets(book: Book, headers: Mapping[tuple[str, str], _Header]) -> _AssignedSheets:
    """Decide which sheet is which table: by its name first, then by its headers."""
    chosen: dict[str, Sheet] = {}
    without_header = []
    duplicates = []
    unassigned = list(book.sheets)
    for table in TABLES:
        named = [s for s in unassigned if _normalized(s.name) in _sheet_names(table)]
        with_header = [s for s in named if (table.name, s.name) in headers]
        if with_header:
            best = max(with_header, key=lambda s: headers[table.name, s.name].share(table))
            chosen[table.name] = best
            unassigned.remove(best)
        elif named:
            without_header.append((table.name, named[0].name))
            unassigned.remove(named[0])
    for sheet in unassigned:
        shares = {
            table: header.share(table)
            for table in TABLES
            if (header := headers.get((table.name, sheet.name))) is not None
        }
        best_table = max(shares, key=lambda table: shares[table], default=None)
        if best_table is None or shares[best_table] < _MIN_SHARE:
            continue
        if best_table.name not in chosen:
            chosen[best_table.name] = sheet
            without_header = [pair for pair in without_header if pair[0] != best_table.name]
        else:
            duplicates.append((best_table.name, sheet.name))
    return _AssignedSheets(chosen, duplicates, without_header)


@lru_cache(maxsize=16)
def _sheet_names(table: Table) -> frozenset[str]:
    names = (table.sheet.zh, table.sheet.en, table.title.zh, table.title.en, *table.aliases)
    return frozenset(_normalized(name) for name in names)


class _HeaderName(NamedTuple):
    """What a header means in one table; ``own`` where it is the column's own, no alias."""

    table: Table
    field: str
    own: bool


@cache
def _header_names() -> Mapping[str, tuple[_HeaderName, ...]]:
    """Map each normalized header to its columns, at most one in each table."""
    names: dict[str, dict[str, _HeaderName]] = defaultdict(dict)
    for table in TABLES:
        for column in table.columns:
            own = {_normalized(column.header.zh), _normalized(column.header.en)}
            # xlflow's own columns are found by exactly their own headers.
            aliases = () if column.owner is Owner.XLFLOW else column.aliases
            for name in (*map(_normalized, aliases), *own):
                if table.name not in names[name] or name in own:
                    names[name][table.name] = _HeaderName(table, column.field, name in own)
    return {name: tuple(columns.values()) for name, columns in names.items()}


def _normalized(text: str) -> str:
    """Return a text as names and headers are compared; long ones aren't kept in memory."""
    if len(text) > _LONGEST_CACHED:
        return fold(text).replace(" ", "")
    return _normalized_cached(text)


@lru_cache(maxsize=4096)
def _normalized_cached(text: str) -> str:
    return fold(text).replace(" ", "")


def _find_headers(sheet: Sheet, words: Mapping[str, str]) -> dict[Table, _Header]:
    """Return for each table the row with most of its headers, at least two of them the team's.

    ``words`` are a company's own, folded, and the headers for which they stand.

    Where somebody overwrote the header, xlflow's own columns alone are left; the rows
    below them would all be taken for cleared ones.
    """
    found: dict[Table, _Header] = {}
    for number in sorted(number for number in sheet.rows if number <= MAX_HEADER_ROW):
        claims: dict[Table, list[tuple[int, _HeaderName]]] = defaultdict(list)
        for column, cell in sheet.rows[number].items():
            if isinstance(cell.value, str):
                for name in _meanings(_own_word(cell.value, words)):
                    claims[name.table].append((column, name))
        for table, named in claims.items():
            header = _header(table, number, named)
            best = found.get(table)
            if header and (best is None or len(header.columns) > len(best.columns)):
                found[table] = header
    return found


def _own_word(content: str, words: Mapping[str, str]) -> str:
    """Return the header for which a company's own word stands, any other text as it is."""
    return words.get(_normalized(content), content) if words else content


def _meanings(content: str) -> tuple[_HeaderName, ...]:
    """Return the columns of which a text is the header."""
    names = _header_names()
    text = _normalized(content)
    if not (found := names.get(text, ())) and text.endswith(_CLOSING_BRACKETS):
        # 「完成时间(必填)」 is 完成时间: a note in brackets isn't part of the header.
        found = names.get(_OPENING_BRACKET.split(text, maxsplit=1)[0], ())
    return found


def _header(table: Table, number: int, named: list[tuple[int, _HeaderName]]) -> _Header | None:
    """Return a row as the header of a table; None if it hasn't two of the team's columns."""
    claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for column, name in sorted(named, key=itemgetter(0)):
        claims[name.field].append((0 if name.own else 1, column))
    if sum(table[field].owner is Owner.TEAM for field in claims) < 2:
        return None
    columns, duplicates = {}, []
    for field, claim in claims.items():
        (rank, column), *others = sorted(claim)
        columns[field] = column
        # An alias next to the column's own header is simply another column of the team's.
        duplicates += [(field, other) for other_rank, other in others if other_rank == rank]
    if "record" not in columns:
        columns = {f: c for f, c in columns.items() if table[f].owner is not Owner.XLFLOW}
    return _Header(number, columns, tuple(duplicates))


def _read_table(
    table: Table,
    sheet: Sheet,
    header: _Header,
    context: Context,
) -> TableSheet:
    merges = _Merges(sheet, header)
    numbers, columns = _data_rows(table, sheet, header, merges)
    reader = _ColumnReader(context)
    absent = [None] * len(numbers)
    values = [
        reader.values(column, numbers, columns[column.field]) if column.field in columns else absent
        for column in table.columns
    ]
    rows: list[Row] = []
    cleared: list[Row] = []
    team = table.team_places
    packer = Packer(table)
    for number, row_values in zip(numbers, zip(*values, strict=True), strict=True):
        filled = [value is not None and not value.blank for value in row_values]
        if True not in filled:
            continue
        kind = rows if any(filled[place] for place in team) else cleared
        kind.append(
            Row(
                table,
                sheet.name,
                number,
                row_values,
                packer.team(row_values),
                number in sheet.hidden_rows,
                merges.fields(number),
            )
        )
    return TableSheet(
        table=table,
        sheet=sheet.name,
        header_row=header.row,
        columns=header.columns,
        headers={f: shown(sheet.rows[header.row][c].value) for f, c in header.columns.items()},
        missing=tuple(c.field for c in table.columns if c.field not in header.columns),
        duplicate_columns=header.duplicates,
        rows=tuple(rows),
        cleared=tuple(cleared),
        hidden=sheet.state != "visible",
        merges=merges.areas,
        years_first_seen=reader.years_first_seen,
    )


class _ColumnReader:
    """Reads columns of one workbook, each distinct cell of a column once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._alone = context._replace(near=None, seen=None)
        self.years_first_seen = False

    def values(self, column: Column, numbers: list[int], cells: list[Cell]) -> list[Value]:
        """Return the values of a column's cells, completed by those around them.

        A date without a year is brought near to the nearest full date in the column, and
        同上 is the value above.
        """
        known: dict[int, Value] = {}  # by identity: equal cells of a sheet are usually one
        for cell in cells:
            if id(cell) not in known:
                known[id(cell)] = value_of(column, cell, self._alone)
        values = [known[id(cell)] for cell in cells]
        if column.kind in DATED:
            self._complete(column, numbers, values, known)
        if column.owner is Owner.TEAM and any(
            is_ditto(value.cell.value) for value in known.values()
        ):
            for place, value in enumerate(values):
                if is_ditto(value.cell.value):
                    values[place] = values[place - 1] if place else Value(Cell(None))
        return values

    def _complete(
        self, column: Column, numbers: list[int], values: list[Value], known: Mapping[int, Value]
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
        seen = self._context.seen
        for place, value in enumerate(values):
            if id(value.cell) in incomplete:
                near = _nearest_day(days, numbers[place])
                value = value_of(column, value.cell, self._context._replace(near=near or seen))
                if YEAR_ASSUMED in value.hints and near is None:
                    value = value._replace(hints=(*value.hints, YEAR_FIRST_SEEN))
                self.years_first_seen |= YEAR_FIRST_SEEN in value.hints
                values[place] = value


class _Merges:
    """The merged ranges below the header; each covered cell takes its anchor's value.

    ``notes`` are the rows where a merged range spans over half of the table's columns:
    remarks, not data.
    """

    def __init__(self, sheet: Sheet, header: _Header) -> None:
        areas = []
        self.covered: dict[tuple[int, int], tuple[int, int]] = {}
        self.notes: set[int] = set()
        existing = sorted(sheet.xml.rows_by_number)
        effort = 0
        for top, left, bottom, right in sheet.merges:
            columns = [c for c in header.columns.values() if left <= c <= right]
            if top <= header.row or not columns:
                continue
            areas.append((top, left, bottom, right))
            # Only existing rows count, so that a merge down to row 1048576 costs nothing.
            rows = existing[bisect_left(existing, top) : bisect_right(existing, bottom)]
            effort += len(rows)
            if effort > MAX_CELLS:
                raise malformed("overlapping merged cells")
            if len(columns) > max(2, len(header.columns) // 2):
                self.notes.update(rows)
            anchor = (top, left)
            positions = ((row, column) for row in rows for column in columns)
            self.covered |= {position: anchor for position in positions if position != anchor}
        self.areas = tuple(areas)
        self._columns = header.columns

    def fields(self, number: int) -> frozenset[str]:
        """Return the fields whose cell in a row is covered."""
        if not self.covered:
            return _NO_FIELDS
        return frozenset(f for f, c in self._columns.items() if (number, c) in self.covered)


def _data_rows(
    table: Table, sheet: Sheet, header: _Header, merges: _Merges
) -> tuple[list[int], dict[str, list[Cell]]]:
    """Return the numbers of the rows that hold data, and their cells column by column.

    Such a row has a filled cell of its own in one of the table's columns, and is neither
    a total, nor the header repeated, nor a note merged across the table.
    """
    numbers = _filled_rows(sheet, header)
    rows = [sheet.rows[number] for number in numbers]
    cells_of = {f: [row.get(column) for row in rows] for f, column in header.columns.items()}
    covered = [
        (place, field, anchor)
        for place, number in (enumerate(numbers) if merges.covered else ())
        for field, column in header.columns.items()
        if (anchor := merges.covered.get((number, column))) is not None
    ]
    for place, field, _ in covered:
        cells_of[field][place] = None
    filled = _filled(cells_of, len(numbers))
    for place, field, anchor in covered:
        cells_of[field][place] = sheet.cell(*anchor)
    left_out = _repeated_headers(table, cells_of, filled) | _totals(header, cells_of)
    chosen = [
        place
        for place, number in enumerate(numbers)
        if filled[place] and place not in left_out and number not in merges.notes
    ]
    blank: dict[str, Cell] = {}
    columns = {}
    for field, column in header.columns.items():
        cells = []
        for place in chosen:
            cell = cells_of[field][place]
            if cell is None:
                style = sheet.format_at(numbers[place], column)
                cell = blank.setdefault(style, Cell(None, style))
            cells.append(cell)
        columns[field] = cells
    return [numbers[place] for place in chosen], columns


def _filled_rows(sheet: Sheet, header: _Header) -> list[int]:
    """Return the numbers of the rows below the header in which any cell is filled."""
    known: dict[int, bool] = {}  # rows that hold the same share one mapping
    for row in sheet.rows.values():
        if id(row) not in known:
            known[id(row)] = any(c.value is not None or c.uncomputed for c in row.values())
    return sorted(n for n, row in sheet.rows.items() if n > header.row and known[id(row)])


def _filled(columns: Mapping[str, list[Cell | None]], count: int) -> list[bool]:
    """Return for each row whether one of its cells isn't empty."""
    filled = [False] * count
    for cells in columns.values():
        for place, cell in enumerate(cells):
            if cell is not None and (cell.value is not None or cell.uncomputed):
                filled[place] = True
    return filled


def _repeated_headers(
    table: Table, columns: Mapping[str, list[Cell | None]], filled: Sequence[bool]
) -> set[int]:
    """Return the places of the rows that repeat the header: all their cells, at least two."""
    candidates = [place for place, is_filled in enumerate(filled) if is_filled]
    counts: dict[int, int] = defaultdict(int)
    for field, cells in columns.items():
        remaining = []
        for place in candidates:
            cell = cells[place]
            if cell is not None and cell.value is not None:
                names = _header_names().get(_normalized(shown(cell.value)), ())
                if not any(n.table is table and n.field == field for n in names):
                    continue
                counts[place] += 1
            remaining.append(place)
        candidates = remaining
    return {place for place in candidates if counts[place] >= 2}


def _totals(header: _Header, columns: Mapping[str, list[Cell | None]]) -> set[int]:
    """Return the places of the rows whose first column says that they are a total."""
    first = columns[min(header.columns, key=lambda field: header.columns[field])]
    return {
        place
        for place, cell in enumerate(first)
        if cell is not None and _normalized(shown(cell.value)).rstrip(":") in _TOTALS
    }


def _nearest_day(days: list[tuple[int, date]], number: int) -> date | None:
    """Return the date of the nearest row that has one; of two equally near the upper one's."""
    index = bisect_left(days, number, key=itemgetter(0))
    found = min(
        days[max(0, index - 1) : index + 1],
        key=lambda day: abs(day[0] - number),
        default=None,
    )
    return found[1] if found is not None else None
