"""What a scanner notes of a sheet part: cells, rows and columns as they are written.

Nothing is interpreted here beyond addresses and booleans; positions count bytes of
the document's UTF-8 text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from xlflow.errors import UnreadableError
from xlflow.ooxml.xml import Attributes, xml_bool

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MAX_CELLS = 5_000_000

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column: all inclusive, counted from 1."""

RawCell = tuple[int, int, int, str, str | None, bool, int, int]
"""Row, column, style index, type, text (None: no value element), formula, start, end.

The text is unescaped XML; shared strings are still an index, and ``_x000D_`` is still
spelt so. A plain tuple, because a record class would cost half of the scan.
"""


class RawRow(NamedTuple):
    """One row element: ``start:end`` in the text, its start tag ``start:opened``.

    ``style`` is None where the row has no style of its own.
    """

    number: int
    start: int
    opened: int
    end: int
    style: int | None
    hidden: bool
    spans: str | None


class RawColumns(NamedTuple):
    """A run of columns, first to last, that share a style."""

    first: int
    last: int
    style: int
    hidden: bool


class Element(NamedTuple):
    """An element that may have to change: ``start:end``, its start tag ``start:opened``."""

    start: int
    opened: int
    end: int


_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_COLUMN_VALUES = {chr(64 + value): value for value in range(1, 27)}


def malformed(what: str) -> UnreadableError:
    """Return the refusal of a sheet in which ``what`` makes no sense."""
    return UnreadableError("sheet_malformed", what=what)


def parse_int(text: str | None) -> int | None:
    """Return a whole number as an attribute holds it; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


def column_number(letters: str) -> int:
    """Return 28 for ``AB``; raises UnreadableError past the last column, ``XFD``."""
    column = 0
    for letter in letters:
        column = column * 26 + _COLUMN_VALUES[letter]
    if column > LAST_COLUMN:
        raise malformed(letters)
    return column


def parse_address(text: str) -> tuple[int, int]:
    """Return row and column of ``E7``; raises UnreadableError for what is no address."""
    found = _REFERENCE.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= LAST_ROW:
        raise malformed(text)
    return int(found[2]), column_number(found[1].upper())


def parse_area(text: str) -> Area:
    """Return the area that ``A1:B3`` (or a lone ``A1``) names."""
    first, _, last = text.partition(":")
    row, column = parse_address(first)
    last_row, last_column = parse_address(last) if last else (row, column)
    return (
        min(row, last_row),
        min(column, last_column),
        max(row, last_row),
        max(column, last_column),
    )


def row_number(text: str | None, previous: int) -> int:
    """Return a row's number; one that doesn't say follows the one before."""
    number = previous + 1 if text is None else parse_int(text)
    if number is None or not 1 <= number <= LAST_ROW:
        raise malformed(f"row {text or number}")
    return number


def style_index(text: str | None) -> int:
    """Return a style index; one that makes no sense is the default style."""
    return parse_int(text) or 0


def style_and_type(attributes: Attributes) -> tuple[int, str]:
    """Return a cell's style index and type."""
    return style_index(attributes.get("s")), attributes.get("t", "n")


RowAttributes = tuple[int | None, bool, str | None]
DEFAULT_ROW: RowAttributes = (None, False, None)


def row_attributes(attributes: Attributes) -> RowAttributes:
    """Return what a row says of itself: its own style, whether it is hidden, its spans."""
    style = style_index(attributes.get("s")) if xml_bool(attributes.get("customFormat")) else None
    return style, xml_bool(attributes.get("hidden")), attributes.get("spans")


def array_areas(attributes: Attributes) -> list[Area]:
    """Return the area that a formula fills, if it fills one."""
    if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
        return [parse_area(attributes["ref"])]
    return []
