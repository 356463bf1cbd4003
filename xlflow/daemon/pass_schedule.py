"""When the next pass is due: because it was requested, because time has passed, or as a retry."""

from __future__ import annotations

from datetime import datetime
from math import inf

from xlflow.meaning.overdue import day_of
from xlflow.sync.file_index import FileIndex
from xlflow.sync.results import PassResult

FIRST_RETRY, LONGEST_RETRY = 5.0, 60.0
FROZEN_RETRY = 15.0

_SHORTEST_WAIT = 0.02


class PassSchedule:
    """The schedule of one daemon's passes, the first one due at once.

    ``now`` is in monotonic seconds, ``as_of`` the moment taken as now, in the
    workspace's zone. ``frozen`` says whether the last pass was.
    """

    def __init__(self, file_index: FileIndex) -> None:
        self.frozen = False
        self._file_index = file_index
        self._requested = True
        self._retry_at: float | None = None
        self._retry_delay = FIRST_RETRY
        self._as_of: datetime | None = None
        self._valid_until: datetime | None = None

    @property
    def has_succeeded(self) -> bool:
        """Whether any pass has succeeded yet."""
        return self._as_of is not None

    @property
    def retrying(self) -> bool:
        """Whether the next pass is a retry: the last one failed, was frozen or was postponed."""
        return self._retry_at is not None

    def request(self) -> None:
        """Make a pass due, a retry that is waited for excepted."""
        self._requested = True

    def request_for_change(self) -> None:
        """Make a pass due because a workbook changed, which may end a freeze."""
        self._requested = True
        if self.frozen:
            self._retry_at = None

    def is_due(self, now: float, as_of: datetime) -> bool:
        """Whether a pass is due now."""
        check_at = self._file_index.next_check()
        if (check_at is not None and check_at <= now) or self._is_outdated(as_of):
            self._requested = True
        if self._retry_at is not None:
            return now >= self._retry_at
        return self._requested

    def is_new_day(self, as_of: datetime) -> bool:
        """Whether the last pass that succeeded was on another day, or there was none."""
        return self._as_of is None or day_of(as_of) != day_of(self._as_of)

    def _is_outdated(self, as_of: datetime) -> bool:
        """Whether findings no longer hold: at a deadline, at midnight, or when a clock was set."""
        if self._as_of is None or self.is_new_day(as_of):
            return True
        expired = self._valid_until is not None and as_of > self._valid_until
        return expired or as_of < self._as_of

    def retry_now(self) -> None:
        """Make a pass due now, also one that is waited for as a retry."""
        self._requested = True
        self._retry_at = None
        self._retry_delay = FIRST_RETRY

    def postpone(self, until: float) -> None:
        """Make no pass due before a moment, because another process is in the middle of one."""
        self._retry_at = until

    def failed(self, now: float) -> None:
        """Schedule a retry, each later than the one before."""
        self._retry_at = now + self._retry_delay
        self._retry_delay = min(2 * self._retry_delay, LONGEST_RETRY)

    def succeeded(self, result: PassResult, now: float) -> None:
        """Schedule the pass after one that ended, the retry of one that was frozen."""
        self.frozen = result.frozen is not None
        self._requested = False
        self._retry_at = now + FROZEN_RETRY if self.frozen else None
        self._retry_delay = FIRST_RETRY
        self._as_of, self._valid_until = result.as_of, result.valid_until

    def next_at(self, now: float, as_of: datetime) -> float:
        """Return when the next pass is due as far as is known, infinity if none is."""
        if self._retry_at is not None:
            return self._retry_at
        if self._requested:
            return now
        expires_at = inf
        if self._valid_until is not None:
            expires_at = now + max((self._valid_until - as_of).total_seconds(), _SHORTEST_WAIT)
        check_at = self._file_index.next_check()
        return min(expires_at, inf if check_at is None else check_at)
