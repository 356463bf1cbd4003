"""Which signals reach a thread: those that end xlflow are blocked while another one listens."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = frozenset(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)
)
"""What ends xlflow: SIGTERM, SIGINT, and SIGBREAK on Windows."""


def block_signals() -> None:
    """Block the signals in this thread, so that the system delivers them to another one."""
    _mask("SIG_BLOCK")


def unblock_signals() -> None:
    """Unblock the signals in a process that inherited their being blocked."""
    _mask("SIG_UNBLOCK")


@contextmanager
def keep_signals_blocked() -> Iterator[None]:
    """Keep this thread's signal mask; multiprocessing unblocks signals when it starts a process."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _mask(how: str) -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(getattr(signal, how), SIGNALS)
