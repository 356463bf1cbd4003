"""Closing a month, which freezes its figures, and opening it again.

A month closes by itself in the first pass after its grace period, if a pass saw the
workspace before that period was over; or by hand. A reopened one stays open until it is
closed by hand. Rules: docs/reference/figures.md.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from xlflow.config import Settings
from xlflow.errors import UsageError, WorkspaceError, WriteRefusedError
from xlflow.figures.sums import TREND, Period, last_day_of_grace, month_before
from xlflow.meaning.overdue import day_of
from xlflow.store import Reason, Store
from xlflow.summary import closed_months
from xlflow.summary.summary_files import document_path, summary_path, write_summary_file
from xlflow.workspace import Workspace

if TYPE_CHECKING:
    from xlflow.figures.report import Report


def close(workspace: Workspace, store: Store, month: str, as_of: datetime, now: datetime) -> bool:
    """Close a month: keep its figures, rows and sources, and write its summary a last time.

    Args:
        as_of: the moment taken as now, in the workspace's zone.
        now: the current time, time-zone aware; a month that isn't over by it stays open.

    Returns:
        Whether it was open; a closed one is left as it is.

    Raises:
        UsageError: the month isn't over.
        WriteRefusedError: the files can't be written; it stays open.
    """
    if closed_months.is_closed(workspace, month):
        return False
    last = Period.of_month(month, datetime.max).last
    if day_of(_earlier(workspace.settings, as_of, now)) <= last:
        raise UsageError("sync.month_not_over", month=month, last=f"{last}")
    from xlflow.figures.rollup import month_report
    from xlflow.summary.document import document_content
    from xlflow.summary.report_encoding import encode_rows

    settings = workspace.settings
    totals = closed_totals(workspace, month)
    report = month_report(store, settings, month, as_of, settings.language, totals)
    report = replace(report, closed=True)
    sources = [
        {
            "team": book.team,
            "workbook": book.workbook,
            "version": book.version,
            "sha256": book.sha256,
        }
        for book in store.workbooks()
        if book.team in report.teams
    ]
    files = {
        closed_months.FIGURES: document_content(workspace, report),
        closed_months.ROWS: _text("\n".join([*encode_rows(report), ""])),
        closed_months.SOURCES: _text(json.dumps(sources, ensure_ascii=False, indent=2)),
    }
    closed_months.keep(workspace, month, files)
    write_closed_summary(workspace, report)
    return True


def close_due(
    workspace: Workspace, store: Store, as_of: datetime, now: datetime
) -> list[tuple[str, Reason | None]]:
    """Close the months whose grace period is over; return each, and why it couldn't be closed."""
    settings, first_pass = workspace.settings, store.first_pass()
    if settings.closing != "auto" or first_pass is None:
        return []
    today = day_of(_earlier(settings, as_of, now))
    due = []
    month = month_before(f"{today:%Y-%m}")
    while day_of(first_pass) <= last_day_of_grace(month, settings):
        if last_day_of_grace(month, settings) < today and not (
            closed_months.is_closed(workspace, month)
            or closed_months.was_reopened(workspace, month)
        ):
            due.append(month)
        month = month_before(month)
    closed: list[tuple[str, Reason | None]] = []
    for month in reversed(due):
        try:
            close(workspace, store, month, as_of, now)
        except WriteRefusedError as error:
            closed.append((month, Reason(error.key, error.params)))
        else:
            closed.append((month, None))
    return closed


def reopen(workspace: Workspace, month: str, reason: str, as_of: datetime) -> None:
    """Open a closed month again: it follows the workbooks until it is closed by hand.

    Raises:
        UsageError: the month isn't closed.
        WriteRefusedError: its files can't be set aside.
    """
    if not closed_months.is_closed(workspace, month):
        raise UsageError("sync.month_not_closed", month=month)
    closed_months.read_document(workspace, month)
    closed_months.reopen(workspace, month, reason, as_of)


def closed_totals(workspace: Workspace, month: str) -> dict[str, dict[str, object]]:
    """Return the totals of the closed months among the twelve up to a month.

    That of a month whose files were changed is empty, since it isn't known what is right.
    """
    totals: dict[str, dict[str, object]] = {}
    for _ in range(TREND):
        if closed_months.is_closed(workspace, month):
            try:
                document = closed_months.read_document(workspace, month)
                totals[month] = document["figures"]["total"]
            except WorkspaceError:
                totals[month] = {}
        month = month_before(month)
    return totals


def write_closed_summary(workspace: Workspace, report: Report) -> None:
    """Write the files of a closed month's summary, from its report alone.

    Raises:
        WriteRefusedError: one can't be written.
    """
    from xlflow.summary.document import document_content
    from xlflow.summary.workbook import write_workbook

    write_summary_file(document_path(workspace, report.month), document_content(workspace, report))
    content = write_workbook(report, language=workspace.settings.language)
    write_summary_file(summary_path(workspace, report.month), content)


def _text(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _earlier(settings: Settings, as_of: datetime, now: datetime) -> datetime:
    """Return the as-of moment, or the real time if that is earlier."""
    return min(as_of, now.astimezone(settings.zone).replace(tzinfo=None))
