"""The figures of one period as SQL: for each team the counts and sums that the rates come from.

Formulas: docs/figures.md. A select here gives one row a team (or a team, metric
and unit); what is divided by what is said in :mod:`xlflow.figures.rollup`.
Recurring duties aren't in them: their occurrences need the calendar.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, NamedTuple, Self

import sqlalchemy as sa

from xlflow.meaning.overdue import end_of_day
from xlflow.schema import CANCELLED, DONE
from xlflow.store import sql_tables
from xlflow.store.database import NOT_ROLLED_UP
from xlflow.store.row_encoding import MET, MISSED, UNKNOWN
from xlflow.store.sql_time import (
    Condition,
    days_between,
    happened,
    in_time,
    passed,
    seconds_between,
    timed,
    within,
)

PLAN, MESSAGE = sql_tables.ROWS["plan"].c, sql_tables.ROWS["message"].c
CAMPAIGN, PROBLEM = sql_tables.ROWS["campaign"].c, sql_tables.ROWS["problem"].c
BOOK = sql_tables.workbook.c


class Period(NamedTuple):
    """The days that the figures are of, and the moment T as at which rows are looked at."""

    first: date
    last: date
    at: datetime

    @classmethod
    def of_month(cls, month: str, as_of: datetime) -> Self:
        """Return a month; T is the earlier of as-of and the month's end."""
        first = date.fromisoformat(f"{month}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        last = date.fromordinal(following.toordinal() - 1)
        return cls(first, last, min(as_of, end_of_day(last)))

    @property
    def beginning(self) -> datetime:
        """The moment up to which something must have happened to lie before the period.

        What happened after T hasn't happened, whenever the period begins.
        """
        return min(datetime.combine(self.first, time.min), self.at)


def is_counted() -> Condition:
    """Workbooks that are rolled up: no conflict copies, none that are gone."""
    return BOOK.status.not_in(NOT_ROLLED_UP)


def cancelled() -> Condition:
    """Plan items that were given up."""
    return PLAN.status == CANCELLED


def done(at: datetime) -> Condition:
    """Plan items done by then; one that is 已完成 without a date counts as done."""
    return sa.or_(happened(PLAN.done_on, at), _done_undated())


def plan_belongs(period: Period) -> Condition:
    """Plan items, not cancelled, that the period takes in."""
    carried_over = sa.and_(
        PLAN.due < period.first.isoformat(),
        sa.not_(happened(PLAN.done_on, period.beginning)),
        sa.not_(_done_undated()),
    )
    return sa.and_(
        sa.not_(cancelled()),
        sa.or_(within(PLAN.due, period.first, period.last), _done_within(period), carried_over),
    )


def plan_overdue(at: datetime) -> Condition:
    """Plan items of which it is known that they aren't done though their deadline has passed."""
    return sa.and_(sa.not_(cancelled()), PLAN.judged, sa.not_(done(at)), passed(PLAN.due, at))


def plan_sums(period: Period) -> sa.Select[Any]:
    """Return the plan's figures by team."""
    belongs = plan_belongs(period)
    is_done, late = done(period.at), plan_overdue(period.at)
    dated = sa.and_(happened(PLAN.done_on, period.at), PLAN.due.is_not(None))
    punctual = in_time(PLAN.done_on, PLAN.due)
    delayed = sa.and_(dated, sa.not_(punctual))
    timed_cycle = sa.and_(_done_within(period), PLAN.started_on.is_not(None))
    gone = sa.and_(cancelled(), within(PLAN.due, period.first, period.last))
    return (
        _by_team(sql_tables.ROWS["plan"])
        .add_columns(
            _count(belongs).label("plan_rows"),
            _count(gone).label("plan_cancelled"),
            _count(belongs, is_done).label("plan_done"),
            _count(belongs, _done_undated()).label("plan_undated"),
            _count(belongs, dated, punctual).label("plan_on_time"),
            _count(belongs, delayed).label("plan_late"),
            _count(belongs, late).label("plan_overdue"),
            _sum(days_between(PLAN.due, PLAN.done_on), belongs, delayed).label("late_days"),
            _sum(days_between(PLAN.started_on, PLAN.done_on), belongs, timed_cycle).label(
                "cycle_days"
            ),
            _count(belongs, timed_cycle).label("cycles"),
        )
        .where(sa.or_(belongs, gone))
    )


def message_belongs(period: Period) -> Condition:
    """Requests, not recurring, that the period takes in."""
    carried_over = sa.and_(
        MESSAGE.asked_at < period.first.isoformat(),
        sa.not_(happened(MESSAGE.answered_at, period.beginning)),
    )
    return sa.and_(
        sa.not_(MESSAGE.recurring),
        sa.or_(within(MESSAGE.asked_at, period.first, period.last), carried_over),
    )


def message_overdue(at: datetime) -> Condition:
    """Requests, not recurring, known to be unanswered though their deadline has passed."""
    return sa.and_(
        sa.not_(MESSAGE.recurring),
        MESSAGE.judged,
        sa.not_(happened(MESSAGE.answered_at, at)),
        passed(MESSAGE.answer_due, at),
    )


def message_sums(period: Period) -> sa.Select[Any]:
    """Return the communication's figures by team."""
    belongs, answered = message_belongs(period), happened(MESSAGE.answered_at, period.at)
    punctual = in_time(MESSAGE.answered_at, MESSAGE.answer_due)
    delayed = sa.and_(answered, MESSAGE.answer_due.is_not(None), sa.not_(punctual))
    both_timed = sa.and_(answered, timed(MESSAGE.asked_at), timed(MESSAGE.answered_at))
    seconds = seconds_between(MESSAGE.asked_at, MESSAGE.answered_at)
    return (
        _by_team(sql_tables.ROWS["message"])
        .add_columns(
            _count().label("messages"),
            _count(answered).label("messages_answered"),
            _count(answered, punctual).label("messages_in_time"),
            _count(delayed).label("messages_late"),
            _count(message_overdue(period.at)).label("messages_overdue"),
            _sum(seconds, both_timed).label("answer_seconds"),
            _count(both_timed).label("answers_timed"),
        )
        .where(belongs)
    )


def campaign_sums(month: str) -> sa.Select[Any]:
    """Return the campaigns' counts by team."""
    return (
        _by_team(sql_tables.ROWS["campaign"])
        .add_columns(
            _count().label("campaigns"),
            _count(CAMPAIGN.verdict == MET).label("campaigns_met"),
            _count(CAMPAIGN.verdict == MISSED).label("campaigns_missed"),
            _count(CAMPAIGN.verdict == UNKNOWN).label("campaigns_unknown"),
        )
        .where(CAMPAIGN.month == month)
    )


def metric_sums(month: str) -> sa.Select[Any]:
    """Return for each team, metric as written, and unit what rows with a deviation add up to.

    A bare number beside a unit has that unit. Sums are decimal text.
    """
    unit = sa.func.coalesce(sa.func.nullif(CAMPAIGN.target_unit, ""), CAMPAIGN.actual_unit).label(
        "unit"
    )
    return (
        _by_team(sql_tables.ROWS["campaign"])
        .add_columns(
            CAMPAIGN.metric_key,
            unit,
            CAMPAIGN.metric,
            _count().label("n"),
            sa.func.decimal_sum(CAMPAIGN.target).label("target"),
            sa.func.decimal_sum(CAMPAIGN.actual).label("actual"),
            _count(CAMPAIGN.verdict == MET).label("met"),
            _count(CAMPAIGN.verdict == MISSED).label("missed"),
        )
        .where(CAMPAIGN.month == month, CAMPAIGN.ratio.is_not(None))
        .group_by(CAMPAIGN.metric_key, CAMPAIGN.metric, unit)
    )


def problem_sums() -> sa.Select[Any]:
    """Return the problems' figures by team, as the sheets stand."""
    return _by_team(sql_tables.ROWS["problem"]).add_columns(
        _count().label("problems"),
        _count(PROBLEM.impact == "高").label("problems_high"),
        _count(PROBLEM.impact == "中").label("problems_medium"),
        _count(PROBLEM.impact == "低").label("problems_low"),
        sa.func.decimal_sum(PROBLEM.days).label("problem_days"),
    )


def finding_sums() -> sa.Select[Any]:
    """Return how many errors and warnings each team's workbook holds, as last read."""
    found = sql_tables.finding.c
    return (
        _by_team(sql_tables.finding)
        .add_columns(
            _count(found.severity == "error").label("errors"),
            _count(found.severity == "warning").label("warnings"),
        )
        .where(found.version_after.is_(None))
    )


def undated_sums() -> tuple[sa.Select[Any], ...]:
    """Return how many rows of each of the tables 2–4 no month can take in, by team."""
    unplaced = {
        "plan": sa.and_(PLAN.due.is_(None), sa.or_(PLAN.done_on.is_(None), cancelled())),
        "message": MESSAGE.asked_at.is_(None),
        "campaign": CAMPAIGN.month.is_(None),
    }
    return tuple(
        _by_team(sql_tables.ROWS[name]).add_columns(_count().label("undated")).where(condition)
        for name, condition in unplaced.items()
    )


def first_seen(month: str) -> sa.Select[Any]:
    """Return when each team was first seen to have handed in for a month."""
    handed = sql_tables.handed_in
    return (
        sa.select(BOOK.team, handed.c.first_seen)
        .join_from(handed, sql_tables.workbook, handed.c.workbook == BOOK.workbook)
        .where(is_counted(), handed.c.month == month)
    )


def _done_undated() -> Condition:
    return sa.and_(PLAN.status == DONE, PLAN.done_on.is_(None))


def _done_within(period: Period) -> Condition:
    return sa.and_(
        happened(PLAN.done_on, period.at), within(PLAN.done_on, period.first, period.last)
    )


def _by_team(table: sa.Table) -> sa.Select[Any]:
    return (
        sa.select(BOOK.team)
        .join_from(sql_tables.workbook, table, table.c.workbook == BOOK.workbook)
        .where(is_counted())
        .group_by(BOOK.team)
    )


def _count(*conditions: Condition) -> sa.ColumnElement[int]:
    return _sum(sa.literal(1), *conditions)


def _sum(value: sa.ColumnElement[int], *conditions: Condition) -> sa.ColumnElement[int]:
    if not conditions:
        return sa.func.sum(value)
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), value), else_=0)), 0)
