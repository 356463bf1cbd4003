"""``history`` on sample teams."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Run

DAY = ("--as-of", "2024-07-16")


def test_changes_between_versions(run: Run, root: Path) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    edited = openpyxl.load_workbook(workbook)
    edited["流程优化计划"]["E4"] = "2024-07-30"
    edited.save(workbook)
    run("sync", *DAY)
    newest, first = run("history", "teams/市场一部.xlsx", "--json").json["versions"]
    assert newest["changes"][0]["cell"] == "E4"
    assert (newest["changes"][0]["before"], newest["changes"][0]["after"]) == (
        "2024-06-30",
        "2024-07-30",
    )
    assert [finding["code"] for finding in newest["findings"]] == ["XF401"]
    assert first["changes"] == []
    text = run("history", workbook).out
    assert "流程优化计划!E4 完成时间：2024-06-30 → 2024-07-30" in text
    assert f"xlflow restore teams/市场一部.xlsx --version {first['id']}" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["history", "teams/没有.xlsx"], "找不到 teams/没有.xlsx"),
        (["history", "市场一部"], "是不是 teams/市场一部.xlsx？"),
        (["history", "xlflow.toml"], "不是这个工作区的团队工作簿"),
    ],
)
@pytest.mark.usefixtures("root")
def test_anything_but_a_teams_workbook_is_refused(
    run: Run, arguments: list[str], message: str
) -> None:
    run("sync", *DAY)
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
