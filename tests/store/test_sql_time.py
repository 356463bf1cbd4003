"""Comparing days and moments in SQL agrees with comparing them in Python."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from xlflow.meaning import overdue
from xlflow.store import sql_time
from xlflow.store.row_encoding import to_iso
from xlflow.store.sql_time import Instant

DAYS = st.dates(date(2024, 2, 27), date(2024, 3, 4))
MOMENTS = st.builds(
    lambda day, second: datetime.combine(day, datetime.min.time()) + timedelta(seconds=second),
    DAYS,
    st.sampled_from([1, 3600, 61200, 86399]),
)
EITHER = DAYS | MOMENTS
AS_OF = (
    MOMENTS | DAYS.map(overdue.end_of_day) | MOMENTS.map(lambda m: m + timedelta(microseconds=5))
)


@pytest.fixture(scope="module")
def ask() -> Any:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        yield lambda expression: connection.scalar(sa.select(expression))
    engine.dispose()


def stored(moment: date | datetime | None) -> sa.ColumnElement[Any]:
    return sa.literal(to_iso(moment), sa.Text)


@given(event=EITHER | st.none(), at=AS_OF)
@settings(max_examples=300)
def test_happened(ask: Any, event: date | datetime | None, at: datetime) -> None:
    assert ask(sql_time.happened(stored(event), Instant.of(at))) is overdue.happened_by(event, at)


@given(deadline=EITHER, at=AS_OF)
@settings(max_examples=300)
def test_passed(ask: Any, deadline: date | datetime, at: datetime) -> None:
    late = overdue.lateness(deadline, at) is not None
    assert ask(sql_time.passed(stored(deadline), Instant.of(at))) is late


@given(event=EITHER, deadline=EITHER)
@settings(max_examples=300)
def test_in_time(ask: Any, event: date | datetime, deadline: date | datetime) -> None:
    expected = overdue.in_time(event, deadline)
    assert ask(sql_time.in_time(stored(event), stored(deadline))) is expected


@pytest.mark.parametrize("what", [sql_time.happened, sql_time.passed])
def test_a_blank_is_false_and_its_opposite_true(ask: Any, what: Any) -> None:
    blank = what(stored(None), Instant.of(datetime(2024, 3, 1)))
    assert ask(blank) is False
    assert ask(sa.not_(blank)) is True


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (date(2024, 2, 1), True),
        (date(2024, 2, 29), True),
        (datetime(2024, 2, 29, 23, 59, 59), True),
        (date(2024, 1, 31), False),
        (date(2024, 3, 1), False),
        (datetime(2024, 3, 1, 0, 0, 1), False),
        (None, False),
    ],
)
def test_within(ask: Any, moment: date | datetime | None, expected: bool) -> None:
    condition = sql_time.within(stored(moment), "2024-02-01", "2024-02-29")
    assert ask(condition) is expected


def test_spans(ask: Any) -> None:
    start, end = stored(datetime(2024, 2, 28, 23, 0)), stored(datetime(2024, 3, 1, 0, 30))
    assert ask(sql_time.days_between(start, end)) == 2
    assert ask(sql_time.seconds_between(start, end)) == 25 * 3600 + 1800
    assert ask(sql_time.days_between(stored(date(2024, 3, 1)), start)) == -2
