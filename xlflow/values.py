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
from xlflow.facts import Cell, CellValue, ErrorValue, Value
from xlflow.meaning.dates import (
    NoSuchDate,
    ParsedDay,
    day_of_serial,
    parse_day,
    parse_month,
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
from xlflow.meaning.people import split_people
from xlflow.meaning.priority import parse_priority
from xlflow.meaning.quantity import Quantity, parse_quantity, quantity_of_number
from xlflow.meaning.variance import parse_deviation

FULL_WIDTH = "full_width"
NUMBER_AS_TEXT = "number_as_text"
YEAR_ASSUMED = "year_assumed"
YEAR_FIRST_SEEN = "year_first_seen"
"""With ``YEAR_ASSUMED``: no date of the column has a year, so the time of reading gave it."""
APPROXIMATE = "approximate"
ALIAS = "alias"

_PLAIN_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+")
_SECTION_ENDS = re.compile(r'(;)(?=(?:[^"]*"[^"]*")*[^"]*$)')
_SERIAL = re.compile(r"\d{5}(?:\.\d{1,15})?", re.ASCII)
_DAY_UNITS = frozenset(("", "天", "日", "day", "days", "d"))


class Context(NamedTuple):
    """What a cell's meaning depends on besides the cell.

    ``year`` completes dates typed without one; ``people`` maps other ways of
    writing somebody to the one name.
    """

    date1904: bool = False
    year: int | None = None
    people: Mapping[str, str] = {}


def value_of(
    column: Column,
    cell: Cell,
    *,
    date1904: bool = False,
    year: int | None = None,
    people: Mapping[str, str] | None = None,
    unit: str = "",
) -> Value:
    """Return what ``cell`` means in ``column``.

    ``unit`` is that of the column's bare numbers (see :func:`header_unit`).

    Never raises: what doesn't fit the column is a ``Value`` with a ``problem``:
    ``error_value``, ``uncomputed``, ``not_a_number``, ``not_a_date``,
    ``no_such_date``, ``not_a_choice``, ``not_a_quantity``, ``not_a_phrase``,
    ``not_a_month``, ``column_refused`` (a number in a unit that the column can't have).
    """
    content = cell.value
    text = shown(content)
    if cell.uncomputed:
        return Value(cell, problem="uncomputed", text=text)
    if isinstance(content, ErrorValue):
        return Value(cell, problem="error_value", text=text)
    if content is None or (isinstance(content, str) and _is_blank(content)):
        return Value(cell, text=text)
    if column.owner is Owner.XLFLOW:
        return Value(cell, text, text=text)
    value = _READERS[column.kind](column, cell, Context(date1904, year, people or {}))
    if unit:
        value = _in_unit(column, value, unit)._replace(unit=unit)
    return value._replace(text=text)


def _is_blank(text: str) -> bool:
    """Whether nothing can be seen of a text: blanks, invisible signs, the guide's own marks."""
    return not text[:1].isalnum() and not fold(text)


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


def _text(column: Column, cell: Cell, context: Context) -> Value:
    return Value(cell, shown(cell.value))


def _people(column: Column, cell: Cell, context: Context) -> Value:
    return Value(cell, split_people(shown(cell.value), context.people) or None)


def _days(column: Column, cell: Cell, context: Context) -> Value:
    if isinstance(cell.value, Decimal):
        return Value(cell, cell.value)
    if isinstance(cell.value, str):
        quantity = parse_quantity(cell.value)
        if quantity is not None and quantity.unit in _DAY_UNITS:
            return Value(cell, quantity.amount, hints=_typed(cell.value, NUMBER_AS_TEXT))
    return Value(cell, problem="not_a_number")


def _date(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, date):
        return Value(cell, content)
    if isinstance(content, Decimal):
        day = day_of_serial(content, context.date1904)
        return Value(cell, day) if day is not None else Value(cell, problem="not_a_date")
    if not isinstance(content, str):
        return Value(cell, problem="not_a_date")
    if _SERIAL.fullmatch(folded := fold(content)):
        # A date becomes this when its cell is formatted as text and typed into again.
        day = day_of_serial(Decimal(folded), context.date1904)
        return Value(cell, day) if day is not None else Value(cell, problem="not_a_date")
    parsed = parse_day(content, year=context.year)
    if parsed is None:
        return Value(cell, problem="not_a_date")
    if isinstance(parsed, NoSuchDate):
        fix = parsed.nearest.isoformat() if parsed.nearest else None
        return Value(cell, problem="no_such_date", fix=fix)
    return Value(cell, parsed.value, hints=_typed(content, *_dated(parsed)))


def _month(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, Decimal):
        text = shown(content)
        day = day_of_serial(content, context.date1904)
        content = text if len(text) == 6 else day
    if isinstance(content, date):
        return Value(cell, f"{content:%Y-%m}")
    if isinstance(content, str):
        month = parse_month(content)
        if month is not None:
            return Value(cell, month, hints=_typed(content))
        month = parse_month(content, year=context.year)
        if month is not None:
            return Value(cell, month, hints=(*_typed(content), YEAR_ASSUMED))
    return Value(cell, problem="not_a_month")


def _choice(column: Column, cell: Cell, context: Context) -> Value:
    text = shown(cell.value)
    folded = fold(text)
    by_name = {fold(n): o for o in column.choices for n in (o.zh, o.en, *o.aliases)}
    option = by_name.get(folded)
    if option is None:
        near = nearest(text, by_name)
        return Value(cell, problem="not_a_choice", fix=by_name[near].zh if near else None)
    exact = text in (option.zh, option.en)
    return Value(cell, option.zh, hints=() if exact else (ALIAS,))


def _quantity(column: Column, cell: Cell, context: Context) -> Value:
    if isinstance(cell.value, Decimal):
        return Value(cell, quantity_of_number(cell.value, cell.number_format))
    if isinstance(cell.value, str):
        quantity = parse_quantity(cell.value)
        if quantity is not None:
            # 「5000条」 and 「1.2万」 can only be text; 「5000」 should have been a number.
            bare = (NUMBER_AS_TEXT,) if _PLAIN_NUMBER.fullmatch(fold(cell.value)) else ()
            return Value(cell, quantity, hints=_typed(cell.value, *bare))
    return Value(cell, problem="not_a_quantity")


def _deadline(column: Column, cell: Cell, context: Context) -> Value:
    content = cell.value
    if isinstance(content, date):
        return Value(cell, FixedDeadline(content))
    if isinstance(content, Decimal):
        # A number format may carry the unit (24 shown as 24小时); else it can only be a date.
        unit = quantity_of_number(content, cell.number_format).unit
        phrase = parse_phrase(f"{shown(content)}{unit}") if unit else None
        day = day_of_serial(content, context.date1904)
        if phrase is None and day is not None:
            phrase = FixedDeadline(day)
    else:
        phrase = parse_phrase(shown(content), year=context.year)
    if phrase is None:
        return Value(cell, problem="not_a_phrase")
    if not isinstance(content, str):
        return Value(cell, phrase)
    return Value(cell, phrase, hints=_typed(content, *_dated(phrase)))


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


def day_in(value: Value) -> date | None:
    """Return the day or moment that a cell names, also where it names it as a deadline."""
    held = value.value.value if isinstance(value.value, FixedDeadline) else value.value
    return held if isinstance(held, date) else None


def year_in(value: Value) -> int | None:
    """Return the year of the date or month that a cell names; None where it names neither."""
    if isinstance(value.value, str):
        return int(value.value[:4])
    day = day_in(value)
    return day.year if day is not None else None


def _dated(parsed: ParsedDay | Phrase) -> tuple[str, ...]:
    """Return what deserves a word about a date as it was typed."""
    if not isinstance(parsed, ParsedDay | FixedDeadline):
        return ()
    assumed = (YEAR_ASSUMED,) if parsed.year_assumed else ()
    return (*assumed, APPROXIMATE) if parsed.approximate else assumed


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
