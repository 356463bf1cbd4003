"""When a month's summary is written, when not, and what then is said."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from xlflow import workspace as workspaces
from xlflow.errors import UsageError, WriteRefusedError
from xlflow.ooxml import splice
from xlflow.ooxml.book import Book
from xlflow.ooxml.table_finder import find_tables
from xlflow.schema import PLAN
from xlflow.store import Store
from xlflow.summary import renewal
from xlflow.sync import run
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16, JULY_18, AUGUST_2 = datetime(2024, 7, 17), datetime(2024, 7, 19), datetime(2024, 8, 3)
NOW = run.system_clock()


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory, sample_files: Mapping[str, bytes]) -> Path:
    """A folder with a workspace after a pass and, beside it, its state."""
    folder = tmp_path_factory.mktemp("passed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XLFLOW_STATE_DIR", str(folder / "state"))
        workspace = create_workspace(folder / "share", [], "zh")
        for name, content in sample_files.items():
            (workspace.teams / name).write_bytes(content)
        run.run(workspace, JULY_16)
    return folder


@pytest.fixture
def demo(passed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it."""
    shutil.copytree(passed, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    return workspaces.find(tmp_path / "share")


def renewed(workspace: Workspace, as_of: datetime) -> dict[str, renewal.SummaryResult]:
    with Store.open(workspace.state) as store:
        return {made.month: made for made in renewal.renew(workspace, store, as_of, NOW)}


def test_nothing_new_makes_no_report(demo: Workspace) -> None:
    (unchanged,) = renewed(demo, JULY_16).values()
    assert not isinstance(unchanged, renewal.SummaryReport)
    assert not unchanged.written


def test_a_day_later_the_report_is_made_anew(demo: Workspace) -> None:
    (later,) = renewed(demo, JULY_18).values()
    assert isinstance(later, renewal.SummaryReport)
    assert later.written


def test_a_new_month_is_added_to_the_existing_ones(demo: Workspace) -> None:
    run.run(demo, AUGUST_2)
    names = sorted(path.name for path in demo.summaries.iterdir())
    assert names == ["汇总-2024-07.xlsx", "汇总-2024-08.xlsx"]


def test_an_edit_renews_it_and_a_touch_does_not(demo: Workspace) -> None:
    path = demo.teams / "市场一部.xlsx"
    path.touch()
    assert [s.written for s in run.run(demo, JULY_16).summaries] == [False]
    row = find_tables(Book(path.read_bytes()), year=2024).tables["plan"].rows[0]
    cell = row.value_in("goal").cell
    edit = {PLAN.sheet.zh: {(cell.row, cell.column): "提升至99%"}}
    path.write_bytes(splice.splice(path.read_bytes(), edit))
    assert [s.written for s in run.run(demo, JULY_16).summaries] == [True]


def test_a_summary_that_was_deleted_is_written_again(demo: Workspace) -> None:
    path = demo.summaries / "汇总-2024-07.xlsx"
    content = path.read_bytes()
    path.unlink()
    (again,) = renewed(demo, JULY_16).values()
    assert again.written
    assert path.read_bytes() == content


def test_elsewhere_it_is_always_written_and_remembered_nowhere(
    demo: Workspace, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "本月.xlsx"
    for _ in range(2):
        with Store.open(demo.state) as store:
            made = renewal.write_summary(demo, store, "2024-07", JULY_16, NOW, out)
            assert made.written
            assert store.summary("2024-07") is not None
    assert out.exists()


def test_a_place_that_refuses_is_named(demo: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with Store.open(demo.state) as store, pytest.raises(WriteRefusedError, match="summary_refused"):
        renewal.write_summary(demo, store, "2024-07", JULY_16, NOW, tmp_path / "file" / "x.xlsx")


def test_a_summaries_folder_that_is_a_file_leaves_the_pass_whole(demo: Workspace) -> None:
    for path in demo.summaries.iterdir():
        path.unlink()
    demo.summaries.rmdir()
    demo.summaries.write_text("x")
    result = run.run(demo, JULY_18)
    (summary,) = result.summaries
    assert summary.deferred is not None
    assert {book.status for book in result.workbooks} <= {"recorded", "unchanged", "conflict"}


@pytest.mark.parametrize("text", ["2024-13", "2024-7", "七月", "2024-07-01", "", "0000-01"])
def test_an_invalid_month_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        renewal.parse_month(text)
