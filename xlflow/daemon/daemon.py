"""``xlflow watch``: a pass whenever a workbook changes, and when the day turns, for months.

The loop (:meth:`Daemon.step`) renews the lease, detects changes, runs the pass that is
due and renews the summaries, on one thread; other threads only wake it. What fails is
tried again, and nothing that happens in the shared folder ends it. It may be killed at
any moment: a pass that runs again ends in the same state.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from xlflow.daemon import share_outage
from xlflow.daemon.change_detector import ChangeDetector
from xlflow.daemon.daemon_lock import daemon_lock
from xlflow.daemon.debounce import QUIET_PERIOD
from xlflow.daemon.event_log import EventLog, log_to_file
from xlflow.daemon.pass_runner import Hook, PassRunner
from xlflow.daemon.pass_schedule import PassSchedule
from xlflow.daemon.presence import Presence
from xlflow.daemon.settings_watcher import SettingsWatcher
from xlflow.daemon.share_outage import ShareOutage
from xlflow.daemon.shutdown import stop_on_signals
from xlflow.daemon.summary_worker import SummaryWorker
from xlflow.errors import HeldError, StoreError, XlflowError
from xlflow.store import Reason, Store
from xlflow.sync.cloud_folders import cloud_client_of
from xlflow.sync.file_index import FileIndex
from xlflow.sync.lease import Lease
from xlflow.sync.locks import pass_lock
from xlflow.sync.results import PassResult, reason_of
from xlflow.sync.run import Clock, system_clock
from xlflow.team_files.mounts import GONE
from xlflow.workspace import Workspace

_LOCK_TIMEOUT = 0.5  # seconds to wait for another pass before checking whether to stop
# A cloud client reacts to each write, and takes its time.
_CLOUD_QUIET_PERIOD, _CLOUD_PAUSE = 5.0, 60.0

log = logging.getLogger(__name__)


class Stopped(BaseException):
    """The daemon was asked to stop in the middle of something."""


def watch(
    workspace: Workspace, hook: Hook | None = None, on_start: Callable[[], None] = lambda: None
) -> Daemon:
    """Watch a workspace until SIGTERM or SIGINT; return the daemon that did.

    ``on_start`` is called once it is certain that no other daemon watches the workspace.

    Raises:
        HeldError: another daemon watches it, here or on another machine, or has
            taken over while this one slept.
        StoreError: the state folder can't be used, or a newer xlflow made the store.
    """
    with daemon_lock(workspace.state), log_to_file(workspace.state):
        daemon = Daemon(workspace, hook)
        with stop_on_signals(daemon.stop):
            _refuse_newer_store(workspace)
            daemon.run(on_start)
        return daemon


def _refuse_newer_store(workspace: Workspace) -> None:
    """Raise StoreError for a store that waiting won't help; all else is retried in a pass."""
    try:
        Store.open(workspace.state, migrate=True).close()
    except StoreError as error:
        if error.key == "store.newer_form":
            raise


class Daemon:
    """One run of the daemon. Tests pass in ``clock`` and ``monotonic`` to control time."""

    def __init__(
        self,
        workspace: Workspace,
        hook: Hook | None = None,
        *,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        lease: Lease | None = None,
    ) -> None:
        self.workspace = workspace
        self.passes = 0
        self.problem: Reason | None = None
        self._clock, self._monotonic = clock, monotonic
        self._stopping = False
        self._woken = threading.Event()
        self._in_cloud = False
        self.event_log = EventLog(workspace.settings.language)
        self.share = ShareOutage(self.event_log, clock)
        self.presence = Presence(
            workspace.state,
            lease or Lease(workspace.root),
            self.event_log,
            self.share,
            workspace.root,
            clock=clock,
            monotonic=monotonic,
        )
        self.settings = SettingsWatcher(workspace, self.event_log)
        self.file_index = FileIndex(monotonic, lambda: clock().timestamp())
        self.schedule = PassSchedule(self.file_index)
        self.changes = ChangeDetector(
            workspace,
            self.file_index,
            self.schedule,
            self.event_log,
            share=self.share,
            clock=clock,
            monotonic=monotonic,
            wake=self._woken.set,
        )
        self.runner = PassRunner(
            self.file_index,
            hook,
            self.event_log,
            clock=clock,
            halt=self._raise_if_stopping,
            between_workbooks=self._between_workbooks,
        )
        self.summaries = SummaryWorker(
            workspace.state, self.event_log, monotonic=monotonic, halt=self._raise_if_stopping
        )

    @property
    def as_of(self) -> datetime:
        """The moment taken as now, in the workspace's zone."""
        return self._clock().astimezone(self.workspace.settings.zone).replace(tzinfo=None)

    def run(self, on_start: Callable[[], None] = lambda: None) -> None:
        """Watch until asked to stop.

        Raises:
            HeldError: another daemon holds the lease, or has taken it over.
        """
        try:
            self.start()
            on_start()
            with self.share.watched(on_hang=self._report):
                while not self._stopping:
                    self._woken.clear()
                    self.step()
                    self._woken.wait(self.seconds_until_next())
        except Stopped:
            pass
        except HeldError as error:
            self.event_log.problem("lease", reason_of(error))
            raise
        finally:
            self._end()

    def start(self) -> None:
        """Take the lease.

        Raises:
            HeldError: another daemon holds it.
        """
        self.presence.take()
        self._configure(self.workspace)
        self.event_log.info("started", pid=self.presence.pid, workspace=str(self.workspace.root))

    def stop(self) -> None:
        """Ask the loop to end; safe from any thread."""
        self._stopping = True
        self._woken.set()

    def step(self) -> None:
        """Do what is due now: one iteration of the loop, without the waiting."""
        settings_changed = self.changes.take_events()
        listing_is_due = self.changes.listing_is_due()
        with self.share.asking(self.workspace.root):
            self.presence.renew_if_due()
            if settings_changed or listing_is_due:
                self._reload_settings()
            if listing_is_due:
                self.changes.list_folder()
        self.changes.request_quiet()
        self._report()
        if self.schedule.is_due(self._monotonic(), self.as_of):
            with self.share.asking(self.workspace.root):
                self._pass()
            self._report()
        self.summaries.step(self.workspace, self.as_of, self._clock())

    def seconds_until_next(self) -> float:
        """Return for how many seconds there is nothing to do, as far as is known."""
        now = self._monotonic()
        moments = (
            self.presence.next_renewal,
            self.changes.next_at(),
            self.schedule.next_at(now, self.as_of),
            self.summaries.next_at(),
        )
        return max(0.0, min(moments) - now)

    def _end(self) -> None:
        self.runner.processor.close()
        self.summaries.close()
        self.changes.stop()
        self.runner.close_store()
        self.presence.end()
        self.event_log.info("stopped", passes=self.passes)

    def _report(self) -> None:
        problem = self.share.reason or self.problem
        self.presence.report(self.changes.mode, self.passes, problem)

    def _raise_if_stopping(self) -> None:
        self.share.answered()  # this is called again and again while nothing is asked of it
        if self._stopping:
            raise Stopped

    def _between_workbooks(self) -> None:
        self._raise_if_stopping()
        self.presence.renew_if_due()

    # Settings

    def _reload_settings(self) -> None:
        workspace = self.settings.changed(self.workspace)
        if workspace is not None:
            self._configure(workspace)
            self.changes.restart_events()
            self.event_log.info("settings")

    def _configure(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.event_log.language = workspace.settings.language
        self._in_cloud = (
            workspace.settings.write_back == "cells"
            and cloud_client_of(workspace.teams) is not None
        )
        self.changes.configure(workspace, _CLOUD_QUIET_PERIOD if self._in_cloud else QUIET_PERIOD)
        self.schedule.request()

    # Passes

    def _pass(self) -> None:
        """Run one pass, unless the share isn't there or another pass is under way."""
        if self.share.reason is None:
            self.share.look(self.workspace.root)
        if self.share.reason is not None:
            self._failed(self.share.reason)
            return
        with ExitStack() as lock:
            try:
                lock.enter_context(pass_lock(self.workspace.state, _LOCK_TIMEOUT))
            except HeldError:
                self.schedule.postpone(self._monotonic() + _LOCK_TIMEOUT)
                return
            self._run_pass()

    def _run_pass(self) -> None:
        pause = _CLOUD_PAUSE if self._in_cloud else 0.0
        try:
            result = self.runner.run(self.workspace, self.as_of, self.changes.pending, pause)
        except HeldError:
            raise
        except XlflowError as error:
            self._failed(reason_of(error), error.__cause__)
        except OSError as error:
            self._failed(share_outage.reason_of(self.workspace.root, error), error)
        except Exception as error:  # a bug mustn't end what runs for months
            reason = Reason("watching.crashed", {"reason": repr(error)})
            if reason != self.problem:
                log.exception("pass")
            self._failed(reason)
        else:
            self._succeeded(result)

    def _failed(self, reason: Reason, cause: BaseException | None = None) -> None:
        self.runner.close_store()
        if isinstance(cause, OSError) and cause.errno in GONE:
            reason = share_outage.reason_of(self.workspace.root, cause)
            self.share.begin(reason)
        self.event_log.problem("pass", reason)
        self.schedule.failed(self._monotonic())
        self.problem = reason

    def _succeeded(self, result: PassResult) -> None:
        self.passes += 1
        self.problem = result.frozen
        self.event_log.problem("pass", None)
        self.event_log.problem("frozen", result.frozen)
        for book in result.workbooks:
            self.event_log.problem(book.workbook, book.reason if book.trouble else None)
            if book.cells_written:
                self.event_log.info("flagged", workbook=book.workbook, cells=book.cells_written)
        if result.frozen is None and (result.news or self.schedule.is_new_day(result.as_of)):
            self.summaries.request()
        self.schedule.succeeded(result, self._monotonic())
