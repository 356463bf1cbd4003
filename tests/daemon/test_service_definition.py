"""The exact definitions for systemd, Windows' task scheduler and launchd."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xlflow.config import Settings
from xlflow.daemon.service_definition import Host, definition
from xlflow.errors import UsageError
from xlflow.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "共享 100% $HOME"
    root.mkdir()
    return Workspace(root, Settings(id="0123abcd"))


def host_on(system: str, tmp_path: Path, **environment: str) -> Host:
    program = {
        "linux": ("/opt/py thon/bin/python3", "-m", "xlflow"),
        "win32": (r"C:\Program Files\Python\pythonw.exe", "-m", "xlflow"),
        "darwin": ("/usr/local/bin/python3", "-m", "xlflow"),
    }.get(system, ("python",))
    return Host(system, program, tmp_path / "home", "501", environment)


def test_a_systemd_unit(space: Workspace, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    defined = definition(space, host_on("linux", tmp_path, XLFLOW_STATE_DIR=state, OTHER="x"))
    assert defined.path == tmp_path / "home/.config/systemd/user/xlflow-0123abcd.service"
    assert defined.text == (
        "[Unit]\n"
        "Description=xlflow: 共享 100%% $HOME\n"
        "\n"
        "[Service]\n"
        'ExecStart="/opt/py thon/bin/python3" "-m" "xlflow" "-C" '
        f'"{tmp_path}/共享 100%% $$HOME" "watch"\n'
        f'Environment="XLFLOW_STATE_DIR={state}"\n'
        "EnvironmentFile=-%E/xlflow/environment\n"
        "Restart=on-failure\n"
        "RestartSec=30\n"
        "TimeoutStopSec=10\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )


def test_a_systemd_unit_lies_in_the_configuration_folder(space: Workspace, tmp_path: Path) -> None:
    defined = definition(space, host_on("linux", tmp_path, XDG_CONFIG_HOME=str(tmp_path / "c")))
    assert defined.path == tmp_path / "c/systemd/user/xlflow-0123abcd.service"
    assert "Environment=" not in defined.text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
def test_systemd_accepts_the_unit(space: Workspace, tmp_path: Path) -> None:
    odd = space.root.with_name('a "b" \\c %n $X')
    odd.mkdir()
    python = tmp_path / "py thon"
    python.symlink_to(shutil.which("true") or "/bin/true")
    host = replace(host_on("linux", tmp_path, XLFLOW_STATE_DIR="/s %t"), program=(str(python),))
    defined = definition(Workspace(odd, space.settings), host)
    unit = tmp_path / defined.name
    unit.write_bytes(defined.content)
    completed = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert defined.name not in completed.stdout + completed.stderr
    assert completed.returncode == 0, completed.stderr


def test_a_task_of_the_windows_scheduler(space: Workspace, tmp_path: Path) -> None:
    root = space.root.with_name("R&D <一部>")
    root.mkdir()
    defined = definition(Workspace(root, space.settings), host_on("win32", tmp_path))
    assert defined.content.startswith(b"\xff\xfe")
    assert "\r\n" in defined.text
    task = ElementTree.fromstring(defined.content.decode("utf-16").split("?>", 1)[1])
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

    def text_of(path: str) -> str | None:
        return task.findtext("/".join(f"t:{part}" for part in path.split("/")), None, names)

    assert text_of("RegistrationInfo/Description") == "xlflow: R&D <一部>"
    assert text_of("Actions/Exec/Command") == r"C:\Program Files\Python\pythonw.exe"
    assert text_of("Actions/Exec/Arguments") == f'-m xlflow -C "{root}" watch'
    assert text_of("Settings/ExecutionTimeLimit") == "PT0S"
    assert text_of("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert text_of("Principals/Principal/RunLevel") == "LeastPrivilege"
    assert text_of("Triggers/LogonTrigger/UserId") == "501"
    assert defined.path == space.state / "service.xml"
    assert defined.start[0][-3:] == ("/XML", str(defined.path), "/F")


def test_a_launch_agent_of_macos(space: Workspace, tmp_path: Path) -> None:
    defined = definition(space, host_on("darwin", tmp_path, XLFLOW_STATE_DIR="/状态"))
    assert defined.path == tmp_path / "home/Library/LaunchAgents/xlflow.0123abcd.plist"
    assert plistlib.loads(defined.content) == {
        "Label": "xlflow.0123abcd",
        "ProgramArguments": [
            "/usr/local/bin/python3", "-m", "xlflow", "-C", str(space.root), "watch",
        ],
        "EnvironmentVariables": {"XLFLOW_STATE_DIR": "/状态"},
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": 10,
        "ProcessType": "Background",
    }  # fmt: skip
    assert defined.start == (("launchctl", "bootstrap", "gui/501", str(defined.path)),)


def test_another_system_is_unsupported(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        definition(space, host_on("freebsd14", tmp_path))
    assert refused.value.key == "service.unsupported"


def test_a_path_with_control_characters_is_refused(space: Workspace, tmp_path: Path) -> None:
    for name in ("a\nExecStart=b", "a\x7f", "a\udcff"):
        odd = Workspace(space.root.with_name(name), space.settings)
        with pytest.raises(UsageError) as refused:
            definition(odd, host_on("linux", tmp_path))
        assert refused.value.key == "service.odd_path"
