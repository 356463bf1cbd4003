"""Noticing that xlflow.toml was edited; a mistake in it leaves the settings as they were."""

from __future__ import annotations

import os
from pathlib import Path

from xlflow.config import FILE_NAME, read_settings
from xlflow.daemon.event_log import EventLog
from xlflow.errors import HeldError, XlflowError
from xlflow.sync.results import reason_of
from xlflow.workspace import Workspace


class SettingsWatcher:
    """Reads a workspace's settings again when their file changes."""

    def __init__(self, workspace: Workspace, event_log: EventLog) -> None:
        self._path = workspace.root / FILE_NAME
        self._event_log = event_log
        self._signature = _signature(self._path)

    def changed(self, workspace: Workspace) -> Workspace | None:
        """Return the workspace with the settings now in the file, None if they are the same.

        Settings that can't be read, or that take effect only after a restart, are
        logged as a problem.
        """
        signature = _signature(self._path)
        if signature in (self._signature, None):
            return None  # a pass reports a missing file
        first, self._signature = self._signature is None, signature
        if first:
            return None
        try:
            fresh = Workspace(workspace.root, read_settings(self._path))
            if fresh.state != workspace.state:
                raise HeldError("watching.state_moved")
        except XlflowError as error:
            self._event_log.problem("settings", reason_of(error))
            return None
        self._event_log.problem("settings", None)
        return fresh if fresh.settings != workspace.settings else None


def _signature(path: Path) -> tuple[int, ...] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
