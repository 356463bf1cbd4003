"""The small workbooks of the shared folder, each run as a team of its own.

What each must give is written here as its page says it: the values written into cells,
the findings' cells and levels, what is overdue, the figures; and that all is at rest.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.running import Run
from xlflow.excel import udfs
from xlflow.ooxml.book import Book

CASES = Path(__file__).parents[3] / "shared" / "cases"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CASES.is_dir(), reason="no folder of shared cases next to the project"),
]
PROBLEMS, PLANS = "流程现状分析", "流程优化计划"
MESSAGES, CAMPAIGNS = "跨部门协作沟通", "活动效果跟踪"
BY_XLFLOW = ("系统提示", "系统记录")
OF_WHOLE_SHEETS = {"XF301", "XF304"}
ERROR, WARNING, INFO = "error", "warning", "info"


@dataclass(frozen=True)
class Case:
    """What a workbook must give: cells without their sheets where ``sheet`` names the one."""

    sheet: str
    written: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    overdue: tuple[tuple[str, str, str], ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[tuple[str, str, int, Any, Any, Any], ...] | None = None
    as_of: str = "2024-07-16"
    month: str = "2024-07"
    file: str = ""

    def cell(self, address: str) -> str:
        return address if "!" in address else f"{self.sheet}!{address}"


TWO_CAMPAIGNS = {"campaigns": 2, "campaigns_met": 1, "campaigns_missed": 1, "undated": 0}
LEADS = ("线索量", "", 2, 3000, 2900, -1 / 30)
NEW_YEAR = {"E3": WARNING, "E4": WARNING}
UNDERSTOOD: dict[str, Case] = {
    "total_row_of_a_table": Case(
        PROBLEMS,
        {"F2": "优先1", "F3": "优先2"},
        figures={"problems": 2, "problem_days": 14},
    ),
    "total_in_leading_column": Case(
        CAMPAIGNS, {"F2": "-10%", "F3": "+10%"}, figures=TWO_CAMPAIGNS, metrics=(LEADS,)
    ),
    "subtotals_notes_and_sections": Case(
        CAMPAIGNS, {"E3": "-10%", "E6": "+10%"}, figures=TWO_CAMPAIGNS, metrics=(LEADS,)
    ),
    "header_units": Case(
        CAMPAIGNS,
        {"E2": "-10%", "E3": "+25%", f"{MESSAGES}!J2": "逾期3天"},
        {f"{PROBLEMS}!C1": ERROR},
        ((f"{MESSAGES}!F2", "2024-07-13T09:00:00+08:00", "逾期3天"),),
        {"problems": 2, "problem_days": 0, "messages_overdue": 1, **TWO_CAMPAIGNS},
        (("销售额", "元", 2, 120000, 129000, 0.075),),
    ),
    "planned_beside_actual": Case(
        PLANS,
        {"I2": "逾期18天"},
        overdue=(("E2", "2024-06-28", "逾期18天"),),
        figures={"plan_rows": 3, "plan_on_time": 1, "plan_late": 1, "plan_overdue": 1}
        | {"late_days_mean": 2},
    ),
    "actual_before_due_column": Case(
        PLANS,
        {"I2": "逾期18天"},
        overdue=(("H2", "2024-06-28", "逾期18天"),),
        figures={"plan_rows": 2, "plan_late": 1, "plan_overdue": 1},
    ),
    "two_line_header": Case(
        PLANS,
        {"I3": "逾期15天"},
        overdue=(("E3", "2024-07-01", "逾期15天"),),
        figures={"plan_rows": 2, "plan_late": 1, "late_days_mean": 2},
    ),
    "months_on_separate_sheets": Case(
        "下半年计划",
        {"6月!E2": "-10%", "7月!E2": "-10%", "I2": "逾期15天"},
        overdue=(("E2", "2024-07-01", "逾期15天"),),
        figures={"campaigns": 1},
    ),
    "months_on_separate_sheets in June": Case(
        "下半年计划",
        {"6月!E2": "-10%", "7月!E2": "-10%", "I2": "逾期15天"},
        overdue=(("E2", "2024-07-01", "逾期15天"),),
        figures={"campaigns": 1},
        month="2024-06",
    ),
    "number_format_units": Case(
        CAMPAIGNS,
        {f"{PROBLEMS}!F3": "优先1", "E2": "-20%", "E3": "-10%", "E4": "+25%", "E5": "-10%"},
        {f"{PROBLEMS}!C2": ERROR},
        figures={"problem_days": 6, "campaigns_met": 1, "campaigns_missed": 3},
    ),
    **{
        f"month_as_number in {month}": Case(
            CAMPAIGNS,
            {f"E{row}": "-10%" for row in (2, 3, 4, 5)},
            figures={"campaigns": campaigns},
            month=month,
            as_of="2024-11-29",
        )
        for month, campaigns in {"2024-10": 1, "2024-11": 1, "2024-07": 2, "2024-01": 0}.items()
    },
    "placeholders": Case(
        PLANS,
        {f"I{row}": f"逾期{days}天" for row, days in ((2, 15), (3, 15), (4, 15), (6, 14), (7, 13))}
        | {f"{CAMPAIGNS}!E3": "无法计算：目标值为空"},
        {"D4": ERROR, "E5": ERROR, f"{CAMPAIGNS}!C3": ERROR},
        tuple(
            (f"E{row}", f"2024-07-0{16 - days}", f"逾期{days}天")
            for row, days in ((2, 15), (3, 15), (4, 15), (6, 14), (7, 13))
        ),
        {"plan_overdue": 5, "campaigns_met": 0, "campaigns_missed": 0},
    ),
    "negative_target": Case(
        CAMPAIGNS,
        {"E2": "+50%", "E3": "-50%", "E4": "+120%", "E5": "-20%"},
        figures={"campaigns_met": 3, "campaigns_missed": 1},
        metrics=(
            ("净利润", "", 3, -300, -180, 0.4),
            ("费用变化", "", 1, -10, -12, -0.2),
        ),
    ),
    "date_of_1900": Case(
        PLANS,
        {"I3": "逾期11天", f"{MESSAGES}!J3": "逾期6天", f"{PROBLEMS}!F4": "优先1"},
        {
            "E2": ERROR,
            "H5": ERROR,
            f"{MESSAGES}!H2": ERROR,
            f"{MESSAGES}!I3": ERROR,
            f"{PROBLEMS}!C2": ERROR,
            f"{PROBLEMS}!C3": ERROR,
            "E3": WARNING,
        },
        (
            ("E3", "2024-07-05", "逾期11天"),
            (f"{MESSAGES}!F3", "2024-07-10T10:00:00+08:00", "逾期6天"),
        ),
        {"plan_rows": 3, "plan_done": 1, "plan_undated": 1, "plan_on_time": 0, "plan_late": 0}
        | {"plan_overdue": 1, "messages": 1, "messages_answered": 0, "messages_overdue": 1}
        | {"undated": 2, "problems": 3, "problem_days": 5},
    ),
    "ratio_metrics": Case(
        CAMPAIGNS,
        dict(
            zip(
                ("E2", "E3", "E4", "E5", "E6", "E7"),
                ("+25%", "-25%", "-8%", "-20%", "-10%", "+20%"),
                strict=True,
            )
        ),
        {"C5": WARNING, "D5": WARNING},
        figures={"campaigns_met": 3, "campaigns_missed": 3},
        metrics=(
            ("ROI", "", 1, None, None, None),
            ("线索量", "", 2, 3000, 3300, 0.1),
            ("获客单价", "", 1, None, None, None),
            ("转化率", "", 2, None, None, None),
        ),
    ),
    "settled_rows": Case(
        PLANS,
        {"I4": "逾期2天"},
        {"B4": WARNING, "C4": WARNING, "E4": WARNING, "F4": WARNING, "H5": WARNING},
        (("E4", "2024-07-14", "逾期2天"),),
    ),
    "shorthand_of_every_day": Case(
        PLANS,
        {f"I{row}": f"逾期{17 - row}天" for row in (2, 3, 4, 5)}
        | {"I6": "逾期16天", "I8": "逾期1天"}
        | dict(
            zip(
                (f"{MESSAGES}!J{row}" for row in (2, 3, 4, 5, 6)),
                ("逾期8天", "逾期6天", "逾期1天", "逾期8天", "逾期4天"),
                strict=True,
            )
        )
        | dict(
            zip(
                (f"{CAMPAIGNS}!E{row}" for row in (2, 3, 4, 5, 6)),
                ("-20%", "-20%", "-10%", "-10%", "无法计算：不是数字"),
                strict=True,
            )
        ),
        {
            "E3": WARNING,
            "E4": WARNING,
            "E6": INFO,
            "G7": ERROR,
            "E8": WARNING,
            **{f"{CAMPAIGNS}!{cell}": WARNING for cell in ("D3", "D5", "D6")},
            f"{CAMPAIGNS}!C4": INFO,
            f"{CAMPAIGNS}!C5": INFO,
            f"{CAMPAIGNS}!C6": ERROR,
        },
        (
            ("E6", "2024-06-30", "逾期16天"),
            ("E2", "2024-07-01", "逾期15天"),
            ("E3", "2024-07-02", "逾期14天"),
            ("E4", "2024-07-03", "逾期13天"),
            ("E5", "2024-07-04", "逾期12天"),
            (f"{MESSAGES}!F5", "2024-07-08T10:30:00+08:00", "逾期8天"),
            (f"{MESSAGES}!F2", "2024-07-08", "逾期8天"),
            (f"{MESSAGES}!F3", "2024-07-10", "逾期6天"),
            (f"{MESSAGES}!F6", "2024-07-12T17:00:00+08:00", "逾期4天"),
            ("E8", "2024-07-15", "逾期1天"),
            (f"{MESSAGES}!F4", "2024-07-15", "逾期1天"),
        ),
    ),
    "years_across_new_year": Case(
        PLANS,
        {"I2": "逾期16天", "I3": "逾期5天", "I4": "逾期51天"},
        NEW_YEAR,
        (
            ("E4", "2024-11-20", "逾期51天"),
            ("E2", "2024-12-25", "逾期16天"),
            ("E3", "2025-01-05", "逾期5天"),
        ),
        as_of="2025-01-10",
        month="2025-01",
    ),
    "years_across_new_year before it": Case(
        PLANS,
        {"I4": "逾期30天"},
        NEW_YEAR,
        (("E4", "2024-11-20", "逾期30天"),),
        as_of="2024-12-20",
        month="2024-12",
    ),
    "uncomputed_zero_in_team_sheet_writes_minus_100_percent": Case(
        CAMPAIGNS,
        {"E2": "无法计算：不是数字"},
        {"D2": WARNING},
        figures={"campaigns_met": 0, "campaigns_missed": 0},
        as_of="2026-11-30",
        month="2026-11",
    ),
    "merge_anchor_in_computed_column_feeds_other_columns": Case(
        CAMPAIGNS,
        {"E2": "无法计算：目标值为空", "E3": "+25%"},
        {"C2": ERROR, "E2": WARNING, "F3": WARNING, "G3": WARNING},
    ),
    "record_cell_is_formula_computed_value_written_unvouched": Case(
        CAMPAIGNS, {"E3": "+25%", "E4": "-10%"}, {"K2": WARNING}
    ),
}


def cells(data: bytes) -> dict[str, Any]:
    """Return the filled cells, without those of the columns 系统提示 and 系统记录."""
    found = {}
    for sheet in openpyxl.load_workbook(BytesIO(data)):
        own = {cell.column for row in sheet["1:2"] for cell in row if cell.value in BY_XLFLOW}
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and cell.column not in own:
                    found[f"{sheet.title}!{cell.coordinate}"] = cell.value
    return found


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_what_a_workbook_gives(name: str, run: Run, tmp_path: Path) -> None:
    case = UNDERSTOOD[name]
    original = CASES / f"{name.split(' ')[0]}.xlsx"
    root, state = tmp_path / "w", tmp_path / "state"
    moment = ("--as-of", case.as_of, "--json", "-C", root)
    assert run("init", root).code == 0
    book = Path(shutil.copyfile(original, root / "teams" / original.name))

    (synced,) = run("sync", *moment).json["workbooks"]
    assert (synced["status"], synced["reason"]) == ("recorded", None)
    before, after = cells(original.read_bytes()), cells(book.read_bytes())
    assert {cell: after.get(cell) for cell in before} == before
    written = {cell: text for cell, text in after.items() if cell not in before}
    assert written == {case.cell(cell): text for cell, text in case.written.items()}

    findings = run("check", *moment).json["findings"]
    at_cells = [each for each in findings if each["cell"] is not None]
    levels = {f"{each['sheet']}!{each['cell']}": each["severity"] for each in at_cells}
    assert levels == {case.cell(cell): level for cell, level in case.findings.items()}
    assert {each["code"] for each in findings if each["cell"] is None} <= OF_WHOLE_SHEETS
    assert not any("1900" in f"{each['message']}{each['fix']}" for each in findings)

    overdue = run("overdue", *moment).json["overdue"]
    found = [(f"{each['sheet']}!{each['cell']}", each["due"], each["late"]) for each in overdue]
    assert found == [(case.cell(cell), due, late) for cell, due, late in case.overdue]

    total = run("summary", "--month", case.month, *moment).json["figures"]["total"]
    assert {key: total[key] for key in case.figures} == case.figures
    if case.metrics is not None:
        keys = ("metric", "unit", "n", "target", "actual", "deviation")
        assert [tuple(each[key] for key in keys) for each in total["metrics"]] == [
            (*words, pytest.approx(deviation) if deviation is not None else None)
            for *words, deviation in case.metrics
        ]

    at_rest = book.read_bytes()
    run("sync", "--all", *moment)
    assert book.read_bytes() == at_rest
    assert run("check", *moment).json["findings"] == findings
    shutil.rmtree(state)
    (anew,) = run("sync", *moment).json["workbooks"]
    assert (anew["status"], anew["cells_written"]) == ("recorded", 0)
    assert book.read_bytes() == at_rest
    assert run("check", *moment).json["findings"] == findings


def test_whom_the_placeholders_leave_without_an_owner(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "w"
    run("init", root)
    shutil.copyfile(CASES / "placeholders.xlsx", root / "teams" / "placeholders.xlsx")
    overdue = run("overdue", "-C", root, "--as-of", "2024-07-16", "--json").json["overdue"]
    owners = {each["row"]: each["owners"] for each in overdue}
    assert owners == {2: ["小张"], 3: ["小张"], 4: [], 6: ["小张"], 7: ["小张"]}


def test_what_is_nearly_done_is_not_offered_as_done(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "w"
    run("init", root)
    name = "shorthand_of_every_day.xlsx"
    shutil.copyfile(CASES / name, root / "teams" / name)
    findings = run("check", "-C", root, "--as-of", "2024-07-16", "--json").json["findings"]
    (status,) = (each for each in findings if each["cell"] == "G7")
    assert status["fix"] == "进行中"
    assert "已完成" not in status["message"].replace("基本完成", "")
    read = {each["cell"]: each["fix"] for each in findings if each["sheet"] == PLANS}
    assert (read["E6"], read["E8"]) == ("2024-06-30", "2024-07-15")


def test_functions_agree_about_what_is_rejected() -> None:
    as_of = datetime(2024, 7, 16)
    assert "逾期" not in str(udfs.xlf_overdue(datetime(1900, 1, 7, 4, 48), "进行中", None, as_of))
    assert udfs.xlf_overdue("7月5日", "进行中", None, as_of) == "逾期11天"
    days = [[-2.0], [500.0], [5.0]]
    ranks = udfs.xlf_priority([["高"]] * 3, days)
    assert [row[0] for row in ranks] == ["", "", "优先1"]


READ: dict[str, tuple[str, Mapping[str, Any]]] = {
    "strict_iso_duration_read_as_text": ("xlsx", {"A1": 11 / 1440, "B1": 1, "C1": 5}),
    "strict_iso_moment_not_rounded_day_lost": ("xlsx", {}),
    "transitional_twin_of_strict_iso": ("xlsx", {}),
    "excel5_macro_sheet_empty_rid_refused": ("xlsm", {"A1": 1}),
    "whole_column_merge_minimal": ("xlsx", {"A1": 1}),
    "gdal_overlapping_cols_17_columns_refused": ("xlsx", {"A1": 1}),
}


@pytest.mark.parametrize("name", READ)
def test_what_cells_a_file_holds(name: str, run: Run, tmp_path: Path) -> None:
    suffix, expected = READ[name]
    original = CASES / f"{name}.{suffix}"
    first, *_ = Book(original.read_bytes()).sheets
    place = {"A1": (1, 1), "B1": (1, 2), "C1": (1, 3)}
    found = {cell: first.cell(*place[cell]).value for cell in expected}
    assert {cell: float(value) for cell, value in found.items()} == pytest.approx(expected)
    root = tmp_path / "w"
    run("init", root)
    book = Path(shutil.copyfile(original, root / "teams" / original.name))
    (synced,) = run("sync", "-C", root, "--as-of", "2024-07-16", "--json").json["workbooks"]
    assert (synced["status"], synced["cells_written"]) == ("recorded", 0)
    assert book.read_bytes() == original.read_bytes()


@pytest.mark.parametrize(
    "name", ["strict_iso_moment_not_rounded_day_lost", "transitional_twin_of_strict_iso"]
)
def test_moments_to_the_fraction_of_a_second(name: str) -> None:
    first, *_ = Book((CASES / f"{name}.xlsx").read_bytes()).sheets
    assert [first.cell(1, column).value for column in (1, 2, 3)] == [
        date(2014, 1, 16),
        time(11, 0),
        datetime(2014, 1, 16, 16, 0),
    ]


def test_no_case_is_left_out() -> None:
    assert {path.stem for path in CASES.glob("*.xls[xm]")} == {
        *(name.split(" ")[0] for name in UNDERSTOOD),
        *READ,
    }
