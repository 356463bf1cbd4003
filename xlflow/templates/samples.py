"""The demo's sample workbooks: five teams and a copy.

One team has the guide's own rows, one has no mistakes, one has made its own file in
traditional characters instead of using the template, one has every common mistake,
and one has a copy of its workbook in the folder. Their rows are in
:mod:`xlflow.templates.sample_rows`.
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
from xlflow.templates import sample_rows, team_workbook
from xlflow.templates.help_sheet import add_help_sheet
from xlflow.templates.table_sheet import FIRST_ROW, HEADER_ROW, add_table_sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

COPY_NAME = f"{sample_rows.COPIED_TEAM} - 副本"


def write_samples(teams_dir: Path, settings: Settings, language: str) -> list[Path]:
    """Write the sample workbooks into ``teams_dir`` and return their paths, the copy last."""
    paths = []
    for team, sample in (
        (sample_rows.GUIDE_TEAM, sample_rows.GUIDE),
        (sample_rows.CLEAN_TEAM, sample_rows.CLEAN),
    ):
        path = teams_dir / f"{team}.xlsx"
        rows = {name: _rows(BY_NAME[name], sample, language) for name in sample}
        team_workbook.write(path, team=team, language=language, settings=settings, rows=rows)
        paths.append(path)
    path = teams_dir / f"{sample_rows.TRADITIONAL_TEAM}.xlsx"
    path.write_bytes(_traditional())
    paths.append(path)
    path = teams_dir / f"{sample_rows.FAULTY_TEAM}.xlsx"
    path.write_bytes(_faulty(settings, language))
    paths.append(path)
    for name, edited in ((sample_rows.COPIED_TEAM, False), (COPY_NAME, True)):
        path = teams_dir / f"{name}.xlsx"
        path.write_bytes(_copied(settings, language, edited=edited))
        paths.append(path)
    return paths


def _rows(table: Table, sample: sample_rows.Sample, language: str) -> list[dict[str, Any]]:
    fields = sample_rows.FIELDS[table.name]
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
    """Return the template with merged cells, a hidden row, a replaced and a repeated header."""
    team = sample_rows.FAULTY_TEAM
    content = BytesIO()
    book = team_workbook.new_book(content, team, language)
    add_help_sheet(book, team=team, language=language, settings=settings)
    sheets = {
        table.name: add_table_sheet(
            book,
            _with_renamed_header(table),
            team=team,
            language=language,
            settings=settings,
            rows=_rows(table, sample_rows.FAULTY, language),
            # Excel merges no cells inside a native table, so it must have been converted before.
            native_table=table.name != sample_rows.MERGED_ROWS[0],
        )
        for table in TABLES
    }
    name, index = sample_rows.HIDDEN_ROW
    sheets[name].set_row(FIRST_ROW - 1 + index, None, None, {"hidden": True})
    name, field, first, last = sample_rows.MERGED_ROWS
    _merge(book, sheets[name], BY_NAME[name], field, first, last)
    name, field = sample_rows.DOUBLED_HEADER
    table = BY_NAME[name]
    column = len(table.columns)
    header = table[field].header[language]
    sheets[name].write_string(HEADER_ROW - 1, column, header, book.add_format())
    sheets[name].write_string(FIRST_ROW - 1, column, "180万次", book.add_format())
    sheets[PROBLEM.name].activate()
    book.close()
    return content.getvalue()


def _with_renamed_header(table: Table) -> Table:
    """Return the table with the header that the faulty team replaced."""
    name, field, header = sample_rows.RENAMED_HEADER
    columns = tuple(
        replace(c, header=header) if (table.name, c.field) == (name, field) else c
        for c in table.columns
    )
    return replace(table, columns=columns)


def _merge(
    book: Workbook, sheet: Worksheet, table: Table, field: str, first: int, last: int
) -> None:
    number = _column_index(table, field)
    value = _rows(table, sample_rows.FAULTY, "zh")[first][field]
    cell_format = book.add_format(
        {"text_wrap": True, "valign": "top", "border": 1, "border_color": look.RULE}
    )
    top = FIRST_ROW - 1
    sheet.merge_range(top + first, number, top + last, number, value, cell_format)


def _column_index(table: Table, field: str) -> int:
    return [c.field for c in table.columns].index(field)


def _copied(settings: Settings, language: str, *, edited: bool) -> bytes:
    """Return the template without one sheet; ``edited`` returns the copy with its other cell."""
    team = sample_rows.COPIED_TEAM
    content = BytesIO()
    book = team_workbook.new_book(content, team, language)
    add_help_sheet(book, team=team, language=language, settings=settings)
    for table in TABLES:
        if table.name not in sample_rows.COPIED:
            continue
        rows = _rows(table, sample_rows.COPIED, language)
        name, index, field, value = sample_rows.COPY_EDIT
        if edited and table.name == name:
            rows[index][field] = value
        add_table_sheet(book, table, team=team, language=language, settings=settings, rows=rows)
    book.get_worksheet_by_name(PLAN.sheet[language]).activate()
    book.close()
    return content.getvalue()


# The file of the team without the template: headers in traditional characters and in another
# order, among columns of their own (those without a field), below a title.
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
_OWN_COLUMNS = {
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
    header_format = book.add_format(
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
            sheet.write_string(1, number, header, header_format)
        for index, row in enumerate(_rows(table, sample_rows.TRADITIONAL, "zh")):
            for number, (header, field, _) in enumerate(columns):
                value = row[field] if field else _OWN_COLUMNS[header][index]
                _write_value(book, sheet, (2 + index, number), value)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    book.close()
    return content.getvalue()


def _write_value(book: Workbook, sheet: Worksheet, cell: tuple[int, int], value: Any) -> None:
    plain: dict[str, Any] = {"border": 1, "text_wrap": True, "valign": "vcenter"}
    if isinstance(value, datetime):
        sheet.write_datetime(*cell, value, book.add_format(plain | {"num_format": "yyyy/m/d h:mm"}))
    elif isinstance(value, date):
        sheet.write_datetime(*cell, value, book.add_format(plain | {"num_format": "yyyy/m/d"}))
    elif isinstance(value, str):
        sheet.write_string(*cell, value, book.add_format(plain))
    elif value is None:
        sheet.write_blank(*cell, None, book.add_format(plain))
    else:
        sheet.write_number(*cell, value, book.add_format(plain))
