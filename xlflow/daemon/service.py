"""The daemon as a service of this user: systemd, Windows' task scheduler, launchd.

What is written and which commands are run are worked out purely
(:func:`definition`); :class:`Service` carries them out, so that installing and
uninstalling twice does no harm, and uninstalling leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from xlflow import atomic_write
from xlflow.errors import UsageError
from xlflow.workspace import Workspace

SYSTEMD, SCHEDULER, LAUNCHD = "systemd", "task scheduler", "launchd"

Command = tuple[str, ...]
Run = Callable[[Command], tuple[int, str]]
"""Runs a command; returns its exit code and what it printed."""

_PASSED_ON = ("XLFLOW_STATE_DIR",)


@dataclass(frozen=True, slots=True)
class Host:
    """What a definition depends on besides the workspace.

    ``program`` is how xlflow is started, before its arguments; ``environment`` the
    variables of whoever installs.
    """

    system: str
    program: Command
    home: Path
    user: str
    environment: Mapping[str, str]


class ServiceDefinition(NamedTuple):
    """A service as its manager wants it: one file, and the commands that begin and end it.

    ``asks`` succeeds where the manager is there, ``runs`` where the service runs.
    """

    manager: str
    name: str
    path: Path
    content: bytes
    asks: Command
    start: tuple[Command, ...]
    stop: tuple[Command, ...]
    runs: Command
    after_removal: tuple[Command, ...] = ()

    @property
    def text(self) -> str:
        """The content as text."""
        encoding = "utf-16" if self.manager == SCHEDULER else "utf-8"
        return self.content.decode(encoding)


def this_host() -> Host:
    """Return this machine's place."""
    python = Path(sys.executable)
    quiet = python.with_name("pythonw.exe")  # no console window
    program = str(quiet if sys.platform == "win32" and quiet.exists() else python)
    user = os.environ.get("USERNAME", "") if sys.platform == "win32" else str(os.getuid())
    return Host(sys.platform, (program, "-m", "xlflow"), Path.home(), user, os.environ)


def definition(workspace: Workspace, place: Host) -> ServiceDefinition:
    """Return the service of one workspace.

    Raises:
        UsageError: there is no service manager that xlflow knows on such a system,
            or the workspace's path can't be written into its file.
    """
    root = str(workspace.root.resolve())
    command = (*place.program, "-C", root, "watch")
    if not root.isprintable():
        raise UsageError("service.odd_path")
    if place.system == "linux":
        return _systemd(workspace, place, command)
    if place.system == "win32":
        return _scheduler(workspace, place, command)
    if place.system == "darwin":
        return _launchd(workspace, place, command)
    raise UsageError("service.unsupported", system=place.system)


def _systemd(workspace: Workspace, place: Host, command: Command) -> ServiceDefinition:
    name = f"xlflow-{workspace.state.name}.service"
    chosen = place.environment.get("XDG_CONFIG_HOME")
    config = Path(chosen) if chosen else place.home / ".config"
    variables = "".join(
        f"Environment={_unit_word(f'{key}={value}')}\n" for key, value in _passed_on(place)
    )
    text = f"""\
[Unit]
Description=xlflow: {workspace.root.name.replace("%", "%%")}

[Service]
ExecStart={" ".join(map(_unit_word, command))}
{variables}EnvironmentFile=-%E/xlflow/environment
Restart=on-failure
RestartSec=30
TimeoutStopSec=10

[Install]
WantedBy=default.target
"""
    manager = ("systemctl", "--user")
    reload: Command = (*manager, "daemon-reload")
    return ServiceDefinition(
        manager=SYSTEMD,
        name=name,
        path=config / "systemd" / "user" / name,
        content=text.encode(),
        asks=(*manager, "show-environment"),
        start=(reload, (*manager, "enable", name), (*manager, "restart", name)),
        stop=((*manager, "disable", "--now", name),),
        runs=(*manager, "is-active", "--quiet", name),
        after_removal=(reload,),
    )


def _unit_word(word: str) -> str:
    """Quote a word for a unit file: no word splitting, no specifiers, no variables."""
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("$", "$$")):
        word = word.replace(plain, quoted)
    return f'"{word}"'


def _scheduler(workspace: Workspace, place: Host, command: Command) -> ServiceDefinition:
    name = f"xlflow-{workspace.state.name}"
    program, *arguments = command
    text = f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>xlflow: {escape(workspace.root.name)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Repetition>
        <Interval>PT5M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <Enabled>true</Enabled>
      <UserId>{escape(place.user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(place.user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
    path = workspace.state / "service.xml"
    task = ("/TN", name)
    return ServiceDefinition(
        manager=SCHEDULER,
        name=name,
        path=path,
        content=text.replace("\n", "\r\n").encode("utf-16"),
        asks=("schtasks", "/Query"),
        start=(
            ("schtasks", "/Create", *task, "/XML", str(path), "/F"),
            ("schtasks", "/Run", *task),
        ),
        stop=(("schtasks", "/End", *task), ("schtasks", "/Delete", *task, "/F")),
        runs=("schtasks", "/Query", *task),
    )


def _launchd(workspace: Workspace, place: Host, command: Command) -> ServiceDefinition:
    import plistlib

    name = f"xlflow.{workspace.state.name}"
    path = place.home / "Library" / "LaunchAgents" / f"{name}.plist"
    document = {
        "Label": name,
        "ProgramArguments": list(command),
        "EnvironmentVariables": dict(_passed_on(place)),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": 10,
        "ProcessType": "Background",
    }
    domain = f"gui/{place.user}"
    return ServiceDefinition(
        manager=LAUNCHD,
        name=name,
        path=path,
        content=plistlib.dumps(document, sort_keys=False),
        asks=("launchctl", "print", domain),
        start=(("launchctl", "bootstrap", domain, str(path)),),
        stop=(("launchctl", "bootout", f"{domain}/{name}"),),
        runs=("launchctl", "print", f"{domain}/{name}"),
    )


def _passed_on(place: Host) -> list[tuple[str, str]]:
    return [(key, place.environment[key]) for key in _PASSED_ON if place.environment.get(key)]


class Service:
    """The service of one workspace on this machine."""

    def __init__(self, defined: ServiceDefinition, run: Run) -> None:
        self._defined = defined
        self._run = run

    @property
    def installed(self) -> bool:
        """Whether a file of that name is where the manager looks for it."""
        return self._defined.path.exists()

    @property
    def running(self) -> bool:
        """Whether the manager says that it runs (the task scheduler: that it knows it)."""
        return self.installed and self._run(self._defined.runs)[0] == 0

    def install(self) -> bool:
        """Install and start it; return whether anything had to be done.

        Raises:
            UsageError: the manager isn't there or refuses; all is as it was.
        """
        defined = self._defined
        if self._run(defined.asks)[0]:
            raise UsageError(_ABSENT[defined.manager])
        before = _content(defined.path)
        if before == defined.content and self.running:
            return False
        if before is not None:
            self._stop()
        made = _folders_to_make(defined.path)
        try:
            defined.path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write.write_atomically(defined.path, defined.content)
        except OSError as error:
            _take_away(made)
            reason = error.strerror or str(error)
            raise UsageError("service.unwritten", path=str(defined.path), reason=reason) from None
        for command in defined.start:
            code, told = self._run(command)
            if code:
                self._undo(before, made)
                reason = told.strip() or str(code)
                raise UsageError("service.refused", command=" ".join(command), reason=reason)
        return True

    def uninstall(self) -> bool:
        """Stop it and take it away; return whether it was there.

        Raises:
            UsageError: its file can't be removed.
        """
        if not self.installed:
            return False
        self._stop()
        try:
            self._defined.path.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            path = str(self._defined.path)
            raise UsageError("service.unwritten", path=path, reason=reason) from None
        for command in self._defined.after_removal:
            self._run(command)
        if self._defined.manager == SYSTEMD:
            _take_away(self._defined.path.parents[:2])  # made by installing, where now empty
        return True

    def _stop(self) -> None:
        for command in self._defined.stop:
            self._run(command)  # that it isn't known or doesn't run is just as well

    def _undo(self, before: bytes | None, made: Sequence[Path]) -> None:
        self._stop()
        if before is None:
            self._defined.path.unlink(missing_ok=True)
            _take_away(made)
        else:
            atomic_write.write_atomically(self._defined.path, before)
        for command in self._defined.after_removal if before is None else self._defined.start:
            self._run(command)


_ABSENT = {
    SYSTEMD: "service.no_systemd",
    SCHEDULER: "service.no_scheduler",
    LAUNCHD: "service.no_launchd",
}


def run(command: Command) -> tuple[int, str]:
    """Run one command of a service manager."""
    program = shutil.which(command[0])
    if program is None:
        return 127, ""
    try:
        done = subprocess.run(
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
    return done.returncode, done.stdout


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _folders_to_make(path: Path) -> list[Path]:
    return [folder for folder in path.parents if not folder.exists()]


def _take_away(folders: Sequence[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
