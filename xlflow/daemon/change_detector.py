"""Which workbooks may have changed: from the system's events, and from listings at intervals.

Events may be late, repeated or missing, so the folder is listed regularly in any
case. Where the system has no events for a folder, it is listed more often, and
that is all there is.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from functools import partial

from xlflow.config import FILE_NAME as SETTINGS
from xlflow.daemon import share_outage
from xlflow.daemon.debounce import LONGEST_WAIT, QUIET_PERIOD, Debouncer, affected_workbook
from xlflow.daemon.event_log import EventLog
from xlflow.daemon.events import NATIVE, POLLING, Events, explain_watch_error, watch_mode
from xlflow.daemon.pass_schedule import PassSchedule
from xlflow.daemon.share_outage import RETRY_INTERVAL, SLOW, ShareOutage
from xlflow.errors import XlflowError
from xlflow.store import Reason
from xlflow.sync import teams_folder
from xlflow.sync.file_index import CACHED, FileIndex, Listing, list_folder, list_folder_uncached
from xlflow.sync.results import reason_of
from xlflow.sync.run import Clock
from xlflow.team_files import mount_abilities, mounts
from xlflow.workspace import Workspace, display_name

LISTING_INTERVAL = 60.0
"""Seconds between two listings of the folder, even where the system reports changes."""

_EVENT_DELAY = 5.0  # seconds within which the system reports a change, if it does at all


class ChangeDetector:
    """Notices changes in teams/ and requests a pass once they are complete.

    ``mode`` is ``native`` or ``polling``, None before the first listing. ``wake`` is
    called on another thread when there are events to take.
    """

    def __init__(
        self,
        workspace: Workspace,
        file_index: FileIndex,
        schedule: PassSchedule,
        event_log: EventLog,
        *,
        share: ShareOutage,
        clock: Clock,
        monotonic: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self.mode: str | None = None
        self._workspace = workspace
        self._file_index = file_index
        self._schedule = schedule
        self._event_log = event_log
        self._share = share
        self._clock, self._monotonic, self._wake = clock, monotonic, wake
        self._debouncer = Debouncer()
        self._events: Events | None = None
        self._paths: deque[str] = deque()
        self._list_folder = list_folder
        self._listing: Listing = {}
        self._next_listing = self._next_full_listing = 0.0
        self._slow = False

    @property
    def pending(self) -> frozenset[str]:
        """The names of workbooks that are perhaps being saved right now."""
        return self._debouncer.pending

    def configure(self, workspace: Workspace, quiet_period: float = QUIET_PERIOD) -> None:
        """Go by other settings; a file is complete after so many seconds without an event."""
        self._workspace = workspace
        self._debouncer.quiet_period = quiet_period
        self._debouncer.longest_wait = max(LONGEST_WAIT, 3 * quiet_period)

    def notify(self, path: str) -> None:
        """Record an event; safe from any thread."""
        self._paths.append(path)
        self._wake()

    def take_events(self) -> bool:
        """Process the events recorded so far; return whether one concerns the settings."""
        now = self._monotonic()
        teams = str(self._workspace.teams)
        settings_changed = False
        while self._paths:
            folder, name = os.path.split(self._paths.popleft())
            if folder == teams:
                self._record(name, now)
            elif name == SETTINGS:
                settings_changed = True
        return settings_changed

    def listing_is_due(self) -> bool:
        """Whether it is time to list the folder."""
        return self._monotonic() >= self._next_listing

    def list_folder(self) -> None:
        """List the folder and record what changed since the last listing, and what was missed."""
        now = self._monotonic()
        full = now >= self._next_full_listing
        if full:
            self._next_full_listing = now + LISTING_INTERVAL
            self._ensure_events()
        listing = self._listing_of_share(forced=full)
        # From the end of this look, so that a slow share isn't looked at all the time.
        polling = self.mode == POLLING
        interval = self._workspace.settings.watch_poll_interval if polling else LISTING_INTERVAL
        if self._share.reason is not None:
            interval = min(interval, RETRY_INTERVAL)
        self._next_listing = self._monotonic() + interval
        if listing is None:
            return
        taken = self._monotonic() - now
        slow = Reason("watching.share_slow", {"seconds": round(taken)}) if taken > SLOW else None
        if slow is None or not self._slow:
            self._event_log.problem("slow", slow)
        self._slow = slow is not None
        self._event_log.problem("teams", None)
        before, self._listing = self._listing, listing
        if not self._schedule.has_succeeded:
            return  # the first pass reads everything
        changed = {n for n in listing.keys() | before.keys() if listing.get(n) != before.get(n)}
        if full:
            missed = self._file_index.changed_since(listing)
            self._restart_if_events_are_missing(missed - self.pending, listing)
            changed |= missed
        if full or polling:
            for name in changed:
                self._record(name, now)
        if self._file_index.recheck_is_due():
            self._schedule.request()

    def _listing_of_share(self, *, forced: bool) -> Listing | None:
        """List the folder; None where it can't be, or where the whole share is away."""
        workspace = self._workspace
        if not self._share.look(workspace.root):
            return None
        try:
            lister = self._list_folder
            if lister is list_folder_uncached and not forced:
                lister = partial(list_folder_uncached, forced=self._polls_fast)
            listing = teams_folder.listing(workspace.teams, lister)
        except XlflowError as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in mounts.GONE:
                self._share.begin(share_outage.reason_of(workspace.root, cause))
            else:
                self._event_log.problem("teams", reason_of(error))
            return None
        if self._share.end(workspace.root):
            self._came_back()
        return listing if self._share.reason is None else None

    @property
    def _polls_fast(self) -> bool:
        """Whether one look comes while attributes of the one before may still be cached."""
        return self._workspace.settings.watch_poll_interval < CACHED

    def _came_back(self) -> None:
        """Begin anew with a share that is back: another folder, and perhaps another server."""
        mount_abilities.forget(self._workspace.state)
        self.restart_events()
        self._schedule.retry_now()

    def request_quiet(self) -> None:
        """Request a pass for the workbooks whose changes are complete."""
        for name in self._debouncer.take_quiet(self._monotonic()):
            self._file_index.invalidate(name)
            self._schedule.request_for_change()

    def next_at(self) -> float:
        """Return when there is something to do next, as far as is known."""
        settles_at = self._debouncer.next_at()
        return self._next_listing if settles_at is None else min(self._next_listing, settles_at)

    def restart_events(self) -> None:
        """Start to receive the system's events anew, or to poll where there are none."""
        self.stop()
        teams = self._workspace.teams
        mode = watch_mode(self._workspace.settings, teams)
        self._list_folder = list_folder if mounts.reports_changes(teams) else list_folder_uncached
        problem = None
        if mode == NATIVE:
            events = Events((teams, self._workspace.root), self.notify)
            try:
                events.start()
            except OSError as error:
                mode, problem = POLLING, explain_watch_error(error)
            else:
                self._events = events
        self._event_log.problem("events", problem)
        if mode != self.mode:
            self.mode = mode
            self._event_log.info("watching", mode=mode)

    def stop(self) -> None:
        """Stop to receive events."""
        if self._events is not None:
            self._events.stop()
            self._events = None

    def _record(self, name: str, now: float) -> None:
        workbook = affected_workbook(name)
        if workbook is not None:
            self._debouncer.record(workbook, now)

    def _ensure_events(self) -> None:
        """Restart the events if they are wanted and don't work, or the other way round."""
        wanted = watch_mode(self._workspace.settings, self._workspace.teams)
        alive = self._events is not None and self._events.alive()
        if self.mode is None or (wanted == NATIVE) != alive:
            self.restart_events()

    def _restart_if_events_are_missing(self, missed: set[str], listing: Listing) -> None:
        """Restart the events if one should have come for a missed change and didn't."""
        latest = (self._clock().timestamp() - _EVENT_DELAY) * 1e9
        missed = {name for name in missed if name in listing and listing[name].changed < latest}
        if self._events is not None and missed and not self._schedule.retrying:
            self._event_log.info("not_told", workbooks=sorted(map(display_name, missed)))
            self.restart_events()
