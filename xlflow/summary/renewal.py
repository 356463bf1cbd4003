"""When a month's summary is written: after its data changed, and while nobody has it open.

A pass closes the months whose grace period is over, and renews the open ones only. The
JSON document comes first, because it takes a fraction of the time and nothing holds it up.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xlflow.errors import UsageError, WriteRefusedError
from xlflow.figures.sums import Period, last_day_of_grace
from xlflow.inputs_digest import inputs_digest
from xlflow.meaning.overdue import day_of
from xlflow.store import Reason, Store
from xlflow.summary import closed_months, closing
from xlflow.summary.summary_files import (
    document_path,
    summary_files,
    summary_path,
    write_summary_file,
)
from xlflow.team_files import lock_files
from xlflow.workspace import Workspace

if TYPE_CHECKING:
    from xlflow.figures.report import Report

_MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """One month's summary; ``deferred`` is the reason why a changed one wasn't written."""

    month: str
    path: Path
    written: bool
    deferred: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReport(SummaryResult):
    """A summary with its report, whether or not the file had to be written."""

    report: Report


def parse_month(text: str) -> str:
    """Return the text of a month such as ``2024-07`` unchanged.

    Raises:
        UsageError: it isn't a month.
    """
    if not _MONTH.fullmatch(text):
        raise UsageError("sync.no_month", text=text)
    return text


def check_begun(month: str, as_of: datetime) -> None:
    """Refuse a month to come, of which nothing can be known yet.

    Raises:
        UsageError: the month hasn't begun at ``as_of``.
    """
    current = f"{day_of(as_of):%Y-%m}"
    if month > current:
        raise UsageError("sync.month_to_come", month=month, current=current)


def write_summary(
    workspace: Workspace,
    store: Store,
    month: str,
    as_of: datetime,
    now: datetime,
    out: Path | None = None,
) -> SummaryReport:
    """Compute one month's report; write its summary if the data changed or the file is missing.

    The JSON document comes first. With ``out`` there is none. Of a closed month only lost
    files are made again, from what was kept of it.

    Args:
        month: such as ``2024-07``.
        as_of: the moment for which the report is computed, in the workspace's time zone.
        now: the current time, time-zone aware; decides whether an owner file is stale.
        out: another path for the file, which is then written in any case.

    Raises:
        UsageError: the month hasn't begun.
        WriteRefusedError: ``out`` can't be written.
    """
    check_begun(month, as_of)
    if closed_months.is_closed(workspace, month):
        return _closed_summary(workspace, month, out)
    from xlflow.figures.rollup import month_report
    from xlflow.summary import workbook

    language = workspace.settings.language
    closed = closing.closed_totals(workspace, month)
    report = month_report(store, workspace.settings, month, as_of, language, closed)
    path = out or summary_path(workspace, month)
    problem = _write_document(workspace, report) if out is None else None

    def result(written: bool, deferred: Reason | None = None) -> SummaryReport:
        return SummaryReport(month, path, written, deferred or problem, report=report)

    def record() -> None:
        # Without its source the summary is renewed again, because the document is missing.
        states = store.states_digest()
        source = _source_digest(workspace, month, as_of, states) if problem is None else ""
        store.record_summary(month, digest, workspace.relative(path), source, as_of)

    digest = workbook.report_digest(report, language)
    known = store.summary(month)
    if out is None and path.exists() and known is not None and known.digest == digest:
        record()
        return result(written=False)
    if _is_held(path, now):
        return result(False, Reason("sync.summary_open"))
    root = workspace.root if out else None
    content = workbook.write_workbook(report, language=language, root=root)
    try:
        write_summary_file(path, content)
    except WriteRefusedError as error:
        if out is not None:
            raise
        return result(False, Reason(error.key, error.params))
    if out is None:
        record()
    return result(written=True)


def _closed_summary(workspace: Workspace, month: str, out: Path | None) -> SummaryReport:
    """Return the summary of a closed month; make its files again if one is lost."""
    report = closed_months.read_report(workspace, month)
    path = out or summary_path(workspace, month)
    lost = not (path.exists() and document_path(workspace, month).exists())
    if out is not None:
        from xlflow.summary.workbook import write_workbook

        language, root = workspace.settings.language, workspace.root
        write_summary_file(path, write_workbook(report, language=language, root=root))
    elif lost:
        closing.write_closed_summary(workspace, report)
    return SummaryReport(month, path, written=lost or out is not None, report=report)


def renew(
    workspace: Workspace, store: Store, as_of: datetime, now: datetime
) -> tuple[SummaryResult, ...]:
    """Close the months that are due; write the documents and workbooks of the open ones.

    They are written if their data changed. Of a workbook that somebody has open only the
    document is written. The rows behind its figures take most of the time, and are needed
    once it is closed.
    """
    results = [
        SummaryResult(month, summary_path(workspace, month), problem is None, problem)
        for month, problem in closing.close_due(workspace, store, as_of, now)
    ]
    states = store.states_digest()
    for month in months_to_renew(workspace, store, as_of):
        path = summary_path(workspace, month)
        if not _is_outdated(workspace, store, month, as_of, states):
            results.append(SummaryResult(month, path, written=False))
        elif path.exists() and _is_held(path, now):
            _renew_document(workspace, store, month, as_of)
            results.append(SummaryResult(month, path, False, Reason("sync.summary_open")))
        else:
            results.append(write_summary(workspace, store, month, as_of, now))
    return tuple(results)


def renew_documents(workspace: Workspace, store: Store, as_of: datetime) -> None:
    """Write only the documents of the months to renew whose data changed.

    What can't be written is left to :func:`renew`, which comes soon and says why.
    """
    states = store.states_digest()
    for month in months_to_renew(workspace, store, as_of):
        if _is_outdated(workspace, store, month, as_of, states):
            _renew_document(workspace, store, month, as_of)


def _renew_document(workspace: Workspace, store: Store, month: str, as_of: datetime) -> None:
    from xlflow.figures.rollup import month_figures

    _write_document(workspace, month_figures(store, workspace.settings, month, as_of))


def _is_held(path: Path, now: datetime) -> bool:
    """Return whether somebody has a summary open."""
    return lock_files.holder_of(path, now, socket.gethostname()) is not None


def months_to_renew(workspace: Workspace, store: Store, as_of: datetime) -> list[str]:
    """Return the current month and those with a summary that is still open."""
    months = {f"{day_of(as_of):%Y-%m}"}
    months |= {month for month in summary_files(workspace) if month < max(months)}
    return sorted(month for month in months if _is_open(workspace, store, month, as_of))


def _is_open(workspace: Workspace, store: Store, month: str, as_of: datetime) -> bool:
    """Return whether a month follows the workbooks."""
    if closed_months.is_closed(workspace, month):
        return False
    grace, first_pass = last_day_of_grace(month, workspace.settings), store.first_pass()
    if day_of(as_of) <= grace or closed_months.was_reopened(workspace, month):
        return True
    seen_in_time = first_pass is not None and day_of(first_pass) <= grace
    return workspace.settings.closing == "manual" and seen_in_time


def _write_document(workspace: Workspace, report: Report) -> Reason | None:
    """Write the JSON document; return why it couldn't be written."""
    from xlflow.summary.document import write_document

    try:
        write_document(workspace, report)
    except WriteRefusedError as error:
        return Reason(error.key, error.params)
    return None


def _is_outdated(
    workspace: Workspace, store: Store, month: str, as_of: datetime, states: str
) -> bool:
    """Return whether the data changed or a file is missing."""
    known = store.summary(month)
    paths = (summary_path(workspace, month), document_path(workspace, month))
    if known is None or not all(path.exists() for path in paths):
        return True
    return known.source != _source_digest(workspace, month, as_of, states)


def _source_digest(workspace: Workspace, month: str, as_of: datetime, states: str) -> str:
    """Return a digest of a month's source data, so that an unchanged report isn't computed.

    It needs no rows, findings or changes, because these change only together with their
    workbook's ``valid_from``. It includes the day, because lateness grows daily.
    """
    until = Period.of_month(month, as_of).at
    parts = [inputs_digest(workspace.settings), f"{day_of(until)}", states]
    return sha256("\0".join(parts).encode()).hexdigest()
