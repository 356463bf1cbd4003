"""The frozen records that the rooms pass to each other.

They hold what was seen or decided, and where; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from xlflow.columns import Table


class ErrorValue(str):
    """An Excel error in a cell: ``#REF!``, ``#N/A``, ``#DIV/0!`` …"""

    __slots__ = ()


CellValue = str | Decimal | bool | date | datetime | time | ErrorValue | None


class Cell(NamedTuple):
    """What one cell of a file holds, wherever the cell is.

    Numbers are decimal, rounded to the 15 significant digits that Excel keeps. A
    number under a date format is already a ``date`` (whole days), ``datetime`` or
    ``time``. ``formula`` is true for a cell with a formula, whose ``value`` is then
    the cached one; ``uncomputed`` where no value was cached (which is not the same
    as blank).
    """

    value: CellValue
    number_format: str = "General"
    formula: bool = False
    uncomputed: bool = False


class Value(NamedTuple):
    """What a cell means in its column (see :func:`xlflow.values.value_of`).

    It knows nothing of its place, so the cells of a column that hold the same share
    one Value. ``value`` is the typed value: ``str``, ``Decimal``, ``date`` (a day
    alone), ``datetime`` (a moment), a tuple of names, a ``Quantity``, a deadline
    phrase; None where the cell is blank. Where the content doesn't fit the column,
    ``problem`` says how (a name such as ``"no_such_date"``), ``value`` is None, and
    ``fix`` is a suggestion if there is one. ``hints`` are things that were understood
    but deserve a remark (``"full_width"``, ``"year_assumed"`` …). ``text`` is the
    content as a person sees it, ``unit`` the one that the column's header gives to bare
    numbers. ``seen`` is the day on which a text was first seen in its cell, where
    its date follows from that day.
    """

    cell: Cell
    value: Any = None
    problem: str | None = None
    fix: str | None = None
    hints: tuple[str, ...] = ()
    text: str = ""
    unit: str = ""
    seen: date | None = None

    @property
    def blank(self) -> bool:
        """Whether the cell is blank."""
        return self.value is None and self.problem is None


class Row(NamedTuple):
    """One data row of one table, at its place in the file.

    ``values`` has one entry for each column of the table, in the schema's order and
    xlflow's own included; None where the sheet lacks the column. ``packed`` is what the
    team's cells hold as one text, equal for two rows that hold the same
    (:mod:`xlflow.packed_rows`). ``merged`` are the
    fields whose cell is covered by a merged range and takes its value from there.
    ``id`` is the row's identity, empty until it was matched. ``unread`` are fields
    of a remembered row that the schema didn't have when the row was recorded, so
    that it isn't known what the file held there. ``month`` is the only one in which a
    problem counts, if its sheet is named by a month: ``2024-07``.
    """

    table: Table
    sheet: str
    number: int
    values: Sequence[Value | None]
    packed: str
    hidden: bool = False
    merged: frozenset[str] = frozenset()
    id: str = ""
    unread: frozenset[str] = frozenset()
    month: str = ""

    @classmethod
    def of(cls, table: Table, values: Mapping[str, Value]) -> Row:
        """Return a row, at no place, of the values of some fields; others have no column."""
        return cls(table, "", 0, tuple(values.get(c.field) for c in table.columns), "")

    def value_in(self, field: str) -> Value | None:
        """Return what the cell of a field means; None if the sheet lacks the column."""
        place = self.table.places.get(field)
        return self.values[place] if place is not None else None

    def get(self, field: str) -> Any:
        """Return the typed value of a field; None where blank, ill-typed or no such column."""
        value = self.value_in(field)
        return value.value if value is not None else None

    def knows(self, field: str) -> bool:
        """Whether the sheet has the column and the cell doesn't hold something ill-typed."""
        value = self.value_in(field)
        return value is not None and value.problem is None

    def knows_event(self, field: str) -> bool:
        """Whether the cell says if something has happened; one that is rejected says it hasn't."""
        value = self.value_in(field)
        return value is not None and value.problem != "uncomputed"

    @property
    def texts(self) -> tuple[str, ...]:
        """What the team's own cells show, in the schema's order; empty where blank or absent."""
        values = self.values
        return tuple(
            [value.text if (value := values[place]) else "" for place in self.table.team_places]
        )


LAST_ROW = 1_048_576
"""The last row that a sheet can have."""


@dataclass(frozen=True, slots=True)
class TableSheet:
    """One of the four tables at one place of the file: on one of its sheets, under one header.

    A table may stand on several sheets, one a month, and several times on one.
    ``header_row`` is the last line of the header, of ``header_lines``; rows from there to
    ``last_row`` are this table's. ``columns`` gives the column number of each field found,
    ``headers`` its header as written in the file, both lines where it has two, ``units`` the
    unit that the header gives to the numbers below it. ``missing`` are fields without a
    column, ``duplicate_columns`` further columns that claim a field: the field, the column's
    number and its header. ``cleared`` are rows whose team cells are blank, or that are no
    data, while xlflow's cells aren't blank. ``in_doubt`` are the cells that make a row look
    like a total, though it is counted. ``recorded`` is true where the 系统记录 column exists,
    without which nothing is written into the sheet. ``years_first_seen`` is true where dates
    lack a year that no other date of their column gives. ``month`` is the month that the
    sheet is named by, where rows that name none have taken it; else empty. Its year may
    differ from that of remembered rows.
    """

    table: Table
    sheet: str
    header_row: int
    columns: Mapping[str, int]
    headers: Mapping[str, str]
    missing: tuple[str, ...] = ()
    duplicate_columns: tuple[tuple[str, int, str], ...] = ()
    rows: tuple[Row, ...] = ()
    cleared: tuple[Row, ...] = ()
    hidden: bool = False
    merges: tuple[tuple[int, int, int, int], ...] = ()
    years_first_seen: bool = False
    header_lines: int = 1
    last_row: int = LAST_ROW
    units: Mapping[str, str] = field(default_factory=dict)
    in_doubt: tuple[tuple[int, int], ...] = ()
    month: str = ""

    @property
    def recorded(self) -> bool:
        """Whether the sheet has the column that makes the ⚙ columns xlflow's."""
        return "record" in self.columns

    def holds(self, row: Row) -> bool:
        """Whether a row of the file stands in this table."""
        return (
            self.sheet == row.sheet
            and self.table is row.table
            and self.header_row < row.number <= self.last_row
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One content of one workbook, read.

    ``sheets`` holds the tables found; ``absent`` the names of tables
    without a sheet; ``duplicates`` triples of (table name, sheet name, name of the
    sheet before it) for sheets that are copies; ``without_header`` pairs of (table name,
    sheet name) for a sheet that has a table's name but not its header. ``equal_to`` and
    ``shares`` say what was found beside the workbook, once it was compared with the others
    of its folder: the files that hold the same, and those with some of its rows, as (file,
    number of rows, the file in which these count).
    """

    sheets: tuple[TableSheet, ...]
    absent: tuple[str, ...] = ()
    duplicates: tuple[tuple[str, str, str], ...] = ()
    without_header: tuple[tuple[str, str], ...] = ()
    date1904: bool = False
    signed: bool = False
    last_modified_by: str | None = None
    equal_to: tuple[str, ...] = ()
    shares: tuple[tuple[str, int, str], ...] = ()

    @property
    def tables(self) -> Mapping[str, TableSheet]:
        """The first place of each table found, by the table's name."""
        first: dict[str, TableSheet] = {}
        for sheet in self.sheets:
            first.setdefault(sheet.table.name, sheet)
        return first

    @property
    def rows(self) -> tuple[Row, ...]:
        """All data rows of all tables."""
        return tuple(row for sheet in self.sheets for row in sheet.rows)

    def placed(self, rows: Iterable[Row]) -> Iterator[tuple[TableSheet, Row]]:
        """Yield present rows with the tables that they stand in."""
        last = None
        for row in rows:
            if last is None or not last.holds(row):
                last = next(sheet for sheet in self.sheets if sheet.holds(row))
            yield last, row


class Finding(NamedTuple):
    """Something to look at, at its cell.

    ``cell``, ``row`` and ``column`` (the header as in the file) are None for a
    finding about a whole sheet or workbook. ``params`` are the facts of its
    sentence ``rules.<code>``, JSON values only; ``value`` the content of
    the cell, as a person sees it; ``fix`` a suggestion.
    """

    code: str
    severity: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    column: str | None = None
    params: Mapping[str, Any] = {}
    value: str | None = None
    fix: str | None = None
    table: str | None = None
    row_id: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a workbook, in the team's own cells.

    ``kind`` is ``"added"`` or ``"removed"`` for a row (``field`` None) and
    ``"edited"`` for a cell; ``before`` and ``after`` as a person sees them.
    """

    kind: str
    table: str
    sheet: str
    row_id: str
    row: int
    field: str | None = None
    cell: str | None = None
    before: str | None = None
    after: str | None = None


class Computed(NamedTuple):
    """What xlflow works out for one row as of one moment; None where it doesn't apply.

    ``due`` is the moment (or the day alone) by which it had to be done or
    answered, for a recurring duty the occurrence that counts; ``late`` whether it
    is overdue now (None: can't be known, ``unknown`` says why);
    ``late_seconds`` from the due moment to as-of. ``priority`` is the dense rank
    in its sheet; ``deviation`` (actual − target) / |target|, or ``reason`` (a
    :class:`xlflow.meaning.variance.NotComputable`) where there is none.
    ``published`` is false where working days were counted in a year whose
    calendar isn't out yet. A row is ``settled`` once it is done, cancelled or answered.
    ``approximate`` says that a plan's deadline was given as a month or its end.
    """

    due: date | datetime | None = None
    late: bool | None = None
    late_text: str = ""
    late_seconds: int = 0
    unknown: str | None = None
    priority: int | None = None
    deviation: Decimal | None = None
    reason: Any = None
    published: bool = True
    settled: bool = False
    approximate: bool = False


Position = tuple[int, int]
"""A cell's position in its sheet: row and column, counted from 1."""

CellContent = str | Decimal | None
"""What xlflow writes into a cell: a text, a number, or nothing (also as the empty text)."""

CellWrites = Mapping[str, Mapping[Position, CellContent]]
"""Cells to be written: sheet name → position → content."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that follows from one content of one workbook at one moment.

    ``rows`` are the snapshot's, with identities; ``computed`` holds an entry for
    each row id. ``change_findings`` are the findings about the step from the version before
    (XF4xx), which stay with the two versions. ``cells`` are the wanted ⚙ and
    computed cells that differ from the present ones. ``content`` digests the
    package with xlflow's own cells masked: equal for two files that differ in
    flags only. It holds from ``valid_from`` until ``valid_until``, never past the coming
    midnight. ``lost_tables`` are tables that held rows before and have no sheet now.
    """

    snapshot: Snapshot
    rows: tuple[Row, ...]
    computed: Mapping[str, Computed]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    cells: CellWrites
    content: str
    valid_from: datetime
    valid_until: datetime
    change_findings: tuple[Finding, ...] = ()
    lost_tables: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 → ``A``, 28 → ``AB``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return ``E7`` for row 7, column 5."""
    return f"{column_letters(column)}{row}"
