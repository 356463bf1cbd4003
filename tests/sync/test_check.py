"""Which workbooks a check covers, and which it recognises as copies."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from xlflow import workspace
from xlflow.sync import check
from xlflow.sync.check import CONFLICT, READ, UNREADABLE
from xlflow.templates import team_workbook
from xlflow.workspace_creation import create_workspace

NOW = datetime(2024, 7, 17)


@pytest.fixture
def space(tmp_path: Path) -> workspace.Workspace:
    return create_workspace(tmp_path / "w", ["市场一部", "市场二部"])


def test_without_paths_all_teams_are_checked(space: workspace.Workspace) -> None:
    targets = check.check_targets(space, [])
    assert [target.workbook for target in targets] == ["teams/市场一部.xlsx", "teams/市场二部.xlsx"]


def test_a_path_named_twice_is_checked_once(space: workspace.Workspace) -> None:
    path = space.teams / "市场一部.xlsx"
    assert len(check.check_targets(space, [path, space.teams, path])) == 2


def test_an_empty_copy_of_an_empty_workbook_shares_nothing(space: workspace.Workspace) -> None:
    (space.teams / "市场一部(1).xlsx").write_bytes((space.teams / "市场一部.xlsx").read_bytes())
    checked = check.check(check.check_targets(space, []), NOW)
    assert [book.status for book in checked] == [READ, READ, READ]


def test_every_copy_is_named_with_the_first_original(space: workspace.Workspace) -> None:
    team_workbook.write(
        space.teams / "市场一部.xlsx",
        team="市场一部",
        language="zh",
        settings=space.settings,
        rows={"problem": [{"stage": "效果复盘", "owner": "老王", "days": 4, "impact": "低"}]},
    )
    for copy in ("市场一部 - 副本.xlsx", "市场一部 - 副本 (2).xlsx"):
        (space.teams / copy).write_bytes((space.teams / "市场一部.xlsx").read_bytes())
    checked = check.check(check.check_targets(space, []), NOW)
    originals = [book.reason and book.reason.params["original"] for book in checked]
    assert sorted(filter(None, originals)) == ["teams/市场一部.xlsx", "teams/市场一部.xlsx"]


def test_two_formats_of_one_team_conflict(space: workspace.Workspace) -> None:
    (space.teams / "市场一部.xlsm").write_bytes((space.teams / "市场一部.xlsx").read_bytes())
    checked = check.check(check.check_targets(space, []), NOW)
    assert {book.workbook: book.status for book in checked} == {
        "teams/市场一部.xlsm": CONFLICT,
        "teams/市场一部.xlsx": CONFLICT,
        "teams/市场二部.xlsx": READ,
    }
    assert checked[0].reason is not None
    assert checked[0].reason.params == {"original": "teams/市场一部.xlsx"}


def test_links_are_never_followed(space: workspace.Workspace, tmp_path: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(space.teams / "市场一部.xlsx")
    (checked,) = check.check(check.check_targets(None, [link]), NOW)
    assert checked.status == UNREADABLE


def test_a_crash_over_one_workbook_does_not_stop_the_others(
    space: workspace.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = check.process

    def fails(data: bytes, inputs: check.Inputs, *rest: object) -> object:
        if inputs.team == "市场一部":
            raise RuntimeError("surprise")
        return real(data, inputs, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(check, "process", fails)
    checked = check.check(check.check_targets(space, []), NOW)
    assert [book.status for book in checked] == [UNREADABLE, READ]


def test_progress_is_reported_before_each_workbook(space: workspace.Workspace) -> None:
    calls: list[tuple[int, int, str]] = []
    check.check(check.check_targets(space, []), NOW, lambda *step: calls.append(step))
    assert calls == [(0, 2, "市场一部.xlsx"), (1, 2, "市场二部.xlsx")]
