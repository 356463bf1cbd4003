"""How a pass and each of its workbooks fared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from xlflow.errors import XlflowError
from xlflow.facts import Outcome
from xlflow.store import Reason, WorkbookState
from xlflow.store.database import CONFLICT, DEFERRED, GONE, RECORDED, UNREADABLE
from xlflow.summary.renewal import SummaryResult
from xlflow.sync import teams_folder
from xlflow.sync.file_index import Signature

UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """How one workbook fared.

    ``rows``, ``findings`` and ``overdue`` count what is stored of it; ``failed``
    is true where a write was tried and the system refused, ``waits`` where trying
    again may help though the workbook doesn't change.
    """

    team: str
    workbook: str
    status: str
    reason: Reason | None = None
    rows: int = 0
    findings: int = 0
    overdue: int = 0
    cells_written: int = 0
    failed: bool = False
    waits: bool = False

    @property
    def trouble(self) -> bool:
        """Whether something keeps the workbook from being counted or flagged."""
        return self.status in (UNREADABLE, CONFLICT, DEFERRED)


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass did; ``frozen`` says why nothing was rolled up, if it wasn't.

    ``gone`` names the workbooks that were there in the pass before and aren't now.
    ``valid_until`` is when the first of the outcomes stops to hold, in the
    workspace's zone; ``news`` whether the summaries may have something new to tell.
    """

    as_of: datetime
    workbooks: tuple[WorkbookResult, ...]
    frozen: Reason | None
    summaries: tuple[SummaryResult, ...] = ()
    gone: tuple[str, ...] = ()
    valid_until: datetime | None = None
    news: bool = True

    @property
    def needs_attention(self) -> bool:
        """Whether a workbook is unreadable, a write failed, or the roll-up is frozen."""
        return self.frozen is not None or any(
            book.status == UNREADABLE or book.failed for book in self.workbooks
        )


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the folder as a pass found it.

    ``signature`` is what the entry had before it was read. ``rests`` says that
    nothing spoke for reading it. ``outcome`` is None then, and where the content
    is known, and where it is ``unreadable``; ``lasting`` says that what is
    unreadable stays so until the content changes.
    """

    entry: teams_folder.TeamFile
    workbook: str
    known: WorkbookState | None
    signature: Signature
    rests: bool = False
    data: bytes = b""
    sha256: str | None = None
    outcome: Outcome | None = None
    unreadable: Reason | None = None
    lasting: bool = False


def with_stored_counts(read: Read, status: str, standing: WorkbookState | None) -> WorkbookResult:
    """Return a result with the counts that are stored of the workbook."""
    result = WorkbookResult(read.entry.team, read.workbook, status)
    if standing is None:
        return result
    return replace(
        result,
        reason=standing.reason,
        rows=standing.rows,
        findings=standing.findings,
        overdue=standing.overdue,
    )


def carried_over(read: Read) -> WorkbookResult:
    """Return how a workbook stands that this pass left alone."""
    if read.unreadable is not None:
        return replace(with_stored_counts(read, UNREADABLE, read.known), reason=read.unreadable)
    known = read.known
    status = UNCHANGED if known is None or known.status in (RECORDED, GONE) else known.status
    return with_stored_counts(read, status, known)


def as_unreadable(read: Read, error: XlflowError) -> Read:
    """Return what was read as unreadable."""
    return replace(read, unreadable=reason_of(error), lasting=not error.retryable)


def reason_of(error: XlflowError) -> Reason:
    """Return an error as the reason why something stands as it does."""
    return Reason(error.key, error.params)
