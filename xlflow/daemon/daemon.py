"""``xlflow watch``: a pass whenever a workbook changes, and when the day turns, for months.

The loop (:meth:`Daemon.run`) hears, looks, passes, rolls up and waits, on one
thread; events come from another and only wake it. What it must not miss it looks
for itself at intervals; what failed it tries again; nothing that happens in the
shared folder ends it. It may be killed at any moment: a pass that runs again ends
in the same state.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from xlflow.config import FILE_NAME as SETTINGS
from xlflow.config import read_settings
from xlflow.daemon import event_log, heartbeat
from xlflow.daemon.debounce import LONGEST, QUIET, Debouncer, workbook_concerned
from xlflow.daemon.event_log import EventLog
from xlflow.daemon.events import NATIVE, POLLING, Events, explain_watch_error, watch_mode
from xlflow.daemon.heartbeat import Heartbeat
from xlflow.daemon.shutdown import stop_on_signals
from xlflow.daemon.worker_process import WorkerProcess
from xlflow.errors import HeldError, XlflowError
from xlflow.meaning.overdue import day_of
from xlflow.process import process
from xlflow.store import Reason, Store
from xlflow.store.database import FILE_NAME as DATABASE
from xlflow.summary import renewal
from xlflow.sync import teams_folder
from xlflow.sync.file_index import FileIndex, Listing, list_folder, list_folder_uncached
from xlflow.sync.lease import BEAT, Lease, current_user
from xlflow.sync.locks import daemon_lock, pass_lock
from xlflow.sync.results import PassResult, reason_of
from xlflow.sync.run import Clock, Pass, PassOptions, system_clock
from xlflow.team_files import mounts
from xlflow.workspace import Workspace, shown

LOOK = 60.0
"""Seconds between two looks at the folder, even where the system tells of changes."""

_READING = 120.0  # seconds after which reading one workbook is given up
_ROLLING_UP = 600.0
_SUMMARY_QUIET, _SUMMARY_LONGEST = 2.0, 20.0
_EVENT_COMES_WITHIN = 5.0
_TURN = 0.5  # as long as another pass is waited for before looking whether to stop
_FIRST_RETRY, _LONGEST_RETRY = 5.0, 60.0
_FROZEN_RETRY = 15.0
_CLOUD_QUIET, _CLOUD_PAUSE = 5.0, 60.0  # a sync client reacts to each write, and it takes time
_SHORTEST = 0.02

log = logging.getLogger(__name__)

Hook = Callable[[Workspace, Store, PassResult], None]
"""What is done after a pass, with the store open; sending notices, for one."""


class Stopped(BaseException):
    """The daemon was asked to end in the middle of something."""


def watch(
    workspace: Workspace, hook: Hook | None = None, begun: Callable[[], None] = lambda: None
) -> Daemon:
    """Watch a workspace until SIGTERM or SIGINT; return the daemon that did.

    ``begun`` is called once nobody else turned out to watch it.

    Raises:
        HeldError: another daemon watches it, here or on another machine, or has
            taken over while this one slept.
        StoreError: the state folder can't be used.
    """
    state = workspace.state
    with daemon_lock(state), event_log.log_to_file(state):
        daemon = Daemon(workspace, hook)
        with stop_on_signals(daemon.stop):
            daemon.run(begun)
        return daemon


class Daemon:
    """One run of the daemon. ``clock`` and ``monotonic`` are passed in by tests that own time."""

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
        self.state = workspace.state
        self.hook = hook
        self.clock, self.monotonic = clock, monotonic
        self.pulse = Heartbeat(os.getpid(), current_user(), clock(), clock())
        self.journal = EventLog(workspace.settings.language)
        self.lease = lease or Lease(workspace.root)
        self.file_index = FileIndex(monotonic, lambda: clock().timestamp())
        self.settling = Debouncer()
        self.reader = WorkerProcess(process, _READING, self._halt)
        self.summariser = WorkerProcess(renew_summaries, _ROLLING_UP, self._halt, nice=10)
        self.events: Events | None = None
        self.watching: str | None = None
        self.passes = 0
        self.problem: Reason | None = None
        self.frozen = False
        self._stopping = False
        self._woken = threading.Event()
        self._heard: deque[str] = deque()
        self._listing: Listing = {}
        self._look_at = list_folder
        self._settings_seen: object = None
        self._turn = ExitStack()
        self._store: Store | None = None
        self._store_inode: int | None = None
        self._wanted = True
        self._next_beat = self._next_look = self._next_full_look = 0.0
        self._beaten = self.pulse.since
        self._retry_at: float | None = None
        self._retry_delay = _FIRST_RETRY
        self._as_of: datetime | None = None
        self._valid_until: datetime | None = None
        self._summary_at: float | None = None
        self._summary_latest = 0.0
        self._summarising_until: float | None = None

    def stop(self) -> None:
        """Ask the loop to end; safe from any thread."""
        self._stopping = True
        self._woken.set()

    def begin(self) -> None:
        """Take the lease.

        Raises:
            HeldError: another daemon holds it.
        """
        self._beat(take=True)
        self._adopt_settings(self.workspace)
        self.journal.note("started", pid=self.pulse.pid, workspace=str(self.workspace.root))

    def run(self, begun: Callable[[], None] = lambda: None) -> None:
        """Watch until asked to stop."""
        try:
            self.begin()
            begun()
            while not self._stopping:
                self._woken.clear()
                self.step()
                self._woken.wait(self.until_next())
        except Stopped:
            pass
        except HeldError as error:
            self.journal.trouble("lease", reason_of(error))
            raise
        finally:
            self._end()

    def step(self) -> None:
        """Do what is due now; the loop once around, without the waiting."""
        now = self.monotonic()
        # Monotonic seconds don't pass while a laptop sleeps, and leases grow stale.
        asleep = (self.clock() - self._beaten).total_seconds() > 2 * BEAT
        if now >= self._next_beat or asleep:
            self._beat()
        self._hear()
        if now >= self._next_look:
            self._look()
        if self._pass_is_due():
            self._pass()
        self._roll_up()

    def _end(self) -> None:
        for part in (self.reader, self.summariser):
            part.close()
        if self.events is not None:
            self.events.stop()
        self.close_store()
        self._turn.close()
        self.lease.release()
        heartbeat.stop(self.state)
        self.journal.note("stopped", passes=self.passes)

    # Being known

    def _beat(self, take: bool = False) -> None:
        """Renew the lease and the heartbeat file."""
        self._next_beat = self.monotonic() + BEAT
        self._beaten = self.clock()
        try:
            self.lease.take() if take else self.lease.renew()
        except OSError as error:
            reason = error.strerror or str(error)
            self.journal.trouble("lease", Reason("watching.lease_refused", {"reason": reason}))
        else:
            self.journal.trouble("lease", None)
        self._say_how_it_goes()

    def _say_how_it_goes(self) -> None:
        self.pulse = Heartbeat(
            self.pulse.pid,
            self.pulse.who,
            self.pulse.since,
            self.clock(),
            self.watching,
            self.passes,
            self.problem,
        )
        try:
            heartbeat.write(self.state, self.pulse)
        except OSError as error:
            log.info("heartbeat", extra={"facts": {"reason": str(error)}})

    def _halt(self) -> None:
        """End here if the daemon was asked to stop."""
        if self._stopping:
            raise Stopped

    def _between_workbooks(self) -> None:
        self._halt()
        if self.monotonic() >= self._next_beat:
            self._beat()

    # Hearing and looking

    def _hear(self) -> None:
        """Take in what the system told."""
        now = self.monotonic()
        teams = str(self.workspace.teams)
        while self._heard:
            path = self._heard.popleft()
            parent, name = os.path.split(path)
            if parent == teams:
                self._concern(name, now)
            elif name == SETTINGS:
                self._reload_settings()

    def _concern(self, name: str, now: float) -> None:
        workbook = workbook_concerned(name)
        if workbook is not None:
            self.settling.hear(workbook, now)

    def tell(self, path: str) -> None:
        """Note an event; called on another thread."""
        self._heard.append(path)
        self._woken.set()

    def _look(self) -> None:
        """See for ourselves what changed; where the system doesn't tell, that is all we know."""
        now = self.monotonic()
        full = now >= self._next_full_look
        if full:
            self._next_full_look = now + LOOK
            self._supervise()
        polling = self.watching == POLLING
        self._next_look = now + (self.workspace.settings.watch_poll_interval if polling else LOOK)
        self._reload_settings()
        try:
            listing = teams_folder.listing(self.workspace.teams, self._look_at)
        except XlflowError as error:
            self.journal.trouble("teams", reason_of(error))
            return
        before, self._listing = self._listing, listing
        if self._as_of is None:
            return  # the first pass reads everything
        changed = {n for n in listing.keys() | before.keys() if listing.get(n) != before.get(n)}
        if full:
            missed = self.file_index.changed_since(listing)
            self._restart_if_deaf(missed - self.settling.unsettled, listing)
            changed = changed | missed
        if full or polling:
            for name in changed:
                self._concern(name, now)
        if self.file_index.recheck_is_due():
            self._wanted = True

    def _restart_if_deaf(self, missed: set[str], listing: Listing) -> None:
        """Begin to listen anew where something happened that the system should have told."""
        late = (self.clock().timestamp() - _EVENT_COMES_WITHIN) * 1e9
        missed = {name for name in missed if name in listing and listing[name].changed < late}
        if self.events is not None and missed and self._retry_at is None:
            self.journal.note("not_told", workbooks=sorted(map(shown, missed)))
            self._listen()

    def _supervise(self) -> None:
        """See to it that the system's events are listened to, where they are wanted."""
        wanted = watch_mode(self.workspace.settings, self.workspace.teams)
        alive = self.events is not None and self.events.alive()
        if self.watching is None or (wanted == NATIVE) != alive:
            self._listen()

    def _listen(self) -> None:
        if self.events is not None:
            self.events.stop()
            self.events = None
        teams = self.workspace.teams
        mode = watch_mode(self.workspace.settings, teams)
        self._look_at = list_folder if mounts.reports_changes(teams) else list_folder_uncached
        trouble = None
        if mode == NATIVE:
            events = Events((teams, self.workspace.root), self.tell)
            try:
                events.start()
            except OSError as error:
                mode, trouble = POLLING, explain_watch_error(error)
            else:
                self.events = events
        self.journal.trouble("events", trouble)
        if mode != self.watching:
            self.watching = mode
            self.journal.note("watching", mode=mode)
            self._say_how_it_goes()

    def _reload_settings(self) -> None:
        """Read xlflow.toml again if it changed; a mistake in it leaves the old settings."""
        path = self.workspace.root / SETTINGS
        try:
            seen = os.stat(path)
        except OSError:
            return  # the pass says so
        signature = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        if signature == self._settings_seen:
            return
        first = self._settings_seen is None
        self._settings_seen = signature
        if first:
            return
        try:
            fresh = Workspace(self.workspace.root, read_settings(path))
            if fresh.state != self.state:
                raise HeldError("watching.state_moved")
        except XlflowError as error:
            self.journal.trouble("settings", reason_of(error))
            return
        self.journal.trouble("settings", None)
        if fresh.settings != self.workspace.settings:
            self._adopt_settings(fresh)
            self._listen()
            self.journal.note("settings")

    def _adopt_settings(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.journal.language = workspace.settings.language
        self._reload_settings()
        self.cloud = (
            workspace.settings.write_back == "cells"
            and teams_folder.cloud_client_of(workspace.teams) is not None
        )
        self.settling.quiet = _CLOUD_QUIET if self.cloud else QUIET
        self.settling.longest = max(LONGEST, 3 * self.settling.quiet)
        self._wanted = True

    # Passing

    def _now(self) -> datetime:
        """Return the moment that stands for now, in the workspace's zone."""
        return self.clock().astimezone(self.workspace.settings.zone).replace(tzinfo=None)

    def _pass_is_due(self) -> bool:
        now = self.monotonic()
        for name in self.settling.settled(now):
            self.file_index.invalidate(name)
            self._wanted = True
            if self.frozen:
                self._retry_at = None  # it may be what ends it
        again = self.file_index.next_check()
        if again is not None and again <= now:
            self._wanted = True
        if self._time_has_turned():
            self._wanted = True
        if self._retry_at is not None:
            return now >= self._retry_at
        return self._wanted

    def _time_has_turned(self) -> bool:
        """Whether what was found stopped to hold: a deadline, midnight, or a clock that was set."""
        if self._as_of is None:
            return True
        as_of = self._now()
        over = self._valid_until is not None and as_of > self._valid_until
        return over or as_of < self._as_of or day_of(as_of) != day_of(self._as_of)

    def _pass(self) -> None:
        """Do one pass; whatever fails is tried again."""
        away = self.workspace.root / SETTINGS
        if not away.exists():
            path = {"path": shown(str(away))}
            self._failed(Reason("watching.share_away", path))
            return
        try:
            self._take_turn()
        except HeldError:
            self._retry_at = self.monotonic() + _TURN
            return
        as_of = self._now()
        try:
            store = self._opened_store()
            options = PassOptions(
                being_saved=self.settling.unsettled,
                pause=_CLOUD_PAUSE if self.cloud else 0.0,
            )
            result = Pass(
                self.workspace,
                store,
                as_of,
                options,
                file_index=self.file_index,
                process=lambda book, *given: self.reader(book.data, *given),
                check_stop=self._between_workbooks,
                clock=self.clock,
            ).run()
            self._call_hook(store, result)
        except HeldError:
            raise
        except XlflowError as error:
            self._failed(reason_of(error))
        except Exception as error:
            reason = Reason("watching.crashed", {"reason": repr(error)})
            if reason != self.problem:
                log.exception("pass")
            self._failed(reason)
        else:
            self._passed(result)
        finally:
            self._give_turn()

    def _call_hook(self, store: Store, result: PassResult) -> None:
        """Do what others want done after a pass; the pass counts, however that ends."""
        if self.hook is None:
            return
        try:
            self.hook(self.workspace, store, result)
        except Exception as error:
            log.exception("hook")
            self.journal.trouble("hook", Reason("watching.crashed", {"reason": repr(error)}))
        else:
            self.journal.trouble("hook", None)

    def _opened_store(self) -> Store:
        """Return the store, opened anew where its file isn't the one that was opened."""
        path = self.state / DATABASE
        inode = path.stat().st_ino if path.exists() else None
        if self._store is None or inode != self._store_inode:
            self.close_store()
            self._store = Store.open(self.state, migrate=True)
            self._store_inode = path.stat().st_ino
        return self._store

    def close_store(self) -> None:
        """Let go of the store; the next pass opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _failed(self, reason: Reason) -> None:
        self.close_store()
        self.journal.trouble("pass", reason)
        self._retry_at = self.monotonic() + self._retry_delay
        self._retry_delay = min(2 * self._retry_delay, _LONGEST_RETRY)
        if reason != self.problem:
            self.problem = reason
            self._say_how_it_goes()

    def _passed(self, result: PassResult) -> None:
        now = self.monotonic()
        self.passes += 1
        turned = self._as_of is None or day_of(self._as_of) != day_of(result.as_of)
        self._wanted = False
        self._retry_at, self._retry_delay = None, _FIRST_RETRY
        self._as_of, self._valid_until = result.as_of, result.valid_until
        self.frozen = result.frozen is not None
        self.journal.trouble("pass", None)
        self.journal.trouble("frozen", result.frozen)
        for book in result.workbooks:
            self.journal.trouble(book.workbook, book.reason if book.trouble else None)
            if book.cells_written:
                self.journal.note("flagged", workbook=book.workbook, cells=book.cells_written)
        if result.frozen is not None:
            self._retry_at = now + _FROZEN_RETRY
        elif result.news or turned:
            self._want_summaries(now)
        if self.problem != result.frozen:
            self.problem = result.frozen
            self._say_how_it_goes()

    # Rolling up

    def _want_summaries(self, now: float, delay: float = _SUMMARY_QUIET) -> None:
        """Let the summaries be renewed once the flags are written and no more come."""
        if self._summary_at is None:
            self._summary_latest = now + _SUMMARY_LONGEST
        self._summary_at = min(now + delay, max(self._summary_latest, now))

    def _roll_up(self) -> None:
        """Begin to renew the summaries if they are due, and take in what came of it."""
        now = self.monotonic()
        if self._summarising_until is not None:
            if self.summariser.answered():
                self._take_in_summaries()
            elif now > self._summarising_until:
                self._rolled_up(Reason("watching.reader_slow", {"seconds": round(_ROLLING_UP)}))
            return
        if self._summary_at is None or now < self._summary_at:
            return
        try:
            self._take_turn()
        except HeldError:
            self._summary_at = now + _TURN
            return
        self._summary_at = None
        self._summarising_until = now + _ROLLING_UP
        self.summariser.ask(self.workspace, self._now(), self.clock())

    def _take_in_summaries(self) -> None:
        waiting = None
        try:
            for path, written, deferred in self.summariser.answer():
                if written:
                    self.journal.note("summary", path=path)
                waiting = deferred or waiting
        except Exception as error:
            waiting = reason_of(error) if isinstance(error, XlflowError) else None
            waiting = waiting or Reason("watching.crashed", {"reason": repr(error)})
        self._rolled_up(waiting)

    def _rolled_up(self, waiting: Reason | None) -> None:
        self._summarising_until = None
        self.summariser.close()  # it needs much memory, and seldom
        self._give_turn()
        self.journal.trouble("summaries", waiting)
        if waiting is not None and self._summary_at is None:
            self._summary_at = self.monotonic() + _LONGEST_RETRY
            self._summary_latest = self._summary_at

    # Waiting

    def _take_turn(self) -> None:
        """Keep other passes on this machine waiting; one that renews summaries keeps on."""
        if self._summarising_until is None:
            self._turn.enter_context(pass_lock(self.state, _TURN))

    def _give_turn(self) -> None:
        if self._summarising_until is None:
            self._turn.close()

    def until_next(self) -> float:
        """Return for how many seconds there is nothing to do."""
        now = self.monotonic()
        moments = [self._next_beat, self._next_look]
        if self._summarising_until is not None:
            moments.append(now + 0.1)
        elif self._summary_at is not None:
            moments.append(self._summary_at)
        settles, again = self.settling.next(), self.file_index.next_check()
        if settles is not None:
            moments.append(settles)
        if self._retry_at is not None:
            moments.append(self._retry_at)
        elif self._wanted:
            moments.append(now)
        elif again is not None:
            moments.append(again)
        if self._valid_until is not None and self._retry_at is None:
            seconds = (self._valid_until - self._now()).total_seconds()
            moments.append(now + max(seconds, _SHORTEST))
        return max(0.0, min(moments) - now)


def renew_summaries(
    workspace: Workspace, as_of: datetime, now: datetime
) -> list[tuple[str, bool, Reason | None]]:
    """Renew the summaries concerned; return of each its path, and whether it was written."""
    with Store.open(workspace.state) as store:
        return [
            (workspace.relative(summary.path), summary.written, summary.deferred)
            for summary in renewal.renew(workspace, store, as_of, now)
        ]
