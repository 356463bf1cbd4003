"""What a cell means in its column: the step from what the file holds to typed values.

One function a kind of column; what people really type is understood here, once,
for reading, for the rows remembered in the store, and for the tests of rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from xlflow.columns import Column, Kind, Owner
from xlflow.config import Settings
from xlflow.facts import Cell, CellValue, ErrorValue, Value
from xlflow.meaning.dates import (
    PLAUSIBLE_YEARS,
    NoSuchDate,
    ParsedDay,
    day_of_serial,
    likely_day,
    parse_day,
    parse_month,
    readings_of_number,
)
from xlflow.meaning.deadline import FixedDeadline, Phrase, parse_phrase
from xlflow.meaning.folding import fold, full_width, nearest
from xlflow.meaning.header_notes import (
    amount_unit,
    counts_days,
    counts_until,
    days_unit,
    deadline_text,
    deadline_unit,
    one_of,
)
from xlflow.meaning.numerals import NUMERAL, read_numeral
from xlflow.meaning.people import split_people
from xlflow.meaning.priority import parse_priority
from xlflow.meaning.quantity import (
    Quantity,
    format_quantity,
    parse_quantity,
    parse_typed_quantity,
    quantity_of_number,
    shown_number,
)
from xlflow.meaning.variance import parse_deviation
from xlflow.schema import DONE, IN_PROGRESS, NOT_STARTED, STATUS

FULL_WIDTH = "full_width"
NUMBER_AS_TEXT = "number_as_text"
YEAR_ASSUMED = "year_assumed"
YEAR_FIRST_SEEN = "year_first_seen"
"""The date follows from the day on which the text was first seen in its cell."""
APPROXIMATE = "approximate"
ESTIMATE = "estimate"
"""A quantity with 约, 以上 or a +, which counts as the number alone."""
ALIAS = "alias"

_PLAIN_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+")
_SECTION_ENDS = re.compile(r'(;)(?=(?:[^"]*"[^"]*")*[^"]*$)')
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,15})?", re.ASCII)
_DAY_UNITS = frozenset(
    ("", "天", "日", "个工作日", "工作日", "个自然日", "自然日", "day", "days", "d")
)
_DAYS_IN_WORDS = re.compile(
    rf"(?P<whole>{NUMERAL})(?:天|个工作日)(?P<half>半)?|(?P<only_half>半)(?:天|日|个工作日)",
    re.ASCII,
)
_NOT_DAYS = re.compile(
    r"(?:[\d.]+|[一二两三四五六七八九十半]+)?(?:个半?)?(?:小?时|钟头|分钟?|周|星期|礼拜|月|季度?|年|刻钟)半?"
    r"|[\d.]+ ?(?:h|hrs?|hours?|min(?:ute)?s?|w|weeks?|months?|years?)"
)
_PROGRESS = re.compile(
    r"(?:已?完成(?:了|度)?|进度|进展)?:?(?P<share>\d{1,3}(?:\.\d{1,2})?)%(?:完成)?", re.ASCII
)
_NEARLY_DONE = re.compile("完|成|结|做好|finish|complet|done")
_PLACEHOLDER = re.compile(
    r"[-‐‑‒–—―─－_]{1,10}|[/／|\\＼]{1,4}|无|暂无|没有|n/a|n\.a\.|待定|待补充?|未定|tbd|tbc|\[?空\]?"
)
_DITTO = frozenset(("同上", "同前", "〃"))
_LONGEST_PLACEHOLDER = 12


class Context(NamedTuple):
    """What a cell's meaning depends on besides the cell.

    ``near`` is the day to which a date typed without its year is brought nearest; ``seen``
    the day on which the text was first seen, whose month ``月底`` ends. ``people`` maps
    other ways of writing somebody to the one name, ``words`` a company's own word, folded,
    to the header, stage or choice that it stands for. ``longest_days`` is the longest
    plausible duration, ``unit`` that of the column's bare numbers (see :func:`header_unit`).
    """

    date1904: bool = False
    near: date | None = None
    seen: date | None = None
    people: Mapping[str, str] = {}
    words: Mapping[str, str] = {}
    longest_days: float = 365.0
    unit: str = ""

    @classmethod
    def of(cls, settings: Settings, seen: date) -> Context:
        """Return the context that the settings make for what is seen on a day."""
        return cls(
            seen=seen,
            people=settings.people,
            words={fold(word).replace(" ", ""): meant for word, meant in settings.words.items()},
            longest_days=settings.longest_days,
        )


_NO_CONTEXT = Context()


def value_of(column: Column, cell: Cell, context: Context = _NO_CONTEXT) -> Value:
    """Return what ``cell`` means in ``column``.

    Never raises: what doesn't fit the column, or can't be true, is a ``Value`` with a
    ``problem``: ``error_value``, ``uncomputed``, ``not_a_number``, ``not_days``,
    ``negative_days``, ``implausible_days``, ``not_a_date``, ``no_such_date``,
    ``implausible_date``, ``two_readings``, ``not_a_choice``, ``not_a_quantity``,
    ``not_a_phrase``, ``not_a_month``. Whatever is counted, summed or compared takes the
    typed value alone, so a value with a problem is in no figure.
    """
    content = cell.value
    text = shown(content)
    if cell.uncomputed:
        return Value(cell, problem="uncomputed", text=text)
    if isinstance(content, ErrorValue):
        return Value(cell, problem="error_value", text=text)
    if content is None or (isinstance(content, str) and _is_blank(column, content)):
        return Value(cell, text=text)
    if column.owner is Owner.XLFLOW:
        return Value(cell, text, text=text)
    value = _READERS[column.kind](column, cell, context)
    if context.unit:
        value = _in_unit(column, value, context.unit)._replace(unit=context.unit)
    return value._replace(text=text)


def is_ditto(content: CellValue) -> bool:
    """Return whether a cell says that it holds what the cell above it holds."""
    return isinstance(content, str) and len(content) <= 4 and fold(content) in _DITTO


def _is_blank(column: Column, text: str) -> bool:
    """Whether a text says nothing: blanks, invisible signs, the guide's own marks, placeholders."""
    if len(text) > _LONGEST_PLACEHOLDER and text[:1].isalnum():
        return False
    folded = fold(text)
    if not folded:
        return True
    if column.owner is not Owner.TEAM or len(folded) > _LONGEST_PLACEHOLDER:
        return False
    return _PLACEHOLDER.fullmatch(folded) is not None or folded in column.blanks


def shown(content: CellValue) -> str:
    """Return a cell's content as text: dates as ISO, numbers without an exponent."""
    if content is None:
        return ""
    if isinstance(content, bool):
        return "TRUE" if content else "FALSE"
    if isinstance(content, Decimal):
        plain = f"{content:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(content, datetime):
        return content.isoformat(" ", "minutes" if not content.second else "seconds")
    return str(content).strip()


def _own_word(text: str, context: Context) -> str:
    """Return what a company's own word stands for, any other text as it is."""
    return context.words.get(fold(text).replace(" ", ""), text) if context.words else text


def _text(column: Column, cell: Cell, context: Context) -> Value:
    text = shown(cell.value)
    if column.field == "stage":
        text = _own_word(text, context)
    return Value(cell, text)


def _people(column: Column, cell: Cell, context: Context) -> Value:
    return Value(cell, split_people(shown(cell.value), context.people) or None)


def _days(column: Column, cell: Cell, context: Context) -> Value:
    value = count_of_days(cell)
    if value.problem is not None:
        return value
    days: Decimal = value.value
    if days < 0:
        return Value(cell, problem="negative_days")
    if days > Decimal(str(context.longest_days)):
        return Value(cell, problem="implausible_days")
    return value


def count_of_days(cell: Cell) -> Value:
    """Return the number of days that a filled cell says, however many, also below zero."""
    content = cell.value
    if isinstance(content, Decimal):
        quantity: Quantity | None = quantity_of_number(content, cell.number_format)
        hints: tuple[str, ...] = ()
        folded = shown_number(content, cell.number_format) or ""
    elif isinstance(content, str):
        quantity, folded = parse_quantity(content), fold(content)
        hints = _typed(content, NUMBER_AS_TEXT)
        if words := _DAYS_IN_WORDS.fullmatch(folded):
            whole = read_numeral(words["whole"]) if words["whole"] else 0
            half = words["half"] or words["only_half"]
            quantity = Quantity(Decimal(whole or 0) + (Decimal("0.5") if half else 0))
    else:
        return Value(cell, problem="not_a_number")
    if quantity is not None and quantity.amount.is_finite() and quantity.unit in _DAY_UNITS:
        return Value(cell, quantity.amount, hints=hints)
    unit = quantity.unit if quantity is not None else ""
    if _NOT_DAYS.fullmatch(fold(folded)) or (unit and _NOT_DAYS.fullmatch(f"1{unit}")):
        return Value(cell, problem="not_days")
    return Value(cell, problem="not_a_number")


def _date(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, date):
        return _plausible(Value(cell, content))
    if isinstance(content, Decimal):
        return _date_of_number(cell, content, context)
    if not isinstance(content, str):
        return Value(cell, problem="not_a_date")
    if _SERIAL.fullmatch(folded := fold(content)):
        # A date becomes this when its cell is formatted as text and typed into again.
        day = day_of_serial(Decimal(folded), context.date1904)
        return Value(cell, day) if day is not None else Value(cell, problem="not_a_date")
    return _date_of_text(cell, content, context)


def _date_of_number(cell: Cell, number: Decimal, context: Context) -> Value:
    day = day_of_serial(number, context.date1904)
    if day is not None:
        return Value(cell, day)
    text = _as_typed(cell, number)
    if readings(cell, text) is not None:
        return Value(cell, problem="two_readings")
    # 20240705 and 7.15 under 0.00 are what they look like.
    if "." in text or len(text) >= 8:
        return _date_of_text(cell, text, context)
    return Value(cell, problem="not_a_date")


def _date_of_text(cell: Cell, text: str, context: Context) -> Value:
    parsed = parse_day(text, near=context.near, seen=context.seen)
    if parsed is None:
        likely = likely_day(text, near=context.near)
        return Value(cell, problem="not_a_date", fix=likely.isoformat() if likely else None)
    if isinstance(parsed, NoSuchDate):
        fix = parsed.nearest.isoformat() if parsed.nearest else None
        return Value(cell, problem="no_such_date", fix=fix)
    return _plausible(Value(cell, parsed.value, hints=_typed(text, *_dated(parsed))))


def _plausible(value: Value) -> Value:
    """Return the value of a date, without it where its year can't be a deadline's or an event's."""
    day = day_in(value)
    if day is None or day.year in PLAUSIBLE_YEARS:
        return value
    return Value(value.cell, problem="implausible_date")


def readings(cell: Cell, text: str) -> tuple[str, str] | None:
    """Return the two things that a number in a column of dates or months can mean.

    None where there is one, because the format shows the zeros at the end: 7.10 under
    ``0.00`` is 7月10日.
    """
    shown_zeros = re.search(r"\.0{2}(?!0)", cell.number_format) is not None
    return None if shown_zeros else readings_of_number(text)


def _as_typed(cell: Cell, number: Decimal) -> str:
    """Return a number as the cell shows it; under an elaborate format as it is."""
    return shown_number(number, cell.number_format) or shown(number)


def _month(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, Decimal):
        day = day_of_serial(content, context.date1904)
        text = _as_typed(cell, content)
        if readings(cell, text) is not None:
            return Value(cell, problem="two_readings")
        content = day if day is not None and len(text) != 6 else text
    if isinstance(content, date):
        value = Value(cell, f"{content:%Y-%m}")
        return value if content.year in PLAUSIBLE_YEARS else Value(cell, problem="implausible_date")
    if isinstance(content, str):
        month = parse_month(content)
        if month is not None:
            if int(month[:4]) not in PLAUSIBLE_YEARS:
                return Value(cell, problem="implausible_date")
            return Value(cell, month, hints=_typed(content))
        month = parse_month(content, near=context.near)
        if month is not None:
            return Value(cell, month, hints=(*_typed(content), YEAR_ASSUMED))
    return Value(cell, problem="not_a_month")


def _choice(column: Column, cell: Cell, context: Context) -> Value:
    text = displayed(cell)
    folded = fold(text)
    by_name = {fold(n): o for o in column.choices for n in (o.zh, o.en, *o.aliases)}
    option = by_name.get(fold(_own_word(text, context)))
    if option is None and column.choices is STATUS and (match := _PROGRESS.fullmatch(folded)):
        share = Decimal(match["share"])
        state = NOT_STARTED if not share else IN_PROGRESS if share < 100 else DONE
        option = by_name[state] if share <= 100 else None
    if option is None:
        own = [fold(name) for o in column.choices for name in (o.zh, o.en)]
        near = nearest(text, own) or nearest(text, by_name)
        fix = by_name[near].zh if near else None
        nearly_done = column.choices is STATUS and _NEARLY_DONE.search(folded) is not None
        if nearly_done and (fix != DONE or len(folded) > len(fold(near or "")) + 1):
            fix = IN_PROGRESS  # neither 基本完成 nor 完成初稿 is 已完成 mistyped
        return Value(cell, problem="not_a_choice", fix=fix)
    exact = text in (option.zh, option.en)
    return Value(cell, option.zh, hints=() if exact else (ALIAS,))


def _quantity(column: Column, cell: Cell, context: Context) -> Value:
    if isinstance(cell.value, Decimal):
        return Value(cell, quantity_of_number(cell.value, cell.number_format))
    if isinstance(cell.value, str):
        typed = parse_typed_quantity(cell.value)
        if typed is not None:
            # 「5000条」 and 「1.2万」 can only be text; 「5000」 should have been a number.
            bare = (NUMBER_AS_TEXT,) if _PLAIN_NUMBER.fullmatch(fold(cell.value)) else ()
            estimate = (ESTIMATE,) if typed.approximate else ()
            return Value(cell, typed.quantity, hints=_typed(cell.value, *bare, *estimate))
    return Value(cell, problem="not_a_quantity")


def _deadline(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, date):
        return _plausible(Value(cell, FixedDeadline(content)))
    if isinstance(content, Decimal):
        # A number format may carry the unit (24 shown as 24小时); else it can only be a date.
        typed = shown_number(content, cell.number_format)
        phrase = parse_phrase(typed) if typed and not typed.isdecimal() else None
        day = day_of_serial(content, context.date1904)
        if phrase is None and day is not None:
            phrase = FixedDeadline(day)
    else:
        phrase = parse_phrase(shown(content), near=context.near, seen=context.seen)
    if phrase is None:
        return Value(cell, problem="not_a_phrase")
    if not isinstance(content, str):
        return Value(cell, phrase)
    return _plausible(Value(cell, phrase, hints=_typed(content, *_dated(phrase))))


def displayed(cell: Cell) -> str:
    """Return what a person sees in the cell: 0.08 under ``0%`` is ``8%``."""
    if isinstance(cell.value, Decimal):
        return format_quantity(quantity_of_number(cell.value, cell.number_format))
    return shown(cell.value)


def _computed(parse: Callable[[Any], Any], column: Column, cell: Cell, context: Context) -> Value:
    """Read a person's own value in a computed column, or what xlflow wrote there."""
    own = parse(cell.value)
    return Value(cell, own) if own is not None else Value(cell, problem="not_a_number")


def _own_priority(content: CellValue) -> int | None:
    return parse_priority(shown(content))


def _own_deviation(content: CellValue) -> Any:
    return parse_deviation(content) if isinstance(content, str | Decimal) else None


def header_unit(column: Column, notes: Iterable[str]) -> str:
    """Return the unit that notes beside a header give to the column's bare numbers, or ``""``."""
    find = _HEADER_UNITS.get(column.kind)
    return find(notes) if find is not None else ""


def is_refused(column: Column, unit: str) -> bool:
    """Whether the numbers of a column can't be what they should be in a header's unit."""
    if column.kind is Kind.DAYS:
        return bool(unit) and not counts_days(unit)
    return column.kind is Kind.DEADLINE and bool(unit) and not counts_until(unit)


_HEADER_UNITS: Mapping[Kind, Callable[[Iterable[str]], str]] = {
    Kind.QUANTITY: amount_unit,
    Kind.DAYS: days_unit,
    Kind.DEADLINE: deadline_unit,
}


def _in_unit(column: Column, value: Value, unit: str) -> Value:
    """Return a value whose number, if it has no unit of its own, is one in the header's unit."""
    cell = value.cell
    number = cell.value if isinstance(cell.value, Decimal) else None
    if number is None:
        folded = fold(cell.value) if isinstance(cell.value, str) else ""
        number = Decimal(folded.replace(",", "")) if _PLAIN_NUMBER.fullmatch(folded) else None
    elif quantity_of_number(number, cell.number_format).unit:
        return value  # the number format says what is counted
    if column.kind is Kind.QUANTITY:
        bare = value.value
        if not isinstance(bare, Quantity) or bare.unit:
            return value
        counted = one_of(unit)
        if isinstance(cell.value, Decimal):
            shown_in_unit = quantity_of_number(cell.value, _with_unit(cell.number_format, unit))
            scaled = shown_in_unit.amount if bare.amount == number else bare.amount
        else:
            # 「1.2万」 below 「(万元)」 has a scale of its own, and takes the currency alone.
            scaled = bare.amount * counted.amount if bare.amount == number else bare.amount
        return value._replace(value=Quantity(scaled, counted.unit))
    if number is None:
        return value
    if is_refused(column, unit):
        return Value(cell, problem="column_refused")
    if column.kind is Kind.DEADLINE:
        phrase = parse_phrase(deadline_text(shown(number), unit))
        return value._replace(value=phrase, problem=None, hints=())
    return value


def _with_unit(number_format: str, unit: str) -> str:
    """Return a number format whose sections all show a unit behind the number."""
    if number_format == "@":
        number_format = "General"
    return "".join(
        f'{piece}"{unit}"' if place % 2 == 0 else piece
        for place, piece in enumerate(_SECTION_ENDS.split(number_format))
    )


def in_month(value: Value | None, month: str, first_seen: bool) -> Value:
    """Return a blank month as the month that its sheet is named by, ``2024-07``.

    ``first_seen`` says that only the time of reading gave the year.
    """
    blank = value or Value(Cell(None))
    return blank._replace(value=month, hints=(YEAR_FIRST_SEEN,) if first_seen else ())


def is_in_month(value: Value) -> bool:
    """Whether a month is not the cell's own but that of its sheet."""
    return value.value is not None and not value.text


def date_of_month(month: str) -> date:
    """Return the first day of a month such as ``2024-07``."""
    return date.fromisoformat(f"{month}-01")


def day_in(value: Value) -> date | None:
    """Return the day or moment that a cell names, also where it names it as a deadline."""
    held = value.value.value if isinstance(value.value, FixedDeadline) else value.value
    return held if isinstance(held, date) else None


def date_in(value: Value) -> date | None:
    """Return the day that a cell names; of a month its first, None where it names neither."""
    if isinstance(value.value, str):
        return date_of_month(value.value)
    day = day_in(value)
    return day.date() if isinstance(day, datetime) else day


def _dated(parsed: ParsedDay | Phrase) -> tuple[str, ...]:
    """Return what deserves a word about a date as it was typed."""
    if not isinstance(parsed, ParsedDay | FixedDeadline):
        return ()
    hints = (
        (YEAR_ASSUMED, parsed.year_assumed),
        (APPROXIMATE, parsed.approximate),
        (YEAR_FIRST_SEEN, parsed.relative),
    )
    return tuple(hint for hint, holds in hints if holds)


def _typed(text: str, *notices: str) -> tuple[str, ...]:
    return (*notices, FULL_WIDTH) if full_width(text) else notices


_READERS: Mapping[Kind, Callable[[Column, Cell, Context], Value]] = {
    Kind.TEXT: _text,
    Kind.DAYS: _days,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.PEOPLE: _people,
    Kind.QUANTITY: _quantity,
    Kind.DEADLINE: _deadline,
    Kind.MONTH: _month,
    Kind.PRIORITY: partial(_computed, _own_priority),
    Kind.DEVIATION: partial(_computed, _own_deviation),
}
