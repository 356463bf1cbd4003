"""Text on a terminal whose characters are one or two columns wide."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence

from xlflow import text_width

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
STATUS_COLOURS = {"unreadable": "red", "conflict": "yellow", "deferred": "yellow"}

Entries = tuple[tuple[str, str], ...]
"""Pairs of a term (an option, a command, an exit code) and what it means."""

_LONGEST_TERM = 36

# Where a line may break: after a space, and between characters of which one is
# wide, but never before a closing nor after an opening mark.
_TOKEN = re.compile(r"\s+|[「《(\[]*(?:[^\s\u2e80-\uffff]+|[\u2e80-\uffff])[」》)\]】。、,;:!?…]*")


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def visible_width(text: str) -> int:
    """Return how many columns a text takes on a terminal; colours take none."""
    return text_width.width(_COLOUR.sub("", text))


def padded(text: str, columns: int) -> str:
    """Return the text, filled up with spaces to so many columns."""
    return text + " " * (columns - visible_width(text))


def shortened(text: str, columns: int) -> str:
    """Return the text in at most so many columns, cut off with an ellipsis."""
    if visible_width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if visible_width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def wrapped(text: str, columns: int, indent: int = 0) -> str:
    """Return the text broken into lines, each indented and within so many columns."""
    lines, line = [], ""
    for token in _TOKEN.findall(text):
        if line and visible_width(line + token.rstrip()) > columns - indent:
            lines.append(line.rstrip())
            line = ""
        line += token if line else token.lstrip()
    lines.append(line.rstrip())
    return "\n".join(" " * indent + line for line in lines)


def readable_columns() -> int:
    """Return how wide text may run: the terminal's width, within what can be read."""
    return min(max(shutil.get_terminal_size().columns, 40), 100)


def pairs(text: str, separator: str) -> Entries:
    """Split lines of ``term<separator>meaning``."""
    parted = (line.partition(separator) for line in text.splitlines())
    return tuple((term.strip(), meaning.strip()) for term, _, meaning in parted)


def listed(entries: Entries, columns: int) -> str:
    """Return terms with their meanings beside them; a much longer term gets a line of its own."""
    widths = (visible_width(term) for term, _ in entries)
    short = max((columns for columns in widths if columns <= _LONGEST_TERM), default=0)
    lines = []
    for term, meaning in entries:
        explained = wrapped(meaning, columns, short + 4)
        if visible_width(term) > short:
            lines.append(f"  {term}\n{explained}")
        else:
            lines.append(f"  {padded(term, short)}  {explained.lstrip()}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Return a text from a file as one line that can't steer the terminal.

    Line breaks become spaces, other control characters are escaped.
    """
    text = re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*", " ", text)
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf") else ascii(c)[1:-1] for c in text
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows under a header, in columns as wide as they need; ``right`` are aligned right.

    The last column isn't padded.
    """
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(visible_width(line[i]) for line in lines) for i in range(len(header))]
    lines.insert(1, ["─" * columns for columns in widths])
    shown = []
    for line in lines:
        cells = [
            " " * (columns - visible_width(text)) + text if i in right else padded(text, columns)
            for i, (text, columns) in enumerate(zip(line, widths, strict=True))
        ]
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def progress_line(done: int, total: int, name: str, columns: int) -> str:
    """Return one line that says how far long work has come, fit for so many columns."""
    filled = 20 * done // total if total else 20
    bar = "█" * filled + "░" * (20 - filled)
    return shortened(f"{bar} {done}/{total} {one_line(name)}", columns - 1)
