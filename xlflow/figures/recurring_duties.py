"""Recurring duties (``每日17:00前``), whose occurrences need the calendar and so can't be SQL.

A duty belongs to every month from 发起时间 on. It is overdue if an occurrence in the
month passed unsettled, otherwise in time, and never late. Formulas: docs/reference/figures.md,
"Communication".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from xlflow.config import Settings
from xlflow.figures.sums import BOOK, MESSAGE, Period, is_counted, is_counted_here
from xlflow.meaning.deadline import (
    Phrase,
    Recurring,
    latest_unsettled,
    next_occurrence,
    parse_phrase,
)
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
    duty: Recurring
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
        return latest_unsettled(self.duty, self.asked_at, self.answered_at, at, self.calendar)

    def next_due(self, at: datetime) -> date | datetime | None:
        """Return the next occurrence."""
        return next_occurrence(self.duty, self.asked_at, at, self.calendar)


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
        .where(is_counted(), is_counted_here(sql_tables.ROWS["message"]), MESSAGE.recurring)
    )
    calendars: dict[frozenset[date], Calendar] = {}
    phrases: dict[str, Phrase | None] = {}
    duties = []
    for team, workbook, row_id, deadline, asked_at, answered_at, judged in connection.execute(
        query
    ):
        if deadline not in phrases:
            phrases[deadline] = parse_phrase(deadline)
        phrase = phrases[deadline]
        if isinstance(phrase, Recurring):
            days_off = settings.days_off_of(team)
            calendar = calendars.setdefault(days_off, Calendar(days_off))
            asked, answered = from_iso(asked_at), from_iso(answered_at)
            duties.append(Duty(team, workbook, row_id, phrase, asked, answered, judged, calendar))
    return tuple(duties)


RECURRING_SUMS = (
    "messages",
    "messages_answered",
    "messages_overdue",
    "messages_in_time",
    "answer_seconds",
    "answers_timed",
)


def recurring_sums(duties: Sequence[Duty], period: Period) -> dict[str, dict[str, int]]:
    """Return what the duties add to their team's sums, with the keys of ``message_sums``.

    Formulas: docs/reference/figures.md, "Communication".
    """
    sums: dict[str, dict[str, int]] = {}
    for duty in duties:
        if not duty.belongs_to(period):
            continue
        team = sums.get(duty.team)
        if team is None:
            team = sums[duty.team] = dict.fromkeys(RECURRING_SUMS, 0)
        team["messages"] += 1
        if duty.judged:
            overdue = duty.missed_in(period) is not None
            team["messages_overdue" if overdue else "messages_in_time"] += 1
        if happened_by(duty.answered_at, period.at):
            team["messages_answered"] += 1
            start, end = duty.asked_at, duty.answered_at
            if isinstance(start, datetime) and isinstance(end, datetime) and start <= end:
                team["answer_seconds"] += int((end - start).total_seconds())
                team["answers_timed"] += 1
    return sums


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
