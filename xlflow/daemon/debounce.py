"""Debouncing: the many events of one save become one.

Excel writes a temporary file, renames the workbook away, renames the temporary
file over and deletes the old one; others truncate and write. Each way causes
several events within a fraction of a second, in any order, some repeated, some
missing. A file is quiet when it had no event for a while, or, so that the wait is
bounded, when its first one was long enough ago.
"""

from __future__ import annotations

import os
import re

from xlflow.workspace import IGNORED_PREFIXES, OTHER_SUFFIXES, WORKBOOK_SUFFIXES

QUIET_PERIOD = 0.2
"""Seconds without an event after which a file counts as complete."""

LONGEST_WAIT = 3.0
"""Seconds after the first event at which a file counts as quiet in any case."""

_OWNER_FILE = re.compile(r"\.~lock\.(?P<lock>.+)#|(?:~\$|\.~)(?P<other>.+)")


class Debouncer:
    """The names of files that had events, until they are quiet; times are monotonic seconds."""

    def __init__(self) -> None:
        self.quiet_period, self.longest_wait = QUIET_PERIOD, LONGEST_WAIT
        self._events: dict[str, tuple[float, float]] = {}  # first, last

    def record(self, name: str, now: float) -> None:
        """Record an event of a file."""
        first, _ = self._events.get(name, (now, now))
        self._events[name] = first, now

    def take_quiet(self, now: float) -> frozenset[str]:
        """Remove and return the names that are quiet."""
        quiet = frozenset(name for name in self._events if self._quiet_at(name) <= now)
        for name in quiet:
            del self._events[name]
        return quiet

    @property
    def pending(self) -> frozenset[str]:
        """The names that are perhaps being saved right now."""
        return frozenset(self._events)

    def next_at(self) -> float | None:
        """Return when the next name is quiet, None if all are."""
        return min(map(self._quiet_at, self._events), default=None)

    def _quiet_at(self, name: str) -> float:
        first, last = self._events[name]
        return min(last + self.quiet_period, first + self.longest_wait)


def affected_workbook(name: str) -> str | None:
    """Return the workbook that an event of a file is about, None if it is about none.

    An owner file is about its workbook, whose flags may be waiting for it to go.
    """
    owner = _OWNER_FILE.fullmatch(name)
    if owner is not None:
        name = owner["lock"] or owner["other"]
    if name.startswith(IGNORED_PREFIXES):
        return None
    suffix = os.path.splitext(name)[1].lower()
    return name if suffix in WORKBOOK_SUFFIXES + OTHER_SUFFIXES else None
