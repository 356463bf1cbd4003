"""Dates and months as people type them, and as Excel numbers them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

from xlflow.meaning.folding import fold
from xlflow.meaning.numerals import read_numeral

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
    r"(?P<y1>\d{4}|\d{2})(?P<sep>[-/.])(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})(?P<m2>\d{2})(?P<d2>\d{2})(?!\d)"
    r"|(?:(?P<y3>\d{4}|\d{2})年)?(?P<m3>\d{1,2})月(?:份?(?P<end>底|末)|(?P<d3>\d{1,2})[日号]?)"
    r"|(?P<m4>\d{1,2})[-/.](?P<d4>\d{1,2})"
    r")(?:(?:[ t]|(?<=[日号底末])|(?=[上早中下晚]))(?P<clock>.+))?",
    re.ASCII,
)
_MONTH = re.compile(
    r"(?P<y1>\d{4})(?:[-/.](?P<m1>\d{1,2})|(?P<m2>\d{2}))"
    r"|(?:(?P<y3>\d{4}|\d{2})年)?(?P<m3>\d{1,2})月份?",
    re.ASCII,
)
_END_OF_MONTH = re.compile(r"(?:本|当|这个?)?月(?:份?月?[底末])")
_END_OF_YEAR = re.compile(r"(?:(?P<year>\d{4}|\d{2})年|今年|本年|年)(?:年?[底末])", re.ASCII)
_WEEKDAY = re.compile(
    r"(?<=[\d日号前])\(?(?:周|星期|礼拜)[一二三四五六日天]\)?(?=\d|上|下|前|之前|以前|$)"
)
_UNTIL = re.compile(r"(?<=[\d日号底末月份])(?:之前|以前|前|为?止)$")
_DIGITS_IN_WORDS = re.compile(
    r"[〇零一二三四五六七八九]{4}(?=年)|[〇零一二三四五六七八九]{2}(?=年)"
)
_NUMERAL_IN_DATE = re.compile(
    r"(?<![\d一二三四五六七八九十])[一二三四五六七八九十]{1,3}(?=[月日号])"
    r"|(?<=月)[一二三四五六七八九十]{1,3}$"
)
_DATE_WITHIN = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?:(?:\d{4}|\d{2})年)?\d{1,2}月\d{1,2}日?)(?!\d)",
    re.ASCII,
)
_MONTH_AND_DAY = re.compile(r"(?P<month>[1-9]|1[0-2])\.(?P<day>\d{1,2})", re.ASCII)
_YEAR_AND_MONTH = re.compile(r"(?P<year>(?:19|20|21)\d\d)\.1", re.ASCII)


@dataclass(frozen=True, slots=True)
class ParsedDay:
    """A date as typed: a ``date`` without a time of day, else a ``datetime``.

    ``approximate`` for a month's end (``6月底``), ``year_assumed`` where the year
    wasn't typed; ``relative`` where the day follows from the one on which the text was
    seen (``月底``).
    """

    value: date | datetime
    approximate: bool = False
    year_assumed: bool = False
    relative: bool = False


@dataclass(frozen=True, slots=True)
class NoSuchDate:
    """Text in the shape of a date that no calendar holds, such as ``2024-06-31``.

    ``nearest`` is the day of that month that comes closest, None where the
    month doesn't exist either.
    """

    nearest: date | None


def parse_day(
    text: str, *, near: date | None = None, seen: date | None = None
) -> ParsedDay | NoSuchDate | None:
    """Read a date or date-time; None where the text isn't understood with certainty.

    Args:
        text: as typed, such as ``2024-06-30``, ``六月三十日前``, ``24.6.30``, ``6月底``.
        near: where no year was typed, the year is taken that brings the date nearest to
            this day; without it such a text isn't understood.
        seen: the day whose month or year ``月底`` and ``年底`` end, without which they
            aren't understood either.

    A time of 00:00 is how programs write a date alone, so it is one; 24:00 is the end of
    the day, so it is one too. A month alone stands for its last day.
    """
    if len(text) > 80:
        return None
    folded = _plainly_written(fold(text))
    if end := _end_of_period(folded, seen):
        return ParsedDay(end, approximate=True, relative=not folded[0].isdigit())
    if month := _MONTH.fullmatch(folded):
        folded = (
            f"{month['y1'] or month['y3'] or ''}年{month['m1'] or month['m2'] or month['m3']}月底"
        )
        folded = folded.removeprefix("年")
    match = _DATE.fullmatch(folded)
    if match is None:
        return None
    typed_year = match["y1"] or match["y2"] or match["y3"]
    month_number = int(match["m1"] or match["m2"] or match["m3"] or match["m4"])
    clock = parse_clock(match["clock"]) if match["clock"] else time.min
    if clock is None:
        return None
    if typed_year is not None and _year(typed_year) is None:
        return None
    if not 1 <= month_number <= 12:
        # Digits without 月 may be any number; 20241399 isn't even a mistyped date.
        doubtful = match["y2"] or match["m4"] or len(typed_year or "") == 2
        return None if doubtful else NoSuchDate(None)
    named = match["d1"] or match["d2"] or match["d3"] or match["d4"]
    day = int(named) if named else None
    if typed_year is not None:
        year = _year(typed_year)
    else:
        year = _nearest_year(month_number, day, near) if near else None
    if year is None:
        return None
    last = monthrange(year, month_number)[1]
    day = last if day is None else day
    if not 1 <= day <= last:
        if match["y2"] and not 1 <= day <= 31:
            return None
        return NoSuchDate(date(year, month_number, min(max(day, 1), last)))
    value = date(year, month_number, day)
    return ParsedDay(
        datetime.combine(value, clock) if clock != time.min else value,
        approximate=match["end"] is not None,
        year_assumed=typed_year is None,
    )


def likely_day(text: str, *, near: date | None = None) -> date | None:
    """Return the one date that a text contains which isn't understood as a whole.

    ``7月15日左右`` and ``预计7月15日上线`` are no dates, but name one.
    """
    found = set(_DATE_WITHIN.findall(_plainly_written(fold(text[:80]))))
    if len(found) != 1:
        return None
    parsed = parse_day(found.pop(), near=near)
    return parsed.value if isinstance(parsed, ParsedDay) else None


def _plainly_written(folded: str) -> str:
    """Return a date with its numerals as digits, without its day of the week and ``前``."""
    if not folded.isascii():
        folded = _DIGITS_IN_WORDS.sub(_digits, folded)
        folded = _NUMERAL_IN_DATE.sub(_number, folded)
        folded = _UNTIL.sub("", _WEEKDAY.sub(" ", folded).replace(" 前", "前").rstrip())
    return folded


def _digits(match: re.Match[str]) -> str:
    return "".join(str("零一二三四五六七八九".index(sign)) for sign in match[0].replace("〇", "零"))


def _number(match: re.Match[str]) -> str:
    number = read_numeral(match[0])
    return match[0] if number is None else str(number)


def _end_of_period(folded: str, seen: date | None) -> date | None:
    """Return the last day of the month or year that ``月底`` or ``年底`` names."""
    if match := _END_OF_YEAR.fullmatch(folded):
        year = _year(match["year"]) if match["year"] else seen.year if seen else None
        return date(year, 12, 31) if year is not None else None
    if seen is not None and _END_OF_MONTH.fullmatch(folded):
        return seen.replace(day=monthrange(seen.year, seen.month)[1])
    return None


def _nearest_year(month: int, day: int | None, near: date) -> int:
    """Return the year that brings a day of a month nearest to ``near``, its own on a tie.

    Without ``day`` the last one of the month counts. A day that none of these years has
    is looked for in the year of ``near``, where it is found to be missing.
    """
    distances: dict[int, int] = {}
    for year in (near.year, near.year - 1, near.year + 1):
        if year not in _YEARS:
            continue
        last = monthrange(year, month)[1]
        if 1 <= (day or last) <= last:
            distances[year] = abs((date(year, month, day or last) - near).days)
    return min(distances, key=distances.__getitem__, default=near.year)


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


def parse_month(text: str, *, near: date | None = None) -> str | None:
    """Read a month as ``2024-07``; a date stands for the month it lies in.

    Where no year was typed (``7月``), the year is taken that brings the month nearest to
    ``near``.
    """
    if len(text) > 80:
        return None
    folded = _plainly_written(fold(text))
    if match := _MONTH.fullmatch(folded):
        month = int(match["m1"] or match["m2"] or match["m3"])
        if not 1 <= month <= 12:
            return None
        typed_year = match["y1"] or match["y3"]
        if typed_year is None:
            return f"{_nearest_year(month, 1, near):04}-{month:02}" if near else None
        year = _year(typed_year)
        return f"{year:04}-{month:02}" if year else None
    # 7.1 may be a day or a version of something, but no month.
    if _MONTH_AND_DAY.fullmatch(folded):
        return None
    parsed = parse_day(text, near=near)
    return month_of(parsed.value) if isinstance(parsed, ParsedDay) else None


def readings_of_number(text: str) -> tuple[str, str] | None:
    """Return the two things that a bare number in a column of dates or months can mean.

    Excel drops the zero at the end of 7.10 and 2024.10, and takes 7.9 itself for a
    moment in January 1900. None where there aren't two.
    """
    if match := _YEAR_AND_MONTH.fullmatch(text):
        return f"{match['year']}-01", f"{match['year']}-10"
    match = _MONTH_AND_DAY.fullmatch(text)
    if match is None or not 1 <= int(match["day"]) <= 31:
        return None
    first = f"{match['month']}月{int(match['day'])}日"
    if match["day"] in ("1", "2", "3"):
        return first, f"{match['month']}月{match['day']}0日"
    return first, text


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


def _year(typed: str) -> int | None:
    year = int(typed) + (2000 if len(typed) == 2 else 0)
    return year if year in _YEARS else None
