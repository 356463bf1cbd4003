"""Working days of the mainland calendar, with its make-up days (调休) and a team's own days off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple


class Workdays(NamedTuple):
    """The day that counting led to, and whether every year on the way was published."""

    day: date
    published: bool


@dataclass(frozen=True)
class Calendar:
    """Which days are worked.

    Monday to Friday where the State Council hasn't published the year yet (it
    does so each November), else as published; never on ``days_off``, the team's
    own. Equal calendars share their caches.
    """

    days_off: frozenset[date] = field(default=frozenset())

    def published(self, year: int) -> bool:
        """Return whether the year's holidays and make-up days are known."""
        return year in _published_years()

    def is_workday(self, day: date) -> bool:
        """Return whether ``day`` is worked."""
        ordinal = day.toordinal()
        days = _worked(self, day.year)
        at = bisect_left(days, ordinal)
        return at < len(days) and days[at] == ordinal

    def add_workdays(self, start: date, n: int) -> Workdays:
        """Return the ``n``-th working day after ``start``, which is day 0 whether worked or not.

        A negative ``n`` counts backwards. The calendar ends where dates do:
        beyond 9999-12-31 or 0001-01-01 the result stays there.
        """
        first = _plain(start)
        year, ordinal, left = first.year, first.toordinal(), abs(n)
        found = first
        while left:
            days = _worked(self, year)
            at = bisect_right(days, ordinal) if n > 0 else bisect_left(days, ordinal)
            ahead = len(days) - at if n > 0 else at
            if left <= ahead:
                found = date.fromordinal(days[at + left - 1] if n > 0 else days[at - left])
                break
            left -= ahead
            year += 1 if n > 0 else -1
            if not date.min.year <= year <= date.max.year:
                found = date.max if n > 0 else date.min
                break
        return Workdays(found, self._all_published(first, found))

    def workdays_between(self, start: date, until: date) -> int:
        """Return how many working days lie after ``start``, up to and including ``until``.

        Negative where ``until`` is the earlier one, and then ``until`` is
        included and ``start`` isn't, too.
        """
        first, last = _plain(start), _plain(until)
        if last < first:
            return -self._count(last.toordinal(), first.toordinal() - 1)
        return self._count(first.toordinal() + 1, last.toordinal())

    def _count(self, first: int, last: int) -> int:
        """Count the working days whose ordinals lie in ``first``..``last``."""
        if last < first:
            return 0
        years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
        worked = (_worked(self, year) for year in years)
        return sum(bisect_right(days, last) - bisect_left(days, first) for days in worked)

    def _all_published(self, one: date, other: date) -> bool:
        first, last = sorted((one.year, other.year))
        return _published_years().issuperset(range(first, last + 1))


def _plain(day: date) -> date:
    return day.date() if isinstance(day, datetime) else day


@lru_cache(maxsize=512)
def _worked(calendar: Calendar, year: int) -> tuple[int, ...]:
    """Return the ordinals of the year's working days, ascending."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    off = {day.toordinal() for day in calendar.days_off if day.year == year}
    holidays, made_up = _holidays(year)
    return tuple(
        ordinal
        for ordinal in range(first, last + 1)
        if ordinal not in off
        # Ordinal 1, 0001-01-01, is a Monday.
        and (ordinal in made_up or ((ordinal - 1) % 7 < 5 and ordinal not in holidays))
    )


@lru_cache(maxsize=512)
def _holidays(year: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the ordinals of the year's holidays and of its make-up days."""
    from chinese_calendar.constants import holidays, workdays

    return (
        frozenset(day.toordinal() for day in holidays if day.year == year),
        frozenset(day.toordinal() for day in workdays if day.year == year),
    )


@lru_cache(maxsize=1)
def _published_years() -> frozenset[int]:
    from chinese_calendar.constants import holidays

    return frozenset(day.year for day in holidays)
