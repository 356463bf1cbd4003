"""Installing and removing the service with a fake systemd."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlflow.config import Settings
from xlflow.daemon import service_definition
from xlflow.daemon.service import Service, run
from xlflow.daemon.service_definition import Argv, Host, ServiceDefinition
from xlflow.errors import UsageError
from xlflow.workspace import Workspace


class Manager:
    """A service manager that records its commands, and fails those that contain a given word."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.commands: list[str] = []
        self.running = False

    def __call__(self, command: Argv) -> tuple[int, str]:
        words = " ".join(command)
        self.commands.append(command[2] if command[0] == "systemctl" else command[1])
        if any(word in words for word in self.failing):
            return 1, f"no {words}\n"
        if "is-active" in words:
            return int(not self.running), ""
        if "restart" in words:
            self.running = True
        if "disable" in words:
            self.running = False
        return 0, ""


@pytest.fixture
def definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceDefinition:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    workspace = Workspace(tmp_path / "share", Settings(id="0123abcd"))
    host = Host("linux", ("python3", "-m", "xlflow"), tmp_path / "home", "501", {})
    return service_definition.definition(workspace, host)


def test_uninstalling_leaves_everything_as_it_was_before_installing(
    definition: ServiceDefinition, tmp_path: Path
) -> None:
    (tmp_path / "home/.config").mkdir(parents=True)
    manager = Manager()
    service = Service(definition, manager)
    assert service.install()
    assert definition.path.read_bytes() == definition.content
    assert (service.installed, service.running) == (True, True)
    assert manager.commands[:4] == ["show-environment", "daemon-reload", "enable", "restart"]
    manager.commands.clear()
    assert not service.install()
    assert manager.commands == ["show-environment", "is-active"]
    manager.commands.clear()
    assert service.uninstall()
    assert manager.commands == ["disable", "daemon-reload"]
    assert (service.installed, service.running) == (False, False)
    assert not service.uninstall()
    assert list((tmp_path / "home").rglob("*")) == [tmp_path / "home/.config"]


def test_installing_again_repairs_what_stopped_or_changed(definition: ServiceDefinition) -> None:
    manager = Manager()
    service = Service(definition, manager)
    service.install()
    manager.running = False
    assert service.install()
    assert manager.running
    definition.path.write_text("edited")
    assert service.install()
    assert definition.path.read_bytes() == definition.content


def test_without_a_manager_nothing_changes(definition: ServiceDefinition, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        Service(definition, Manager("show-environment")).install()
    assert refused.value.key == "service.no_systemd"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("step", ["daemon-reload", "enable", "restart"])
def test_if_the_manager_refuses_nothing_changes(
    definition: ServiceDefinition, tmp_path: Path, step: str
) -> None:
    with pytest.raises(UsageError) as refused:
        Service(definition, Manager(step)).install()
    assert refused.value.key == "service.refused"
    assert step in refused.value.params["command"]
    assert not (tmp_path / "home").exists()


def test_if_the_manager_refuses_the_new_definition_the_old_one_stays(
    definition: ServiceDefinition,
) -> None:
    manager = Manager()
    Service(definition, manager).install()
    definition.path.write_bytes(b"the old one")
    manager.failing = ("restart",)
    with pytest.raises(UsageError):
        Service(definition, manager).install()
    assert definition.path.read_bytes() == b"the old one"


def test_a_folder_that_cannot_be_written_is_named(
    definition: ServiceDefinition, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(UsageError) as refused:
        Service(definition, Manager()).install()
    assert refused.value.key == "service.unwritten"


def test_a_missing_command_is_a_failure() -> None:
    assert run(("xlflow-no-such-command",)) == (127, "")
    assert run(("false",))[0] == 1
