"""``team``."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.cli.running import Run


def test_teams_are_added_to_the_named_workspace(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    ran = run("team", "市场一部", "北区", "-C", tmp_path / "w", "--json")
    assert ran.json == {"workbooks": ["teams/市场一部.xlsx", "teams/北区.xlsx"]}
    for name in ("市场一部", "北区"):
        workbook = openpyxl.load_workbook(tmp_path / "w" / "teams" / f"{name}.xlsx")
        assert "流程优化计划" in workbook.sheetnames


def test_a_workbook_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w", "--team", "市场一部")
    workbook = tmp_path / "w" / "teams" / "市场一部.xlsx"
    workbook.write_bytes(b"edited")
    ran = run("-C", tmp_path / "w", "team", "市场一部")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert workbook.read_bytes() == b"edited"


def test_a_name_that_no_file_can_have_is_refused(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    ran = run("-C", tmp_path / "w", "team", "市场/一部")
    assert ran.code == 2
    assert "市场/一部" in ran.err
    assert not any((tmp_path / "w" / "teams").iterdir())
