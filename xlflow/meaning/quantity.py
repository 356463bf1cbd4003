"""Numbers with their units, as text (``1.2万条``, ``8%``) or dressed by a number format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from xlflow.meaning.folding import fold

PERCENT = "%"

_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_CURRENCIES = {
    **dict.fromkeys(("¥", "rmb", "cny", "人民币", "元"), "元"),
    **dict.fromkeys(("$", "us$", "usd", "美元"), "美元"),
    **dict.fromkeys(("€", "eur", "欧元"), "欧元"),
    **dict.fromkeys(("£", "gbp", "英镑"), "英镑"),
    **dict.fromkeys(("hk$", "hkd", "港币", "港元"), "港元"),
}
_PREFIX = "|".join(re.escape(sign) for sign in sorted(_CURRENCIES, key=len, reverse=True))
_UNIT = r"[a-z\u3400-\u9fff]{1,8}[23]?(?:/[a-z\u3400-\u9fff]{1,4})?"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)(?P<currency>{_PREFIX})?(?P<inner>[+-]?)"
    r"(?P<digits>\d{1,3}(?:,\d{3}){1,9}(?:\.\d{0,30})?|\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})"
    r"(?P<exponent>e[+-]?\d{1,2}(?!\d))?"
    rf"(?:(?P<share>[%‰])|(?P<scale>[十百千]?[万亿]?亿?)(?: ?(?P<unit>{_UNIT}|[$€£¥]))?)",
    re.ASCII,
)
# What makes a unit of a number into a bound, a guess or a difference, and letters
# of which nobody can say whether they are a unit or a factor.
_UNCERTAIN = re.compile(
    r"以|左右|上下|之|不|多|余|约|超|至|到|及|或|内|分点|百分|^[kwmb]$|^[kwmb](?=[^a-z\d])|^几"
)
_MINUS = str.maketrans("−–﹣", "---")
# The usual case, in which the number and what follows it can be read apart.
_PLAINLY_TYPED = re.compile(r"(\d{1,15}(?:\.\d{1,10})?)([%\u4e00-\u9fff]{0,8})", re.ASCII)
_SMALLEST, _LARGEST = -30, 30


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount and what it counts.

    ``unit`` is ``""`` for a bare number, ``"%"`` for a percentage, whose
    ``amount`` is the fraction (8% → 0.08), else the folded unit (條 → ``条``);
    currencies are named in Chinese (¥ → ``元``).
    """

    amount: Decimal
    unit: str = ""


def parse_quantity(text: str) -> Quantity | None:
    """Return what ``text`` says, or None where it isn't one number with at most a unit.

    Only what is certain is read: ``约5000``, ``5000条以上``, ``3-5条`` and
    ``5k`` aren't numbers, nor is anything beyond 10³⁰.
    """
    if plain := _PLAINLY_TYPED.fullmatch(text):
        one = _one(plain[2])
        return one and Quantity(_tidy(Decimal(plain[1]) * one.amount), one.unit)
    return _parse(text)


@lru_cache(maxsize=4096)
def _one(suffix: str) -> Quantity | None:
    """Return what 1 with a unit is: a column has a thousand numbers and one unit."""
    return _parse(f"1{suffix}")


def _parse(text: str) -> Quantity | None:
    if len(text) > 80:
        return None
    match = _NUMBER.fullmatch(fold(text).translate(_MINUS).removesuffix("。"))
    if match is None or (match["sign"] and match["inner"]):
        return None
    unit = _unit(match["currency"], match["unit"])
    if unit is None or (match["share"] and match["currency"]):
        return None
    amount = Decimal(match["digits"].replace(",", "") + (match["exponent"] or ""))
    if amount and not _SMALLEST <= amount.adjusted() <= _LARGEST:
        return None
    if "-" in (match["sign"], match["inner"]):
        amount = -amount
    if match["share"]:
        return Quantity(_tidy(amount.scaleb(-2 if match["share"] == "%" else -3)), PERCENT)
    for scale in match["scale"] or "":
        amount *= _SCALES[scale]
    return Quantity(_tidy(amount), unit)


def quantity_of_number(number: Decimal, number_format: str) -> Quantity:
    """Return what a numeric cell says under its number format.

    0.08 under ``0%`` is a percentage, 5000 under ``#,##0"条"`` counts 条. A
    factor among the letters counts (1.2 under ``0.0"万"`` is 12,000) unless the
    format itself shrinks what it shows (``0!.0,"万"``, ``0.0,"k"``): scaling
    commas change the display, not the number.
    """
    if not number.is_finite():
        return Quantity(number)
    return _dressed(number, _section(number, number_format))


def format_quantity(quantity: Quantity) -> str:
    """Return the quantity in words that :func:`parse_quantity` reads back: ``8%``, ``4200条``."""
    if quantity.unit == PERCENT:
        return f"{_plain(quantity.amount.scaleb(2))}%"
    return f"{_plain(quantity.amount)}{quantity.unit}"


def _plain(amount: Decimal) -> str:
    if not amount.is_finite() or abs(amount.adjusted()) > 2 * _LARGEST:
        return str(amount)
    return f"{_tidy(amount):f}"


def _tidy(amount: Decimal) -> Decimal:
    """Drop trailing zeros: 12000.0 → 12000."""
    if amount == amount.to_integral_value():
        return amount.quantize(Decimal(1)) if amount.adjusted() < 27 else amount
    return amount.normalize()


def _unit(currency: str | None, unit: str | None) -> str | None:
    """Return the unit's one name, None where it is in doubt or the two contradict."""
    unit = unit or ""
    if _UNCERTAIN.search(unit):
        return None
    named = _CURRENCIES.get(unit, unit)
    if currency is None:
        return named
    return _CURRENCIES[currency] if named in ("", _CURRENCIES[currency]) else None


class _Section(NamedTuple):
    """One section of a number format, taken apart.

    ``before`` and ``after`` are the letters around the digits; ``share`` is set
    by a percent sign that multiplies, ``shrunk`` where commas or an escaped
    point make the display smaller than the number.
    """

    condition: tuple[str, Decimal] | None
    digits: bool
    share: bool
    shrunk: bool
    before: str
    after: str


_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?'
    r"|[\\!](?P<escaped>.)"
    r"|\[(?P<bracket>[^\]]*)\]?"
    r"|[_*].?"
    r"|(?P<end>;)"
    r"|(?P<general>General|G/通用格式)"
    r"|(?P<digits>[0#?](?:[0#?,. ]|[eE][+-](?=[0#?]))*)"
    r"|(?P<share>%)"
    r"|(?P<date>[yYmMdDhHsS]+|AM/PM|@)"
    r"|(?P<literal>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d{1,20}(?:\.\d{1,20})?)", re.ASCII)
_PLAIN = _Section(None, True, False, False, "", "")


def _section(number: Decimal, number_format: str) -> _Section:
    sections = _sections(number_format)
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _holds(number, *section.condition):
                return section
        return _PLAIN
    if number < 0 and len(sections) > 1:
        return sections[1]
    if number == 0 and len(sections) > 2 and sections[2].digits:
        return sections[2]
    return sections[0]  # also for a zero that shows as "-"


def _holds(number: Decimal, sign: str, bound: Decimal) -> bool:
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
        "=": number == bound,
        "<>": number != bound,
    }[sign]


@lru_cache(maxsize=1024)
def _sections(number_format: str) -> tuple[_Section, ...]:
    sections: list[_Section] = []
    tokens: list[re.Match[str]] = []
    for token in _TOKEN.finditer(number_format[:255]):
        if token["end"]:
            sections.append(_read_section(tokens))
            tokens = []
        else:
            tokens.append(token)
    return (*sections, _read_section(tokens))


def _read_section(tokens: list[re.Match[str]]) -> _Section:
    condition = None
    letters = ["", ""]
    digits = share = shrunk = dated = escaped_point = False
    for token in tokens:
        bracket = token["bracket"]
        if bracket is not None:
            if bracket.startswith("$"):
                letters[digits] += bracket[1:].partition("-")[0]
            elif rule := _CONDITION.fullmatch(bracket):
                condition = (rule[1], Decimal(rule[2]))
        elif token["digits"] or token["general"]:
            # Letters between two groups of digits are neither before nor after them.
            shrunk |= escaped_point or (token["digits"] or "").rstrip(" ").endswith(",")
            letters[1] = ""
            digits = True
        elif token["share"]:
            share = True
        elif token["date"]:
            dated = True
        else:
            text = token["quoted"] or token["escaped"] or token["literal"] or ""
            escaped_point |= digits and text == "."
            letters[digits] += text
    before, after = (fold(text) for text in letters)
    return _Section(condition, digits and not dated, share, shrunk, before, after)


def _dressed(number: Decimal, section: _Section) -> Quantity:
    if not section.digits:
        return Quantity(number)
    if section.share:
        return Quantity(number, PERCENT)
    currency = section.before.strip("+-() ")
    clothes = f"{currency if currency in _CURRENCIES else ''}1{section.after.strip('() ')}"
    shown = parse_quantity(clothes)
    if shown is None:
        return Quantity(number)
    if section.shrunk and shown.unit != PERCENT:
        return Quantity(number, shown.unit)
    factor = shown.amount
    return Quantity(number if factor == 1 else _tidy(number * factor), shown.unit)
