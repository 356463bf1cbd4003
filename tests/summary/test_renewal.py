"""When a month's summary is written, when not, and what then is said."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from xlflow.errors import UsageError, WriteRefusedError
from xlflow.ooxml import splice
from xlflow.ooxml.book import Book
from xlflow.ooxml.table_finder import find_tables
from xlflow.schema import PLAN
from xlflow.store import Reason, Store
from xlflow.summary import renewal
from xlflow.summary.document import summary_document
from xlflow.sync import run
from xlflow.values import Context
from xlflow.workspace import Workspace

JULY_16, JULY_18, AUGUST_2 = datetime(2024, 7, 17), datetime(2024, 7, 19), datetime(2024, 8, 3)
AUGUST_5, AUGUST_6 = datetime(2024, 8, 6), datetime(2024, 8, 7)
NOW = run.system_clock()


def renewed(workspace: Workspace, as_of: datetime) -> dict[str, renewal.SummaryResult]:
    with Store.open(workspace.state) as store:
        return {made.month: made for made in renewal.renew(workspace, store, as_of, NOW)}


def test_nothing_new_makes_no_report(demo: Workspace) -> None:
    with Store.open(demo.state) as store:
        before = store.summary("2024-07")
        (unchanged,) = renewal.renew(demo, store, JULY_16 - timedelta(hours=1), NOW)
        assert store.summary("2024-07") == before
    assert not isinstance(unchanged, renewal.SummaryReport)
    assert not unchanged.written


def test_a_day_later_the_report_is_made_anew(demo: Workspace) -> None:
    (later,) = renewed(demo, JULY_18).values()
    assert isinstance(later, renewal.SummaryReport)
    assert later.written


def test_a_new_month_is_added_to_the_existing_ones(demo: Workspace) -> None:
    run.run(demo, AUGUST_2)
    names = sorted(path.name for path in demo.summaries.iterdir())
    assert names == [f"汇总-2024-{m}.{kind}" for m in ("07", "08") for kind in ("json", "xlsx")]


def test_the_document_is_that_of_the_command(demo: Workspace) -> None:
    path = demo.summaries / "汇总-2024-07.json"
    with Store.open(demo.state) as store:
        made = renewal.write_summary(demo, store, "2024-07", JULY_16, NOW)
    assert json.loads(path.read_text("utf-8")) == summary_document(made.report, made.path, demo)
    assert "市场一部" in path.read_text("utf-8")


def test_the_document_alone_has_the_same_figures(demo: Workspace) -> None:
    path = demo.summaries / "汇总-2024-07.json"
    whole = path.read_bytes()
    path.unlink()
    with Store.open(demo.state) as store:
        renewal.renew_documents(demo, store, JULY_16)
    assert path.read_bytes() == whole


def test_the_document_is_written_only_when_its_data_changed(demo: Workspace) -> None:
    path = demo.summaries / "汇总-2024-07.json"
    text = path.read_text("utf-8")
    for made in ('"as_of": "', '"made_at": "'):
        text = text.replace(f"{made}2024-07-16", f"{made}2024-07-15")
    path.write_text(text, "utf-8")
    before = path.read_bytes()
    with Store.open(demo.state) as store:
        renewal.write_summary(demo, store, "2024-07", JULY_16, NOW)
        assert path.read_bytes() == before
        path.write_bytes(before[:-9])
        renewal.write_summary(demo, store, "2024-07", JULY_16, NOW)
    assert json.loads(path.read_bytes())["as_of"] == "2024-07-16"


def test_an_open_workbook_does_not_hold_up_the_document(demo: Workspace) -> None:
    workbook, document = (demo.summaries / f"汇总-2024-07.{kind}" for kind in ("xlsx", "json"))
    before = workbook.read_bytes()
    document.unlink()
    (demo.summaries / "~$汇总-2024-07.xlsx").write_bytes(b"\x03Liu" + b" " * 161)
    edit(demo, "提升至95%")
    (summary,) = run.run(demo, JULY_18).summaries
    assert summary.deferred is not None
    assert workbook.read_bytes() == before
    assert json.loads(document.read_bytes())["as_of"] == "2024-07-18"


def test_the_rows_behind_an_open_workbook_are_not_computed(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_mark = demo.summaries / "~$汇总-2024-07.xlsx"
    open_mark.write_bytes(b"\x03Liu" + b" " * 161)
    with monkeypatch.context() as patched:
        patched.setattr("xlflow.figures.rollup.month_report", None)
        (waiting,) = renewed(demo, JULY_18).values()
    assert (waiting.written, waiting.deferred) == (False, Reason("sync.summary_open"))
    open_mark.unlink()
    (closed,) = renewed(demo, JULY_18).values()
    assert (closed.written, closed.deferred) == (True, None)


def test_a_document_that_cannot_be_written_is_tried_again(demo: Workspace) -> None:
    document = demo.summaries / "汇总-2024-07.json"
    document.unlink()
    document.mkdir()
    (summary,) = renewed(demo, JULY_18).values()
    assert summary.written
    assert summary.deferred is not None
    document.rmdir()
    (again,) = renewed(demo, JULY_18).values()
    assert (again.written, again.deferred) == (False, None)
    assert document.is_file()


def edit(workspace: Workspace, goal: str) -> None:
    """Change one cell of one team's plan."""
    path = workspace.teams / "市场一部.xlsx"
    plan = find_tables(Book(path.read_bytes()), Context(seen=date(2024, 7, 1))).tables["plan"]
    cells = {PLAN.sheet.zh: {(plan.rows[0].number, plan.columns["goal"]): goal}}
    path.write_bytes(splice.splice(path.read_bytes(), cells))


def test_an_edit_renews_it_and_a_touch_does_not(demo: Workspace) -> None:
    path = demo.teams / "市场一部.xlsx"
    path.touch()
    assert [s.written for s in run.run(demo, JULY_16).summaries] == [False]
    edit(demo, "提升至99%")
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
