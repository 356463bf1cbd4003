"""How a cell's content, or a fact in a sentence, is shown to people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from xlflow.columns import Words
from xlflow.meaning.quantity import Quantity, format_quantity
from xlflow.values import shown

_LONGEST = 40


def fact(value: Any) -> Any:
    """Return a fact of a sentence as JSON holds it: a short text on one line, or a number.

    Words become a mapping with a text for each language, which the sentence in
    that language picks from: ``{weekday[zh]}``.
    """
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, int):
        return value
    if isinstance(value, Quantity):
        return format_quantity(value)
    if isinstance(value, (list, tuple)):
        return "、".join(value)
    if isinstance(value, (Decimal, date)):
        return shown(value)
    return _short(value)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
