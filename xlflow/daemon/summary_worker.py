"""Renewing the summaries in a process of its own, so that saves are flagged meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from math import inf
from pathlib import Path

from xlflow.daemon.event_log import EventLog
from xlflow.errors import HeldError, XlflowError
from xlflow.store import Reason, Store
from xlflow.summary import renewal
from xlflow.sync.locks import pass_lock
from xlflow.sync.results import reason_of
from xlflow.sync.worker_process import WorkerProcess
from xlflow.workspace import Workspace

_TIMEOUT = 600.0
_DOCUMENT_DELAY = 0.3
_QUIET_PERIOD, _LONGEST_DELAY = 2.0, 20.0
_RETRY_DELAY = 60.0
_POLL_INTERVAL = 0.1
_LOCK_TIMEOUT = 0.5


class SummaryWorker:
    """Renews the summaries: their JSON documents at once, the workbooks after a quiet moment.

    It holds the lock of the pass while it works; the daemon's own passes go on. Times
    are monotonic seconds.
    """

    def __init__(
        self,
        state: Path,
        event_log: EventLog,
        *,
        monotonic: Callable[[], float],
        halt: Callable[[], None],
    ) -> None:
        self.process = WorkerProcess(renew_summaries, _TIMEOUT, halt, nice=10)
        self._state = state
        self._event_log = event_log
        self._monotonic = monotonic
        self._lock = ExitStack()
        self._documents_due_at: float | None = None
        self._due_at: float | None = None
        self._latest = 0.0
        self._give_up_at: float | None = None  # while the process works
        self._on_workbooks = False

    def request(self) -> None:
        """Have the summaries renewed soon; each request delays the workbooks, up to a limit."""
        now = self._monotonic()
        if self._due_at is None:
            self._latest = now + _LONGEST_DELAY
        self._due_at = min(now + _QUIET_PERIOD, max(self._latest, now))
        if self._documents_due_at is None:
            self._documents_due_at = now + _DOCUMENT_DELAY

    def step(self, workspace: Workspace, as_of: datetime, clock: datetime) -> None:
        """Start to renew the summaries if they are due, or look whether that has ended."""
        now = self._monotonic()
        if self._give_up_at is not None:
            if self.process.poll():
                self._ended(self._result())
            elif now > self._give_up_at:
                self.process.close()
                self._ended(Reason("watching.reader_slow", {"seconds": round(_TIMEOUT)}))
        if self._give_up_at is None and now >= self._next_due():
            self._start(now, workspace, as_of, clock)

    def next_at(self) -> float:
        """Return when there is something to do next, infinity if there is nothing."""
        if self._give_up_at is not None:
            return self._monotonic() + _POLL_INTERVAL
        return self._next_due()

    def _start(self, now: float, workspace: Workspace, as_of: datetime, clock: datetime) -> None:
        try:
            self._lock.enter_context(pass_lock(self._state, _LOCK_TIMEOUT))
        except HeldError:
            self._postpone(now + _LOCK_TIMEOUT)
            return
        # The workbooks come with their documents.
        self._on_workbooks = self._due_at is not None and now >= self._due_at
        self._documents_due_at = None
        if self._on_workbooks:
            self._due_at = None
        self._give_up_at = now + _TIMEOUT
        self.process.submit(workspace, as_of, clock, self._on_workbooks)

    def _next_due(self) -> float:
        due = (self._documents_due_at, self._due_at)
        return min((moment for moment in due if moment is not None), default=inf)

    def _postpone(self, until: float) -> None:
        """Delay what is due already."""
        if self._documents_due_at is not None:
            self._documents_due_at = max(self._documents_due_at, until)
        if self._due_at is not None:
            self._due_at = max(self._due_at, until)

    def close(self) -> None:
        """End the process, whatever it is doing, and release the lock."""
        self.process.close()
        self._lock.close()

    def _result(self) -> Reason | None:
        """Log which summaries were written; return why others weren't, if any."""
        problem = None
        try:
            for path, written, deferred in self.process.result():
                if written:
                    self._event_log.info("summary", path=path)
                problem = deferred or problem
        except XlflowError as error:
            return reason_of(error)
        except Exception as error:
            return Reason("watching.crashed", {"reason": repr(error)})
        return problem

    def _ended(self, problem: Reason | None) -> None:
        self._give_up_at = None
        if not self._on_workbooks:
            # The workbooks follow in the same process, and say what is still wrong then.
            self._lock.close()
            return
        self.close()  # the process needs much memory, and seldom
        self._event_log.problem("summaries", problem)
        if problem is not None and self._due_at is None:
            self._due_at = self._latest = self._monotonic() + _RETRY_DELAY


def renew_summaries(
    workspace: Workspace, as_of: datetime, now: datetime, workbooks: bool
) -> list[tuple[str, bool, Reason | None]]:
    """Renew the documents of the summaries concerned and, if asked for, their workbooks.

    Returns:
        For each workbook its path, whether it was written, and why not.
    """
    with Store.open(workspace.state) as store:
        if not workbooks:
            renewal.renew_documents(workspace, store, as_of)
            return []
        return [
            (workspace.relative(summary.path), summary.written, summary.deferred)
            for summary in renewal.renew(workspace, store, as_of, now)
        ]
