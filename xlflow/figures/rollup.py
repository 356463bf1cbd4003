"""The roll-up of one month over all teams: counts and sums from SQL, figures from sums.

The store groups by team (:mod:`xlflow.figures.sums`), pandas joins the groups and adds
them up. Every rate is computed from sums, for a team and for the total; rates are never
averaged. Formulas: docs/reference/figures.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from xlflow.config import Settings
from xlflow.figures import rows_behind, sums
from xlflow.figures.catalogue import FIGURES, LATE, MISSING, ON_TIME
from xlflow.figures.recurring_duties import Duty, recurring_duties, recurring_sums
from xlflow.figures.report import OverdueItem, Report, TargetProgress
from xlflow.figures.sums import Period
from xlflow.meaning.overdue import day_of
from xlflow.meaning.quantity import PERCENT
from xlflow.meaning.workdays import Calendar
from xlflow.store import Store, WorkbookState
from xlflow.store.database import NOT_ROLLED_UP

if TYPE_CHECKING:
    import pandas as pd

TREND = 12
"""The number of months in the trend, which ends with the report's own."""

Figures = Mapping[str, Any]


def month_report(
    store: Store, settings: Settings, month: str, as_of: datetime, language: str
) -> Report:
    """Return the figures of ``month`` and the rows behind them, from the store as it is.

    Args:
        month: such as ``2024-07``.
        as_of: the moment taken as now, in the workspace's zone; the rows of a
            month that has ended are read as of its end.
        language: the language of findings and reasons.
    """
    with store.reading() as connection:
        books = [book for book in store.workbooks() if book.status not in NOT_ROLLED_UP]
        rollup = _Rollup(
            connection,
            settings,
            as_of,
            books,
            recurring_duties(connection, settings),
            current_sums=_rows_of(
                connection, sums.problem_sums(), sums.finding_sums(), *sums.undated_sums()
            ),
        )
        months = [_months_before(month, count) for count in range(TREND)]
        this_month = rollup.of(month)
        totals = {
            each: (this_month if each == month else rollup.of(each)).total() for each in months
        }
        total, teams = totals[month], this_month.teams()
        period = Period.of_month(month, as_of)
        source = rows_behind.ListSource(connection, period, rollup.duties, language)
        return Report(
            month=month,
            as_of=as_of,
            total=total,
            teams=teams,
            rows=_rows(total) + total["problems"],
            previous=totals[months[1]] if _rows(totals[months[1]]) else None,
            trend=tuple((each, totals[each]) for each in reversed(months)),
            targets=_targets(settings, total),
            overdue=rows_behind.overdue_in_period(source),
            priorities=rows_behind.priorities(source),
            campaigns=rows_behind.campaigns(source, month),
            messages=rows_behind.messages(source),
            findings=rows_behind.findings(source),
            submissions=rows_behind.submissions(
                books,
                {team: figures["handed_in"] for team, figures in teams.items()},
                rollup.first_seen(month),
                language,
            ),
        )


def overdue_items(store: Store, settings: Settings, as_of: datetime) -> tuple[OverdueItem, ...]:
    """Return all that is overdue at ``as_of``, longest first, in agreement with the flags."""
    with store.reading() as connection:
        period = Period.of_month(f"{day_of(as_of):%Y-%m}", as_of)
        duties = recurring_duties(connection, settings)
        return rows_behind.overdue_now(
            rows_behind.ListSource(connection, period, duties, settings.language)
        )


@dataclass(frozen=True, slots=True)
class _Rollup:
    """The data from which any month's figures are taken.

    ``current_sums`` are of the sheets as they are now, and the same for every month.
    """

    connection: sa.Connection
    settings: Settings
    as_of: datetime
    books: Sequence[WorkbookState]
    duties: tuple[Duty, ...]
    current_sums: list[dict[str, Any]]

    def of(self, month: str) -> _Month:
        """Return a month's sums."""
        period = Period.of_month(month, self.as_of)
        frame, metrics = self._frame(month, period), self._metrics(month)
        return _Month(frame, metrics, self._handed_in(month, period))

    def first_seen(self, month: str) -> dict[str, datetime]:
        """Return when each team was first seen to have handed in, if that was by as-of."""
        seen = {
            team: datetime.fromisoformat(first)
            for team, first in self.connection.execute(sums.first_seen(month))
        }
        return {team: first for team, first in seen.items() if first <= self.as_of}

    def _handed_in(self, month: str, period: Period) -> dict[str, str]:
        """Return each team's state of handing in (docs/reference/figures.md)."""
        calendar = Calendar(self.settings.days_off)
        grace = calendar.add_workdays(period.last, self.settings.grace_workdays).day
        grace = max(grace, period.last)
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

    def _frame(self, month: str, period: Period) -> pd.DataFrame:
        """Return the counts and sums, one row for each team, as exact numbers (so of objects)."""
        import pandas as pd

        records: list[Mapping[str, Any]] = [
            *self.current_sums,
            *_rows_of(
                self.connection,
                sums.plan_sums(period),
                sums.message_sums(period),
                sums.campaign_sums(month),
            ),
            *recurring_sums(self.duties, period),
        ]
        # Every team has a row in the result, also without rows of its own.
        records += [{"team": book.team} for book in self.books]
        zeros = dict.fromkeys(_SUMS, 0)
        frame = pd.DataFrame(
            [{**zeros, **record} for record in records], columns=["team", *_SUMS], dtype=object
        )
        frame["problem_days"] = frame["problem_days"].map(Decimal)
        return frame.groupby("team").sum()

    def _metrics(self, month: str) -> pd.DataFrame:
        import pandas as pd

        columns = ["team", "metric_key", "unit", "metric", "n", "target", "actual", "met", "missed"]
        rows = self.connection.execute(sums.metric_sums(month)).all()
        frame = pd.DataFrame(rows, columns=columns, dtype=object)
        for column in ("target", "actual"):
            frame[column] = frame[column].map(Decimal)
        return frame


def _rows_of(connection: sa.Connection, *selects: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for select in selects for row in connection.execute(select).mappings()]


@dataclass(frozen=True, slots=True)
class _Month:
    """A month's sums by team, its metrics by team, metric and unit, and who has handed in."""

    sums: pd.DataFrame
    metrics: pd.DataFrame
    handed_in: Mapping[str, str]

    def total(self) -> Figures:
        """Return the figures of all teams together."""
        states = list(self.handed_in.values())
        return _figures(
            self.sums.sum().to_dict(),
            metrics=_merged(self.metrics),
            handed_in={state: states.count(state) for state in (ON_TIME, LATE, MISSING)},
        )

    def teams(self) -> dict[str, Figures]:
        """Return the figures of each team."""
        metrics = {team: _merged(rows) for team, rows in self.metrics.groupby("team")}
        sums_of: dict[Any, dict[Any, Any]] = self.sums.to_dict("index")
        return {
            team: _figures(sums_of[team], metrics=metrics.get(team, []), handed_in=state)
            for team, state in self.handed_in.items()
        }


_SUMS = (
    *("plan_rows", "plan_cancelled", "plan_done", "plan_undated", "plan_on_time", "plan_late"),
    *("plan_overdue", "late_days", "cycle_days", "cycles"),
    *("messages", "messages_answered", "messages_in_time", "messages_late", "messages_overdue"),
    *("answer_seconds", "answers_timed"),
    *("campaigns", "campaigns_met", "campaigns_missed", "campaigns_unknown"),
    *("problems", "problems_high", "problems_medium", "problems_low", "problem_days"),
    *("errors", "warnings", "undated"),
)


def _figures(sums_: Mapping[Any, Any], *, metrics: list[Figures], handed_in: Any) -> Figures:
    """Return the figures of a team or of the total, in the order of the catalogue.

    Formulas: docs/reference/figures.md.
    """
    s = {key: sums_[key] for key in _SUMS}
    plan_due = s["plan_overdue"] + s["plan_done"]
    answers = s["messages_in_time"] + s["messages_late"] + s["messages_overdue"]
    figures = {
        **s,
        "plan_due": plan_due,
        "overdue_rate": _ratio(s["plan_overdue"], plan_due),
        "on_time_rate": _ratio(s["plan_on_time"], s["plan_on_time"] + s["plan_late"]),
        "late_days_mean": _ratio(s["late_days"], s["plan_late"]),
        "cycle_days_mean": _ratio(s["cycle_days"], s["cycles"]),
        "in_time_rate": _ratio(s["messages_in_time"], answers),
        "answer_hours_mean": _ratio(s["answer_seconds"], 3600 * s["answers_timed"]),
        "problem_days": _number(s["problem_days"]),
        "metrics": metrics,
        "handed_in": handed_in,
    }
    return {figure.key: figures[figure.key] for figure in FIGURES}


def _merged(metrics: pd.DataFrame) -> list[Figures]:
    """Return the sums of each metric and unit over the given teams; percentages aren't summed."""
    merged: list[Figures] = []
    for (_, unit), rows in metrics.groupby(["metric_key", "unit"]):
        target, actual = sum(rows["target"], Decimal(0)), sum(rows["actual"], Decimal(0))
        summed = unit != PERCENT
        merged.append(
            {
                "metric": _usual_name(rows),
                "unit": unit,
                "n": sum(rows["n"]),
                "target": _number(target) if summed else None,
                "actual": _number(actual) if summed else None,
                "deviation": _ratio(actual - target, target) if summed else None,
                "met": sum(rows["met"]),
                "missed": sum(rows["missed"]),
            }
        )
    return merged


def _usual_name(rows: pd.DataFrame) -> str | None:
    """Return the spelling of a metric that most rows have; None if they leave it blank."""
    names = rows.groupby("metric")["n"].sum()
    return max(sorted(names.index), key=lambda name: names[name], default=None)


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
    return sum(total[key] for key in keys)


def _ratio(part: Any, whole: Any) -> float | None:
    """Return the quotient, exact until the last step; None if ``whole`` is 0."""
    return float(Fraction(part) / Fraction(whole)) if whole else None


def _exact(number: float) -> Fraction:
    """Return the number as it was written: 0.3 instead of the nearest binary fraction."""
    return Fraction(repr(number))


def _number(amount: Decimal | int) -> int | float:
    """Return an int for a whole number, otherwise the nearest float (15 digits are right)."""
    return int(amount) if amount == int(amount) else float(amount)


def _months_before(month: str, count: int) -> str:
    """Return the month that is ``count`` months before another."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 - count, 12)
    return f"{year:04}-{number + 1:02}"
