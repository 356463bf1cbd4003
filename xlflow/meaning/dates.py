"""Dates and months as people type them, and as Excel numbers them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from xlflow.meaning.folding import fold

#: Years in which a deadline or an event of a team can lie; all else is a slip or another number.
PLAUSIBLE_YEARS = range(1990, 2100)

_DAY = timedelta(days=1)
_YEARS = range(1900, 2200)
_CLOCK = re.compile(
    r"(?P<half>上午|早上|中午|下午|晚上)?(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?"
    r"|[点时](?:(?P<cn_minute>\d{1,2})分?|(?P<thirty>半)|整)?)"
    r"|(?P<en_hour>\d{1,2})(?::(?P<en_minute>\d{2}))? ?(?P<en_half>am|pm)",
    re.ASCII,
)
_DATE = re.compile(
    r"(?:"
    r"(?P<y1>\d{4})(?P<sep>[-/.])(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})(?P<m2>\d{2})(?P<d2>\d{2})(?!\d)"
    r"|(?:(?P<y3>\d{4}|\d{2})年)?(?P<m3>\d{1,2})月(?:份?(?P<end>底|末)|(?P<d3>\d{1,2})[日号])"
    r")(?:(?:[ t]|(?<=[日号底末])|(?=[上早中下晚]))(?P<clock>.+))?",
    re.ASCII,
)
_MONTH = re.compile(
    r"(?P<y1>\d{4})(?:[-/.](?P<m1>\d{1,2})|(?P<m2>\d{2}))"
    r"|(?:(?P<y3>\d{4}|\d{2})年)?(?P<m3>\d{1,2})月份?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ParsedDay:
    """A date as typed: a ``date`` without a time of day, else a ``datetime``.

    ``approximate`` for a month's end (``6月底``), ``year_assumed`` where the year
    wasn't typed.
    """

    value: date | datetime
    approximate: bool = False
    year_assumed: bool = False


@dataclass(frozen=True, slots=True)
class NoSuchDate:
    """Text in the shape of a date that no calendar holds, such as ``2024-06-31``.

    ``nearest`` is the day of that month that comes closest, None where the
    month doesn't exist either.
    """

    nearest: date | None


def parse_day(text: str, *, year: int | None = None) -> ParsedDay | NoSuchDate | None:
    """Read a date or date-time; None where the text isn't understood with certainty.

    ``year`` is taken where none was typed (``6月30日``); without it such a text
    isn't understood. A time of 00:00 is how programs write a date alone, so it
    is one; 24:00 is the end of the day, so it is one too.
    """
    if len(text) > 80:
        return None
    match = _DATE.fullmatch(fold(text))
    if match is None:
        return None
    typed_year = match["y1"] or match["y2"] or match["y3"]
    full_year = _year(typed_year, year)
    if full_year is None:
        return None
    month = int(match["m1"] or match["m2"] or match["m3"])
    clock = parse_clock(match["clock"]) if match["clock"] else time.min
    if clock is None:
        return None
    if not 1 <= month <= 12:
        # Eight digits may be any number; 20241399 isn't even a mistyped date.
        return None if match["y2"] else NoSuchDate(None)
    last = monthrange(full_year, month)[1]
    day = last if match["end"] else int(match["d1"] or match["d2"] or match["d3"])
    if not 1 <= day <= last:
        if match["y2"] and not 1 <= day <= 31:
            return None
        return NoSuchDate(date(full_year, month, min(max(day, 1), last)))
    value = date(full_year, month, day)
    return ParsedDay(
        datetime.combine(value, clock) if clock != time.min else value,
        approximate=match["end"] is not None,
        year_assumed=typed_year is None,
    )


def parse_clock(folded: str) -> time | None:
    """Read a time of day (``17:00``, ``下午5点半``, ``5pm``) from folded text.

    24:00 is ``time.min``, the end of the day, which is how :func:`parse_day`
    and recurring duties take it.
    """
    match = _CLOCK.fullmatch(folded)
    if match is None:
        return None
    hour = _hour(int(match["hour"] or match["en_hour"]), match["half"] or match["en_half"])
    minute = int(match["minute"] or match["cn_minute"] or match["en_minute"] or 0)
    minute = 30 if match["thirty"] else minute
    second = int(match["second"] or 0)
    if hour == 24 and not minute and not second:
        return time.min
    if hour is None or hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)


def _hour(hour: int, half: str | None) -> int | None:
    """Return the hour of the day, None where the half of the day doesn't go with it."""
    if half is None:
        return hour
    if half in ("上午", "早上", "am"):
        return hour if hour < 12 else None
    if half == "中午":
        return {11: 11, 12: 12, 1: 13, 2: 14}.get(hour)
    # 晚上12点 may be midnight; an hour from 13 on is said twice over: 下午17:00.
    if hour == 0 or hour > 23 or (half == "晚上" and hour == 12):
        return None
    return hour if hour >= 12 else hour + 12


def parse_month(text: str, *, year: int | None = None) -> str | None:
    """Read a month as ``2024-07``; a date stands for the month it lies in.

    ``year`` is taken where none was typed (``7月``).
    """
    if len(text) > 80:
        return None
    if match := _MONTH.fullmatch(fold(text)):
        full_year = _year(match["y1"] or match["y3"], year)
        month = int(match["m1"] or match["m2"] or match["m3"])
        return f"{full_year:04}-{month:02}" if full_year and 1 <= month <= 12 else None
    parsed = parse_day(text, year=year)
    return month_of(parsed.value) if isinstance(parsed, ParsedDay) else None


def month_of(day: date) -> str:
    """Return the month that a date lies in, as ``2024-07``."""
    return f"{day.year:04}-{day.month:02}"


def from_serial(number: Decimal, date1904: bool) -> date | datetime | None:
    """Return what Excel shows for a serial number, to the whole second; None where it shows none.

    In the 1900 system Excel counts a 1900-02-29 that never was (serial 60, None
    here), so the days before it lie one further from the epoch than those after.
    """
    if not number.is_finite() or not 0 <= number < 2958466:
        return None
    seconds = int((number * 86400).to_integral_value(ROUND_HALF_UP, context=Context(prec=40)))
    days, seconds = divmod(seconds, 86400)
    if date1904:
        epoch = date(1904, 1, 1)
    elif days == 60 or days == 0:
        return None
    else:
        epoch = date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    try:
        day = epoch + timedelta(days=days)
    except OverflowError:
        return None
    if not seconds:
        return day
    return datetime.combine(day, time.min) + timedelta(seconds=seconds)


def day_of_serial(number: Decimal, date1904: bool) -> date | datetime | None:
    """Return the date that a bare number in a date column stands for.

    None outside the plausible years: a 3 there is a slip, not 1900-01-03.
    """
    value = from_serial(number, date1904)
    return value if value is not None and value.year in PLAUSIBLE_YEARS else None


def as_deadline(value: date | datetime) -> date | datetime:
    """Return a computed deadline as it counts: exactly 00:00 is the day before, as a date alone.

    Only for moments that were computed (start + 24 hours). What a person typed
    as a date with 00:00 is that date alone; :func:`parse_day` handles it.
    """
    if isinstance(value, datetime) and value.time() == time.min and value.date() != date.min:
        return value.date() - _DAY
    return value


def _year(typed: str | None, hint: int | None) -> int | None:
    year = hint if typed is None else int(typed) + (2000 if len(typed) == 2 else 0)
    return year if year in _YEARS else None
