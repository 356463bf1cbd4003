"""反馈时限: what a phrase such as ``24小时`` or ``每日17:00前`` asks for, and when that ends."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from xlflow.meaning.dates import ParsedDay, as_deadline, parse_clock, parse_day
from xlflow.meaning.folding import fold
from xlflow.meaning.numerals import NUMERAL, read_numeral
from xlflow.meaning.overdue import day_of, end_of_day, happened_by
from xlflow.meaning.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Hours:
    """So many clock hours (``24小时``, ``两小时内``)."""

    count: Decimal


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many working days, the start day being day 0 (``2个工作日``)."""

    count: int


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """So many calendar days (``3天内``)."""

    count: int


@dataclass(frozen=True, slots=True)
class Daily:
    """A duty that recurs on each working day (``每日17:00前``); ``time.min`` is its 24:00."""

    at: time


@dataclass(frozen=True, slots=True)
class Weekly:
    """A duty that recurs each week (``每周五17:00前``); ``weekday`` is 0 for Monday."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True)
class Monthly:
    """A duty that recurs each month (``每月5日前``); a day that a month lacks is its last."""

    day: int
    at: time


Recurring = Daily | Weekly | Monthly
"""The duties that recur, of which the latest occurrence counts."""


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The end of the start day (``当天``) or of the ``days``-th after it (``次日``).

    ``at`` is the time of that day, ``time.min`` its 24:00.
    """

    days: int
    at: time = time.min


@dataclass(frozen=True, slots=True)
class ByPlan:
    """As some plan says (``按计划时间节点``), which can't be known here."""


@dataclass(frozen=True, slots=True)
class FixedDeadline:
    """A plain date or moment, with the remarks of a :class:`ParsedDay`."""

    value: date | datetime
    approximate: bool = False
    year_assumed: bool = False
    relative: bool = False


Phrase = Hours | WorkingDays | CalendarDays | DayEnd | Recurring | ByPlan | FixedDeadline


class DueMoment(NamedTuple):
    """When a phrase that began at some start ends.

    ``value`` is None where that can't be known (no start, a plan, a recurring
    duty); ``published`` is false where working days were counted in a year
    whose calendar isn't out.
    """

    value: date | datetime | None
    published: bool = True


_WITHIN = r"(?:之内|以内|内)?(?:完成)?(?:反馈|回复|答复|响应|回应|完成)?"
_SPAN = re.compile(
    rf"(?P<number>\d{{1,4}}\.\d{{1,2}}|{NUMERAL}|半)"
    rf"(?:(?P<hours>个?小时|个?钟头|h){_WITHIN}|(?P<minutes>分钟?|min){_WITHIN}"
    rf"|(?P<working>个?工作日){_WITHIN}|(?P<weeks>个?(?:周|星期|礼拜)){_WITHIN}"
    rf"|(?P<days>天|日(?=之内|以内|内)|个?自然日){_WITHIN})",
    re.ASCII,
)
_ENGLISH_SPAN = re.compile(
    r"(?:within |in )?(?P<number>\d{1,4}(?:\.\d{1,2})?) ?"
    r"(?:(?P<hours>hours?|hrs?|h)|(?P<minutes>min(?:ute)?s?)"
    r"|(?P<working>(?:working|business) days?|workdays?)|(?P<weeks>weeks?)"
    r"|(?P<days>(?:calendar )?days?))",
    re.ASCII,
)
_AND_A_HALF = re.compile(rf"(?P<number>{NUMERAL})个半(?:小时|钟头){_WITHIN}", re.ASCII)
_T_PLUS = re.compile(rf"t ?\+ ?(?P<number>\d{{1,3}})(?:个?工作日|天|日)?{_WITHIN}", re.ASCII)
_BEFORE_WORDS = r"(?:之前|以前|前|内|之内|以内)?(?:完成)?(?:反馈|回复|答复|完成)?"
_DAY_END = re.compile(
    r"(?:(?P<same>当[天日]|同[天日]|本日|same day)|(?P<next>次日|第二天|隔[天日]|翌日|next day))"
    rf"(?P<clock>.{{1,12}}?)??{_BEFORE_WORDS}"
)
_EVENING = ("下班", "下班时", "结束", "晚", "晚上", "日终", "24点", "24:00", "24时")
_DAILY = re.compile(
    r"(?:每个?工作日|(?:工作日)?每[日天])(?P<clock>.{1,16}?)(?:之前|以前|前)?(?:反馈|回复|完成)?"
    r"|(?:daily|every (?:working |business )?day|each (?:working |business )?day)"
    r" (?:by|before|until) (?P<clock_en>.{1,16})"
)
_WEEKLY = re.compile(
    rf"每个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])(?P<clock>.{{1,16}}?)??{_BEFORE_WORDS}"
    r"|(?:weekly|every week) (?:on |by )?(?P<weekday_en>mon|tue|wed|thu|fri|sat|sun)[a-z]*"
    r"(?: (?:by |before )?(?P<clock_en>.{1,16}))?"
)
_MONTHLY = re.compile(
    rf"每个?月(?:的?第?(?P<day>{NUMERAL})[日号天]|(?P<end>月?[底末]|最后一天))"
    rf"(?P<clock>.{{1,16}}?)??{_BEFORE_WORDS}",
    re.ASCII,
)
_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HALF_DAY = re.compile(rf"半(?:天|个?工作日|日){_WITHIN}")
_LAST_DAY = 31
_BY_PLAN = re.compile(
    r"按照?(?:项目|活动)?计划(?:的?时间)?(?:节点)?|(?:as|per|by|according to)(?: the)? plan(?:ned)?"
)
_BEFORE = re.compile(r"(?:之前|以前|前)$")
_DECIMAL = re.compile(r"\d{1,2}\.\d{1,2}", re.ASCII)
_DAY = timedelta(days=1)

AnyDay = TypeVar("AnyDay", date, datetime)


def parse_phrase(text: str, *, near: date | None = None, seen: date | None = None) -> Phrase | None:
    """Read a 反馈时限; None where it isn't understood with certainty.

    ``near`` and ``seen`` complete a date as in :func:`xlflow.meaning.dates.parse_day`.
    """
    if len(text) > 80:
        return None
    folded = fold(text)
    if _HALF_DAY.fullmatch(folded):
        return DayEnd(0)
    if span := _SPAN.fullmatch(folded) or _ENGLISH_SPAN.fullmatch(folded):
        return _span(span)
    if half := _AND_A_HALF.fullmatch(folded):
        return Hours(Decimal(read_numeral(half["number"]) or 0) + Decimal("0.5"))
    if plus := _T_PLUS.fullmatch(folded):
        return WorkingDays(int(plus["number"])) if int(plus["number"]) else DayEnd(0)
    if day_end := _DAY_END.fullmatch(folded):
        return _day_end(day_end)
    if weekly := _WEEKLY.fullmatch(folded):
        return _weekly(weekly)
    if monthly := _MONTHLY.fullmatch(folded):
        return _monthly(monthly)
    if daily := _DAILY.fullmatch(folded):
        return _daily(daily["clock"] or daily["clock_en"])
    if _BY_PLAN.fullmatch(folded):
        return ByPlan()
    until = _BEFORE.sub("", folded)
    if _DECIMAL.fullmatch(until):
        return None  # 1.5 may as well be hours
    parsed = parse_day(until, near=near, seen=seen)
    if not isinstance(parsed, ParsedDay):
        return None
    return FixedDeadline(parsed.value, parsed.approximate, parsed.year_assumed, parsed.relative)


def due_moment(phrase: Phrase, start: date | datetime | None, calendar: Calendar) -> DueMoment:
    """Return when ``phrase`` ends for what began at ``start``.

    Days end at the end of the day, also from a start with a time. A recurring
    duty has no single end: see :func:`latest_unsettled` and :func:`next_occurrence`.
    """
    if isinstance(phrase, FixedDeadline):
        return DueMoment(phrase.value)
    if start is None or isinstance(phrase, ByPlan | Recurring):
        return DueMoment(None)
    if isinstance(phrase, DayEnd):
        day = _later(_date(start), timedelta(days=phrase.days))
        return DueMoment(_at(day, phrase.at))
    if isinstance(phrase, WorkingDays):
        return DueMoment(*calendar.add_workdays(start, phrase.count))
    if isinstance(phrase, CalendarDays):
        return DueMoment(_later(_date(start), timedelta(days=phrase.count)))
    begin = start if isinstance(start, datetime) else end_of_day(start)
    end = _later(begin, timedelta(seconds=round(phrase.count * 3600)))
    return DueMoment(as_deadline(end))


def latest_unsettled(
    duty: Recurring,
    start: date | datetime | None,
    answered: date | datetime | None,
    as_of: datetime,
    calendar: Calendar,
) -> date | datetime | None:
    """Return the latest occurrence of a duty that had passed at ``as_of``, if it wasn't settled.

    The duty recurs from ``start`` on (a start without a time includes its own day), a daily
    one on each working day. ``answered`` is the last answer: it settles the first
    occurrence at or after it (an answer without a time that day's). The cell
    remembers no earlier answers, so nothing is said of earlier occurrences: a
    team that answers every time and notes the last answer is never late. An answer
    that hadn't come by ``as_of`` settles none. None where nothing is late, or the
    start is unknown.
    """
    if start is None:
        return None
    passed, before = _latest_passed(duty, as_of, calendar)
    if not _is_from(passed, start):
        return None
    if answered is None or not happened_by(answered, as_of) or not _is_from(passed, answered):
        return passed
    # It is settled if no earlier occurrence lies at or after both start and answer.
    return passed if _is_from(before, start) and _is_from(before, answered) else None


@lru_cache(maxsize=1024)
def _latest_passed(
    duty: Recurring, as_of: datetime, calendar: Calendar
) -> tuple[date | datetime, date | datetime]:
    """Return the latest occurrence that had passed, and the one before it."""
    day = _day_before(duty, _later(day_of(as_of), _DAY), calendar)
    if _end(_at(day, duty.at)) >= as_of:
        day = _day_before(duty, day, calendar)
    before = _day_before(duty, day, calendar)
    return _at(day, duty.at), _at(before, duty.at)


def next_occurrence(
    duty: Recurring, start: date | datetime | None, as_of: datetime, calendar: Calendar
) -> date | datetime | None:
    """Return the duty's first occurrence at or after both ``start`` and ``as_of``."""
    if start is None:
        return None
    return _first_from_both(duty, start, as_of, calendar)


def _day_before(duty: Recurring, day: date, calendar: Calendar) -> date:
    """Return the last day before ``day`` on which the duty recurs."""
    if isinstance(duty, Daily):
        return calendar.add_workdays(day, -1).day
    if isinstance(duty, Weekly):
        return _later(day, timedelta(days=-((day.weekday() - duty.weekday - 1) % 7 + 1)))
    this = _day_of_month(duty, day.year, day.month)
    if this < day:
        return this
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return _day_of_month(duty, year, month) if year else date.min


def _day_on_or_after(duty: Recurring, day: date, calendar: Calendar) -> date:
    """Return the first day from ``day`` on on which the duty recurs."""
    if isinstance(duty, Daily):
        return day if calendar.is_workday(day) else calendar.add_workdays(day, 1).day
    if isinstance(duty, Weekly):
        return _later(day, timedelta(days=(duty.weekday - day.weekday()) % 7))
    this = _day_of_month(duty, day.year, day.month)
    if this >= day:
        return this
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return _day_of_month(duty, year, month) if year <= date.max.year else date.max


def _day_of_month(duty: Monthly, year: int, month: int) -> date:
    return date(year, month, min(duty.day, monthrange(year, month)[1]))


def _span(match: re.Match[str]) -> Hours | WorkingDays | CalendarDays | None:
    number = match["number"]
    if match["hours"] or match["minutes"]:
        count = (
            Decimal("0.5")
            if number == "半"
            else Decimal(number)
            if "." in number
            else Decimal(read_numeral(number) or 0)
        )
        if match["minutes"]:
            count = count / 60 if number != "半" else Decimal(0)
        return Hours(count) if count else None
    whole = read_numeral(number)
    if not whole:
        return None
    if match["weeks"]:
        return CalendarDays(7 * whole)
    return WorkingDays(whole) if match["working"] else CalendarDays(whole)


def _day_end(match: re.Match[str]) -> DayEnd | None:
    days = 1 if match["next"] else 0
    at = _time_of_day(match["clock"])
    return DayEnd(days, at) if at is not None else None


def _weekly(match: re.Match[str]) -> Weekly | None:
    if match["weekday"]:
        weekday = _WEEKDAYS.index(match["weekday"].replace("天", "日"))
    else:
        weekday = _WEEKDAYS_EN.index(match["weekday_en"])
    at = _time_of_day(match["clock"] or match["clock_en"])
    return Weekly(weekday, at) if at is not None else None


def _monthly(match: re.Match[str]) -> Monthly | None:
    day = _LAST_DAY if match["end"] else read_numeral(match["day"])
    at = _time_of_day(match["clock"])
    return Monthly(day, at) if day and day <= _LAST_DAY and at is not None else None


def _daily(clock: str) -> Daily | None:
    at = _time_of_day(clock)
    return Daily(at) if at is not None else None


def _time_of_day(clock: str | None) -> time | None:
    """Return the time until which a day counts, ``time.min`` for its end; None if unclear."""
    if not clock or clock in _EVENING:
        return time.min
    at = parse_clock(clock)
    # 0:00 each day may be meant as that day's beginning or as its end; 24:00 may not.
    return None if at == time.min and not clock.startswith("24") else at


def _at(day: date, at: time) -> date | datetime:
    return day if at == time.min else datetime.combine(day, at)


def _end(occurrence: date | datetime) -> datetime:
    return occurrence if isinstance(occurrence, datetime) else end_of_day(occurrence)


def _is_from(occurrence: date | datetime, moment: date | datetime) -> bool:
    """Return whether the occurrence lies at or after ``moment``."""
    if isinstance(occurrence, datetime) and isinstance(moment, datetime):
        return occurrence >= moment
    return _date(occurrence) >= _date(moment)


def _first_from(duty: Recurring, moment: date | datetime, calendar: Calendar) -> date | datetime:
    """Return the duty's first occurrence at or after ``moment``."""
    day = _day_on_or_after(duty, _date(moment), calendar)
    occurrence = _at(day, duty.at)
    if _is_from(occurrence, moment):
        return occurrence
    return _at(_day_on_or_after(duty, _later(day, _DAY), calendar), duty.at)


def _first_from_both(
    duty: Recurring, start: date | datetime, moment: date | datetime, calendar: Calendar
) -> date | datetime:
    return max(_first_from(duty, start, calendar), _first_from(duty, moment, calendar), key=_date)


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _later(moment: AnyDay, span: timedelta) -> AnyDay:
    """Add a span; what lies beyond the last date there is becomes that date."""
    try:
        return moment + span
    except OverflowError:
        return type(moment).max if span > timedelta(0) else type(moment).min
