"""``addin`` and ``doctor`` on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import Run
from tests.excel.test_install import machine
from xlflow.excel import build


def test_build_says_what_it_built(run: Run, tmp_path: Path) -> None:
    ran = run("addin", "build", "--output", str(tmp_path / "out"), "--json")
    assert ran.code == 0
    names = [Path(path).name for path in ran.json["built"]]
    assert names == [build.MASTER, build.ADDIN, build.TEMPLATE]


def test_installing_where_there_is_no_excel_is_one_line_and_2(run: Run) -> None:
    for action in ("install", "uninstall"):
        ran = run("addin", action)
        assert ran.code == 2
        assert len(ran.err.strip().splitlines()) == 1
        assert not ran.out


def test_output_goes_with_build_only(run: Run) -> None:
    assert run("addin", "install", "--output", "x").code == 2


def test_install_and_uninstall_say_what_they_did(
    run: Run, tmp_path: Path, monkeypatch: object
) -> None:
    monkeypatch.setattr("xlflow.excel.machine.this_machine", lambda: machine(tmp_path))  # type: ignore[attr-defined]
    ran = run("addin", "install")
    assert ran.code == 0
    assert "xlflow.xlam" in ran.out
    assert "重新启动 Excel" in ran.out
    assert "已移除" in run("addin", "uninstall").out
    assert "无需移除" in run("addin", "uninstall").out


def test_doctor_tells_faults_with_their_mends(run: Run, tmp_path: Path) -> None:
    ran = run("-C", str(tmp_path), "doctor")
    assert ran.code == 1
    assert "有问题  工作区" in ran.out
    assert "→ 请在工作区里运行" in ran.out
    (check,) = run("-C", str(tmp_path), "doctor", "--json").json["checks"]
    assert check["ok"] is False
    assert check["faults"][0]["mend"]
    assert "wrong  The workspace" in run("-C", str(tmp_path), "doctor", "--language", "en").out


def test_doctor_is_content_with_a_new_workspace(run: Run, tmp_path: Path) -> None:
    run("init", str(tmp_path / "w"))
    ran = run("-C", str(tmp_path / "w"), "doctor")
    assert ran.code == 0
    assert "没有发现问题" in ran.out
