"""How a worksheet function is declared, and what Excel's function wizard shows of it.

Words in Chinese, since the wizard speaks to the user. Excel takes at most 255
characters for a description. Wrappers that are built beforehand don't carry the
words: who builds a workbook sets them from :data:`FUNCTIONS` (``MacroOptions``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import xlwings as xw

from xlflow.excel.udf_arguments import answer

CATEGORY = "营销流程"
LONGEST = 255

Function = TypeVar("Function", bound=Callable[..., Any])


class Described(NamedTuple):
    """A worksheet function as the wizard shows it; ``arguments`` in the order of the formula."""

    name: str
    summary: str
    arguments: Mapping[str, str]


FUNCTIONS: dict[str, Described] = {}
"""Every worksheet function, by name."""


def worksheet_function(**arguments: str) -> Callable[[Function], Function]:
    """Make a function one that cells can call; ``arguments`` says what each argument is.

    Its docstring is its description. Whatever it is given, it answers: an
    exception becomes a text. A declaration that Excel wouldn't take fails at import.
    """

    def declare(function: Function) -> Function:
        name = function.__name__
        summary = "".join(inspect.getdoc(function).splitlines())  # type: ignore[union-attr]
        if list(arguments) != list(inspect.signature(function).parameters):
            raise TypeError(f"{name}: describe each argument, in their order")
        if any(not text or len(text) > LONGEST for text in (summary, *arguments.values())):
            raise TypeError(f"{name}: a description is 1 to {LONGEST} characters long")

        @wraps(function)
        def answered(*given: Any, **named: Any) -> Any:
            return answer(function, *given, **named)

        answered.__doc__ = summary
        FUNCTIONS[name] = Described(name, summary, arguments)
        declared: Any = answered
        for argument, text in arguments.items():
            declared = xw.arg(argument, "raw", doc=text)(declared)
        # Last: each of the others would put the category back to xlwings' own.
        return xw.func(category=CATEGORY)(declared)  # type: ignore[no-any-return]

    return declare
