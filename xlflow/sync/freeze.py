"""Signs of an unmounted share or a failing sync client, as opposed to people's edits.

Edits alone never freeze anything. The roll-up freezes if, of at least three teams,
more than half have workbooks that are gone, unreadable or collapsed, until they
return or a person confirms it (``xlflow sync --accept``). A single workbook that lost
a whole sheet or over half its rows keeps its last good rows until a second reading
gives the same content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlflow.store import Reason, WorkbookState
from xlflow.sync.reading import Read

_MIN_TEAMS = 3
SECOND_READING = "sync.second_reading"


def freeze_reason(reads: Iterable[Read], gone: Sequence[WorkbookState]) -> Reason | None:
    """Return why the roll-up must be frozen, None if it needn't be.

    Only teams with good rows in the store count.
    """
    stored = [read for read in reads if read.known and _has_good_rows(read.known)]
    lost = sum(read.unreadable is not None or _collapsed(read) for read in stored)
    missing = sum(map(_has_good_rows, gone))
    teams = len(stored) + missing
    if teams < _MIN_TEAMS or 2 * (lost + missing) <= teams:
        return None
    return Reason("sync.frozen", {"lost": lost + missing, "teams": teams})


def second_reading_reason(read: Read) -> Reason | None:
    """Return why a workbook keeps its last good rows until it is read again, None if it needn't."""
    known = read.known
    if known is None or not _collapsed(read):
        return None
    seen_before = known.reason is not None and known.reason.key == SECOND_READING
    if seen_before and known.sha256 == read.sha256:
        return None
    now = read.outcome.rows if read.outcome else 0
    return Reason(SECOND_READING, {"before": known.rows, "now": now})


def _has_good_rows(state: WorkbookState) -> bool:
    return state.last_good is not None and state.rows > 0


def _collapsed(read: Read) -> bool:
    """Whether a workbook lost over half its rows, or a sheet that held some."""
    if read.known is None or read.outcome is None or not _has_good_rows(read.known):
        return False
    return 2 * read.outcome.rows < read.known.rows or bool(read.outcome.lost_tables)
