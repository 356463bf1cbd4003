"""``init``."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.cli.running import Run
from xlflow.config import read_settings


def test_a_workspace_with_its_teams(run: Run, tmp_path: Path) -> None:
    ran = run("init", tmp_path / "流程表", "--team", "市场一部", "--team", "市场二部")
    assert (ran.code, ran.err) == (0, "")
    assert sorted(p.name for p in (tmp_path / "流程表" / "teams").iterdir()) == [
        "市场一部.xlsx",
        "市场二部.xlsx",
    ]
    assert str(tmp_path / "流程表") in ran.out
    assert "teams/市场一部.xlsx" in ran.out


def test_workbooks_are_chinese_without_another_language(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "a", "--team", "East")
    run("--language", "en", "init", tmp_path / "b", "--team", "East")
    assert read_settings(tmp_path / "a" / "xlflow.toml").language == "zh"
    assert read_settings(tmp_path / "b" / "xlflow.toml").language == "en"
    chinese = openpyxl.load_workbook(tmp_path / "a" / "teams" / "East.xlsx")
    assert "流程优化计划" in chinese.sheetnames
    english = openpyxl.load_workbook(tmp_path / "b" / "teams" / "East.xlsx")
    assert "Improvement plan" in english.sheetnames


def test_init_as_json(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "w", "--team", "市场一部", "--json").json == {
        "workspace": (tmp_path / "w").as_posix(),
        "language": "zh",
        "workbooks": ["teams/市场一部.xlsx"],
    }


def test_a_workspace_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w", "--team", "市场一部")
    before = {p: p.read_bytes() for p in (tmp_path / "w").rglob("*") if p.is_file()}
    again = run("init", tmp_path / "w", "--team", "市场三部")
    assert (again.code, len(again.err.splitlines())) == (2, 1)
    assert {p: p.read_bytes() for p in (tmp_path / "w").rglob("*") if p.is_file()} == before
