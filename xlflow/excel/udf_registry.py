"""Declares worksheet functions, with the descriptions that Excel's function wizard shows.

The descriptions are in Chinese, for users, and have at most 255 characters, Excel's
limit. The VBA wrappers don't contain them: the build writes :data:`FUNCTIONS` into a
hidden sheet, and VBA sets them from there (``MacroOptions``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import xlwings as xw
from xlwings.conversion.standard import RawValueAccessor

from xlflow.excel.udf_arguments import call_safely, with_formats

CATEGORY = "营销流程"
MAX_DESCRIPTION = 255

CELLS = "xlflow_cells"
"""The name by which xlwings knows how arguments are read."""

Function = TypeVar("Function", bound=Callable[..., Any])


class FunctionDescription(NamedTuple):
    """The description of a worksheet function and of its arguments, in their order."""

    name: str
    summary: str
    arguments: Mapping[str, str]


class CellAccessor(RawValueAccessor):
    """Reads an argument as Excel passes it, its numbers with the formats of their cells."""

    @classmethod
    def reader(cls, options: Any) -> Any:
        """Return the steps of reading."""
        return RawValueAccessor.reader(options).append_stage(_keep_formats)  # type: ignore[no-untyped-call]


CellAccessor.register(CELLS)  # type: ignore[no-untyped-call]


def _keep_formats(context: Any) -> None:
    if context.range is None:
        return
    # A cell without its format is still a number, so no failure of Excel's may cost the answer.
    with suppress(Exception):
        context.value = with_formats(context.value, context.range)


FUNCTIONS: dict[str, FunctionDescription] = {}
"""Every worksheet function, by name."""


def worksheet_function(**arguments: str) -> Callable[[Function], Function]:
    """Register a function as a worksheet function; ``arguments`` describes each argument.

    The function's docstring is its description. An exception in a call becomes a text.

    Raises:
        TypeError: Excel wouldn't accept the declaration.
    """

    def declare(function: Function) -> Function:
        name = function.__name__
        summary = "".join(inspect.getdoc(function).splitlines())  # type: ignore[union-attr]
        if list(arguments) != list(inspect.signature(function).parameters):
            raise TypeError(f"{name}: describe each argument, in their order")
        if any(not text or len(text) > MAX_DESCRIPTION for text in (summary, *arguments.values())):
            raise TypeError(f"{name}: a description is 1 to {MAX_DESCRIPTION} characters long")

        @wraps(function)
        def safe(*positional: Any, **named: Any) -> Any:
            return call_safely(function, *positional, **named)

        safe.__doc__ = summary
        FUNCTIONS[name] = FunctionDescription(name, summary, arguments)
        declared: Any = safe
        for argument, text in arguments.items():
            declared = xw.arg(argument, CELLS, doc=text)(declared)
        # Last, because xw.arg resets the category.
        return xw.func(category=CATEGORY)(declared)  # type: ignore[no-any-return]

    return declare
