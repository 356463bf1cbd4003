"""The daemon as a service of this user, as systemd, Windows' task scheduler or launchd wants it.

Definitions are computed purely: one file's content, and the commands that start and
stop the service (:mod:`xlflow.daemon.service` carries them out).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from xlflow.errors import UsageError
from xlflow.workspace import Workspace

SYSTEMD, SCHEDULER, LAUNCHD = "systemd", "task scheduler", "launchd"

Argv = tuple[str, ...]

_PASSED_VARIABLES = ("XLFLOW_STATE_DIR",)


@dataclass(frozen=True, slots=True)
class Host:
    """What a definition depends on besides the workspace.

    ``program`` is the command that starts xlflow, before its arguments;
    ``environment`` are the variables of the user who installs.
    """

    system: str
    program: Argv
    home: Path
    user: str
    environment: Mapping[str, str]


class ServiceDefinition(NamedTuple):
    """A service as its manager wants it: one file, and the commands to start and stop it.

    ``probe`` succeeds if the manager is available, ``is_running`` if the service runs
    (with the task scheduler: if it exists).
    """

    manager: str
    name: str
    path: Path
    content: bytes
    probe: Argv
    start: tuple[Argv, ...]
    stop: tuple[Argv, ...]
    is_running: Argv
    after_removal: tuple[Argv, ...] = ()

    @property
    def text(self) -> str:
        """The content as text."""
        encoding = "utf-16" if self.manager == SCHEDULER else "utf-8"
        return self.content.decode(encoding)


def this_host() -> Host:
    """Return this machine and user."""
    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")  # opens no console
    program = str(windowless if sys.platform == "win32" and windowless.exists() else python)
    user = os.environ.get("USERNAME", "") if sys.platform == "win32" else str(os.getuid())
    return Host(sys.platform, (program, "-P", "-m", "xlflow"), Path.home(), user, os.environ)


def definition(workspace: Workspace, host: Host) -> ServiceDefinition:
    """Return the definition of a workspace's service.

    Raises:
        UsageError: the system has no service manager that xlflow supports, or the
            workspace's path can't be written into the file.
    """
    root = str(workspace.root.resolve())
    command = (*host.program, "-C", root, "watch")
    if not root.isprintable():
        raise UsageError("service.odd_path")
    if host.system == "linux":
        return _systemd(workspace, host, command)
    if host.system == "win32":
        return _scheduler(workspace, host, command)
    if host.system == "darwin":
        return _launchd(workspace, host, command)
    raise UsageError("service.unsupported", system=host.system)


def _systemd(workspace: Workspace, host: Host, command: Argv) -> ServiceDefinition:
    name = f"xlflow-{workspace.state.name}.service"
    config_home = host.environment.get("XDG_CONFIG_HOME")
    config = Path(config_home) if config_home else host.home / ".config"
    variables = "".join(
        f"Environment={_unit_value(f'{key}={value}')}\n" for key, value in _passed_variables(host)
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
    reload: Argv = (*manager, "daemon-reload")
    return ServiceDefinition(
        manager=SYSTEMD,
        name=name,
        path=config / "systemd" / "user" / name,
        content=text.encode(),
        probe=(*manager, "show-environment"),
        start=(reload, (*manager, "enable", name), (*manager, "restart", name)),
        stop=((*manager, "disable", "--now", name),),
        is_running=(*manager, "is-active", "--quiet", name),
        after_removal=(reload,),
    )


def _unit_word(word: str) -> str:
    """Quote a word of a command line for a unit file, where variables are expanded, too."""
    return _unit_value(word.replace("$", "$$"))


def _unit_value(value: str) -> str:
    """Quote a value for a unit file: no word splitting, no specifiers."""
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%")):
        value = value.replace(plain, quoted)
    return f'"{value}"'


def _scheduler(workspace: Workspace, host: Host, command: Argv) -> ServiceDefinition:
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
      <UserId>{escape(host.user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(host.user)}</UserId>
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
        probe=("schtasks", "/Query"),
        start=(
            ("schtasks", "/Create", *task, "/XML", str(path), "/F"),
            ("schtasks", "/Run", *task),
        ),
        stop=(("schtasks", "/End", *task), ("schtasks", "/Delete", *task, "/F")),
        is_running=("schtasks", "/Query", *task),
    )


def _launchd(workspace: Workspace, host: Host, command: Argv) -> ServiceDefinition:
    import plistlib

    name = f"xlflow.{workspace.state.name}"
    path = host.home / "Library" / "LaunchAgents" / f"{name}.plist"
    document = {
        "Label": name,
        "ProgramArguments": list(command),
        "EnvironmentVariables": dict(_passed_variables(host)),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": 10,
        "ProcessType": "Background",
    }
    domain = f"gui/{host.user}"
    return ServiceDefinition(
        manager=LAUNCHD,
        name=name,
        path=path,
        content=plistlib.dumps(document, sort_keys=False),
        probe=("launchctl", "print", domain),
        start=(("launchctl", "bootstrap", domain, str(path)),),
        stop=(("launchctl", "bootout", f"{domain}/{name}"),),
        is_running=("launchctl", "print", f"{domain}/{name}"),
    )


def _passed_variables(host: Host) -> list[tuple[str, str]]:
    return [(key, host.environment[key]) for key in _PASSED_VARIABLES if host.environment.get(key)]
