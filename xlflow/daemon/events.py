"""The system's events of changed files, and the reason if there are none.

Events are hints: they may be late, repeated or missing
(:mod:`xlflow.daemon.change_detector`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from xlflow.config import Settings
from xlflow.store import Reason
from xlflow.team_files import mounts

NATIVE, POLLING = "native", "polling"

# The event types of watchdog that mean a change; xlflow itself opens and reads files, too.
_CHANGES = ("created", "modified", "moved", "deleted", "closed")

_INOTIFY = Path("/proc/sys/fs/inotify")
_JOIN_TIMEOUT = 2.0


def watch_mode(settings: Settings, folder: Path) -> str:
    """Return how changes in a folder are noticed: ``native`` or ``polling``."""
    if settings.watch_mode == "auto":
        return NATIVE if mounts.reports_changes(folder) else POLLING
    return settings.watch_mode


class Events:
    """The system's events in some folders, not in the folders inside them.

    ``notify`` is called with the path of each file that changed, on another thread.
    """

    def __init__(self, folders: Iterable[Path], notify: Callable[[str], None]) -> None:
        self._folders = tuple(folders)
        self._handler = _Handler(notify)
        self._observer = Observer()
        self._watched: dict[Path, int] = {}

    def start(self) -> None:
        """Start to receive events.

        Raises:
            OSError: the system refuses; :func:`explain_watch_error` says why.
        """
        try:
            for folder in self._folders:
                self._watched[folder] = os.stat(folder).st_ino
                self._observer.schedule(self._handler, str(folder), recursive=False)
            self._observer.start()
        except BaseException:
            self.stop()
            raise

    def alive(self) -> bool:
        """Whether events still come, and from the folders that now have these names."""
        try:
            same = all(os.stat(folder).st_ino == inode for folder, inode in self._watched.items())
        except OSError:
            return False
        emitters = list(self._observer.emitters)
        return same and self._observer.is_alive() and all(e.is_alive() for e in emitters)

    def stop(self) -> None:
        """Stop to receive events."""
        with suppress(Exception):  # an observer that only half started can't always be stopped
            self._observer.stop()
            if self._observer.is_alive():
                self._observer.join(_JOIN_TIMEOUT)


class _Handler(FileSystemEventHandler):
    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on the paths of files that changed."""
        if event.is_directory or event.event_type not in _CHANGES:
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._notify(os.fsdecode(path))


def explain_watch_error(error: OSError, limits: Path = _INOTIFY) -> Reason:
    """Return why there are no events, with the number to set if a limit is too low."""
    limited = {errno.ENOSPC: ("watches", 65_536), errno.EMFILE: ("instances", 512)}
    name, least = limited.get(error.errno or 0, ("", 0))
    try:
        now = int((limits / f"max_user_{name}").read_text())
    except (OSError, ValueError):
        return Reason("watching.observer_failed", {"reason": error.strerror or str(error)})
    return Reason(f"watching.inotify_{name}", {"now": now, "wanted": max(2 * now, least)})
