"""Stopping on a signal, even while the main thread is blocked.

Python runs signal handlers on the main thread, between two instructions; a share
that hangs or a database that is locked can keep it from there for minutes. So a
separate thread receives the signal, and ends the process if the main thread doesn't
stop in time: xlflow may be killed at any moment.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xlflow.sync.signal_mask import SIGNALS, block_signals, unblock_signals

GRACE_PERIOD = 4.0
"""Seconds after the signal at which the process ends, whatever it is doing."""


@contextmanager
def stop_on_signals(stop: Callable[[], None], grace_period: float = GRACE_PERIOD) -> Iterator[None]:
    """Call ``stop`` on SIGTERM or SIGINT, on another thread.

    If the context hasn't ended ``grace_period`` seconds later, the process does.
    """
    ended = threading.Event()
    receiver, sender = socket.socketpair()
    sender.setblocking(False)

    def listen() -> None:
        unblock_signals()
        if receiver.recv(1):
            stop()
            if not ended.wait(grace_period):
                os._exit(0)

    before = {number: signal.signal(number, lambda *_: None) for number in SIGNALS}
    fd_before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    listener = threading.Thread(target=listen, name="signals", daemon=True)
    listener.start()
    block_signals()  # else the system may deliver it to this thread, which may be blocked
    try:
        yield
    finally:
        ended.set()
        unblock_signals()
        signal.set_wakeup_fd(fd_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        sender.close()
        listener.join()
        receiver.close()
