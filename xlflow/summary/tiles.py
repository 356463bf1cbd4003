"""The six tiles at the top of 总览: the main figures and their change since last month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import (
    BY_KEY,
    HANDED_IN,
    LATE,
    MAIN_FIGURES,
    ON_TIME,
    Figure,
    FigureUnit,
)
from xlflow.figures.report import Report, TargetProgress
from xlflow.look import Style
from xlflow.summary.styled_workbook import Link, Properties, StyledWorkbook, finite

TILE_COLUMNS = ((1, 2), (3, 5), (6, 8), (9, 11), (12, 14), (15, 17))
"""The first and the last column of each tile."""
LINKED_LISTS = {
    "overdue_rate": "overdue",
    "on_time_rate": "priorities",
    "cycle_days_mean": "findings",
    "in_time_rate": "messages",
    "campaigns_met": "campaigns",
    "handed_in": "submissions",
}
"""The list sheet that each tile links to."""
_VALUE_STYLE = Style(look.DEEP, bold=True)
_TILE_PROPERTIES: Properties = {
    "align": "left",
    "indent": 1,
    "valign": "vcenter",
    "text_wrap": False,
    "bg_color": look.BAND,
    "left": 5,
    "left_color": look.DEEP,
    "right": 5,
    "right_color": look.PAPER,
}
"""The background of a tile, with an edge at the left and a gap at the right."""


class Tile(NamedTuple):
    """One tile: a figure's value and format, and its change since last month.

    ``unit`` is the key of the sentence for ``change``; ``better`` is 1 where a higher
    value is better, -1 where a lower one is.
    """

    key: str
    title: str
    value: float | None
    number_format: str
    change: float | None
    unit: str
    better: int


def write_tiles(book: StyledWorkbook, sheet: Any, report: Report, top: int) -> int:
    """Write the tiles (name, value, change, target, link to the list); return the row below."""
    for offset, height in enumerate((22, 34, 18, 18, 22)):
        sheet.set_row(top + offset, height)
    tiles = {tile.key: tile for tile in _tiles(book, report)}
    for key, (first, last) in zip(MAIN_FIGURES, TILE_COLUMNS, strict=True):
        tile, name = tiles[key], LINKED_LISTS[key]
        change, style = _change_text(book, tile)
        small = {**_TILE_PROPERTIES, "font_size": look.SMALL_SIZE}
        large = {**_TILE_PROPERTIES, "font_size": look.FIGURE_SIZE}
        large["num_format"] = tile.number_format
        target = _target_text(book, report, tile.key)
        book.write_merged(sheet, top, first, last, tile.title, "text", None, _TILE_PROPERTIES)
        book.write_merged(sheet, top + 1, first, last, tile.value, "count", _VALUE_STYLE, large)
        book.write_merged(sheet, top + 2, first, last, change, "text", Style(style.color), small)
        book.write_merged(sheet, top + 3, first, last, target, "text", look.DONE, small)
        title = book.say(f"sheet_{name}")
        rows = book.say("go", sheet=title, count=len(getattr(report, name)))
        link = Link(f"#'{title}'!A1", rows)
        book.write_merged(sheet, top + 4, first, last, link, "text", None, small)
    return top + 5


def _tiles(book: StyledWorkbook, report: Report) -> list[Tile]:
    current, previous = report.total, report.previous or {}

    def tile(key: str, number_format: str, unit: str, scale: float = 1) -> Tile:
        figure = BY_KEY[key]
        value, earlier = finite(current.get(key)), finite(previous.get(key))
        change = None if value is None or earlier is None else round((value - earlier) * scale, 1)
        title = figure.name[book.language]
        return Tile(key, title, value, number_format, change, unit, figure.better)

    handed, teams = _handed_in(current)
    handed_previously, _ = _handed_in(previous)
    met, met_previously = _met_rate(current), _met_rate(previous)
    points = more_teams = None
    if met is not None and met_previously is not None:
        points = round((met - met_previously) * 100, 1)
    if handed is not None and handed_previously is not None:
        more_teams = handed - handed_previously
    return [
        tile("overdue_rate", look.RATE, "points", 100),
        tile("on_time_rate", look.RATE, "points", 100),
        tile("cycle_days_mean", book.say("days_format"), "days"),
        tile("in_time_rate", look.RATE, "points", 100),
        Tile(
            "campaigns_met",
            book.say("tile_campaigns_met"),
            finite(current.get("campaigns_met")),
            _out_of(finite(current.get("campaigns"))),
            points,
            "points",
            1,
        ),
        Tile(
            "handed_in",
            book.say("tile_handed_in"),
            handed,
            _out_of(teams),
            more_teams,
            "teams",
            1,
        ),
    ]


def _out_of(whole: float | None) -> str:
    """Return the number format that shows 4 of a whole of 5 as ``4 / 5``."""
    return look.COUNT if whole is None else f'{look.COUNT}" / {whole:,.0f}"'


def _met_rate(figures: Mapping[str, Any]) -> float | None:
    """Return met / (met + missed), since the count itself depends on the number of campaigns."""
    met, missed = finite(figures.get("campaigns_met")), finite(figures.get("campaigns_missed"))
    return met / (met + missed) if met is not None and missed is not None and met + missed else None


def _handed_in(figures: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the number of teams that handed in, late ones included, and of all teams."""
    states = figures.get("handed_in")
    if not isinstance(states, Mapping):
        return None, None
    counts = {state: finite(states.get(state)) or 0.0 for state in HANDED_IN}
    return counts[ON_TIME] + counts[LATE], sum(counts.values())


def _change_text(book: StyledWorkbook, tile: Tile) -> tuple[str, Style]:
    """Return a sentence about the change, and its style."""
    if tile.change is None:
        return book.say("no_previous"), look.DONE
    if tile.change == 0:
        return book.say("same"), look.DONE
    arrow = "▲" if tile.change > 0 else "▼"
    good = tile.change * tile.better > 0
    change = book.say(tile.unit, value=f"{abs(tile.change):g}")
    return book.say("better" if good else "worse", arrow=arrow, change=change), (
        look.GOOD if good else look.BAD
    )


def _target_text(book: StyledWorkbook, report: Report, key: str) -> str:
    """Return the target of a tile's figure and the progress towards it, ``""`` without a target."""
    for target in report.targets:
        if target.figure == key:
            shown = figure_text(book, BY_KEY[key], target.target)
            if target.progress is None:
                return book.say("target", target=shown)
            if target.progress < 0:
                worse = worse_text(book, BY_KEY[key], target)
                return book.say("target_worse", target=shown, worse=worse)
            progress = f"{target.progress:.0%}"
            return book.say("target_progress", target=shown, progress=progress)
    return ""


def worse_text(book: StyledWorkbook, figure: Figure, target: TargetProgress) -> str:
    """Return by how much a figure is worse than its baseline: ``比起点差 3.3 个百分点``.

    A negative percentage of the way to the target would say nothing to a reader.
    """
    distance = abs((target.current or 0) - target.baseline)
    if figure.unit is FigureUnit.RATE:
        change = book.say("points", value=f"{round(distance * 100, 1):g}")
    elif figure.unit is FigureUnit.DAYS:
        change = book.say("days", value=f"{round(distance, 1):g}")
    else:
        change = f"{round(distance, 2):g}"
    return book.say("worse_than_baseline", change=change)


def figure_text(book: StyledWorkbook, figure: Figure, value: float) -> str:
    """Return a figure's value with its unit: ``10%``, ``15 天``."""
    if figure.unit is FigureUnit.RATE:
        return f"{round(value * 100, 1):g}%"
    shown = f"{round(value, 2):g}"
    return book.say("tile_days", value=shown) if figure.unit is FigureUnit.DAYS else shown
