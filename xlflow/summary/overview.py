"""总览: the month on one page — six tiles, charts, targets, and every figure of every team.

The grid is one wide column for names and sixteen narrow ones; a tile spans
three of them, a chart six or nine, and the figures fill two tables of sixteen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlflow import look
from xlflow.figures.catalogue import BY_KEY, HANDED_IN, LATE, MISSING, ON_TIME, Figure, FigureUnit
from xlflow.figures.report import Report
from xlflow.look import Style
from xlflow.summary.charts import (
    CHART_ROWS,
    NAME_PIXELS,
    PIXELS,
    POINTS_OF_A_CHART_ROW,
    write_charts,
)
from xlflow.summary.styled_workbook import (
    POINTS_OF_A_LINE,
    Properties,
    StyledWorkbook,
    cell_reference,
    line_count,
    moment_text,
)
from xlflow.summary.tiles import write_tiles

NAME_COLUMN = 1
FIRST, LAST = 2, 17
"""First and last of the narrow columns."""
NAME_WIDTH, WIDTH = (NAME_PIXELS - 5) / 7, (PIXELS - 5) / 7

BLOCKS: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...] = (
    (
        "section_teams_work",
        (
            (
                "group_plan",
                (
                    "plan_rows",
                    "plan_cancelled",
                    "plan_done",
                    "plan_undated",
                    "plan_on_time",
                    "plan_late",
                    "plan_overdue",
                    "plan_due",
                    "overdue_rate",
                    "on_time_rate",
                    "late_days_mean",
                    "cycle_days_mean",
                ),
            ),
            ("group_data", ("handed_in", "errors", "warnings", "undated")),
        ),
    ),
    (
        "section_teams_rest",
        (
            (
                "group_messages",
                (
                    "messages",
                    "messages_answered",
                    "messages_in_time",
                    "messages_late",
                    "messages_overdue",
                    "in_time_rate",
                    "answer_hours_mean",
                ),
            ),
            (
                "group_campaigns",
                ("campaigns", "campaigns_met", "campaigns_missed", "campaigns_unknown"),
            ),
            (
                "group_problems",
                ("problems", "problems_high", "problems_medium", "problems_low", "problem_days"),
            ),
        ),
    ),
)
"""The two team tables: groups of figures, sixteen in each. (``metrics`` stands with campaigns.)"""

_KINDS = {
    FigureUnit.COUNT: "count",
    FigureUnit.RATE: "rate",
    FigureUnit.DAYS: "days",
    FigureUnit.HOURS: "days",
    FigureUnit.STATE: "centre",
}
_BARS = {FigureUnit.RATE: 1.0, FigureUnit.DAYS: None, FigureUnit.HOURS: None}
"""Which figures get data bars, and the value that fills the cell (None: the largest)."""
_STATE_TONES = {ON_TIME: look.GOOD, LATE: look.SOON, MISSING: look.BAD}
_MOST_NAMES = 8
_HEADING = Style(look.DEEP, bold=True)
_NAME = Style(look.INK, bold=True)
_OVERFLOW: Properties = {"text_wrap": False, "valign": "vcenter"}
_CELL: Properties = {"valign": "vcenter", "bottom": 1, "bottom_color": look.RULE}
_BAR, _BAD_BAR = "#BFDCDD", "#F0C1BC"


def write_overview(
    book: StyledWorkbook, sheets: Mapping[str, Any], report: Report, month: str, teams: list[str]
) -> None:
    """Fill 总览 and the hidden sheet that its charts read from."""
    sheet = sheets["overview"]
    sheet.set_column(0, 0, 1.5)
    sheet.set_column_pixels(NAME_COLUMN, NAME_COLUMN, NAME_PIXELS)
    sheet.set_column_pixels(FIRST, LAST, PIXELS)
    book.set_print(sheet)
    row = _heading(book, sheet, report, month)
    row = write_tiles(book, sheet, report, row)
    _paragraph(book, sheet, row, book.say("definitions"), look.SMALL_SIZE, look.DONE)
    row += 1
    for index in range(row, row + 2 * CHART_ROWS):
        sheet.set_row(index, POINTS_OF_A_CHART_ROW)
    write_charts(book, sheet, sheets["charts"], report, teams, row)
    row += 2 * CHART_ROWS + 1
    sheet.set_h_pagebreaks([row])
    if report.targets:
        row = _targets(book, sheet, report, row)
    for section, groups in BLOCKS:
        row = _teams(book, sheet, report, teams, row, section, groups)


def _heading(book: StyledWorkbook, sheet: Any, report: Report, month: str) -> int:
    title = {"font_size": look.TITLE_SIZE + 4, **_OVERFLOW}
    sheet.set_row(0, 38)
    text = book.say("title", month=month)
    book.put(sheet, 0, NAME_COLUMN, text, "text", _HEADING, title)
    sheet.set_row(1, 20)
    as_of = book.say(
        "as_of", as_of=moment_text(report.as_of), teams=len(report.teams), rows=report.rows
    )
    book.put(sheet, 1, NAME_COLUMN, as_of, "text", look.DONE, _OVERFLOW)
    unreadable = [s.origin.team for s in report.submissions if s.status == "unreadable"]
    if not unreadable:
        sheet.set_row(2, 6)
        return 3
    names = book.say("list_mark").join(unreadable[:_MOST_NAMES])
    if len(unreadable) > _MOST_NAMES:
        names = book.say("and_more", teams=names)
    warning = book.say("unreadable", count=len(unreadable), teams=names)
    _paragraph(book, sheet, 2, warning, look.TEXT_SIZE, look.BAD)
    sheet.set_row(3, 6)
    return 4


def _paragraph(
    book: StyledWorkbook, sheet: Any, row: int, text: str, size: float, tone: Style
) -> None:
    """Write text over the whole width, as high as it needs (merged cells don't fit themselves)."""
    width = (NAME_WIDTH + WIDTH * (LAST - FIRST + 1)) * look.TEXT_SIZE / size
    sheet.set_row(
        row, 8 + POINTS_OF_A_LINE * size / look.TEXT_SIZE * line_count(text, width * 0.92)
    )
    more = {"font_size": size, "valign": "vcenter", "indent": 1 if tone.ground else 0}
    book.span(sheet, row, NAME_COLUMN, LAST, text, "text", tone, more)


def _section(book: StyledWorkbook, sheet: Any, row: int, name: str) -> None:
    sheet.set_row(row, 26)
    heading = {"font_size": look.SECTION_SIZE, **_OVERFLOW}
    book.put(sheet, row, NAME_COLUMN, book.say(name), "text", _HEADING, heading)


def _targets(book: StyledWorkbook, sheet: Any, report: Report, row: int) -> int:
    """Write the targets of the settings: where each began, stands, and should get to."""
    _section(book, sheet, row, "section_targets")
    row += 1
    head = book.header(look.TEAM_HEADER)
    spans = [(NAME_COLUMN, NAME_COLUMN)] + [(c, c + 1) for c in range(FIRST, FIRST + 12, 2)]
    headings = ("target_name", "target_figure", "baseline", "current", "goal", "benchmark")
    for (first, last), heading in zip(spans, (*headings, "progress"), strict=True):
        if first == last:
            sheet.write_string(row, first, book.say(heading), head)
        else:
            sheet.merge_range(row, first, row, last, book.say(heading), head)
    sheet.set_row(row, 22)
    top = row + 1
    for row, target in enumerate(report.targets, top):
        figure = BY_KEY.get(target.figure)
        kind = _KINDS.get(figure.unit, "number") if figure else "number"
        title = figure.name[book.language] if figure else target.figure
        sheet.set_row(row, 22)
        book.put(sheet, row, NAME_COLUMN, target.name, "text", _NAME, _CELL)
        book.span(sheet, row, *spans[1], title, "centre", None, _CELL)
        values = (target.baseline, target.current, target.target, target.benchmark)
        for (first, last), value in zip(spans[2:6], values, strict=True):
            book.span(sheet, row, first, last, value, kind, None, _CELL)
        progress = {**_CELL, "num_format": "0%"}
        book.span(sheet, row, *spans[6], target.progress, "rate", None, progress)
    return row + 2


def _teams(
    book: StyledWorkbook,
    sheet: Any,
    report: Report,
    teams: list[str],
    row: int,
    section: str,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
) -> int:
    """Write one team table, a row a team and the total, whose cells get the figures' names."""
    _section(book, sheet, row, section)
    row += 1
    sheet.set_row(row, 20)
    group_style = book.header(look.COMPUTED_HEADER)
    sheet.write_blank(row, NAME_COLUMN, None, group_style)
    column = FIRST
    for name, keys in groups:
        sheet.merge_range(row, column, row, column + len(keys) - 1, book.say(name), group_style)
        column += len(keys)
    row += 1
    figures = [BY_KEY[key] for _, keys in groups for key in keys]
    headings = [figure.name[book.language] for figure in figures]
    head = book.header(look.TEAM_HEADER)
    sheet.set_row(row, 10 + POINTS_OF_A_LINE * max(line_count(h, WIDTH) for h in headings))
    sheet.write_string(row, NAME_COLUMN, book.say("team"), head)
    for column, heading in enumerate(headings, FIRST):
        sheet.write_string(row, column, heading, head)
    top = row + 1
    for row, team in enumerate(teams, top):
        book.put(sheet, row, NAME_COLUMN, team, "text", _NAME, _CELL)
        sheet.set_row(row, 6 + POINTS_OF_A_LINE * min(line_count(team, NAME_WIDTH - 2), 3))
        _figures(book, sheet, row, figures, report.teams[team], _CELL)
    total_row = top + len(teams)
    if not teams:
        empty = {"valign": "vcenter", "indent": 1}
        tone = Style(look.QUIET, look.BAND)
        sheet.set_row(top, 40)
        book.span(sheet, top, NAME_COLUMN, LAST, book.say("empty_teams"), "text", tone, empty)
        total_row += 1
    _total(book, sheet, report, total_row, figures)
    if teams:
        _bars(sheet, figures, top, total_row - 1)
    return total_row + 2


def _figures(
    book: StyledWorkbook,
    sheet: Any,
    row: int,
    figures: list[Figure],
    values: Mapping[str, Any],
    style: Properties,
) -> None:
    for column, figure in enumerate(figures, FIRST):
        value, tone = values.get(figure.key), None
        if isinstance(value, str) and value in HANDED_IN:
            tone, value = _STATE_TONES[value], HANDED_IN[value][book.language]
        book.put(sheet, row, column, value, _KINDS[figure.unit], tone, style)


def _total(
    book: StyledWorkbook, sheet: Any, report: Report, row: int, figures: list[Figure]
) -> None:
    style = {**_CELL, "bold": True, "bg_color": look.BAND, "top": 1, "top_color": look.DEEP}
    values = dict(report.total)
    tall = 1
    states = values.get("handed_in")
    if isinstance(states, Mapping):
        words = [f"{HANDED_IN[s][book.language]} {states.get(s) or 0}" for s in HANDED_IN]
        values["handed_in"] = "\n".join(words)
        if BY_KEY["handed_in"] in figures:
            tall = line_count(values["handed_in"], WIDTH)
    sheet.set_row(row, 8 + POINTS_OF_A_LINE * tall)
    book.put(sheet, row, NAME_COLUMN, book.say("total"), more=style)
    _figures(book, sheet, row, figures, values, style)
    name = book.say("sheet_overview")
    for column, figure in enumerate(figures, FIRST):
        book.name(figure.key, cell_reference(name, (row, column)))


def _bars(sheet: Any, figures: list[Figure], first: int, last: int) -> None:
    """Put data bars behind rates and means; red ones behind rates that should be low."""
    for column, figure in enumerate(figures, FIRST):
        if figure.unit not in _BARS or not figure.better:
            continue
        options: dict[str, Any] = {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_color": _BAD_BAR if figure.unit is FigureUnit.RATE and figure.better < 0 else _BAR,
            "min_type": "num",
            "min_value": 0,
        }
        if (most := _BARS[figure.unit]) is not None:
            options |= {"max_type": "num", "max_value": most}
        sheet.conditional_format(first, column, last, column, options)
