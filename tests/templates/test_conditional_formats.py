"""The colours that LibreOffice computes from the template's conditional formats."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.office import Seen, libreoffice, picture, rows_of, sheets, within_one_day
from xlflow import look, schema
from xlflow.columns import Table
from xlflow.config import Settings
from xlflow.templates import table_sheet, team_workbook

PLAIN = look.Style(look.INK)

Cases = dict[str, list[tuple[dict[str, Any], dict[str, look.Style]]]]
"""Table → (values of a row, the expected styles of its cells)."""


def cases_at(now: datetime) -> Cases:
    now = now.replace(microsecond=0)
    today = now.date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
    return {
        "plan": [
            ({"due": yesterday}, {"due": look.BAD, "goal": PLAIN}),
            ({"due": yesterday, "late": "逾期1天"}, {"due": look.BAD, "late": look.BAD}),
            ({"due": yesterday, "status": "进行中"}, {"due": look.BAD}),
            ({"due": yesterday, "status": "已完成"}, {"due": look.DONE, "goal": look.DONE}),
            ({"due": yesterday, "status": "已取消"}, {"due": look.DONE, "goal": look.DONE}),
            ({"due": yesterday, "status": "Done"}, {"due": look.DONE}),
            ({"due": yesterday, "done_on": yesterday}, {"due": look.DONE, "goal": look.DONE}),
            ({"due": yesterday, "done_on": tomorrow}, {"due": look.BAD, "goal": PLAIN}),
            ({"due": yesterday, "done_on": "7月5日"}, {"due": look.DONE}),
            # What isn't used as a date doesn't make it done.
            ({"due": yesterday, "done_on": "上周五"}, {"due": look.BAD}),
            ({"due": yesterday, "done_on": "-"}, {"due": look.BAD}),
            ({"due": yesterday, "done_on": 7.2}, {"due": look.BAD}),
            ({"due": now - timedelta(hours=1)}, {"due": look.BAD}),
            ({"due": today}, {"due": look.SOON}),
            ({"due": today + timedelta(days=3)}, {"due": look.SOON}),
            ({"due": today + timedelta(days=4)}, {"due": PLAIN}),
            ({"due": today, "status": "已完成"}, {"due": look.DONE}),
            ({"due": "6月底", "late": "逾期16天"}, {"due": look.BAD, "late": look.BAD}),
            ({"due": "6月底"}, {"due": PLAIN}),
            ({"due": "6月底", "late": "逾期16天", "status": "已完成"}, {"due": look.DONE}),
            ({"due": None}, {"due": PLAIN}),
            ({"due": Decimal(15)}, {"due": PLAIN}),
        ],
        "message": [
            ({"deadline": yesterday}, {"deadline": look.BAD, "topic": PLAIN}),
            (
                {"deadline": yesterday, "answered_at": now},
                {"deadline": look.DONE, "topic": look.DONE},
            ),
            ({"deadline": today}, {"deadline": look.SOON}),
            ({"deadline": "24小时"}, {"deadline": PLAIN}),
            ({"deadline": "24小时", "late": "逾期7小时"}, {"deadline": look.BAD, "late": look.BAD}),
            (
                {"deadline": "每日17:00前", "answered_at": yesterday, "late": "逾期1天"},
                {"deadline": look.BAD, "late": look.BAD, "topic": PLAIN},
            ),
        ],
        "campaign": [
            ({"target": 100, "actual": 90}, {"actual": look.BAD}),
            ({"target": 100, "actual": 110}, {"actual": look.GOOD}),
            ({"target": 100, "actual": 100}, {"actual": look.GOOD}),
            ({"target": -100, "actual": -110}, {"actual": look.BAD}),
            ({"target": -100, "actual": -90}, {"actual": look.GOOD}),
            ({"target": 0, "actual": 90}, {"actual": PLAIN}),
            ({"target": 100}, {"actual": PLAIN}),
            ({"target": 100, "actual": 90, "direction": "越低越好"}, {"actual": look.GOOD}),
            ({"target": 100, "actual": 90, "direction": "Lower is better"}, {"actual": look.GOOD}),
            (
                {"target": "5000条", "actual": "4200条", "deviation": "-16%"},
                {"actual": look.BAD, "deviation": look.BAD},
            ),
            (
                {"deviation": "+25%", "actual": "10%", "direction": "越低越好"},
                {"actual": look.BAD, "deviation": look.BAD},
            ),
            ({"deviation": Decimal("0.25")}, {"deviation": look.GOOD}),
            ({"deviation": Decimal("-0.25")}, {"deviation": look.BAD}),
            ({"deviation": Decimal("-0.25"), "direction": "越低越好"}, {"deviation": look.GOOD}),
            ({"deviation": "0%"}, {"deviation": look.GOOD}),
            (
                {"target": "8%", "actual": 10, "deviation": "无法计算：单位不一致"},
                {"actual": PLAIN, "deviation": PLAIN},
            ),
        ],
        "problem": [
            ({"impact": "高"}, {"stage": PLAIN}),
            (
                {"impact": "高", "remarks": "“当前负责人”是必填项，请补上"},
                {"remarks": look.Style(look.BAD.color)},
            ),
        ],
    }


@pytest.fixture(scope="module")
def shown(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Cases, dict[str, list[dict[str, Seen]]]]:
    """The cases, and how LibreOffice displays them: table → rows → header → cell."""

    def displayed(now: datetime) -> tuple[Cases, dict[str, list[dict[str, Seen]]]]:
        folder = tmp_path_factory.mktemp("highlights")
        book = folder / "team.xlsx"
        cases = cases_at(now)
        rows = {
            table.name: [_with_required(table, row) for row, _ in cases[table.name]]
            for table in schema.TABLES
        }
        team_workbook.write(book, team="市场一部", language="zh", settings=Settings(), rows=rows)
        seen = sheets(book, folder)
        return cases, {
            t.name: list(rows_of(seen[t.sheet.zh], table_sheet.HEADER_ROW)) for t in schema.TABLES
        }

    return within_one_day(displayed)


def _with_required(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {table.columns[0].field: "需求调研", "goal": "通过率提升至90%"} | row


@libreoffice
@pytest.mark.parametrize("table", schema.TABLES, ids=lambda t: t.name)
def test_conditional_formats_colour_the_cells(
    table: Table, shown: tuple[Cases, dict[str, list[dict[str, Seen]]]]
) -> None:
    cases, cells = shown
    for number, (row, wanted) in enumerate(cases[table.name]):
        for field, style in wanted.items():
            cell = cells[table.name][number][table[field].header.zh]
            system = look.SYSTEM if field in ("late", "remarks") else None
            assert cell.background == (style.background or system), (row, field)
            # A blank cell has no colour of text.
            assert not cell.text or cell.color == style.color, (row, field)


@libreoffice
def test_a_row_with_findings_is_marked_at_its_left(tmp_path: Path) -> None:
    book = tmp_path / "team.xlsx"
    rows = {"problem": [{"stage": "需求调研"}, {"stage": "效果复盘", "remarks": "请补上负责人"}]}
    team_workbook.write(book, team="市场一部", language="zh", settings=Settings(), rows=rows)
    height = red_edge(picture(book, tmp_path, page=3))
    # The row is 42 points high, but the page is scaled to its width.
    assert 30 <= height <= 42

    del rows["problem"][1]["remarks"]
    team_workbook.write(book, team="市场一部", language="zh", settings=Settings(), rows=rows)
    assert red_edge(picture(book, tmp_path, page=3)) == 0


def red_edge(rows: list[list[tuple[int, int, int]]]) -> int:
    """Return the height of the longest vertical red line, in pixels."""
    longest = 0
    for column in zip(*rows, strict=True):
        run = 0
        for red, green, blue in column:
            run = run + 1 if red > green + 60 and red > blue + 60 else 0
            longest = max(longest, run)
    return longest
