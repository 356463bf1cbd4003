"""逾期: guide.md, What is computed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xlflow.meaning.overdue import (
    changes_after,
    day_of,
    happened_by,
    in_time,
    late_seconds,
    late_text,
    lateness,
    moment_of,
)

JUNE_30, JULY_15 = date(2024, 6, 30), date(2024, 7, 15)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31))
deadlines = st.one_of(st.dates(date(2024, 1, 1), date(2024, 12, 31)), moments)


def text(due: date, as_of: date, language: str = "zh") -> str:
    late = lateness(due, moment_of(as_of))
    return late_text(late, language) if late else ""


def test_the_guides_plans() -> None:
    def overdue(as_of: date) -> int:
        return sum(bool(text(due, as_of)) for due in (JUNE_30, JULY_15))

    assert overdue(JUNE_30) == 0
    assert overdue(date(2024, 7, 1)) == 1
    assert overdue(JULY_15) == 1
    assert overdue(date(2024, 7, 16)) == 2


@pytest.mark.parametrize(
    ("due", "as_of", "expected"),
    [
        # A date alone lasts until the end of its day, then calendar days count.
        (JUNE_30, JUNE_30, ""),
        (JUNE_30, datetime(2024, 6, 30, 23, 59), ""),
        (JUNE_30, datetime(2024, 7, 1), ""),
        (JUNE_30, datetime(2024, 7, 1, 0, 0, 1), "逾期1天"),
        (JUNE_30, date(2024, 7, 1), "逾期1天"),
        (JUNE_30, datetime(2024, 7, 3, 9), "逾期3天"),
        # A moment: hours rounded up, from 24 on whole days; exactly at it is not late.
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 1, 15), ""),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 1, 15, 0, 1), "逾期1小时"),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 1, 16), "逾期1小时"),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 1, 21, 30), "逾期7小时"),
        (datetime(2024, 7, 1, 15), date(2024, 7, 1), "逾期9小时"),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 2, 14, 59), "逾期24小时"),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 2, 15), "逾期1天"),
        (datetime(2024, 7, 1, 15), datetime(2024, 7, 4, 14), "逾期2天"),
    ],
)
def test_lateness_and_its_wording(due: date, as_of: date, expected: str) -> None:
    assert text(due, as_of) == expected


def test_in_english() -> None:
    assert text(JUNE_30, date(2024, 7, 3), "en") == "3 days overdue"
    assert text(JUNE_30, date(2024, 7, 1), "en") == "1 day overdue"
    assert text(datetime(2024, 7, 1, 15), date(2024, 7, 1), "en") == "9 hours overdue"


def test_seconds_count_from_the_due_moment() -> None:
    assert late_seconds(JUNE_30, datetime(2024, 7, 1, 9)) == 9 * 3600
    assert late_seconds(datetime(2024, 7, 1, 15), datetime(2024, 7, 1, 15, 1)) == 60
    assert late_seconds(JUNE_30, datetime(2024, 6, 1)) == 0


def test_an_event_that_is_a_date_alone_happened_from_the_beginning_of_its_day() -> None:
    assert happened_by(JUNE_30, datetime(2024, 6, 30, 0, 0, 1))
    assert happened_by(JUNE_30, moment_of(JUNE_30))
    assert not happened_by(date(2024, 7, 1), moment_of(JUNE_30))
    assert happened_by(datetime(2024, 6, 30, 9), datetime(2024, 6, 30, 9))
    assert not happened_by(datetime(2024, 6, 30, 9, 1), datetime(2024, 6, 30, 9))
    assert not happened_by(None, datetime(2024, 6, 30, 9))


@pytest.mark.parametrize(
    ("event", "due", "expected"),
    [
        (JUNE_30, JUNE_30, True),
        (datetime(2024, 6, 30, 23), JUNE_30, True),
        (datetime(2024, 7, 1), JUNE_30, False),
        (JUNE_30, datetime(2024, 6, 30, 9), True),
        (datetime(2024, 6, 30, 9), datetime(2024, 6, 30, 9), True),
        (datetime(2024, 6, 30, 9, 1), datetime(2024, 6, 30, 9), False),
        (JULY_15, datetime(2024, 6, 30, 9), False),
    ],
)
def test_dates_are_compared_where_either_side_is_one(
    event: date, due: date, expected: bool
) -> None:
    assert in_time(event, due) is expected


def test_the_ends_of_the_calendar() -> None:
    assert moment_of(date.max) == datetime.max
    assert lateness(date.max, datetime.max) is None
    assert lateness(datetime.max, datetime.max) is None
    assert day_of(datetime.min) == date.min
    assert lateness(datetime.min, datetime.max) is not None
    assert changes_after(datetime.max, datetime.max) == datetime.max
    assert changes_after(datetime(9999, 12, 30), datetime.max) == datetime.max


@given(deadlines, moments, moments)
def test_lateness_only_grows(due: date, one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    assert late_seconds(due, earlier) <= late_seconds(due, later)
    if lateness(due, earlier):
        assert lateness(due, later)


@given(deadlines, moments)
def test_done_by_now_is_late_or_in_time(due: date, now: datetime) -> None:
    assert in_time(now, due) or lateness(due, now)


@given(deadlines, moments)
@example(datetime(2024, 7, 1, 9), datetime(2024, 7, 2, 9))  # 24 hours turn into 1 day
def test_the_text_holds_until_it_changes(due: date, as_of: datetime) -> None:
    until = changes_after(due, as_of)
    assert until >= as_of
    assert text(due, until) == text(due, as_of)
    # A deadline that lies ahead says nothing until it has passed, and then something.
    assert text(due, until + timedelta(microseconds=1)) != text(due, as_of)
