"""The arguments of worksheet functions as Excel passes them: single cells and ranges.

xlwings' own converters go through every cell of every argument in every call, which is
too slow for a formula in each of a thousand rows that refers to the whole column. So
arguments arrive raw, as COM passes them, and are interpreted here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from xlflow.columns import Column, Kind
from xlflow.errors import UsageError, XlflowError
from xlflow.facts import Cell, CellValue, ErrorValue, Value
from xlflow.meaning.dates import PLAUSIBLE_YEARS
from xlflow.meaning.folding import fold
from xlflow.messages import explain, say
from xlflow.values import Context, displayed, value_of

MISSING = -2147352572
"""The value that COM passes for an omitted argument (DISP_E_PARAMNOTFOUND)."""

LANGUAGE = "zh"

GENERAL = "General"
"""The number format that says nothing."""

# Excel's error values are COM error codes: 0x800A0000 plus the argument of CVErr.
_FIRST_ERROR = -2146828288 + 2000
_ERRORS = range(_FIRST_ERROR, _FIRST_ERROR + 100)
_ERROR_NAMES = {
    2000: "#NULL!",
    2007: "#DIV/0!",
    2015: "#VALUE!",
    2023: "#REF!",
    2029: "#NAME?",
    2036: "#NUM!",
    2042: "#N/A",
}
# No reader understands a longer text; a cell can hold 32,767 characters.
_MAX_TEXT = 100
_CACHE_SIZE = 20_000


class FormattedNumber(NamedTuple):
    """A number in a cell whose number format says more than the number: 24 under ``0"小时"``."""

    number: float
    number_format: str


def with_formats(value: Any, cells: Any) -> Any:
    """Return the raw value of a range with the number formats of its numbers.

    ``cells`` is the range, which gives one format for all of its cells or None where they
    differ; then its halves are asked.
    """
    if type(value) not in (float, tuple):
        return value
    number_format = cells.number_format
    if number_format is not None or type(value) is float:
        return value if number_format in (None, GENERAL) else _formatted(value, number_format)
    rows, columns = cells.shape
    if rows > 1:
        half = rows // 2
        upper = with_formats(value[:half], cells[:half, :])
        return (*upper, *with_formats(value[half:], cells[half:, :]))
    if columns > 1:
        parts = [with_formats(part, cells[0, place]) for place, part in enumerate(value[0])]
        return (tuple(parts),)
    return value


def _formatted(value: Any, number_format: str) -> Any:
    if is_range(value):
        return tuple(_formatted(part, number_format) for part in value)
    return FormattedNumber(value, number_format) if type(value) is float else value


class CellRange(NamedTuple):
    """A range of cells: height, width, and the cells row by row."""

    height: int
    width: int
    cells: Sequence[Any]

    def rows(self, answers: Sequence[Any]) -> list[list[Any]]:
        """Return one answer a cell as rows of the range's shape."""
        return [list(answers[i : i + self.width]) for i in range(0, len(answers), self.width)]


def is_missing(argument: Any) -> bool:
    """Return whether an argument was omitted or is a blank cell."""
    return argument is None or (type(argument) is int and argument == MISSING)


def is_range(argument: Any) -> bool:
    """Return whether an argument is a range of cells and not a single value."""
    return isinstance(argument, (tuple, list)) and not isinstance(argument, FormattedNumber)


def as_range(argument: Any) -> CellRange | None:
    """Return an argument as a range, None for a single value.

    Excel passes a range of several cells as rows of cells, and the array
    constant ``{1,2,3}`` as one row.

    Raises:
        UsageError: the rows differ in length.
    """
    if not is_range(argument):
        return None
    rows = argument if argument and is_range(argument[0]) else (argument,)
    width = len(rows[0])
    cells = [cell for row in rows for cell in row]
    if len(cells) != len(rows) * width or any(len(row) != width for row in rows):
        raise UsageError("functions.uneven")
    return CellRange(len(rows), width, cells) if cells else CellRange(1, 1, [None])


def align(*arguments: Any) -> tuple[CellRange | None, list[Sequence[Any]]]:
    """Return the common shape of the arguments, and the cells of each in that shape.

    A single value, or a range of one cell, is repeated for every cell of the others; a
    row matches a column of the same length. Without a range the shape is None and each
    argument is one cell.

    Raises:
        UsageError: the ranges differ in size.
    """
    ranges = [as_range(argument) for argument in arguments]
    shape = max((r for r in ranges if r), key=lambda r: len(r.cells), default=None)
    if shape is None:
        return None, [(argument,) for argument in arguments]
    size = len(shape.cells)
    columns: list[Sequence[Any]] = []
    for argument, cells in zip(arguments, ranges, strict=True):
        if cells is None or len(cells.cells) == 1:
            columns.append((cells.cells[0] if cells else argument,) * size)
        elif cells[:2] == shape[:2] or (
            len(cells.cells) == size and 1 in cells[:2] and 1 in shape[:2]
        ):
            columns.append(cells.cells)
        else:
            raise UsageError("functions.uneven")
    return shape, columns


def map_cells(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return a function's answer, or rows of answers if an argument is a range."""
    if not any(map(is_range, arguments)):
        return call_safely(function, *arguments)
    shape, columns = align(*arguments)
    answers = [call_safely(function, *cells) for cells in zip(*columns, strict=True)]
    return shape.rows(answers) if shape else answers[0]


def call_safely(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return a function's answer, or a text if it fails: a cell never shows an exception."""
    try:
        return function(*arguments, **named)
    except XlflowError as error:
        return explain(error, LANGUAGE)
    except Exception:  # a cell can hold anything, and Excel needs an answer
        return say("functions.not_understood", LANGUAGE)


def cell_value(argument: Any) -> CellValue:
    """Return a cell's value as it would be read from a workbook's file.

    Numbers are rounded to Excel's 15 significant digits, times to the second. Midnight
    becomes a date without a time, since Excel can't distinguish the two.
    """
    if isinstance(argument, FormattedNumber):
        argument = argument.number
    if isinstance(argument, str):
        return argument.strip()[:_MAX_TEXT]
    if argument is None or isinstance(argument, bool):
        return argument
    if isinstance(argument, int):
        if argument == MISSING:
            return None
        if argument in _ERRORS:
            return ErrorValue(_ERROR_NAMES.get(argument - _FIRST_ERROR + 2000, "#ERROR!"))
        return Decimal(argument)
    if isinstance(argument, float) and math.isfinite(argument):
        return Decimal(f"{argument:.15g}")
    if isinstance(argument, Decimal) and argument.is_finite():
        return argument
    if isinstance(argument, datetime):
        return _moment(argument)
    return argument if isinstance(argument, date) else ErrorValue("#VALUE!")


def read_cell(argument: Any) -> Cell:
    """Return a cell as it would be read from a workbook's file; a bare number has no format."""
    formatted = isinstance(argument, FormattedNumber)
    return Cell(cell_value(argument), argument.number_format if formatted else GENERAL)


def column_reader(column: Column) -> Callable[..., Value]:
    """Return the function that reads an argument like a cell of the column.

    ``near`` is the day to which dates typed without a year are brought nearest. Except in
    columns of days, a zero counts as blank, because that is what a blank cell becomes in
    another formula. Values are cached: columns repeat them, and Excel passes them again at
    each recalculation.
    """
    has_zeros = column.kind is Kind.DAYS
    choices = {fold(n) for o in column.choices for n in (o.zh, o.en, *o.aliases)}
    if choices:
        choices.add("")

    # typed, because TRUE, 1 and 1.0 are equal but have different meanings.
    @lru_cache(maxsize=_CACHE_SIZE, typed=True)
    def read_argument(argument: Any, near: date | None = None) -> Value:
        cell = read_cell(argument)
        if isinstance(cell.value, Decimal) and not cell.value and not has_zeros:
            cell = cell._replace(value=None)
        if choices and fold(displayed(cell)) not in choices and "%" not in displayed(cell):
            # Returned at once, because searching for the nearest choice is slow.
            return Value(cell, problem="not_a_choice")
        return value_of(column, cell, Context(near=near, seen=near))

    return read_argument


def _moment(value: datetime) -> date | datetime:
    # COM's times are a subclass with a meaningless time zone, and off by microseconds.
    whole = datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)
    if value.microsecond >= 500_000 and whole.year in PLAUSIBLE_YEARS:
        whole += timedelta(seconds=1)
    return whole if whole.hour or whole.minute or whole.second else whole.date()
