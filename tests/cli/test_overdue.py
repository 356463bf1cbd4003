"""``overdue`` on sample teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run


@pytest.mark.usefixtures("root")
def test_overdue_as_json(run: Run) -> None:
    found = run("overdue", "--json", "--as-of", "2024-07-01").json
    assert set(found) == {"as_of", "overdue"}
    assert found["as_of"] == "2024-07-01"
    first = next(item for item in found["overdue"] if item["team"] == "市场一部")
    assert first == {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "sheet": "流程优化计划",
        "cell": "E4",
        "row": 4,
        "item": first["item"],
        "owners": ["小张"],
        "due": "2024-06-30",
        "late": "逾期1天",
        "late_seconds": 24 * 3600,
    }
    assert "需求调研" in first["item"]


@pytest.mark.usefixtures("root")
def test_the_latest_come_first(run: Run) -> None:
    ran = run("overdue", "--as-of", "2024-07-16")
    assert ran.code == 0
    header, _, first, *_ = ran.out.splitlines()
    assert header.split()[0] == "逾期"
    assert first.startswith("逾期16天  ")
    assert first.endswith("  市场一部.xlsx › 流程优化计划!E4")
    assert "  小张  " in first


@pytest.mark.usefixtures("root")
def test_nothing_is_overdue_before_anything_was_due(run: Run) -> None:
    ran = run("overdue", "--as-of", "2020-01-01")
    assert (ran.code, ran.out) == (0, "没有逾期的事项。\n")


def test_an_unreadable_workbook_does_not_hide_the_others(run: Run, root: Path) -> None:
    (root / "teams" / "坏了.xlsx").write_bytes(b"no workbook")
    ran = run("overdue", "--as-of", "2024-07-16")
    assert ran.code == 0
    assert ran.err.startswith("坏了.xlsx：")
    assert "逾期16天" in ran.out
