"""How the figures compare days and moments in SQL, on the ISO text in which they are stored.

The rules are those of :mod:`xlflow.meaning.overdue`, to which the tests hold
these: a date alone (10 characters) as a deadline lasts until the end of its day,
as an event it has happened from the beginning of its day, and where either side
is a date alone, dates are compared. A blank has never happened and never passes.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from xlflow.meaning.overdue import day_of

Condition = sa.ColumnElement[bool]
Moment = sa.ColumnElement[Any]

_DAY = 10
"""The length of a date alone."""


def happened(event: Moment, at: datetime) -> Condition:
    """Whether the event had happened at a moment (the 24:00 of a day belongs to that day)."""
    return _known(
        sa.case(
            (sa.func.length(event) == _DAY, event <= day_of(at).isoformat()),
            else_=event <= at.isoformat(),
        )
    )


def passed(deadline: Moment, at: datetime) -> Condition:
    """Whether the deadline had passed at a moment; exactly at it, it hadn't."""
    return _known(
        sa.case(
            (sa.func.length(deadline) == _DAY, deadline < day_of(at).isoformat()),
            else_=deadline < at.isoformat(),
        )
    )


def in_time(event: Moment, deadline: Moment) -> Condition:
    """Whether the event happened by the deadline."""
    either_is_a_day = sa.or_(sa.func.length(event) == _DAY, sa.func.length(deadline) == _DAY)
    return _known(
        sa.case((either_is_a_day, _day(event) <= _day(deadline)), else_=event <= deadline)
    )


def within(moment: Moment, first: date, last: date) -> Condition:
    """Whether the moment lies on one of the days from ``first`` to ``last``."""
    return _known(_day(moment).between(first.isoformat(), last.isoformat()))


def days_between(start: Moment, end: Moment) -> sa.ColumnElement[int]:
    """Return the calendar days from one to the other."""
    days = sa.func.julianday(_day(end)) - sa.func.julianday(_day(start))
    return sa.cast(days, sa.Integer)


def seconds_between(start: Moment, end: Moment) -> sa.ColumnElement[int]:
    """Return the seconds from one moment to the other, both with a time."""
    return sa.cast(sa.func.strftime("%s", end), sa.Integer) - sa.cast(
        sa.func.strftime("%s", start), sa.Integer
    )


def timed(moment: Moment) -> Condition:
    """Whether it carries a time of day."""
    return _known(sa.func.length(moment) > _DAY)


def _day(moment: Moment) -> Moment:
    return sa.func.substr(moment, 1, _DAY)


def _known(condition: Any) -> Condition:
    # Three-valued logic would let NOT(blank <= x) be neither true nor false.
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean)
