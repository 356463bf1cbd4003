"""Which rows below a header are data, and what merged ranges do to them.

Totals, notes, signatures, section titles and repetitions of the header are no data. Where
it is in doubt a row counts, and its first cell is reported as doubtful.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from xlflow.columns import Owner, Table
from xlflow.facts import Cell, CellValue, Position
from xlflow.ooxml.book import Sheet
from xlflow.ooxml.header_rows import Header, OwnWords, claimed_fields, normalized
from xlflow.ooxml.references import malformed
from xlflow.ooxml.scanned_elements import MAX_CELLS
from xlflow.values import shown

_NO_FIELDS: frozenset[str] = frozenset()
_LONGEST_TOTAL = 40

# 整合计划 and 总计划 hold the same signs and are no totals.
_TOTAL = re.compile(
    r"(?<![整联综组配融集结混公])(?:合计|总计|小计|共计)(?![划算时策谋酬较])|grandtotal"
)
_WHOLE_TOTAL = re.compile(r"(?:累计|平均|total|sub-?total|sum)(?:[(\[【].*)?")
_MAYBE_TOTAL = re.compile(r"汇总|总和|总数|总额|总量|合计|总计|累计|平均|均值|total|average")
_NUMBERING = re.compile(
    r"[(（]?[一二三四五六七八九十]{1,3}[)）、.．:：]"
    r"|[(（]?\d{1,2}(?:[)）、．]|\.(?!\d))"
    r"|第[一二三四五六七八九十百\d]{1,3}(?:部分|章|节|篇|大类|类|板块)"
)
_SIGNED = r"填表人|填报人|制表人|审核人|复核人|审批人|批准人|负责人签字|签字|签名|落款"
_NOTE = re.compile(
    rf"[*※★]?(?:(?:{_SIGNED})|(?:注意事项|注意|注释|注|说明|备注|审核|复核|审批|制表|填表|填报)"
    r"(?:\d{0,2}(?:$|[\s::,,.、。;;(()\])】_—-])|.{2,}[,。;:,;]))",
    re.DOTALL,
)
_NOTE_ALONE = re.compile(r"(?:注|说明|备注|注意事项|填表人|审核人?|制表人?)[:]?")


class DataRows(NamedTuple):
    """The rows of a table.

    ``numbers`` are the data rows, with their ``columns`` of cells by field. ``left_out`` are
    rows that are no data, ``in_doubt`` the cells of data rows that look like a total's.
    """

    numbers: list[int]
    columns: dict[str, list[Cell]]
    left_out: tuple[int, ...]
    in_doubt: tuple[Position, ...]


class Merges:
    """The merged ranges below the header; each covered cell takes its anchor's value.

    A range that is anchored in a column that xlflow writes gives nothing: what xlflow wrote
    there would come back as a person's entry in its neighbours. ``wide`` are the rows where
    a merged range spans over half of the table's columns.
    """

    def __init__(self, sheet: Sheet, header: Header, last_row: int) -> None:
        areas = []
        self.covered: dict[Position, Position | None] = {}
        self.wide: set[int] = set()
        table = header.table
        written = {
            column
            for field, column in header.columns.items()
            if table[field].owner is not Owner.TEAM
        }
        existing = sorted(sheet.xml.rows_by_number)
        effort = 0
        for top, left, bottom, right in sheet.merges:
            columns = [c for c in header.columns.values() if left <= c <= right]
            if bottom <= header.row or top > last_row or not columns:
                continue
            if top > header.row:
                areas.append((top, left, bottom, right))
            # Only existing rows count, so that a merge down to row 1048576 costs nothing.
            first = max(top, header.row + 1)
            rows = existing[bisect_left(existing, first) : bisect_right(existing, bottom)]
            effort += len(rows)
            if effort > MAX_CELLS:
                raise malformed("overlapping merged cells")
            if top <= header.row:
                anchor = None  # a header's cell says nothing of the rows it reaches down to
            else:
                anchor = None if left in written else (top, left)
                if len(columns) > max(2, len(header.columns) // 2):
                    self.wide.update(rows)
            for row in rows:
                for column in columns:
                    if (row, column) != (top, left):
                        self.covered[row, column] = None if column in written else anchor
        self.areas = tuple(areas)
        self._columns = header.columns

    def fields(self, number: int) -> frozenset[str]:
        """Return the fields whose cell in a row is covered."""
        if not self.covered:
            return _NO_FIELDS
        return frozenset(f for f, c in self._columns.items() if (number, c) in self.covered)


def data_rows(
    sheet: Sheet, header: Header, last_row: int, next_header: int, merges: Merges, words: OwnWords
) -> DataRows:
    """Return the rows that hold data, and their cells column by column.

    Args:
        sheet: the sheet.
        header: the table's header.
        last_row: the last row that may be the table's.
        next_header: the first line of the header that follows, 0 without one; a title
            right above it is no data.
        merges: the merged ranges of the table.
        words: a company's own headers.
    """
    numbers = _filled_rows(sheet, header, last_row)
    rows = [sheet.rows[number] for number in numbers]
    cells_of = {f: [row.get(column) for row in rows] for f, column in header.columns.items()}
    covered = [
        (place, field, merges.covered[number, column])
        for place, number in (enumerate(numbers) if merges.covered else ())
        for field, column in header.columns.items()
        if (number, column) in merges.covered
    ]
    for place, field, _ in covered:
        cells_of[field][place] = None
    filled = _filled(cells_of, len(numbers))
    for place, field, anchor in covered:
        cells_of[field][place] = sheet.cell(*anchor) if anchor is not None else None
    repeated = _repeated_headers(header.table, cells_of, filled, words)
    kinds = _Kinds(sheet, header, merges, cells_of)
    chosen, left_out, in_doubt = [], [], []
    for place, number in enumerate(numbers):
        no_data = place in repeated or (
            kinds.is_no_data(place, number, rows[place])
            or (number == next_header - 1 and kinds.filled_cells(number, 2) == 1)
        )
        if no_data:
            left_out.append(number)
        elif filled[place]:
            chosen.append(place)
            if (column := kinds.doubtful(place, number, rows[place])) is not None:
                in_doubt.append((number, column))
    blank: dict[str, Cell] = {}
    columns = {}
    for field, column in header.columns.items():
        cells = []
        for place in chosen:
            cell = cells_of[field][place]
            if cell is None:
                style = sheet.format_at(numbers[place], column)
                cell = blank.setdefault(style, Cell(None, style))
            cells.append(cell)
        columns[field] = cells
    return DataRows([numbers[place] for place in chosen], columns, tuple(left_out), tuple(in_doubt))


class _Kinds:
    """Tells the rows that are no data, mostly by what their first filled cell says."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        merges: Merges,
        cells_of: Mapping[str, list[Cell | None]],
    ) -> None:
        table = header.table
        fields = sorted(header.columns, key=lambda field: header.columns[field])
        self._sheet = sheet
        self._left, self._right = header.left, header.right
        self._written = {
            column for f, column in header.columns.items() if table[f].owner is Owner.XLFLOW
        }
        self._first = header.columns[fields[0]]
        self._first_cells = cells_of[fields[0]]
        self._required = [
            cells_of[c.field]
            for c in table.columns
            if (c.key or c.required)
            and c.field in cells_of
            and header.columns[c.field] != self._first
        ]
        self._wide = merges.wide
        self._covered = merges.covered
        self._totals = {
            number
            for top, left, bottom, right in sheet.total_rows
            if left <= self._right and right >= self._left
            for number in range(top, bottom + 1)
        }
        self._leading = any(c < self._first for c in header.texts) or header.left < self._first
        self._known: dict[int, str] = {}

    def is_no_data(self, place: int, number: int, row: Mapping[int, Cell]) -> bool:
        """Whether a row is a total, a note, a signature or a section's title."""
        if number in self._totals:
            return True
        column, cell = self._first_filled(place, number, row)
        if cell is None:
            return False
        kind = self._kind(cell)
        if kind == "total":
            return True
        if number in self._wide:
            return self.filled_cells(number, 2) == 1
        if kind == "note":
            return self._says_notes_only(number, row) or (
                bool(_NOTE_ALONE.fullmatch(normalized(shown(cell.value))))
                and self.filled_cells(number, 3) == 2
            )
        if kind == "numbered":
            return column <= self._first and self.filled_cells(number, 2) == 1
        return False

    def doubtful(self, place: int, number: int, row: Mapping[int, Cell]) -> int | None:
        """Return the column of a data row's cell that looks like a total's; else None."""
        column, cell = self._first_filled(place, number, row)
        if cell is None:
            return None
        kind = self._kind(cell)
        if isinstance(cell.value, Decimal) and column < self._first:
            own = self._first_cells[place]
            if own is not None and self._kind(own) == "total":
                return self._first
        if kind != "maybe":
            return None
        required = (cells[place] for cells in self._required)
        blank = any(other is None or not _is_filled(other) for other in required)
        return column if blank and self.filled_cells(number, 2) > 1 else None

    def filled_cells(self, number: int, most: int) -> int:
        """Count the filled cells of people in a row, up to ``most``."""
        count = 0
        for column, cell in self._sheet.rows[number].items():
            if self._counts(number, column, cell):
                count += 1
                if count >= most:
                    break
        return count

    def _says_notes_only(self, number: int, row: Mapping[int, Cell]) -> bool:
        return all(
            self._kind(cell) == "note"
            for column, cell in row.items()
            if self._counts(number, column, cell)
        )

    def _counts(self, number: int, column: int, cell: Cell) -> bool:
        return (
            self._left <= column <= self._right
            and _is_filled(cell)
            and column not in self._written
            and (number, column) not in self._covered
        )

    def _first_filled(
        self, place: int, number: int, row: Mapping[int, Cell]
    ) -> tuple[int, Cell | None]:
        """Return the first filled cell of a row; a merged one counts for each row it covers."""
        own = self._first_cells[place]
        if not self._leading and own is not None and _is_filled(own):
            return self._first, own
        found = min(
            (column for column, cell in row.items() if self._counts(number, column, cell)),
            default=None,
        )
        if own is not None and _is_filled(own) and (found is None or self._first <= found):
            return self._first, own
        return (found, row[found]) if found is not None else (0, None)

    def _kind(self, cell: Cell) -> str:
        key = id(cell)
        if key not in self._known:
            self._known[key] = _kind_of(cell.value)
        return self._known[key]


def _is_filled(cell: Cell) -> bool:
    value = cell.value
    if value is None:
        return cell.uncomputed
    return not isinstance(value, str) or not (value == "" or value.isspace())


def _kind_of(value: CellValue) -> str:
    """Return what a row's first cell makes of it: a total, a note, a numbered title, or nothing."""
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFKC", value).strip()
    if _NOTE.match(text) or _NOTE.match(normalized(text[:_LONGEST_TOTAL])):
        return "note"
    if _NUMBERING.match(text) and not (
        len(text) <= _LONGEST_TOTAL and _TOTAL.search(normalized(text))
    ):
        return "numbered"
    if len(text) > _LONGEST_TOTAL:
        return ""
    folded = normalized(text).strip(":：*.-—=")
    if _TOTAL.search(folded) or _WHOLE_TOTAL.fullmatch(folded):
        return "total"
    return "maybe" if _MAYBE_TOTAL.search(folded) else ""


def _filled_rows(sheet: Sheet, header: Header, last_row: int) -> list[int]:
    """Return the numbers of the rows of the table in which any cell is filled."""
    known: dict[int, bool] = {}  # rows that hold the same share one mapping
    for row in sheet.rows.values():
        if id(row) not in known:
            known[id(row)] = any(c.value is not None or c.uncomputed for c in row.values())
    first = header.row
    return sorted(n for n, row in sheet.rows.items() if first < n <= last_row and known[id(row)])


def _filled(columns: Mapping[str, list[Cell | None]], count: int) -> list[bool]:
    """Return for each row whether one of its cells isn't empty."""
    filled = [False] * count
    for cells in columns.values():
        for place, cell in enumerate(cells):
            if cell is not None and (cell.value is not None or cell.uncomputed):
                filled[place] = True
    return filled


def _repeated_headers(
    table: Table,
    columns: Mapping[str, list[Cell | None]],
    filled: Sequence[bool],
    words: OwnWords,
) -> set[int]:
    """Return the places of the rows that repeat the header: all their cells, at least two."""
    candidates = [place for place, is_filled in enumerate(filled) if is_filled]
    counts: dict[int, int] = defaultdict(int)
    for field, cells in columns.items():
        remaining = []
        known: dict[int, bool] = {}
        for place in candidates:
            cell = cells[place]
            if cell is not None and cell.value is not None:
                key = id(cell)
                if key not in known:
                    known[key] = isinstance(cell.value, str) and field in claimed_fields(
                        cell.value, table, words
                    )
                if not known[key]:
                    continue
                counts[place] += 1
            remaining.append(place)
        candidates = remaining
    return {place for place in candidates if counts[place] >= 2}
