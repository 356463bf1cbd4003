"""One daemon a workspace, and one pass at a time, on this machine.

Locks on files in the state folder: the system lets go of them when their holder
ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from xlflow.errors import HeldError, StoreError

PATIENCE = 30.0
"""Seconds that a pass waits for the one before it."""

_START = 2.0  # as long as somebody who only asks whether a daemon runs may hold its lock
_POLL = 0.05


@contextmanager
def pass_lock(state: Path, patience: float | None = None) -> Iterator[None]:
    """Work alone, after whoever is working now; within a turn another one is the same.

    Raises:
        HeldError: somebody is still working after ``patience`` seconds (30 unless given).
        StoreError: the state folder can't be used.
    """
    lock = _lock(state, "turn.lock")
    patience = PATIENCE if patience is None else patience
    try:
        _acquire(lock, patience)
    except filelock.Timeout:
        raise HeldError("watching.busy", seconds=round(patience)) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def daemon_lock(state: Path) -> Iterator[None]:
    """Be the one daemon of this workspace on this machine.

    Raises:
        HeldError: there is one already.
        StoreError: the state folder can't be used.
    """
    from xlflow.daemon import heartbeat

    lock = _lock(state, "watch.lock")
    try:
        _acquire(lock, _START)
    except filelock.Timeout:
        pulse = heartbeat.read(state)
        pid, who = (pulse.pid, pulse.who) if pulse else ("?", "?")
        raise HeldError("watching.second", pid=pid, who=who) from None
    try:
        yield
    finally:
        lock.release()


def daemon_is_running(state: Path) -> bool:
    """Tell whether a daemon of this workspace runs on this machine."""
    lock = _lock(state, "watch.lock")
    if not Path(lock.lock_file).exists():
        return False
    try:
        _acquire(lock, 0)
    except (filelock.Timeout, StoreError):
        return True
    lock.release()
    return False


def _lock(state: Path, name: str) -> filelock.BaseFileLock:
    return filelock.FileLock(state / name, is_singleton=True)


def _acquire(lock: filelock.BaseFileLock, patience: float) -> None:
    path = Path(lock.lock_file)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience, poll_interval=_POLL)
    except filelock.Timeout:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("store.unopened", path=str(path.parent), reason=reason) from error
