"""Working days: guide.md, What is computed, and the process register."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.meaning.workdays import Calendar

MAINLAND = Calendar()
days = st.dates(date(2004, 1, 1), date(2035, 12, 31))
calendars = st.frozensets(st.dates(date(2024, 1, 1), date(2024, 12, 31)), max_size=20).map(Calendar)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ((2024, 6, 7), 2, (2024, 6, 12)),
        ((2024, 4, 26), 3, (2024, 4, 30)),
        ((2024, 4, 30), 2, (2024, 5, 7)),
        ((2024, 9, 30), 5, (2024, 10, 12)),
    ],
)
def test_the_guides_2024_oracles(start: tuple[int, ...], n: int, end: tuple[int, ...]) -> None:
    assert MAINLAND.add_workdays(date(*start), n) == (date(*end), True)
    assert MAINLAND.workdays_between(date(*start), date(*end)) == n


def test_the_registers_first_four_stages() -> None:
    day, ends = date(2024, 6, 3), []
    for limit in (3, 5, 2, 1):
        day = MAINLAND.add_workdays(day, limit).day
        ends.append(day)
    assert ends == [date(2024, 6, 6), date(2024, 6, 14), date(2024, 6, 18), date(2024, 6, 19)]


def test_make_up_days_are_worked_and_the_guides_sunday_is_not() -> None:
    assert MAINLAND.is_workday(date(2024, 4, 28))
    assert MAINLAND.is_workday(date(2024, 10, 12))
    assert not MAINLAND.is_workday(date(2024, 6, 30))
    assert not MAINLAND.is_workday(date(2024, 6, 10))
    assert MAINLAND.is_workday(datetime(2024, 4, 28, 9, 30))


def test_an_unpublished_year_is_monday_to_friday_and_says_so() -> None:
    assert not MAINLAND.published(2999)
    assert MAINLAND.add_workdays(date(2999, 9, 30), 2) == (date(2999, 10, 2), False)
    last_published = max(year for year in range(2020, 2100) if MAINLAND.published(year))
    assert not MAINLAND.add_workdays(date(last_published, 12, 31), 1).published


def test_a_team_has_its_own_days_off() -> None:
    calendar = Calendar(frozenset({date(2024, 6, 4), date(2024, 4, 28)}))
    assert calendar.add_workdays(date(2024, 6, 3), 1).day == date(2024, 6, 5)
    assert not calendar.is_workday(date(2024, 4, 28))


def test_nothing_counted_is_the_start_day_itself() -> None:
    assert MAINLAND.add_workdays(date(2024, 6, 30), 0).day == date(2024, 6, 30)
    assert MAINLAND.add_workdays(datetime(2024, 6, 7, 18, 0), 2).day == date(2024, 6, 12)


def test_the_calendar_ends_where_dates_do() -> None:
    assert MAINLAND.add_workdays(date(9999, 12, 31), 5).day == date.max
    assert MAINLAND.add_workdays(date(9998, 1, 1), 10**9).day == date.max
    assert MAINLAND.add_workdays(date(1, 1, 3), -10).day == date.min
    assert MAINLAND.workdays_between(date.max, date.max) == 0
    assert MAINLAND.workdays_between(date.min, date.min) == 0


@given(calendars, days, st.integers(1, 400))
def test_adding_and_counting_agree(calendar: Calendar, start: date, n: int) -> None:
    end = calendar.add_workdays(start, n).day
    assert calendar.is_workday(end)
    assert calendar.workdays_between(start, end) == n
    assert calendar.workdays_between(start, end - timedelta(days=1)) == n - 1


@given(calendars, days, st.integers(1, 400))
def test_counting_backwards_agrees_too(calendar: Calendar, start: date, n: int) -> None:
    end = calendar.add_workdays(start, -n).day
    assert calendar.is_workday(end)
    assert calendar.workdays_between(start, end) == -n


@given(days, days, days)
def test_counts_add_up(one: date, two: date, three: date) -> None:
    first, second, third = sorted([one, two, three])
    between = MAINLAND.workdays_between
    assert between(first, second) + between(second, third) == between(first, third)


@given(calendars, days, st.integers(0, 60))
def test_the_day_by_day_count_is_the_same(calendar: Calendar, start: date, span: int) -> None:
    walked = [start + timedelta(days=n) for n in range(1, span + 1)]
    counted = calendar.workdays_between(start, start + timedelta(days=span))
    assert counted == sum(map(calendar.is_workday, walked))


def test_the_published_calendar_is_the_librarys() -> None:
    import chinese_calendar

    day = date(2004, 1, 1)
    while MAINLAND.published(day.year):
        assert MAINLAND.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    assert day.year >= 2026


def test_ten_thousand_calls_take_no_time() -> None:
    start = date(2024, 1, 1)
    MAINLAND.add_workdays(start, 1)
    begun = time.perf_counter()
    for n in range(10_000):
        MAINLAND.add_workdays(start, n % 200)
    assert time.perf_counter() - begun < 2
