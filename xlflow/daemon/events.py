"""Hearing of changes: the system's events where it tells, and what to say where it can't.

Events are hints. They come late, twice, or not at all; whoever listens looks for
himself now and then (:meth:`xlflow.daemon.daemon.Daemon`).
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

# Of what watchdog tells; that a file was opened or read is nothing to us, who do it ourselves.
_CHANGES = ("created", "modified", "moved", "deleted", "closed")

_LIMITS = Path("/proc/sys/fs/inotify")
_ENDS_WITHIN = 2.0


def watch_mode(settings: Settings, folder: Path) -> str:
    """Return how changes in a folder are noticed: ``native`` or ``polling``."""
    if settings.watch_mode == "auto":
        return NATIVE if mounts.reports_changes(folder) else POLLING
    return settings.watch_mode


class Events:
    """The system's events in some folders, without what lies below them.

    ``hear`` is called with the path of each file that was changed, on a thread of
    its own.
    """

    def __init__(self, folders: Iterable[Path], hear: Callable[[str], None]) -> None:
        self._folders = tuple(folders)
        self._handler = _Handler(hear)
        self._observer = Observer()
        self._watched: dict[Path, int] = {}

    def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the system refuses; :func:`explained` says why.
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
        """Whether what was begun still listens, and to the folders that now bear the names."""
        try:
            same = all(os.stat(folder).st_ino == inode for folder, inode in self._watched.items())
        except OSError:
            return False
        emitters = list(self._observer.emitters)
        return same and self._observer.is_alive() and all(e.is_alive() for e in emitters)

    def stop(self) -> None:
        """Listen no more."""
        with suppress(Exception):  # one that failed half-way can't always be stopped
            self._observer.stop()
            if self._observer.is_alive():
                self._observer.join(_ENDS_WITHIN)


class _Handler(FileSystemEventHandler):
    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Pass on which files changed."""
        if event.is_directory or event.event_type not in _CHANGES:
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._hear(os.fsdecode(path))


def explain_watch_error(error: OSError, limits: Path = _LIMITS) -> Reason:
    """Return why the system doesn't tell of changes, with the number to set where one is short."""
    short = {errno.ENOSPC: ("watches", 65_536), errno.EMFILE: ("instances", 512)}
    name, least = short.get(error.errno or 0, ("", 0))
    try:
        now = int((limits / f"max_user_{name}").read_text())
    except (OSError, ValueError):
        return Reason("watching.observer_failed", {"reason": error.strerror or str(error)})
    return Reason(f"watching.inotify_{name}", {"now": now, "wanted": max(2 * now, least)})
