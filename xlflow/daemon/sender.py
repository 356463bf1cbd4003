"""Sending notices on a thread of its own, so that a slow service delays no flag."""

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

_LONGEST_WAIT = 600.0  # seconds; clocks are set and addresses corrected without notice
_JOIN_TIMEOUT = 0.8

log = logging.getLogger(__name__)


class Sender:
    """Sends after each pass, and again when quiet hours or the delay after a failure end.

    If the daemon ends while a digest is being sent, and its delivery can't be recorded
    any more, it is sent once more the next time.
    """

    def __init__(self, workspace: Workspace, clock: Clock = system_clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._event_log = EventLog(workspace.settings.language)
        self._woken = threading.Event()
        self._stopping = False
        self._retry_at: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        self._woken.set()
        self._thread.join(_JOIN_TIMEOUT)

    def after_pass(self, workspace: Workspace, store: Store, result: PassResult) -> None:
        """Send what the pass has queued; ``workspace`` may have other settings by now."""
        self._workspace = workspace
        if store.queued():
            self._woken.set()

    def _run(self) -> None:
        while not self._stopping:
            self._woken.wait(self._seconds_to_wait())
            self._woken.clear()
            if not self._stopping:
                self._send()

    def _seconds_to_wait(self) -> float | None:
        if self._retry_at is None:
            return None
        seconds = (self._retry_at - self._clock()).total_seconds()
        return min(max(seconds, 0.0), _LONGEST_WAIT)

    def _send(self) -> None:
        now = self._clock()
        self._retry_at = None
        try:
            with Store.open(self._workspace.state) as store:
                result = delivery.send(self._workspace, store, now, stopping=lambda: self._stopping)
        except XlflowError as error:
            self._event_log.problem("notify", reason_of(error))
            self._retry_at = now + FIRST_WAIT
            return
        except Exception as error:  # a bug mustn't end the thread, which is to run for months
            log.exception("notify")
            reason = Reason("watching.crashed", {"reason": type(error).__name__})
            self._event_log.problem("notify", reason)
            self._retry_at = now + LONGEST_WAIT
            return
        if result.sent:
            self._event_log.info("notified", count=result.sent)
        self._event_log.problem("notify", next(iter(result.reasons), None))
        self._retry_at = result.retry_at
