"""Where the four tables are in a workbook: sheets, header rows, columns, data rows.

Teams rename sheets, put titles above the header, move and insert columns, write
traditional characters or English. A table is found by the names of its sheet and of
its headers; a row keeps its physical position whatever is around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from xlflow.columns import Kind, Owner, Table
from xlflow.facts import Cell, Row, Snapshot, TableSheet, Value
from xlflow.meaning.folding import fold
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.references import malformed
from xlflow.ooxml.scanned_elements import MAX_CELLS
from xlflow.schema import TABLES
from xlflow.values import YEAR_ASSUMED, YEAR_FIRST_SEEN, shown, value_of, year_in

MAX_HEADER_ROW = 20
"""The last row in which a header is looked for."""

# The share of the guide's headers by which a sheet with another name is recognized.
_MIN_SHARE = 0.6
_TOTALS = frozenset(("合计", "总计", "小计", "total", "subtotal", "sum"))
_BRACKETS = re.compile(r"[(\[【「].*?[)\]】」]$")


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


def find_tables(book: Book, *, year: int, people: Mapping[str, str] | None = None) -> Snapshot:
    """Find the tables of ``book`` and read their rows.

    Args:
        year: completes dates without a year where their column has no full date.
        people: other spellings of a person's name → the name.
    """
    headers = {
        (table.name, sheet.name): header
        for sheet in book.sheets
        for table in TABLES
        if (header := _find_header(table, sheet)) is not None
    }
    assigned = _assign_sheets(book, headers)
    tables = {
        table.name: _read_table(
            table, sheet, headers[table.name, sheet.name], book, year, people or {}
        )
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


@lru_cache(maxsize=16)
def _header_names(table: Table) -> Mapping[str, tuple[str, bool]]:
    """Map each normalized header to its field, and whether it is the column's own header."""
    names: dict[str, tuple[str, bool]] = {}
    for column in table.columns:
        own = {_normalized(column.header.zh), _normalized(column.header.en)}
        # xlflow's own columns are found by exactly their own headers.
        known = own if column.owner is Owner.XLFLOW else own | set(map(_normalized, column.aliases))
        for name in known:
            if name not in names or name in own:
                names[name] = (column.field, name in own)
    return names


@lru_cache(maxsize=4096)
def _normalized(text: str) -> str:
    return fold(text).replace(" ", "")


def _find_header(table: Table, sheet: Sheet) -> _Header | None:
    """Return the row with most of the table's headers, at least two of them the team's.

    Where somebody overwrote the header, xlflow's own columns alone are left; the rows
    below them would all be taken for cleared ones.
    """
    team = {column.field for column in table.team_columns}
    rows: dict[int, list[Cell]] = defaultdict(list)
    for (row, _), cell in sheet.cells.items():
        if row <= MAX_HEADER_ROW and isinstance(cell.value, str):
            rows[row].append(cell)
    best: _Header | None = None
    for number in sorted(rows):
        header = _header(table, number, sorted(rows[number], key=lambda cell: cell.column))
        team_headers = len(team.intersection(header.columns))
        if team_headers >= 2 and (best is None or len(header.columns) > len(best.columns)):
            best = header
    return best


def _header(table: Table, number: int, cells: list[Cell]) -> _Header:
    names = _header_names(table)
    claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for cell in cells:
        text = _normalized(str(cell.value))
        # 「完成时间(必填)」 is 完成时间: a note in brackets isn't part of the header.
        known = names.get(text) or names.get(_BRACKETS.sub("", text))
        if known is not None:
            field, own = known
            claims[field].append((0 if own else 1, cell.column))
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
    book: Book,
    year: int,
    people: Mapping[str, str],
) -> TableSheet:
    merges = _Merges(sheet, header)
    data_rows = [
        (number, cells)
        for number, cells in _filled_rows(sheet, header, merges)
        if number not in merges.notes and not _is_total_or_header(table, header, cells)
    ]
    years = _full_years(table, data_rows, book.date1904)
    team = {column.field for column in table.team_columns}
    rows, cleared = [], []
    for number, cells in data_rows:
        values = {}
        for field, cell in cells.items():
            value = value_of(
                table[field],
                cell,
                date1904=book.date1904,
                year=_nearest_year(years.get(field, []), number, year),
                people=people,
            )
            if YEAR_ASSUMED in value.hints and not years.get(field):
                value = value._replace(hints=(*value.hints, YEAR_FIRST_SEEN))
            values[field] = value
        row = Row(
            table=table,
            sheet=sheet.name,
            number=number,
            values=values,
            hidden=number in sheet.hidden_rows,
            merged=frozenset(f for f, c in header.columns.items() if (number, c) in merges.covered),
        )
        filled = [field for field, value in values.items() if not value.blank]
        if team.intersection(filled):
            rows.append(row)
        elif filled:
            cleared.append(row)
    return TableSheet(
        table=table,
        sheet=sheet.name,
        header_row=header.row,
        columns=header.columns,
        headers={f: shown(sheet.cells[header.row, c].value) for f, c in header.columns.items()},
        missing=tuple(c.field for c in table.columns if c.field not in header.columns),
        duplicate_columns=header.duplicates,
        rows=tuple(rows),
        cleared=tuple(cleared),
        hidden=sheet.state != "visible",
        merges=merges.areas,
    )


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


def _filled_rows(
    sheet: Sheet, header: _Header, merges: _Merges
) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield the number and cells of each row below the header that has a filled cell of its own."""
    for number in sorted({row for row, _ in sheet.cells if row > header.row}):
        cells = {}
        has_own = False
        for field, column in header.columns.items():
            anchor = merges.covered.get((number, column))
            cell = sheet.cells.get(anchor or (number, column))
            if cell is None:
                cells[field] = Cell(number, column, None, sheet.format_at(number, column))
                continue
            cells[field] = cell._replace(row=number, column=column)
            has_own |= anchor is None and (cell.value is not None or cell.uncomputed)
        if has_own:
            yield number, cells


def _is_total_or_header(table: Table, header: _Header, cells: Mapping[str, Cell]) -> bool:
    """Return whether a row below the header is a total, or the header repeated."""
    texts = {f: _normalized(shown(c.value)) for f, c in cells.items() if c.value is not None}
    names = _header_names(table)
    repeated = [f for f, text in texts.items() if names.get(text, ("", False))[0] == f]
    if len(repeated) >= 2 and len(repeated) == len(texts):
        return True
    first = min(header.columns, key=lambda f: header.columns[f])
    return texts.get(first, "").rstrip(":") in _TOTALS


def _full_years(
    table: Table, rows: list[tuple[int, dict[str, Cell]]], date1904: bool
) -> dict[str, list[tuple[int, int]]]:
    """Return, for each date column, (row, year) of the dates that have a year."""
    years: dict[str, list[tuple[int, int]]] = {}
    for column in table.columns:
        if column.kind not in (Kind.DATE, Kind.MONTH, Kind.DEADLINE):
            continue
        found = []
        for number, cells in rows:
            cell = cells.get(column.field)
            if cell is None or cell.value is None:
                continue
            full = _full_year(value_of(column, cell, date1904=date1904))
            if full is not None:
                found.append((number, full))
        years[column.field] = found
    return years


def _full_year(value: Value) -> int | None:
    return None if YEAR_ASSUMED in value.hints else year_in(value)


def _nearest_year(years: list[tuple[int, int]], number: int, fallback: int) -> int:
    """Return the year of the nearest row; of two equally near rows, the upper one's."""
    index = bisect_left(years, (number, 0))
    return min(
        years[max(0, index - 1) : index + 1],
        key=lambda found: abs(found[0] - number),
        default=(0, fallback),
    )[1]
