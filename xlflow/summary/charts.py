"""The charts of 总览: native Excel charts with their data on a hidden sheet.

The data has a sheet of its own because it differs from the visible tables: unknown
figures are blank (a chart shows 「—」 as zero), the teams with the most open problems
come first, and there are only as many teams as a chart can show legibly.
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
CHART_ROW_HEIGHT = 15.0
"""Points."""
MAX_TEAMS = 8
"""The number of teams in one chart: those with the most open problems."""
MAX_LABEL = 14
"""Characters of a team's name on an axis."""

NAME_PIXELS, PIXELS = 138, 73
"""The width of 总览's column of names, and of one narrow column."""
_HEIGHT = round(CHART_ROWS * CHART_ROW_HEIGHT * 4 / 3)
_GAP = 10
_LAST_COLUMN = 17


class StackedBars(NamedTuple):
    """A chart with one stacked bar a team.

    ``series`` are keys of figures with their colours. The teams are sorted by the sum
    of ``sort_keys``, largest first. ``row`` is 0 or 1; ``columns`` are the first and the
    last column of 总览 that the chart covers.
    """

    name: str
    series: tuple[tuple[str, str], ...]
    sort_keys: tuple[str, ...]
    row: int
    columns: tuple[int, int]


_AMBER = look.SERIES[1]
_BAR_CHARTS = (
    StackedBars(
        "overdue",
        (("plan_overdue", look.BAD.color), ("messages_overdue", _AMBER)),
        ("plan_overdue", "messages_overdue"),
        0,
        (9, 17),
    ),
    StackedBars(
        "campaigns",
        (
            ("campaigns_missed", look.BAD.color),
            ("campaigns_met", look.GOOD.color),
            ("campaigns_unknown", look.GREY),
        ),
        ("campaigns_missed",),
        1,
        (1, 5),
    ),
    StackedBars(
        "answers",
        (
            ("messages_overdue", look.BAD.color),
            ("messages_late", _AMBER),
            ("messages_in_time", look.GOOD.color),
        ),
        ("messages_overdue", "messages_late"),
        1,
        (6, 11),
    ),
    StackedBars(
        "problems",
        (
            ("problems_high", look.BAD.color),
            ("problems_medium", _AMBER),
            ("problems_low", look.LIGHT),
        ),
        ("problems_high", "problems_medium"),
        1,
        (12, 17),
    ),
)
_TREND = (("overdue_rate", look.BAD.color), ("on_time_rate", look.DEEP))
_TREND_COLUMNS = (1, 8)


def write_charts(
    book: StyledWorkbook, sheet: Any, data: Any, report: Report, teams: Sequence[str], top: int
) -> None:
    """Insert five charts in two rows from row ``top`` on; write their values into ``data``."""
    _write_trend(book, sheet, data, report, top)
    for index, bars in enumerate(_BAR_CHARTS, 1):
        _write_bars(book, sheet, data, report, teams, bars, top + bars.row * CHART_ROWS, 5 * index)


def _write_trend(book: StyledWorkbook, sheet: Any, data: Any, report: Report, top: int) -> None:
    rows = [
        [month, *(finite(figures.get(key)) for key, _ in _TREND)] for month, figures in report.trend
    ]
    if all(value is None for row in rows for value in row[1:]):
        _write_placeholder(
            book, sheet, top, _TREND_COLUMNS, book.say("chart_trend"), book.say("empty_trend")
        )
        return
    headings = [book.say("chart_trend"), *(_heading(book, key) for key, _ in _TREND)]
    _write_data(book, data, 0, headings, rows)
    chart = book.file.add_chart({"type": "line"})
    for offset, (_, colour) in enumerate(_TREND, 1):
        series = _series(book, 0, offset, len(rows))
        marker = {"type": ("circle", "square")[offset - 1], "size": 6}
        fill = {"fill": {"color": colour}, "border": {"color": colour}}
        chart.add_series(
            {**series, "line": {"color": colour, "width": 2.25}, "marker": {**marker, **fill}}
        )
    chart.show_blanks_as("gap")
    chart.set_y_axis({**_VALUE_AXIS, "num_format": "0%", "min": 0, "max": 1, "major_unit": 0.25})
    chart.set_x_axis(_CATEGORY_AXIS)
    _insert_chart(book, sheet, chart, top, _TREND_COLUMNS, headings[0])


def _write_bars(
    book: StyledWorkbook,
    sheet: Any,
    data: Any,
    report: Report,
    teams: Sequence[str],
    bars: StackedBars,
    top: int,
    column: int,
) -> None:
    def counts(team: str, keys: Sequence[str]) -> list[float]:
        return [finite(report.teams[team].get(key)) or 0.0 for key in keys]

    keys = [key for key, _ in bars.series]
    shown = [team for team in teams if any(counts(team, keys))]
    shown.sort(key=lambda team: (-sum(counts(team, bars.sort_keys)), -sum(counts(team, keys))))
    title = book.say(f"chart_{bars.name}")
    if not shown:
        _write_placeholder(
            book, sheet, top, bars.columns, title, book.say(f"empty_chart_{bars.name}")
        )
        return
    if len(shown) > MAX_TEAMS:
        shown = shown[:MAX_TEAMS]
        title = book.say("chart_first", title=title, count=MAX_TEAMS)
    rows = [[_label(team), *counts(team, keys)] for team in shown]
    _write_data(book, data, column, [title, *(_heading(book, key) for key in keys)], rows)
    chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    label = {"name": look.FONT, "size": look.SMALL_SIZE, "color": look.PAPER}
    for offset, (_, colour) in enumerate(bars.series, 1):
        labels = {"value": True, "num_format": "0;;", "position": "center", "font": label}
        series = _series(book, column, offset, len(rows))
        fill = {"color": colour}
        chart.add_series({**series, "fill": fill, "gap": 60, "data_labels": labels})
    chart.set_y_axis({**_CATEGORY_AXIS, "reverse": True, "interval_unit": 1})
    # Each bar is labelled with its value, so the axis can be hidden.
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    _insert_chart(book, sheet, chart, top, bars.columns, title)


def _heading(book: StyledWorkbook, key: str) -> str:
    return BY_KEY[key].name[book.language]


def _label(team: str) -> str:
    return team if len(team) <= MAX_LABEL else team[: MAX_LABEL - 1] + "…"


def _write_data(
    book: StyledWorkbook,
    data: Any,
    column: int,
    headings: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> None:
    """Write one chart's values into the hidden sheet; unknown ones stay blank."""
    for offset, heading in enumerate(headings):
        book.write(data, 0, column + offset, heading)
    for row, values in enumerate(rows, 1):
        for offset, value in enumerate(values):
            if value is not None:
                book.write(data, row, column + offset, value, "number" if offset else "text")


def _series(book: StyledWorkbook, column: int, offset: int, rows: int) -> dict[str, Any]:
    name = book.say("sheet_charts")
    return {
        "name": [name, 0, column + offset],
        "categories": [name, 1, column, rows, column],
        "values": [name, 1, column + offset, rows, column + offset],
    }


_FONT = {"name": look.FONT, "size": look.SMALL_SIZE, "color": look.INK, "bold": False}
_CATEGORY_AXIS = {
    "num_font": _FONT,
    "line": {"color": look.RULE},
    "major_tick_mark": "none",
    "minor_tick_mark": "none",
}
_VALUE_AXIS = {
    "num_font": {**_FONT, "color": look.QUIET},
    "line": {"none": True},
    "major_gridlines": {"visible": True, "line": {"color": look.RULE, "width": 0.5}},
    "major_tick_mark": "none",
    "minor_tick_mark": "none",
}


def _insert_chart(
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


def _write_placeholder(
    book: StyledWorkbook, sheet: Any, top: int, columns: tuple[int, int], title: str, text: str
) -> None:
    """Write in the place of a chart without data what it will show."""
    first, last = columns
    properties = {"valign": "vcenter", "right": 5, "right_color": look.PAPER}
    bold = Style(look.INK, look.BAND, bold=True)
    book.write_merged(sheet, top, first, last, title, "centre", bold, properties, rows=2)
    quiet = Style(look.QUIET, look.BAND)
    book.write_merged(
        sheet, top + 2, first, last, text, "centre", quiet, properties, rows=CHART_ROWS - 3
    )
