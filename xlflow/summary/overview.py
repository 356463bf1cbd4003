"""总览, the summary's first sheet: six tiles, charts, targets, and every figure of every team.

The grid has one wide column for names and sixteen narrow ones. A tile spans three of
them, a chart six or nine, and the figures fill two tables of sixteen columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from xlflow import look
from xlflow.figures.catalogue import (
    BY_KEY,
    HANDED_IN,
    LATE,
    MISSING,
    ON_TIME,
    Figure,
    FigureUnit,
)
from xlflow.figures.report import Report
from xlflow.look import Style
from xlflow.meaning.overdue import day_of
from xlflow.summary.charts import (
    CHART_ROW_HEIGHT,
    CHART_ROWS,
    NAME_PIXELS,
    PIXELS,
    write_charts,
)
from xlflow.summary.styled_workbook import (
    LINE_HEIGHT,
    Properties,
    StyledWorkbook,
    cell_reference,
    line_count,
    moment_text,
)
from xlflow.summary.tiles import worse_text, write_tiles

NAME_COLUMN = 1
FIRST, LAST = 2, 17
"""The first and the last of the narrow columns, counted from 0."""
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
"""The two team tables: groups of figures, sixteen in each. ``metrics`` is in 活动效果."""

_KINDS = {
    FigureUnit.COUNT: "count",
    FigureUnit.RATE: "rate",
    FigureUnit.DAYS: "days",
    FigureUnit.HOURS: "days",
    FigureUnit.STATE: "centre",
}
_DATA_BARS = {FigureUnit.RATE: 1.0, FigureUnit.DAYS: None, FigureUnit.HOURS: None}
"""The units that get data bars, with the value of a full bar (None: the largest one)."""
_STATE_STYLES = {ON_TIME: look.GOOD, LATE: look.SOON, MISSING: look.BAD}
_MAX_NAMES = 8
_HEADING_STYLE = Style(look.DEEP, bold=True)
_NAME_STYLE = Style(look.INK, bold=True)
_UNWRAPPED: Properties = {"text_wrap": False, "valign": "vcenter"}
_ROW_BORDER: Properties = {"valign": "vcenter", "bottom": 1, "bottom_color": look.RULE}
_BAR_COLOR, _BAD_BAR_COLOR = "#BFDCDD", "#F0C1BC"


def write_overview(
    book: StyledWorkbook, sheets: Mapping[str, Any], report: Report, month: str, teams: list[str]
) -> None:
    """Fill 总览 and the hidden sheet with the data of its charts."""
    sheet = sheets["overview"]
    sheet.set_column(0, 0, 1.5)
    sheet.set_column_pixels(NAME_COLUMN, NAME_COLUMN, NAME_PIXELS)
    sheet.set_column_pixels(FIRST, LAST, PIXELS)
    book.set_up_page(sheet)
    row = _write_title(book, sheet, report, month)
    row = write_tiles(book, sheet, report, row)
    _write_paragraph(book, sheet, row, book.say("definitions"), look.SMALL_SIZE, look.DONE)
    row += 1
    for index in range(row, row + 2 * CHART_ROWS):
        sheet.set_row(index, CHART_ROW_HEIGHT)
    write_charts(book, sheet, sheets["charts"], report, teams, row)
    row += 2 * CHART_ROWS + 1
    sheet.set_h_pagebreaks([row])
    if report.targets:
        row = _write_targets(book, sheet, report, row)
    for section, groups in BLOCKS:
        row = _write_team_table(book, sheet, report, teams, row, section, groups)


def _write_title(book: StyledWorkbook, sheet: Any, report: Report, month: str) -> int:
    properties = {"font_size": look.TITLE_SIZE + 4, **_UNWRAPPED}
    sheet.set_row(0, 38)
    text = book.say("title", month=month)
    book.write(sheet, 0, NAME_COLUMN, text, "text", _HEADING_STYLE, properties)
    sheet.set_row(1, 20)
    until, made_at = moment_text(report.until), moment_text(report.as_of)
    about = [
        book.say("as_of", until=until, made_at=made_at, teams=len(report.teams), rows=report.rows)
    ]
    if report.previous is not None and report.previous_until is not None:
        before = day_of(report.previous_until)
        if (before + timedelta(days=1)).day != 1:  # it isn't the whole month
            about.append(book.say("same_day", day=f"{before}"))
    if report.closed:
        about.append(book.say("closed"))
    book.write(sheet, 1, NAME_COLUMN, " · ".join(about), "text", look.DONE, _UNWRAPPED)
    row = 2
    for warning in _warnings(book, report):
        _write_paragraph(book, sheet, row, warning, look.TEXT_SIZE, look.BAD)
        row += 1
    sheet.set_row(row, 6)
    return row + 1


def _warnings(book: StyledWorkbook, report: Report) -> Iterator[str]:
    """Yield what a reader must know before any figure."""
    if report.afterwards:
        yield book.say("afterwards")
    if edits := len(report.later_edits):
        yield book.say("later_edits", count=edits, sheet=book.say("sheet_findings"))
    if unreadable := [s.origin.team for s in report.submissions if s.status == "unreadable"]:
        names = book.say("list_mark").join(unreadable[:_MAX_NAMES])
        if len(unreadable) > _MAX_NAMES:
            names = book.say("and_more", teams=names)
        yield book.say("unreadable", count=len(unreadable), teams=names)


def _write_paragraph(
    book: StyledWorkbook, sheet: Any, row: int, text: str, size: float, style: Style
) -> None:
    """Write a text over the whole width in a row of sufficient height.

    Excel adjusts no row to the text of merged cells.
    """
    width = (NAME_WIDTH + WIDTH * (LAST - FIRST + 1)) * look.TEXT_SIZE / size
    sheet.set_row(row, 8 + LINE_HEIGHT * size / look.TEXT_SIZE * line_count(text, width * 0.92))
    properties = {"font_size": size, "valign": "vcenter", "indent": 1 if style.background else 0}
    book.write_merged(sheet, row, NAME_COLUMN, LAST, text, "text", style, properties)


def _write_section_heading(book: StyledWorkbook, sheet: Any, row: int, name: str) -> None:
    sheet.set_row(row, 26)
    heading = {"font_size": look.SECTION_SIZE, **_UNWRAPPED}
    book.write(sheet, row, NAME_COLUMN, book.say(name), "text", _HEADING_STYLE, heading)


def _write_targets(book: StyledWorkbook, sheet: Any, report: Report, row: int) -> int:
    """Write a row for each target: baseline, current value, target, benchmark, progress."""
    _write_section_heading(book, sheet, row, "section_targets")
    row += 1
    header_format = book.header_format(look.TEAM_HEADER)
    spans = [(NAME_COLUMN, NAME_COLUMN)] + [(c, c + 1) for c in range(FIRST, FIRST + 12, 2)]
    headings = ("target_name", "target_figure", "baseline", "current", "goal", "benchmark")
    for (first, last), heading in zip(spans, (*headings, "progress"), strict=True):
        if first == last:
            sheet.write_string(row, first, book.say(heading), header_format)
        else:
            sheet.merge_range(row, first, row, last, book.say(heading), header_format)
    sheet.set_row(row, 22)
    top = row + 1
    for row, target in enumerate(report.targets, top):
        figure = BY_KEY.get(target.figure)
        kind = _KINDS.get(figure.unit, "number") if figure else "number"
        title = figure.name[book.language] if figure else target.figure
        sheet.set_row(row, 22)
        book.write(sheet, row, NAME_COLUMN, target.name, "text", _NAME_STYLE, _ROW_BORDER)
        book.write_merged(sheet, row, *spans[1], title, "centre", None, _ROW_BORDER)
        values = (target.baseline, target.current, target.target, target.benchmark)
        for (first, last), value in zip(spans[2:6], values, strict=True):
            book.write_merged(sheet, row, first, last, value, kind, None, _ROW_BORDER)
        progress: Properties = {**_ROW_BORDER, "num_format": "0%"}
        shown: float | str | None = target.progress
        if figure is not None and target.progress is not None and target.progress < 0:
            shown, progress = worse_text(book, figure, target), _ROW_BORDER
        book.write_merged(sheet, row, *spans[6], shown, "rate", None, progress)
    return row + 2


def _write_team_table(
    book: StyledWorkbook,
    sheet: Any,
    report: Report,
    teams: list[str],
    row: int,
    section: str,
    groups: tuple[tuple[str, tuple[str, ...]], ...],
) -> int:
    """Write one team table: a row a team, then the total with the figures' defined names."""
    _write_section_heading(book, sheet, row, section)
    row += 1
    sheet.set_row(row, 20)
    group_format = book.header_format(look.COMPUTED_HEADER)
    sheet.write_blank(row, NAME_COLUMN, None, group_format)
    column = FIRST
    for name, keys in groups:
        sheet.merge_range(row, column, row, column + len(keys) - 1, book.say(name), group_format)
        column += len(keys)
    row += 1
    figures = [BY_KEY[key] for _, keys in groups for key in keys]
    headings = [figure.name[book.language] for figure in figures]
    header_format = book.header_format(look.TEAM_HEADER)
    sheet.set_row(row, 10 + LINE_HEIGHT * max(line_count(h, WIDTH) for h in headings))
    sheet.write_string(row, NAME_COLUMN, book.say("team"), header_format)
    for column, heading in enumerate(headings, FIRST):
        sheet.write_string(row, column, heading, header_format)
    top = row + 1
    for row, team in enumerate(teams, top):
        book.write(sheet, row, NAME_COLUMN, team, "text", _NAME_STYLE, _ROW_BORDER)
        sheet.set_row(row, 6 + LINE_HEIGHT * min(line_count(team, NAME_WIDTH - 2), 3))
        _write_figures(book, sheet, row, figures, report.teams[team], _ROW_BORDER)
    total_row = top + len(teams)
    if not teams:
        sheet.set_row(top, 40)
        book.write_empty_state(sheet, top, NAME_COLUMN, LAST, book.say("empty_teams"))
        total_row += 1
    _write_total(book, sheet, report, total_row, figures)
    if teams:
        _add_data_bars(sheet, figures, top, total_row - 1)
    return total_row + 2


def _write_figures(
    book: StyledWorkbook,
    sheet: Any,
    row: int,
    figures: list[Figure],
    values: Mapping[str, Any],
    properties: Properties,
) -> None:
    for column, figure in enumerate(figures, FIRST):
        value, style = values.get(figure.key), None
        if isinstance(value, str) and value in HANDED_IN:
            style, value = _STATE_STYLES[value], HANDED_IN[value][book.language]
        book.write(sheet, row, column, value, _KINDS[figure.unit], style, properties)


def _write_total(
    book: StyledWorkbook, sheet: Any, report: Report, row: int, figures: list[Figure]
) -> None:
    properties = {
        **_ROW_BORDER,
        "bold": True,
        "bg_color": look.BAND,
        "top": 1,
        "top_color": look.DEEP,
    }
    values = dict(report.total)
    lines = 1
    states = values.get("handed_in")
    if isinstance(states, Mapping):
        texts = [f"{HANDED_IN[s][book.language]} {states.get(s) or 0}" for s in HANDED_IN]
        values["handed_in"] = "\n".join(texts)
        if BY_KEY["handed_in"] in figures:
            lines = line_count(values["handed_in"], WIDTH)
    sheet.set_row(row, 8 + LINE_HEIGHT * lines)
    book.write(sheet, row, NAME_COLUMN, book.say("total"), properties=properties)
    _write_figures(book, sheet, row, figures, values, properties)
    name = book.say("sheet_overview")
    for column, figure in enumerate(figures, FIRST):
        book.define_name(figure.key, cell_reference(name, (row, column)))


def _add_data_bars(sheet: Any, figures: list[Figure], first: int, last: int) -> None:
    """Add data bars to rates and means; red ones to rates that should be low."""
    for column, figure in enumerate(figures, FIRST):
        if figure.unit not in _DATA_BARS or not figure.better:
            continue
        bad = figure.unit is FigureUnit.RATE and figure.better < 0
        options: dict[str, Any] = {
            "type": "data_bar",
            "data_bar_2010": True,
            "bar_solid": True,
            "bar_color": _BAD_BAR_COLOR if bad else _BAR_COLOR,
            "min_type": "num",
            "min_value": 0,
        }
        if (full := _DATA_BARS[figure.unit]) is not None:
            options |= {"max_type": "num", "max_value": full}
        sheet.conditional_format(first, column, last, column, options)
