"""The daemon as a service: exact definitions, and installing that can be undone."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from xlflow.config import Settings
from xlflow.daemon import service
from xlflow.daemon.service import Command, Host, Service, ServiceDefinition, definition
from xlflow.errors import UsageError
from xlflow.workspace import Workspace


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "共享 100% $HOME"
    root.mkdir()
    return Workspace(root, Settings(id="0123abcd"))


def place(system: str, tmp_path: Path, **environment: str) -> Host:
    program = {
        "linux": ("/opt/py thon/bin/python3", "-m", "xlflow"),
        "win32": (r"C:\Program Files\Python\pythonw.exe", "-m", "xlflow"),
        "darwin": ("/usr/local/bin/python3", "-m", "xlflow"),
    }.get(system, ("python",))
    return Host(system, program, tmp_path / "home", "501", environment)


def test_a_systemd_unit(space: Workspace, tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    defined = definition(space, place("linux", tmp_path, XLFLOW_STATE_DIR=state, OTHER="x"))
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


def test_a_systemd_unit_goes_where_configuration_goes(space: Workspace, tmp_path: Path) -> None:
    defined = definition(space, place("linux", tmp_path, XDG_CONFIG_HOME=str(tmp_path / "c")))
    assert defined.path == tmp_path / "c/systemd/user/xlflow-0123abcd.service"
    assert "Environment=" not in defined.text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_unit(space: Workspace, tmp_path: Path) -> None:
    odd = space.root.with_name('a "b" \\c %n $X')
    odd.mkdir()
    python = tmp_path / "py thon"
    python.symlink_to(shutil.which("true") or "/bin/true")
    where = replace(place("linux", tmp_path, XLFLOW_STATE_DIR="/s %t"), program=(str(python),))
    defined = definition(Workspace(odd, space.settings), where)
    unit = tmp_path / defined.name
    unit.write_bytes(defined.content)
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert defined.name not in done.stdout + done.stderr
    assert done.returncode == 0, done.stderr


def test_a_task_for_windows(space: Workspace, tmp_path: Path) -> None:
    root = space.root.with_name("R&D <一部>")
    root.mkdir()
    defined = definition(Workspace(root, space.settings), place("win32", tmp_path))
    assert defined.content.startswith(b"\xff\xfe")
    assert "\r\n" in defined.text
    task = ElementTree.fromstring(defined.content.decode("utf-16").split("?>", 1)[1])
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

    def at(path: str) -> str | None:
        return task.findtext("/".join(f"t:{part}" for part in path.split("/")), None, names)

    assert at("RegistrationInfo/Description") == "xlflow: R&D <一部>"
    assert at("Actions/Exec/Command") == r"C:\Program Files\Python\pythonw.exe"
    assert at("Actions/Exec/Arguments") == f'-m xlflow -C "{root}" watch'
    assert at("Settings/ExecutionTimeLimit") == "PT0S"
    assert at("Settings/MultipleInstancesPolicy") == "IgnoreNew"
    assert at("Principals/Principal/RunLevel") == "LeastPrivilege"
    assert at("Triggers/LogonTrigger/UserId") == "501"
    assert defined.path == space.state / "service.xml"
    assert defined.start[0][-3:] == ("/XML", str(defined.path), "/F")


def test_an_agent_for_macos(space: Workspace, tmp_path: Path) -> None:
    defined = definition(space, place("darwin", tmp_path, XLFLOW_STATE_DIR="/状态"))
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


def test_other_systems_are_told(space: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        definition(space, place("freebsd14", tmp_path))
    assert refused.value.key == "service.unsupported"


def test_a_path_that_would_break_out_of_its_line_is_refused(
    space: Workspace, tmp_path: Path
) -> None:
    for name in ("a\nExecStart=b", "a\x7f", "a\udcff"):
        odd = Workspace(space.root.with_name(name), space.settings)
        with pytest.raises(UsageError) as refused:
            definition(odd, place("linux", tmp_path))
        assert refused.value.key == "service.odd_path"


class Manager:
    """A service manager that remembers what it was asked, and refuses what it is told to."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.asked: list[str] = []
        self.running = False

    def __call__(self, command: Command) -> tuple[int, str]:
        words = " ".join(command)
        self.asked.append(command[2] if command[0] == "systemctl" else command[1])
        if any(word in words for word in self.refused):
            return 1, f"no {words}\n"
        if "is-active" in words:
            return int(not self.running), ""
        if "restart" in words:
            self.running = True
        if "disable" in words:
            self.running = False
        return 0, ""


@pytest.fixture
def defined(space: Workspace, tmp_path: Path) -> ServiceDefinition:
    return definition(space, place("linux", tmp_path))


def test_installing_and_uninstalling_leaves_what_was_there(
    defined: ServiceDefinition, tmp_path: Path
) -> None:
    (tmp_path / "home/.config").mkdir(parents=True)
    manager = Manager()
    one = Service(defined, manager)
    assert one.install()
    assert defined.path.read_bytes() == defined.content
    assert (one.installed, one.running) == (True, True)
    assert manager.asked[:4] == ["show-environment", "daemon-reload", "enable", "restart"]
    manager.asked.clear()
    assert not one.install()
    assert manager.asked == ["show-environment", "is-active"]
    manager.asked.clear()
    assert one.uninstall()
    assert manager.asked == ["disable", "daemon-reload"]
    assert (one.installed, one.running) == (False, False)
    assert not one.uninstall()
    assert list((tmp_path / "home").rglob("*")) == [tmp_path / "home/.config"]


def test_installing_again_mends_what_stopped_or_changed(defined: ServiceDefinition) -> None:
    manager = Manager()
    one = Service(defined, manager)
    one.install()
    manager.running = False
    assert one.install()
    assert manager.running
    defined.path.write_text("edited")
    assert one.install()
    assert defined.path.read_bytes() == defined.content


def test_a_manager_that_isnt_there_changes_nothing(
    defined: ServiceDefinition, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        Service(defined, Manager("show-environment")).install()
    assert refused.value.key == "service.no_systemd"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("step", ["daemon-reload", "enable", "restart"])
def test_a_manager_that_refuses_changes_nothing(
    defined: ServiceDefinition, tmp_path: Path, step: str
) -> None:
    with pytest.raises(UsageError) as refused:
        Service(defined, Manager(step)).install()
    assert refused.value.key == "service.refused"
    assert step in refused.value.params["command"]
    assert not (tmp_path / "home").exists()


def test_a_manager_that_refuses_the_new_leaves_the_old(defined: ServiceDefinition) -> None:
    manager = Manager()
    Service(defined, manager).install()
    defined.path.write_bytes(b"the old one")
    manager.refused = ("restart",)
    with pytest.raises(UsageError):
        Service(defined, manager).install()
    assert defined.path.read_bytes() == b"the old one"


def test_a_folder_that_cant_be_written_is_named(defined: ServiceDefinition, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(UsageError) as refused:
        Service(defined, Manager()).install()
    assert refused.value.key == "service.unwritten"


def test_a_command_that_isnt_there_is_no_surprise() -> None:
    assert service.run(("xlflow-no-such-command",)) == (127, "")
    assert service.run(("false",))[0] == 1
