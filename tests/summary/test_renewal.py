"""When a month's summary is written, when not, and what the result is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from xlflow.errors import UsageError, WriteRefusedError
from xlflow.ooxml import splice
from xlflow.ooxml.book import read_book
from xlflow.ooxml.table_finder import find_tables
from xlflow.schema import PLAN
from xlflow.store import Store
from xlflow.summary import renewal
from xlflow.sync import run
from xlflow.templates import samples
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16, JULY_18, AUGUST_2 = datetime(2024, 7, 17), datetime(2024, 7, 19), datetime(2024, 8, 3)
NOW = run.system_clock()


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    workspace = create_workspace(tmp_path / "share", [], "zh")
    samples.write_samples(workspace.teams, workspace.settings, "zh")
    run.run(workspace, JULY_16)
    return workspace


def renewed(workspace: Workspace, as_of: datetime) -> dict[str, renewal.SummaryResult]:
    with Store.open(workspace.state) as store:
        return {result.month: result for result in renewal.renew(workspace, store, as_of, NOW)}


def test_unchanged_data_needs_no_report(demo: Workspace) -> None:
    (unchanged,) = renewed(demo, JULY_16).values()
    assert not isinstance(unchanged, renewal.SummaryReport)
    assert not unchanged.written


def test_the_report_is_computed_again_on_another_day(demo: Workspace) -> None:
    (later,) = renewed(demo, JULY_18).values()
    assert isinstance(later, renewal.SummaryReport)
    assert later.written


def test_a_new_month_gets_its_own_summary(demo: Workspace) -> None:
    run.run(demo, AUGUST_2)
    names = sorted(path.name for path in demo.summaries.iterdir())
    assert names == ["汇总-2024-07.xlsx", "汇总-2024-08.xlsx"]


def test_an_edit_renews_the_summary_but_a_touch_does_not(demo: Workspace) -> None:
    path = demo.teams / "市场一部.xlsx"
    path.touch()
    assert [s.written for s in run.run(demo, JULY_16).summaries] == [False]
    row = find_tables(read_book(path.read_bytes()), year=2024).tables["plan"].rows[0]
    cell = row.values["goal"].cell
    edit = {PLAN.sheet.zh: {(cell.row, cell.column): "提升至99%"}}
    path.write_bytes(splice.splice(path.read_bytes(), edit))
    assert [s.written for s in run.run(demo, JULY_16).summaries] == [True]


def test_a_deleted_summary_is_written_again(demo: Workspace) -> None:
    path = demo.summaries / "汇总-2024-07.xlsx"
    content = path.read_bytes()
    path.unlink()
    (rewritten,) = renewed(demo, JULY_16).values()
    assert rewritten.written
    assert path.read_bytes() == content


def test_another_path_is_always_written(demo: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "本月.xlsx"
    for _ in range(2):
        with Store.open(demo.state) as store:
            result = renewal.write_summary(demo, store, "2024-07", JULY_16, NOW, out)
            assert result.written
            assert store.summary("2024-07") is not None
    assert out.exists()


def test_an_unwritable_path_is_reported(demo: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with Store.open(demo.state) as store, pytest.raises(WriteRefusedError, match="summary_refused"):
        renewal.write_summary(demo, store, "2024-07", JULY_16, NOW, tmp_path / "file" / "x.xlsx")


def test_a_file_in_place_of_summaries_does_not_fail_the_pass(demo: Workspace) -> None:
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
