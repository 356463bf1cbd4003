"""What both scanners return of a sheet part: its cells, rows and columns as written.

Only addresses, numbers and booleans are interpreted here. Positions in the text count
bytes of the document's UTF-8 form.
"""

from __future__ import annotations

from typing import NamedTuple

from xlflow.ooxml.references import LAST_ROW, Area, malformed, parse_area
from xlflow.ooxml.xml import Attributes, xml_bool, xml_int

MAX_CELLS = 5_000_000

ScannedCell = tuple[int, int, int, str, str | None, bool, int, int]
"""Row, column, style index, type, text (None: no value element), formula, start, end.

The text is unescaped XML; a shared string is still an index, and ``_x000D_`` still
escaped. A plain tuple, because a record class would double the time of a scan.
"""


class ScannedRow(NamedTuple):
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


class ScannedColumns(NamedTuple):
    """A run of columns, first to last, that share a style."""

    first: int
    last: int
    style: int


class Element(NamedTuple):
    """An element that a write may change: ``start:end``, its start tag ``start:opened``."""

    start: int
    opened: int
    end: int


def row_number(text: str | None, previous: int) -> int:
    """Return a row's number; a row without one follows the previous row."""
    number = previous + 1 if text is None else xml_int(text)
    if number is None or not 1 <= number <= LAST_ROW:
        raise malformed(f"row {text or number}")
    return number


def style_index(text: str | None) -> int:
    """Return a style index; an invalid one stands for the default style."""
    return xml_int(text) or 0


def style_and_type(attributes: Attributes) -> tuple[int, str]:
    """Return a cell's style index and type."""
    return style_index(attributes.get("s")), attributes.get("t", "n")


RowAttributes = tuple[int | None, bool, str | None]
DEFAULT_ROW: RowAttributes = (None, False, None)


def row_attributes(attributes: Attributes) -> RowAttributes:
    """Return a row's own style, whether it is hidden, and its spans."""
    style = style_index(attributes.get("s")) if xml_bool(attributes.get("customFormat")) else None
    return style, xml_bool(attributes.get("hidden")), attributes.get("spans")


def array_areas(attributes: Attributes) -> list[Area]:
    """Return the area that a formula fills, if it is an array formula or a data table."""
    if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
        return [parse_area(attributes["ref"])]
    return []
