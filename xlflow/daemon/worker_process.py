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
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from xlflow.daemon.shutdown import keep_signals_blocked, unblock_signals
from xlflow.errors import UnavailableError

_POLL_INTERVAL = 0.05
_JOIN_TIMEOUT = 1.0


class WorkerProcess:
    """A process that calls one function, one call at a time; it starts with the first call.

    Args:
        work: a module's function; its arguments and results are pickled.
        timeout: seconds after which a call is given up.
        halt: called again and again while waiting; it may raise.
        nice: by how much the process lowers its priority (nice(2)).
    """

    def __init__(
        self,
        work: Callable[..., Any],
        timeout: float,
        halt: Callable[[], None] = lambda: None,
        nice: int = 0,
    ) -> None:
        self._work, self._timeout, self._halt, self._nice = work, timeout, halt, nice
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Call the function in the process, and return its result.

        Raises:
            UnavailableError: the process died, or didn't answer in time.
            Exception: whatever the function raised.
        """
        self.submit(*arguments)
        waited = 0.0
        try:
            while not self.poll(_POLL_INTERVAL):
                self._halt()
                waited += _POLL_INTERVAL
                if waited > self._timeout:
                    raise UnavailableError("watching.reader_slow", seconds=round(self._timeout))
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
            self._peer.send_bytes(pickle.dumps(arguments))
        except OSError:  # it died while it was idle
            self.close()
            self._start()
            self._peer.send_bytes(pickle.dumps(arguments))

    def poll(self, timeout: float = 0.0) -> bool:
        """Whether the call has ended, well or not, after waiting so many seconds for it."""
        return self._peer.poll(timeout)

    def result(self) -> Any:
        """Return what the call that has ended returned, or raise what it raised."""
        try:
            succeeded, result = pickle.loads(self._peer.recv_bytes())
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
    def _peer(self) -> Connection:
        assert self._connection is not None, "no call was submitted"
        return self._connection

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, self._work, self._nice), daemon=True
        )
        with keep_signals_blocked():
            self._process.start()
        other.close()


def _serve(connection: Connection, work: Callable[..., Any], nice: int) -> None:
    """Answer calls until the other end of the connection is closed."""
    unblock_signals()
    # A terminal sends Ctrl+C to all of its processes; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
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
