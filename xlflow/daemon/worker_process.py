"""Work done in a process beside this one, whose death hurts nobody.

A daemon reads what anybody may have put into the folder, for months. What such
bytes can do to a process they do to this one: it is killed when it takes too
long, started anew when it died, and holds no file and no lock.
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

_POLL = 0.05
_PATIENCE_AT_THE_END = 1.0


class WorkerProcess:
    """A process for one kind of work, one piece at a time; it starts when first asked.

    Args:
        work: a function of a module; arguments and results travel pickled.
        patience: seconds after which a piece of work is given up.
        halt: called again and again while waiting; it may raise.
        nice: by how much the process yields to others.
    """

    def __init__(
        self,
        work: Callable[..., Any],
        patience: float,
        halt: Callable[[], None] = lambda: None,
        nice: int = 0,
    ) -> None:
        self._work, self._patience, self._halt, self._nice = work, patience, halt, nice
        self._process: multiprocessing.process.BaseProcess | None = None
        self._line: Connection | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Have one piece of work done, and return what comes of it.

        Raises:
            UnavailableError: the process died, or didn't answer in time.
            Exception: whatever the work itself raised.
        """
        self.ask(*arguments)
        waited = 0.0
        try:
            while not self.answered(_POLL):
                self._halt()
                waited += _POLL
                if waited > self._patience:
                    raise UnavailableError("watching.reader_slow", seconds=round(self._patience))
        except BaseException:
            self.close()
            raise
        return self.answer()

    def ask(self, *arguments: Any) -> None:
        """Begin a piece of work."""
        if self._process is None or not self._process.is_alive():
            self.close()
            self._start()
        try:
            self._there.send_bytes(pickle.dumps(arguments))
        except OSError:  # it died while it had nothing to do
            self.close()
            self._start()
            self._there.send_bytes(pickle.dumps(arguments))

    def answered(self, wait: float = 0.0) -> bool:
        """Tell whether the work has ended, well or not, after waiting so many seconds for it."""
        return self._there.poll(wait)

    def answer(self) -> Any:
        """Return what came of the work that has ended, or raise what it raised."""
        try:
            done, result = pickle.loads(self._there.recv_bytes())
        except (EOFError, OSError):
            self.close()
            raise UnavailableError("watching.reader_died") from None
        if not done:
            raise result
        return result

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None and self._line is not None:
            self._line.close()
            self._process.kill()
            self._process.join(_PATIENCE_AT_THE_END)
        self._process = self._line = None

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def _there(self) -> Connection:
        assert self._line is not None, "nothing was asked"
        return self._line

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(other, self._work, self._nice), daemon=True
        )
        with keep_signals_blocked():
            self._process.start()
        other.close()


def _serve(line: Connection, work: Callable[..., Any], nice: int) -> None:
    """Do what is asked until nobody is there any more."""
    unblock_signals()
    # A terminal's Ctrl+C reaches every process of it; who asked decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    while True:
        try:
            arguments = pickle.loads(line.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            answer = pickle.dumps((True, work(*arguments)))
        except Exception as error:
            try:
                answer = pickle.dumps((False, error))
                pickle.loads(answer)
            except Exception:  # one that can't travel
                answer = pickle.dumps((False, RuntimeError(repr(error))))
        try:
            line.send_bytes(answer)
        except OSError:  # who asked was killed meanwhile
            return
