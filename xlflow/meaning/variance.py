"""差异率: how far the actual value lies from the target, and how it is written and judged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import NamedTuple, TypeGuard

from xlflow.meaning.folding import fold
from xlflow.meaning.quantity import PERCENT, Quantity, parse_typed_quantity

LOWER_IS_BETTER = "越低越好"

_WHOLE_PERCENT = Decimal("0.01")
# Untrapped: absurd numbers end as infinity, which is caught, not as an exception.
_ARITHMETIC = Context(prec=34, rounding=ROUND_HALF_UP, traps=[])


class NotComputable(StrEnum):
    """Why there is no deviation though there is an actual value."""

    TARGET_BLANK = "target_blank"
    TARGET_ZERO = "target_zero"
    NOT_A_NUMBER = "not_a_number"
    UNIT_MISMATCH = "unit_mismatch"


_REASONS = {
    NotComputable.TARGET_BLANK: ("目标值为空", "target is blank"),
    NotComputable.TARGET_ZERO: ("目标值为零", "target is zero"),
    NotComputable.NOT_A_NUMBER: ("不是数字", "not a number"),
    NotComputable.UNIT_MISMATCH: ("单位不一致", "units differ"),
}


class OwnDeviation(NamedTuple):
    """A deviation that a person wrote, and half of what its last digit leaves open."""

    value: Decimal
    tolerance: Decimal


def variance(
    target: Quantity | str | None, actual: Quantity | str | None
) -> Decimal | NotComputable | None:
    """Return (actual - target) / |target|, signed; 0.25 is +25 %.

    Against a loss of 100 one of 50 is +50 %, which is better.

    A ``str`` is text that isn't a number. None while ``actual`` is blank: the
    campaign is still running. A bare number against a percentage is a mismatch
    (10 may mean 10 % or 1000 %); against any other unit it is computed, and
    :func:`bare_beside_unit` says that a remark is due.
    """
    if _blank(actual):
        return None
    if _blank(target):
        return NotComputable.TARGET_BLANK
    if not (_is_number(target) and _is_number(actual)):
        return NotComputable.NOT_A_NUMBER
    if target.unit != actual.unit and not bare_beside_unit(target, actual):
        return NotComputable.UNIT_MISMATCH
    if not target.amount:
        return NotComputable.TARGET_ZERO
    difference = _ARITHMETIC.subtract(actual.amount, target.amount)
    deviation = _ARITHMETIC.divide(difference, abs(target.amount))
    return deviation if deviation.is_finite() else NotComputable.NOT_A_NUMBER


def bare_beside_unit(target: Quantity | str | None, actual: Quantity | str | None) -> bool:
    """Return whether exactly one of the two lacks a unit, and the other's isn't a percentage."""
    if not (isinstance(target, Quantity) and isinstance(actual, Quantity)):
        return False
    units = {target.unit, actual.unit}
    return len(units) == 2 and "" in units and PERCENT not in units


def deviation_text(deviation: Decimal) -> str:
    """Return a signed whole percentage, rounded half away from zero: ``-16%``, ``+25%``, ``0%``."""
    percents = _ARITHMETIC.scaleb(deviation, Decimal(2))
    if percents.adjusted() > 30:
        return f"{percents:+.2E}%"
    whole = int(percents.to_integral_value(ROUND_HALF_UP))
    return f"{whole:+d}%" if whole else "0%"


def reason_text(reason: NotComputable, language: str) -> str:
    """Return what the cell says instead of a deviation: ``无法计算：目标值为零``."""
    zh, en = _REASONS[reason]
    return f"not computable: {en}" if language == "en" else f"无法计算：{zh}"


def parse_deviation(value: str | Decimal) -> OwnDeviation | None:
    """Read a person's own deviation, a text such as ``-16%`` or a number such as -0.16.

    Its precision is that of the digits given, but never coarser than a whole
    percent: a 0 or 0.2 in a cell shown as a percentage isn't a rounded 30 %.
    """
    if isinstance(value, str):
        typed = parse_typed_quantity(value)
        if typed is None or typed.approximate or typed.quantity.unit not in ("", PERCENT):
            return None
        quantity = typed.quantity
        number = quantity.amount
        fraction = fold(value).partition(".")[2]
        decimals = sum(sign.isdigit() for sign in fraction) + 2 * (quantity.unit == PERCENT)
    else:
        if not value.is_finite():
            return None
        number = value
        decimals = -min(int(value.as_tuple().exponent), 0)
    last_digit = min(Decimal(1).scaleb(-min(decimals, 40)), _WHOLE_PERCENT)
    return OwnDeviation(number, last_digit / 2)


def agrees(own: OwnDeviation, computed: Decimal) -> bool:
    """Return whether ``computed``, rounded as the person rounded, is what the person wrote.

    Both roundings of an exact half agree.
    """
    return abs(_ARITHMETIC.subtract(own.value, computed)) <= own.tolerance


def is_bad(deviation: Decimal, direction: str | None) -> bool:
    """Return whether the deviation is on the wrong side; higher is better unless said otherwise."""
    return deviation > 0 if direction == LOWER_IS_BETTER else deviation < 0


def is_ratio(metric: str, words: Iterable[str]) -> bool:
    """Return whether a metric is a ratio by its name, so that its values can't be added.

    Words of Latin letters count as whole words: ROI in ``投放ROI``, not in ``heroic``.
    """
    name = fold(metric)
    return any(
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", name)
        if word.isascii()
        else word in name
        for word in map(fold, words)
        if word
    )


def _blank(value: Quantity | str | None) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_number(value: Quantity | str | None) -> TypeGuard[Quantity]:
    return isinstance(value, Quantity) and value.amount.is_finite()
