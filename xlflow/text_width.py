"""How wide text is, on a terminal and in a cell, and how many lines it takes in a cell.

Row heights are set from it: Excel computes the height of a wrapped row on opening
the file, but not where cells are merged, nor that of a note, and LibreOffice
computes none.
"""

from __future__ import annotations

import math
import re

LINE = 17.0
"""Height of one line at the look's text size, in points."""

COLUMN_UNIT = 1.1
"""Half-width characters of the look's text size that fit into one unit of column width."""

# wcwidth takes about 20 ms to import, more than the help page has to spare, so the
# characters that most texts consist of are measured without it; a test compares.
_FULL_WIDTH = re.compile("[\u3001-\u3011\u4e00-\u9fff\uff01-\uff5e]")
_MEASURED_HERE = re.compile(f"(?:[ -~·—‘’“”…›→─█░]|{_FULL_WIDTH.pattern})*")
_LETTER = re.compile("[\x00-\u2e7f]")


def width(text: str) -> int:
    """Return the width in half-width characters, which are a terminal's columns.

    Chinese characters and emoji take two, combining characters none, each sequence
    of joined emoji as much as one. Control characters take none, either.
    """
    if _MEASURED_HERE.fullmatch(text):
        return len(text) + len(_FULL_WIDTH.findall(text))
    from wcwidth import wcswidth

    columns = wcswidth(text)
    if columns < 0:  # it holds control characters
        columns = wcswidth("".join(c for c in text if wcswidth(c) >= 0))
    return columns


def line_count(text: str, room: float, *, letter_width: float = 1.0, ragged: float = 0.0) -> int:
    """Return about how many lines a wrapped text takes in a cell.

    Args:
        room: how many half-width characters fit into a line.
        letter_width: mean width of letters and signs that aren't Chinese, in a proportional font.
        ragged: how much of each line stays empty once the text is wrapped.
    """
    if 2 * len(text) <= room and "\n" not in text:
        return 1  # a character is two wide at most
    count = 0
    for line in text.split("\n"):
        needed = width(line) + (letter_width - 1) * len(_LETTER.findall(line))
        count += 1 if needed <= room else math.ceil(needed / (room - ragged))
    return count
