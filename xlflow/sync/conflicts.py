"""What conflict copies hold otherwise than their originals, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from xlflow.errors import XlflowError
from xlflow.facts import Change, Outcome, Row
from xlflow.process import Inputs, process
from xlflow.row_changes import added_rows
from xlflow.store import Reason, Store
from xlflow.store.database import CONFLICT
from xlflow.sync.history import item_of
from xlflow.sync.results import reason_of
from xlflow.team_files import safe_open
from xlflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Conflict:
    """A copy and how it differs from its original.

    In ``changes`` the original is before and the copy after. ``items`` are the key columns
    of the rows by id. ``reason`` says why the two can't be compared, if so.
    """

    workbook: str
    original: str
    changes: tuple[Change, ...] = ()
    items: Mapping[str, str] = field(default_factory=dict)
    reason: Reason | None = None


def conflicts(workspace: Workspace, store: Store, as_of: datetime) -> tuple[Conflict, ...]:
    """Return the copies that the last pass found, as their files are now."""
    found = []
    for state in store.workbooks():
        original = state.reason.params.get("original") if state.reason is not None else None
        if state.status == CONFLICT and original is not None:
            found.append(_compared(workspace, state.workbook, original, as_of))
    return tuple(found)


def _compared(workspace: Workspace, workbook: str, original: str, as_of: datetime) -> Conflict:
    try:
        first = _processed(workspace, original, (), as_of)
        second = _processed(workspace, workbook, first.rows, as_of)
    except (XlflowError, OSError) as error:
        reason = (
            reason_of(error)
            if isinstance(error, XlflowError)
            else Reason("reading.io_error", {"reason": error.strerror or str(error)})
        )
        return Conflict(workbook, original, reason=reason)
    changes = second.changes if first.rows else added_rows(second.rows)
    items = {row.id: item_of(row) for row in (*first.rows, *second.rows)}
    return Conflict(workbook, original, changes, items)


def _processed(
    workspace: Workspace, workbook: str, memory: tuple[Row, ...], as_of: datetime
) -> Outcome:
    inputs = Inputs(PurePosixPath(workbook).stem, workspace.settings, workbook)
    return process(safe_open.read_safely(workspace.root / workbook), inputs, memory, as_of)
