"""Processing one workbook, as a pure function. Read this first.

:func:`process` takes a content of a workbook, what is remembered of it, and a
moment; it returns everything that follows: rows with identities, computed values,
findings, changes since last time, and the cells that xlflow wants to write. It
touches no disk and no clock. ``check``, ``sync``, the daemon and the ribbon all
call it; what they do with the outcome is up to them (for ``sync`` and the daemon
see :mod:`xlflow.sync.plan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from xlflow import rules
from xlflow.computing import compute_all, valid_until, with_doubted_years
from xlflow.config import Settings
from xlflow.facts import Outcome, Row
from xlflow.matching import match, with_first_seen
from xlflow.meaning.overdue import day_of
from xlflow.meaning.workdays import Calendar
from xlflow.ooxml.book import Book
from xlflow.ooxml.content_digest import content_digest
from xlflow.ooxml.table_finder import find_tables
from xlflow.ownership import Ownership
from xlflow.row_changes import row_changes
from xlflow.values import Context
from xlflow.wanted_cells import wanted_cells


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an outcome depends on besides the content, the memory and the moment.

    ``closed`` are the closed months, such as ``2024-07``, of which an edit is found.
    """

    team: str
    settings: Settings
    workbook: str = ""
    closed: tuple[str, ...] = ()

    @property
    def calendar(self) -> Calendar:
        """The mainland calendar with the team's own days off."""
        return Calendar(self.settings.days_off_of(self.team))


def process(content: Book | bytes, inputs: Inputs, memory: Sequence[Row], now: datetime) -> Outcome:
    """Work out everything that follows from one content of one workbook.

    Args:
        content: the workbook's bytes, or a :class:`Book`, which is parsed only once
            if the caller uses it again.
        inputs: the team, the settings and the workbook's name.
        memory: the rows of the version recorded before; empty if there is none.
        now: the moment taken as now, in the workspace's zone.

    Raises:
        UnreadableError: the content isn't a workbook that can be read.
    """
    settings, calendar = inputs.settings, inputs.calendar
    book = content if isinstance(content, Book) else Book(content)
    context = Context.of(settings, day_of(now))
    snapshot = find_tables(book, context)
    entropy = (inputs.workbook, sha256(book.data).hexdigest())
    matched = match(memory, snapshot.rows, entropy=entropy)
    remembered = {row.id: row for row in memory}
    rows = tuple(
        with_first_seen(row, remembered.get(row.id), context) if sheet.years_first_seen else row
        for sheet, row in snapshot.placed(matched)
    )
    rows = tuple(with_doubted_years(row, calendar, now) for row in rows)
    ownership = Ownership(snapshot, rows)
    judged = tuple(ownership.without_own_values(row) for row in rows)
    computed = compute_all(judged, calendar, now, settings.language)
    findings = rules.check(snapshot, judged, computed, settings, calendar, now)
    remarks = rules.remarks(findings, settings.language)
    return Outcome(
        snapshot=snapshot,
        rows=judged,
        computed=computed,
        findings=tuple(findings),
        changes=row_changes(memory, rows, snapshot),
        cells=wanted_cells(snapshot, rows, ownership, computed, remarks, settings.language),
        content=content_digest(book, ownership.own_cells(book)),
        valid_from=now,
        valid_until=valid_until(judged, computed, now),
        change_findings=tuple(rules.compare(snapshot, memory, judged, settings, inputs.closed)),
        lost_tables=tuple(sorted({row.table.name for row in memory} - set(snapshot.tables))),
    )
