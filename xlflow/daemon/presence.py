"""What makes a daemon known: the lease in the share and the heartbeat in the state folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from xlflow.daemon import heartbeat, share_outage
from xlflow.daemon.event_log import EventLog
from xlflow.daemon.heartbeat import Heartbeat
from xlflow.daemon.share_outage import ShareOutage
from xlflow.store import Reason
from xlflow.sync.lease import RENEWAL_INTERVAL, Lease, current_user
from xlflow.team_files.mounts import GONE

log = logging.getLogger(__name__)


class Presence:
    """Renews lease and heartbeat, at ``next_renewal`` (monotonic) at the latest."""

    def __init__(
        self,
        state: Path,
        lease: Lease,
        event_log: EventLog,
        share: ShareOutage,
        root: Path,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.next_renewal = 0.0
        self._state = state
        self._lease = lease
        self._event_log = event_log
        self._share, self._root = share, root
        self._clock, self._monotonic = clock, monotonic
        self._heartbeat = Heartbeat(os.getpid(), current_user(), clock(), clock())
        self._renewed_at = self._heartbeat.since

    @property
    def pid(self) -> int:
        """The process that the heartbeat names."""
        return self._heartbeat.pid

    def take(self) -> None:
        """Take the lease and write the first heartbeat.

        Raises:
            HeldError: another daemon holds the lease.
        """
        self._renew(self._lease.take)

    def renew_if_due(self) -> None:
        """Renew lease and heartbeat if it is time, or if this machine has slept.

        Raises:
            HeldError: another daemon has taken over the lease meanwhile.
        """
        # Monotonic seconds don't pass while a laptop sleeps, but a lease becomes stale.
        slept = (self._clock() - self._renewed_at).total_seconds() > 2 * RENEWAL_INTERVAL
        if self._monotonic() >= self.next_renewal or slept:
            self._renew(self._lease.renew)

    def report(self, watching: str | None, passes: int, problem: Reason | None) -> None:
        """Take in the daemon's state; write it at once if the mode or the problem changed."""
        before = self._heartbeat
        self._heartbeat = replace(before, watching=watching, passes=passes, problem=problem)
        if (watching, problem) != (before.watching, before.problem):
            self._write()

    def end(self) -> None:
        """Give the lease back and remove the heartbeat."""
        self._lease.release()
        heartbeat.remove(self._state)

    def _renew(self, renew_lease: Callable[[], None]) -> None:
        self.next_renewal = self._monotonic() + RENEWAL_INTERVAL
        self._renewed_at = self._clock()
        try:
            renew_lease()
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno in GONE:
                self._share.begin(share_outage.reason_of(self._root, error))
            elif self._share.look(self._root):
                self._event_log.problem(
                    "lease", Reason("watching.lease_refused", {"reason": reason})
                )
        else:
            self._event_log.problem("lease", None)
        self._write()

    def _write(self) -> None:
        self._heartbeat = replace(self._heartbeat, beat=self._clock())
        try:
            heartbeat.write(self._state, self._heartbeat)
        except OSError as error:
            log.info("heartbeat", extra={"facts": {"reason": str(error)}})
