"""``restore`` on sample teams."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Run

DAY = ("--as-of", "2024-07-16")


def test_an_edited_or_deleted_workbook_comes_back(run: Run, root: Path) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    edited = openpyxl.load_workbook(workbook)
    before = edited["流程优化计划"]["E4"].value
    edited["流程优化计划"]["E4"] = "2024-07-30"
    edited.save(workbook)
    run("sync", *DAY)
    _, first = run("history", "teams/市场一部.xlsx", "--json").json["versions"]
    ran = run("restore", workbook, "--version", first["id"], *DAY)
    assert (ran.code, ran.err) == (0, "")
    assert openpyxl.load_workbook(workbook)["流程优化计划"]["E4"].value == before
    workbook.unlink()
    assert run("restore", "teams/市场一部.xlsx", "--version", first["id"]).code == 0
    assert openpyxl.load_workbook(workbook)["流程优化计划"]["E4"].value == before


def test_an_open_workbook_is_not_replaced(run: Run, root: Path) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    (kept,) = run("history", workbook, "--json").json["versions"]
    before = workbook.read_bytes()
    (root / "teams" / ".~lock.市场一部.xlsx#").write_text(",小张，elsewhere,16.07.2024 09:00;")
    ran = run("restore", workbook, "--version", kept["id"])
    assert (ran.code, ran.out) == (1, "")
    assert "市场一部.xlsx 正被打开" in ran.err
    assert workbook.read_bytes() == before


@pytest.mark.usefixtures("root")
def test_an_unknown_version_is_refused(run: Run) -> None:
    run("sync", *DAY)
    ran = run("restore", "teams/市场一部.xlsx", "--version", "zzz")
    assert (ran.code, ran.out) == (2, "")
    assert "没有版本 zzz" in ran.err
    assert len(ran.err.splitlines()) == 1
