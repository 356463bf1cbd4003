"""Recurring duties within a month (docs/reference/figures.md, "Communication")."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from xlflow.figures.recurring_duties import Duty, recurring_sums
from xlflow.figures.sums import Period
from xlflow.meaning.deadline import Daily
from xlflow.meaning.workdays import Calendar

SINCE_JUNE = Duty(
    team="市场一部",
    workbook="teams/市场一部.xlsx",
    row_id="a",
    duty=Daily(time(17)),
    asked_at=date(2024, 6, 3),
    answered_at=None,
    judged=True,
    calendar=Calendar(),
)


def at(day: int, hour: int) -> datetime:
    """Return a moment in July 2024, which begins on a Monday."""
    return datetime(2024, 7, day, hour)


def missed_in_july(duty: Duty, as_of: datetime) -> bool:
    return duty.missed_in(Period.of_month("2024-07", as_of)) is not None


def test_a_duty_is_overdue_in_a_month_once_an_occurrence_passed_unsettled() -> None:
    assert not missed_in_july(SINCE_JUNE, at(1, 9))
    assert missed_in_july(SINCE_JUNE, at(1, 18))
    assert not missed_in_july(replace(SINCE_JUNE, answered_at=at(1, 16)), at(1, 18))


def test_a_month_that_has_ended_is_read_as_of_its_end() -> None:
    later = datetime(2025, 1, 1)
    assert missed_in_july(SINCE_JUNE, later)
    assert not missed_in_july(replace(SINCE_JUNE, asked_at=date(2024, 8, 1)), later)
    on_the_last_day = replace(SINCE_JUNE, asked_at=date(2024, 7, 31), answered_at=at(31, 16))
    assert not missed_in_july(on_the_last_day, later)


def test_a_duty_without_an_answer_column_is_neither_overdue_nor_in_time() -> None:
    unknown = replace(SINCE_JUNE, judged=False)
    (sums,) = recurring_sums([unknown], Period.of_month("2024-07", at(2, 9))).values()
    assert (sums["messages"], sums["messages_overdue"], sums["messages_in_time"]) == (1, 0, 0)


def test_a_duty_counts_from_the_month_in_which_it_was_asked_on() -> None:
    for month, counted in (("2024-05", 0), ("2024-06", 1), ("2024-07", 1)):
        assert len(list(recurring_sums([SINCE_JUNE], Period.of_month(month, at(31, 9))))) == counted
