"""Small workbooks as people fill them in, and what a pass makes of each: guide.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from xlsxwriter import Workbook

from tests.store.outcomes import record_rows
from xlflow.config import Settings
from xlflow.errors import SettingsError
from xlflow.facts import Finding, Outcome
from xlflow.figures.rollup import month_figures
from xlflow.ooxml.splice import splice
from xlflow.own_words import check_own_words
from xlflow.process import Inputs, process
from xlflow.schema import BY_NAME
from xlflow.store import Store

JULY_16 = datetime(2024, 7, 17)  # 24:00 of that day
PLAN = {
    "stage": "需求调研",
    "goal": "通过率提升至90%",
    "measures": "制定模板",
    "owners": "小张",
    "acceptance": "≤1次",
    "status": "进行中",
}
MESSAGE = {
    "topic": "评审",
    "sender": "市场部",
    "partners": "销售部",
    "owners": "小陈",
    "content": "预算",
    "deadline": "24小时",
    "asked_at": datetime(2024, 7, 8, 10),
}
CAMPAIGN = {
    "name": "新品",
    "metric": "线索量",
    "cause": "渠道",
    "next_step": "保持",
    "month": "2024-07",
}
PROBLEM = {"stage": "需求调研", "owner": "小张", "days": 3, "description": "慢", "impact": "高"}
BASE = {"plan": PLAN, "message": MESSAGE, "campaign": CAMPAIGN, "problem": PROBLEM}


class Formatted(NamedTuple):
    """A number and its number format."""

    number: float
    number_format: str


def book(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a workbook with one sheet for each table that has rows; other headers by field."""
    buffer = BytesIO()
    made = Workbook(buffer, {"in_memory": True})
    for name, given in rows.items():
        table = BY_NAME[name]
        sheet = made.add_worksheet(table.sheet.zh)
        sheet.write_row(0, 0, [(headers or {}).get(c.field, c.header.zh) for c in table.columns])
        for number, own in enumerate(given, 1):
            filled = {**BASE[name], **own}
            for place, column in enumerate(table.columns):
                content = filled.get(column.field)
                if column.field == "goal" and content == PLAN["goal"]:
                    content = f"第{number}项通过率提升至90%"
                if isinstance(content, datetime):
                    style = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
                    sheet.write_datetime(number, place, content, style)
                elif isinstance(content, date):
                    style = made.add_format({"num_format": "yyyy-mm-dd"})
                    sheet.write_datetime(number, place, content, style)
                elif isinstance(content, Formatted):
                    style = made.add_format({"num_format": content.number_format})
                    sheet.write_number(number, place, content.number, style)
                elif isinstance(content, str):
                    sheet.write_string(number, place, content)
                elif content is not None:
                    sheet.write_number(number, place, content)
    made.close()
    return buffer.getvalue()


def outcome(
    data: bytes,
    now: datetime = JULY_16,
    memory: Sequence[Any] = (),
    settings: Settings | None = None,
) -> Outcome:
    return process(
        data, Inputs("市场一部", settings or Settings(), "teams/市场一部.xlsx"), memory, now
    )


def found(result: Outcome, *left_out: str) -> dict[str, list[str]]:
    """Return the codes of the findings at cells, by sheet and cell."""
    cells: dict[str, list[str]] = {}
    for finding in result.findings:
        if finding.cell is not None and finding.code not in left_out:
            cells.setdefault(f"{finding.sheet}!{finding.cell}", []).append(finding.code)
    return cells


def late(result: Outcome) -> dict[int, str]:
    return {
        row.number: result.computed[row.id].late_text
        for row in result.rows
        if result.computed[row.id].late
    }


def at(result: Outcome, code: str) -> Finding:
    (finding,) = (finding for finding in result.findings if finding.code == code)
    return finding


def figures(result: Outcome, tmp_path: Path, now: datetime = JULY_16) -> Mapping[str, Any]:
    with Store.open(tmp_path) as store:
        record_rows(store, "teams/市场一部.xlsx", result.rows, now)
        return month_figures(store, Settings(), "2024-07", now).total


SMALL = Formatted(7.2, "yyyy/m/d")


def test_a_date_of_1900_enters_nothing(tmp_path: Path) -> None:
    result = outcome(
        book(
            {
                "plan": [
                    {"due": SMALL},
                    {"due": "7月5日"},
                    {"due": date(2024, 7, 31)},
                    {"due": date(2024, 7, 10), "status": "已完成", "done_on": SMALL},
                    {"due": date(2024, 7, 11), "done_on": SMALL, "started_on": date(2024, 7, 1)},
                    {"due": date(2024, 7, 12), "done_on": date(2024, 7, 9), "started_on": SMALL},
                ],
                "message": [{"asked_at": SMALL}, {"answered_at": SMALL}],
                "problem": [{"days": -2}, {"days": 500}, {"days": 5}],
            }
        )
    )
    assert found(result, "XF113", "XF210") == {
        "流程优化计划!E2": ["XF119"],
        "流程优化计划!I5": ["XF119"],
        "流程优化计划!I6": ["XF119"],
        "流程优化计划!H7": ["XF119"],
        "跨部门协作沟通!H2": ["XF119"],
        "跨部门协作沟通!I3": ["XF119"],
        "流程现状分析!C2": ["XF117"],
        "流程现状分析!C3": ["XF118"],
    }
    dues = [result.computed[row.id].due for row in result.rows if row.table.name == "plan"]
    assert dues == [
        None,
        date(2024, 7, 5),
        date(2024, 7, 31),
        *(date(2024, 7, 10), date(2024, 7, 11), date(2024, 7, 12)),
    ]
    texts = {(r.table.name, r.number): result.computed[r.id].late_text for r in result.rows}
    assert {place: text for place, text in texts.items() if text} == {
        ("plan", 3): "逾期11天",
        ("plan", 6): "逾期5天",
        ("message", 3): "逾期7天",
    }
    total = figures(result, tmp_path)
    expected = {
        "plan_rows": 5,
        "plan_done": 2,
        "plan_undated": 1,
        "plan_on_time": 1,
        "plan_late": 0,
        "plan_overdue": 2,
        "cycle_days_mean": None,
        "messages": 1,
        "messages_answered": 0,
        "messages_overdue": 1,
        "undated": 2,
        "problems": 3,
        "problem_days": 5,
    }
    assert {key: total[key] for key in expected} == expected


def test_an_end_before_its_beginning_is_done_and_in_no_mean(tmp_path: Path) -> None:
    result = outcome(
        book(
            {
                "plan": [
                    {"due": date(2024, 7, 5), "done_on": date(2024, 7, 4), "status": "已完成"}
                    | {"started_on": date(2024, 7, 8)},
                    {"due": date(2024, 7, 5), "done_on": date(2024, 7, 4), "status": "已完成"}
                    | {"started_on": date(2024, 7, 1)},
                ],
                "message": [{"answered_at": datetime(2024, 7, 8, 9)}],
            }
        )
    )
    total = figures(result, tmp_path)
    assert (total["plan_done"], total["plan_on_time"], total["cycle_days_mean"]) == (2, 2, 3)
    assert (total["messages_answered"], total["answer_hours_mean"]) == (1, None)


def test_months_as_numbers() -> None:
    months = [
        *(Formatted(2024.1, "0.00"), 2024.11, Formatted(202407, "0"), Formatted(2024.07, "0.00")),
        *(Formatted(202408, '0000"年"00"月"'), 2024.1, Formatted(7, '0"月"')),
    ]
    result = outcome(book({"campaign": [{"month": month, "name": str(month)} for month in months]}))
    read = [row.get("month") for row in result.rows]
    assert read == ["2024-10", "2024-11", "2024-07", "2024-07", "2024-08", None, "2024-07"]
    assert found(result, "XF101", "XF238") == {
        "活动效果跟踪!I7": ["XF121"],
        "活动效果跟踪!I8": ["XF113"],
    }
    question = at(result, "XF121").params
    assert (question["one"], question["other"]["zh"]) == ("2024-01", "2024-10")


def test_placeholders_are_blanks_and_tongshang_is_the_cell_above() -> None:
    result = outcome(
        book(
            {
                "plan": [
                    {"due": date(2024, 7, 1), "done_on": "-"},
                    {"due": date(2024, 7, 1), "done_on": "未完成"},
                    {"due": date(2024, 7, 1), "owners": "待定", "done_on": "——"},
                    {"due": "ＴＢＤ"},
                    {"due": date(2024, 7, 2), "owners": "同上"},
                    {"due": "同上", "owners": "同上", "done_on": "N/A"},
                ],
                "campaign": [
                    {"target": "5000条", "actual": "/"},
                    {"name": "二", "target": "暂无", "actual": "100条"},
                ],
            }
        )
    )
    assert found(result) == {
        "流程优化计划!D4": ["XF101"],
        "流程优化计划!E5": ["XF101"],
        "活动效果跟踪!C3": ["XF101"],
    }
    assert late(result) == {
        2: "逾期15天",
        3: "逾期15天",
        4: "逾期15天",
        6: "逾期14天",
        7: "逾期14天",
    }
    owners = [row.get("owners") for row in result.rows if row.table.name == "plan"]
    assert owners == [("小张",), ("小张",), None, ("小张",), ("小张",), ("小张",)]


def test_a_negative_target(tmp_path: Path) -> None:
    result = outcome(
        book(
            {
                "campaign": [
                    {"name": "少亏", "metric": "净利润", "target": -100, "actual": -50},
                    {"name": "多亏", "metric": "净利润", "target": -100, "actual": -150},
                    {"name": "转正", "metric": "净利润", "target": -100, "actual": 20},
                    {"name": "降费", "metric": "费用", "target": -10, "actual": -12}
                    | {"direction": "越低越好"},
                    {"name": "涨费", "metric": "费用", "target": -10, "actual": -8}
                    | {"direction": "越低越好"},
                ]
            }
        )
    )
    deviations = [float(result.computed[row.id].deviation or 0) for row in result.rows]
    assert deviations == [0.5, -0.5, 1.2, -0.2, 0.2]
    total = figures(result, tmp_path)
    assert (total["campaigns_met"], total["campaigns_missed"]) == (3, 2)
    (profit,) = (each for each in total["metrics"] if each["metric"] == "净利润")
    assert (profit["target"], profit["actual"], profit["deviation"]) == (-300, -180, 0.4)


def test_ratios_are_not_added(tmp_path: Path) -> None:
    names = ["转化率", "获客单价", "客單價", "投放ＲＯＩ", "人均产出", "线索量"]
    rows = [{"name": n, "metric": n, "target": 10, "actual": 12} for n in names]
    total = figures(outcome(book({"campaign": rows})), tmp_path)
    sums = {each["metric"]: (each["n"], each["target"]) for each in total["metrics"]}
    assert sums == {**dict.fromkeys(names, (1, None)), "线索量": (1, 10)}


def test_the_same_is_said_once_for_all_sheets() -> None:
    data = book({name: [{}] for name in BASE}, {"record": "备注"})
    (finding,) = (f for f in outcome(data).findings if f.code == "XF311")
    assert finding.params["sheets"]["zh"] == (
        "“流程现状分析”、“流程优化计划”、“跨部门协作沟通”、“活动效果跟踪”"
    )


def test_what_later_sheets_of_a_table_lack_is_said_in_the_same_sentence() -> None:
    buffer = BytesIO()
    made = Workbook(buffer, {"in_memory": True})
    headers = [column.header.zh for column in BY_NAME["campaign"].columns]
    for month in (6, 7, 8):
        sheet = made.add_worksheet(f"{month}月")
        left_out = {"系统记录", "原因分析", "指标方向"} if month > 6 else set()
        sheet.write_row(0, 0, [header for header in headers if header not in left_out])
        sheet.write_row(1, 0, [f"{month}月活动", "线索量", 1000, 900])
    made.close()
    result = outcome(buffer.getvalue())
    for code in ("XF304", "XF311", "XF313"):
        assert at(result, code).params["sheets"]["zh"] == "“7月”、“8月”"


def problems_by_month(*names: str) -> bytes:
    buffer = BytesIO()
    made = Workbook(buffer, {"in_memory": True})
    for place, name in enumerate(names, 1):
        sheet = made.add_worksheet(name)
        sheet.write_row(0, 0, [column.header.zh for column in BY_NAME["problem"].columns])
        for row in range(1, place + 1):
            sheet.write_row(row, 0, [f"{name}环节{row}", "小张", place, "慢", "高"])
    made.close()
    return buffer.getvalue()


def test_problems_on_sheets_named_by_month_count_in_that_month_only(tmp_path: Path) -> None:
    result = outcome(problems_by_month("6月", "7月", "2023年7月"))
    assert [row.month for row in result.rows] == ["2024-06"] + ["2024-07"] * 2 + ["2023-07"] * 3
    said = [f.params["month"] for f in result.findings if f.code == "XF317"]
    assert said == ["2024-06", "2024-07", "2023-07"]
    with Store.open(tmp_path) as store:
        record_rows(store, "teams/市场一部.xlsx", result.rows, JULY_16)
        for month, count, days in (("2024-06", 1, 1), ("2024-07", 2, 4), ("2024-05", 0, 0)):
            total = month_figures(store, Settings(), month, JULY_16).total
            assert (total["problems"], total["problem_days"]) == (count, days)
        remembered = {row.id: row.month for row in store.memory("teams/市场一部.xlsx")}
        assert remembered == {row.id: row.month for row in result.rows}


@pytest.mark.parametrize("with_memory", [True, False])
def test_a_month_on_a_sheet_keeps_the_year_in_which_it_was_first_seen(with_memory: bool) -> None:
    data = problems_by_month("6月")
    first = outcome(data)
    data = splice(data, first.cells)
    later = outcome(data, datetime(2025, 5, 1), first.rows if with_memory else ())
    assert [row.month for row in later.rows] == ["2024-06"]
    assert at(later, "XF317").params["month"] == "2024-06"
    assert later.cells == {}


def test_settled_rows_are_at_rest() -> None:
    poor = {"goal": "更顺", "measures": "", "acceptance": "大家认可", "due": date(2024, 7, 14)}
    result = outcome(
        book(
            {
                "plan": [
                    {**poor, "status": "已完成", "done_on": date(2024, 7, 12)},
                    {**poor, "goal": "更好", "status": "已取消"},
                    {**poor, "status": "进行中", "goal": "更顺一些"},
                    {**poor, "status": "已完成", "goal": "更快"},
                ]
            }
        )
    )
    assert found(result) == {
        "流程优化计划!B4": ["XF216"],
        "流程优化计划!C4": ["XF217"],
        "流程优化计划!E4": ["XF212"],
        "流程优化计划!F4": ["XF218"],
        "流程优化计划!I5": ["XF211"],
    }


@pytest.mark.parametrize("due", ["2024年6月", "2024年6月底"])
def test_the_end_of_a_month_that_is_a_sunday_is_not_asked_to_be_moved(due: str) -> None:
    result = outcome(book({"plan": [{"due": due}, {"due": date(2024, 6, 30)}]}))
    assert found(result) == {"流程优化计划!E2": ["XF114"], "流程优化计划!E3": ["XF212"]}
    assert late(result) == {2: "逾期16天", 3: "逾期16天"}


def test_years_across_new_year() -> None:
    data = book({"plan": [{"due": date(2024, 12, 25)}, {"due": "1月5日"}, {"due": "11.20"}]})
    assert late(outcome(data, datetime(2025, 1, 11))) == {
        2: "逾期16天",
        3: "逾期5天",
        4: "逾期51天",
    }
    assert late(outcome(data, datetime(2024, 12, 21))) == {4: "逾期30天"}


def edited(data: bytes, cell: tuple[int, int], content: str) -> bytes:
    return splice(data, {"流程优化计划": {cell: content}})


def test_a_date_typed_anew_is_first_seen_anew() -> None:
    first_day = datetime(2024, 12, 15)
    data = book({"plan": [{"due": "12月20日", "started_on": "12月10日"}]})
    first = outcome(data, first_day)
    assert first.rows[0].get("due") == date(2024, 12, 20)
    data = splice(data, first.cells)
    # Seen again half a year later, it is the same day; without the store, too.
    for memory in (first.rows, ()):
        again = outcome(data, datetime(2025, 6, 1), memory)
        assert again.rows[0].get("started_on") == date(2024, 12, 10)
        assert again.cells["流程优化计划"].keys() <= {(2, 10), (2, 11)}
    # The other date of the row stays what it was.
    for memory in (first.rows, ()):
        later = outcome(edited(data, (2, 5), "1月15日"), datetime(2025, 1, 9), memory)
        assert later.rows[0].get("due") == date(2025, 1, 15)
        assert later.rows[0].get("started_on") == date(2024, 12, 10)
        assert late(later) == {}


@pytest.mark.parametrize("with_memory", [True, False])
def test_a_leap_day_typed_over_a_day_of_another_year(with_memory: bool) -> None:
    data = book({"plan": [{"due": "3月1日"}]})
    first = outcome(data, datetime(2023, 3, 1))
    data = edited(splice(data, first.cells), (2, 5), "2月29日")
    result = outcome(data, datetime(2023, 3, 3), first.rows if with_memory else ())
    assert result.rows[0].get("due") in (date(2024, 2, 29), None)
    assert outcome(splice(data, result.cells), datetime(2023, 3, 3), result.rows).cells == {}


def test_a_month_end_stays_that_of_the_day_it_was_first_seen() -> None:
    data = book({"plan": [{"due": "月底"}]})
    first = outcome(data, datetime(2024, 6, 20))
    assert first.rows[0].get("due") == date(2024, 6, 30)
    data = splice(data, first.cells)
    for memory in (first.rows, ()):
        later = outcome(data, JULY_16, memory)
        assert late(later) == {2: "逾期16天"}
        assert at(later, "XF114").fix == "2024-06-30"


def test_half_a_year_late_on_an_assumed_year_is_asked_about(tmp_path: Path) -> None:
    data = book({"plan": [{"due": "1月5日"}, {"due": "1月5日", "status": "已完成"}]})
    first = outcome(data, datetime(2024, 1, 10))
    assert late(first) == {2: "逾期4天"}
    data = splice(data, first.cells)
    later = outcome(data, JULY_16, first.rows)
    assert late(later) == {}
    questions = [f for f in later.findings if f.code == "XF113"]
    assert [f.cell for f in questions] == ["E2", "E3"]
    assert "不计入" in questions[0].params["assumed"]["zh"]
    total = figures(later, tmp_path)
    assert (total["plan_rows"], total["plan_overdue"], total["undated"]) == (0, 0, 1)
    assert outcome(splice(data, later.cells), JULY_16, later.rows).cells == {}


STATUSES = [
    "延期",
    "已逾期",
    "未完成",
    "推进中",
    "80%",
    "完成80%",
    Formatted(0.8, "0%"),
    "已延期",
    "延期中",
]


@pytest.mark.parametrize("status", STATUSES)
def test_status_words_of_every_day(status: Any) -> None:
    result = outcome(book({"plan": [{"due": date(2024, 7, 15), "status": status}]}))
    assert result.rows[0].get("status") == "进行中"
    assert late(result) == {2: "逾期1天"}


@pytest.mark.parametrize(
    "status", ["基本完成", "快完成了", "即将完成", "完成一半", "已完成初稿", "接近完成"]
)
def test_what_is_nearly_done_is_never_offered_as_done(status: str) -> None:
    result = outcome(book({"plan": [{"due": date(2024, 7, 15), "status": status}]}))
    finding = at(result, "XF106")
    assert finding.fix == "进行中"
    assert finding.params["suggestion"] == "进行中"


OWN = {"跟进中": "进行中", "调研": "需求调研", "交付日": "完成时间", "結項": "已完成"}


def test_a_companys_own_words() -> None:
    settings = Settings(words=OWN)
    check_own_words(settings)
    rows = [
        {"due": date(2024, 7, 15), "status": "跟进中", "stage": "调研"},
        {"due": date(2024, 7, 15), "status": "结项", "done_on": date(2024, 7, 9)},
    ]
    result = outcome(book({"plan": rows}, {"due": "交付日"}), settings=settings)
    assert late(result) == {2: "逾期1天"}
    assert [row.get("status") for row in result.rows] == ["进行中", "已完成"]
    assert found(result, "XF115") == {}
    again = outcome(book({"plan": rows}, {"due": "交付日"}), JULY_16, result.rows, settings)
    assert (again.changes, again.change_findings) == ((), ())


@pytest.mark.parametrize(
    ("words", "key", "near"),
    [
        ({"完成时间": "实际完成时间"}, "settings_own_word", None),
        ({"進行中": "已完成"}, "settings_own_word", None),
        ({"交付日": "完成日间"}, "settings_word_meaning", "完成时间"),
        ({"跟进": "进行种"}, "settings_word_meaning", "进行中"),
    ],
)
def test_words_that_are_refused(words: dict[str, str], key: str, near: str | None) -> None:
    with pytest.raises(SettingsError) as refused:
        check_own_words(Settings(words=words))
    assert refused.value.key == key
    assert refused.value.params.get("near") == near
