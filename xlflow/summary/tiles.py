"""The six tiles at the head of 总览: where the month stands, and how it moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import BY_KEY, HANDED_IN, LATE, ON_TIME, Figure, FigureUnit
from xlflow.figures.report import Report
from xlflow.look import Style
from xlflow.summary.styled_workbook import Link, Properties, StyledWorkbook, finite

COLUMNS = ((1, 2), (3, 5), (6, 8), (9, 11), (12, 14), (15, 17))
"""First and last column of each tile."""
BEHIND = ("overdue", "priorities", "findings", "messages", "campaigns", "submissions")
"""The list sheet that each tile leads to, all six in the tiles' order."""
_VALUE = Style(look.DEEP, bold=True)
_BOX: Properties = {
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
"""A tile's ground, with its edge at the left and a gap at the right."""


class Tile(NamedTuple):
    """A figure large: its value, format, and how far it moved since last month."""

    key: str
    title: str
    value: float | None
    number_format: str
    change: float | None
    unit: str
    better: int


def write_tiles(book: StyledWorkbook, sheet: Any, report: Report, top: int) -> int:
    """Write six tiles of name, value, change, target and the list behind; return the row below."""
    for offset, height in enumerate((22, 34, 18, 18, 22)):
        sheet.set_row(top + offset, height)
    for tile, name, (first, last) in zip(_six(book, report), BEHIND, COLUMNS, strict=True):
        change, tone = _change(book, tile)
        small = {**_BOX, "font_size": look.SMALL_SIZE}
        value = {**_BOX, "font_size": look.FIGURE_SIZE, "num_format": tile.number_format}
        target = _target(book, report, tile.key)
        book.span(sheet, top, first, last, tile.title, "text", None, _BOX)
        book.span(sheet, top + 1, first, last, tile.value, "count", _VALUE, value)
        book.span(sheet, top + 2, first, last, change, "text", Style(tone.ink), small)
        book.span(sheet, top + 3, first, last, target, "text", look.DONE, small)
        title = book.say(f"sheet_{name}")
        rows = book.say("go", sheet=title, count=len(getattr(report, name)))
        book.span(sheet, top + 4, first, last, Link(f"#'{title}'!A1", rows), "text", None, small)
    return top + 5


def _six(book: StyledWorkbook, report: Report) -> list[Tile]:
    now, before = report.total, report.previous or {}

    def tile(key: str, number_format: str, unit: str, scale: float = 1) -> Tile:
        figure = BY_KEY[key]
        value, past = finite(now.get(key)), finite(before.get(key))
        change = None if value is None or past is None else round((value - past) * scale, 1)
        title = figure.name[book.language]
        return Tile(key, title, value, number_format, change, unit, figure.better)

    handed, teams = _handed_in(now)
    handed_before, _ = _handed_in(before)
    met, met_before = _share_met(now), _share_met(before)
    points = None if met is None or met_before is None else round((met - met_before) * 100, 1)
    return [
        tile("overdue_rate", look.RATE, "points", 100),
        tile("on_time_rate", look.RATE, "points", 100),
        tile("cycle_days_mean", book.say("days_format"), "days"),
        tile("in_time_rate", look.RATE, "points", 100),
        Tile(
            "campaigns_met",
            book.say("tile_campaigns_met"),
            finite(now.get("campaigns_met")),
            _out_of(finite(now.get("campaigns"))),
            points,
            "points",
            1,
        ),
        Tile(
            "handed_in",
            book.say("tile_handed_in"),
            handed,
            _out_of(teams),
            handed - handed_before if handed is not None and handed_before is not None else None,
            "teams",
            1,
        ),
    ]


def _out_of(whole: float | None) -> str:
    """Return the number format that shows 4 as ``4 / 5``."""
    return look.COUNT if whole is None else f'{look.COUNT}" / {whole:,.0f}"'


def _share_met(figures: Mapping[str, Any]) -> float | None:
    """Return met / (met + missed): counts alone would fall with the number of campaigns."""
    met, missed = finite(figures.get("campaigns_met")), finite(figures.get("campaigns_missed"))
    return met / (met + missed) if met is not None and missed is not None and met + missed else None


def _handed_in(figures: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return how many teams handed in, late ones included, and how many there are."""
    states = figures.get("handed_in")
    if not isinstance(states, Mapping):
        return None, None
    counts = {state: finite(states.get(state)) or 0.0 for state in HANDED_IN}
    return counts[ON_TIME] + counts[LATE], sum(counts.values())


def _change(book: StyledWorkbook, tile: Tile) -> tuple[str, Style]:
    """Return how the figure moved, in words, and in which tone."""
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


def _target(book: StyledWorkbook, report: Report, key: str) -> str:
    """Return the target of a tile's figure, and how much of the way is behind it."""
    for target in report.targets:
        if target.figure == key:
            shown = figure_text(book, BY_KEY[key], target.target)
            if target.progress is None:
                return book.say("target", target=shown)
            progress = f"{target.progress:.0%}"
            return book.say("target_progress", target=shown, progress=progress)
    return ""


def figure_text(book: StyledWorkbook, figure: Figure, value: float) -> str:
    """Return a figure's value as a person writes it: ``10%``, ``15 天``."""
    if figure.unit is FigureUnit.RATE:
        return f"{round(value * 100, 1):g}%"
    shown = f"{round(value, 2):g}"
    return book.say("tile_days", value=shown) if figure.unit is FigureUnit.DAYS else shown
