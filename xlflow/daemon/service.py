"""Installing and removing the daemon's service; doing it twice does no harm.

Removing leaves everything as it was before installing.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from xlflow import atomic_write
from xlflow.daemon.service_definition import LAUNCHD, SCHEDULER, SYSTEMD, Argv, ServiceDefinition
from xlflow.errors import UsageError

Run = Callable[[Argv], tuple[int, str]]
"""Runs a command; returns its exit code and what it printed."""

_UNAVAILABLE = {
    SYSTEMD: "service.no_systemd",
    SCHEDULER: "service.no_scheduler",
    LAUNCHD: "service.no_launchd",
}


class Service:
    """The service of one workspace on this machine."""

    def __init__(self, definition: ServiceDefinition, run: Run) -> None:
        self._definition = definition
        self._run = run

    @property
    def installed(self) -> bool:
        """Whether there is a file of that name where the manager looks for it."""
        return self._definition.path.exists()

    @property
    def running(self) -> bool:
        """Whether the manager reports it as running (the task scheduler: as existing)."""
        return self.installed and self._run(self._definition.is_running)[0] == 0

    def install(self) -> bool:
        """Install and start it; return whether anything had to be done.

        Raises:
            UsageError: the manager isn't available or refuses; nothing is changed.
        """
        definition = self._definition
        if self._run(definition.probe)[0]:
            raise UsageError(_UNAVAILABLE[definition.manager])
        previous = _content(definition.path)
        if previous == definition.content and self.running:
            return False
        if previous is not None:
            self._stop()
        created = _missing_folders(definition.path)
        try:
            definition.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write.write_atomically(definition.path, definition.content)
        except OSError as error:
            _remove_empty(created)
            reason = error.strerror or str(error)
            path = str(definition.path)
            raise UsageError("service.unwritten", path=path, reason=reason) from None
        for command in definition.start:
            code, output = self._run(command)
            if code:
                self._undo(previous, created)
                reason = output.strip() or str(code)
                raise UsageError("service.refused", command=" ".join(command), reason=reason)
        return True

    def uninstall(self) -> bool:
        """Stop and remove it; return whether it was there.

        Raises:
            UsageError: its file can't be removed.
        """
        if not self.installed:
            return False
        self._stop()
        try:
            self._definition.path.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            path = str(self._definition.path)
            raise UsageError("service.unwritten", path=path, reason=reason) from None
        for command in self._definition.after_removal:
            self._run(command)
        if self._definition.manager == SYSTEMD:
            _remove_empty(self._definition.path.parents[:2])  # which installing may have created
        return True

    def _stop(self) -> None:
        for command in self._definition.stop:
            self._run(command)  # not an error if the service doesn't exist or run

    def _undo(self, previous: bytes | None, created: Sequence[Path]) -> None:
        definition = self._definition
        self._stop()
        if previous is None:
            definition.path.unlink(missing_ok=True)
            _remove_empty(created)
        else:
            atomic_write.write_atomically(definition.path, previous)
        for command in definition.after_removal if previous is None else definition.start:
            self._run(command)


def run(command: Argv) -> tuple[int, str]:
    """Run one command of a service manager."""
    program = shutil.which(command[0])
    if program is None:
        return 127, ""
    try:
        completed = subprocess.run(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 126, str(error)
    return completed.returncode, completed.stdout


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _missing_folders(path: Path) -> list[Path]:
    return [folder for folder in path.parents if not folder.exists()]


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
