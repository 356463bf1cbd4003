"""The list sheets of the summary: every row behind the figures, with its file, sheet and cell.

Everything that the lists have in common is here: title, description, a table that
filters, frozen header, print set-up and empty state. Their columns are in
:mod:`xlflow.summary.list_columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlflow import look
from xlflow.figures.report import Report
from xlflow.look import Style
from xlflow.summary.list_columns import METRIC_COLUMNS, ListColumn, MetricItem, list_columns
from xlflow.summary.list_rows import ListRows
from xlflow.summary.row_insertion import PlacedRows
from xlflow.summary.styled_workbook import (
    LINE_HEIGHT,
    MAX_ROWS,
    StyledWorkbook,
    cell_reference,
    line_count,
    moment_text,
)

LISTS = ("overdue", "priorities", "campaigns", "messages", "findings", "submissions")
"""The list sheets in their order, named like the report's fields."""

HEADER_ROW = 2
FEW_CAMPAIGNS = 12
"""Up to this number of campaigns, their sums are printed on the same page."""
_UNWRAPPED = {"text_wrap": False, "valign": "vcenter"}
_RESERVED_ROWS = 2  # at the sheet's end, for the note about rows that don't fit


def write_lists(
    book: StyledWorkbook, sheets: dict[str, Any], report: Report, month: str, root: Path | None
) -> list[PlacedRows]:
    """Fill the list sheets but for the rows of their tables; return these.

    ``month`` is the month in words, ``sheets`` maps names to sheets.
    """
    lists: list[PlacedRows] = []
    for name in LISTS:
        items: Sequence[Any] = getattr(report, name)
        sheet, columns = sheets[name], list_columns(name, book.language, root)
        params = {"month": month, "as_of": moment_text(report.until), "count": len(items)}
        _set_up_sheet(book, sheet, name, columns, params)
        below = _write_table(book, sheet, name, columns, items, HEADER_ROW, lists)
        if name == "campaigns":
            if len(items) > FEW_CAMPAIGNS:
                sheet.set_h_pagebreaks([below + 2])
            _write_metrics(book, sheet, report.total.get("metrics") or (), below + 2, lists)
    return lists


def _set_up_sheet(
    book: StyledWorkbook,
    sheet: Any,
    name: str,
    columns: tuple[ListColumn, ...],
    params: dict[str, Any],
) -> None:
    """Write title and description; set widths, frozen header and print set-up."""
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
    sheet.set_row(0, 30)
    title = {"bold": True, "font_size": look.TITLE_SIZE, "font_color": look.DEEP, **_UNWRAPPED}
    book.write(sheet, 0, 0, book.say(f"title_{name}"), properties=title)
    sheet.set_row(1, 24)
    book.write(
        sheet, 1, 0, book.say(f"about_{name}", **params), style=look.DONE, properties=_UNWRAPPED
    )
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    book.set_up_page(sheet)


def _write_table(
    book: StyledWorkbook,
    sheet: Any,
    name: str,
    columns: tuple[ListColumn, ...],
    items: Sequence[Any],
    top: int,
    lists: list[PlacedRows],
) -> int:
    """Write the header in row ``top``, add the rows to ``lists``; return the row below the last."""
    last_column = len(columns) - 1
    headings = [book.say(column.heading) for column in columns]
    lines = max(line_count(h, c.width - 3) for h, c in zip(headings, columns, strict=True))
    sheet.set_row(top, 9 + LINE_HEIGHT * lines)
    header_formats = [book.header_format(column.header_style) for column in columns]
    if not items:
        for index, heading in enumerate(headings):
            sheet.write_string(top, index, heading, header_formats[index])
        sheet.set_row(top + 1, 4 * LINE_HEIGHT)
        book.write_empty_state(sheet, top + 1, 0, last_column, book.say(f"empty_{name}"))
        return top + 2
    shown = items[: MAX_ROWS - top - 1 - _RESERVED_ROWS]
    # The table reaches to its first row only: the rows are inserted afterwards.
    sheet.add_table(
        top,
        0,
        top + 1,
        last_column,
        {
            "name": f"xlf_{name}",
            "style": None,
            "columns": [
                {"header": heading, "header_format": header_format}
                for heading, header_format in zip(headings, header_formats, strict=True)
            ],
        },
    )
    member = f"xl/worksheets/sheet{book.file.worksheets().index(sheet) + 1}.xml"
    rows = ListRows(book, columns, shown, top + 2)
    lists.append(PlacedRows(member, f"xlf_{name}", rows))
    below = top + 1 + len(shown)
    if len(shown) < len(items):
        note = book.say("too_many", count=len(items) - len(shown))
        book.write(sheet, below, 0, note, style=look.BAD, properties=_UNWRAPPED)
    return below


def _write_metrics(
    book: StyledWorkbook, sheet: Any, metrics: Sequence[Any], top: int, lists: list[PlacedRows]
) -> None:
    """Write the sums of each metric beneath the campaigns; their range is named ``metrics``."""
    heading = {"font_size": look.SECTION_SIZE, **_UNWRAPPED}
    sheet.set_row(top, 24)
    book.write(
        sheet, top, 0, book.say("title_metrics"), "text", Style(look.DEEP, bold=True), heading
    )
    sheet.set_row(top + 1, 20)
    book.write(sheet, top + 1, 0, book.say("about_metrics"), style=look.DONE, properties=_UNWRAPPED)
    items = [MetricItem(*map(metric.get, MetricItem._fields)) for metric in metrics]
    below = _write_table(book, sheet, "metrics", METRIC_COLUMNS, items, top + 2, lists)
    name = book.say("sheet_campaigns")
    book.define_name(
        "metrics", cell_reference(name, (top + 3, 0), (below - 1, len(METRIC_COLUMNS) - 1))
    )
