"""Signs that a share is unmounted or a sync client ran away, rather than that people edited.

Mere change never stops anything. Workbooks gone, unreadable or collapsed in more
than half of at least three teams do, until a person says otherwise
(``xlflow sync --accept``) or they return; one workbook that lost a whole sheet or
over half its rows keeps its last good rows until a second reading agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlflow.store import Reason, WorkbookState
from xlflow.sync.reading import Read

_FROM_TEAMS = 3
SECOND_READING = "sync.second_reading"


def freeze_reason(reads: Iterable[Read], gone: Sequence[WorkbookState]) -> Reason | None:
    """Return why the roll-up must wait, None where it need not.

    Only teams of which good rows are stored count.
    """
    stored = [(read, read.known) for read in reads if read.known and _good(read.known)]
    lost = sum(read.unreadable is not None or _collapsed(read) for read, _ in stored)
    missing = sum(_good(standing) for standing in gone)
    teams = len(stored) + missing
    if teams < _FROM_TEAMS or 2 * (lost + missing) <= teams:
        return None
    return Reason("sync.frozen", {"lost": lost + missing, "teams": teams})


def second_reading_reason(read: Read) -> Reason | None:
    """Return why a workbook's last good rows stand until it is read again, None if they needn't."""
    known = read.known
    if known is None or not _collapsed(read):
        return None
    seen_before = known.reason is not None and known.reason.key == SECOND_READING
    if seen_before and known.sha256 == read.sha256:
        return None
    now = len(read.outcome.rows) if read.outcome else 0
    return Reason(SECOND_READING, {"before": known.rows, "now": now})


def _good(standing: WorkbookState) -> bool:
    return standing.last_good is not None and standing.rows > 0


def _collapsed(read: Read) -> bool:
    """Whether a workbook lost over half its rows, or a sheet that held some."""
    if read.known is None or read.outcome is None or not _good(read.known):
        return False
    return 2 * len(read.outcome.rows) < read.known.rows or bool(read.outcome.lost_tables)
