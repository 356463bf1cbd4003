"""Stopping when the system asks for it, even where the main thread can't hear.

Python runs a handler on the main thread, between two of its own instructions; a
share that hangs or a database that is locked can keep it from there for minutes.
So a thread of its own is told of the signal, and ends the process if the main
thread doesn't come back: every moment is one at which xlflow may be killed.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

END_ANYWAY = 4.0
"""Seconds after the signal at which the process ends, whatever it is doing."""

NUMBERS = frozenset(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGBREAK") if hasattr(signal, name)
)


@contextmanager
def stop_on_signals(stop: Callable[[], None], end_anyway: float = END_ANYWAY) -> Iterator[None]:
    """Call ``stop`` on SIGTERM and SIGINT, on another thread, and end in seconds in any case."""
    ended = threading.Event()
    hears, tells = socket.socketpair()
    tells.setblocking(False)

    def listen() -> None:
        _mask("SIG_UNBLOCK")
        if hears.recv(1):
            stop()
            if not ended.wait(end_anyway):
                os._exit(0)

    before = {number: signal.signal(number, lambda *_: None) for number in NUMBERS}
    told_before = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=listen, name="signals", daemon=True)
    listener.start()
    _mask("SIG_BLOCK")  # or the system would leave it to this thread, which may not wake
    try:
        yield
    finally:
        ended.set()
        _mask("SIG_UNBLOCK")
        signal.set_wakeup_fd(told_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        tells.close()
        listener.join()
        hears.close()


def unblock_signals() -> None:
    """Let signals reach a process that inherited their being blocked."""
    _mask("SIG_UNBLOCK")


@contextmanager
def keep_signals_blocked() -> Iterator[None]:
    """Keep this thread's signals as they are; multiprocessing lets them through as it starts."""
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
        signal.pthread_sigmask(getattr(signal, how), NUMBERS)
