"""Taking rows over from a conflict copy into its original.

Only the team's own cells are written, values alone: into the row that matches by identity, or
into the first ready row below the data. Formulas, computed and ⚙ cells stay, no row is
deleted, and what a cell meant in the copy it must mean in the original, too.
"""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import PurePosixPath

from xlflow.columns import DATED, Column
from xlflow.errors import WriteRefusedError
from xlflow.facts import (
    LAST_ROW,
    Cell,
    CellContent,
    ErrorValue,
    Outcome,
    Position,
    Row,
    TableSheet,
    Value,
    address,
)
from xlflow.meaning.overdue import day_of
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.cell_values import serial_of_iso
from xlflow.ooxml.number_formats import display_kind, value_of_serial
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.store import Reason, Store
from xlflow.store.database import CONFLICT
from xlflow.sync.history import item_of
from xlflow.sync.keep_displaced import keep_displaced
from xlflow.sync.lease import foreign_holder, held_error
from xlflow.sync.write_policy import share_operations
from xlflow.team_files import lock_files, safe_open
from xlflow.team_files.guarded_replace import replace as replace_file
from xlflow.values import Context, date_in, displayed, is_in_month, value_of
from xlflow.workspace import Workspace

Place = tuple[str, int]
"""A row of a workbook: the sheet's name and the row's number."""

_SEARCHED = 10_000
"""How many rows below the data are searched for one that is ready."""


@dataclass(frozen=True, slots=True)
class MergedCell:
    """One cell of the original: its column, what it shows, and what it gets."""

    position: Position
    column: Column
    before: str | None
    after: str | None
    content: CellContent

    @property
    def address(self) -> str:
        """The cell's address in the original."""
        return address(*self.position)


@dataclass(frozen=True, slots=True)
class MergedRow:
    """One row of the copy that differs from the original, and where it goes.

    ``kind`` is ``"edited"`` or ``"added"``. A ``refused`` row isn't taken over, and
    nothing of it is written.
    """

    kind: str
    source: Place
    item: str
    target: Place | None = None
    cells: tuple[MergedCell, ...] = ()
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging would do: the rows taken over, and the content that the original gets.

    ``kept`` are the rows that only the original holds, with their key columns; they stay.
    """

    rows: tuple[MergedRow, ...]
    kept: tuple[tuple[Place, str], ...]
    content: bytes

    @property
    def taken(self) -> tuple[MergedRow, ...]:
        """The rows that are taken over."""
        return tuple(row for row in self.rows if row.refused is None)


def originals(store: Store) -> dict[str, str]:
    """Return the copies that the last pass found, each with its original."""
    return {
        state.workbook: str(original)
        for state in store.workbooks()
        if state.status == CONFLICT
        and state.reason is not None
        and (original := state.reason.params.get("original")) is not None
    }


class Merge:
    """A conflict copy beside its original, both as their files are now."""

    def __init__(self, workspace: Workspace, copy: str, original: str, as_of: datetime) -> None:
        """Read both workbooks; raises UnreadableError where one can't be read."""
        self.original = original
        self._workspace = workspace
        self._as_of = as_of
        self._path = workspace.root / original
        self._book = Book(safe_open.read_safely(self._path))
        self._first = self._processed(self._book, original, ())
        second_book = Book(safe_open.read_safely(workspace.root / copy))
        self._second = self._processed(second_book, copy, self._first.rows)
        self._sheets = {sheet.name: sheet for sheet in self._book.sheets}
        self._context = Context.of(workspace.settings, day_of(as_of))._replace(
            date1904=self._book.date1904
        )

    @property
    def places(self) -> frozenset[Place]:
        """The data rows of the copy."""
        return frozenset((row.sheet, row.number) for row in self._second.rows)

    def plan(self, chosen: Collection[Place] | None = None) -> MergePlan:
        """Work out what merging would write, without writing anything.

        Args:
            chosen: rows of the copy; None for all that differ.

        Raises:
            WriteRefusedError: the original can't be written at all.
        """
        rows = self._rows(chosen)
        while True:
            content = splice(self._book, self._writes(rows))
            checked = self._read_back(rows, content)
            if checked == rows:
                break
            rows = checked
        present = {row.id for row in self._second.rows}
        kept = tuple(
            ((row.sheet, row.number), item_of(row))
            for row in self._first.rows
            if row.id not in present
        )
        return MergePlan(tuple(rows), kept, content)

    def check_writable(self, now: datetime) -> None:
        """Raise an error if the original may not or can't be written now.

        Raises:
            HeldError: another machine's daemon holds the workspace.
            WriteRefusedError: somebody has the workbook open, or it has another hard link.
        """
        holder = foreign_holder(self._workspace.root)
        if holder is not None:
            raise held_error(holder)
        if lock_files.holder_of(self._path, now, socket.gethostname()) is not None:
            raise WriteRefusedError("workbook_open", name=self._path.name)
        if safe_open.hard_linked(self._path):
            raise WriteRefusedError("sync.hard_linked")

    def write(self, store: Store, plan: MergePlan, now: datetime) -> None:
        """Write the merged content; what it replaces is kept as a version.

        Raises:
            HeldError: another machine's daemon holds the workspace.
            StoreError: the original can't be kept.
            WriteRefusedError: the workbook can't be written now; nothing was changed.
        """
        self.check_writable(now)
        operations = share_operations(self._workspace)

        def keep(data: bytes) -> None:
            keep_displaced(self._workspace, store, self._path, data, self._as_of)

        data = self._book.data
        keep(data)
        if not replace_file(self._path, data, plan.content, keep, operations):
            raise WriteRefusedError("sync.being_saved", name=self._path.name)

    def _processed(self, book: Book, workbook: str, memory: Sequence[Row]) -> Outcome:
        inputs = Inputs(PurePosixPath(workbook).stem, self._workspace.settings, workbook)
        return process(book, inputs, memory, self._as_of)

    def _rows(self, chosen: Collection[Place] | None) -> list[MergedRow]:
        """Return the chosen rows that differ, in the copy's order."""
        was = {row.id: (sheet, row) for sheet, row in self._first.snapshot.placed(self._first.rows)}
        ready: dict[int, Iterator[int]] = {}
        rows = []
        for source, row in self._second.snapshot.placed(self._second.rows):
            if chosen is not None and (row.sheet, row.number) not in chosen:
                continue
            if row.id in was:
                sheet, before = was[row.id]
                if before.packed != row.packed:
                    merged = self._merged("edited", row, sheet, before.number, before)
                    rows += [merged] if merged.cells or merged.refused else []
                continue
            target = self._sheet_for(source)
            if target is None:
                rows.append(_refused("added", row, "no_sheet", sheet=row.sheet))
                continue
            numbers = ready.setdefault(id(target), self._ready_rows(target))
            number = next(numbers, None)
            if number is None:
                rows.append(_refused("added", row, "no_ready_row", sheet=target.sheet))
            else:
                rows.append(self._merged("added", row, target, number, None))
        return rows

    def _merged(
        self, kind: str, row: Row, target: TableSheet, number: int, before: Row | None
    ) -> MergedRow:
        """Return a row of the copy with the cells that it changes in the original."""
        cells = []
        old_texts = before.texts if before is not None else ("",) * len(row.texts)
        for column, old, new in zip(row.table.team_columns, old_texts, row.texts, strict=True):
            value = row.value_in(column.field)
            if value is None:
                continue  # the copy lacks the column, which says nothing of the cell
            from_name = before is None and is_in_month(value) and value.value != target.month
            if old == new and not from_name:
                continue
            if column.field not in target.columns:
                return _refused(kind, row, "no_column", column=column.header.zh)
            position = number, target.columns[column.field]
            where = {"sheet": target.sheet, "cell": address(*position)}
            present = self._sheets[target.sheet].cell(*position)
            if present is not None and present.formula:
                return _refused(kind, row, "formula", **where)
            if before is not None and column.field in before.merged:
                return _refused(kind, row, "merged", **where)
            if value.cell.uncomputed or isinstance(value.cell.value, ErrorValue):
                return _refused(kind, row, "no_value", column=column.header.zh)
            if from_name:
                cells.append(MergedCell(position, column, None, value.value, value.value))
                continue
            contents = self._contents(column, value, target, position)
            if not contents:
                return _refused(kind, row, "other_meaning", text=new, **where)
            cells.append(MergedCell(position, column, old or None, new or None, contents[0]))
        source = row.sheet, row.number
        return MergedRow(kind, source, item_of(row), (target.sheet, number), tuple(cells))

    def _contents(
        self, column: Column, value: Value, target: TableSheet, position: Position
    ) -> list[CellContent]:
        """Return what may be written so that the cell means in the original what it means here.

        A number keeps its meaning under most number formats; where it doesn't, such as a date
        under one that shows no date, it is written as people see it.
        """
        content = value.cell.value
        if value.blank and not value.text:
            return [None]
        if isinstance(content, str):
            return [content]
        number_format = self._sheets[target.sheet].format_at(*position)
        near = date_in(value) if column.kind in DATED and not value.problem else None
        context = self._context._replace(
            unit=target.units.get(column.field, ""),
            near=near or self._context.near,
            seen=value.seen or self._context.seen,
        )
        shown = display_kind(number_format)
        candidates: list[CellContent] = []
        if isinstance(content, Decimal):
            candidates.append(content)
        elif isinstance(content, date | time) and shown != "number":
            candidates.append(serial_of_iso(content.isoformat(), self._book.date1904))
        candidates += [displayed(value.cell), value.text]
        fitting: list[CellContent] = []
        for candidate in candidates:
            held = candidate
            if isinstance(candidate, Decimal) and shown != "number":
                held = value_of_serial(candidate, shown, self._book.date1904)  # type: ignore[assignment]
            if candidate is not None and _means_the_same(
                value, value_of(column, Cell(held, number_format), context)
            ):
                fitting.append(candidate)
        return fitting

    def _sheet_for(self, source: TableSheet) -> TableSheet | None:
        """Return the place of the original that a place of the copy stands for."""
        same = [sheet for sheet in self._first.snapshot.sheets if sheet.table is source.table]
        others = [sheet for sheet in self._second.snapshot.sheets if sheet.table is source.table]
        here = [sheet for sheet in same if sheet.sheet == source.sheet]
        if not here:  # a table that stands once may have had its sheet renamed
            return same[0] if len(same) == len(others) == 1 else None
        beside = [sheet for sheet in others if sheet.sheet == source.sheet]
        if len(here) == len(beside):
            return here[next(n for n, sheet in enumerate(beside) if sheet is source)]
        return next((sheet for sheet in here if sheet.header_row == source.header_row), None)

    def _ready_rows(self, table: TableSheet) -> Iterator[int]:
        """Yield the rows below a table's data that are ready to be filled, down to what follows."""
        sheet = self._sheets[table.sheet]
        totals = {n for top, _, bottom, _ in sheet.total_rows for n in range(top, bottom + 1)}
        first = max((row.number for row in table.rows), default=table.header_row) + 1
        last = min(table.last_row, LAST_ROW, first + _SEARCHED)
        for number in range(first, last + 1):
            state = _state(sheet, table, number)
            if state == "filled" or number in totals:
                return
            if state == "ready":
                yield number

    def _writes(self, rows: Sequence[MergedRow]) -> Mapping[str, Mapping[Position, CellContent]]:
        writes: dict[str, dict[Position, CellContent]] = defaultdict(dict)
        for row in rows:
            if row.refused is None and row.target is not None:
                writes[row.target[0]] |= {cell.position: cell.content for cell in row.cells}
        return writes

    def _read_back(self, rows: Sequence[MergedRow], content: bytes) -> list[MergedRow]:
        """Return the rows, those refused that the original wouldn't hold as the copy does.

        Where a row stands decides, too: right above a header a lone cell is a title.
        """
        found = {
            (row.sheet, row.number): row
            for row in self._processed(Book(content), self.original, self._first.rows).rows
        }
        wanted = {(row.sheet, row.number): row for row in self._second.rows}
        checked = []
        for row in rows:
            if row.refused is None and row.target is not None:
                merged, source = found.get(row.target), wanted[row.source]
                agrees = merged is not None and all(
                    _agree(source.value_in(c.column.field), merged.value_in(c.column.field))
                    for c in row.cells
                )
                if not agrees:
                    sheet, number = row.target
                    reason = Reason("merge.not_read", {"sheet": sheet, "row": number})
                    row = replace(row, cells=(), refused=reason)
            checked.append(row)
        return checked


def _refused(kind: str, row: Row, key: str, **params: str) -> MergedRow:
    place = row.sheet, row.number
    return MergedRow(kind, place, item_of(row), refused=Reason(f"merge.{key}", params))


def _means_the_same(value: Value, other: Value) -> bool:
    if (value.value, value.problem) != (other.value, other.problem):
        return False
    return value.value is not None or value.text == other.text


def _agree(value: Value | None, other: Value | None) -> bool:
    if value is None or other is None:
        return False
    return value.text == other.text or _means_the_same(value, other)


def _state(sheet: Sheet, table: TableSheet, number: int) -> str:
    """Return whether a row below the data is ``ready``, ``filled``, or to be passed over.

    Passed over are hidden rows, rows with merged cells or with formulas in the team's columns,
    and rows that still hold something of xlflow's.
    """
    left, right = min(table.columns.values()), max(table.columns.values())
    written = {
        table.columns[column.field]
        for column in table.table.written_by_xlflow()
        if column.field in table.columns
    }
    team = set(table.columns.values()) - written
    state = "ready"
    for column, cell in sheet.rows.get(number, {}).items():
        if not left <= column <= right:
            continue
        blank = cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())
        if column in written:
            if not blank and not cell.formula:
                state = "passed"
        elif not blank or cell.uncomputed:
            return "filled"
        elif cell.formula and column in team:
            state = "passed"
    if number in sheet.hidden_rows or any(
        top <= number <= bottom and start <= right and end >= left
        for top, start, bottom, end in table.merges
    ):
        return "passed"
    return state
