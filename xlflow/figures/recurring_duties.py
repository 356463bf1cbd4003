"""Recurring duties (``每日17:00前``): the rows whose lateness takes the calendar, not SQL.

Formulas: docs/figures.md, "recurring duties". They belong to every month from
发起时间 on; they are overdue when an occurrence in the month passed unsettled,
else in time; they are never late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from xlflow.config import Settings
from xlflow.figures.sums import BOOK, MESSAGE, Period, is_counted
from xlflow.meaning.deadline import Daily, latest_unsettled, next_occurrence, parse_phrase
from xlflow.meaning.overdue import happened_by
from xlflow.meaning.workdays import Calendar
from xlflow.store import sql_tables
from xlflow.store.row_encoding import from_iso


@dataclass(frozen=True, slots=True)
class Duty:
    """One recurring duty, its workbook and row, and the calendar of its team.

    ``judged`` is false where the sheet can't say whether it was answered.
    """

    team: str
    workbook: str
    row_id: str
    daily: Daily
    asked_at: date | datetime | None
    answered_at: date | datetime | None
    judged: bool
    calendar: Calendar

    def belongs(self, period: Period) -> bool:
        """Whether the period takes the duty in."""
        return self.asked_at is not None and _day(self.asked_at) <= period.last

    def late_in(self, period: Period) -> date | datetime | None:
        """Return the period's latest occurrence known to have passed unsettled by T."""
        late = self.late(period.at)
        return late if late is not None and _day(late) >= period.first else None

    def late(self, at: datetime) -> date | datetime | None:
        """Return the latest occurrence known to have passed unsettled, if there is one."""
        if not self.judged:
            return None
        return latest_unsettled(self.daily, self.asked_at, self.answered_at, at, self.calendar)

    def coming(self, at: datetime) -> date | datetime | None:
        """Return the next occurrence."""
        return next_occurrence(self.daily, self.asked_at, at, self.calendar)


def duties(connection: sa.Connection, settings: Settings) -> tuple[Duty, ...]:
    """Return every recurring duty of the workbooks that are rolled up."""
    chosen = (
        sa.select(
            BOOK.team,
            MESSAGE.workbook,
            MESSAGE.row_id,
            MESSAGE.deadline,
            MESSAGE.asked_at,
            MESSAGE.answered_at,
            MESSAGE.judged,
        )
        .join_from(
            sql_tables.workbook, sql_tables.ROWS["message"], MESSAGE.workbook == BOOK.workbook
        )
        .where(is_counted(), MESSAGE.recurring)
    )
    calendars: dict[str, Calendar] = {}
    found = []
    for row in connection.execute(chosen):
        phrase = parse_phrase(row.deadline)
        if isinstance(phrase, Daily):
            if row.team not in calendars:
                calendars[row.team] = Calendar(settings.days_off_of(row.team))
            found.append(
                Duty(
                    row.team,
                    row.workbook,
                    row.row_id,
                    phrase,
                    from_iso(row.asked_at),
                    from_iso(row.answered_at),
                    row.judged,
                    calendars[row.team],
                )
            )
    return tuple(found)


def duty_sums(known: Sequence[Duty], period: Period) -> Iterable[Mapping[str, object]]:
    """Yield the figures of each duty that the period takes in, by the keys of the sums in SQL."""
    for duty in known:
        if not duty.belongs(period):
            continue
        answered = happened_by(duty.answered_at, period.at)
        overdue = duty.late_in(period) is not None
        sums: dict[str, object] = {
            "team": duty.team,
            "messages": 1,
            "messages_answered": int(answered),
            "messages_overdue": int(overdue),
            "messages_in_time": int(duty.judged and not overdue),
        }
        start, end = duty.asked_at, duty.answered_at
        if answered and isinstance(start, datetime) and isinstance(end, datetime):
            sums |= {"answer_seconds": int((end - start).total_seconds()), "answers_timed": 1}
        yield sums


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
