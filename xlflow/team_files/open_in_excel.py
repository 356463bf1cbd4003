"""The flags in a workbook that a person has open in Excel on this very machine.

The file waits until it is closed; the open book can show them already. What is on
the screen may be ahead of the file: rows inserted, sorted, edited. So a row gets its
cells only where it still is the row that was read, and a cell only where no person
has put something of their own since. Nothing is saved, selected or recalculated.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
from xlflow.values import shown

_TAKEN_FOR_MORE = ("=", "+", "-", "@", "'", *"0123456789")
_DAY_ZERO = date(1899, 12, 30)  # on which Excel hands out a time alone
_PATIENCE = (0.1, 0.4, 1.5, 0.0)  # seconds between tries to put Excel's switches back

log = logging.getLogger(__name__)


def show_in_excel(path: Path, snapshot: Snapshot, edits: CellWrites) -> bool:
    """Write wanted cells into the open book of that file, and tell whether it was there.

    Args:
        path: the workbook.
        snapshot: what was read from the file, by which its rows are known again.
        edits: the cells that the file should hold.

    Returns:
        Whether all of it is done; False where no Excel here has the book open for
        writing, and where Excel is busy or refuses, after which a later call goes on.
    """
    try:
        book = _open_book(path)
        if book is None:
            return False
        for table in snapshot.tables.values():
            if table.sheet in edits:
                _renew(book, table, edits[table.sheet])
    except Exception as error:  # COM's and AppleScript's have no kind in common
        log.debug("%s isn't shown in its open book: %r", path.name, error)
        return False
    return True


def excel_value(value: Any) -> Any:
    """Return a value as it has to be given to Excel to stand in the cell as it is.

    Excel takes a text for typing, and would make a formula, a number or a date of some.
    """
    if isinstance(value, str) and value.startswith(_TAKEN_FOR_MORE):
        return "'" + value
    return value if value is None or isinstance(value, str) else float(value)


def _open_book(path: Path) -> Any | None:
    """Return the ``xlwings.Book`` of a file that is open for writing here, if there is one."""
    import xlwings

    if sys.platform == "win32":
        import xlwings._xlwindows

        # Of itself xlwings asks a busy Excel again for ever, without a pause.
        xlwings._xlwindows.N_COM_ATTEMPTS = 1
    for app in xlwings.apps:
        for book in app.books:
            # Only of this name: a book that lies in the cloud may not say where it is.
            if book.name.casefold() == path.name.casefold() and _full(book.fullname) == _full(path):
                read_only = sys.platform != "darwin" and book.api.ReadOnly
                return None if read_only else book
    return None


def _full(path: str | Path) -> str:
    return os.path.normcase(os.path.realpath(path))


@contextmanager
def _undisturbed(app: Any) -> Iterator[None]:
    """Write without flicker, and without running the macros that listen to changes."""
    before = {name: getattr(app, name) for name in ("screen_updating", "enable_events")}
    try:
        for name in before:
            setattr(app, name, False)
        yield
    finally:
        for name, value in before.items():
            for pause in _PATIENCE:
                with suppress(Exception):
                    setattr(app, name, value)
                    break
                time.sleep(pause)


def _renew(book: Any, table: TableSheet, cells: Mapping[Position, CellContent]) -> None:
    """Write the cells of one table, row by row, each row read again just before."""
    sheet = next((each for each in book.sheets if each.name == table.sheet), None)
    if sheet is None:
        return
    width = max(table.columns.values())
    headers, _ = _line(sheet, table.header_row, width)
    if any(shown(headers[table.columns[f] - 1]) != text for f, text in table.headers.items()):
        return
    wanted: dict[int, dict[int, CellContent]] = defaultdict(dict)
    for (number_, column), value in cells.items():
        wanted[number_][column] = value
    rows = [row for row in (*table.rows, *table.cleared) if row.number in wanted]

    def due(row: Row) -> dict[int, CellContent]:
        return _due(row, wanted[row.number], *_line(sheet, row.number, width))

    if any(map(due, rows)):
        with _undisturbed(book.app):
            for row in rows:
                for column, value in due(row).items():
                    sheet.range((row.number, column)).value = excel_value(value)


def _line(sheet: Any, number: int, width: int) -> tuple[list[CellValue], list[str]]:
    """Return what the first cells of a row hold, and their formulas."""
    span = sheet.range((number, 1), (number, width))
    values = [_as_read(value) for value in span.options(ndim=1).value]
    return values, [str(formula) for formula in span.formula[0]]


def _due(
    row: Row, wanted: Mapping[int, CellContent], held: list[CellValue], formulas: list[str]
) -> dict[int, CellContent]:
    """Return what to write into a row, by column: nothing where it isn't the row that was read.

    The record comes first: it vouches for the values that follow it.
    """
    if not _is_same(row, wanted, held):
        return {}
    record = parse_record(held[row.values["record"].cell.column - 1])

    def may_be_written(column: Column, cell: Cell) -> bool:
        present = held[cell.column - 1]
        if present == _as_read(wanted[cell.column]) or formulas[cell.column - 1].startswith("="):
            return False
        if column.owner is Owner.XLFLOW or present in (None, _as_read(cell.value)):
            return True
        return record is not None and record.vouches(column.field, present)

    due = {}
    for column in sorted(row.table.written_by_xlflow(), key=lambda c: c.kind is not Kind.RECORD):
        value = row.values.get(column.field)
        if value and value.cell.column in wanted and may_be_written(column, value.cell):
            due[value.cell.column] = wanted[value.cell.column]
    return due


def _is_same(row: Row, wanted: Mapping[int, CellContent], held: list[CellValue]) -> bool:
    """Whether a row holds what its team wrote when it was read, and is not another that does."""
    for column in row.table.team_columns:
        value = row.values.get(column.field)
        # A cell covered by a merged range has its value from elsewhere.
        if value is None or column.field in row.merged:
            continue
        if held[value.cell.column - 1] != _as_read(value.cell.value):
            return False
    cell = row.values["record"].cell
    present = held[cell.column - 1]
    if present == _as_read(cell.value):
        return True
    carried, ours = parse_record(present), parse_record(wanted.get(cell.column, cell.value))
    return carried is not None and ours is not None and carried.id == ours.id


def _as_read(value: Any) -> CellValue:
    """Return a value of Excel's or the file's in the one form in which they can be compared.

    Moments are compared by the second, which is what both keep.
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
