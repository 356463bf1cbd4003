"""The daemon's messenger: it sends in a thread of its own, so no slow service delays a flag."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from typing import Self

from xlflow.daemon.event_log import EventLog
from xlflow.errors import XlflowError
from xlflow.notifications import delivery
from xlflow.store import Reason, Store
from xlflow.store.outbox import FIRST_WAIT, LONGEST_WAIT
from xlflow.sync.results import PassResult, reason_of
from xlflow.sync.run import Clock, system_clock
from xlflow.workspace import Workspace

_LONGEST_NAP = 600.0  # seconds; clocks are set and addresses mended without telling anybody
_PATIENCE_AT_THE_END = 0.8

log = logging.getLogger(__name__)


class Sender:
    """Sends after each pass, and again when quiet hours or the wait after a failure end.

    A thread may be in the middle of sending when the daemon ends; what it then
    couldn't note is sent once more.
    """

    def __init__(self, workspace: Workspace, clock: Clock = system_clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._journal = EventLog(workspace.settings.language)
        self._woken = threading.Event()
        self._stopping = False
        self._again: datetime | None = None
        self._thread = threading.Thread(target=self._serve, name="messenger", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._woken.set()
        self._thread.join(_PATIENCE_AT_THE_END)

    def after_pass(self, workspace: Workspace, store: Store, result: PassResult) -> None:
        """Send what the pass has queued; ``workspace`` may have other settings by now."""
        self._workspace = workspace
        if store.queued():
            self._woken.set()

    def _serve(self) -> None:
        while not self._stopping:
            self._woken.wait(self._nap())
            self._woken.clear()
            if not self._stopping:
                self._round()

    def _nap(self) -> float | None:
        if self._again is None:
            return None
        seconds = (self._again - self._clock()).total_seconds()
        return min(max(seconds, 0.0), _LONGEST_NAP)

    def _round(self) -> None:
        now = self._clock()
        self._again = None
        try:
            with Store.open(self._workspace.state) as store:
                done = delivery.send(self._workspace, store, now, stopping=lambda: self._stopping)
        except XlflowError as error:
            self._journal.trouble("notify", reason_of(error))
            self._again = now + FIRST_WAIT
            return
        except Exception as error:  # the daemon goes on for months, whatever a service does
            log.exception("notify")
            told = Reason("watching.crashed", {"reason": type(error).__name__})
            self._journal.trouble("notify", told)
            self._again = now + LONGEST_WAIT
            return
        if done.sent:
            self._journal.note("notified", count=done.sent)
        self._journal.trouble("notify", next(iter(done.reasons), None))
        self._again = done.again
