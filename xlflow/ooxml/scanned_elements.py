"""What both scanners return of a sheet part: its cells, rows and columns as written.

Only addresses, numbers and booleans are interpreted here. Positions in the text count
bytes of the document's UTF-8 form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from xlflow.ooxml.references import LAST_COLUMN, LAST_ROW, Area, malformed, parse_area
from xlflow.ooxml.xml import Attributes, xml_bool, xml_int

MAX_CELLS = 2_000_000
"""The most cells that all sheets of a workbook may have together."""

MAX_MERGES = 100_000
"""The most merged ranges that all sheets of a workbook may have together."""


class Limits(NamedTuple):
    """How many cells and merged ranges a sheet may have, given what the sheets before it have."""

    cells: int = MAX_CELLS
    merges: int = MAX_MERGES


NO_SHEET_BEFORE = Limits()


class RawCell(NamedTuple):
    """What a cell element says, wherever it is: cells that say the same may share one.

    ``text`` is unescaped XML (None: no value element); a shared string is still an
    index, and ``_x000D_`` still escaped.
    """

    style: int
    kind: str
    text: str | None
    formula: bool


class ScannedCell(NamedTuple):
    """A cell element at its place in the document: ``start:end``."""

    row: int
    column: int
    raw: RawCell
    start: int
    end: int


class ScannedRow(NamedTuple):
    """One row element: ``start:end`` in the text, its start tag ``start:opened``.

    ``style`` is None where the row has no style of its own. ``columns`` and ``raw``
    are its cells in document order. ``located`` gives row number, start and end of
    each of them. Where it is None, each is in this row and begins where the one before
    ends, and ``lengths`` are their bytes after the reference, so that spans can be
    worked out for the few cells for which they are asked.
    """

    number: int
    start: int
    opened: int
    end: int
    style: int | None
    hidden: bool
    spans: str | None
    columns: Sequence[int] = ()
    raw: Sequence[RawCell] = ()
    lengths: Sequence[int] = ()
    located: Sequence[tuple[int, int, int]] | None = None

    def cell_spans(self) -> list[tuple[int, int]]:
        """Return where each cell element begins and ends in the text."""
        if self.located is not None:
            return [(start, end) for _, start, end in self.located]
        tag = len('<c r=""') + len(str(self.number))
        lengths = [
            tag + _LETTERS[column] + length
            for column, length in zip(self.columns, self.lengths, strict=True)
        ]
        starts = list(accumulate(lengths, initial=self.opened))
        return list(pairwise(starts))

    def cells(self) -> Iterator[ScannedCell]:
        """Yield the cells with their places."""
        numbers = [number for number, _, _ in self.located or ()] or [self.number] * len(self.raw)
        for number, column, raw, span in zip(
            numbers, self.columns, self.raw, self.cell_spans(), strict=True
        ):
            yield ScannedCell(number, column, raw, *span)


# The number of letters in the address of each column.
_LETTERS = bytes([0] + [1] * 26 + [2] * 26**2 + [3] * (LAST_COLUMN - 26 - 26**2))


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


def row_attributes(attributes: Attributes) -> RowAttributes:
    """Return a row's own style, whether it is hidden, and its spans."""
    style = style_index(attributes.get("s")) if xml_bool(attributes.get("customFormat")) else None
    return style, xml_bool(attributes.get("hidden")), attributes.get("spans")


def array_areas(attributes: Attributes) -> list[Area]:
    """Return the area that a formula fills, if it is an array formula or a data table."""
    if attributes.get("t") in ("array", "dataTable") and "ref" in attributes:
        return [parse_area(attributes["ref"])]
    return []
