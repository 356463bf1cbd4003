"""``service``, with a simulated service manager."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run
from xlflow.daemon import service, service_definition
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace


class Manager:
    """A simulated systemd; ``available`` is false where it doesn't run."""

    def __init__(self) -> None:
        self.available, self.running = True, False

    def __call__(self, command: tuple[str, ...]) -> tuple[int, str]:
        if not self.available:
            return 1, "Failed to connect to bus"
        if "is-active" in command:
            return int(not self.running), ""
        self.running = "disable" not in command and ("restart" in command or self.running)
        return 0, ""


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Manager:
    manager = Manager()
    host = service_definition.Host(
        "linux", ("python3", "-m", "xlflow"), tmp_path / "home", "501", {}
    )
    monkeypatch.setattr(service, "run", manager)
    monkeypatch.setattr(service_definition, "this_host", lambda: host)
    return manager


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: Manager) -> Workspace:
    space = create_workspace(tmp_path / "w")
    monkeypatch.chdir(space.root)
    return space


def unit(space: Workspace, tmp_path: Path) -> Path:
    return tmp_path / f"home/.config/systemd/user/xlflow-{space.state.name}.service"


def test_installing_and_uninstalling_twice(run: Run, space: Workspace, tmp_path: Path) -> None:
    path = unit(space, tmp_path)
    ran = run("service", "install")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == f"已安装并启动：{path.name}"
    assert str(tmp_path / "home/.config/xlflow/environment") in ran.out
    assert path.exists()
    assert run("service", "install").out == f"已经装好，正在运行：{path.name}\n"
    assert run("service", "uninstall").out == f"已停止并移除：{path.name}\n"
    ran = run("service", "uninstall")
    assert (ran.code, ran.out) == (0, "没有安装，无需移除。\n")
    assert not path.exists()


def test_show_changes_nothing(run: Run, space: Workspace, manager: Manager, tmp_path: Path) -> None:
    manager.available = False
    shown = run("service", "show", "--json")
    assert shown.code == 0
    assert {**shown.json, "definition": ""} == {
        "manager": "systemd",
        "name": unit(space, tmp_path).name,
        "path": str(unit(space, tmp_path)),
        "installed": False,
        "running": False,
        "definition": "",
    }
    assert "没有安装" in run("service", "show").out
    assert shown.json["definition"].rstrip() in run("service", "show").out
    assert not (tmp_path / "home").exists()
    manager.available = True
    run("service", "install")
    assert "已安装，正在运行" in run("service", "show").out
    manager.running = False
    assert "已安装，没有运行" in run("service", "show").out


def test_without_a_running_systemd_the_error_names_the_alternative(
    run: Run, space: Workspace, manager: Manager, tmp_path: Path
) -> None:
    manager.available = False
    ran = run("service", "install")
    assert (ran.code, ran.out) == (2, "")
    assert "xlflow watch" in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_another_system_is_refused_by_name(
    run: Run, space: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = service_definition.Host("freebsd14", ("python3",), tmp_path, "501", {})
    monkeypatch.setattr(service_definition, "this_host", lambda: host)
    for action in ("install", "uninstall", "show"):
        ran = run("service", action)
        assert (ran.code, ran.out) == (2, "")
        assert "freebsd14" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_an_unknown_or_missing_action_is_refused(run: Run, space: Workspace) -> None:
    assert run("service", "start").code == 2
    assert run("service").code == 2
