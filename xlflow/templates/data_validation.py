"""What a cell of a new workbook says while somebody types: choices to pick, slips to reconsider.

Only choices are held to. Everything else warns and lets pass, since ``6月底`` and
``5000条`` are what people write, and xlflow reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from xlflow.columns import Column, Kind
from xlflow.config import Settings
from xlflow.messages import say

LONGEST_LIST = 255
"""Excel's limit for a list that is written into the validation itself."""


def data_validation(
    column: Column, cell: str, language: str, settings: Settings
) -> dict[str, Any] | None:
    """Return the data validation of a column as XlsxWriter takes it; None where anything goes.

    ``cell`` is the address of the column's first data cell.
    """
    if column.kind is Kind.CHOICE:
        words = [option[language] for option in column.choices]
        said = _said("choice", language, header=column.header[language], choices=words)
        return {"validate": "list", "source": words, "error_type": "stop"} | said
    if column.field == "stage" and _listable(settings.stages):
        said = _said("stage", language, choices=settings.stages)
        return {
            "validate": "list",
            "source": list(settings.stages),
            "error_type": "information",
        } | said
    if column.kind is Kind.DATE:
        between = {"minimum": date(2000, 1, 1), "maximum": date(2099, 12, 31)}
        return {"validate": "date", "criteria": "between", **between} | _warning("date", language)
    if column.kind is Kind.DAYS:
        longest = settings.longest_days
        between_days = {"minimum": 0, "maximum": longest}
        said = _warning("days", language, longest=f"{longest:g}")
        return {"validate": "decimal", "criteria": "between", **between_days} | said
    if column.kind is Kind.QUANTITY:
        digit = f'SUMPRODUCT(--ISNUMBER(FIND(MID("0123456789",ROW($1:$10),1),{cell})))>0'
        return {"validate": "custom", "value": f"={digit}"} | _warning("quantity", language)
    if column.kind is Kind.MONTH:
        typed = f'OR(ISNUMBER({cell}),AND(LEN({cell})=7,MID({cell},5,1)="-"))'
        return {"validate": "custom", "value": f"={typed}"} | _warning("month", language)
    return None


def _listable(words: Sequence[str]) -> bool:
    return bool(words) and "," not in "".join(words) and len(",".join(words)) <= LONGEST_LIST


def _warning(name: str, language: str, **facts: Any) -> dict[str, Any]:
    return {"error_type": "warning"} | _said(name, language, **facts)


def _said(name: str, language: str, choices: Sequence[str] = (), **facts: Any) -> dict[str, Any]:
    listed = (", " if language == "en" else "、").join(choices)
    message = say(f"template.{name}_error", language, choices=listed, **facts)
    return {
        "error_title": say(f"template.{name}_title", language),
        # Excel's limit; only a long register of stages reaches it.
        "error_message": message if len(message) <= 255 else message[:254] + "…",
    }
