"""Goals and acceptance criteria (验收标准) as far as they can be measured."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from xlflow.meaning.folding import fold
from xlflow.meaning.numerals import NUMERAL, read_numeral
from xlflow.meaning.quantity import PERCENT, Quantity, parse_quantity


class Comparison(StrEnum):
    """How a measured value has to lie to its bound."""

    AT_MOST = "≤"
    AT_LEAST = "≥"
    BELOW = "<"
    ABOVE = ">"


class Measure(NamedTuple):
    """A bound that a text names: ``≤1次`` is (AT_MOST, 1 次)."""

    comparison: Comparison
    bound: Quantity


_COUNTED = (
    "个工作日|个自然日|工作日|自然日|个百分点|个小时|小时|分钟|个月|万元|亿元|人次|场次|"
    "个|份|条|次|天|日|周|人|家|篇|场|元|名|项|件|款|套|轮|组|位|单|户|倍|分|秒|"
    "hours?|days?|weeks?|months?|times?"
)
_AMOUNT = (
    rf"(?P<number>[+-]?\d[\d,]{{0,20}}(?:\.\d{{1,10}})?|{NUMERAL}(?=(?:{_COUNTED})))"
    rf"(?P<unit>[%‰]|[十百千]?[万亿]?(?:(?: ?(?:working |business )?)(?:{_COUNTED}))?)"
)
# Of two that end at the same figure, the earlier one in this list counts: 不低于 before 低于.
_BEFORE = {
    Comparison.AT_MOST: "≤|≦|⩽|<=|=<|不[得能应可]?(?:超过|高于|多于|大于)|至多|最多|控制在|"
    "(?:缩短|缩减|减少|减|降低|降|下降|压缩|压降)[至到]|"
    "at most |(?:no|not) more than |within |(?:reduced?|cut|shortened?|lowered?) to ",
    Comparison.AT_LEAST: "≥|≧|⩾|>=|=>|不[得能应可]?(?:低于|少于|小于)|至少|最少|达[至到]?|"
    "(?:提升|提高|增加|增长|增|上升|扩大)[至到]|"
    "at least |(?:no|not) less than |(?:raised?|increased?|improved?) to ",
    Comparison.BELOW: "<|低于|小于|少于|below |less than |under ",
    Comparison.ABOVE: ">|高于|大于|超过|多于|above |more than ",
}
_AFTER = {
    Comparison.AT_LEAST: "及?以上| or more",
    Comparison.AT_MOST: "及?以下|之内|以内|内(?![容部外测训审涵])| or less| or fewer",
}
_BOUNDS = [
    *((how, re.compile(f"(?:{words}){_AMOUNT}", re.ASCII)) for how, words in _BEFORE.items()),
    *((how, re.compile(f"{_AMOUNT}(?:{words})", re.ASCII)) for how, words in _AFTER.items()),
]
_FIGURE = re.compile(
    rf"\d[\d,]{{0,20}}(?:\.\d{{1,10}})?(?:[%‰]|[十百千]?[万亿]?(?:{_COUNTED})|[万亿])",
    re.ASCII,
)
# Figures that name a day, a year or a quarter measure nothing.
_CALENDAR = re.compile(
    r"\d{2,4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?|\d{1,2}月(?:\d{1,2}[日号])?(?!内)|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|\d{1,2}[日号](?!内)",
    re.ASCII,
)
_LONGEST = 2000


def parse_measure(text: str) -> Measure | None:
    """Return the first bound that a text names with certainty, None where it names none.

    ``≤1次``, ``误差≤5%``, ``3个以上`` (inclusive), ``不超过…``, ``提升至90%``,
    ``缩短至1天``.
    """
    folded = _without_dates(text)
    found: list[tuple[int, Comparison, re.Match[str]]] = []
    for comparison, pattern in _BOUNDS:
        if match := pattern.search(folded):
            found.append((match.start("number"), comparison, match))
    for _, comparison, match in sorted(found, key=lambda bound: bound[0]):
        if bound := _quantity(match):
            return Measure(comparison, bound)
    return None


def measurable(text: str) -> bool:
    """Return whether a text names a bound, or at least a figure that can be counted."""
    return parse_measure(text) is not None or _FIGURE.search(_without_dates(text)) is not None


def holds(measure: Measure, quantity: Quantity) -> bool | None:
    """Return whether a value keeps within the bound; None where their units can't be compared."""
    bound = measure.bound
    units = {bound.unit, quantity.unit}
    if len(units) == 2 and ("" not in units or PERCENT in units):
        return None
    if not quantity.amount.is_finite():
        return None
    return {
        Comparison.AT_MOST: quantity.amount <= bound.amount,
        Comparison.AT_LEAST: quantity.amount >= bound.amount,
        Comparison.BELOW: quantity.amount < bound.amount,
        Comparison.ABOVE: quantity.amount > bound.amount,
    }[measure.comparison]


def _without_dates(text: str) -> str:
    return _CALENDAR.sub(" ", fold(text[:_LONGEST]))


def _quantity(match: re.Match[str]) -> Quantity | None:
    number, unit = match["number"], match["unit"].strip()
    if not number[-1].isdigit():
        number = str(read_numeral(number))
    return parse_quantity(number + unit)
