"""Comparisons of days and moments in SQL, on the ISO text in which they are stored.

They follow :mod:`xlflow.meaning.overdue`, and the tests check that they agree: a date
alone (10 characters) as a deadline lasts until the end of its day, as an event it has
happened from the beginning of its day, and if either side is a date alone, dates are
compared. A blank has never happened and never passes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple, Self

import sqlalchemy as sa

from xlflow.meaning.overdue import day_of

Condition = sa.ColumnElement[bool]
Moment = sa.ColumnElement[Any]

_DAY = 10
"""The length of a date alone."""


class Instant(NamedTuple):
    """A moment to compare with: its text and that of the day that it belongs to, or columns."""

    moment: Any
    day: Any

    @classmethod
    def of(cls, at: datetime) -> Self:
        """Return a moment as text (24:00 belongs to the day that ends)."""
        return cls(at.isoformat(), day_of(at).isoformat())


def happened(event: Moment, at: Instant) -> Condition:
    """Whether the event had happened at a moment."""
    by_day = (sa.func.length(event) == _DAY, event <= at.day)
    return _known(sa.case(by_day, else_=event <= at.moment))


def passed(deadline: Moment, at: Instant) -> Condition:
    """Whether the deadline was before a moment; a deadline at that moment hasn't passed."""
    by_day = (sa.func.length(deadline) == _DAY, deadline < at.day)
    return _known(sa.case(by_day, else_=deadline < at.moment))


def in_time(event: Moment, deadline: Moment) -> Condition:
    """Whether the event happened by the deadline."""
    either_is_a_day = sa.or_(sa.func.length(event) == _DAY, sa.func.length(deadline) == _DAY)
    return _known(
        sa.case((either_is_a_day, _day(event) <= _day(deadline)), else_=event <= deadline)
    )


def within(moment: Moment, first: Any, last: Any) -> Condition:
    """Whether the moment is on a day from ``first`` to ``last``, both included and as text."""
    return _known(_day(moment).between(first, last))


def days_between(start: Moment, end: Moment) -> sa.ColumnElement[int]:
    """Return the number of calendar days from ``start`` to ``end``."""
    days = sa.func.julianday(_day(end)) - sa.func.julianday(_day(start))
    return sa.cast(days, sa.Integer)


def seconds_between(start: Moment, end: Moment) -> sa.ColumnElement[int]:
    """Return the number of seconds from ``start`` to ``end``, both with a time of day."""
    return sa.cast(sa.func.strftime("%s", end), sa.Integer) - sa.cast(
        sa.func.strftime("%s", start), sa.Integer
    )


def timed(moment: Moment) -> Condition:
    """Whether the moment has a time of day."""
    return _known(sa.func.length(moment) > _DAY)


def _day(moment: Moment) -> Moment:
    return sa.func.substr(moment, 1, _DAY)


def _known(condition: Any) -> Condition:
    # In SQL's three-valued logic NOT(blank <= x) would be neither true nor false.
    return sa.func.coalesce(condition, sa.false(), type_=sa.Boolean)
