"""The roll-up of one month over all teams: counts and sums from SQL, figures from sums.

The store groups by team and by month (:mod:`xlflow.figures.sums`). Every rate is
computed from sums, for a team and for the total; rates are never averaged. Formulas:
docs/reference/figures.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from xlflow.config import Settings
from xlflow.figures import rows_behind, sums
from xlflow.figures.catalogue import FIGURES, LATE, MISSING, ON_TIME
from xlflow.figures.recurring_duties import recurring_duties, recurring_sums
from xlflow.figures.report import OverdueItem, Report, TargetProgress
from xlflow.figures.sums import BY_TEAM, TREND, Period, month_before
from xlflow.meaning.overdue import day_of, end_of_day
from xlflow.meaning.quantity import PERCENT
from xlflow.meaning.variance import is_ratio
from xlflow.store import Store
from xlflow.store.database import NOT_ROLLED_UP

Figures = Mapping[str, Any]

LATER_EDIT = "XF406"
"""The rule about edits of closed months."""


def month_report(
    store: Store,
    settings: Settings,
    month: str,
    as_of: datetime,
    language: str,
    closed: Mapping[str, Figures] = MappingProxyType({}),
) -> Report:
    """Return the figures of ``month`` and the rows behind them, from the store as it is.

    Args:
        month: such as ``2024-07``.
        as_of: the moment taken as now, in the workspace's zone; the rows of a
            month that has ended are read as of its end.
        language: the language of findings and reasons.
        closed: the totals of closed months, by which the others are compared.
    """
    with store.reading() as connection:
        rollup = _Rollup(connection, store, settings, as_of)
        months = [month]
        while len(months) < TREND:
            months.append(month_before(months[-1]))
        periods = {each: Period.of_month(each, as_of) for each in months}
        totals = rollup.totals(periods)
        teams = rollup.teams(month)
        period = periods[month]
        before = _same_day_before(period, periods[months[1]])
        previous = rollup.totals({months[1]: before})[months[1]]
        if before == periods[months[1]]:
            previous = closed.get(months[1], previous)
        source = rows_behind.ListSource(connection, period, rollup.duties, language)
        return replace(
            _figures_alone(store, settings, source, as_of, totals[month], teams),
            previous=previous if _rows(previous) else None,
            previous_until=before.at,
            trend=tuple((each, closed.get(each, totals[each])) for each in reversed(months)),
            overdue=rows_behind.overdue_in_period(source),
            priorities=rows_behind.priorities(source, month),
            campaigns=rows_behind.campaigns(source, month),
            messages=rows_behind.messages(source),
            findings=rows_behind.findings(source),
            submissions=rows_behind.submissions(
                rollup.books,
                {team: figures["handed_in"] for team, figures in teams.items()},
                rollup.first_seen(month),
                language,
            ),
        )


def month_figures(store: Store, settings: Settings, month: str, as_of: datetime) -> Report:
    """Return the figures of ``month`` as :func:`month_report` does, without rows and other months.

    It takes a fraction of the time.
    """
    with store.reading() as connection:
        rollup = _Rollup(connection, store, settings, as_of)
        period = Period.of_month(month, as_of)
        source = rows_behind.ListSource(connection, period, rollup.duties, settings.language)
        total = rollup.totals({month: period})[month]
        return _figures_alone(store, settings, source, as_of, total, rollup.teams(month))


def _figures_alone(
    store: Store,
    settings: Settings,
    source: rows_behind.ListSource,
    as_of: datetime,
    total: Figures,
    teams: Mapping[str, Figures],
) -> Report:
    period = source.period
    month = f"{period.first:%Y-%m}"
    first_pass = store.first_pass()
    return Report(
        month=month,
        as_of=as_of,
        until=period.at,
        total=total,
        teams=teams,
        rows=_rows(total) + (total["problems"] or 0),
        afterwards=first_pass is not None
        and day_of(first_pass) > sums.last_day_of_grace(month, settings),
        targets=_targets(settings, total),
        later_edits=rows_behind.findings(source, LATER_EDIT),
    )


def _same_day_before(period: Period, before: Period) -> Period:
    """Return the month before, up to the day and time of day that ``period`` has come to.

    A month that has ended is compared with the whole month before.
    """
    if period.at >= end_of_day(period.last):
        return before
    day = day_of(period.at)
    same_day = before.first.replace(day=min(day.day, before.last.day))
    return before._replace(at=datetime.combine(same_day, time()) + (period.at - _midnight(day)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def overdue_items(store: Store, settings: Settings, as_of: datetime) -> tuple[OverdueItem, ...]:
    """Return all that is overdue at ``as_of``, longest first, in agreement with the flags."""
    with store.reading() as connection:
        period = Period.of_month(f"{day_of(as_of):%Y-%m}", as_of)
        duties = recurring_duties(connection, settings)
        return rows_behind.overdue_now(
            rows_behind.ListSource(connection, period, duties, settings.language)
        )


Sums = dict[str, Any]


class _Rollup:
    """The data from which any month's figures are taken."""

    def __init__(
        self,
        connection: sa.Connection,
        store: Store,
        settings: Settings,
        as_of: datetime,
    ) -> None:
        self._connection, self._settings, self._as_of = connection, settings, as_of
        self.books = [book for book in store.workbooks() if book.status not in NOT_ROLLED_UP]
        self.duties = recurring_duties(connection, settings)
        self._tables: dict[str, frozenset[str]] = {}
        for team, table in connection.execute(sums.tables()):
            self._tables[team] = self._tables.get(team, frozenset()) | {table}
        # Of the sheets as they are now, and so the same for every month.
        self._current = self._by_key(
            sums.problem_sums(key=sums.BY_TEAM), sums.finding_sums(), *sums.undated_sums()
        )

    def teams(self, month: str) -> dict[str, Figures]:
        """Return the figures of each team for a month."""
        period = Period.of_month(month, self._as_of)
        by_team = self._by_key(
            sums.plan_sums(period.in_sql()),
            sums.message_sums(period.in_sql()),
            sums.campaign_sums([month], BY_TEAM),
            sums.problem_sums([month], BY_TEAM),
        )
        recurring = recurring_sums(self.duties, period)
        metrics = self._metrics(sums.metric_sums([month], BY_TEAM))
        return {
            team: _figures(
                _added(self._current.get(team), by_team.get(team), recurring.get(team)),
                tables=self._tables.get(team, frozenset()),
                metrics=_merged(metrics.get(team, ()), self._settings),
                handed_in=state,
            )
            for team, state in self._handed_in(month).items()
        }

    def totals(self, periods: Mapping[str, Period]) -> dict[str, Figures]:
        """Return the figures of all teams together for some months, or the beginnings of some."""
        months = list(periods)
        all_periods, key = sums.several_months(periods)
        by_month = self._by_key(
            sums.plan_sums(all_periods, key),
            sums.message_sums(all_periods, key),
            sums.campaign_sums(months),
            sums.problem_sums(months),
        )
        current = _added(*self._current.values())
        tables = frozenset[str]().union(*self._tables.values())
        metrics = self._metrics(sums.metric_sums(months))
        totals = {}
        for month, period in periods.items():
            recurring = recurring_sums(self.duties, period).values()
            states = list(self._handed_in(month).values())
            totals[month] = _figures(
                _added(current, by_month.get(month), *recurring),
                tables=tables,
                metrics=_merged(metrics.get(month, ()), self._settings),
                handed_in={state: states.count(state) for state in (ON_TIME, LATE, MISSING)},
            )
        return totals

    def first_seen(self, month: str) -> dict[str, datetime]:
        """Return when each team was first seen to have handed in, if that was by as-of."""
        rows = self._connection.execute(sums.first_seen(month))
        seen = {team: datetime.fromisoformat(first) for team, first in rows}
        return {team: first for team, first in seen.items() if first <= self._as_of}

    def _handed_in(self, month: str) -> dict[str, str]:
        """Return each team's state of handing in (docs/reference/figures.md)."""
        grace = sums.last_day_of_grace(month, self._settings)
        seen = self.first_seen(month)
        return {
            book.team: (
                MISSING
                if book.team not in seen
                else ON_TIME
                if day_of(seen[book.team]) <= grace
                else LATE
            )
            for book in self.books
        }

    def _by_key(self, *selects: sa.Select[Any]) -> dict[str, Sums]:
        """Return the records of some selects together, by their key."""
        found: dict[str, Sums] = {}
        for select in selects:
            for key, record in self._records(select):
                found[key] = _added(found.get(key), record)
        return found

    def _metrics(self, select: sa.Select[Any]) -> dict[str, list[Sums]]:
        """Return the records of the metrics by their key."""
        found: dict[str, list[Sums]] = {}
        for key, record in self._records(select):
            found.setdefault(key, []).append(record)
        return found

    def _records(self, select: sa.Select[Any]) -> Iterable[tuple[str, Sums]]:
        for row in self._connection.execute(select).mappings().all():
            record = dict(row)
            yield record.pop("key"), record


def _added(*records: Mapping[str, Any] | None) -> Sums:
    """Return the sums of some records, exactly; decimals are text in the store's records."""
    added: Sums = {}
    for record in records:
        for name, value in (record or {}).items():
            amount = Decimal(value) if isinstance(value, str) else value
            added[name] = added[name] + amount if name in added else amount
    return added


_SUMS = (
    *("plan_rows", "plan_cancelled", "plan_done", "plan_undated", "plan_on_time", "plan_late"),
    *("plan_overdue", "late_days", "cycle_days", "cycles"),
    *("messages", "messages_answered", "messages_in_time", "messages_late", "messages_overdue"),
    *("answer_seconds", "answers_timed"),
    *("campaigns", "campaigns_met", "campaigns_missed", "campaigns_unknown"),
    *("problems", "problems_high", "problems_medium", "problems_low", "problem_days"),
    *("errors", "warnings", "undated"),
)


def _figures(
    sums_: Sums, *, tables: frozenset[str], metrics: list[Figures], handed_in: Any
) -> Figures:
    """Return the figures of a team or of the total, in the order of the catalogue.

    Those of a table that isn't among ``tables`` are None: without its sheet nothing is known.

    Formulas: docs/reference/figures.md.
    """
    s = {key: sums_.get(key, 0) for key in _SUMS}
    plan_due = s["plan_overdue"] + s["plan_done"]
    answers = s["messages_in_time"] + s["messages_late"] + s["messages_overdue"]
    figures = {
        **s,
        "plan_due": plan_due,
        "overdue_rate": _ratio(s["plan_overdue"] + s["plan_late"], plan_due),
        "on_time_rate": _ratio(s["plan_on_time"], s["plan_on_time"] + s["plan_late"]),
        "late_days_mean": _ratio(s["late_days"], s["plan_late"]),
        "cycle_days_mean": _ratio(s["cycle_days"], s["cycles"]),
        "in_time_rate": _ratio(s["messages_in_time"], answers),
        "answer_hours_mean": _ratio(s["answer_seconds"], 3600 * s["answers_timed"]),
        "problem_days": _number(s["problem_days"]),
        "metrics": metrics,
        "handed_in": handed_in,
    }
    return {
        figure.key: figures[figure.key] if figure.table is None or figure.table in tables else None
        for figure in FIGURES
    }


def _merged(metrics: Iterable[Sums], settings: Settings) -> list[Figures]:
    """Return the sums of each metric and unit over all its spellings.

    Percentages and metrics that are ratios by their name aren't summed.
    """
    groups: dict[tuple[str, str], list[Sums]] = {}
    for spelling in metrics:
        groups.setdefault((spelling["metric_key"], spelling["unit"]), []).append(spelling)
    merged: list[Figures] = []
    for (metric, unit), spellings in sorted(groups.items(), key=itemgetter(0)):
        target = sum((Decimal(each["target"]) for each in spellings), Decimal(0))
        actual = sum((Decimal(each["actual"]) for each in spellings), Decimal(0))
        summed = unit != PERCENT and not is_ratio(metric, settings.ratio_metrics)
        merged.append(
            {
                "metric": _usual_name(spellings),
                "unit": unit,
                "n": sum(each["n"] for each in spellings),
                "target": _number(target) if summed else None,
                "actual": _number(actual) if summed else None,
                "deviation": _ratio(actual - target, abs(target)) if summed else None,
                "met": sum(each["met"] for each in spellings),
                "missed": sum(each["missed"] for each in spellings),
            }
        )
    return merged


def _usual_name(spellings: Iterable[Sums]) -> str | None:
    """Return the spelling of a metric that most rows have; None if they leave it blank."""
    rows = {each["metric"]: each["n"] for each in spellings if each["metric"] is not None}
    return max(sorted(rows), key=rows.__getitem__, default=None)


def _targets(settings: Settings, total: Figures) -> tuple[TargetProgress, ...]:
    """Return the progress towards each target of the settings."""
    progress = []
    for name, target in settings.targets.items():
        current = total.get(target.figure)
        distance = _exact(target.baseline) - _exact(target.target)
        progress.append(
            TargetProgress(
                name=name,
                figure=target.figure,
                baseline=target.baseline,
                target=target.target,
                benchmark=target.benchmark,
                current=current,
                progress=None
                if current is None
                else _ratio(_exact(target.baseline) - _exact(current), distance),
            )
        )
    return tuple(progress)


def _rows(total: Figures) -> int:
    """Return the number of rows of the tables 2–4 that belong to a month."""
    keys: Iterable[str] = ("plan_rows", "plan_cancelled", "messages", "campaigns")
    return sum(total.get(key) or 0 for key in keys)


def _ratio(part: Any, whole: Any) -> float | None:
    """Return the quotient, exact until the last step; None if ``whole`` is 0."""
    return float(Fraction(part) / Fraction(whole)) if whole else None


def _exact(number: float) -> Fraction:
    """Return the number as it was written: 0.3 instead of the nearest binary fraction."""
    return Fraction(repr(number))


def _number(amount: Decimal | int) -> int | float:
    """Return an int for a whole number, otherwise the nearest float (15 digits are right)."""
    return int(amount) if amount == int(amount) else float(amount)
