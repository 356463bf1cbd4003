"""Writing cells into a workbook that is open in a running Excel, through xlwings.

Both who write there use this: a pass that shows flags in an open workbook, and the
ribbon. Nothing is saved, selected or recalculated, and no formula is overwritten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, Protocol, TypeVar

from xlflow.facts import CellContent, Position

Answer = TypeVar("Answer")

_ESCAPED_STARTS = ("=", "+", "-", "@", "'", *"0123456789")
_SWITCHES = ("screen_updating", "enable_events")
_RESTORE_PAUSES = (0.1, 0.4, 1.5)  # seconds between attempts


class Call(Protocol):
    """How calls to Excel are made: once, or repeatedly while it is busy."""

    def __call__(self, action: Callable[[], Answer], /) -> Answer:
        """Return what the action returns."""


def call_once(action: Callable[[], Answer], /) -> Answer:
    """Call Excel once and let every error through."""
    return action()


class ExcelWriter:
    """Writes into the sheets (``xlwings.Sheet``) of one running Excel (``xlwings.App``)."""

    def __init__(self, app: Any, call: Call = call_once) -> None:
        self._app = app
        self._call = call

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Turn off screen updating and events, so that nothing flickers and no macro runs."""
        with ExitStack() as stack:
            for name in _SWITCHES:
                value = self._call(partial(getattr, self._app, name))
                stack.callback(self._restore, name, value)
                self._call(partial(setattr, self._app, name, False))
            yield

    def write_cells(self, sheet: Any, cells: Mapping[Position, CellContent]) -> None:
        """Write cells, never over a formula, column after column as ``cells`` has them.

        A column is written in one range from its first cell to its last, because every
        call to Excel takes about a millisecond. Cells in between keep their content.
        """
        for top, column, values in self._ranges(sheet, cells):
            self.write_range(sheet, top, column, values)

    def write_range(self, sheet: Any, row: int, column: int, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of values in one call, their upper left corner at row and column."""
        last = (row + len(rows) - 1, column + len(rows[0]) - 1)
        values = [[excel_value(value) for value in each] for each in rows]

        def write() -> None:
            sheet.range((row, column), last).value = values

        self._call(write)

    def _ranges(
        self, sheet: Any, cells: Mapping[Position, CellContent]
    ) -> Iterator[tuple[int, int, list[list[Any]]]]:
        """Yield (first row, column, rows of values), split where a cell can't be rewritten.

        Those are formulas, and dates and booleans between the cells.
        """
        for column in dict.fromkeys(column for _, column in cells):
            numbers = [row for row, c in cells if c == column]
            first, last = min(numbers), max(numbers)
            values: list[list[Any]] = []
            present, formulas = self._read_column(sheet, first, last, column)
            for row, value, formula in zip(range(first, last + 1), present, formulas, strict=True):
                rewritable = (row, column) in cells or _is_text_or_number(value)
                if rewritable and not str(formula).startswith("="):
                    values.append([cells.get((row, column), value)])
                elif values:
                    yield row - len(values), column, values
                    values = []
            if values:
                yield last + 1 - len(values), column, values

    def _read_column(
        self, sheet: Any, first: int, last: int, column: int
    ) -> tuple[list[Any], list[Any]]:
        """Return the values and the formulas of the rows of a column."""
        span = sheet.range((first, column), (last, column))
        values: list[Any] = self._call(lambda: span.options(ndim=1).value)
        formulas = self._call(lambda: span.formula)
        return values, [formulas] if isinstance(formulas, str) else [row[0] for row in formulas]

    def _restore(self, name: str, value: bool) -> None:
        """Set a switch back, in several attempts: left off, Excel would seem to hang."""
        restore = partial(setattr, self._app, name, value)
        for pause in _RESTORE_PAUSES:
            with suppress(Exception):
                return self._call(restore)
            time.sleep(pause)
        return self._call(restore)


def excel_value(value: Any) -> Any:
    """Return a value in the form in which Excel stores it unchanged.

    Excel treats a text as if it were typed, and makes a formula, a number or a date of
    some; a leading apostrophe keeps it a text.
    """
    if isinstance(value, str) and value.startswith(_ESCAPED_STARTS):
        return "'" + value
    return value if value is None or isinstance(value, str) else float(value)


def _is_text_or_number(value: Any) -> bool:
    """Return whether a cell's value can be written back as it was read."""
    return isinstance(value, str | int | float | None) and not isinstance(value, bool)
