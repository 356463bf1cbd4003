"""The demo's sample workbooks: five teams, as they might hand them in.

One has the guide's own rows, one is clean, one is an ordinary person's file in
traditional characters, one has a mistake of every common kind, one has a copy
lying beside it. Their rows are in :mod:`xlflow.templates.sample_rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlflow import look
from xlflow.columns import Table
from xlflow.config import Settings
from xlflow.schema import BY_NAME, CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.templates import help_sheet, team_workbook
from xlflow.templates import sample_rows as data

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

COPY_NAME = f"{data.COPIED_TEAM} - 副本"


def write_samples(teams_dir: Path, settings: Settings, language: str) -> list[Path]:
    """Write the sample workbooks into ``teams_dir`` and return their paths, the copy last."""
    paths = []
    for team, sample in ((data.GUIDE_TEAM, data.GUIDE), (data.CLEAN_TEAM, data.CLEAN)):
        path = teams_dir / f"{team}.xlsx"
        rows = {name: _rows(BY_NAME[name], sample, language) for name in sample}
        team_workbook.write(path, team=team, language=language, settings=settings, rows=rows)
        paths.append(path)
    path = teams_dir / f"{data.TRADITIONAL_TEAM}.xlsx"
    path.write_bytes(_traditional())
    paths.append(path)
    path = teams_dir / f"{data.FAULTY_TEAM}.xlsx"
    path.write_bytes(_faulty(settings, language))
    paths.append(path)
    for name, edited in ((data.COPIED_TEAM, False), (COPY_NAME, True)):
        path = teams_dir / f"{name}.xlsx"
        path.write_bytes(_copied(settings, language, edited=edited))
        paths.append(path)
    return paths


def _rows(table: Table, sample: data.Sample, language: str) -> list[dict[str, Any]]:
    fields = data.FIELDS[table.name]
    rows = []
    for values in sample[table.name]:
        row = dict(zip(fields, values, strict=True))
        for field in fields:
            for option in table[field].choices:
                if row[field] == option.zh:
                    row[field] = option[language]
        rows.append(row)
    return rows


def _faulty(settings: Settings, language: str) -> bytes:
    """The template as somebody has worked in it who merges, hides and writes over headers."""
    team = data.FAULTY_TEAM
    content = BytesIO()
    book = team_workbook.new_book(content, team, language)
    help_sheet.add_help_sheet(book, team=team, language=language, settings=settings)
    sheets = {
        table.name: team_workbook.add_table(
            book,
            _with_own_header(table),
            team=team,
            language=language,
            settings=settings,
            rows=_rows(table, data.FAULTY, language),
            # Excel lets nobody merge cells inside a table; whoever did has dissolved it.
            listed=table.name != data.MERGED_ROWS[0],
        )
        for table in TABLES
    }
    name, index = data.HIDDEN_ROW
    sheets[name].set_row(team_workbook.FIRST_ROW - 1 + index, None, None, {"hidden": True})
    name, field, first, last = data.MERGED_ROWS
    _merge(book, sheets[name], BY_NAME[name], field, first, last)
    name, field = data.DOUBLED_HEADER
    table = BY_NAME[name]
    place = (team_workbook.HEADER_ROW - 1, len(table.columns))
    sheets[name].write_string(*place, table[field].header[language], book.add_format())
    sheets[name].write_string(place[0] + 1, place[1], "180万次", book.add_format())
    sheets[PROBLEM.name].activate()
    book.close()
    return content.getvalue()


def _with_own_header(table: Table) -> Table:
    """Return the table as it looks where somebody has written over one of its headers."""
    name, field, header = data.RENAMED_HEADER
    columns = tuple(
        replace(c, header=header) if (table.name, c.field) == (name, field) else c
        for c in table.columns
    )
    return replace(table, columns=columns)


def _merge(
    book: Workbook, sheet: Worksheet, table: Table, field: str, first: int, last: int
) -> None:
    number = _number(table, field)
    value = _rows(table, data.FAULTY, "zh")[first][field]
    shape = book.add_format(
        {"text_wrap": True, "valign": "top", "border": 1, "border_color": look.RULE}
    )
    top = team_workbook.FIRST_ROW - 1
    sheet.merge_range(top + first, number, top + last, number, value, shape)


def _number(table: Table, field: str) -> int:
    return [c.field for c in table.columns].index(field)


def _copied(settings: Settings, language: str, *, edited: bool) -> bytes:
    """The template without a sheet that this team threw away; ``edited`` is its copy."""
    team = data.COPIED_TEAM
    content = BytesIO()
    book = team_workbook.new_book(content, team, language)
    help_sheet.add_help_sheet(book, team=team, language=language, settings=settings)
    for table in TABLES:
        if table.name not in data.COPIED:
            continue
        rows = _rows(table, data.COPIED, language)
        name, index, field, value = data.COPY_EDIT
        if edited and table.name == name:
            rows[index][field] = value
        team_workbook.add_table(
            book, table, team=team, language=language, settings=settings, rows=rows
        )
    book.get_worksheet_by_name(PLAN.sheet[language]).activate()
    book.close()
    return content.getvalue()


# The ordinary person's file: headers in traditional characters, in an order of their own, among
# columns of their own (those without a field), under a title.
_TRADITIONAL_SHEETS: Mapping[str, tuple[str, tuple[tuple[str, str | None, float], ...]]] = {
    PROBLEM.name: (
        "流程現狀分析",
        (
            ("序號", None, 6),
            ("流程環節", "stage", 14),
            ("影響程度(高/中/低)", "impact", 12),
            ("耗時(天)", "days", 9),
            ("當前負責人", "owner", 12),
            ("問題描述", "description", 40),
            ("改進優先級", "priority", 12),
        ),
    ),
    PLAN.name: (
        "流程優化計劃",
        (
            ("序號", None, 6),
            ("優化環節", "stage", 14),
            ("責任人", "owners", 16),
            ("優化目標", "goal", 28),
            ("具體措施", "measures", 34),
            ("開始時間", "started_on", 12),
            ("完成時間", "due", 16),
            ("狀態", "status", 10),
            ("實際完成時間", "done_on", 14),
            ("驗收標準", "acceptance", 24),
        ),
    ),
    MESSAGE.name: (
        "跨部門協作溝通",
        (
            ("協作事項", "topic", 20),
            ("緊急程度", None, 10),
            ("發起部門", "sender", 14),
            ("協作部門", "partners", 18),
            ("負責人", "owners", 12),
            ("發起時間", "asked_at", 18),
            ("反饋時限", "deadline", 14),
            ("實際反饋時間", "answered_at", 18),
            ("溝通內容", "content", 30),
            ("記錄方式", "channel", 16),
        ),
    ),
    CAMPAIGN.name: (
        "活動效果跟蹤",
        (
            ("統計月份", "month", 11),
            ("活動名稱", "name", 18),
            ("關鍵指標", "metric", 12),
            ("目標值", "target", 12),
            ("實際值", "actual", 12),
            ("城市", None, 8),
            ("差異率", "deviation", 10),
            ("原因分析", "cause", 32),
            ("改進方向", "next_step", 32),
        ),
    ),
}
_OWN_CELLS = {
    "序號": ("1", "2", "3"),
    "緊急程度": ("一般", "緊急"),
    "城市": ("上海", "上海", "杭州"),
}


def _traditional() -> bytes:
    from xlsxwriter import Workbook

    content = BytesIO()
    book = Workbook(content, {"in_memory": True})
    book.set_properties({"author": "陳思遠", "created": team_workbook.CREATED})
    title = book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
    head = book.add_format(
        {
            "bold": True,
            "bg_color": "#FFE699",
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
        }
    )
    for table in TABLES:
        name, columns = _TRADITIONAL_SHEETS[table.name]
        sheet = book.add_worksheet(name)
        sheet.set_row(0, 26)
        sheet.set_row(1, 32)
        heading = f"華東市場部 2024年7月 {name}"
        sheet.merge_range(0, 0, 0, len(columns) - 1, heading, title)
        for number, (header, _, width) in enumerate(columns):
            sheet.set_column(number, number, width)
            sheet.write_string(1, number, header, head)
        for index, row in enumerate(_rows(table, data.TRADITIONAL, "zh")):
            for number, (header, field, _) in enumerate(columns):
                value = row[field] if field else _OWN_CELLS[header][index]
                _write(book, sheet, (2 + index, number), value)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    book.close()
    return content.getvalue()


def _write(book: Workbook, sheet: Worksheet, place: tuple[int, int], value: Any) -> None:
    plain: dict[str, Any] = {"border": 1, "text_wrap": True, "valign": "vcenter"}
    if isinstance(value, datetime):
        sheet.write_datetime(
            *place, value, book.add_format(plain | {"num_format": "yyyy/m/d h:mm"})
        )
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, book.add_format(plain | {"num_format": "yyyy/m/d"}))
    elif isinstance(value, str):
        sheet.write_string(*place, value, book.add_format(plain))
    elif value is None:
        sheet.write_blank(*place, None, book.add_format(plain))
    else:
        sheet.write_number(*place, value, book.add_format(plain))
