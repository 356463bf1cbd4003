"""反馈时限: what a phrase such as ``24小时`` or ``每日17:00前`` asks for, and when that ends."""

from __future__ import annotations

import re
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
class ByPlan:
    """As some plan says (``按计划时间节点``), which can't be known here."""


@dataclass(frozen=True, slots=True)
class FixedDeadline:
    """A plain date or moment; ``approximate`` and ``year_assumed`` as in :class:`ParsedDay`."""

    value: date | datetime
    approximate: bool = False
    year_assumed: bool = False


Phrase = Hours | WorkingDays | CalendarDays | Daily | ByPlan | FixedDeadline


class DueMoment(NamedTuple):
    """When a phrase that began at some start ends.

    ``value`` is None where that can't be known (no start, a plan, a recurring
    duty); ``published`` is false where working days were counted in a year
    whose calendar isn't out.
    """

    value: date | datetime | None
    published: bool = True


_WITHIN = r"(?:之内|以内|内)?(?:反馈|回复|答复|响应|回应|完成)?"
_SPAN = re.compile(
    rf"(?P<number>\d{{1,4}}\.\d{{1,2}}|{NUMERAL})"
    rf"(?:(?P<hours>个?小时|h){_WITHIN}|(?P<working>个?工作日){_WITHIN}|(?P<days>天|日(?=之内|以内|内)|个?自然日){_WITHIN})",
    re.ASCII,
)
_ENGLISH_SPAN = re.compile(
    r"(?:within |in )?(?P<number>\d{1,4}(?:\.\d{1,2})?) ?"
    r"(?:(?P<hours>hours?|hrs?|h)|(?P<working>(?:working|business) days?|workdays?)"
    r"|(?P<days>(?:calendar )?days?))",
    re.ASCII,
)
_DAILY = re.compile(
    r"(?:每个?工作日|(?:工作日)?每[日天])(?P<clock>.{1,16}?)(?:之前|以前|前)?(?:反馈|回复|完成)?"
    r"|(?:daily|every (?:working |business )?day|each (?:working |business )?day)"
    r" (?:by|before|until) (?P<clock_en>.{1,16})"
)
_BY_PLAN = re.compile(
    r"按照?(?:项目|活动)?计划(?:的?时间)?(?:节点)?|(?:as|per|by|according to)(?: the)? plan(?:ned)?"
)
_BEFORE = re.compile(r"(?:之前|以前|前)$")
_DAY = timedelta(days=1)

AnyDay = TypeVar("AnyDay", date, datetime)


def parse_phrase(text: str, *, year: int | None = None) -> Phrase | None:
    """Read a 反馈时限; None where it isn't understood with certainty.

    ``year`` is taken for a date that lacks one.
    """
    if len(text) > 80:
        return None
    folded = fold(text)
    if span := _SPAN.fullmatch(folded) or _ENGLISH_SPAN.fullmatch(folded):
        return _span(span)
    if daily := _DAILY.fullmatch(folded):
        return _daily(daily["clock"] or daily["clock_en"])
    if _BY_PLAN.fullmatch(folded):
        return ByPlan()
    parsed = parse_day(_BEFORE.sub("", folded), year=year)
    if not isinstance(parsed, ParsedDay):
        return None
    return FixedDeadline(parsed.value, parsed.approximate, parsed.year_assumed)


def due_moment(phrase: Phrase, start: date | datetime | None, calendar: Calendar) -> DueMoment:
    """Return when ``phrase`` ends for what began at ``start``.

    Days end at the end of the day, also from a start with a time. A recurring
    duty has no single end: see :func:`latest_unsettled` and :func:`next_occurrence`.
    """
    if isinstance(phrase, FixedDeadline):
        return DueMoment(phrase.value)
    if start is None or isinstance(phrase, ByPlan | Daily):
        return DueMoment(None)
    if isinstance(phrase, WorkingDays):
        return DueMoment(*calendar.add_workdays(start, phrase.count))
    if isinstance(phrase, CalendarDays):
        return DueMoment(_later(_date(start), timedelta(days=phrase.count)))
    begin = start if isinstance(start, datetime) else end_of_day(start)
    end = _later(begin, timedelta(seconds=int(phrase.count * 3600)))
    return DueMoment(as_deadline(end))


def latest_unsettled(
    daily: Daily,
    start: date | datetime | None,
    answered: date | datetime | None,
    as_of: datetime,
    calendar: Calendar,
) -> date | datetime | None:
    """Return the latest occurrence of a duty that had passed at ``as_of``, if it wasn't settled.

    The duty recurs on each working day from ``start`` on (a start without a time
    includes its own day). ``answered`` is the last answer: it settles the first
    occurrence at or after it (an answer without a time that day's). The cell
    remembers no earlier answers, so nothing is said of earlier occurrences: a
    team that answers every day and notes the last answer is never late. An answer
    that hadn't come by ``as_of`` settles none. None where nothing is late, or the
    start is unknown.
    """
    if start is None:
        return None
    passed, before = _latest_passed(daily, as_of, calendar)
    if not _is_from(passed, start):
        return None
    if answered is None or not happened_by(answered, as_of) or not _is_from(passed, answered):
        return passed
    # It is settled if no earlier occurrence lies at or after both start and answer.
    return passed if _is_from(before, start) and _is_from(before, answered) else None


@lru_cache(maxsize=1024)
def _latest_passed(
    daily: Daily, as_of: datetime, calendar: Calendar
) -> tuple[date | datetime, date | datetime]:
    """Return the latest occurrence that had passed, and the one before it."""
    day = calendar.add_workdays(_later(day_of(as_of), _DAY), -1).day
    if _end(_occurrence(daily, day)) >= as_of:
        day = calendar.add_workdays(day, -1).day
    before = calendar.add_workdays(day, -1).day
    return _occurrence(daily, day), _occurrence(daily, before)


def next_occurrence(
    daily: Daily, start: date | datetime | None, as_of: datetime, calendar: Calendar
) -> date | datetime | None:
    """Return the duty's first occurrence at or after both ``start`` and ``as_of``."""
    if start is None:
        return None
    return _first_from_both(daily, start, as_of, calendar)


def _span(match: re.Match[str]) -> Hours | WorkingDays | CalendarDays | None:
    number = match["number"]
    if match["hours"]:
        count = Decimal(number) if "." in number else Decimal(read_numeral(number) or 0)
        return Hours(count) if count else None
    whole = read_numeral(number)
    if not whole:
        return None
    return WorkingDays(whole) if match["working"] else CalendarDays(whole)


def _daily(clock: str) -> Daily | None:
    at = parse_clock(clock)
    # 0:00 each day may be meant as that day's beginning or as its end; 24:00 may not.
    return None if at is None or (at == time.min and not clock.startswith("24")) else Daily(at)


def _occurrence(daily: Daily, day: date) -> date | datetime:
    return day if daily.at == time.min else datetime.combine(day, daily.at)


def _end(occurrence: date | datetime) -> datetime:
    return occurrence if isinstance(occurrence, datetime) else end_of_day(occurrence)


def _is_from(occurrence: date | datetime, moment: date | datetime) -> bool:
    """Return whether the occurrence lies at or after ``moment``."""
    if isinstance(occurrence, datetime) and isinstance(moment, datetime):
        return occurrence >= moment
    return _date(occurrence) >= _date(moment)


def _first_from(daily: Daily, moment: date | datetime, calendar: Calendar) -> date | datetime:
    """Return the duty's first occurrence at or after ``moment``."""
    day = _date(moment)
    if not calendar.is_workday(day):
        day = calendar.add_workdays(day, 1).day
    occurrence = _occurrence(daily, day)
    if _is_from(occurrence, moment):
        return occurrence
    return _occurrence(daily, calendar.add_workdays(day, 1).day)


def _first_from_both(
    daily: Daily, start: date | datetime, moment: date | datetime, calendar: Calendar
) -> date | datetime:
    return max(_first_from(daily, start, calendar), _first_from(daily, moment, calendar), key=_date)


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _later(moment: AnyDay, span: timedelta) -> AnyDay:
    """Add a span; what lies beyond the last date there is becomes that date."""
    try:
        return moment + span
    except OverflowError:
        return type(moment).max
