"""Waiting for quiet: many events of one save become one.

Excel writes a temporary file, renames the workbook away, renames the temporary
file over and deletes the old one; others truncate and write. Each tells several
events within a fraction of a second, in any order, some twice, some never. A name
has settled when nothing was heard of it for a while, or when something was first
heard of it so long ago that waiting on would mean never to look.
"""

from __future__ import annotations

import os
import re

from xlflow.workspace import IGNORED_PREFIXES, OTHER_SUFFIXES, WORKBOOK_SUFFIXES

QUIET = 0.2
"""Seconds without an event after which a file is taken to be whole."""

LONGEST = 3.0
"""Seconds after the first event at which a file is looked at in any case."""

_OWNER_FILE = re.compile(r"\.~lock\.(?P<lock>.+)#|(?:~\$|\.~)(?P<other>.+)")


class Debouncer:
    """Names of which something was heard, until they are quiet; times are monotonic seconds."""

    def __init__(self, quiet: float = QUIET, longest: float = LONGEST) -> None:
        self.quiet, self.longest = quiet, longest
        self._heard: dict[str, tuple[float, float]] = {}

    def hear(self, name: str, now: float) -> None:
        """Note that something happened to a file."""
        first, _ = self._heard.get(name, (now, now))
        self._heard[name] = first, now

    def settled(self, now: float) -> frozenset[str]:
        """Take out and return the names that have settled."""
        ready = frozenset(name for name in self._heard if self._at(name) <= now)
        for name in ready:
            del self._heard[name]
        return ready

    @property
    def unsettled(self) -> frozenset[str]:
        """The names that may just be being saved."""
        return frozenset(self._heard)

    def next(self) -> float | None:
        """Return when the next name will have settled, if one is waited for."""
        return min(map(self._at, self._heard), default=None)

    def _at(self, name: str) -> float:
        first, last = self._heard[name]
        return min(last + self.quiet, first + self.longest)


def workbook_concerned(name: str) -> str | None:
    """Return the workbook that an event about a file concerns, None where it concerns none.

    An owner file concerns its workbook, whose flags may wait for it to go.
    """
    owner = _OWNER_FILE.fullmatch(name)
    if owner is not None:
        name = owner["lock"] or owner["other"]
    if name.startswith(IGNORED_PREFIXES):
        return None
    suffix = os.path.splitext(name)[1].lower()
    return name if suffix in WORKBOOK_SUFFIXES + OTHER_SUFFIXES else None
