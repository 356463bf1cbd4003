"""逾期: whether a deadline has passed, by how much, and how that is said.

A date alone as a deadline lasts until the end of its day; as an event it has
happened from the beginning of its day. Where either side is a date alone, dates
are compared. The moment asked about is always a ``datetime``; the end of a day
is the next day's 00:00, and belongs to the day that ends.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_INSTANT = timedelta(microseconds=1)


class LatenessUnit(StrEnum):
    """In what lateness is counted."""

    DAY = "day"
    HOUR = "hour"


class Lateness(NamedTuple):
    """By how much a deadline has passed, as it is said, and exactly in whole seconds."""

    amount: int
    unit: LatenessUnit
    seconds: int


def moment_of(as_of: date | datetime) -> datetime:
    """Return the moment that "as of" means: a date alone stands for the end of that day."""
    if isinstance(as_of, datetime):
        return as_of
    return end_of_day(as_of)


def end_of_day(day: date) -> datetime:
    """Return 24:00 of ``day``, the next day's 00:00 (on 9999-12-31 the last moment there is)."""
    if day == date.max:
        return datetime.max
    return datetime.combine(day + _DAY, time.min)


def day_of(as_of: datetime) -> date:
    """Return the day that the moment asked about belongs to; 24:00 belongs to the day that ends."""
    return (as_of - _INSTANT).date() if as_of > datetime.min else as_of.date()


def lateness(due: date | datetime, as_of: datetime) -> Lateness | None:
    """Return by how much ``due`` has passed, None where it hasn't; exactly at it isn't late.

    Against a date alone calendar days are counted. Against a moment, hours
    rounded up below 24 of them, whole 24-hour days from there on.
    """
    if not isinstance(due, datetime):
        days = (day_of(as_of) - due).days
        if days <= 0:
            return None
        return Lateness(days, LatenessUnit.DAY, _seconds(as_of - end_of_day(due)))
    late = as_of - due
    if late <= timedelta(0):
        return None
    if late < _DAY:
        return Lateness(-(-late // _HOUR), LatenessUnit.HOUR, _seconds(late))
    return Lateness(late // _DAY, LatenessUnit.DAY, _seconds(late))


def late_seconds(due: date | datetime, as_of: datetime) -> int:
    """Return the seconds from the due moment to ``as_of``, 0 where it isn't late."""
    late = lateness(due, as_of)
    return late.seconds if late else 0


def late_text(late: Lateness, language: str) -> str:
    """Return ``逾期3天``, ``逾期7小时``, or ``3 days overdue``, ``1 hour overdue``."""
    if language == "en":
        return f"{late.amount} {late.unit}{'' if late.amount == 1 else 's'} overdue"
    return f"逾期{late.amount}{'天' if late.unit is LatenessUnit.DAY else '小时'}"


def happened_by(event: date | datetime | None, as_of: datetime) -> bool:
    """Return whether the event had happened at the moment asked about."""
    if event is None:
        return False
    return event <= as_of if isinstance(event, datetime) else event <= day_of(as_of)


def in_time(event: date | datetime, due: date | datetime) -> bool:
    """Return whether what happened did so by its deadline."""
    if isinstance(event, datetime) and isinstance(due, datetime):
        return event <= due
    return _date(event) <= _date(due)


def changes_after(due: date | datetime, as_of: datetime) -> datetime:
    """Return the moment up to which, and including which, :func:`late_text` stays the same."""
    if not isinstance(due, datetime):
        return end_of_day(max(due, day_of(as_of)))
    late = as_of - due
    try:
        if late <= timedelta(0):
            return due
        if late < _DAY:
            # At 24 h "24 hours" turns into "1 day".
            return min(due + -(-late // _HOUR) * _HOUR, due + _DAY - _INSTANT)
        return due + (late // _DAY + 1) * _DAY - _INSTANT
    except OverflowError:
        return datetime.max


def _date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _seconds(span: timedelta) -> int:
    return span // _SECOND
