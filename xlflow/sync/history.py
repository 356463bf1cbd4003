"""The kept versions of a workbook: what changed between them, and restoring one."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xlflow.atomic_write import write_draft
from xlflow.errors import StoreError, UnreadableError, UsageError, WriteRefusedError
from xlflow.facts import Change, Finding, Outcome, Row
from xlflow.matching import record_of
from xlflow.process import Inputs, process
from xlflow.row_changes import added_rows
from xlflow.store import Store, Version
from xlflow.sync.keep_displaced import keep_displaced
from xlflow.sync.write_policy import share_operations
from xlflow.team_files import lock_files
from xlflow.team_files.file_operations import FILE_OPERATIONS, FileOperations
from xlflow.team_files.guarded_replace import replace
from xlflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One version, and what changed since the one before it.

    ``items`` are the key columns of the rows that were added or removed, by row id.
    """

    version: Version
    changes: tuple[Change, ...]
    change_findings: tuple[Finding, ...]
    items: Mapping[str, str]


def history(
    workspace: Workspace, store: Store, workbook: str, limit: int | None = None
) -> tuple[Step, ...]:
    """Return the versions of a workbook, newest first, each with its changes.

    The changes are computed from the kept files, so they don't depend on the database.
    With ``limit`` only so many versions are read, and one more to compare the oldest with.

    Raises:
        UsageError: no version of the workbook is kept.
    """
    inputs = Inputs(Path(workbook).stem, workspace.settings, workbook)
    steps = []
    before: tuple[Row, ...] | None = None  # None until a version could be read
    versions = store.versions(workbook, None if limit is None else limit + 1)[::-1]
    for place, version in enumerate(versions):
        changes: Sequence[Change] = ()
        change_findings: Sequence[Finding] = ()
        items: Mapping[str, str] = {}
        outcome = _processed(store, inputs, version, before or ())
        if outcome is not None:  # else it is listed without changes, and the others as usual
            if before is None and not any(map(record_of, outcome.rows)):
                outcome = _with_later_ids(store, inputs, version, versions[place + 1 :]) or outcome
            changes, change_findings = outcome.changes, outcome.change_findings
            if before == ():  # an empty sheet was known, so its rows are new
                changes = added_rows(outcome.rows)
            items = {row.id: item_of(row) for row in (*(before or ()), *outcome.rows)}
            if before is None:
                changes, change_findings = (), ()
            before = outcome.rows
        whole_rows = [change.row_id for change in changes if change.field is None]
        named = {row_id: items[row_id] for row_id in whole_rows}
        steps.append(Step(version, tuple(changes), tuple(change_findings), named))
    if not steps:
        raise UsageError("sync.no_versions", workbook=workbook)
    return tuple(reversed(steps))[:limit]


def _processed(
    store: Store, inputs: Inputs, version: Version, memory: Sequence[Row]
) -> Outcome | None:
    """Return what follows from a version; None where it can't be read."""
    try:
        return process(store.kept.load(version), inputs, memory, version.seen)
    except (UnreadableError, StoreError):
        return None


def _with_later_ids(
    store: Store, inputs: Inputs, version: Version, later: Sequence[Version]
) -> Outcome | None:
    """Return what follows from a version without ids, with those that the next one has.

    Ids are derived from the path that the workbook had when it was first seen, which
    isn't known after a rename.
    """
    following = _processed(store, inputs, later[0], ()) if later else None
    if following is None or not any(map(record_of, following.rows)):
        return None
    return _processed(store, inputs, version, following.rows)


def item_of(row: Row) -> str:
    """Return the texts of a row's key columns."""
    texts = (value.text for column in row.table.keys if (value := row.value_in(column.field)))
    return " · ".join(text for text in texts if text)


def restore(
    workspace: Workspace,
    store: Store,
    path: Path,
    identity: str,
    as_of: datetime,
    now: datetime,
) -> Version:
    """Restore a version; the content that it replaces is kept as a version, too.

    Args:
        path: the workbook, which may be gone.
        identity: the version's id, as ``history`` shows it.
        as_of: the moment taken as now, in the workspace's zone.
        now: the real time, with its zone.

    Raises:
        UsageError: there is no such version.
        StoreError: the version can't be read, or the replaced content can't be kept.
        WriteRefusedError: somebody has the workbook open or is saving it, or the
            system refuses to write; nothing was changed.
    """
    workbook = workspace.relative(path)
    version = store.kept.find(workbook, identity)
    content = store.kept.load(version)
    operations = share_operations(workspace)
    if lock_files.holder_of(path, now, socket.gethostname()) is not None:
        raise WriteRefusedError("workbook_open", name=path.name)

    def keep(data: bytes) -> None:
        keep_displaced(workspace, store, path, data, as_of)

    try:
        current = FILE_OPERATIONS.read(path)
    except FileNotFoundError:
        recreate(path, content, operations)
        return version
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("write_failed", name=path.name, reason=reason) from error
    if current is None:
        raise WriteRefusedError("workbook_no_file", name=path.name)
    keep(current)
    if current != content and not replace(path, current, content, keep, operations):
        raise WriteRefusedError("sync.being_saved", name=path.name)
    return version


def recreate(path: Path, content: bytes, operations: FileOperations) -> None:
    """Write a workbook that is gone, never over one that has appeared meanwhile."""
    draft = None
    try:
        draft = write_draft(path, content)
        operations.move(draft, path)
    except FileExistsError as error:
        raise WriteRefusedError("sync.being_saved", name=path.name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("write_failed", name=path.name, reason=reason) from error
    finally:
        if draft is not None:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
