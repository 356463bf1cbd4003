"""The charts of 总览: native ones, which read their values from a hidden sheet of the workbook.

A sheet of their own, because a chart needs what the tables must not have: blanks
where a figure is unknown (a chart takes 「—」 for zero), teams in order of trouble,
and no more of them than can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import BY_KEY
from xlflow.figures.report import Report
from xlflow.look import Style
from xlflow.summary.styled_workbook import StyledWorkbook, finite

CHART_ROWS = 13
POINTS_OF_A_CHART_ROW = 15.0
MOST_TEAMS = 8
"""As many teams as one chart shows: those with most to see to."""
LONGEST_LABEL = 14

NAME_PIXELS, PIXELS = 138, 73
"""Width of 总览's column for names, and of one of its narrow columns."""
_HEIGHT = round(CHART_ROWS * POINTS_OF_A_CHART_ROW * 4 / 3)
_GAP = 10
_LAST_COLUMN = 17


class Bars(NamedTuple):
    """A stacked bar chart by team: its figures with their colours; ``trouble`` sorts the teams.

    ``columns`` are the first and last of 总览's that it covers.
    """

    name: str
    series: tuple[tuple[str, str], ...]
    trouble: tuple[str, ...]
    row: int
    columns: tuple[int, int]


_AMBER = look.SERIES[1]
_BARS = (
    Bars(
        "overdue",
        (("plan_overdue", look.BAD.ink), ("messages_overdue", _AMBER)),
        ("plan_overdue", "messages_overdue"),
        0,
        (9, 17),
    ),
    Bars(
        "campaigns",
        (
            ("campaigns_missed", look.BAD.ink),
            ("campaigns_met", look.GOOD.ink),
            ("campaigns_unknown", look.GREY),
        ),
        ("campaigns_missed",),
        1,
        (1, 5),
    ),
    Bars(
        "answers",
        (
            ("messages_overdue", look.BAD.ink),
            ("messages_late", _AMBER),
            ("messages_in_time", look.GOOD.ink),
        ),
        ("messages_overdue", "messages_late"),
        1,
        (6, 11),
    ),
    Bars(
        "problems",
        (
            ("problems_high", look.BAD.ink),
            ("problems_medium", _AMBER),
            ("problems_low", look.LIGHT),
        ),
        ("problems_high", "problems_medium"),
        1,
        (12, 17),
    ),
)
_TREND = (("overdue_rate", look.BAD.ink), ("on_time_rate", look.DEEP))
_TREND_COLUMNS = (1, 8)


def write_charts(
    book: StyledWorkbook, sheet: Any, data: Any, report: Report, teams: Sequence[str], top: int
) -> None:
    """Place five charts from row ``top`` on, in two rows, and what they read into ``data``."""
    _trend(book, sheet, data, report, top)
    for index, bars in enumerate(_BARS, 1):
        _by_team(book, sheet, data, report, teams, bars, top + bars.row * CHART_ROWS, 5 * index)


def _trend(book: StyledWorkbook, sheet: Any, data: Any, report: Report, top: int) -> None:
    rows = [
        [month, *(finite(figures.get(key)) for key, _ in _TREND)] for month, figures in report.trend
    ]
    if all(value is None for row in rows for value in row[1:]):
        _empty(book, sheet, top, _TREND_COLUMNS, book.say("chart_trend"), book.say("empty_trend"))
        return
    headings = [book.say("chart_trend"), *(_heading(book, key) for key, _ in _TREND)]
    _data(book, data, 0, headings, rows)
    chart = book.file.add_chart({"type": "line"})
    for offset, (_, colour) in enumerate(_TREND, 1):
        series = _series(book, 0, offset, len(rows))
        marker = {"type": ("circle", "square")[offset - 1], "size": 6}
        fill = {"fill": {"color": colour}, "border": {"color": colour}}
        chart.add_series(
            {**series, "line": {"color": colour, "width": 2.25}, "marker": {**marker, **fill}}
        )
    chart.show_blanks_as("gap")
    chart.set_y_axis({**_VALUES, "num_format": "0%", "min": 0, "max": 1, "major_unit": 0.25})
    chart.set_x_axis(_CATEGORIES)
    _insert(book, sheet, chart, top, _TREND_COLUMNS, headings[0])


def _by_team(
    book: StyledWorkbook,
    sheet: Any,
    data: Any,
    report: Report,
    teams: Sequence[str],
    bars: Bars,
    top: int,
    column: int,
) -> None:
    def counts(team: str, keys: Sequence[str]) -> list[float]:
        return [finite(report.teams[team].get(key)) or 0.0 for key in keys]

    keys = [key for key, _ in bars.series]
    shown = [team for team in teams if any(counts(team, keys))]
    shown.sort(key=lambda team: (-sum(counts(team, bars.trouble)), -sum(counts(team, keys))))
    title = book.say(f"chart_{bars.name}")
    if not shown:
        _empty(book, sheet, top, bars.columns, title, book.say(f"empty_chart_{bars.name}"))
        return
    if len(shown) > MOST_TEAMS:
        shown = shown[:MOST_TEAMS]
        title = book.say("chart_first", title=title, count=MOST_TEAMS)
    rows = [[_label(team), *counts(team, keys)] for team in shown]
    _data(book, data, column, [title, *(_heading(book, key) for key in keys)], rows)
    chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    label = {"name": look.FONT, "size": look.SMALL_SIZE, "color": look.PAPER}
    for offset, (_, colour) in enumerate(bars.series, 1):
        labels = {"value": True, "num_format": "0;;", "position": "center", "font": label}
        series = _series(book, column, offset, len(rows))
        fill = {"color": colour}
        chart.add_series({**series, "fill": fill, "gap": 60, "data_labels": labels})
    chart.set_y_axis({**_CATEGORIES, "reverse": True, "interval_unit": 1})
    # Each bar says its number, so the axis needn't.
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    _insert(book, sheet, chart, top, bars.columns, title)


def _heading(book: StyledWorkbook, key: str) -> str:
    return BY_KEY[key].name[book.language]


def _label(team: str) -> str:
    return team if len(team) <= LONGEST_LABEL else team[: LONGEST_LABEL - 1] + "…"


def _data(
    book: StyledWorkbook,
    data: Any,
    column: int,
    headings: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Write one chart's values into the hidden sheet; a blank where there is none."""
    for offset, heading in enumerate(headings):
        book.put(data, 0, column + offset, heading)
    for row, values in enumerate(rows, 1):
        for offset, value in enumerate(values):
            if value is not None:
                book.put(data, row, column + offset, value, "number" if offset else "text")


def _series(book: StyledWorkbook, column: int, offset: int, rows: int) -> dict[str, Any]:
    name = book.say("sheet_charts")
    return {
        "name": [name, 0, column + offset],
        "categories": [name, 1, column, rows, column],
        "values": [name, 1, column + offset, rows, column + offset],
    }


_FONT = {"name": look.FONT, "size": look.SMALL_SIZE, "color": look.INK, "bold": False}
_CATEGORIES = {
    "num_font": _FONT,
    "line": {"color": look.RULE},
    "major_tick_mark": "none",
    "minor_tick_mark": "none",
}
_VALUES = {
    "num_font": {**_FONT, "color": look.QUIET},
    "line": {"none": True},
    "major_gridlines": {"visible": True, "line": {"color": look.RULE, "width": 0.5}},
    "major_tick_mark": "none",
    "minor_tick_mark": "none",
}


def _insert(
    book: StyledWorkbook, sheet: Any, chart: Any, top: int, columns: tuple[int, int], title: str
) -> None:
    name = {"name": look.FONT, "size": look.TEXT_SIZE, "color": look.INK, "bold": True}
    chart.set_title({"name": title, "name_font": name, "overlay": False})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_chartarea({"border": {"color": look.RULE}, "fill": {"color": look.PAPER}})
    chart.set_plotarea({"fill": {"none": True}})
    chart.show_hidden_data()
    first, last = columns
    width = (NAME_PIXELS if first == 1 else PIXELS) + (last - first) * PIXELS
    gap = _GAP if last < _LAST_COLUMN else 0
    chart.set_size({"width": width - gap, "height": _HEIGHT - _GAP})
    sheet.insert_chart(top, first, chart, {"y_offset": 4, "description": title})


def _empty(
    book: StyledWorkbook, sheet: Any, top: int, columns: tuple[int, int], title: str, text: str
) -> None:
    """Say what will stand where a chart has nothing to show."""
    first, last = columns
    middle = {"valign": "vcenter", "right": 5, "right_color": look.PAPER}
    bold = Style(look.INK, look.BAND, bold=True)
    book.span(sheet, top, first, last, title, "centre", bold, middle, rows=2)
    quiet = Style(look.QUIET, look.BAND)
    book.span(sheet, top + 2, first, last, text, "centre", quiet, middle, rows=CHART_ROWS - 3)
