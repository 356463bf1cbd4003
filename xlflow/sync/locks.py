"""One pass at a time on this machine.

Locks on files in the state folder: the system releases them when the process that
holds them ends, however it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xlflow.errors import HeldError, StoreError

if TYPE_CHECKING:
    import filelock

PASS_LOCK_TIMEOUT = 30.0
"""Seconds that a pass waits for another one to end."""

_POLL_INTERVAL = 0.05


@contextmanager
def pass_lock(state: Path, timeout: float | None = None) -> Iterator[None]:
    """Hold the lock of the pass, which keeps passes of other processes waiting; reentrant.

    Raises:
        HeldError: another process still holds it after ``timeout`` seconds (30 unless given).
        StoreError: the state folder can't be used.
    """
    import filelock

    lock = state_lock(state, "turn.lock")
    timeout = PASS_LOCK_TIMEOUT if timeout is None else timeout
    try:
        acquire(lock, timeout)
    except filelock.Timeout:
        raise HeldError("watching.busy", seconds=round(timeout)) from None
    try:
        yield
    finally:
        lock.release()


def state_lock(state: Path, name: str) -> filelock.BaseFileLock:
    """Return the lock of that name in a state folder, the same object for each call."""
    import filelock

    return filelock.FileLock(state / name, is_singleton=True)


def acquire(lock: filelock.BaseFileLock, timeout: float) -> None:
    """Acquire a lock in a state folder, which is created if need be.

    Raises:
        filelock.Timeout: another process still holds it after ``timeout`` seconds.
        StoreError: the state folder can't be used.
    """
    import filelock

    folder = Path(lock.lock_file).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=timeout, poll_interval=_POLL_INTERVAL)
    except filelock.Timeout:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("store.unopened", path=str(folder), reason=reason) from error
