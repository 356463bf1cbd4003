"""The summary of a month: written when its data changed, and not while somebody has it open."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xlflow.errors import UsageError, WriteRefusedError
from xlflow.figures import Report
from xlflow.files import put
from xlflow.meaning.overdue import day_of
from xlflow.store import Reason, Store
from xlflow.sync.rollup import report
from xlflow.workbook import owner_files, summary
from xlflow.workspace import Workspace

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_NAME = re.compile(r"汇总-(\d{4}-\d{2})\.xlsx")


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """One month's summary; ``deferred`` says why a file whose data changed waits."""

    month: str
    path: Path
    report: Report
    written: bool
    deferred: Reason | None = None


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
) -> SummaryResult:
    """Write one month's summary where its data changed or the file is missing.

    Args:
        month: such as ``2024-07``.
        as_of: the moment that stands for now, in the workspace's zone.
        now: the real time, with its zone, by which owner files are judged.
        out: another place for the file; it is then always written.

    Raises:
        WriteRefusedError: the file can't be written there.
    """
    language = workspace.settings.language
    made = report(store, workspace.settings, month, as_of, language)
    path = out or workspace.summaries / f"汇总-{month}.xlsx"
    digest = summary.digest(made, language)
    known = store.summary(month)
    if out is None and path.exists() and known is not None and known[0] == digest:
        return SummaryResult(month, path, made, written=False)
    if owner_files.held_by(path, now, socket.gethostname()) is not None:
        return SummaryResult(month, path, made, False, Reason("sync.summary_open"))
    content = summary.write(made, language=language, root=workspace.root if out else None)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        refused = WriteRefusedError("sync.summary_refused", path=str(path), reason=reason)
        if out is not None:
            raise refused from error
        return SummaryResult(month, path, made, False, Reason(refused.key, refused.params))
    if out is None:
        store.summarised(month, digest, workspace.relative(path))
    return SummaryResult(month, path, made, written=True)


def renew(
    workspace: Workspace, store: Store, as_of: datetime, now: datetime
) -> tuple[SummaryResult, ...]:
    """Renew the summaries concerned: the current month's, and those that lie there already."""
    months = {f"{day_of(as_of):%Y-%m}"}
    if workspace.summaries.is_dir():
        names = (_NAME.fullmatch(path.name) for path in workspace.summaries.iterdir())
        months |= {name[1] for name in names if name and _MONTH.fullmatch(name[1])}
    return tuple(write_summary(workspace, store, m, as_of, now) for m in sorted(months))
