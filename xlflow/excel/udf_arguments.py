"""What Excel passes to a worksheet function: one cell or a range, and what stands in the cells.

xlwings' own converters walk through every cell of every argument on every call,
which a formula in each of a thousand rows that looks at the whole column can't
afford. So arguments arrive raw, as COM hands them over, and are understood here.
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
from xlflow.meaning.deadline import FixedDeadline
from xlflow.meaning.folding import fold
from xlflow.messages import explain, say
from xlflow.values import shown, value_of

MISSING = -2147352572
"""What COM passes for an argument that was left out (DISP_E_PARAMNOTFOUND)."""

LANGUAGE = "zh"

# Excel's error values are COM error codes: 0x800A0000 and the number that CVErr takes.
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
# Beyond this no text is understood by any reader; a cell may hold 32,767 characters.
_LONGEST = 100
_KEPT = 20_000


class CellRange(NamedTuple):
    """A range: its height and width, and its cells row by row."""

    height: int
    width: int
    cells: Sequence[Any]

    def rows(self, answers: Sequence[Any]) -> list[list[Any]]:
        """Return the answers, one a cell, as rows of this shape."""
        return [list(answers[at : at + self.width]) for at in range(0, len(answers), self.width)]


def absent(given: Any) -> bool:
    """Tell whether an argument was left out, or is a blank cell."""
    return given is None or (type(given) is int and given == MISSING)


def is_range(given: Any) -> bool:
    """Tell whether an argument is a range of cells and not a single value."""
    return isinstance(given, (tuple, list))


def area_of(given: Any) -> CellRange | None:
    """Return the range that an argument is, None for a single value.

    Excel passes a range of several cells as rows of cells, and the array
    constant ``{1,2,3}`` as one row.

    Raises:
        UsageError: the rows differ in length.
    """
    if not is_range(given):
        return None
    rows = given if given and is_range(given[0]) else (given,)
    width = len(rows[0])
    cells = [cell for row in rows for cell in row]
    if len(cells) != len(rows) * width or any(len(row) != width for row in rows):
        raise UsageError("functions.uneven")
    return CellRange(len(rows), width, cells) if cells else CellRange(1, 1, [None])


def line_up(*arguments: Any) -> tuple[CellRange | None, list[Sequence[Any]]]:
    """Return the shape that ranges have in common, and each argument's cells in that shape.

    A single value, or a range of one cell, goes with every cell of the others; a
    row goes with a column of the same length. Without a range the shape is None
    and each argument is one cell.

    Raises:
        UsageError: the ranges differ in size.
    """
    areas = [area_of(argument) for argument in arguments]
    shape = max((a for a in areas if a), key=lambda a: len(a.cells), default=None)
    if shape is None:
        return None, [(argument,) for argument in arguments]
    size = len(shape.cells)
    columns: list[Sequence[Any]] = []
    for argument, area in zip(arguments, areas, strict=True):
        if area is None or len(area.cells) == 1:
            columns.append((area.cells[0] if area else argument,) * size)
        elif area[:2] == shape[:2] or (len(area.cells) == size and 1 in area and 1 in shape[:2]):
            columns.append(area.cells)
        else:
            raise UsageError("functions.uneven")
    return shape, columns


def each(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return a function's answer, or rows of answers where a range is among the arguments."""
    if not any(map(is_range, arguments)):
        return answer(function, *arguments)
    shape, columns = line_up(*arguments)
    answers = [answer(function, *cells) for cells in zip(*columns, strict=True)]
    return shape.rows(answers) if shape else answers[0]


def answer(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Return what a function answers, in words where it can't: a cell never shows an exception."""
    try:
        return function(*arguments, **named)
    except XlflowError as error:
        return explain(error, LANGUAGE)
    except Exception:  # whatever a cell may hold, Excel gets an answer
        return say("functions.not_understood", LANGUAGE)


def content(given: Any) -> CellValue:
    """Return what a cell holds, as the readers of workbooks know it.

    Numbers are rounded to the 15 digits that Excel keeps, moments to the second.
    Midnight is a date alone: Excel can't tell the two apart.
    """
    if isinstance(given, str):
        return given.strip()[:_LONGEST]
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, int):
        if given == MISSING:
            return None
        if given in _ERRORS:
            return ErrorValue(_ERROR_NAMES.get(given - _FIRST_ERROR + 2000, "#ERROR!"))
        return Decimal(given)
    if isinstance(given, float) and math.isfinite(given):
        return Decimal(f"{given:.15g}")
    if isinstance(given, Decimal) and given.is_finite():
        return given
    if isinstance(given, datetime):
        return _moment(given)
    return given if isinstance(given, date) else ErrorValue("#VALUE!")


def reader(column: Column) -> Callable[..., Value]:
    """Return the function that reads what was given as the column's cells are read.

    ``year`` completes dates typed without one. Days in years that no deadline
    lies in are no dates; a zero is what a blank cell becomes on its way through
    another formula, save where days are counted. Columns repeat themselves, and
    Excel asks again at each recalculation, so what was read is remembered.
    """
    counts = column.kind is Kind.DAYS
    choices = {fold(n) for o in column.choices for n in (o.zh, o.en, *o.aliases)}
    if choices:
        choices.add("")

    # typed: TRUE, 1 and 1.0 are equal, but don't mean the same.
    @lru_cache(maxsize=_KEPT, typed=True)
    def read(given: Any, year: int | None = None) -> Value:
        held = content(given)
        if isinstance(held, Decimal) and not held and not counts:
            held = None
        cell = Cell(1, 1, held)
        if choices and fold(shown(held)) not in choices:
            # Said at once: looking for the choice that was meant takes the most time of all.
            return Value(cell, problem="not_a_choice")
        value = value_of(column, cell, year=year)
        day = value.value.value if isinstance(value.value, FixedDeadline) else value.value
        if isinstance(day, date) and day.year not in PLAUSIBLE_YEARS:
            return Value(cell, problem="not_a_date")
        return value

    return read


def _moment(given: datetime) -> date | datetime:
    # COM's time is a subclass with a time zone that means nothing, and off by microseconds.
    whole = datetime(given.year, given.month, given.day, given.hour, given.minute, given.second)
    if given.microsecond >= 500_000 and whole.year in PLAUSIBLE_YEARS:
        whole += timedelta(seconds=1)
    return whole if whole.hour or whole.minute or whole.second else whole.date()
