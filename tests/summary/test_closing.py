"""What a closed month keeps, when a month closes, and what opens it again."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.summary import example_report
from xlflow import workspace as workspaces
from xlflow.config import FILE_NAME
from xlflow.errors import UsageError, WorkspaceError, WriteRefusedError
from xlflow.ooxml import splice
from xlflow.ooxml.book import Book
from xlflow.ooxml.table_finder import find_tables
from xlflow.schema import PLAN
from xlflow.store import Store
from xlflow.summary import closed_months, closing, renewal
from xlflow.summary.document import summary_document
from xlflow.summary.report_encoding import decode_report, encode_rows
from xlflow.summary.workbook import report_digest, write_workbook
from xlflow.sync import run
from xlflow.values import Context
from xlflow.workspace import Workspace

JULY_16 = datetime(2024, 7, 17)
LAST_DAY_OF_GRACE, GRACE_IS_OVER = datetime(2024, 8, 6), datetime(2024, 8, 7)
SEPTEMBER = datetime(2024, 9, 18)
NOW = run.system_clock()


@pytest.fixture
def closed(demo: Workspace) -> Workspace:
    """The same after July closed by itself."""
    run.run(demo, GRACE_IS_OVER)
    assert closed_months.closed_months(demo) == ["2024-07"]
    return demo


def edit(workspace: Workspace, field: str = "due", value: object = "2024-07-02") -> None:
    """Change one cell of one team's plan."""
    path = workspace.teams / "市场一部.xlsx"
    plan = find_tables(Book(path.read_bytes()), Context(seen=date(2024, 7, 16))).tables["plan"]
    cells = {PLAN.sheet.zh: {(plan.rows[0].number, plan.columns[field]): value}}
    path.write_bytes(splice.splice(path.read_bytes(), cells))


def digests(workspace: Workspace, month: str = "2024-07") -> dict[str, str]:
    """Return a digest of every file of a month in the share."""
    paths = [
        *sorted((workspace.summaries / ".closed" / month).iterdir()),
        *sorted(workspace.summaries.glob(f"汇总-{month}.*")),
    ]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_month_closes_by_itself_after_its_grace_period(demo: Workspace) -> None:
    run.run(demo, LAST_DAY_OF_GRACE)
    assert closed_months.closed_months(demo) == []
    edit(demo, "goal", "提升至97%")
    made = run.run(demo, GRACE_IS_OVER).summaries
    assert [(s.month, s.written) for s in made] == [("2024-07", True), ("2024-08", True)]
    assert closed_months.closed_months(demo) == ["2024-07"]
    rows = (demo.summaries / ".closed/2024-07/rows.jsonl").read_text("utf-8")
    assert "提升至97%" in rows or "提升至97%" in str(list(demo.summaries.glob("*.json")))


def test_what_a_closed_month_keeps(closed: Workspace) -> None:
    folder = closed.summaries / ".closed/2024-07"
    figures = json.loads((folder / "figures.json").read_bytes())
    assert figures["closed"] is True
    assert (figures["until"], figures["made_at"]) == ("2024-07-31", "2024-08-06")
    assert figures == json.loads((closed.summaries / "汇总-2024-07.json").read_bytes())
    sources = json.loads((folder / "sources.json").read_bytes())
    assert {source["team"] for source in sources} == set(figures["figures"]["teams"])
    with Store.open(closed.state) as store:
        for source in sources:
            version = store.kept.find(source["workbook"], source["version"])
            assert store.kept.load(version)[:2] == b"PK"
    lines = [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]
    campaigns = [line for line in lines if line["list"] == "campaigns"]
    assert len(campaigns) == figures["figures"]["total"]["campaigns"]
    assert all(line["workbook"] and line["sheet"] and line["cell"] for line in campaigns)


def test_nothing_moves_a_closed_month(closed: Workspace) -> None:
    before = digests(closed)
    edit(closed)
    run.run(closed, GRACE_IS_OVER + timedelta(days=1))
    (closed.teams / "市场一部.xlsx").rename(closed.teams / "市场三部.xlsx")
    run.run(closed, GRACE_IS_OVER + timedelta(days=2))
    (closed.teams / "市场三部.xlsx").unlink()
    run.run(closed, SEPTEMBER)
    run.run(closed, JULY_16)
    with Store.open(closed.state) as store:
        again = renewal.write_summary(closed, store, "2024-07", SEPTEMBER, NOW)
        closing.close(closed, store, "2024-07", SEPTEMBER, NOW)
    assert not again.written
    assert again.report.closed
    assert digests(closed) == before


def test_an_edit_of_a_closed_month_is_told_in_the_open_one(closed: Workspace) -> None:
    edit(closed, "goal", "提升至96%")
    run.run(closed, GRACE_IS_OVER + timedelta(days=1))
    document = json.loads((closed.summaries / "汇总-2024-08.json").read_bytes())
    (told,) = document["later_edits"]
    assert (told["code"], told["team"], told["value"]) == ("XF406", "市场一部", "提升至96%")
    assert "2024-07" in told["message"]
    with zipfile.ZipFile(closed.summaries / "汇总-2024-08.xlsx") as package:
        assert "已结账月份的更改：1 处" in package.read("xl/sharedStrings.xml").decode()


def test_finishing_in_august_is_no_edit_of_july(closed: Workspace) -> None:
    path = closed.teams / "市场一部.xlsx"
    tables = find_tables(Book(path.read_bytes()), Context(seen=date(2024, 7, 16))).tables
    plan = tables["plan"]
    row = next(r for r in plan.rows if r.get("done_on") is None and r.get("status") != "已完成")
    cells = {(row.number, plan.columns["done_on"]): "2024-08-07"}
    cells[row.number, plan.columns["status"]] = "已完成"
    path.write_bytes(splice.splice(path.read_bytes(), {PLAN.sheet.zh: cells}))
    run.run(closed, GRACE_IS_OVER + timedelta(days=1))
    document = json.loads((closed.summaries / "汇总-2024-08.json").read_bytes())
    assert document["later_edits"] == []


def test_a_lost_store_or_a_new_machine_moves_nothing(
    closed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(closed)
    shutil.rmtree(tmp_path / "state")
    edit(closed)
    run.run(closed, SEPTEMBER)
    assert digests(closed) == before
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "elsewhere"))
    run.run(closed, SEPTEMBER)
    with Store.open(closed.state) as store:
        assert renewal.write_summary(closed, store, "2024-07", SEPTEMBER, NOW).report.closed
    assert digests(closed) == before
    assert (closed.state / "closed/2024-07/figures.json").is_file()


def test_a_lost_workbook_is_made_again_from_what_was_kept(closed: Workspace) -> None:
    workbook, document = (closed.summaries / f"汇总-2024-07.{k}" for k in ("xlsx", "json"))
    before = workbook.read_bytes(), document.read_bytes()
    edit(closed)
    run.run(closed, GRACE_IS_OVER)
    workbook.unlink()
    document.unlink()
    with Store.open(closed.state) as store:
        assert renewal.write_summary(closed, store, "2024-07", SEPTEMBER, NOW).written
    assert (workbook.read_bytes(), document.read_bytes()) == before


def test_a_closed_month_in_another_place(closed: Workspace, tmp_path: Path) -> None:
    edit(closed)
    run.run(closed, GRACE_IS_OVER)
    with Store.open(closed.state) as store:
        made = renewal.write_summary(
            closed, store, "2024-07", SEPTEMBER, NOW, tmp_path / "七月.xlsx"
        )
    assert made.report.closed
    with zipfile.ZipFile(tmp_path / "七月.xlsx") as package:
        assert "已结账" in package.read("xl/sharedStrings.xml").decode()


def test_the_open_month_is_compared_with_the_closed_one(closed: Workspace) -> None:
    kept = closed_months.read_document(closed, "2024-07")["figures"]["total"]
    edit(closed)
    run.run(closed, SEPTEMBER)
    with Store.open(closed.state) as store:
        august = renewal.write_summary(closed, store, "2024-08", SEPTEMBER, NOW).report
    assert august.closed
    assert august.previous == kept
    assert dict(august.trend)["2024-07"] == kept


def test_a_reopened_month_follows_the_workbooks_until_it_is_closed(closed: Workspace) -> None:
    before = digests(closed)
    closing.reopen(closed, "2024-07", "漏了一个活动", SEPTEMBER)
    aside = closed.summaries / ".closed/2024-07.1"
    about = json.loads((aside / "reopened.json").read_bytes())
    assert (about["reason"], about["month"]) == ("漏了一个活动", "2024-07")
    assert closed_months.closed_months(closed) == []
    edit(closed)
    made = run.run(closed, SEPTEMBER).summaries
    assert "2024-07" in [summary.month for summary in made if summary.written]
    assert closed_months.closed_months(closed) == ["2024-08"]  # July doesn't close by itself again
    with Store.open(closed.state) as store:
        assert closing.close(closed, store, "2024-07", SEPTEMBER, NOW)
    after = digests(closed)
    assert after.keys() == before.keys()
    assert after["figures.json"] != before["figures.json"]
    assert sha256((aside / "figures.json").read_bytes()).hexdigest() == before["figures.json"]
    closing.reopen(closed, "2024-07", "再改", SEPTEMBER)
    assert (closed.summaries / ".closed/2024-07.2/figures.json").is_file()


def test_what_can_not_be_closed_or_reopened(demo: Workspace) -> None:
    with Store.open(demo.state) as store:
        with pytest.raises(UsageError) as early:
            closing.close(demo, store, "2024-07", JULY_16, NOW)
        with pytest.raises(UsageError) as ahead:
            closing.close(demo, store, "2099-07", datetime(2099, 8, 20), NOW)
    with pytest.raises(UsageError) as open_still:
        closing.reopen(demo, "2024-07", "…", JULY_16)
    assert early.value.params["last"] == "2024-07-31"
    assert ahead.value.key == "sync.month_not_over"
    assert open_still.value.key == "sync.month_not_closed"
    assert closed_months.closed_months(demo) == []


def test_a_month_closes_on_its_first_day_after_the_end_at_the_earliest(demo: Workspace) -> None:
    end = datetime(2024, 8, 1)  # 24:00 of July 31 still lies in July
    with Store.open(demo.state) as store:
        with pytest.raises(UsageError):
            closing.close(demo, store, "2024-07", end, NOW)
        assert closing.close(demo, store, "2024-07", end + timedelta(minutes=1), NOW)
        assert not closing.close(demo, store, "2024-07", SEPTEMBER, NOW)


def test_no_pass_closes_a_month_before_the_real_clock_does(demo: Workspace) -> None:
    with Store.open(demo.state) as store:
        in_july = datetime(2024, 7, 20, tzinfo=UTC)
        assert closing.close_due(demo, store, GRACE_IS_OVER, in_july) == []
        in_august = datetime(2024, 8, 6, tzinfo=UTC)
        assert closing.close_due(demo, store, GRACE_IS_OVER, in_august) == [("2024-07", None)]


def test_a_month_before_the_first_pass_is_not_closed(closed: Workspace) -> None:
    with Store.open(closed.state) as store:
        june = renewal.write_summary(closed, store, "2024-05", SEPTEMBER, NOW)
    assert june.report.afterwards
    assert not june.report.closed
    before = june.path.read_bytes()
    edit(closed)
    made = run.run(closed, SEPTEMBER).summaries
    assert "2024-05" not in [summary.month for summary in made]
    assert june.path.read_bytes() == before


def test_with_manual_closing_a_month_stays_open(demo: Workspace) -> None:
    settings = demo.root / FILE_NAME
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('close = "auto"', 'close = "manual"'), "utf-8")
    workspace = workspaces.find(demo.root)
    made = run.run(workspace, SEPTEMBER).summaries
    assert closed_months.closed_months(workspace) == []
    assert [summary.month for summary in made] == ["2024-07", "2024-09"]
    edit(workspace)
    assert [s.written for s in run.run(workspace, SEPTEMBER).summaries] == [True, True]


@pytest.mark.parametrize("where", ["share", "state"])
def test_changed_data_are_not_used_in_silence(
    closed: Workspace, where: str, tmp_path: Path
) -> None:
    folder = closed.summaries / ".closed" if where == "share" else closed.state / "closed"
    figures = folder / "2024-07/figures.json"
    figures.write_text(
        figures.read_text("utf-8").replace('"plan_done": ', '"plan_done": 9'), "utf-8"
    )
    assert [e.params["month"] for e in closed_months.differences(closed)] == ["2024-07"]
    with Store.open(closed.state) as store, pytest.raises(WorkspaceError) as differs:
        renewal.write_summary(closed, store, "2024-07", SEPTEMBER, NOW)
    assert differs.value.key == "sync.closed_differs"
    # The open month goes on, without what isn't known.
    run.run(closed, SEPTEMBER)
    with Store.open(closed.state) as store:
        august = renewal.write_summary(closed, store, "2024-08", SEPTEMBER, NOW).report
    assert dict(august.trend)["2024-07"] == {}
    assert not august.previous


def test_another_machine_takes_over_what_was_closed_anew(
    closed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "elsewhere"))
    closing.reopen(closed, "2024-07", "…", SEPTEMBER)
    edit(closed)
    run.run(closed, SEPTEMBER)
    with Store.open(closed.state) as store:
        closing.close(closed, store, "2024-07", SEPTEMBER, NOW)
    anew = closed_months.read_document(closed, "2024-07")
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    assert closed_months.differences(closed) == []
    assert closed_months.read_document(closed, "2024-07") == anew
    assert closed_months.differences(closed) == []


def test_a_share_that_lost_the_data_of_a_closed_month(closed: Workspace) -> None:
    shutil.rmtree(closed.summaries / ".closed")
    assert [e.params["month"] for e in closed_months.differences(closed)] == ["2024-07"]
    run.run(closed, GRACE_IS_OVER)
    assert not (closed.summaries / ".closed").exists()


def test_a_month_that_can_not_be_kept_stays_open(
    demo: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (demo.summaries / ".closed").write_bytes(b"in the way")
    made = {summary.month: summary for summary in run.run(demo, GRACE_IS_OVER).summaries}
    assert made["2024-07"].deferred is not None
    assert made["2024-08"].written
    with Store.open(demo.state) as store, pytest.raises(WriteRefusedError):
        closing.close(demo, store, "2024-07", GRACE_IS_OVER, NOW)
    (demo.summaries / ".closed").unlink()
    run.run(demo, GRACE_IS_OVER)
    assert closed_months.closed_months(demo) == ["2024-07"]


def test_a_report_survives_its_files(demo: Workspace) -> None:
    report = replace(example_report.example(), closed=True)
    document = json.loads(
        json.dumps(summary_document(report, demo.summaries / "汇总-2024-07.xlsx", demo))
    )
    again = decode_report(document, list(encode_rows(report)))
    assert write_workbook(again, language="zh") == write_workbook(report, language="zh")
    assert report_digest(again, "zh") == report_digest(report, "zh")
