"""Processing one workbook, from bytes to flags, against the guide's own rows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.rows import position
from xlflow.config import Settings
from xlflow.facts import Outcome
from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import CAMPAIGN, DONE, PLAN, PROBLEM
from xlflow.templates import sample_rows, team_workbook
from xlflow.templates.samples import write_samples

SETTINGS = Settings()
INPUTS = Inputs("市场一部", SETTINGS, "teams/市场一部.xlsx")
JULY_1, JULY_16 = datetime(2024, 7, 2), datetime(2024, 7, 17)  # 24:00 of the day before

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    folder = tmp_path_factory.mktemp("teams")
    return {p.stem: p.read_bytes() for p in write_samples(folder, SETTINGS, "zh")}


@pytest.fixture
def guide(samples: Mapping[str, bytes]) -> bytes:
    return samples[sample_rows.GUIDE_TEAM]


def book(tmp_path: Path, rows: Rows, language: str = "zh") -> bytes:
    path = tmp_path / "team.xlsx"
    team_workbook.write(path, team="市场一部", language=language, settings=SETTINGS, rows=rows)
    return path.read_bytes()


def plan(**values: Any) -> dict[str, Any]:
    return {
        "stage": "需求调研",
        "goal": "通过率提升至90%",
        "owners": "小张",
        "due": date(2024, 7, 1),
        "acceptance": "≤1次",
        **values,
    }


def problem(stage: str, days: Any, impact: str, **values: Any) -> dict[str, Any]:
    return {"stage": stage, "owner": "小张", "days": days, "impact": impact, **values}


def flagged(data: bytes, memory: Sequence[Any] = (), now: datetime = JULY_16) -> bytes:
    return splice(data, process(data, INPUTS, memory, now).cells)


def column(data: bytes, sheet: str, header: str) -> list[Any]:
    """Return the cells below a header, as a reader sees them."""
    (found,) = (s for s in Book(data).sheets if s.name == sheet)
    row, number = next(place for place, cell in found.cells.items() if cell.value == header)
    return [
        cell.value
        for (r, c), cell in sorted(found.cells.items())
        if c == number and r > row and cell.value is not None
    ]


def place(outcome: Outcome, table: str, index: int, field: str) -> tuple[int, int]:
    sheet = outcome.snapshot.tables[table]
    return position(sheet, sheet.rows[index], field)


def test_the_guides_deviations_and_priorities_are_in_the_cells(guide: bytes) -> None:
    after = flagged(guide)
    assert column(after, "流程现状分析", "改进优先级") == ["优先1", "优先3", "优先2"]
    deviations = column(after, "活动效果跟踪", "差异率")
    assert deviations in (["-16%", "+25%"], [Decimal("-0.16"), Decimal("0.25")])


@pytest.mark.parametrize(
    ("now", "late"), [(JULY_1, ["逾期1天"]), (JULY_16, ["逾期16天", "逾期1天"])]
)
def test_the_guides_overdue_rows(guide: bytes, now: datetime, late: list[str]) -> None:
    assert column(flagged(guide, now=now), "流程优化计划", "逾期") == late


@pytest.mark.parametrize("done", [{"status": DONE}, {"done_on": date(2024, 7, 16)}])
def test_nothing_is_overdue_once_done(guide: bytes, done: dict[str, Any]) -> None:
    outcome = process(guide, INPUTS, (), JULY_16)
    edits = {
        place(outcome, "plan", i, field): value.isoformat() if isinstance(value, date) else value
        for i in range(2)
        for field, value in done.items()
    }
    after = splice(flagged(guide), {"流程优化计划": edits})
    assert column(flagged(after), "流程优化计划", "逾期") == []


def test_the_guides_own_sunday_earns_its_warning(guide: bytes) -> None:
    (finding,) = process(guide, INPUTS, (), JULY_16).findings
    assert (finding.code, finding.severity, finding.cell) == ("XF212", "warning", "E4")


@pytest.mark.parametrize("name", ["市场一部", "市场二部", "华东市场部", "品牌部", "渠道部"])
@pytest.mark.parametrize("with_memory", [True, False])
def test_a_second_pass_writes_nothing(
    samples: Mapping[str, bytes], name: str, with_memory: bool
) -> None:
    first = process(samples[name], INPUTS, (), JULY_16)
    after = splice(samples[name], first.cells)
    second = process(after, INPUTS, first.rows if with_memory else (), JULY_16)
    assert second.cells == {}
    assert [row.id for row in second.rows] == [row.id for row in first.rows]
    assert second.content == first.content
    assert second.changes == second.change_findings == ()
    assert second.findings == first.findings


def test_flags_alone_make_no_new_content_but_an_edit_does(guide: bytes) -> None:
    today = flagged(guide)
    tomorrow = flagged(today, now=datetime(2024, 7, 19))
    assert today != tomorrow
    assert (
        process(tomorrow, INPUTS, (), JULY_16).content
        == process(guide, INPUTS, (), JULY_16).content
    )
    outcome = process(guide, INPUTS, (), JULY_16)
    edited = splice(tomorrow, {"流程优化计划": {place(outcome, "plan", 0, "goal"): "提升至95%"}})
    assert process(edited, INPUTS, (), JULY_16).content != outcome.content


def test_a_persons_own_value_stays_and_is_questioned(tmp_path: Path) -> None:
    rows = [problem("需求调研", 3, "高", priority="优先2"), problem("活动执行", 10, "高")]
    outcome = process(book(tmp_path, {"problem": rows}), INPUTS, (), JULY_16)
    after = flagged(book(tmp_path, {"problem": rows}))
    assert column(after, "流程现状分析", "改进优先级") == ["优先2", "优先2"]
    assert [(f.code, f.row) for f in outcome.findings if f.column == "改进优先级"] == [
        ("XF202", outcome.rows[0].number)
    ]


def test_what_xlflow_wrote_is_brought_up_to_date_and_cleared(tmp_path: Path) -> None:
    rows = {"problem": [problem("需求调研", 3, "高"), problem("活动执行", 10, "高")]}
    first = process(book(tmp_path, rows), INPUTS, (), JULY_16)
    data = splice(book(tmp_path, rows), first.cells)
    (row, number) = place(first, "problem", 0, "impact")
    lowered = splice(data, {"流程现状分析": {(row, number): "低"}})
    assert column(flagged(lowered), "流程现状分析", "改进优先级") == ["优先2", "优先1"]
    emptied = splice(data, {"流程现状分析": {(row, number): None}})
    assert column(flagged(emptied), "流程现状分析", "改进优先级") == ["优先1"]


def test_a_row_that_was_cleared_gets_its_flags_blanked(tmp_path: Path) -> None:
    rows = {"problem": [problem("需求调研", 3, "高"), problem("活动执行", 10, "高")]}
    first = process(book(tmp_path, rows), INPUTS, (), JULY_16)
    data = splice(book(tmp_path, rows), first.cells)
    gone = {place(first, "problem", 0, c.field): None for c in PROBLEM.team_columns}
    after = flagged(splice(data, {"流程现状分析": gone}))
    assert column(after, "流程现状分析", "改进优先级") == ["优先1"]
    assert len(column(after, "流程现状分析", "系统记录")) == 1


def test_sorted_without_the_hidden_column_ownership_is_still_known(tmp_path: Path) -> None:
    rows = [problem("需求调研", 3, "高"), problem("活动执行", 10, "低")]
    first = process(book(tmp_path, {"problem": rows}), INPUTS, (), JULY_16)
    data = splice(book(tmp_path, {"problem": rows}), first.cells)
    sheet = first.snapshot.tables["problem"]
    one, other = sheet.rows
    swap: dict[tuple[int, int], Any] = {}
    for column_ in (*PROBLEM.team_columns, PROBLEM["priority"]):
        cells = [r.value_in(column_.field).cell for r in (one, other)]
        texts = [c.value for c in cells]
        if column_.field == "priority":
            texts = ["优先1", "优先2"]
        swap[position(sheet, one, column_.field)] = texts[1]
        swap[position(sheet, other, column_.field)] = texts[0]
    sorted_ = splice(data, {"流程现状分析": swap})
    for memory in (first.rows, ()):
        outcome = process(sorted_, INPUTS, memory, JULY_16)
        assert [row.id for row in outcome.rows] == [first.rows[1].id, first.rows[0].id]
        assert not [f for f in outcome.findings if f.code == "XF202"]
        after = splice(sorted_, outcome.cells)
        assert column(after, "流程现状分析", "改进优先级") == ["优先2", "优先1"]


def test_a_copied_row_is_computed_like_any_other(tmp_path: Path) -> None:
    rows = [problem("需求调研", 3, "高"), problem("活动执行", 10, "低")]
    first = process(book(tmp_path, {"problem": rows}), INPUTS, (), JULY_16)
    data = splice(book(tmp_path, {"problem": rows}), first.cells)
    sheet = process(data, INPUTS, (), JULY_16).snapshot.tables["problem"]
    below = sheet.rows[1].number + 1
    copy = {
        (below, sheet.columns[column.field]): value.cell.value
        for column, value in zip(PROBLEM.columns, sheet.rows[1].values, strict=True)
        if value is not None and value.cell.value is not None
    }
    changed = {**copy, (below, sheet.columns["impact"]): "高"}
    after = flagged(splice(data, {"流程现状分析": changed}), first.rows)
    assert column(after, "流程现状分析", "改进优先级") == ["优先1", "优先3", "优先2"]
    assert len(set(column(after, "流程现状分析", "系统记录"))) == 3


def test_a_deadline_without_a_year_keeps_the_year_in_which_it_was_first_seen(
    tmp_path: Path,
) -> None:
    data = book(tmp_path, {"plan": [plan(due="12月30日")]})
    first = process(data, INPUTS, (), datetime(2024, 12, 20))
    assert first.rows[0].get("due") == date(2024, 12, 30)
    data = splice(data, first.cells)
    for memory in (first.rows, ()):
        later = process(data, INPUTS, memory, datetime(2025, 1, 8))
        assert later.rows[0].get("due") == date(2024, 12, 30)
        assert later.computed[later.rows[0].id].late_text == "逾期8天"


def test_changes_name_the_cell_with_before_and_after(tmp_path: Path) -> None:
    data = book(tmp_path, {"plan": [plan(), plan(stage="活动执行", goal="缩短至1天")]})
    first = process(data, INPUTS, (), JULY_1)
    (row, number) = place(first, "plan", 0, "due")
    edited = splice(
        data,
        {
            "流程优化计划": {
                (row, number): "2024-08-01",
                **{place(first, "plan", 1, c.field): None for c in PLAN.team_columns},
            }
        },
    )
    outcome = process(edited, INPUTS, first.rows, JULY_1)
    assert [(c.kind, c.field, c.before, c.after) for c in outcome.changes] == [
        ("edited", "due", "2024-07-01", "2024-08-01"),
        ("removed", None, None, None),
    ]
    assert {f.code[:3] for f in outcome.change_findings} == {"XF4"}
    assert len(outcome.change_findings) == 2
    assert not [f for f in outcome.findings if f.code.startswith("XF4")]


def test_nothing_is_written_where_the_record_column_is_missing(
    samples: Mapping[str, bytes],
) -> None:
    assert process(samples[sample_rows.TRADITIONAL_TEAM], INPUTS, (), JULY_16).cells == {}


def test_an_outcome_holds_until_something_would_read_differently(tmp_path: Path) -> None:
    data = book(tmp_path, {"message": [message(datetime(2024, 7, 15, 9, 30))]})
    morning = process(data, INPUTS, (), datetime(2024, 7, 16, 8, 0))
    assert morning.valid_until == datetime(2024, 7, 16, 9, 30)
    later = process(data, INPUTS, (), datetime(2024, 7, 16, 10, 0))
    assert later.computed[later.rows[0].id].late_text == "逾期1小时"
    assert later.valid_until == datetime(2024, 7, 16, 10, 30)
    night = process(data, INPUTS, (), datetime(2024, 7, 16, 23, 45))
    assert night.valid_until == datetime(2024, 7, 17)


def message(asked_at: datetime) -> dict[str, Any]:
    return {
        "topic": "活动方案评审",
        "sender": "市场部",
        "partners": "销售部、产品部",
        "owners": "刘经理",
        "deadline": "24小时",
        "asked_at": asked_at,
    }


def test_english_workbooks_speak_english(tmp_path: Path) -> None:
    rows = {"plan": [plan()], "problem": [problem("Research", 3, "High")]}
    inputs = replace(INPUTS, settings=Settings(language="en"))
    data = book(tmp_path, rows, "en")
    after = splice(data, process(data, inputs, (), JULY_16).cells)
    assert column(after, "Improvement plan", "Overdue") == ["15 days overdue"]
    assert column(after, "Workflow analysis", "Priority") == ["Priority 1"]


@pytest.mark.parametrize("memory", [True, False])
def test_a_feedback_deadline_without_a_year_keeps_it_too(tmp_path: Path, memory: bool) -> None:
    row = {"topic": "对接", "sender": "市场部", "partners": "销售部", "owners": "小陈"}
    data = book(tmp_path, {"message": [{**row, "deadline": "12月30日"}]})
    first = process(data, INPUTS, (), datetime(2024, 12, 20))
    later = process(
        splice(data, first.cells), INPUTS, first.rows if memory else (), datetime(2025, 1, 8)
    )
    assert later.computed[later.rows[0].id].late_text == "逾期8天"


def test_a_deviation_of_zero_is_written_once(tmp_path: Path) -> None:
    rows = [{"name": "新品", "metric": "线索量", "target": "5000条", "actual": "5000条"}]
    data = book(tmp_path, {"campaign": rows})
    first = process(data, INPUTS, (), JULY_16)
    assert first.cells["活动效果跟踪"][place(first, "campaign", 0, "deviation")] == 0
    assert not process(splice(data, first.cells), INPUTS, (), JULY_16).cells


def test_a_computed_cell_that_holds_only_spaces_is_blank(tmp_path: Path) -> None:
    rows = [problem("需求调研", 3, "高", priority=" ")]
    data = book(tmp_path, {"problem": rows})
    assert column(flagged(data), "流程现状分析", "改进优先级") == ["优先1"]


def test_a_percent_cell_gets_a_number_and_any_other_a_text(tmp_path: Path) -> None:
    rows = [{"name": "新品", "metric": "线索量", "target": "5000条", "actual": "4200条"}]
    data = book(tmp_path, {"campaign": rows})
    outcome = process(data, INPUTS, (), JULY_16)
    (row,) = outcome.rows
    assert outcome.cells["活动效果跟踪"][place(outcome, "campaign", 0, "deviation")] == Decimal(
        "-0.16"
    )
    assert row.table is CAMPAIGN


def test_the_digest_of_the_inputs_is_the_same_in_every_process() -> None:
    code = (
        "from datetime import date; from xlflow.config import Settings;"
        "from xlflow.inputs_digest import inputs_digest;"
        "days = frozenset(date(2024, 7, n) for n in range(1, 20));"
        "print(inputs_digest(Settings(days_off=days, team_days_off={'市场一部': days})))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1
