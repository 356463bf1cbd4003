"""How much room a text takes in a cell, near enough to set a row's height by.

Excel finds the height of a wrapped row when it opens the file, but neither for
merged cells nor for notes, and LibreOffice for no row at all.
"""

from __future__ import annotations

LINE = 17.0
"""Height of one line at our size of type, in points."""

# What fits into one unit of column width at our size of type, in half-width characters.
_ROOM = 1.1
_WIDE_FROM = "\u2e80"


def cell_width(text: str) -> int:
    """Return the width of a text in half-width characters; Chinese ones count as two."""
    return sum(2 if character >= _WIDE_FROM else 1 for character in text)


def line_count(text: str, column_width: float) -> int:
    """Return the number of lines that a text takes, wrapped in a column of that width."""
    room = column_width * _ROOM
    return sum(max(1, int(-(-cell_width(line) // room))) for line in text.split("\n"))
