"""Finding tables as teams keep them: renamed, moved, with titles, new columns and merged cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
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


def test_an_alias_next_to_the_columns_own_header_is_another_column() -> None:
    header = ["流程环节", "当前负责人", "负责人", "耗时(天)", "影响程度"]
    sheet = seen({"流程现状分析": [header, ["a", "b", "c", 1, "高"]]}).tables["problem"]
    assert sheet.columns["owner"] == 2
    assert sheet.duplicate_columns == ()


def test_a_repeated_header_is_reported() -> None:
    header = [*PLAN_HEADER, "完成时间"]
    sheet = seen({"流程优化计划": [header, ["a"]]}).tables["plan"]
    assert sheet.columns["due"] == 5
    assert sheet.duplicate_columns == (("due", 7),)


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
    assert found.duplicates == (("problem", "流程现状分析 (2)"),)
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
