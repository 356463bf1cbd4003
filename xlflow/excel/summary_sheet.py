"""The 汇总 sheet of the master workbook: the latest summary's figures, at fixed places.

The build makes it empty; the ribbon's 刷新 writes the three blocks of values, each
in one go. Both take the places from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import BY_KEY, Figure, FigureUnit
from xlflow.messages import say
from xlflow.templates.team_workbook import header_format

if TYPE_CHECKING:
    from xlsxwriter import Workbook

LANGUAGE = "zh"
TILES = (
    "overdue_rate",
    "on_time_rate",
    "cycle_days_mean",
    "in_time_rate",
    "campaigns_met",
    "handed_in",
)
"""The figures that stand first, for this month and the month before."""

COLUMNS = (
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

MOST_TEAMS = 60


class Corner(NamedTuple):
    """The corner of a block of values, rows and columns counted from 1."""

    row: int
    column: int


STATE = Corner(2, 1)
"""What the figures are: one cell."""
TILE_VALUES = Corner(5, 2)
"""Two columns, a row for each of :data:`TILES`."""
TEAMS = Corner(13, 1)
""":data:`MOST_TEAMS` rows and one for the total, the name and then :data:`COLUMNS`."""

FORMATS = {FigureUnit.RATE: "0%", FigureUnit.DAYS: "0.0", FigureUnit.COUNT: look.COUNT}


def sheet_name() -> str:
    """Return the sheet's name."""
    return say("excel.overview_sheet", LANGUAGE)


def add_overview(book: Workbook) -> None:
    """Add the empty sheet, which says what will stand here and how it gets there."""
    sheet = book.add_worksheet(sheet_name())
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 22)  # 提交情况 of all teams together
    sheet.set_column(2, len(COLUMNS), 11.5)
    title = {"bold": True, "font_size": look.TITLE_SIZE, "font_color": look.DEEP}
    sheet.set_row(0, 30)
    heading = book.add_format({**title, "valign": "vcenter"})
    sheet.write_string(0, 0, say("excel.overview_title", LANGUAGE), heading)
    quiet = book.add_format({"font_color": look.QUIET})
    sheet.write_string(STATE.row - 1, 0, say("excel.overview_empty", LANGUAGE), quiet)
    _head(book, sheet, TILE_VALUES.row - 2, ("figure", "this_month", "month_before"))
    for row, key in enumerate(TILES, TILE_VALUES.row - 1):
        sheet.write_string(row, 0, figure_name(key), _cell(book, bold=True))
        for column in (1, 2):
            sheet.write_blank(row, column, None, _cell(book, BY_KEY[key]))
    top = TEAMS.row - 2
    header = header_format(book, look.TEAM_HEADER)
    sheet.set_row(top, 34)
    sheet.write_string(top, 0, say("excel.overview_team", LANGUAGE), header)
    for column, key in enumerate(COLUMNS, 1):
        sheet.write_string(top, column, figure_name(key), header)
    last = top + MOST_TEAMS + 1
    lined = {"border": 1, "border_color": look.RULE}
    sheet.conditional_format(
        top + 1,
        0,
        last,
        len(COLUMNS),
        {"type": "formula", "criteria": f'=$A{top + 2}<>""', "format": book.add_format(lined)},
    )
    styles = [_plain(book, None), *(_plain(book, BY_KEY[key]) for key in COLUMNS)]
    for row in range(top + 1, last + 1):
        for column, style in enumerate(styles):
            sheet.write_blank(row, column, None, style)
    sheet.freeze_panes(TILE_VALUES.row - 2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.activate()


def figure_name(key: str) -> str:
    """Return a figure's name, with the unit where the number doesn't show it."""
    if key == "campaigns_met":
        return say("excel.overview_met", LANGUAGE)
    unit = say("excel.overview_days", LANGUAGE) if BY_KEY[key].unit is FigureUnit.DAYS else ""
    return BY_KEY[key].name[LANGUAGE] + unit


def _head(book: Workbook, sheet: Any, row: int, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names):
        sheet.write_string(
            row,
            column,
            say(f"excel.overview_{name}", LANGUAGE),
            header_format(book, look.TEAM_HEADER),
        )


def _cell(book: Workbook, figure: Figure | None = None, bold: bool = False) -> Any:
    lines = {"border": 1, "border_color": look.RULE, "bold": bold}
    return book.add_format(lines | _shape(figure))


def _plain(book: Workbook, figure: Figure | None) -> Any:
    return book.add_format(_shape(figure))


def _shape(figure: Figure | None) -> dict[str, Any]:
    middle = {"valign": "vcenter", "font_color": look.INK}
    if figure is None:
        return middle | {"align": "left", "indent": 1}
    if figure.unit is FigureUnit.STATE:
        return middle | {"align": "center"}
    return middle | {"align": "right", "num_format": FORMATS[figure.unit]}
