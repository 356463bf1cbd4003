"""What ``xlflow status`` shows of a store: each workbook's state, and what waits or is frozen.

Read through sqlite3 alone, because importing SQLAlchemy takes longer than all else
that the command does. The names and the limit here are those that the store writes by.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

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

_STATES = f"SELECT {', '.join(STATE)} FROM workbook ORDER BY team, workbook"


class StoreStatus(NamedTuple):
    """What is known of each workbook, how many notices wait and why, why it is frozen."""

    workbooks: tuple[WorkbookState, ...]
    queued: int
    queue_reasons: tuple[Reason, ...]
    frozen: Reason | None


def read_status(path: Path, patience: float = 10.0) -> StoreStatus | None:
    """Return the status in a database; None unless it is whole and at the present revision.

    Why it isn't is for :meth:`xlflow.store.database.Store.open` to find out. Row tables
    of another schema are no reason: none is read.
    """
    try:
        with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
            connection.execute("BEGIN")  # one moment for all that is read
            (revision,) = connection.execute(
                f"SELECT version_num FROM {migrations.VERSION_TABLE}"
            ).fetchone()
            if revision != migrations.REVISIONS[-1]:
                return None
            workbooks = tuple(map(decode_state, connection.execute(_STATES)))
            (queued,) = connection.execute("SELECT count(id) FROM outbox").fetchone()
            noted = connection.execute(
                "SELECT name, value FROM meta WHERE name = ? OR name LIKE ? ORDER BY name",
                (FROZEN, f"{WAITS}%"),
            ).fetchall()
    except (sqlite3.Error, TypeError):
        return None
    reasons = {name: reason for name, value in noted if (reason := decode_reason(value))}
    frozen = reasons.pop(FROZEN, None)
    waits = [*reasons.values()] if queued else []
    if queued >= CAPACITY:
        waits.append(Reason("notify.full", {"count": CAPACITY}))
    return StoreStatus(workbooks, queued, tuple(waits), frozen)
