"""The data validation of a new workbook's cells: lists to choose from, and warnings.

Only choices are enforced. Everything else warns and can be kept, because people
write ``6月底`` or ``5000条`` and xlflow understands them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from xlflow.columns import Column, Kind
from xlflow.config import Settings
from xlflow.messages import say

MAX_TEXT = 255
"""The characters of a list within the validation itself, and of an error message."""


def data_validation(
    column: Column, cell: str, language: str, settings: Settings
) -> dict[str, Any] | None:
    """Return the data validation of a column as XlsxWriter takes it, None without one.

    ``cell`` is the address of the column's first data cell.
    """
    if column.kind is Kind.CHOICE:
        choices = [option[language] for option in column.choices]
        texts = _error_texts("choice", language, header=column.header[language], choices=choices)
        return {"validate": "list", "source": choices, "error_type": "stop"} | texts
    if column.field == "stage" and _fits_in_list(settings.stages):
        texts = _error_texts("stage", language, choices=settings.stages)
        return {
            "validate": "list",
            "source": list(settings.stages),
            "error_type": "information",
        } | texts
    if column.kind is Kind.DATE:
        bounds: dict[str, Any] = {"minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31)}
        return {"validate": "date", "criteria": "between", **bounds} | _warning("date", language)
    if column.kind is Kind.DAYS:
        longest = settings.longest_days
        bounds = {"minimum": 0, "maximum": longest}
        texts = _warning("days", language, longest=f"{longest:g}")
        return {"validate": "decimal", "criteria": "between", **bounds} | texts
    if column.kind is Kind.QUANTITY:
        digit = f'SUMPRODUCT(--ISNUMBER(FIND(MID("0123456789",ROW($1:$10),1),{cell})))>0'
        return {"validate": "custom", "value": f"={digit}"} | _warning("quantity", language)
    if column.kind is Kind.MONTH:
        typed = f'OR(ISNUMBER({cell}),AND(LEN({cell})=7,MID({cell},5,1)="-"))'
        return {"validate": "custom", "value": f"={typed}"} | _warning("month", language)
    return None


def _fits_in_list(choices: Sequence[str]) -> bool:
    return bool(choices) and "," not in "".join(choices) and len(",".join(choices)) <= MAX_TEXT


def _warning(name: str, language: str, **facts: Any) -> dict[str, Any]:
    return {"error_type": "warning"} | _error_texts(name, language, **facts)


def _error_texts(
    name: str, language: str, choices: Sequence[str] = (), **facts: Any
) -> dict[str, Any]:
    listed = (", " if language == "en" else "、").join(choices)
    message = say(f"template.{name}_error", language, choices=listed, **facts)
    return {
        "error_title": say(f"template.{name}_title", language),
        # Only a long register of stages reaches the limit.
        "error_message": message if len(message) <= MAX_TEXT else message[: MAX_TEXT - 1] + "…",
    }
