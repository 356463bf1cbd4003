"""The kept versions of a workbook: what changed between them, and bringing one back."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xlflow.atomic_write import write_draft
from xlflow.errors import StoreError, UnreadableError, UsageError, WriteRefusedError
from xlflow.facts import Change, Finding, Row
from xlflow.process import Inputs, process
from xlflow.store import Store, Version
from xlflow.sync.keep_displaced import keep_displaced
from xlflow.team_files import lock_files
from xlflow.team_files.file_operations import FILE_OPERATIONS
from xlflow.team_files.guarded_replace import replace
from xlflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One version, and what had changed since the one before it."""

    version: Version
    changes: tuple[Change, ...]
    change_findings: tuple[Finding, ...]


def history(workspace: Workspace, store: Store, workbook: str) -> tuple[Step, ...]:
    """Return the versions of a workbook, newest first, with the steps between them.

    The steps are worked out from the kept files themselves, so that they are the
    same whatever became of the database.

    Raises:
        UsageError: nothing is kept of such a workbook.
    """
    inputs = Inputs(Path(workbook).stem, workspace.settings, workbook)
    steps = []
    before: tuple[Row, ...] = ()
    for version in store.versions(workbook)[::-1]:
        changes: Sequence[Change] = ()
        edited: Sequence[Finding] = ()
        try:
            data = store.kept.load(version)
            outcome = process(data, inputs, before, version.seen)
        except (UnreadableError, StoreError):
            pass  # it stood there all the same, and hides no other
        else:
            changes, edited, before = outcome.changes, outcome.change_findings, outcome.rows
        steps.append(Step(version, tuple(changes), tuple(edited)))
    if not steps:
        raise UsageError("sync.no_versions", workbook=workbook)
    return tuple(reversed(steps))


def restore(
    workspace: Workspace,
    store: Store,
    path: Path,
    identity: str,
    as_of: datetime,
    now: datetime,
) -> Version:
    """Bring a version back in the place of what stands there, which is kept too.

    Args:
        path: the workbook; it may be gone.
        identity: the version's id, as ``history`` shows it.
        as_of: the moment that stands for now, in the workspace's zone.
        now: the real time, with its zone.

    Raises:
        UsageError: there is no such version.
        WriteRefusedError: somebody has the workbook open, or the disk refuses;
            nothing was changed.
    """
    workbook = workspace.relative(path)
    version = store.kept.find(workbook, identity)
    content = store.kept.load(version)
    if lock_files.holder_of(path, now, socket.gethostname()) is not None:
        raise WriteRefusedError("workbook_open", name=path.name)

    def keep(data: bytes) -> None:
        keep_displaced(workspace, store, path, data, as_of)

    try:
        standing = FILE_OPERATIONS.read(path)
    except FileNotFoundError:
        _put_back(path, content)
        return version
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("write_failed", name=path.name, reason=reason) from error
    if standing is None:
        raise WriteRefusedError("workbook_no_file", name=path.name)
    keep(standing)
    if standing != content and not replace(path, standing, content, keep):
        raise WriteRefusedError("sync.being_saved", name=path.name)
    return version


def _put_back(path: Path, content: bytes) -> None:
    """Make a workbook that is gone anew, never over one that came in between."""
    draft = None
    try:
        draft = write_draft(path, content)
        FILE_OPERATIONS.move(draft, path)
    except FileExistsError as error:
        raise WriteRefusedError("sync.being_saved", name=path.name) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("write_failed", name=path.name, reason=reason) from error
    finally:
        if draft is not None:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
