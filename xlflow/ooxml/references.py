"""Cell references such as ``E7`` and ``A1:B3``, and the areas of a sheet that they name."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import product

from xlflow.errors import UnreadableError
from xlflow.facts import LAST_ROW as LAST_ROW
from xlflow.facts import Position

LAST_COLUMN = 16_384

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column: all inclusive, counted from 1."""

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", re.ASCII)
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})", re.ASCII)
_ROWS = re.compile(r"\$?([0-9]{1,7}):\$?([0-9]{1,7})", re.ASCII)
_COLUMN_VALUES = {chr(64 + value): value for value in range(1, 27)}


def malformed(what: str) -> UnreadableError:
    """Return the error for a sheet in which ``what`` is invalid."""
    return UnreadableError("sheet_malformed", what=what)


def column_number(letters: str) -> int:
    """Return 28 for ``AB``; raises UnreadableError past the last column, ``XFD``."""
    column = 0
    for letter in letters:
        column = column * 26 + _COLUMN_VALUES[letter]
    if column > LAST_COLUMN:
        raise malformed(letters)
    return column


def parse_address(text: str) -> Position:
    """Return row and column of ``E7``; raises UnreadableError for anything else."""
    found = _REFERENCE.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= LAST_ROW:
        raise malformed(text)
    return int(found[2]), column_number(found[1].upper())


def parse_area(text: str) -> Area:
    """Return the area that ``A1:B3``, a lone ``A1``, ``B:D`` or ``2:4`` names."""
    first, _, last = text.partition(":")
    if found := _COLUMNS.fullmatch(text):
        columns = sorted((column_number(found[1].upper()), column_number(found[2].upper())))
        return 1, columns[0], LAST_ROW, columns[1]
    if found := _ROWS.fullmatch(text):
        rows = sorted((int(found[1]), int(found[2])))
        if not 1 <= rows[0] <= rows[1] <= LAST_ROW:
            raise malformed(text)
        return rows[0], 1, rows[1], LAST_COLUMN
    row, column = parse_address(first)
    last_row, last_column = parse_address(last) if last else (row, column)
    return (
        min(row, last_row),
        min(column, last_column),
        max(row, last_row),
        max(column, last_column),
    )


def positions_within(cells: Collection[Position], areas: Collection[Area]) -> set[Position]:
    """Return which of the positions lie within areas, however large or many those are.

    Array formulas and merged cells don't overlap in a workbook that Excel wrote. Areas
    that overlap a great deal are an attack, for which UnreadableError is raised.
    """
    found: set[Position] = set()
    effort = 0
    for first, left, last, right in areas:
        size = (last - first + 1) * (right - left + 1)
        effort += min(size, len(cells))
        if effort > len(cells) + 8 * LAST_ROW:
            raise malformed("overlapping areas")
        if size <= len(cells):
            positions = product(range(first, last + 1), range(left, right + 1))
            found.update(position for position in positions if position in cells)
        else:
            found.update(
                (row, column)
                for row, column in cells
                if first <= row <= last and left <= column <= right
            )
    return found
