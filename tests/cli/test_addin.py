"""``addin``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.excel.test_install import machine
from xlflow.excel import build


def test_build_lists_what_it_built(run: Run, tmp_path: Path) -> None:
    ran = run("addin", "build", "--output", str(tmp_path / "out"), "--json")
    assert ran.code == 0
    paths = [Path(path) for path in ran.json["built"]]
    assert [path.name for path in paths] == [build.MASTER, build.ADDIN, build.TEMPLATE]
    assert all(path.is_file() for path in paths)


def test_without_excel_the_add_in_is_refused_in_one_line(run: Run) -> None:
    for action in ("install", "uninstall"):
        ran = run("addin", action)
        assert ran.code == 2
        assert len(ran.err.strip().splitlines()) == 1
        assert not ran.out


def test_output_is_an_option_of_build_only(run: Run) -> None:
    ran = run("addin", "install", "--output", "x")
    assert ran.code == 2
    assert "--output" in ran.err


def test_install_and_uninstall_list_what_they_did(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlflow.excel.machine.this_machine", lambda: machine(tmp_path))
    ran = run("addin", "install")
    assert ran.code == 0
    assert "xlflow.xlam" in ran.out
    assert "重新启动 Excel" in ran.out
    assert "已移除" in run("addin", "uninstall").out
    assert "无需移除" in run("addin", "uninstall").out
