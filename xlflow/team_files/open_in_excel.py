"""Showing flags in a workbook that a person has open in Excel on this machine.

The file can only be replaced once it is closed; until then the open workbook shows the
flags. What is on the screen may be ahead of the file: rows inserted, sorted, edited. So
a row gets its cells only if it still is the row that was read, and a cell only if
nobody has entered a value of their own since.
"""

from __future__ import annotations

import logging
import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlflow.columns import Column, Kind, Owner
from xlflow.facts import (
    Cell,
    CellContent,
    CellValue,
    CellWrites,
    Position,
    Row,
    Snapshot,
    TableSheet,
)
from xlflow.ooxml.cell_values import parse_number
from xlflow.record import parse_record
from xlflow.team_files.excel_writer import ExcelWriter
from xlflow.values import shown

_DAY_ZERO = date(1899, 12, 30)  # Excel returns a time alone on this day

log = logging.getLogger(__name__)


def show_in_excel(path: Path, snapshot: Snapshot, cells: CellWrites) -> bool:
    """Write wanted cells into the workbook as it is open in Excel.

    Args:
        path: the workbook's file.
        snapshot: what was read from the file, to recognize its rows.
        cells: what xlflow's cells should contain.

    Returns:
        Whether the open workbook shows everything. False where no Excel here has it
        open for writing, and where Excel is busy or refuses; a later call continues.
    """
    try:
        book = _open_book(path)
        if book is None:
            return False
        for table in snapshot.sheets:
            if table.sheet in cells:
                _write_table(book, table, cells[table.sheet])
    except Exception as error:  # COM's and AppleScript's errors have no base class in common
        log.debug("can't show %s in Excel: %r", path.name, error)
        return False
    return True


def _open_book(path: Path) -> Any | None:
    """Return the ``xlwings.Book`` of a file that is open for writing here; else None."""
    import xlwings

    if sys.platform == "win32":
        import xlwings._xlwindows

        # By default xlwings calls a busy Excel again and again, for ever and without a pause.
        xlwings._xlwindows.N_COM_ATTEMPTS = 1
    for app in xlwings.apps:
        for book in app.books:
            # The name is checked first: a workbook in the cloud may not know its path.
            if book.name.casefold() == path.name.casefold() and _real_path(
                book.fullname
            ) == _real_path(path):
                read_only = sys.platform != "darwin" and book.api.ReadOnly
                return None if read_only else book
    return None


def _real_path(path: str | Path) -> str:
    return os.path.normcase(os.path.realpath(path))


def _write_table(book: Any, table: TableSheet, cells: Mapping[Position, CellContent]) -> None:
    """Write the cells of one table row by row, each row read again just before."""
    sheet = next((each for each in book.sheets if each.name == table.sheet), None)
    if sheet is None:
        return
    width = max(table.columns.values())
    headers, _ = _read_row(sheet, table.header_row, width)
    lines = [headers]
    if table.header_lines > 1:
        lines.append(_read_row(sheet, table.header_row - 1, width)[0])
    for field, text in table.headers.items():
        seen = [shown(line[table.columns[field] - 1]) for line in lines]
        if not all(part in text for part in seen) or not (any(seen) or table.header_lines > 1):
            return
    wanted: dict[int, dict[int, CellContent]] = defaultdict(dict)
    for (number, column), content in cells.items():
        wanted[number][column] = content
    rows = [row for row in (*table.rows, *table.cleared) if row.number in wanted]

    def missing(row: Row) -> dict[Position, CellContent]:
        present, formulas = _read_row(sheet, row.number, width)
        return _missing_cells(row, table.columns, wanted[row.number], present, formulas)

    if any(map(missing, rows)):
        writer = ExcelWriter(book.app)
        with writer.undisturbed():
            for row in rows:
                writer.write_cells(sheet, missing(row))


def _read_row(sheet: Any, number: int, width: int) -> tuple[list[CellValue], list[str]]:
    """Return the values and formulas of the first cells of a row."""
    span = sheet.range((number, 1), (number, width))
    values = [_comparable(value) for value in span.options(ndim=1).value]
    return values, [str(formula) for formula in span.formula[0]]


def _missing_cells(
    row: Row,
    columns: Mapping[str, int],
    wanted: Mapping[int, CellContent],
    present: list[CellValue],
    formulas: list[str],
) -> dict[Position, CellContent]:
    """Return what to write into a row: nothing unless it is the row that was read.

    The record comes first, because it vouches for the values that follow it.
    """
    if not _is_same_row(row, columns, wanted, present):
        return {}
    record = parse_record(present[columns["record"] - 1])

    def may_write(column: Column, number: int, read: Cell) -> bool:
        value = present[number - 1]
        if value == _comparable(wanted[number]) or formulas[number - 1].startswith("="):
            return False
        if column.owner is Owner.XLFLOW or value in (None, _comparable(read.value)):
            return True
        return record is not None and record.vouches(column.field, value)

    missing = {}
    for column in sorted(row.table.written_by_xlflow(), key=lambda c: c.kind is not Kind.RECORD):
        value, number = row.value_in(column.field), columns.get(column.field, 0)
        if value and number in wanted and may_write(column, number, value.cell):
            missing[row.number, number] = wanted[number]
    return missing


def _is_same_row(
    row: Row,
    columns: Mapping[str, int],
    wanted: Mapping[int, CellContent],
    present: list[CellValue],
) -> bool:
    """Return whether a row has the team's values as read, and isn't another row that has them."""
    for column in row.table.team_columns:
        value = row.value_in(column.field)
        # A cell covered by a merged range has its value from elsewhere.
        if value is None or column.field in row.merged:
            continue
        if present[columns[column.field] - 1] != _comparable(value.cell.value):
            return False
    number, value = columns["record"], row.value_in("record")
    read = value.cell.value if value is not None else None
    value_now = present[number - 1]
    if value_now == _comparable(read):
        return True
    record, expected = parse_record(value_now), parse_record(wanted.get(number, read))
    return record is not None and expected is not None and record.id == expected.id


def _comparable(value: Any) -> CellValue:
    """Return a value from Excel or from the file in the one form that makes them comparable.

    Moments are rounded to the second, which both keep.
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return parse_number(str(value))
    if isinstance(value, datetime):
        moment = (value.replace(tzinfo=None) + timedelta(milliseconds=500)).replace(microsecond=0)
        if moment.date() == _DAY_ZERO:
            return moment.time()
        return moment if moment.time() != datetime.min.time() else moment.date()
    found: CellValue = value if value != "" else None
    return found
