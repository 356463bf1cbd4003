"""A deleted or damaged database: rebuilt with what people changed before, and said once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.running import Run
from xlflow.ooxml.book import Book
from xlflow.store import Store
from xlflow.store.database import FILE_NAME
from xlflow.workspace import find

TEAM, PLAN = "teams/市场一部.xlsx", "流程优化计划"


def recorded(root: Path) -> list[tuple[Any, ...]]:
    """Return what is recorded of the changes, with the versions and the day of each."""
    with Store.open(find(root).state) as store:
        return sorted(
            (str(c.what), c.version_before, c.version_after, c.seen) for c in store.changes(TEAM)
        )


def told_in_summary(root: Path) -> list[tuple[Any, ...]]:
    """Return the rows of July's summary about a moved due date."""
    book = Book((root / "summaries" / "汇总-2024-07.xlsx").read_bytes())
    rows = [
        tuple(str(cell.value) for cell in row.values())
        for sheet in book.sheets
        for row in sheet.rows.values()
    ]
    return [row for row in rows if "XF401" in row]


@pytest.mark.parametrize("damage", ["deleted", "set aside"])
def test_changes_between_kept_versions_are_recorded_again(
    run: Run, root: Path, damage: str
) -> None:
    run("sync", "--as-of", "2024-07-16")
    book = openpyxl.load_workbook(root / TEAM)
    book[PLAN]["E4"] = "2024-09-30"
    book.save(root / TEAM)
    run("sync", "--as-of", "2024-07-18")
    before = recorded(root)
    assert any("XF401" in what for what, *_ in before)
    told = told_in_summary(root)
    assert told

    state = find(root).state
    if damage == "deleted":
        for file in state.glob(f"{FILE_NAME}*"):
            file.unlink()
    else:
        for file in state.glob(f"{FILE_NAME}-*"):
            file.unlink()
        (state / FILE_NAME).write_bytes(b"\0" * 5000)
    shutil.rmtree(root / "summaries")
    first = run("sync", "--as-of", "2024-07-18")
    assert first.code == 0
    assert first.err.count("重新建立") == 1
    if damage == "set aside":
        (old,) = state.glob("xlflow-*.db")
        assert str(old) in first.err
    assert recorded(root) == before
    assert told_in_summary(root) == told
    assert run("sync", "--as-of", "2024-07-18").err == ""
    assert recorded(root) == before


def test_a_first_pass_says_nothing_of_a_rebuild(run: Run, root: Path) -> None:
    assert (root / TEAM).exists()
    assert run("sync", "--as-of", "2024-07-16").err == ""
