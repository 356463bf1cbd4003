"""``init`` and ``team``."""

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


def test_workbooks_are_chinese_unless_another_language_was_asked_for(
    run: Run, tmp_path: Path
) -> None:
    run("init", tmp_path / "a", "--team", "East")
    run("--language", "en", "init", tmp_path / "b", "--team", "East")
    assert read_settings(tmp_path / "a" / "xlflow.toml").language == "zh"
    assert read_settings(tmp_path / "b" / "xlflow.toml").language == "en"
    workbook = openpyxl.load_workbook(tmp_path / "b" / "teams" / "East.xlsx")
    assert "Improvement plan" in workbook.sheetnames


def test_init_as_json(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "w", "--team", "市场一部", "--json").json == {
        "workspace": (tmp_path / "w").as_posix(),
        "language": "zh",
        "workbooks": ["teams/市场一部.xlsx"],
    }


def test_nothing_is_overwritten(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w", "--team", "市场一部")
    before = {p: p.read_bytes() for p in (tmp_path / "w").rglob("*") if p.is_file()}
    again = run("init", tmp_path / "w", "--team", "市场三部")
    taken = run("-C", tmp_path / "w", "team", "市场一部")
    assert (again.code, taken.code) == (2, 2)
    assert len(again.err.splitlines()) == len(taken.err.splitlines()) == 1
    assert {p: p.read_bytes() for p in (tmp_path / "w").rglob("*") if p.is_file()} == before


def test_teams_are_added_to_the_workspace_meant(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    ran = run("team", "市场一部", "北区", "-C", tmp_path / "w", "--json")
    assert ran.json == {"workbooks": ["teams/市场一部.xlsx", "teams/北区.xlsx"]}


def test_without_a_workspace_it_says_how_to_get_one(run: Run) -> None:
    for command in (["team", "市场一部"], ["sync"], ["status"], ["overdue"], ["history", "x"]):
        ran = run(*command)
        assert ran.code == 2
        assert "xlflow init" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_name_that_no_file_can_have(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    ran = run("-C", tmp_path / "w", "team", "市场/一部")
    assert ran.code == 2
    assert "/" in ran.err
    assert not any((tmp_path / "w" / "teams").iterdir())


def test_a_typo_in_the_settings_is_named(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    settings = tmp_path / "w" / "xlflow.toml"
    settings.write_text('langauge = "en"\n', encoding="utf-8")
    ran = run("-C", tmp_path / "w", "status")
    assert ran.code == 2
    assert "langauge" in ran.err
    assert "language" in ran.err
    settings.write_text("language = zh\n", encoding="utf-8")
    ran = run("-C", tmp_path / "w", "sync")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
