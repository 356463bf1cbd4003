"""``doctor``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import Run


def test_a_fault_is_listed_with_its_repair(run: Run, tmp_path: Path) -> None:
    ran = run("-C", str(tmp_path), "doctor")
    assert ran.code == 1
    assert "有问题  工作区" in ran.out
    assert "→ 请在工作区里运行" in ran.out
    (check,) = run("-C", str(tmp_path), "doctor", "--json").json["checks"]
    assert check["ok"] is False
    (fault,) = check["faults"]
    assert set(fault) == {"fault", "message", "mend"}
    assert fault["message"] in ran.out
    assert fault["mend"] in ran.out
    assert "wrong  The workspace" in run("-C", str(tmp_path), "doctor", "--language", "en").out


def test_a_new_workspace_has_no_faults(run: Run, tmp_path: Path) -> None:
    run("init", str(tmp_path / "w"))
    ran = run("-C", str(tmp_path / "w"), "doctor")
    assert ran.code == 0
    assert "没有发现问题" in ran.out
    checks = run("-C", str(tmp_path / "w"), "doctor", "--json").json["checks"]
    assert checks
    assert all(check["ok"] and check["faults"] == [] for check in checks)
