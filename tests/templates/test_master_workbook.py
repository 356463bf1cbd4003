"""The master workbook of a workspace, and the interpreter in it."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from xlflow.ooxml.book import Book
from xlflow.shipped import shipped
from xlflow.templates.master_workbook import (
    SETTINGS_SHEET,
    interpreter_of,
    master_workbook,
    this_python,
    with_interpreter,
)
from xlflow.workspace_creation import create_workspace


def test_a_new_workspace_has_a_master_with_this_python(tmp_path: Path) -> None:
    space = create_workspace(tmp_path / "共享")
    content = space.master.read_bytes()
    assert interpreter_of(content) == str(this_python())
    assert content == master_workbook()


def test_an_existing_master_stays(tmp_path: Path) -> None:
    (tmp_path / "master.xlsm").write_bytes(b"mine")
    assert create_workspace(tmp_path).master.read_bytes() == b"mine"


def test_the_built_master_names_no_interpreter() -> None:
    assert interpreter_of(shipped("workbooks", "master.xlsm").read_bytes()) == ""


def test_only_the_settings_cell_changes() -> None:
    before = shipped("workbooks", "master.xlsm").read_bytes()
    after = with_interpreter(before, Path("C:/Python 3/市场/pythonw.exe"))
    changed = set()
    with zipfile.ZipFile(BytesIO(before)) as old, zipfile.ZipFile(BytesIO(after)) as new:
        assert old.namelist() == new.namelist()
        for name in old.namelist():
            if old.read(name) != new.read(name):
                changed.add(name)
    conf = next(sheet.part for sheet in Book(before).sheets if sheet.name == SETTINGS_SHEET)
    assert changed == {conf}
    assert with_interpreter(after, Path("C:/Python 3/市场/pythonw.exe")) == after


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_each_system_has_its_own_setting(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", system)
    content = master_workbook(Path("/opt/python"))
    assert interpreter_of(content) == "/opt/python"
    monkeypatch.setattr("sys.platform", "darwin" if system == "linux" else "linux")
    assert interpreter_of(content) == ""


def test_pythonw_is_preferred(tmp_path: Path) -> None:
    assert this_python(tmp_path / "python.exe") == tmp_path / "python.exe"
    (tmp_path / "pythonw.exe").touch()
    assert this_python(tmp_path / "python.exe") == tmp_path / "pythonw.exe"
