"""A new team workbook: the four tables of the schema as sheets to work in, and 使用说明.

Everything about a column (header, width, choices, note, number format, who
writes it) is derived from its declaration in :mod:`xlflow.schema`; how it looks
is :mod:`xlflow.look`'s. The file holds no macro and no function newer than
Excel 2016, and the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xlflow import look, text_width
from xlflow.columns import Column, Kind, Owner, Table
from xlflow.config import Settings
from xlflow.facts import ErrorValue, address, column_letters
from xlflow.messages import say
from xlflow.schema import TABLES
from xlflow.templates import help_sheet
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
"""Rows of a table that stand ready, with formats, choices and limits."""
LINED_ROWS = 16
"""Rows that show their lines from the start; the others show them once filled, so
that printing a sheet prints what is in it and not page after page of nothing."""
SPARE_ROWS = 4
"""Empty rows that show their lines at least, below rows that the workbook comes with."""

INDENT = 2
"""What a cell's indent takes of its width, in characters."""
NOTE_WIDTH = 260
"""Of a header's note, in pixels."""
ROOM_KEPT = 42.0
"""Height in points of a row that comes filled, at least: 系统提示 is still to be written."""

CREATED = datetime(2024, 1, 1)
"""In every new workbook's properties: the same input must give the same bytes."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows to start with: table name → rows → field → value (text, number, date, moment,
:class:`xlflow.facts.ErrorValue`, :class:`Shown` or None)."""


NO_FORMULAS: Mapping[str, str] = {}


class Shown(NamedTuple):
    """A number with a number format of its own, as in ``Shown(Decimal("0.08"), "0%")``."""

    value: Decimal
    number_format: str


def write(
    path: Path, *, team: str, language: str, settings: Settings, rows: Rows | None = None
) -> None:
    """Write the workbook of one team to ``path``, which it replaces if it exists.

    Raises:
        OSError: the file can't be written.
    """
    rows = rows or {}
    content = BytesIO()
    book = new_book(content, team, language)
    help_sheet.add_help_sheet(book, team=team, language=language, settings=settings)
    for table in TABLES:
        add_table(
            book,
            table,
            team=team,
            language=language,
            settings=settings,
            rows=rows.get(table.name, ()),
        )
    if any(rows.values()):
        book.get_worksheet_by_name(TABLES[0].sheet[language]).activate()
    book.close()
    path.write_bytes(content.getvalue())


def new_book(content: BytesIO, team: str, language: str) -> Workbook:
    """Start a workbook that is written to ``content`` when it is closed."""
    from xlsxwriter import Workbook

    book = Workbook(
        content,
        {
            "in_memory": True,
            # In pixels: a line and a little air.
            "default_row_height": 24,
            "default_format_properties": {"font_name": look.FONT, "font_size": look.TEXT_SIZE},
        },
    )
    book.set_properties(
        {
            "title": team,
            "subject": say("template.subject", language),
            "author": "xlflow",
            "created": CREATED,
        }
    )
    return book


def add_table(
    book: Workbook,
    table: Table,
    *,
    team: str,
    language: str,
    settings: Settings,
    rows: Sequence[Mapping[str, Any]] = (),
    listed: bool = True,
    formulas: Mapping[str, str] = NO_FORMULAS,
    ready: int = READY_ROWS,
) -> Worksheet:
    """Add one table's sheet; ``listed`` makes its cells a native Excel table.

    ``formulas`` (field → formula) stand in each of the ``ready`` rows, blank so far.
    """
    sheet = book.add_worksheet(table.sheet[language])
    last = FIRST_ROW - 1 + max(ready, len(rows) + SPARE_ROWS)
    _columns(book, sheet, table)
    _head(book, sheet, table, team, language)
    if listed:
        headers = [{"header": c.header[language]} for c in table.columns]
        for entry, column in zip(headers, table.columns, strict=True):
            entry["header_format"] = _header_format(book, column)
            if column.field in formulas:
                entry["formula"] = formulas[column.field]
        span = (HEADER_ROW - 1, 0, last - 1, len(table.columns) - 1)
        sheet.add_table(*span, {"name": table.name.title(), "style": None, "columns": headers})
    _cells(book, sheet, table, rows, last, formulas)
    for number, column in enumerate(table.columns):
        checked = data_validation(column, address(FIRST_ROW, number + 1), language, settings)
        if checked is not None:
            sheet.data_validation(FIRST_ROW - 1, number, last - 1, number, checked)
    for highlight in conditional_formats(table, FIRST_ROW):
        _highlight(book, sheet, table, highlight, last)
    _late_lines(book, sheet, table, FIRST_ROW + _lined(rows), last)
    _page(sheet, table, team, language)
    return sheet


def _columns(book: Workbook, sheet: Worksheet, table: Table) -> None:
    for number, column in enumerate(table.columns):
        options = {"hidden": True} if column.hidden else {}
        shape = book.add_format(_properties(column))
        sheet.set_column(number, number, column.width, shape, options)


def _head(book: Workbook, sheet: Worksheet, table: Table, team: str, language: str) -> None:
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
            _note(sheet, number, column, language)
    sheet.freeze_panes(FIRST_ROW - 1, 1)
    sheet.set_selection(FIRST_ROW - 1, 0, FIRST_ROW - 1, 0)
    sheet.hide_gridlines(2)


def _header_format(book: Workbook, column: Column) -> Any:
    style = {
        Owner.TEAM: look.TEAM_HEADER,
        Owner.COMPUTED: look.COMPUTED_HEADER,
        Owner.XLFLOW: look.SYSTEM_HEADER,
    }[column.owner]
    return header_format(book, style)


def header_format(book: Workbook, style: look.Style) -> Any:
    """Return how a header cell looks in a style of the look."""
    return book.add_format(
        {
            "bold": style.bold,
            "font_color": style.ink,
            "bg_color": style.ground,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "border": 1,
            "border_color": look.RULE,
        }
    )


def _note(sheet: Worksheet, number: int, column: Column, language: str) -> None:
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


def _cells(
    book: Workbook,
    sheet: Worksheet,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    last: int,
    formulas: Mapping[str, str],
) -> None:
    for index, row in enumerate(rows):
        sheet.set_row(FIRST_ROW - 1 + index, _height(table, row))
    lined = _lined(rows)
    for number, column in enumerate(table.columns):
        shapes: dict[str, Any] = {}
        plain = book.add_format(_properties(column))
        blank = book.add_format(_properties(column) | _lines(column))
        for index in range(last - FIRST_ROW + 1):
            value = rows[index].get(column.field) if index < len(rows) else None
            place = (FIRST_ROW - 1 + index, number)
            if column.field in formulas:
                # In a cell Excel's file format has [#This Row] for what is typed as @.
                formula = formulas[column.field].replace("@", "[#This Row],")
                sheet.write_formula(*place, formula, blank if index < lined else plain, "")
                continue
            if value is None:
                sheet.write_blank(*place, None, blank if index < lined else plain)
                continue
            shown = _number_format(column, value)
            if shown not in shapes:
                shapes[shown] = book.add_format(
                    _properties(column) | _lines(column) | {"num_format": shown}
                )
            _write(sheet, place, value, shapes[shown])


def _lined(rows: Sequence[Mapping[str, Any]]) -> int:
    return max(LINED_ROWS, len(rows) + SPARE_ROWS)


def _height(table: Table, row: Mapping[str, Any]) -> float:
    texts = [(c.width, v) for c in table.columns if isinstance(v := row.get(c.field), str)]
    rooms = [((width - INDENT) * text_width.COLUMN_UNIT, text) for width, text in texts]
    most = max((text_width.line_count(text, room) for room, text in rooms), default=1)
    return max(ROOM_KEPT, text_width.LINE * most + 2)


def _write(sheet: Worksheet, place: tuple[int, int], value: Any, shape: Any) -> None:
    if isinstance(value, Shown):
        value = value.value
    if isinstance(value, ErrorValue):
        sheet.write_formula(*place, f"={value}", shape, str(value))
    elif isinstance(value, str):
        sheet.write_string(*place, value, shape)
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, shape)
    else:
        sheet.write_number(*place, float(value), shape)


def _number_format(column: Column, value: Any) -> str:
    if isinstance(value, Shown):
        return value.number_format
    if isinstance(value, datetime):
        return look.MOMENT
    if isinstance(value, date):
        return look.DATE
    return str(_properties(column).get("num_format", "General"))


def _properties(column: Column) -> dict[str, Any]:
    """Return how a column's cells look, whatever stands in them."""
    properties: dict[str, Any] = {"valign": "top", "text_wrap": True, "font_color": look.INK}
    properties |= {"align": "left", "indent": 1}
    centred, right = {"align": "center", "indent": 0}, {"align": "right", "indent": 0}
    if column.owner is Owner.XLFLOW:
        properties["font_color"] = look.QUIET
    if column.field == "remarks":
        # Whole sentences, and nothing but xlflow's own.
        properties["font_size"] = look.SMALL_SIZE
    if column.kind is Kind.DATE:
        # Moments are the fields that end in _at, days those that don't.
        moment = column.field.endswith("_at")
        properties |= centred | {"num_format": look.MOMENT if moment else look.DATE}
    elif column.kind is Kind.MONTH:
        # As text, or Excel makes the first of the month of 2024-07.
        properties |= centred | {"num_format": look.TEXT}
    elif column.kind is Kind.DEVIATION:
        properties |= right | {"num_format": look.DEVIATION}
    elif column.kind in (Kind.DAYS, Kind.QUANTITY):
        properties |= right
    elif column.kind in (Kind.CHOICE, Kind.PRIORITY, Kind.DEADLINE) or column.field == "late":
        properties |= centred
    return properties


def _lines(column: Column) -> dict[str, Any]:
    lines: dict[str, Any] = {"border": 1, "border_color": look.RULE}
    if column.owner is Owner.XLFLOW:
        lines["bg_color"] = look.SYSTEM
    return lines


def _late_lines(book: Workbook, sheet: Worksheet, table: Table, first: int, last: int) -> None:
    """Give the rows from ``first`` on their lines as soon as something stands in them."""
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
                "format": book.add_format(_lines(column)),
            },
        )


def _highlight(
    book: Workbook, sheet: Worksheet, table: Table, highlight: ConditionalFormat, last: int
) -> None:
    properties: dict[str, Any] = {"font_color": highlight.style.ink}
    if highlight.style.ground:
        properties["bg_color"] = highlight.style.ground
    if highlight.edge:
        # All four sides: LibreOffice takes a rule's border as a whole.
        properties = {"border": 1, "border_color": look.RULE, "left_color": highlight.style.ink}
    numbers = [n for n, c in enumerate(table.columns, 1) if c.field in highlight.fields]
    spans = [f"{column_letters(n)}{FIRST_ROW}:{column_letters(n)}{last}" for n in numbers]
    sheet.conditional_format(
        spans[0],
        {
            "type": "formula",
            "criteria": "=" + highlight.formula,
            "format": book.add_format(properties),
            "multi_range": " ".join(spans),
        },
    )


def _page(sheet: Worksheet, table: Table, team: str, language: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW - 1)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    name = say("template.title", language, title=table.title[language], team=team)
    pages = say("template.footer_pages", language)
    sheet.set_footer(f"&L&9{name.replace('&', '&&')}&R&9{pages}")
