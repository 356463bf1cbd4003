"""One table of the schema as a sheet to work in: title, header with notes, rows, lists, colours.

Everything about a column (header, width, choices, note, number format, who writes
it) is derived from its declaration in :mod:`xlflow.schema`; colours and sizes come
from :mod:`xlflow.look`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from xlflow import look, text_width
from xlflow.columns import Column, Table
from xlflow.config import Settings
from xlflow.facts import ErrorValue, address, column_letters
from xlflow.messages import say
from xlflow.templates.column_formats import (
    FormattedNumber,
    border_properties,
    cell_properties,
    header_properties,
    header_style,
    number_format,
)
from xlflow.templates.conditional_formats import (
    ConditionalFormat,
    conditional_formats,
    row_is_filled,
)
from xlflow.templates.data_validation import data_validation

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

TITLE_ROW, PURPOSE_ROW, HEADER_ROW, FIRST_ROW = 1, 2, 3, 4
READY_ROWS = 200
"""Rows of a table that are prepared with formats, choices and validations."""
BORDERED_ROWS = 16
"""Rows with borders from the start. The others get theirs once they are filled, so
that only rows with content, and not pages of empty ones, are printed."""
SPARE_ROWS = 4
"""The least number of empty rows with borders below the rows that a workbook starts with."""

INDENT = 2
"""Characters that a cell's indent takes from its width."""
NOTE_WIDTH = 260
"""Pixels of a header's note."""
MIN_FILLED_HEIGHT = 42.0
"""The least height of a filled row in points, which leaves room for 系统提示."""

NO_FORMULAS: Mapping[str, str] = {}


def add_table_sheet(
    book: Workbook,
    table: Table,
    *,
    team: str,
    language: str,
    settings: Settings,
    rows: Sequence[Mapping[str, Any]] = (),
    native_table: bool = True,
    formulas: Mapping[str, str] = NO_FORMULAS,
    ready_rows: int = READY_ROWS,
) -> Worksheet:
    """Add the sheet of one table.

    Args:
        rows: rows to start with, each field → value.
        native_table: whether the cells become a native Excel table.
        formulas: field → formula for every ready row, with ``""`` as cached value.
    """
    sheet = book.add_worksheet(table.sheet[language])
    last = FIRST_ROW - 1 + max(ready_rows, len(rows) + SPARE_ROWS)
    _set_columns(book, sheet, table)
    _write_head(book, sheet, table, team, language)
    if native_table:
        headers = [{"header": c.header[language]} for c in table.columns]
        for entry, column in zip(headers, table.columns, strict=True):
            entry["header_format"] = _header_format(book, column)
            if column.field in formulas:
                entry["formula"] = formulas[column.field]
        span = (HEADER_ROW - 1, 0, last - 1, len(table.columns) - 1)
        sheet.add_table(*span, {"name": table.name.title(), "style": None, "columns": headers})
    _write_rows(book, sheet, table, rows, last, formulas)
    for number, column in enumerate(table.columns):
        validation = data_validation(column, address(FIRST_ROW, number + 1), language, settings)
        if validation is not None:
            sheet.data_validation(FIRST_ROW - 1, number, last - 1, number, validation)
    for conditional in conditional_formats(table, FIRST_ROW):
        _add_conditional_format(book, sheet, table, conditional, last)
    _border_filled_rows(book, sheet, table, FIRST_ROW + _bordered_rows(rows), last)
    _set_up_page(sheet, table, team, language)
    return sheet


def _set_columns(book: Workbook, sheet: Worksheet, table: Table) -> None:
    for number, column in enumerate(table.columns):
        options = {"hidden": True} if column.hidden else {}
        cell_format = book.add_format(cell_properties(column))
        sheet.set_column(number, number, column.width, cell_format, options)


def _write_head(book: Workbook, sheet: Worksheet, table: Table, team: str, language: str) -> None:
    """Write title, purpose and header; freeze them."""
    blank = book.add_format()
    for row in (TITLE_ROW, PURPOSE_ROW):
        sheet.set_row(row - 1, 30 if row == TITLE_ROW else 20, blank)
    title = {"bold": True, "font_size": look.TITLE_SIZE, "font_color": look.DEEP}
    heading = say("template.title", language, title=table.title[language], team=team)
    sheet.write_string(TITLE_ROW - 1, 0, heading, book.add_format({**title, "valign": "vcenter"}))
    purpose = book.add_format({"font_color": look.QUIET, "valign": "top"})
    sheet.write_string(PURPOSE_ROW - 1, 0, table.purpose[language], purpose)
    sheet.set_row(HEADER_ROW - 1, 34)
    for number, column in enumerate(table.columns):
        header = column.header[language]
        sheet.write_string(HEADER_ROW - 1, number, header, _header_format(book, column))
        if not column.hidden:
            _write_note(sheet, number, column, language)
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    sheet.set_selection(FIRST_ROW - 1, 0, FIRST_ROW - 1, 0)
    sheet.hide_gridlines(2)


def _header_format(book: Workbook, column: Column) -> Any:
    return book.add_format(header_properties(header_style(column)))


def _write_note(sheet: Worksheet, number: int, column: Column, language: str) -> None:
    text = column.help[language]
    if column.required:
        text += "\n" + say("template.required", language)
    options = {
        "width": NOTE_WIDTH,
        "height": 20 + 19 * text_width.line_count(text, NOTE_WIDTH / 8 * text_width.COLUMN_UNIT),
        "font_name": look.FONT,
        "font_size": look.SMALL_SIZE,
        "color": look.PAPER,
        "author": "xlflow",
    }
    sheet.write_comment(HEADER_ROW - 1, number, text, options)


def _write_rows(
    book: Workbook,
    sheet: Worksheet,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    last: int,
    formulas: Mapping[str, str],
) -> None:
    for index, row in enumerate(rows):
        sheet.set_row(FIRST_ROW - 1 + index, _row_height(table, row))
    bordered = _bordered_rows(rows)
    for number, column in enumerate(table.columns):
        formats: dict[str, Any] = {}
        plain = book.add_format(cell_properties(column))
        blank = book.add_format(cell_properties(column) | border_properties(column))
        for index in range(last - FIRST_ROW + 1):
            value = rows[index].get(column.field) if index < len(rows) else None
            cell = (FIRST_ROW - 1 + index, number)
            if column.field in formulas:
                # The file format of a cell has [#This Row] for what is typed as @.
                formula = formulas[column.field].replace("@", "[#This Row],")
                sheet.write_formula(*cell, formula, blank if index < bordered else plain, "")
                continue
            if value is None:
                sheet.write_blank(*cell, None, blank if index < bordered else plain)
                continue
            numbers = number_format(column, value)
            if numbers not in formats:
                properties = cell_properties(column) | border_properties(column)
                formats[numbers] = book.add_format(properties | {"num_format": numbers})
            _write_value(sheet, cell, value, formats[numbers])


def _bordered_rows(rows: Sequence[Mapping[str, Any]]) -> int:
    return max(BORDERED_ROWS, len(rows) + SPARE_ROWS)


def _row_height(table: Table, row: Mapping[str, Any]) -> float:
    texts = [(c.width, v) for c in table.columns if isinstance(v := row.get(c.field), str)]
    rooms = [((width - INDENT) * text_width.COLUMN_UNIT, text) for width, text in texts]
    lines = max((text_width.line_count(text, room) for room, text in rooms), default=1)
    return max(MIN_FILLED_HEIGHT, text_width.LINE * lines + 2)


def _write_value(sheet: Worksheet, cell: tuple[int, int], value: Any, cell_format: Any) -> None:
    if isinstance(value, FormattedNumber):
        value = value.value
    if isinstance(value, ErrorValue):
        sheet.write_formula(*cell, f"={value}", cell_format, str(value))
    elif isinstance(value, str):
        sheet.write_string(*cell, value, cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(*cell, value, cell_format)
    else:
        sheet.write_number(*cell, float(value), cell_format)


def _border_filled_rows(
    book: Workbook, sheet: Worksheet, table: Table, first: int, last: int
) -> None:
    """Add conditional formats that draw borders around the rows from ``first`` on once filled."""
    if first > last:
        return
    for number, column in enumerate(table.columns):
        sheet.conditional_format(
            first - 1,
            number,
            last - 1,
            number,
            {
                "type": "formula",
                "criteria": "=" + row_is_filled(table, first),
                "format": book.add_format(border_properties(column)),
            },
        )


def _add_conditional_format(
    book: Workbook, sheet: Worksheet, table: Table, conditional: ConditionalFormat, last: int
) -> None:
    properties: dict[str, Any] = {"font_color": conditional.style.color}
    if conditional.style.background:
        properties["bg_color"] = conditional.style.background
    if conditional.edge:
        # All four sides, because LibreOffice replaces a cell's border as a whole.
        properties = {"border": 1, "border_color": look.RULE}
        properties["left_color"] = conditional.style.color
    numbers = [n for n, c in enumerate(table.columns, 1) if c.field in conditional.fields]
    spans = [f"{column_letters(n)}{FIRST_ROW}:{column_letters(n)}{last}" for n in numbers]
    sheet.conditional_format(
        spans[0],
        {
            "type": "formula",
            "criteria": "=" + conditional.formula,
            "format": book.add_format(properties),
            "multi_range": " ".join(spans),
        },
    )


def _set_up_page(sheet: Worksheet, table: Table, team: str, language: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW - 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    name = say("template.title", language, title=table.title[language], team=team)
    pages = say("template.footer_pages", language)
    sheet.set_footer(f"&L&9{name.replace('&', '&&')}&R&9{pages}")
