"""The summary of a month: written when its data changed, and not while somebody has it open."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.atomic_write import write_atomically
from xlflow.errors import UsageError, WriteRefusedError
from xlflow.figures.report import Report
from xlflow.figures.rollup import month_report
from xlflow.figures.sums import Period
from xlflow.meaning.overdue import day_of
from xlflow.process import inputs_digest
from xlflow.store import Reason, Store
from xlflow.summary import workbook
from xlflow.team_files import lock_files
from xlflow.workspace import Workspace

_MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")
_NAME = re.compile(r"汇总-(\d{4}-\d{2})\.xlsx")


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """One month's summary; ``deferred`` says why a file whose data changed waits."""

    month: str
    path: Path
    written: bool
    deferred: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReport(SummaryResult):
    """A summary for which the report was made, whether or not the file had to be written."""

    report: Report


def parse_month(text: str) -> str:
    """Return a month as ``2024-07``.

    Raises:
        UsageError: the text is none.
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
    """Make one month's report, and write it where its data changed or the file is missing.

    Args:
        month: such as ``2024-07``.
        as_of: the moment that stands for now, in the workspace's zone.
        now: the real time, with its zone, by which owner files are judged.
        out: another place for the file; it is then always written.

    Raises:
        WriteRefusedError: the file can't be written there.
    """
    language = workspace.settings.language
    made = month_report(store, workspace.settings, month, as_of, language)
    path = out or workspace.summaries / f"汇总-{month}.xlsx"

    def result(written: bool, deferred: Reason | None = None) -> SummaryReport:
        return SummaryReport(month, path, written, deferred, report=made)

    digest = workbook.report_digest(made, language)
    source = _source(workspace, store, month, as_of)
    known = store.summary(month)
    if out is None and path.exists() and known is not None and known.digest == digest:
        store.record_summary(month, digest, known.path, source)
        return result(written=False)
    if lock_files.holder_of(path, now, socket.gethostname()) is not None:
        return result(False, Reason("sync.summary_open"))
    content = workbook.write_workbook(made, language=language, root=workspace.root if out else None)
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
    """Renew the summaries concerned: the current month's, and those that lie there already."""
    months = {f"{day_of(as_of):%Y-%m}"}
    if workspace.summaries.is_dir():
        names = (_NAME.fullmatch(path.name) for path in workspace.summaries.iterdir())
        months |= {name[1] for name in names if name and _MONTH.fullmatch(name[1])}
    return tuple(_renew(workspace, store, month, as_of, now) for month in sorted(months))


def _renew(
    workspace: Workspace, store: Store, month: str, as_of: datetime, now: datetime
) -> SummaryResult:
    path = workspace.summaries / f"汇总-{month}.xlsx"
    known = store.summary(month)
    current = _source(workspace, store, month, as_of)
    if known is not None and known.source == current and path.exists():
        return SummaryResult(month, path, written=False)
    return write_summary(workspace, store, month, as_of, now)


def _source(workspace: Workspace, store: Store, month: str, as_of: datetime) -> str:
    """Digest all that a month's report is made from, without making it.

    Rows, findings and changes are renewed only together with their workbook's
    ``valid_from``; what lies open or can't be read grows later by the day.
    """
    until = Period.of_month(month, as_of).at
    stated = [inputs_digest(workspace.settings), f"{day_of(until)}"]
    stated += [repr(replace(book, last_seen=book.first_seen)) for book in store.workbooks()]
    return sha256("\0".join(stated).encode("utf-8", "backslashreplace")).hexdigest()
