"""Copies are told by what they hold, whatever their names; shared rows count once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sync.test_run import by_name, contents, edit, plan_cell, reported, statuses
from xlflow.facts import Finding
from xlflow.store import Store
from xlflow.sync import check, run
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16 = datetime(2024, 7, 17)
TEAM = "市场一部"
NAMES = (
    *("市场一部 - 副本", "市场一部 - 副本 (2)", "市场一部 - 複製", "市场一部(1)", "市场一部 (1)"),
    *("市场一部_v2", "市场一部 最终版", "市场一部-最终版2", "市场一部(备份)", "市场一部备份"),
    *("市场一部_20240716", "市场一部7月", "市场一部2024-07", "市场一部[已恢复]", "市场一部_已修复"),
    *("市场一部[冲突]", "市场一部(修改版)", "市场一部(王五)", "复件 市场一部", "副本市场一部"),
    *("备份-市场一部", "最新市场一部", "2024年7月市场一部", "新建 Microsoft Excel 工作表"),
    *("市场一部-PC01", "市场一部 (冲突副本 2024-07-16)"),
    "市场一部.sync-conflict-20240716-101500-ABCDEFG",
    "市场一部 (PC01's conflicted copy 2024-07-16)",
    "市场一部 (SFConflict user@example.com 2024-07-16-10-15-00)",
    "市场一部_DESKTOP-1A2B3C_Jul-16-101500-2024_Conflict",
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    return create_workspace(tmp_path / "share", [], "zh")


def plans(*stages: str) -> list[dict[str, Any]]:
    return [
        {
            "stage": stage,
            "goal": f"{stage}缩短至{number}天",
            "owners": "小张",
            "due": date(2024, 7, 5),
            "acceptance": "≤1天",
        }
        for number, stage in enumerate(stages, 1)
    ]


def write(workspace: Workspace, team: str, *stages: str) -> Path:
    path = workspace.teams / f"{team}.xlsx"
    rows = {"plan": plans(*stages)}
    team_workbook.write(path, team=team, language="zh", settings=workspace.settings, rows=rows)
    return path


def beside(workspace: Workspace) -> dict[str, list[Finding]]:
    with Store.open(workspace.state) as store:
        return {
            state.team: found
            for state in store.workbooks()
            if (found := [f for f in store.findings(state.workbook) if f.code >= "XF318"])
        }


def age(path: Path, days: int) -> None:
    moment = datetime(2024, 7, 1).timestamp() - timedelta(days=days).total_seconds()
    os.utime(path, (moment, moment))


@pytest.mark.parametrize("store", ["kept", "lost"])
def test_none_of_the_names_of_copies_counts_twice(workspace: Workspace, store: str) -> None:
    original = write(workspace, TEAM, "需求调研", "活动执行", "效果复盘")
    run.run(workspace, JULY_16)
    before = reported(workspace).total
    for name in NAMES:
        shutil.copy2(original, workspace.teams / f"{name}.xlsx")
    files = contents(workspace.teams)
    if store == "lost":
        shutil.rmtree(workspace.state)
    for _ in range(2):
        found = statuses(run.run(workspace, JULY_16))
        assert {name for name, status in found.items() if status == "conflict"} == set(NAMES)
        assert found[TEAM] in ("recorded", "unchanged")
        assert contents(workspace.teams) == files, "nothing is written"
        assert reported(workspace).total == before
    checked = {c.team: c.status for c in check.check(check.check_targets(workspace, []), JULY_16)}
    assert checked == {TEAM: check.READ, **dict.fromkeys(NAMES, check.CONFLICT)}


def test_a_copy_edited_by_its_owner_is_one_still(workspace: Workspace) -> None:
    original = write(workspace, TEAM, "需求调研", "活动执行", "效果复盘", "资源协调")
    run.run(workspace, JULY_16)
    copy = shutil.copy(original, workspace.teams / "新建 工作表.xlsx")
    goal = plan_cell(copy, 0, "goal")
    edit(copy, "流程优化计划", {goal: "另一个目标", (goal[0] + 1, goal[1]): "再一个目标"})
    result = by_name(run.run(workspace, JULY_16))["新建 工作表"]
    assert result.status == "conflict"
    assert result.reason is not None
    assert result.reason.params["original"] == f"teams/{TEAM}.xlsx"


def test_the_one_known_first_is_the_original(workspace: Workspace) -> None:
    first = write(workspace, "甲组的表", "需求调研", "活动执行")
    run.run(workspace, JULY_16)
    copy = workspace.teams / "乙.xlsx"
    shutil.copy(first, copy)
    age(copy, 300)
    assert statuses(run.run(workspace, JULY_16)) == {"甲组的表": "unchanged", "乙": "conflict"}


def test_the_one_whose_name_the_other_extends_is_the_original(workspace: Workspace) -> None:
    """Although the other was known first."""
    late = write(workspace, f"{TEAM}_v2", "需求调研", "活动执行")
    run.run(workspace, JULY_16)
    shutil.copy(late, workspace.teams / f"{TEAM}.xlsx")
    for _ in range(2):
        found = statuses(run.run(workspace, JULY_16))
        assert found[f"{TEAM}_v2"] == "conflict"
        assert found[TEAM] in ("recorded", "unchanged")
    assert set(reported(workspace).teams) == {TEAM}


def test_without_a_store_the_older_file_is_the_original(workspace: Workspace) -> None:
    newer = write(workspace, "甲", "需求调研", "活动执行")
    run.run(workspace, JULY_16)
    older = workspace.teams / "名字更长的乙.xlsx"
    shutil.copy(newer, older)
    age(older, 30)
    shutil.rmtree(workspace.state)
    for _ in range(2):
        assert statuses(run.run(workspace, JULY_16))["甲"] == "conflict"


def test_a_copy_counts_once_its_original_is_gone_or_has_other_rows(workspace: Workspace) -> None:
    original = write(workspace, TEAM, "需求调研", "活动执行")
    run.run(workspace, JULY_16)
    shutil.copy(original, workspace.teams / "备用.xlsx")
    assert statuses(run.run(workspace, JULY_16))["备用"] == "conflict"
    write(workspace, TEAM, "效果复盘", "方案策划")
    found = statuses(run.run(workspace, JULY_16))
    assert found == {TEAM: "recorded", "备用": "recorded"}


def test_a_name_that_looks_like_a_copy_may_be_a_team(workspace: Workspace) -> None:
    write(workspace, "市场部", "需求调研", "活动执行")
    write(workspace, "市场部(2)", "效果复盘", "资源协调")
    run.run(workspace, JULY_16)
    assert set(statuses(run.run(workspace, JULY_16)).values()) == {"unchanged"}
    assert set(reported(workspace).teams) == {"市场部", "市场部(2)"}


def test_a_workbook_retyped_over_another_ones_rows_is_a_team(workspace: Workspace) -> None:
    """The ids stay in the hidden cells of the rows that were typed over."""
    original = write(workspace, TEAM, "需求调研", "活动执行")
    run.run(workspace, JULY_16)
    copy = shutil.copy(original, workspace.teams / "品牌部.xlsx")
    row, column = plan_cell(copy, 0, "stage")
    texts = ("资源协调", "方案定稿", "老王", "2024-08-01", "两周")
    cells: Mapping[tuple[int, int], str | None] = {
        (row + below, column + place): None if place == 2 else f"{text}{below}"
        for below in (0, 1)
        for place, text in zip((0, 1, 3, 4, 5), texts, strict=True)
    }
    edit(copy, "流程优化计划", cells)
    assert statuses(run.run(workspace, JULY_16))["品牌部"] == "recorded"
    assert not beside(workspace)


def last_months_beside_this_months(workspace: Workspace) -> tuple[Path, Path]:
    """Make June's workbook of five rows, and July's with one of them and four others."""
    june = write(workspace, "六月", "需求调研", "活动执行", "效果复盘", "资源协调", "方案策划")
    run.run(workspace, JULY_16)
    july = workspace.teams / "七月.xlsx"
    shutil.copy(june, july)
    row, column = plan_cell(july, 1, "stage")
    cells = {
        (row + below - 1, column + place): text.format(below)
        for below in range(1, 5)
        for place, text in enumerate(("环节{}", "目标{}", "措施{}", "老王", "2024-07-0{}", "≤1天"))
    }
    edit(july, "流程优化计划", cells)
    return june, july


def test_shared_rows_count_once_in_the_file_changed_last(workspace: Workspace) -> None:
    june, _ = last_months_beside_this_months(workspace)
    for _ in range(2):
        assert "conflict" not in statuses(run.run(workspace, JULY_16)).values()
        report = reported(workspace)
        counts = {team: figures["plan_rows"] for team, figures in report.teams.items()}
        assert counts == {"六月": 4, "七月": 5}
        assert report.total["plan_rows"] == 9
        assert len(report.overdue) == 9
    found = beside(workspace)
    assert {f.code for f in (*found["六月"], *found["七月"])} == {"XF319"}
    assert found["六月"][0].params == {"other": "七月.xlsx", "count": 1, "counted": "七月.xlsx"}
    assert found["七月"][0].params == {"other": "六月.xlsx", "count": 1, "counted": "七月.xlsx"}

    edit(june, "流程优化计划", {plan_cell(june, 4, "goal"): "目标又改了"})
    run.run(workspace, JULY_16)
    counts = {team: figures["plan_rows"] for team, figures in reported(workspace).teams.items()}
    assert counts == {"六月": 5, "七月": 4}

    june.unlink()
    run.run(workspace, JULY_16)
    counts = {team: figures["plan_rows"] for team, figures in reported(workspace).teams.items()}
    assert counts == {"七月": 5}
    assert not beside(workspace)


def test_an_edit_elsewhere_leaves_what_is_shared(workspace: Workspace) -> None:
    last_months_beside_this_months(workspace)
    run.run(workspace, JULY_16)
    other = write(workspace, "品牌部", "需求调研二")
    run.run(workspace, JULY_16)
    edit(other, "流程优化计划", {plan_cell(other, 0, "goal"): "目标又改了"})
    run.run(workspace, JULY_16 + timedelta(days=1))
    assert set(beside(workspace)) == {"六月", "七月"}
    assert reported(workspace).total["plan_rows"] == 10


def test_equal_files_without_ids_are_asked_about_in_both(workspace: Workspace) -> None:
    original = write(workspace, "甲组", "需求调研", "活动执行")
    shutil.copy(original, workspace.teams / "乙组.xlsx")
    checked = check.check(check.check_targets(workspace, []), JULY_16)
    assert [[f.code for f in c.findings if f.code == "XF318"] for c in checked] == [["XF318"]] * 2
    for _ in range(2):
        assert "conflict" not in statuses(run.run(workspace, JULY_16)).values()
        found = beside(workspace)
        assert [f.params["other"] for f in found["甲组"]] == ["乙组.xlsx"]
        assert [f.params["other"] for f in found["乙组"]] == ["甲组.xlsx"]
    assert reported(workspace).total["plan_rows"] == 4


def test_a_renamed_file_keeps_what_it_shares(workspace: Workspace) -> None:
    june, _ = last_months_beside_this_months(workspace)
    run.run(workspace, JULY_16)
    june.rename(june.with_name("旧的六月.xlsx"))
    run.run(workspace, JULY_16)
    assert reported(workspace).total["plan_rows"] == 9
    assert set(beside(workspace)) == {"旧的六月", "七月"}
