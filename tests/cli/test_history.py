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


def test_the_newest_versions_are_listed(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    for day in ("2024-07-30", "2024-07-31", "2024-08-01"):
        edited = openpyxl.load_workbook(workbook)
        edited["流程优化计划"]["E4"] = day
        edited.save(workbook)
        run("sync", *DAY)
    everything = run("history", workbook, "--json").json["versions"]
    assert len(everything) == 4
    # The oldest of those listed is compared with the one before it all the same.
    assert run("history", workbook, "--json", "--limit", 2).json["versions"] == everything[:2]
    assert "--limit" not in run("history", workbook).out
    monkeypatch.setattr("xlflow.cli.history._SHOWN", 3)
    text = run("history", workbook).out
    assert "还有 1 个更早的版本；加上 --limit 4 可以全部列出。" in text
    assert [v["id"] in text for v in everything] == [True, True, True, False]
    assert run("history", workbook, "--limit", 4).out.count("KB") == 4
    assert run("history", workbook, "--limit", 0).code == 2
