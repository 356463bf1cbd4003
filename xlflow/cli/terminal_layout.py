"""Laying text out on a terminal: columns, line breaks, lists, tables, the progress bar."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterable, Sequence

from xlflow import text_width

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
STATUS_COLOURS = {"unreadable": "red", "conflict": "yellow", "deferred": "yellow"}

Entries = tuple[tuple[str, str], ...]
"""Pairs of a term (an option, a command, an exit code) and its meaning."""

_LONGEST_TERM = 36
_ESCAPE_CODE = re.compile(r"\x1b\[[0-9;]*m")

# A line may break after a space, and before or after a wide character, but neither
# before a closing mark nor after an opening one.
_OPENING = r"[“‘「《【（(\[]"
_CLOSING = r"[”’」》】）)\]。、，；：！？,;:!?…]"
_TOKEN = rf"\s+|{_OPENING}*(?:[^\s“‘\u2e80-\uffff]+|[“‘\u2e80-\uffff]){_CLOSING}*"


def visible_width(text: str) -> int:
    """Return how many columns a text takes on a terminal; colours take none."""
    return text_width.width(_ESCAPE_CODE.sub("", text))


def padded(text: str, columns: int) -> str:
    """Return the text, padded with spaces to a number of columns."""
    return text + " " * (columns - visible_width(text))


def shortened(text: str, columns: int) -> str:
    """Return the text, cut off with an ellipsis where it takes more columns."""
    if visible_width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if visible_width(kept + character) > columns - 1:
            break
        kept += character
    return kept + "…"


def wrapped(text: str, columns: int, indent: int = 0) -> str:
    """Return the text broken into lines, indented and no wider than a number of columns."""
    lines, line = [], ""
    for token in re.findall(_TOKEN, text):
        if line and visible_width(line + token.rstrip()) > columns - indent:
            lines.append(line.rstrip())
            line = ""
        line += token if line else token.lstrip()
    lines.append(line.rstrip())
    return "\n".join(" " * indent + line for line in lines)


def readable_columns() -> int:
    """Return the terminal's width, within what is comfortable to read."""
    return min(max(shutil.get_terminal_size().columns, 40), 100)


def parse_entries(text: str, separator: str) -> Entries:
    """Parse lines of ``term<separator>meaning``."""
    parts = (line.partition(separator) for line in text.splitlines())
    return tuple((term.strip(), meaning.strip()) for term, _, meaning in parts)


def definition_list(entries: Entries, columns: int) -> str:
    """Return terms with their meanings beside them; very long terms get a line of their own."""
    widths = (visible_width(term) for term, _ in entries)
    short = max((width for width in widths if width <= _LONGEST_TERM), default=0)
    lines = []
    for term, meaning in entries:
        meaning_lines = wrapped(meaning, columns, short + 4)
        if visible_width(term) > short:
            lines.append(f"  {term}\n{meaning_lines}")
        else:
            lines.append(f"  {padded(term, short)}  {meaning_lines.lstrip()}")
    return "\n".join(lines)


def one_line(text: str) -> str:
    """Return text from a file as one line without control characters.

    Line breaks become spaces; other control and direction characters are escaped,
    so that they can't manipulate the terminal.
    """
    text = re.sub(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*", " ", text)
    return "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf") else ascii(c)[1:-1] for c in text
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table with a rule under its header; columns in ``right`` are right-aligned."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(visible_width(line[i]) for line in lines) for i in range(len(header))]
    lines.insert(1, ["─" * width for width in widths])
    laid_out = []
    for line in lines:
        cells = [
            " " * (width - visible_width(text)) + text if i in right else padded(text, width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        laid_out.append("  ".join(cells).rstrip())
    return "\n".join(laid_out)


def progress_line(done: int, total: int, name: str, columns: int) -> str:
    """Return a progress bar with counts and the current name, narrower than ``columns``."""
    filled = 20 * done // total if total else 20
    bar = "█" * filled + "░" * (20 - filled)
    return shortened(f"{bar} {done}/{total} {one_line(name)}", columns - 1)
