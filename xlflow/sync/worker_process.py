"""A worker process, whose crash does no harm to the daemon.

For months a daemon reads files that anybody may have put into the folder. Whatever
such bytes can do to a process they do to the worker: it is killed when it takes too
long, restarted when it has died, and holds no file and no lock.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from math import inf
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from xlflow.errors import UnavailableError
from xlflow.sync.signal_mask import keep_signals_blocked, unblock_signals

POLL_INTERVAL = 0.05
"""Seconds between two looks at whether a call should be halted."""

_JOIN_TIMEOUT = 1.0


class WorkerProcess:
    """A process that calls one function, one call at a time; it starts with the first call.

    Args:
        work: a module's function; its arguments and results are pickled.
        timeout: seconds after which a call is given up.
        halt: called again and again while waiting; it may raise.
        nice: by how much the process lowers its priority (nice(2)).
        memory_limit: bytes of address space that it may use, where the system can limit it.
        fork: whether it may begin as a copy of this process, which costs much less than
            a new one. Only a process with a single thread is copied.
    """

    def __init__(
        self,
        work: Callable[..., Any],
        timeout: float,
        halt: Callable[[], None] = lambda: None,
        nice: int = 0,
        *,
        memory_limit: int | None = None,
        fork: bool = False,
    ) -> None:
        self._work, self._timeout, self._halt, self._nice = work, timeout, halt, nice
        self._memory_limit = memory_limit
        self._fork = fork and "fork" in multiprocessing.get_all_start_methods()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._give_up_at = inf

    def __call__(self, *arguments: Any) -> Any:
        """Call the function in the process, and return its result.

        Raises:
            UnavailableError: the process died, or didn't answer in time.
            Exception: whatever the function raised.
        """
        self.submit(*arguments)
        try:
            while not self.ended(POLL_INTERVAL):
                self._halt()
        except BaseException:
            self.close()
            raise
        return self.result()

    def submit(self, *arguments: Any) -> None:
        """Start a call."""
        if self._process is None or not self._process.is_alive():
            self.close()
            self._start()
        try:
            self.connection.send_bytes(pickle.dumps(arguments))
        except OSError:  # it died while it was idle
            self.close()
            self._start()
            self.connection.send_bytes(pickle.dumps(arguments))
        self._give_up_at = monotonic() + self._timeout

    def ended(self, timeout: float = 0.0) -> bool:
        """Whether there is a result after so many seconds, be it that the time is over."""
        return self.poll(timeout) or monotonic() > self._give_up_at

    def poll(self, timeout: float = 0.0) -> bool:
        """Whether the call has ended, well or not, after waiting so many seconds for it."""
        return self.connection.poll(timeout)

    def result(self) -> Any:
        """Return what the call that has ended returned, or raise what it raised.

        Raises:
            UnavailableError: the process died, or didn't answer in time and was killed.
        """
        if not self.poll():
            self.close()
            raise UnavailableError("watching.reader_slow", seconds=round(self._timeout))
        try:
            succeeded, result = pickle.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            self.close()
            raise UnavailableError("watching.reader_died") from None
        if not succeeded:
            raise result
        return result

    def close(self) -> None:
        """Kill the process, whatever it is doing."""
        if self._process is not None and self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join(_JOIN_TIMEOUT)
        self._process = self._connection = None

    @property
    def pid(self) -> int | None:
        """The id of the process, None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def connection(self) -> Connection:
        """What becomes readable when the call that was submitted has ended."""
        assert self._connection is not None, "no call was submitted"
        return self._connection

    def _start(self) -> None:
        # On macOS the system's libraries don't bear to be copied.
        copied = self._fork and threading.active_count() == 1 and sys.platform != "darwin"
        context = multiprocessing.get_context("fork" if copied else "spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(other, self._work, self._nice, self._memory_limit), daemon=True
        )
        with keep_signals_blocked():
            self._process.start()
        other.close()


def _serve(
    connection: Connection, work: Callable[..., Any], nice: int, memory_limit: int | None
) -> None:
    """Answer calls until the other end of the connection is closed."""
    unblock_signals()
    # A terminal sends Ctrl+C to all of its processes; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    if memory_limit is not None:
        _limit_memory(memory_limit)
    while True:
        try:
            arguments = pickle.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            answer = pickle.dumps((True, work(*arguments)))
        except Exception as error:
            try:
                answer = pickle.dumps((False, error))
                pickle.loads(answer)
            except Exception:  # one that can't be pickled
                answer = pickle.dumps((False, RuntimeError(repr(error))))
        try:
            connection.send_bytes(answer)
        except OSError:  # the parent was killed meanwhile
            return


def _limit_memory(limit: int) -> None:
    """Limit the address space of this process; what it asks for beyond is a MemoryError."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or limit <= hard:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
