"""The counts and sums as SQL, of one period by team or of several months by month.

Each select returns one row for each key (or key, metric and unit); rates are computed
from them in :mod:`xlflow.figures.rollup`. Recurring duties aren't included, since their
occurrences need the calendar. Formulas: docs/reference/figures.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple, Self

import sqlalchemy as sa

from xlflow.config import Settings
from xlflow.meaning.overdue import end_of_day
from xlflow.meaning.workdays import Calendar
from xlflow.schema import CANCELLED, DONE
from xlflow.store import sql_tables
from xlflow.store.database import NOT_ROLLED_UP
from xlflow.store.row_encoding import MET, MISSED, UNKNOWN
from xlflow.store.sql_time import (
    Condition,
    Instant,
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


TREND = 12
"""The number of months in the trend, which ends with the report's own."""


class Period(NamedTuple):
    """The days for which figures are taken, and the moment T as of which rows are read."""

    first: date
    last: date
    at: datetime

    @classmethod
    def of_month(cls, month: str, as_of: datetime) -> Self:
        """Return the period of a month; T is the earlier of as-of and the month's end."""
        first = date.fromisoformat(f"{month}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        last = date.fromordinal(following.toordinal() - 1)
        return cls(first, last, min(as_of, end_of_day(last)))

    @property
    def beginning(self) -> datetime:
        """The moment by which something must have happened to be before the period.

        It is never after T, since what happened after T doesn't count.
        """
        return min(datetime.combine(self.first, time.min), self.at)

    def in_sql(self) -> SqlPeriod:
        """Return the period as texts to compare with."""
        return SqlPeriod(
            self.first.isoformat(),
            self.last.isoformat(),
            Instant.of(self.at),
            Instant.of(self.beginning),
        )


def month_before(month: str) -> str:
    """Return the month before another, such as ``2023-12`` for ``2024-01``."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 2, 12)
    return f"{year:04}-{number + 1:02}"


def last_day_of_grace(month: str, settings: Settings) -> date:
    """Return the last day on which handing in for a month is on time."""
    last = Period.of_month(month, datetime.max).last
    grace = Calendar(settings.days_off).add_workdays(last, settings.grace_workdays).day
    return max(grace, last)


class SqlPeriod(NamedTuple):
    """A period as SQL compares it: texts, or the columns of a table of periods."""

    first: Any
    last: Any
    at: Instant
    beginning: Instant


Key = sa.ColumnClause[Any]
"""What sums are taken by: :data:`BY_TEAM`, or the month of a table of periods."""

BY_TEAM: Key = BOOK.team


def several_months(periods: Mapping[str, Period]) -> tuple[SqlPeriod, Key]:
    """Return some months as the columns of a table, and the key that tells them apart."""
    names = ("month", "first", "last", "at", "at_day", "beginning", "beginning_day")
    rows = []
    for month, period in periods.items():
        first, last, at, beginning = period.in_sql()
        values = zip(names, (month, first, last, *at, *beginning), strict=True)
        rows.append(sa.select(*(sa.literal(value, sa.Text).label(name) for name, value in values)))
    c: Any = sa.union_all(*rows).cte("months").c
    at, beginning = Instant(c.at, c.at_day), Instant(c.beginning, c.beginning_day)
    return SqlPeriod(c.first, c.last, at, beginning), c.month


def is_counted() -> Condition:
    """Condition for workbooks that are rolled up: neither conflict copies nor gone."""
    return BOOK.status.not_in(NOT_ROLLED_UP)


def is_counted_here(table: sa.Table) -> Condition:
    """Condition for rows that don't count in another workbook; true of any other table."""
    return table.c.counted_in.is_(None) if "counted_in" in table.c else sa.true()


def cancelled() -> Condition:
    """Condition for cancelled plan items."""
    return PLAN.status == CANCELLED


def done(at: Instant) -> Condition:
    """Condition for plan items done by a moment; 已完成 without a date counts as done."""
    return sa.or_(happened(PLAN.done_on, at), _done_undated())


def plan_belongs(period: SqlPeriod) -> Condition:
    """Condition for plan items, not cancelled, that belong to the period."""
    carried_over = sa.and_(
        PLAN.due < period.first,
        sa.not_(happened(PLAN.done_on, period.beginning)),
        sa.not_(_done_undated()),
    )
    return sa.and_(
        sa.not_(cancelled()),
        sa.or_(within(PLAN.due, period.first, period.last), _done_within(period), carried_over),
    )


def plan_overdue(at: Instant) -> Condition:
    """Condition for plan items known not to be done although their deadline has passed."""
    return sa.and_(sa.not_(cancelled()), PLAN.judged, sa.not_(done(at)), passed(PLAN.due, at))


def plan_sums(period: SqlPeriod, key: Key = BY_TEAM) -> sa.Select[Any]:
    """Return the plan's counts and sums."""
    belongs = plan_belongs(period)
    is_done, overdue = done(period.at), plan_overdue(period.at)
    dated = sa.and_(happened(PLAN.done_on, period.at), PLAN.due.is_not(None))
    on_time = in_time(PLAN.done_on, PLAN.due)
    delayed = sa.and_(dated, sa.not_(on_time))
    # An end before its beginning is no interval (XF214, XF222), though it is an end.
    timed_cycle = sa.and_(
        _done_within(period),
        PLAN.started_on.is_not(None),
        in_time(PLAN.started_on, PLAN.done_on),
    )
    # Of the rows that are asked for, these are the ones that belong.
    belonging = sa.not_(cancelled())
    given_up = sa.and_(cancelled(), within(PLAN.due, period.first, period.last))
    return (
        _by_key(sql_tables.ROWS["plan"], key)
        .add_columns(
            _count(belonging).label("plan_rows"),
            _count(cancelled()).label("plan_cancelled"),
            _count(belonging, is_done).label("plan_done"),
            _count(belonging, _done_undated()).label("plan_undated"),
            _count(belonging, dated, on_time).label("plan_on_time"),
            _count(belonging, delayed).label("plan_late"),
            _count(belonging, overdue).label("plan_overdue"),
            _sum(days_between(PLAN.due, PLAN.done_on), belonging, delayed).label("late_days"),
            _sum(days_between(PLAN.started_on, PLAN.done_on), belonging, timed_cycle).label(
                "cycle_days"
            ),
            _count(belonging, timed_cycle).label("cycles"),
        )
        .where(sa.or_(belongs, given_up))
    )


def message_belongs(period: SqlPeriod) -> Condition:
    """Condition for requests, not recurring, that belong to the period."""
    carried_over = sa.and_(
        MESSAGE.asked_at < period.first,
        sa.not_(happened(MESSAGE.answered_at, period.beginning)),
    )
    return sa.and_(
        sa.not_(MESSAGE.recurring),
        sa.or_(within(MESSAGE.asked_at, period.first, period.last), carried_over),
    )


def message_overdue(at: Instant) -> Condition:
    """Condition for requests, not recurring, known to be unanswered after their deadline."""
    return sa.and_(
        sa.not_(MESSAGE.recurring),
        MESSAGE.judged,
        sa.not_(happened(MESSAGE.answered_at, at)),
        passed(MESSAGE.answer_due, at),
    )


def message_sums(period: SqlPeriod, key: Key = BY_TEAM) -> sa.Select[Any]:
    """Return the communication's counts and sums."""
    belongs, answered = message_belongs(period), happened(MESSAGE.answered_at, period.at)
    on_time = in_time(MESSAGE.answered_at, MESSAGE.answer_due)
    delayed = sa.and_(answered, MESSAGE.answer_due.is_not(None), sa.not_(on_time))
    both_timed = sa.and_(
        answered,
        timed(MESSAGE.asked_at),
        timed(MESSAGE.answered_at),
        in_time(MESSAGE.asked_at, MESSAGE.answered_at),
    )
    seconds = seconds_between(MESSAGE.asked_at, MESSAGE.answered_at)
    return (
        _by_key(sql_tables.ROWS["message"], key)
        .add_columns(
            _count().label("messages"),
            _count(answered).label("messages_answered"),
            _count(answered, on_time).label("messages_in_time"),
            _count(delayed).label("messages_late"),
            _count(message_overdue(period.at)).label("messages_overdue"),
            _sum(seconds, both_timed).label("answer_seconds"),
            _count(both_timed).label("answers_timed"),
        )
        .where(belongs)
    )


def campaign_sums(months: Sequence[str], key: Key = CAMPAIGN.month) -> sa.Select[Any]:
    """Return the campaigns' counts."""
    return (
        _by_key(sql_tables.ROWS["campaign"], key)
        .add_columns(
            _count().label("campaigns"),
            _count(CAMPAIGN.verdict == MET).label("campaigns_met"),
            _count(CAMPAIGN.verdict == MISSED).label("campaigns_missed"),
            _count(CAMPAIGN.verdict == UNKNOWN).label("campaigns_unknown"),
        )
        .where(CAMPAIGN.month.in_(months))
    )


def metric_sums(months: Sequence[str], key: Key = CAMPAIGN.month) -> sa.Select[Any]:
    """Return the sums over rows with a deviation, also by metric as written and unit.

    If only one of target and actual has a unit, it is the unit of both. Sums are
    decimal text.
    """
    unit = sa.func.coalesce(sa.func.nullif(CAMPAIGN.target_unit, ""), CAMPAIGN.actual_unit).label(
        "unit"
    )
    return (
        _by_key(sql_tables.ROWS["campaign"], key)
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
        .where(CAMPAIGN.month.in_(months), CAMPAIGN.ratio.is_not(None))
        .group_by(CAMPAIGN.metric_key, CAMPAIGN.metric, unit)
    )


def problem_sums(
    months: Sequence[str] | None = None, key: Key = PROBLEM.sheet_month
) -> sa.Select[Any]:
    """Return the problems' counts and sums, as the sheets are now.

    Those on sheets that are named by one of ``months``, or without it those on sheets that
    aren't named by a month, which count in every month.
    """
    named = PROBLEM.sheet_month
    return (
        _by_key(sql_tables.ROWS["problem"], key)
        .add_columns(
            _count().label("problems"),
            _count(PROBLEM.impact == "高").label("problems_high"),
            _count(PROBLEM.impact == "中").label("problems_medium"),
            _count(PROBLEM.impact == "低").label("problems_low"),
            sa.func.decimal_sum(PROBLEM.days).label("problem_days"),
        )
        .where(named.is_(None) if months is None else named.in_(months))
    )


def finding_sums() -> sa.Select[Any]:
    """Return the number of errors and warnings in each team's workbook, as last recorded."""
    found = sql_tables.finding.c
    return (
        _by_key(sql_tables.finding)
        .add_columns(
            _count(found.severity == "error").label("errors"),
            _count(found.severity == "warning").label("warnings"),
        )
        .where(found.version_after.is_(None))
    )


def tables() -> sa.Select[Any]:
    """Return the tables for which each team's workbook has a sheet."""
    table = sql_tables.sheet
    return (
        sa.select(BOOK.team, table.c.table)
        .join_from(sql_tables.workbook, table, table.c.workbook == BOOK.workbook)
        .where(is_counted())
    )


def undated_sums() -> tuple[sa.Select[Any], ...]:
    """Return the number of rows of the tables 2–4 that belong to no month, by table and team."""
    undated = {
        "plan": sa.and_(PLAN.due.is_(None), sa.or_(PLAN.done_on.is_(None), cancelled())),
        "message": MESSAGE.asked_at.is_(None),
        "campaign": CAMPAIGN.month.is_(None),
    }
    return tuple(
        _by_key(sql_tables.ROWS[name], BY_TEAM)
        .add_columns(_count().label("undated"))
        .where(condition)
        for name, condition in undated.items()
    )


def first_seen(month: str) -> sa.Select[Any]:
    """Return when each team was first seen to have handed in for a month."""
    table = sql_tables.handed_in
    return (
        sa.select(BOOK.team, table.c.first_seen)
        .join_from(table, sql_tables.workbook, table.c.workbook == BOOK.workbook)
        .where(is_counted(), table.c.month == month)
    )


def _done_undated() -> Condition:
    return sa.and_(PLAN.status == DONE, PLAN.done_on.is_(None))


def _done_within(period: SqlPeriod) -> Condition:
    return sa.and_(
        happened(PLAN.done_on, period.at), within(PLAN.done_on, period.first, period.last)
    )


def _by_key(table: sa.Table, key: Key = BY_TEAM) -> sa.Select[Any]:
    query = (
        sa.select(key.label("key"))
        .join_from(sql_tables.workbook, table, table.c.workbook == BOOK.workbook)
        .where(is_counted(), is_counted_here(table))
        .group_by(key)
    )
    months: Any = key.table
    if months is sql_tables.workbook or months is table:
        return query
    return query.join(months, sa.true())


def _count(*conditions: Condition) -> sa.ColumnElement[int]:
    return _sum(sa.literal(1), *conditions)


def _sum(value: sa.ColumnElement[int], *conditions: Condition) -> sa.ColumnElement[int]:
    if not conditions:
        return sa.func.sum(value)
    return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), value), else_=0)), 0)
