"""Recurring duties (``每日17:00前``), whose occurrences need the calendar and so can't be SQL.

A duty belongs to every month from 发起时间 on. It is overdue if an occurrence in the
month passed unsettled, otherwise in time, and never late. Formulas: docs/reference/figures.md,
"Communication".
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

    ``judged`` is false if the sheet doesn't show whether it was answered.
    """

    team: str
    workbook: str
    row_id: str
    daily: Daily
    asked_at: date | datetime | None
    answered_at: date | datetime | None
    judged: bool
    calendar: Calendar

    def belongs_to(self, period: Period) -> bool:
        """Whether the duty counts in the period."""
        return self.asked_at is not None and _day(self.asked_at) <= period.last

    def missed_in(self, period: Period) -> date | datetime | None:
        """Return the latest occurrence if it is in the period and passed unsettled by T."""
        missed = self.missed(period.at)
        return missed if missed is not None and _day(missed) >= period.first else None

    def missed(self, at: datetime) -> date | datetime | None:
        """Return the latest occurrence if it is known to have passed unsettled."""
        if not self.judged:
            return None
        return latest_unsettled(self.daily, self.asked_at, self.answered_at, at, self.calendar)

    def next_due(self, at: datetime) -> date | datetime | None:
        """Return the next occurrence."""
        return next_occurrence(self.daily, self.asked_at, at, self.calendar)


def recurring_duties(connection: sa.Connection, settings: Settings) -> tuple[Duty, ...]:
    """Return every recurring duty of the workbooks that are rolled up."""
    query = (
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
    duties = []
    for row in connection.execute(query):
        phrase = parse_phrase(row.deadline)
        if isinstance(phrase, Daily):
            if row.team not in calendars:
                calendars[row.team] = Calendar(settings.days_off_of(row.team))
            duties.append(
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
    return tuple(duties)


def recurring_sums(duties: Sequence[Duty], period: Period) -> Iterable[Mapping[str, object]]:
    """Yield what each duty adds to its team's sums, with the keys of ``message_sums``.

    Formulas: docs/reference/figures.md, "Communication".
    """
    for duty in duties:
        if not duty.belongs_to(period):
            continue
        answered = happened_by(duty.answered_at, period.at)
        overdue = duty.missed_in(period) is not None
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
