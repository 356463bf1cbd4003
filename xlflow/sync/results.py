"""What one pass did, as a whole and to each workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xlflow.errors import XlflowError
from xlflow.store import Reason, WorkbookState
from xlflow.store.database import CONFLICT, DEFERRED, UNREADABLE
from xlflow.summary.renewal import SummaryResult

UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """What one pass did to one workbook.

    ``rows``, ``findings`` and ``overdue`` are the stored counts; ``failed`` is true
    if the system refused a write, ``waits`` if trying again may help even though the
    workbook doesn't change.
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
    """What one pass did; ``frozen`` says why nothing was rolled up, if so.

    ``gone`` names the workbooks that have disappeared since the pass before.
    ``valid_until`` is when the first of the outcomes ceases to hold, in the
    workspace's zone; ``news`` says whether the summaries' data may have changed.
    ``former_database`` is where the database lies that had to be made anew, "" if it is gone;
    None unless this pass has settled that.
    """

    as_of: datetime
    workbooks: tuple[WorkbookResult, ...]
    frozen: Reason | None
    summaries: tuple[SummaryResult, ...] = ()
    gone: tuple[str, ...] = ()
    valid_until: datetime | None = None
    news: bool = True
    former_database: str | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether a workbook is unreadable, a write failed, or the roll-up is frozen."""
        return self.frozen is not None or any(
            book.status == UNREADABLE or book.failed for book in self.workbooks
        )


def with_stored_counts(
    team: str, workbook: str, status: str, state: WorkbookState | None
) -> WorkbookResult:
    """Return a result with the workbook's stored counts."""
    if state is None:
        return WorkbookResult(team, workbook, status)
    counts = (state.rows, state.findings, state.overdue)
    return WorkbookResult(team, workbook, status, state.reason, *counts)


def reason_of(error: XlflowError) -> Reason:
    """Return an error as the reason for a status."""
    return Reason(error.key, error.params)
