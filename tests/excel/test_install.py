"""Installing and uninstalling on a simulated Windows or macOS machine."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.excel import validators
from xlflow.errors import UsageError, WriteRefusedError
from xlflow.excel import install
from xlflow.excel.machine import Machine, this_machine
from xlflow.messages import explain
from xlflow.shipped import shipped
from xlflow.templates.master_workbook import interpreter_of
from xlflow.workspace_creation import create_workspace


def machine(folder: Path, platform: str = "win32", **other: Any) -> Machine:
    (folder / "python").mkdir(parents=True, exist_ok=True)
    attributes: dict[str, Any] = {
        "platform": platform,
        "environment": {"APPDATA": str(folder / "AppData/Roaming")},
        "home": folder,
        "prefix": folder / "python",
        "python": folder / "python/pythonw.exe",
        "registry": lambda key: None,
        "zone": lambda path: None,
        "encoding": "gbk",
    }
    return Machine(**attributes | other)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture(params=["win32", "darwin"])
def one(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    return machine(tmp_path / "张三", request.param)


def test_uninstall_leaves_no_trace(one: Machine) -> None:
    before = files(one.home)
    made = install.install(one, lambda: b"add-in")
    assert one.addin in made
    assert one.addin.read_bytes() == b"add-in"
    assert one.conf in made
    removed = install.uninstall(one)
    assert set(removed.files) == {str(path) for path in made}
    assert removed.kept == ()
    assert files(one.home) == before


def test_install_and_uninstall_can_be_repeated(one: Machine) -> None:
    before = files(one.home)
    install.install(one, lambda: b"add-in")
    once = files(one.home)
    install.install(one, lambda: b"newer")
    assert files(one.home) == once
    assert one.addin.read_bytes() == b"newer"
    install.uninstall(one)
    assert install.uninstall(one) == install.Removed((), ())
    assert files(one.home) == before


def test_existing_folders_stay(one: Machine) -> None:
    one.startup.mkdir(parents=True)
    (one.startup / "other.xlam").write_bytes(b"theirs")
    before = files(one.home)
    install.install(one, lambda: b"add-in")
    install.uninstall(one)
    assert files(one.home) == before


def test_a_foreign_file_is_not_overwritten(one: Machine) -> None:
    one.startup.mkdir(parents=True)
    one.addin.write_bytes(b"theirs")
    with pytest.raises(UsageError) as caught:
        install.install(one, lambda: b"add-in")
    assert "移走" in explain(caught.value, "zh")
    assert one.addin.read_bytes() == b"theirs"
    assert install.installed(one) is None


def test_a_changed_file_is_kept_and_reported(one: Machine) -> None:
    install.install(one, lambda: b"add-in")
    one.conf.write_text("mine", encoding="utf-8")
    removed = install.uninstall(one)
    assert removed.kept == (str(one.conf),)
    assert one.conf.exists()
    assert not one.addin.exists()


def test_the_settings_name_the_interpreter(tmp_path: Path) -> None:
    one = machine(tmp_path / "张三")
    install.install(one, lambda: b"")
    lines = one.conf.read_bytes().decode("gbk").split("\r\n")
    assert f'"INTERPRETER_WIN","{one.python}"' in lines
    assert '"USE UDF SERVER","True"' in lines
    assert '"UDF MODULES","xlflow.excel.udfs"' in lines
    assert '"ADD_WORKBOOK_TO_PYTHONPATH","False"' in lines
    assert install.interpreter(one) == str(one.python)


def test_an_unencodable_path_is_refused_before_any_change(tmp_path: Path) -> None:
    one = machine(tmp_path / "emoji🐍")
    before = files(one.home)
    with pytest.raises(UsageError) as caught:
        install.install(one, lambda: b"")
    assert caught.value.key == "setup.unreadable_path"
    assert files(one.home) == before


def test_a_locked_file_is_reported_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(path: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(install, "write_atomically", locked)
    with pytest.raises(WriteRefusedError) as caught:
        install.install(machine(tmp_path), lambda: b"")
    assert "关闭所有 Excel" in explain(caught.value, "zh")
    assert caught.value.exit_code == 1


def test_macos_installs_the_applescript(tmp_path: Path) -> None:
    one = machine(tmp_path, "darwin")
    made = install.install(one, lambda: b"")
    (script,) = [path for path in made if path.suffix == ".applescript"]
    assert script.name == f"xlwings-{version('xlwings')}.applescript"
    assert b"AppleScript" in script.read_bytes() or b"on VbaHandler" in script.read_bytes()


def test_other_systems_are_refused_in_one_line(tmp_path: Path) -> None:
    for action in (lambda m: install.install(m, lambda: b""), install.uninstall):
        with pytest.raises(UsageError) as caught:
            action(machine(tmp_path, "linux"))
        assert caught.value.exit_code == 2
        assert "\n" not in explain(caught.value, "zh")


def test_the_built_add_in_reads_the_installed_settings() -> None:
    code = validators.vba_modules(shipped("workbooks", "xlflow.xlam"))["xlwings"]
    assert 'Public Const PROJECT_NAME As String = "xlflow"' in code
    # …\.xlflow\xlflow.conf on Windows
    assert r'Environ("USERPROFILE") & "\." & PROJECT_NAME & "\" & PROJECT_NAME & ".conf"' in code


def test_the_masters_interpreter_is_set_once(tmp_path: Path) -> None:
    one = machine(tmp_path / "home", python=Path("C:/Python/pythonw.exe"))
    master = create_workspace(tmp_path / "share").master
    assert install.set_master_interpreter(master, one) is True
    assert interpreter_of(master.read_bytes()) == str(one.python)
    assert install.set_master_interpreter(master, one) is False


def test_this_machine() -> None:
    found = this_machine()
    assert found.python.exists()
    assert found.registry(r"HKCU\Software") is None or found.platform == "win32"
    assert found.zone(found.python) is None
