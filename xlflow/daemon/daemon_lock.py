"""One daemon per workspace on this machine: a lock in the state folder, held while it runs.

The lock itself names nobody; who holds it is read from the heartbeat that every
daemon writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlflow.daemon import heartbeat
from xlflow.errors import HeldError, StoreError
from xlflow.sync.locks import acquire, state_lock

_NAME = "watch.lock"
_TIMEOUT = 2.0  # seconds; `daemon_is_running` in another process may hold it for an instant


@contextmanager
def daemon_lock(state: Path) -> Iterator[None]:
    """Hold the lock of the one daemon of this workspace on this machine.

    Raises:
        HeldError: another daemon holds it; the error names its process and user.
        StoreError: the state folder can't be used.
    """
    import filelock

    lock = state_lock(state, _NAME)
    try:
        acquire(lock, _TIMEOUT)
    except filelock.Timeout:
        holder = heartbeat.read(state)
        pid, who = (holder.pid, holder.who) if holder else ("?", "?")
        raise HeldError("watching.second", pid=pid, who=who) from None
    try:
        yield
    finally:
        lock.release()


def daemon_is_running(state: Path) -> bool:
    """Whether a daemon of this workspace runs on this machine."""
    if not (state / _NAME).exists():
        return False
    import filelock

    lock = state_lock(state, _NAME)
    try:
        acquire(lock, 0)
    except (filelock.Timeout, StoreError):
        return True
    lock.release()
    return False
