"""The look of everything that xlflow draws: colours, fonts, sizes and number formats.

Templates, summaries and the pictures in the docs use these. Colour is never the only
sign of a state, which always has a text, too. Colours are ``#RRGGBB``, sizes are in
points, number formats in Excel's notation.
"""

from __future__ import annotations

from dataclasses import dataclass

FONT = "微软雅黑"
FALLBACK_FONTS = ("等线", "Noto Sans CJK SC")
"""The fonts to use instead, in this order, where :data:`FONT` isn't installed."""

TITLE_SIZE = 16.0
SECTION_SIZE = 12.0
TEXT_SIZE = 10.5
SMALL_SIZE = 9.0
FIGURE_SIZE = 20.0
"""The value on a tile."""

INK = "#222B2E"
QUIET = "#7A858A"
"""Text of low importance: ⚙ columns, done rows, footnotes."""
PAPER = "#FFFFFF"
BAND = "#F4F8F8"
"""Every second row, tiles, boxes."""
SYSTEM = "#F6F7F7"
"""The background of ⚙ columns."""
RULE = "#D5DDDF"
"""Thin borders and the lines between rows."""
DEEP = "#1F5F6B"
LIGHT = "#5B9AA0"
GREY = "#8A9499"


@dataclass(frozen=True, slots=True)
class Style:
    """Colour of text and of its background; None leaves the background unchanged."""

    color: str
    background: str | None = None
    bold: bool = False


TEAM_HEADER = Style(PAPER, DEEP, bold=True)
COMPUTED_HEADER = Style(PAPER, LIGHT, bold=True)
SYSTEM_HEADER = Style(PAPER, GREY, bold=True)

BAD = Style("#9C1C1C", "#FBE3E0")
"""Overdue, missed, an error."""
SOON = Style("#7A5B00", "#FFF3D6")
"""Due within :data:`SOON_DAYS`, a warning."""
GOOD = Style("#1E6B34", "#E3F2E6")
"""Met, in time."""
DONE = Style(QUIET)

SOON_DAYS = 3

SERIES = (DEEP, "#D08B2F", LIGHT, "#9C1C1C", "#1E6B34", GREY)
"""The colours of a chart's series, in order."""

DATE = "yyyy-mm-dd"
MOMENT = "yyyy-mm-dd hh:mm"
DAYS = "0.#"
COUNT = "#,##0"
RATE = "0.0%"
"""A percentage without a sign."""
DEVIATION = "+0%;-0%;0%"
GENERAL = "General"
TEXT = "@"
