"""The 汇总 sheet of the master workbook: the latest summary's figures in fixed cells.

The build adds it empty. The ribbon's 刷新 fills its three blocks of values, each with
one write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import BY_KEY, MAIN_FIGURES, Figure, FigureUnit
from xlflow.messages import say
from xlflow.templates.column_formats import header_properties

if TYPE_CHECKING:
    from xlsxwriter import Workbook

LANGUAGE = "zh"
TEAM_FIGURES = (
    "handed_in",
    "plan_due",
    "plan_overdue",
    "overdue_rate",
    "on_time_rate",
    "cycle_days_mean",
    "messages",
    "in_time_rate",
    "campaigns",
    "campaigns_met",
    "errors",
    "warnings",
)
"""The figures of the team table."""

MAX_TEAMS = 60


class TopLeft(NamedTuple):
    """The first cell of a block of values; row and column count from 1."""

    row: int
    column: int


STATE = TopLeft(2, 1)
"""One cell: the month and as-of of the figures."""
MAIN_VALUES = TopLeft(5, 2)
"""This month and the month before, a row for each of the main figures."""
TEAMS = TopLeft(13, 1)
"""The team's name and :data:`TEAM_FIGURES`: :data:`MAX_TEAMS` rows and one for the total."""

FORMATS = {FigureUnit.RATE: "0%", FigureUnit.DAYS: "0.0", FigureUnit.COUNT: look.COUNT}


def sheet_name() -> str:
    """Return the name of the sheet."""
    return say("excel.overview_sheet", LANGUAGE)


def add_summary_sheet(book: Workbook) -> None:
    """Add the sheet without figures; it says how to get them."""
    sheet = book.add_worksheet(sheet_name())
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 22)  # the total of 提交情况 is a long text
    sheet.set_column(2, len(TEAM_FIGURES), 11.5)
    title = {"bold": True, "font_size": look.TITLE_SIZE, "font_color": look.DEEP}
    sheet.set_row(0, 30)
    title_format = book.add_format({**title, "valign": "vcenter"})
    sheet.write_string(0, 0, say("excel.overview_title", LANGUAGE), title_format)
    quiet = book.add_format({"font_color": look.QUIET})
    sheet.write_string(STATE.row - 1, 0, say("excel.overview_empty", LANGUAGE), quiet)
    _write_header(book, sheet, MAIN_VALUES.row - 2, ("figure", "this_month", "month_before"))
    for row, key in enumerate(MAIN_FIGURES, MAIN_VALUES.row - 1):
        sheet.write_string(row, 0, figure_name(key), _bordered_format(book, bold=True))
        for column in (1, 2):
            sheet.write_blank(row, column, None, _bordered_format(book, BY_KEY[key]))
    top = TEAMS.row - 2
    header_format = book.add_format(header_properties(look.TEAM_HEADER))
    sheet.set_row(top, 34)
    sheet.write_string(top, 0, say("excel.overview_team", LANGUAGE), header_format)
    for column, key in enumerate(TEAM_FIGURES, 1):
        sheet.write_string(top, column, figure_name(key), header_format)
    last = top + MAX_TEAMS + 1
    borders = {"border": 1, "border_color": look.RULE}
    sheet.conditional_format(
        top + 1,
        0,
        last,
        len(TEAM_FIGURES),
        {"type": "formula", "criteria": f'=$A{top + 2}<>""', "format": book.add_format(borders)},
    )
    formats = [
        _plain_format(book, None),
        *(_plain_format(book, BY_KEY[key]) for key in TEAM_FIGURES),
    ]
    for row in range(top + 1, last + 1):
        for column, cell_format in enumerate(formats):
            sheet.write_blank(row, column, None, cell_format)
    sheet.freeze_panes(MAIN_VALUES.row - 2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.activate()


def figure_name(key: str) -> str:
    """Return a figure's name, followed by the unit if its number format doesn't show it."""
    if key == "campaigns_met":
        return say("excel.overview_met", LANGUAGE)
    unit = say("excel.overview_days", LANGUAGE) if BY_KEY[key].unit is FigureUnit.DAYS else ""
    return BY_KEY[key].name[LANGUAGE] + unit


def _write_header(book: Workbook, sheet: Any, row: int, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names):
        sheet.write_string(
            row,
            column,
            say(f"excel.overview_{name}", LANGUAGE),
            book.add_format(header_properties(look.TEAM_HEADER)),
        )


def _bordered_format(book: Workbook, figure: Figure | None = None, bold: bool = False) -> Any:
    borders = {"border": 1, "border_color": look.RULE, "bold": bold}
    return book.add_format(borders | _cell_properties(figure))


def _plain_format(book: Workbook, figure: Figure | None) -> Any:
    return book.add_format(_cell_properties(figure))


def _cell_properties(figure: Figure | None) -> dict[str, Any]:
    properties = {"valign": "vcenter", "font_color": look.INK}
    if figure is None:
        return properties | {"align": "left", "indent": 1}
    if figure.unit is FigureUnit.STATE:
        return properties | {"align": "center"}
    return properties | {"align": "right", "num_format": FORMATS[figure.unit]}
