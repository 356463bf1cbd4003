"""Adopting workbooks: into the team's file in place, or as a copy of a file from elsewhere."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.adoption.plan import AdoptionPlan, TablePlan, plan_adoption
from xlflow.atomic_write import write_atomically
from xlflow.errors import WriteRefusedError
from xlflow.meaning.overdue import day_of
from xlflow.store import Store
from xlflow.sync.history import recreate
from xlflow.sync.keep_displaced import keep_displaced
from xlflow.sync.lease import foreign_holder, held_error
from xlflow.sync.write_policy import share_operations
from xlflow.team_files import lock_files, safe_open
from xlflow.team_files.guarded_replace import replace
from xlflow.workspace import Workspace

CONFIRMED = "confirmed-mappings.json"
"""The file in the state folder with digests of the mappings that a person confirmed."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A workbook that may be adopted: where it lies, where it goes, what would be done."""

    source: Path
    target: Path
    data: bytes
    plan: AdoptionPlan


def candidate(workspace: Workspace, source: Path, as_of: datetime) -> Candidate:
    """Read a workbook and plan its adoption, without writing anything.

    Raises:
        UnreadableError: it can't be read.
        WriteRefusedError: it lies elsewhere, and a team has a workbook of its name.
    """
    in_place = source.parent == workspace.teams
    target = source if in_place else workspace.teams / source.name
    data = safe_open.read_safely(source)
    plan = plan_adoption(data, workspace.settings, day_of(as_of))
    if not in_place and (target.exists() or target.is_symlink()):
        raise WriteRefusedError("adopt.name_taken", name=workspace.relative(target))
    return Candidate(source, target, data, plan)


def adopt(
    workspace: Workspace,
    store: Store,
    found: Candidate,
    chosen: Sequence[TablePlan],
    as_of: datetime,
    now: datetime,
) -> None:
    """Write the workbook with the columns of the chosen tables; the original is kept.

    Raises:
        HeldError: another machine's daemon holds the workspace.
        StoreError: the original can't be kept.
        WriteRefusedError: the workbook can't be written now; nothing was changed.
    """
    holder = foreign_holder(workspace.root)
    if holder is not None:
        raise held_error(holder)
    if lock_files.holder_of(found.source, now, socket.gethostname()) is not None:
        raise WriteRefusedError("workbook_open", name=found.source.name)
    content = found.plan.content(chosen)
    operations = share_operations(workspace)

    def keep(data: bytes) -> None:
        keep_displaced(workspace, store, found.target, data, as_of)

    keep(found.data)
    if found.source != found.target:
        recreate(found.target, content, operations)
    elif not replace(found.target, found.data, content, keep, operations):
        raise WriteRefusedError("sync.being_saved", name=found.target.name)


def confirmed_mappings(workspace: Workspace) -> set[str]:
    """Return digests of the mappings that a person confirmed in this workspace."""
    with suppress(OSError, ValueError):
        return set(json.loads((workspace.state / CONFIRMED).read_bytes()))
    return set()


def confirm_mappings(workspace: Workspace, tables: Collection[TablePlan]) -> None:
    """Remember that a person confirmed the mappings of some tables."""
    known = confirmed_mappings(workspace)
    new = known | {mapping_digest(table) for table in tables}
    if new != known:
        with suppress(OSError):  # it is asked about again
            workspace.state.mkdir(parents=True, exist_ok=True)
            path = workspace.state / CONFIRMED
            write_atomically(path, json.dumps(sorted(new)).encode("ascii"), sync=False)


def mapping_digest(table: TablePlan) -> str:
    """Return a digest of what a table's headers mean."""
    return sha256(table.signature.encode("utf-8", "surrogatepass")).hexdigest()
