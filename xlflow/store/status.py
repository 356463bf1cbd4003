"""What commands show of a store: each workbook's state, and what waits or is frozen.

Read through sqlite3 alone, because importing SQLAlchemy takes longer than all else
that ``xlflow status`` does. The names and the limit here are those that the store
writes by.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from xlflow.store import migrations
from xlflow.store.state_encoding import STATE, decode_reason, decode_state
from xlflow.store.workbook_state import Reason, WorkbookState

FILE_NAME = "xlflow.db"

FROZEN = "frozen"
"""The name in the table ``meta`` of why nothing is flagged and rolled up."""

WAITS = "notify "
"""What the names in ``meta`` of the reasons why notices wait begin with."""

CAPACITY = 100_000
"""How many notices the outbox holds; what doesn't fit is tried again in a later pass."""

_Answer = TypeVar("_Answer")
SHARING_CODES = ("XF318", "XF319")
"""The codes of findings about what workbooks have in common."""

_SHARED = (
    "SELECT workbook, code, params FROM finding "
    f"WHERE code IN {SHARING_CODES} AND version_after IS NULL ORDER BY workbook, id"
)
_STATES = f"SELECT {', '.join(STATE)} FROM workbook ORDER BY team, workbook"


class StoreStatus(NamedTuple):
    """What is known of each workbook, how many notices wait and why, why it is frozen.

    ``shared`` are the findings about what workbooks have in common: workbook, code, facts.
    """

    workbooks: tuple[WorkbookState, ...]
    queued: int
    queue_reasons: tuple[Reason, ...]
    frozen: Reason | None
    shared: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()


def read_status(path: Path, patience: float = 10.0) -> StoreStatus | None:
    """Return the status in a database; None unless it is whole and at the present revision.

    Why it isn't is for :meth:`xlflow.store.database.Store.open` to find out. Row tables
    of another schema are no reason: none is read.
    """
    return _read(path, patience, _status)


def read_queue(path: Path, patience: float = 10.0) -> tuple[int, tuple[Reason, ...]] | None:
    """Return how many notices wait in a database, and why; None as for :func:`read_status`."""
    return _read(path, patience, _queue)


def _read(
    path: Path, patience: float, what: Callable[[sqlite3.Connection], _Answer]
) -> _Answer | None:
    try:
        with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
            connection.execute("BEGIN")  # one moment for all that is read
            (revision,) = connection.execute(
                f"SELECT version_num FROM {migrations.VERSION_TABLE}"
            ).fetchone()
            return what(connection) if revision == migrations.REVISIONS[-1] else None
    except (sqlite3.Error, TypeError):
        return None


def _status(connection: sqlite3.Connection) -> StoreStatus:
    workbooks = tuple(map(decode_state, connection.execute(_STATES)))
    queued, reasons = _queue(connection)
    frozen = connection.execute("SELECT value FROM meta WHERE name = ?", (FROZEN,)).fetchone()
    shared = tuple(
        (workbook, code, json.loads(params))
        for workbook, code, params in connection.execute(_SHARED)
    )
    reason = decode_reason(frozen[0]) if frozen else None
    return StoreStatus(workbooks, queued, reasons, reason, shared)


def _queue(connection: sqlite3.Connection) -> tuple[int, tuple[Reason, ...]]:
    (queued,) = connection.execute("SELECT count(id) FROM outbox").fetchone()
    if not queued:
        return 0, ()
    query = "SELECT value FROM meta WHERE name LIKE ? ORDER BY name"
    noted = connection.execute(query, (f"{WAITS}%",)).fetchall()
    waits = [reason for (value,) in noted if (reason := decode_reason(value))]
    if queued >= CAPACITY:
        waits.append(Reason("notify.full", {"count": CAPACITY}))
    return queued, tuple(waits)
