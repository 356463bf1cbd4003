"""Numbers with their units, as text (``1.2万条``, ``8%``) or dressed by a number format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from xlflow.meaning.folding import fold

PERCENT = "%"

_SCALES = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "k": 1000, "w": 10**4}
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
    r"(?:(?P<share>[%‰])|(?P<scale>[kw](?![a-z])|[十百千]?[万亿]?亿?)"
    rf"(?: ?(?P<unit>{_UNIT}|[$€£¥]))?)",
    re.ASCII,
)
# What makes a unit of a number into a bound, a guess or a difference, and letters
# of which nobody can say whether they are a unit or a factor.
_UNCERTAIN = re.compile(
    r"以|左右|上下|之|不|多|余|约|超|至|到|及|或|内|分点|百分|^[mb]$|^[mb](?=[^a-z\d])|^几"
)
# Words around a number that leave it the number, some of them as an estimate.
_BOUND = re.compile(r"(?:≥|≧|⩾|>=|=>|≤|≦|⩽|<=|=<|[>＞<＜])(?=[\d.+$¥€£-])")
_ABOUT = re.compile(
    r"(?:大约|大概|大致|约为?|近|将近|接近|不[低少]于|不[高多]于|不超过|至少|至多|最少|最多)(?=[\d.$¥€£-])"
)
_OR_SO = re.compile(r"(?:左右|上下|及?以上|及?以下|以内|之内|\+)$")
_AND_SOME = re.compile(r"(?<=[\d十百千万亿kw])[多余](?=[^\d多余]|$)")
# 1千2百 and 1万2千: parts that grow smaller, each with its scale.
_PARTS = re.compile(
    r"(?P<sign>-?)(?:(?P<yi>\d{1,4})亿)?(?:(?P<wan>\d{1,4})(?P<wan_scale>[十百千]?)万)?(?:(?P<qian>\d)千)?(?:(?P<bai>\d)百)?"
    r"(?:(?P<shi>\d)十)?(?P<unit>[^\d.,%‰十百千万亿].{0,8})?",
    re.ASCII,
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


class TypedQuantity(NamedTuple):
    """A quantity as typed; ``approximate`` where words make it an estimate or a bound."""

    quantity: Quantity
    approximate: bool = False


def parse_quantity(text: str) -> Quantity | None:
    """Return what ``text`` says, or None where it isn't one number with at most a unit.

    A range (``80-90``, ``3-5条``) isn't one number, nor is anything beyond 10³⁰.
    """
    typed = parse_typed_quantity(text)
    return typed and typed.quantity


def parse_typed_quantity(text: str) -> TypedQuantity | None:
    """Return what ``text`` says as :func:`parse_quantity` does, and whether as an estimate.

    ``≥90%`` is 90 %, as a target usually is a bound; ``90%以上``, ``5000+`` and
    ``约5000`` are estimates.
    """
    if plain := _PLAINLY_TYPED.fullmatch(text):
        one = _one(plain[2])
        if one:
            return TypedQuantity(Quantity(_tidy(Decimal(plain[1]) * one.amount), one.unit))
    if (quantity := _parse(text)) is not None:
        return TypedQuantity(quantity)
    if len(text) > 80:
        return None
    folded = _BOUND.sub("", fold(text).translate(_MINUS), count=1)
    rest = _OR_SO.sub("", _ABOUT.sub("", folded, count=1), count=1)
    certain = rest == folded
    rest = _AND_SOME.sub("", rest, count=1)
    found = _parse(rest) or _in_parts(rest)
    if found is None:
        return None
    return TypedQuantity(found, approximate=not certain or rest != folded)


def _in_parts(folded: str) -> Quantity | None:
    """Return 1200 for ``1千2百``, None where there aren't at least two parts."""
    match = _PARTS.fullmatch(folded)
    scales = {"yi": 10**8, "wan": 10**4, "qian": 1000, "bai": 100, "shi": 10}
    if match is None:
        return None
    scales["wan"] *= _SCALES[match["wan_scale"] or ""]
    parts = [int(match[name]) * scale for name, scale in scales.items() if match[name]]
    if len(parts) < 2:
        return None
    unit = _unit(None, match["unit"])
    if unit is None or not re.fullmatch(_UNIT, unit or "条"):
        return None
    return Quantity(Decimal(sum(parts)) * (-1 if match["sign"] else 1), unit)


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
    commas change the display, not the number. A percent sign in a second line, which
    isn't seen, only makes up for commas.
    """
    if not number.is_finite():
        return Quantity(number)
    return _dressed(number, _section(number, number_format))


def shown_number(number: Decimal, number_format: str) -> str | None:
    """Return a number as its format shows it, letters included; None for an elaborate format.

    2024.1 under ``0.00`` is ``2024.10``, 202407 under ``0000"年"00"月"`` is ``2024年07月``.
    Signs, percentages, fractions, exponents and scaling aren't shown here.
    """
    if not number.is_finite() or number < 0 or abs(number.adjusted()) > _LARGEST:
        return None
    section = _section(number, number_format)
    if section.pieces is None:
        return None
    whole_places = sum(piece in ("0", "#", "?") for piece, after in section.pieces if not after)
    decimals = sum(piece in ("0", "#", "?") for piece, after in section.pieces if after)
    whole, _, fraction = (
        f"{number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}".partition(".")
    )
    digits = whole.rjust(whole_places, "\0")
    shown: list[str] = []
    left, right = list(digits), list(fraction)
    first = True
    for piece, after in section.pieces:
        if piece not in ("0", "#", "?"):
            shown.append(piece)
        elif after:
            digit = right.pop(0)
            # What a # leaves out can only be zeros at the end.
            shown.append(
                "" if piece == "#" and digit == "0" and not any(d != "0" for d in right) else digit
            )
        else:
            # The first place takes all digits for which there is no other.
            count = len(left) - whole_places + 1 if first else 1
            taken, left, first = left[:count], left[count:], False
            shown.append("".join(taken).replace("\0", "0" if piece == "0" else ""))
    return "".join(shown)


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
    by a percent sign that multiplies, ``hidden_share`` where that stands in a second
    line, ``shrunk`` where commas or an escaped point make the display smaller than the
    number, by 10 to the power ``commas``. ``pieces`` are the places and letters of a
    plain number in their order, with whether they stand after the point.
    """

    condition: tuple[str, Decimal] | None
    digits: bool
    share: bool
    shrunk: bool
    before: str
    after: str
    hidden_share: bool = False
    commas: int = 0
    pieces: tuple[tuple[str, bool], ...] | None = None


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
    digits = share = shrunk = dated = escaped_point = hidden = second_line = False
    commas = 0
    pieces: list[tuple[str, bool]] | None = []
    after_point = False
    for token in tokens:
        bracket = token["bracket"]
        if bracket is not None:
            if bracket.startswith("$"):
                letters[digits] += bracket[1:].partition("-")[0]
                pieces = None
            elif rule := _CONDITION.fullmatch(bracket):
                condition = (rule[1], Decimal(rule[2]))
        elif token["digits"] or token["general"]:
            # Letters between two groups of digits are neither before nor after them.
            placeholders = (token["digits"] or "").rstrip(" ")
            scaling = len(placeholders) - len(placeholders.rstrip(","))
            commas += 3 * scaling
            shrunk |= escaped_point or scaling > 0
            letters[1] = ""
            digits = True
            if token["general"] or scaling or "e" in placeholders.lower() or " " in placeholders:
                pieces = None
            for sign in placeholders:
                if pieces is None:
                    break
                if sign == ".":
                    pieces.append((".", True))
                    after_point = True
                elif sign != ",":
                    pieces.append((sign, after_point))
        elif token["share"]:
            share = True
            hidden |= second_line
            pieces = None
        elif token["date"]:
            dated = True
            pieces = None
        else:
            text = token["quoted"] or token["escaped"] or token["literal"] or ""
            escaped_point |= digits and text == "."
            second_line |= "\n" in text or "\r" in text
            letters[digits] += text
            if pieces is not None:
                pieces.append((text, after_point))
    before, after = (fold(text) for text in letters)
    plain = digits and not dated
    return _Section(
        condition,
        plain,
        share,
        shrunk,
        before,
        after,
        hidden,
        commas,
        tuple(pieces) if plain and pieces is not None else None,
    )


def _dressed(number: Decimal, section: _Section) -> Quantity:
    if not section.digits:
        return Quantity(number)
    currency = section.before.strip("+-() ")
    clothes = f"{currency if currency in _CURRENCIES else ''}1{section.after.strip('() ')}"
    shown = parse_quantity(clothes)
    if section.share:
        scaled = shown is not None and shown.amount != 1
        if section.hidden_share or (section.shrunk and scaled):
            # The percent sign only makes up for a comma too many: 3000000 shown as 300.0万.
            if shown is None:
                return Quantity(number)
            if section.shrunk:
                return Quantity(number, shown.unit)
            return Quantity(_tidy(number * 100 * shown.amount), shown.unit)
        if section.commas:
            return Quantity(_tidy(number.scaleb(-section.commas)), PERCENT)
        return Quantity(number, PERCENT)
    if shown is None:
        return Quantity(number)
    if section.shrunk and shown.unit != PERCENT:
        return Quantity(number, shown.unit)
    factor = shown.amount
    return Quantity(number if factor == 1 else _tidy(number * factor), shown.unit)
