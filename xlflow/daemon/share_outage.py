"""Outages of the share: each logged once when it begins and once when it ends.

A share that is gone makes all fail that touches it: the listing, the lease, the pass. All
that is one outage. It begins with the first failure of a kind that means the share rather
than a file, and ends once the share has answered for a while: a server that comes back
may fail once more.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from xlflow.config import FILE_NAME as SETTINGS
from xlflow.daemon.event_log import EventLog
from xlflow.store import Reason
from xlflow.workspace import display_name

RETRY_INTERVAL = 5.0
"""Seconds between two looks at a share that is away."""

SLOW = 10.0
"""Seconds that a look at the folder takes on a share that is too slow."""

STEADY = timedelta(seconds=2)
"""The time for which a share must answer before its outage is over."""

_REFUSED = {errno.EACCES, errno.EPERM}
_FULL = {errno.ENOSPC, errno.EDQUOT}


HANG = 10.0
"""Seconds without an answer after which a share counts as away: some never say that they are."""


class ShareOutage:
    """Whether the share of a workspace can be used; ``reason`` says why not, None if it can."""

    def __init__(self, event_log: EventLog, clock: Callable[[], datetime]) -> None:
        self.reason: Reason | None = None
        self._lock = threading.Lock()
        self._asked: tuple[float, Path] | None = None
        self._event_log = event_log
        self._clock = clock
        self._since = clock()
        self._answers_since: datetime | None = None

    @contextmanager
    def asking(self, root: Path) -> Iterator[None]:
        """Note that the share is asked for something, as long as the context lasts."""
        self._asked = time.monotonic(), root
        try:
            yield
        finally:
            self._asked = None

    def answered(self) -> None:
        """Note that what was asked for is under way: the share has answered."""
        if self._asked is not None:
            self._asked = time.monotonic(), self._asked[1]

    @contextmanager
    def watched(self, on_hang: Callable[[], None]) -> Iterator[None]:
        """Begin an outage when the share hangs, and call ``on_hang``, on another thread."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(HANG / 4):
                asked = self._asked
                if self.reason is None and asked and time.monotonic() - asked[0] > HANG:
                    path = display_name(str(asked[1]))
                    self.begin(Reason("watching.share_away", {"path": path}))
                    on_hang()

        watcher = threading.Thread(target=watch, name="share", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def look(self, root: Path) -> bool:
        """Look whether the workspace is there; begin an outage if it isn't."""
        try:
            (root / SETTINGS).stat()
        except OSError as error:
            self.begin(reason_of(root, error))
            return False
        return True

    def begin(self, reason: Reason) -> None:
        """Begin an outage, unless there is one."""
        with self._lock:
            self._answers_since = None
            if self.reason is not None:
                return
            self.reason, self._since = reason, self._clock()
            self._event_log.outage_begins(reason)

    def end(self, root: Path) -> bool:
        """End the outage if the server goes on answering; return whether one has ended.

        A listing alone may come from the mount's cache.
        """
        if self.reason is None:
            return False
        try:
            if os.name == "posix":
                os.statvfs(root)
        except OSError:
            self._answers_since = None
            return False
        with self._lock:
            now = self._clock()
            self._answers_since = self._answers_since or now
            if now - self._answers_since < STEADY:
                return False
            self.reason = None
            self._event_log.outage_ends(round((self._clock() - self._since).total_seconds()))
        return True


def reason_of(root: Path, error: OSError) -> Reason:
    """Return why the share can't be used, by the kind of error."""
    path = display_name(str(root))
    if error.errno in _REFUSED:
        return Reason("watching.share_refused", {"path": path})
    if error.errno in _FULL:
        return Reason("watching.share_full", {"path": path})
    return Reason("watching.share_away", {"path": path})
