"""Which cells of a workbook are xlflow's to write; the only place that decides this.

A ⚙ column is xlflow's in a sheet that has the 系统记录 column. A computed cell
(改进优先级, 差异率) is xlflow's while it is blank or holds what xlflow wrote there,
for which a record in the sheet vouches; anything else is a person's own value and stays.
A formula is never xlflow's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from xlflow.columns import Column, Owner
from xlflow.facts import Cell, Position, Row, Snapshot, TableSheet, Value
from xlflow.matching import record_of
from xlflow.ooxml.book import Book, Sheet
from xlflow.record import Record


def _position(row: Row) -> tuple[str, str, int]:
    return row.table.name, row.sheet, row.number


class Ownership:
    """Distinguishes xlflow's own values from a person's, for the rows of one snapshot.

    A row's record is looked up over its whole sheet by the row's identity, because
    sorting may have left it in another row; and in the row itself, because a copied
    row carries the record of the row it was copied from.
    """

    def __init__(self, snapshot: Snapshot, rows: tuple[Row, ...]) -> None:
        """Index the records of the matched ``rows`` and of the snapshot's cleared rows."""
        self._snapshot = snapshot
        cleared = [row for table in snapshot.sheets for row in table.cleared]
        self._by_position = {_position(row): row for row in (*rows, *cleared)}
        self._records: dict[tuple[str, str], list[Record]] = defaultdict(list)
        self._owned: dict[tuple[str, str, int], tuple[Column, ...]] = {}
        self._blank: dict[str, Value] = {}
        for row in (*rows, *cleared):
            record = record_of(row)
            if record is not None:
                self._records[row.sheet, record.id].append(record)

    def owns(self, row: Row, column: Column) -> bool:
        """Whether the row's cell in a computed or ⚙ column may be written.

        False if the sheet lacks the column.
        """
        value = row.value_in(column.field)
        if value is None or value.cell.formula:
            return False
        if column.owner is Owner.XLFLOW or value.blank:
            return True
        records = list(self._records.get((row.sheet, row.id), ()))
        carried = record_of(row)
        if carried is not None:
            records.append(carried)
        return any(record.vouches(column.field, value.cell.value) for record in records)

    def owned_computed(self, row: Row) -> tuple[Column, ...]:
        """Return the computed columns whose cell in this row may be written."""
        position = _position(row)
        owned = self._owned.get(position)
        if owned is None:
            owned = tuple(c for c in row.table.computed_columns if self.owns(row, c))
            self._owned[position] = owned
        return owned

    def without_own_values(self, row: Row) -> Row:
        """Return the row with xlflow's computed cells blanked, so that only people's are left."""
        values: list[Value | None] = []
        for column in self.owned_computed(row):
            place = row.table.places[column.field]
            value = row.values[place]
            if value is not None and value.cell.value is not None:
                values = values or list(row.values)
                values[place] = self._blanked(value.cell.number_format)
        return row._replace(values=tuple(values)) if values else row

    def _blanked(self, number_format: str) -> Value:
        """Return the blank value of a number format, the same one each time."""
        if number_format not in self._blank:
            self._blank[number_format] = Value(Cell(None, number_format))
        return self._blank[number_format]

    def own_cells(self, book: Book) -> dict[str, frozenset[Position]]:
        """Return xlflow's cells below each recorded header, filled or not, by sheet name.

        These are the cells that a content digest masks. Rows without data are included,
        since a row that has moved may have left a flag there.
        """
        tables: dict[str, list[TableSheet]] = defaultdict(list)
        for table in self._snapshot.sheets:
            if table.recorded:
                tables[table.sheet].append(table)
        return {
            sheet.name: frozenset(
                position
                for table in tables[sheet.name]
                for position in self._own_cells_of(sheet, table)
            )
            for sheet in book.sheets
            if sheet.name in tables
        }

    def _own_cells_of(self, sheet: Sheet, table: TableSheet) -> Iterator[Position]:
        # A row without cells says nothing that would have to be masked.
        numbers = [
            n for n, cells in sheet.rows.items() if table.header_row < n <= table.last_row and cells
        ]
        for column in table.table.written_by_xlflow():
            place = table.columns.get(column.field)
            if place is None:
                continue
            for number in numbers:
                cell = sheet.rows[number].get(place)
                if cell is None or (
                    not cell.formula
                    and (
                        column.owner is Owner.XLFLOW
                        or cell.value is None
                        or self._owns_at(table, number, column)
                    )
                ):
                    yield number, place

    def _owns_at(self, table: TableSheet, number: int, column: Column) -> bool:
        row = self._by_position.get((table.table.name, table.sheet, number))
        return row is not None and column in self.owned_computed(row)
