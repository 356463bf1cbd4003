"""The summary workbook: it has all values of the report, with their types and names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.summary.example_report import empty, example, origin, team_name
from xlflow import look
from xlflow.figures.catalogue import BY_KEY, FIGURES, HANDED_IN, FigureUnit
from xlflow.figures.report import CampaignItem, FindingItem, Report, TargetProgress
from xlflow.messages import say
from xlflow.summary import overview, workbook
from xlflow.summary.list_columns import list_columns
from xlflow.summary.list_sheets import HEADER_ROW, LISTS

# openpyxl warns that it drops the data bars of Excel 2010.
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")

LANGUAGES = ("zh", "en")


def written(report: Report, language: str = "zh") -> Workbook:
    return openpyxl.load_workbook(BytesIO(workbook.write_workbook(report, language=language)))


def sheet_of(book: Workbook, name: str, language: str = "zh") -> Worksheet:
    return book[say(f"summary.sheet_{name}", language)]


def listed(sheet: Worksheet) -> list[dict[str, Any]]:
    """Return a list sheet's rows by their headings."""
    heads = [cell.value for cell in sheet[HEADER_ROW + 1] if cell.value is not None]
    rows = sheet.iter_rows(min_row=HEADER_ROW + 2, max_col=len(heads), values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def texts(book: Workbook) -> list[str]:
    return [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def named(book: Workbook, key: str) -> Any:
    """Return the cell or cells that a defined name refers to."""
    (title, cells), *_ = book.defined_names[key].destinations
    return book[title][cells.replace("$", "")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_are_in_order(language: str) -> None:
    book = written(example(), language)
    names = ["overview", *LISTS, "charts"]
    assert book.sheetnames == [say(f"summary.sheet_{name}", language) for name in names]
    assert [s.sheet_state for s in book] == ["visible"] * 7 + ["hidden"]
    if language == "zh":
        assert book.sheetnames[:7] == [
            "总览", "逾期清单", "改进优先", "活动效果", "协作沟通", "校验问题", "提交情况",
        ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_is_listed_with_its_source(language: str) -> None:
    report = example(7)
    book = written(report, language)
    for name in LISTS:
        items, rows = getattr(report, name), listed(sheet_of(book, name, language))
        assert len(items) == 7
        for item, row in zip(items, rows, strict=False):
            source_of_item = item.origin
            assert row[say("summary.team", language)] == source_of_item.team
            source = row[say("summary.workbook", language)]
            if name == "submissions":
                assert (
                    source
                    == f'=HYPERLINK("../{source_of_item.workbook}","{source_of_item.workbook}")'
                )
                continue
            assert source == source_of_item.workbook
            assert row[say("summary.sheet", language)] == source_of_item.sheet
            assert row[say("summary.cell", language)] == (source_of_item.cell or "—")


def test_list_values_keep_their_types() -> None:
    report = example(5)
    book = written(report)
    late = listed(sheet_of(book, "overdue"))
    assert late[0]["事项"] == report.overdue[0].item
    assert late[0]["负责人"] == "刘经理、设计主管"
    assert late[0]["期限"] == datetime(2024, 7, 13)
    assert late[1]["期限"] == datetime(2024, 7, 15, 9, 31)
    assert [row["逾期"] for row in late] == [item.late for item in report.overdue]
    assert [row["类别"] for row in late[:2]] == ["优化计划", "协作反馈"]
    problems = listed(sheet_of(book, "priorities"))
    assert [row["改进优先级"] for row in problems] == [1, 2, 3, 4, "—"]
    assert [row["耗时(天)"] for row in problems] == [2.5, 3.5, 4.5, 5.5, 6.5]
    assert problems[0]["问题描述"] == report.priorities[0].description
    campaigns = listed(sheet_of(book, "campaigns"))
    assert [row["差异率"] for row in campaigns[:3]] == [-0.16, 0.25, "—"]
    assert [row["结果"] for row in campaigns[:3]] == ["未达标", "达标", "无法判断"]
    assert campaigns[2]["无法判断的原因"] == "无法计算：不是数字"
    assert campaigns[0]["目标值"] == "5000条"
    messages = listed(sheet_of(book, "messages"))
    assert [row["状态"] for row in messages] == [
        "按时反馈", "超时反馈", "逾期未反馈", "待反馈", "无法判断",
    ]  # fmt: skip
    assert messages[0]["实际反馈时间"] == datetime(2024, 7, 2, 8, 5)
    findings = listed(sheet_of(book, "findings"))
    assert [row["类别"] for row in findings] == ["校验", "校验", "校验", "变更", "校验"]
    assert [row["级别"] for row in findings[:4]] == ["错误", "警告", "错误", "提示"]
    assert [row["说明"] for row in findings] == [item.message for item in report.findings]
    handed = listed(sheet_of(book, "submissions"))
    assert [row["提交"] for row in handed] == ["已交", "已交", "迟交", "已交", "未交"]
    assert handed[3]["说明"] == report.submissions[3].reason
    assert handed[3]["文件状态"] == "无法读取"
    assert [row["行数"] for row in handed] == [12, 13, 14, 15, 16]


def test_number_formats_follow_the_look() -> None:
    book = written(example(5))
    first = HEADER_ROW + 2
    assert sheet_of(book, "overdue").cell(first, 5).number_format == look.DATE
    assert sheet_of(book, "overdue").cell(first + 1, 5).number_format == look.MOMENT
    assert sheet_of(book, "campaigns").cell(first, 6).number_format == look.DEVIATION
    assert sheet_of(book, "priorities").cell(first, 2).number_format == '"优先"0'
    assert named(book, "overdue_rate").number_format == look.RATE


@pytest.mark.parametrize("language", LANGUAGES)
def test_metrics_have_a_named_range_below_the_campaigns(language: str) -> None:
    book = written(example(), language)
    rows = [[cell.value for cell in row] for row in named(book, "metrics")]
    assert rows == [
        ["线索量", "条", 2, 10000, 8400, -0.16, 0, 2],
        ["转化率", "%", 3, "—", "—", "—", 2, 1],
        ["新增会员", "人", 2, 12000, 13850.5, 0.1542, 2, 0],
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_hidden_name_for_its_total(language: str) -> None:
    report = example(12)
    book = written(report, language)
    assert set(book.defined_names) == {figure.key for figure in FIGURES}
    for key, name in book.defined_names.items():
        assert name.hidden
        if key == "metrics":
            continue
        cell = named(book, key)
        if key == "handed_in":
            counts = re.findall(r"(\D+) (\d+)", cell.value)
            state = {words.strip(): int(count) for words, count in counts}
            expected = {HANDED_IN[k][language]: v for k, v in report.total[key].items()}
            assert state == expected
        else:
            assert cell.value == pytest.approx(report.total[key])
        assert cell.row > 30, "the total's cell, not a tile"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_every_team_is_in_its_column(language: str) -> None:
    report = example(12)
    book = written(report, language)
    for figure in FIGURES:
        if figure.unit is FigureUnit.LIST:
            continue
        total = named(book, figure.key)
        sheet: Worksheet = total.parent
        first = total.row - len(report.teams)
        assert sheet.cell(first - 1, total.column).value == figure.name[language]
        for row in range(first, total.row):
            expected = report.teams[sheet.cell(row, 2).value][figure.key]
            if figure.unit is FigureUnit.STATE:
                expected = HANDED_IN[expected][language]
            value = sheet.cell(row, total.column).value
            assert value == ("—" if expected is None else pytest.approx(expected))


def test_the_team_tables_have_every_figure_once() -> None:
    keys = [k for _, groups in overview.BLOCKS for _, group in groups for k in group]
    assert sorted([*keys, "metrics"]) == sorted(BY_KEY)


def test_tiles_show_value_change_and_target() -> None:
    sheet = sheet_of(written(example()), "overview")
    shown = [cell.value for row in sheet.iter_rows(min_row=5, max_row=9) for cell in row]
    shown = [value for value in shown if value is not None]
    assert shown[:6] == [
        "任务逾期率", "按期完成率", "平均周期", "按时反馈率", "活动指标达标", "已提交的团队",
    ]  # fmt: skip
    assert shown[6:12] == [pytest.approx(v) for v in (10 / 35, 21 / 25, 16.4, 0.75, 14, 4)]
    assert shown[12:18] == [
        "较上月 ▲ 0.1 个百分点 · 变差",
        "● 与上月持平",
        "较上月 ▼ 2.5 天 · 好转",
        "较上月 ▼ 16 个百分点 · 变差",
        "较上月 ▲ 20 个百分点 · 好转",
        "较上月 ▲ 1 个团队 · 好转",
    ]
    assert shown[18:21] == ["目标 10% · 进度 30%", "", "目标 15 天 · 进度 72%"]
    formats = [sheet.cell(6, c).number_format for c in (2, 6 - 2, 7, 10, 13, 16)]
    assert formats == ["0.0%", "0.0%", '0.0" 天"', "0.0%", '#,##0" / 22"', '#,##0" / 5"']


def test_an_unknown_figure_is_a_dash() -> None:
    report = example()
    total = dict(report.total) | {"cycle_days_mean": None, "overdue_rate": float("nan")}
    book = written(replace(report, total=total, previous=None))
    assert named(book, "cycle_days_mean").value == "—"
    assert named(book, "overdue_rate").value == "—"
    shown = texts(book)
    assert shown.count("上月没有可比的数据") == 6


def test_a_figure_worse_than_its_baseline_is_said_in_words() -> None:
    targets = (
        TargetProgress("逾期率", "overdue_rate", 0.3, 0.1, None, 0.333, -0.165),
        TargetProgress("周期", "cycle_days_mean", 20, 15, None, 21.5, -0.3),
    )
    shown = texts(written(replace(example(), targets=targets)))
    assert "目标 10% · 比起点差 3.3 个百分点" in shown
    assert "比起点差 3.3 个百分点" in shown
    assert "比起点差 1.5 天" in shown
    assert not any(re.search(r"-\d+%", text) for text in shown)


def test_targets_are_listed_with_their_progress() -> None:
    shown = [
        [c.value for c in row if c.value is not None]
        for row in sheet_of(written(example()), "overview").iter_rows()
    ]
    assert ["任务逾期率", "任务逾期率", 0.3, 0.24, 0.1, 0.12, 0.3] in shown
    assert ["部门反馈", "按时反馈率", 0.6, "—", 0.9, "—", "—"] in shown


def test_the_overview_names_month_as_of_and_unreadable_teams() -> None:
    shown = texts(written(example()))
    assert "2024年7月 营销流程汇总" in shown
    assert "截至 2024-07-16 24:00 · 更新于 2024-07-16 24:00 · 团队 5 个 · 本月涉及 99 行" in shown
    assert any("1 个团队的文件无法读取" in text and "市场四部" in text for text in shown)
    assert any("任务逾期率 =" in text for text in shown)
    readable = replace(example(), submissions=example().submissions[:3])
    assert not any("读不到" in text for text in texts(written(readable)))
    assert "Marketing workflow, July 2024" in texts(written(example(), "en"))


def test_charts_refer_to_existing_cells() -> None:
    data = workbook.write_workbook(example(60), language="zh")
    book = openpyxl.load_workbook(BytesIO(data))
    with ZipFile(BytesIO(data)) as package:
        charts = [n for n in package.namelist() if n.startswith("xl/charts/chart")]
        assert len(charts) == 5
        for chart in charts:
            xml = package.read(chart).decode()
            assert '<c:plotVisOnly val="1"/>' not in xml, "the sheet it reads is hidden"
            references = re.findall(r"<c:f>(.+?)</c:f>", xml)
            assert references
            for reference in references:
                title, _, cells = reference.partition("!")
                sheet = book[title.strip("'")]
                found = sheet[cells.replace("$", "")]
                rows = found if isinstance(found, tuple) else ((found,),)
                assert any(cell.value is not None for row in rows for cell in row)


def test_a_chart_shows_the_teams_with_the_most_problems() -> None:
    report = example(60)
    sheet = sheet_of(written(report), "charts")
    rows = list(sheet.iter_rows(min_row=2, min_col=6, max_col=8, values_only=True))
    shown = [row for row in rows if row[0] is not None and row[1] is not None]
    assert len(shown) == 8
    sums = [plan + messages for _, plan, messages in shown]
    all_sums = sorted(
        (t["plan_overdue"] + t["messages_overdue"] for t in report.teams.values()), reverse=True
    )
    assert sums == all_sums[:8]
    trend = list(sheet.iter_rows(min_row=2, max_row=13, max_col=3, values_only=True))
    assert trend[3] == ("2023-11", None, None), "a gap, not a zero"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_month_has_placeholders(language: str) -> None:
    book = written(empty(), language)
    for name in LISTS:
        sheet = sheet_of(book, name, language)
        assert not sheet.tables
        assert say(f"summary.empty_{name}", language) in [
            cell.value for row in sheet.iter_rows() for cell in row
        ]
        heads = [cell.value for cell in sheet[HEADER_ROW + 1] if cell.value]
        assert heads == [
            say(f"summary.{f.heading}", language) for f in list_columns(name, language)
        ]
    shown = texts(book)
    for key in ("trend", "chart_overdue", "chart_campaigns", "chart_answers", "chart_problems"):
        assert say(f"summary.empty_{key}", language) in shown
    assert say("summary.empty_teams", language) in shown
    assert named(book, "overdue_rate").value == "—"
    assert named(book, "plan_rows").value == 0


def test_a_report_without_figures() -> None:
    book = written(replace(empty(), total={}, month="2024年上半年"))
    assert named(book, "problem_days").value == "—"
    assert "2024年上半年 营销流程汇总" in texts(book)


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_filter_freeze_and_print(language: str) -> None:
    book = written(example(), language)
    for name in LISTS:
        sheet = sheet_of(book, name, language)
        table = sheet.tables[f"xlf_{name}"]
        assert table.ref.startswith("A3:")
        assert table.autoFilter is not None
        assert sheet.freeze_panes == "B4"
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        heads = [column.name for column in table.tableColumns]
        assert len(heads) == len(set(heads))
    assert book["总览" if language == "zh" else "Overview"].page_setup.orientation == "landscape"


def test_equal_reports_give_the_same_bytes() -> None:
    first = workbook.write_workbook(example(), language="zh")
    report = example()
    reordered = replace(report, teams=dict(reversed(report.teams.items())))
    assert reordered == report
    assert workbook.write_workbook(reordered, language="zh") == first
    assert workbook.write_workbook(report, language="en") != first


def test_the_digest_ignores_the_time_of_reading() -> None:
    report = example()
    digest = workbook.report_digest(report, "zh")
    later = timedelta(hours=3)
    read_later = replace(
        report,
        as_of=report.as_of + later,
        submissions=tuple(
            replace(s, last_seen=s.last_seen + later) for s in report.submissions if s.last_seen
        ),
        overdue=tuple(replace(o, late_seconds=o.late_seconds + 10800) for o in report.overdue),
        teams={name: dict(reversed(t.items())) for name, t in report.teams.items()},
    )
    assert workbook.report_digest(read_later, "zh") == digest
    assert (
        workbook.report_digest(replace(report, total=report.total | {"plan_rows": 45.0}), "zh")
        == digest
    )
    for changed in (
        replace(report, total=report.total | {"plan_rows": 46}),
        replace(report, overdue=(replace(report.overdue[0], late="逾期4天"), *report.overdue[1:])),
        replace(report, submissions=report.submissions[:-1]),
        replace(report, month="2024-08"),
        replace(report, previous=None),
    ):
        assert workbook.report_digest(changed, "zh") != digest
    assert workbook.report_digest(report, "en") != digest


def test_dates_outside_excels_calendar_stay_text() -> None:
    item = replace(example().messages[0], asked_at=date(1024, 7, 1), due=datetime(9999, 12, 31, 23))
    row = listed(sheet_of(written(replace(example(), messages=(item,))), "messages"))[0]
    assert row["发起时间"] == "1024-07-01"
    assert row["期限"] == datetime(9999, 12, 31, 23)


def test_numbers_outside_excels_range_are_a_dash() -> None:
    team, sheet = team_name(0), "活动效果跟踪"
    items = tuple(
        CampaignItem(
            origin(team, sheet, "D5", 5), "a", "b", "1", "2", deviation, "met", *[None] * 3
        )
        for deviation in (Decimal("1E+999"), Decimal("NaN"), Decimal("sNaN"), Decimal("0.5"))
    )
    rows = listed(sheet_of(written(replace(example(), campaigns=items)), "campaigns"))
    assert [row["差异率"] for row in rows[:4]] == ["—", "—", "—", 0.5]


def test_a_reason_code_is_translated() -> None:
    item = replace(example().campaigns[2], reason="target_zero")
    report = replace(example(), campaigns=(item,))
    assert listed(sheet_of(written(report), "campaigns"))[0]["无法判断的原因"].endswith(
        "目标值为零"
    )


def test_tens_of_thousands_of_findings_lose_no_cell() -> None:
    count = 66_000  # more than the links that Excel allows on one sheet
    cell = origin("市场一部", "流程优化计划", "E7", 7)
    items = tuple(
        FindingItem(cell, "完成时间", "XF102", "error", f"第{i}处", "2024-06-31", None)
        for i in range(count)
    )
    data = workbook.write_workbook(replace(example(), findings=items), language="zh")
    with ZipFile(BytesIO(data)) as package:
        xml = package.read("xl/worksheets/sheet6.xml").decode()
    assert "<hyperlink" not in xml
    assert xml.count("<f>") == 0
    assert xml.count('t="s"') == 2 + 11
    assert xml.count('t="inlineStr"') == 11 * count
    assert all(f"<t>第{i}处</t>" in xml for i in (0, count // 2, count - 1))
    assert xml.count("处</t>") == count
