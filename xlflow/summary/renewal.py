"""When a month's summary is written: after its data changed, and while nobody has it open."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from xlflow.atomic_write import write_atomically
from xlflow.errors import UsageError, WriteRefusedError
from xlflow.figures.sums import Period
from xlflow.inputs_digest import inputs_digest
from xlflow.meaning.overdue import day_of
from xlflow.store import Reason, Store
from xlflow.summary.summary_files import summary_files, summary_path
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


def write_summary(
    workspace: Workspace,
    store: Store,
    month: str,
    as_of: datetime,
    now: datetime,
    out: Path | None = None,
) -> SummaryReport:
    """Compute one month's report; write its summary if the data changed or the file is missing.

    Args:
        month: such as ``2024-07``.
        as_of: the moment for which the report is computed, in the workspace's time zone.
        now: the current time, time-zone aware; decides whether an owner file is stale.
        out: another path for the file, which is then written in any case.

    Raises:
        WriteRefusedError: ``out`` can't be written.
    """
    from xlflow.figures.rollup import month_report
    from xlflow.summary import workbook

    language = workspace.settings.language
    report = month_report(store, workspace.settings, month, as_of, language)
    path = out or summary_path(workspace, month)

    def result(written: bool, deferred: Reason | None = None) -> SummaryReport:
        return SummaryReport(month, path, written, deferred, report=report)

    digest = workbook.report_digest(report, language)
    source = _source_digest(workspace, month, as_of, store.states_digest())
    known = store.summary(month)
    if out is None and path.exists() and known is not None and known.digest == digest:
        store.record_summary(month, digest, known.path, source)
        return result(written=False)
    if lock_files.holder_of(path, now, socket.gethostname()) is not None:
        return result(False, Reason("sync.summary_open"))
    root = workspace.root if out else None
    content = workbook.write_workbook(report, language=language, root=root)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        refused = WriteRefusedError("sync.summary_refused", path=str(path), reason=reason)
        if out is not None:
            raise refused from error
        return result(False, Reason(refused.key, refused.params))
    if out is None:
        store.record_summary(month, digest, workspace.relative(path), source)
    return result(written=True)


def renew(
    workspace: Workspace, store: Store, as_of: datetime, now: datetime
) -> tuple[SummaryResult, ...]:
    """Write the summaries whose data changed: the current month's and all existing ones."""
    months = {f"{day_of(as_of):%Y-%m}", *summary_files(workspace)}
    states = store.states_digest()
    return tuple(_renew(workspace, store, month, as_of, now, states) for month in sorted(months))


def _renew(
    workspace: Workspace, store: Store, month: str, as_of: datetime, now: datetime, states: str
) -> SummaryResult:
    path = summary_path(workspace, month)
    known = store.summary(month)
    current = _source_digest(workspace, month, as_of, states)
    if known is not None and known.source == current and path.exists():
        return SummaryResult(month, path, written=False)
    return write_summary(workspace, store, month, as_of, now)


def _source_digest(workspace: Workspace, month: str, as_of: datetime, states: str) -> str:
    """Return a digest of a month's source data, so that an unchanged report isn't computed.

    It needs no rows, findings or changes, because these change only together with their
    workbook's ``valid_from``. It includes the day, because lateness grows daily.
    """
    until = Period.of_month(month, as_of).at
    parts = [inputs_digest(workspace.settings), f"{day_of(until)}", states]
    return sha256("\0".join(parts).encode()).hexdigest()
