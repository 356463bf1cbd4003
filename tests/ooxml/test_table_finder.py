"""Finding tables as teams keep them: renamed, moved, with titles, new columns and merged cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tests.rows import position
from xlflow.errors import UnreadableError
from xlflow.facts import Snapshot
from xlflow.ooxml.book import Book
from xlflow.ooxml.table_finder import find_tables
from xlflow.packed_rows import PackedValues
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.values import Context

PLAN_HEADER = ["优化环节", "优化目标", "具体措施", "责任人", "完成时间", "验收标准"]
PROBLEM_HEADER = [
    "流程环节",
    "当前负责人",
    "耗时(天)",
    "问题描述",
    "影响程度(高/中/低)",
    "改进优先级",
]


def seen(
    sheets: Mapping[str, Sequence[Sequence[Any]]],
    finish: Callable[[dict[str, Worksheet]], None] | None = None,
) -> Snapshot:
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    made = {}
    for name, lines in sheets.items():
        sheet = made[name] = book.add_worksheet(name)
        for r, line in enumerate(lines):
            for c, content in enumerate(line):
                if isinstance(content, date):
                    sheet.write_datetime(r, c, content, day)
                elif content is not None:
                    sheet.write(r, c, content)
    if finish:
        finish(made)
    book.close()
    return find_tables(Book(buffer.getvalue()), Context(seen=date(2024, 7, 1)))


def test_a_table_with_only_the_guides_columns() -> None:
    found = seen(
        {"流程优化计划": [PLAN_HEADER, ["需求调研", "到90%", "", "小张", "2024-06-30", "≤1次"]]}
    )
    sheet = found.tables["plan"]
    assert sheet.header_row == 1
    assert not sheet.recorded
    assert {"status", "late", "record"} <= set(sheet.missing)
    (row,) = sheet.rows
    assert (row.number, row.get("stage"), row.get("due")) == (2, "需求调研", date(2024, 6, 30))
    assert position(sheet, row, "due") == (2, 5)
    assert not row.knows("status")
    assert set(found.absent) == {"problem", "message", "campaign"}


def test_title_rows_moved_and_inserted_columns_and_traditional_headers() -> None:
    header = ["序號", "責任人", "優化環節", "完成時間", "備註", "優化目標"]
    found = seen(
        {
            "優化計畫": [
                ["華東市場部流程優化計劃"],
                [],
                header,
                [1, "小張", "需求調研", "2024/6/30", "x", "到90%"],
            ]
        }
    )
    sheet = found.tables["plan"]
    assert (sheet.sheet, sheet.header_row) == ("優化計畫", 3)
    assert sheet.headers["due"] == "完成時間"
    assert sheet.columns == {"owners": 2, "stage": 3, "due": 4, "goal": 6}
    assert position(sheet, sheet.rows[0], "due") == (4, 4)


def test_english_and_pinyin_headers() -> None:
    english = [column.header.en for column in PROBLEM.columns]
    pinyin = ["協(xié)作事項", "發(fā)起部門", "協(xié)作部門", "負責(zé)人", "反饋(kuì)時限"]
    found = seen({"Workflow analysis": [english, ["Research"]], "x": [pinyin, ["評審"]]})
    assert set(found.tables["problem"].columns) == {c.field for c in PROBLEM.columns}
    assert found.tables["message"].rows[0].get("topic") == "評審"


def test_notes_in_brackets_and_full_width_brackets_in_headers() -> None:
    header = ["优化环节(必填)", "优化目标", "责任人（可多人）", "完成时间\n(必填)", "状态"]
    found = seen({"计划": [header, ["需求调研", "到90%", "小张", "2024-06-30", "进行中"]]})
    assert found.absent == ("problem", "message", "campaign")
    assert set(found.tables["plan"].columns) == {"stage", "goal", "owners", "due", "status"}


def test_an_alias_next_to_the_columns_own_header_is_reported_and_not_read() -> None:
    header = ["流程环节", "当前负责人", "负责人", "耗时(天)", "影响程度"]
    sheet = seen({"流程现状分析": [header, ["a", "b", "c", 1, "高"]]}).tables["problem"]
    assert sheet.columns["owner"] == 2
    assert sheet.duplicate_columns == (("owner", 3, "负责人"),)


def test_a_repeated_header_is_reported() -> None:
    header = [*PLAN_HEADER, "完成时间"]
    sheet = seen({"流程优化计划": [header, ["a"]]}).tables["plan"]
    assert sheet.columns["due"] == 5
    assert sheet.duplicate_columns == (("due", 7, "完成时间"),)


def test_a_teams_column_with_the_name_of_xlflows_stays_the_teams() -> None:
    header = [*PLAN_HEADER, "逾期", "系统提示"]
    sheet = seen(
        {"流程优化计划": [header, ["a", "b", "c", "d", "2024-06-30", "e", "f", "g"]]}
    ).tables["plan"]
    assert "late" not in sheet.columns
    assert "remarks" not in sheet.columns


def test_blank_rows_dont_shift_addresses_and_hidden_rows_are_read() -> None:
    lines = [PROBLEM_HEADER, ["需求调研", "小张", 3], [], [None, "  "], ["评审", "刘经理", 2]]
    found = seen(
        {"流程现状分析": lines},
        lambda made: made["流程现状分析"].set_row(4, None, None, {"hidden": True}),
    )
    rows = found.tables["problem"].rows
    assert [(row.number, row.hidden) for row in rows] == [(2, False), (5, True)]


def test_merged_cells_give_their_value_to_each_row_they_cover() -> None:
    lines = [PROBLEM_HEADER, [None, "小张", 3], [None, "小李", 4], [None, "小陈", 5]]

    def merge(made: dict[str, Worksheet]) -> None:
        made["流程现状分析"].merge_range(1, 0, 3, 0, "需求调研")

    sheet = seen({"流程现状分析": lines}, merge).tables["problem"]
    assert [row.get("stage") for row in sheet.rows] == ["需求调研"] * 3
    assert [row.merged for row in sheet.rows] == [frozenset(), {"stage"}, {"stage"}]
    assert position(sheet, sheet.rows[2], "stage") == (4, 1)


def test_overlapping_merged_cells_are_refused() -> None:
    """Excel's merged cells never overlap; ten thousand areas over the same rows do."""
    lines: list[list[Any]] = [PROBLEM_HEADER, *(["需求调研", "小张", n] for n in range(1000))]

    def merge(made: dict[str, Worksheet]) -> None:
        made["流程现状分析"].merge = [[1, 0, 1000, 0] for _ in range(10_000)]

    with pytest.raises(UnreadableError) as refused:
        seen({"流程现状分析": lines}, merge)
    assert refused.value.key == "sheet_malformed"


def test_a_merge_alone_is_not_a_row() -> None:
    def merge(made: dict[str, Worksheet]) -> None:
        made["流程现状分析"].merge_range(1, 0, 5, 0, "需求调研")

    sheet = seen({"流程现状分析": [PROBLEM_HEADER, [None, "小张", 3]]}, merge).tables["problem"]
    assert [row.number for row in sheet.rows] == [2]


def test_totals_notes_and_repeated_headers_are_not_data() -> None:
    def note(made: dict[str, Worksheet]) -> None:
        made["流程现状分析"].merge_range(5, 0, 5, 5, "注:耗时按工作日填写")

    lines = [
        PROBLEM_HEADER,
        ["需求调研", "小张", 3],
        PROBLEM_HEADER,
        ["评审", "刘经理", 2],
        ["合计:", None, 5],
    ]
    rows = seen({"流程现状分析": lines}, note).tables["problem"].rows
    assert [row.number for row in rows] == [2, 4]


def test_a_sheet_without_a_header_and_a_second_sheet_for_a_table() -> None:
    copy = [PROBLEM_HEADER, ["需求调研", "小张", 3]]
    found = seen({"流程优化计划": [["随便写写"]], "流程现状分析": copy, "流程现状分析 (2)": copy})
    assert found.without_header == (("plan", "流程优化计划"),)
    assert found.duplicates == (("problem", "流程现状分析 (2)", "流程现状分析"),)
    assert found.tables["problem"].sheet == "流程现状分析"
    assert found.absent == ("message", "campaign")


def test_a_sheet_with_the_headers_is_preferred_to_an_empty_one_with_the_name() -> None:
    found = seen({"流程优化计划": [[]], "计划(新)": [PLAN_HEADER, ["a"]]})
    assert found.tables["plan"].sheet == "计划(新)"
    assert found.without_header == ()


def test_the_year_of_the_nearest_full_date_completes_a_date() -> None:
    lines = [
        PLAN_HEADER,
        ["a", "", "", "", date(2022, 3, 1)],
        ["b", "", "", "", "6月30日"],
        ["c"],
        ["d", "", "", "", "6月底"],
        ["e", "", "", "", "2023-05-01"],
    ]
    rows = seen({"流程优化计划": lines}).tables["plan"].rows
    assert [row.get("due") and row.get("due").year for row in rows] == [
        2022,
        2022,
        None,
        2023,
        2023,
    ]
    assert "year_first_seen" not in rows[1].value_in("due").hints


def test_of_two_equally_near_full_dates_the_upper_one_gives_the_year() -> None:
    dates = ["6月1日", date(2021, 3, 1), "6月2日", date(2023, 3, 1), "", "", "6月3日"]
    lines = [PLAN_HEADER, *([f"行{n}", "", "", "", day] for n, day in enumerate(dates))]
    rows = seen({"流程优化计划": lines}).tables["plan"].rows
    years = [row.get("due").year for row in rows if row.get("due") is not None]
    assert years == [2021, 2021, 2021, 2023, 2023]


def test_without_full_dates_the_current_year_is_assumed() -> None:
    (row,) = seen({"流程优化计划": [PLAN_HEADER, ["b", "", "", "", "6月30日"]]}).tables["plan"].rows
    assert row.get("due") == date(2024, 6, 30)
    assert {"year_assumed", "year_first_seen"} <= set(row.value_in("due").hints)


def test_cleared_rows_keep_their_position() -> None:
    header = [column.header.zh for column in PROBLEM.columns]
    lines = [header, [None] * 5 + ["优先1", "提示", "xf1 abcdef k=1"]]
    sheet = seen({"流程现状分析": lines}).tables["problem"]
    assert sheet.recorded
    assert sheet.rows == ()
    assert [row.number for row in sheet.cleared] == [2]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_table_is_found_by_its_own_name_and_headers(language: str) -> None:
    sheets = {
        t.sheet[language]: [[c.header[language] for c in t.columns], ["x"] * len(t.columns)]
        for t in reversed(TABLES)
    }
    found = seen(sheets)
    assert found.absent == found.without_header == found.duplicates == ()
    for table in (PROBLEM, PLAN, MESSAGE, CAMPAIGN):
        sheet = found.tables[table.name]
        assert [sheet.columns[c.field] for c in table.columns] == list(
            range(1, len(table.columns) + 1)
        )


def test_xlflows_own_headers_alone_dont_make_a_header() -> None:
    header = ["", "", "", "", "差异率", "系统提示", "系统记录"]
    found = seen({"活动效果跟踪": [header, ["夏季", "线索量", "5000条", "", "", "", "xf1 abc"]]})
    assert found.without_header == (("campaign", "活动效果跟踪"),)


def test_a_deadline_that_is_a_date_gets_its_year_like_other_dates() -> None:
    header = ["协作事项", "发起部门", "协作部门", "负责人", "沟通内容", "反馈时限"]
    lines = [["对接", "市场部", "销售部", "小陈", "", due] for due in ("2023-12-01", "12月30日")]
    sheet = seen({"跨部门协作沟通": [header, *lines]}).tables["message"]
    assert sheet.rows[1].get("deadline").value == date(2023, 12, 30)
    assert sheet.rows[1].value_in("deadline").hints == ("year_assumed",)
    (row,) = seen({"跨部门协作沟通": [header, lines[1]]}).tables["message"].rows
    assert row.get("deadline").value == date(2024, 12, 30)
    assert row.value_in("deadline").hints == ("year_assumed", "year_first_seen")


CAMPAIGN_HEADER = [column.header.zh for column in CAMPAIGN.columns]
RECORD_PLAN = [column.header.zh for column in PLAN.columns]


@pytest.mark.parametrize(
    "first",
    [
        "合计",
        "合 计：",
        "总計",
        "线上小计",
        "7月合计",
        "合计(天)",
        "共计3项",
        "累计",
        "平均：",
        "平均(天)",
        "Grand Total",
        "Total",
        "注：数据取自CRM",
        "备注: 以实际为准",
        "填表人：小张",
        "审核：",
        "制表 小陈",
        "一、线上",
        "（二）线下",
        "1. 线上活动",
        "第一部分 线上",
    ],
)
def test_a_row_that_begins_so_is_no_data(first: str) -> None:
    lines = [CAMPAIGN_HEADER, ["春季发布", "线索量", 2000, 1800], [first]]
    sheet = seen({"活动效果跟踪": lines}).tables["campaign"]
    assert [row.number for row in sheet.rows] == [2]


@pytest.mark.parametrize(
    "first",
    [
        "累计签到",
        "平均数达标赛",
        "整合计划发布",
        "总计划评审",
        "公共计费改造",
        "注册有礼",
        "说明会",
        "1.5折促销",
    ],
)
def test_a_single_filled_cell_is_otherwise_a_row_just_begun(first: str) -> None:
    sheet = seen({"活动效果跟踪": [CAMPAIGN_HEADER, [first]]}).tables["campaign"]
    assert [row.get("name") for row in sheet.rows] == [first]


def test_totals_in_a_leading_column_and_signatures_side_by_side() -> None:
    lines = [
        ["序号", *CAMPAIGN_HEADER],
        [1, "春季发布", "线索量", 2000, 1800],
        ["合计", None, None, 2000, 1800],
        ["填表人：小张", None, None, "审核：刘经理"],
        ["备注", "数据取自CRM"],
    ]
    sheet = seen({"活动效果跟踪": lines}).tables["campaign"]
    assert [row.number for row in sheet.rows] == [2]


def test_the_total_row_of_a_list_object_is_no_data() -> None:
    def table(made: dict[str, Worksheet]) -> None:
        columns = [{"header": h} for h in PROBLEM_HEADER]
        columns[2]["total_function"] = "sum"
        columns[0]["total_string"] = "汇总"
        made["流程现状分析"].add_table(0, 0, 3, 5, {"columns": columns, "total_row": True})

    lines = [PROBLEM_HEADER, ["需求调研", "小张", 4], ["活动执行", "小张", 10]]
    sheet = seen({"流程现状分析": lines}, table).tables["problem"]
    assert [row.number for row in sheet.rows] == [2, 3]


def test_a_row_that_looks_like_a_total_counts_and_is_asked_about() -> None:
    lines = [PROBLEM_HEADER, ["需求调研", "小张", 4, "", "高"], ["本月累计人天", None, 14]]
    sheet = seen({"流程现状分析": lines}).tables["problem"]
    assert [row.number for row in sheet.rows] == [2, 3]
    assert sheet.in_doubt == ((3, 1),)


def test_a_former_flag_of_a_total_is_blanked() -> None:
    lines = [RECORD_PLAN, ["合计", *[None] * 9, "提示", "xf1 abcdef k=12345678"]]
    sheet = seen({"流程优化计划": lines}).tables["plan"]
    assert not sheet.rows
    assert [row.number for row in sheet.cleared] == [2]


@pytest.mark.parametrize(
    ("header", "cell", "amount", "unit"),
    [
        ("目标值(万元)", 6, 60000, "元"),
        ("目标值（单位：万元）", 6, 60000, "元"),
        ("目标值【万元】(必填)", "6", 60000, "元"),
        ("目标值/万元", 6, 60000, "元"),
        ("目标值\n(%)", 8, "0.08", "%"),
        ("*目标值(条)：", 5000, 5000, "条"),
        ("目标值(万元)", "7.5万", 75000, "元"),
        ("目标值(万元)", "7500元", 7500, "元"),
        ("目标值(SMART)", 6, 6, ""),
        ("目标值(月)", 6, 6, ""),
    ],
)
def test_a_unit_in_a_header_is_that_of_its_bare_numbers(
    header: str, cell: Any, amount: Any, unit: str
) -> None:
    names = ["活动名称", "关键指标", header, "实际值"]
    sheet = seen({"活动效果跟踪": [names, ["会员日", "销售额", cell]]}).tables["campaign"]
    value = sheet.rows[0].value_in("target")
    assert (value.value.amount, value.value.unit) == (Decimal(amount), unit)
    again = PackedValues(CAMPAIGN, False, sheet.rows[0].packed)
    assert again[CAMPAIGN.places["target"]] == value


@pytest.mark.parametrize(
    ("header", "days"),
    [
        ("耗时(小时)", None),
        ("耗时（周）", None),
        ("耗时/h", None),
        ("耗时(天)", 3),
        ("耗时(工作日)", 3),
    ],
)
def test_days_in_another_unit_are_refused(header: str, days: int | None) -> None:
    names = ["流程环节", "当前负责人", header, "影响程度"]
    sheet = seen({"流程现状分析": [names, ["调研", "小张", 3, "高"]]}).tables["problem"]
    assert sheet.rows[0].get("days") == days


@pytest.mark.parametrize(
    ("headers", "due", "done"),
    [
        (["计划完成时间", "完成时间"], 3, 4),
        (["完成日期", "截止日期"], 4, 3),
        (["截止日期", "*完成时间："], 3, 4),
        (["计划完成日期", "实际完成日期"], 3, 4),
        (["完成时间*", "实际完成\n时间"], 3, 4),
        (["完成 时间（年-月-日）", "实际完成时间"], 3, 4),
    ],
)
def test_planned_and_actual_days_are_told_apart_as_a_row(
    headers: list[str], due: int, done: int
) -> None:
    names = ["优化环节", "优化目标", *headers]
    sheet = seen({"流程优化计划": [names, ["调研", "到90%"]]}).tables["plan"]
    assert (sheet.columns["due"], sheet.columns["done_on"]) == (due, done)
    assert sheet.duplicate_columns == ()


def test_two_claims_on_one_column_name_both_headers() -> None:
    names = ["优化环节", "优化目标", "计划完成时间", "完成时间", "实际完成时间"]
    sheet = seen({"流程优化计划": [names, ["调研", "到90%"]]}).tables["plan"]
    assert sheet.columns["due"] == 4
    assert sheet.duplicate_columns == (("due", 3, "计划完成时间"),)


@pytest.mark.parametrize("merged", [True, False])
def test_a_header_of_two_lines(merged: bool) -> None:
    lines = [
        ["优化环节", "优化目标", "完成时间", None, "状态"],
        [None, None, "计划", "实际", None],
        ["调研", "到90%", date(2024, 7, 1), date(2024, 7, 2), "已完成"],
    ]

    def merge(made: dict[str, Worksheet]) -> None:
        if merged:
            sheet = made["流程优化计划"]
            sheet.merge_range(0, 2, 0, 3, "完成时间")
            for column, text in ((0, "优化环节"), (1, "优化目标"), (4, "状态")):
                sheet.merge_range(0, column, 1, column, text)

    sheet = seen({"流程优化计划": lines}, merge).tables["plan"]
    assert (sheet.header_row, sheet.header_lines) == (2, 2)
    assert sheet.columns == {"stage": 1, "goal": 2, "due": 3, "done_on": 4, "status": 5}
    (row,) = sheet.rows
    assert (row.get("due"), row.get("done_on")) == (date(2024, 7, 1), date(2024, 7, 2))


def test_a_second_line_of_units() -> None:
    lines = [
        ["活动名称", "关键指标", "目标值", "实际值"],
        [None, None, "万元", "(元)"],
        ["会员日", "销售额", 6, 54000],
    ]
    sheet = seen({"活动效果跟踪": lines}).tables["campaign"]
    assert [row.number for row in sheet.rows] == [3]
    assert sheet.rows[0].get("target").amount == 60000


def test_several_tables_on_one_sheet_below_and_beside_each_other() -> None:
    lines = [
        PROBLEM_HEADER,
        ["需求调研", "小张", 3, "", "高"],
        [],
        ["营销流程优化计划表"],
        PLAN_HEADER,
        ["需求调研", "到90%", "", "小张", "2024-06-30"],
        [],
        [None, *CAMPAIGN_HEADER[:4], None, *PROBLEM_HEADER],
        [None, "夏季", "线索量", 5000, 4200, None, "评审", "刘经理", 2, "", "中"],
    ]
    found = seen({"所有表": lines})
    read = [(s.table.name, s.header_row, [r.number for r in s.rows]) for s in found.sheets]
    assert read == [
        ("problem", 1, [2]),
        ("problem", 8, [9]),
        ("plan", 5, [6]),
        ("campaign", 8, [9]),
    ]


def test_a_table_on_a_sheet_a_month_is_read_on_each() -> None:
    found = seen(
        {
            "6月": [CAMPAIGN_HEADER, ["六月活动", "线索量", 1000, 900]],
            "7月": [CAMPAIGN_HEADER, ["七月活动", "线索量", 1000, 950]],
        }
    )
    assert [(s.sheet, len(s.rows)) for s in found.sheets] == [("6月", 1), ("7月", 1)]
    assert found.duplicates == ()


def test_a_copied_sheet_is_named_and_not_read_also_where_it_stands_first() -> None:
    rows = [["a", "线索量", 1, 2], ["b", "线索量", 1, 2], ["c", "线索量", 1, 2]]
    found = seen(
        {
            "活动效果跟踪 (2)": [CAMPAIGN_HEADER, *rows[:2], ["d", "线索量", 3, 4]],
            "活动效果跟踪": [CAMPAIGN_HEADER, *rows],
        }
    )
    assert [s.sheet for s in found.sheets] == ["活动效果跟踪"]
    assert found.duplicates == (("campaign", "活动效果跟踪 (2)", "活动效果跟踪"),)


def test_a_companys_own_words_are_headers() -> None:
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("流程优化计划")
    sheet.write_row(0, 0, ["优化环节", "优化目标", "交付日(必填)", "完成日期"])
    sheet.write_row(1, 0, ["调研", "到90%", "2024-07-01"])
    book.close()
    words = {"交付日": "完成时间", "跟进中": "进行中"}
    (plan,) = find_tables(
        Book(buffer.getvalue()), Context(seen=date(2024, 7, 1), words=words)
    ).sheets
    assert plan.columns == {"stage": 1, "goal": 2, "due": 3, "done_on": 4}


def test_a_merge_anchored_in_a_computed_column_gives_its_neighbours_nothing() -> None:
    def merge(made: dict[str, Worksheet]) -> None:
        made["活动效果跟踪"].merge_range(1, 4, 1, 6, "无法计算：目标值为空")

    lines = [CAMPAIGN_HEADER, ["夏季", "线索量", None, 4200]]
    (row,) = seen({"活动效果跟踪": lines}, merge).tables["campaign"].rows
    assert row.get("cause") is None
    assert row.get("next_step") is None


@pytest.mark.parametrize(
    ("name", "months", "expected"),
    [
        ("7月", [None], "2024-07"),
        ("12月份", [None], "2023-12"),
        ("2024年7月", [None], "2024-07"),
        ("活动效果跟踪 2023-07", [None], "2023-07"),
        ("202308", [None], "2023-08"),
        ("6月", [None, "2022-05"], "2022-06"),
        ("1-6月", [None], None),
        ("活动", [None], None),
    ],
)
def test_a_blank_month_takes_that_of_its_sheet(
    name: str, months: list[str | None], expected: str | None
) -> None:
    header = ["活动名称", "关键指标", "目标值", "实际值", "统计月份"]
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, header)
    for number, month in enumerate(months, 1):
        sheet.write_row(number, 0, [f"活动{number}", "线索量", 100, 90, month])
    book.close()
    (found,) = find_tables(Book(buffer.getvalue()), Context(seen=date(2024, 2, 1))).sheets
    assert found.rows[0].get("month") == expected
    assert found.month == (expected or "")
