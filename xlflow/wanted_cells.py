"""What each of xlflow's cells should hold, and which of them hold something else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from xlflow.columns import Column, Kind
from xlflow.facts import CellContent, CellWrites, Computed, Position, Row, Snapshot, TableSheet
from xlflow.matching import can_record, key_texts
from xlflow.meaning.priority import priority_text
from xlflow.meaning.quantity import PERCENT, quantity_of_number
from xlflow.meaning.variance import deviation_text, reason_text
from xlflow.ownership import Ownership
from xlflow.record import Record, key_digest, text_digest, value_digest
from xlflow.values import date_of_month

_EXCEL_PRECISION = Context(prec=15, rounding=ROUND_HALF_UP)


def wanted_cells(
    snapshot: Snapshot,
    rows: Sequence[Row],
    ownership: Ownership,
    computed: Mapping[str, Computed],
    remarks: Mapping[str, str],
    language: str,
) -> CellWrites:
    """Return the wanted content of each cell that holds something else.

    Args:
        rows: the matched rows, with the values of people and of xlflow.
        computed: the computed values by row id.
        remarks: the text of 系统提示 by row id; rows without one are absent.
    """
    writes: dict[str, dict[Position, CellContent]] = defaultdict(dict)

    def want(table: TableSheet, row: Row, field: str, content: CellContent) -> None:
        value = row.value_in(field)
        if value is None or value.cell.formula or field in row.merged:
            return
        if (None if value.blank else value.cell.value) != content:
            writes[row.sheet][row.number, table.columns[field]] = content

    for table, row in snapshot.placed(rows):
        if not table.recorded:
            continue
        wanted = {
            column.field: _computed_content(column, row, computed[row.id], language)
            for column in (ownership.owned_computed(row) if can_record(row) else ())
        }
        for field, content in wanted.items():
            want(table, row, field, content)
        want(table, row, "late", computed[row.id].late_text or None)
        want(table, row, "remarks", remarks.get(row.id) or None)
        want(table, row, "record", str(_record(row, wanted, table.years_first_seen)))
    for table in snapshot.sheets:
        for row in table.cleared if table.recorded else ():
            for column in table.table.written_by_xlflow():
                if ownership.owns(row, column):
                    want(table, row, column.field, None)
    return dict(writes)


def _computed_content(column: Column, row: Row, computed: Computed, language: str) -> CellContent:
    """Return what a computed cell should hold."""
    if column.kind is Kind.PRIORITY:
        return priority_text(computed.priority, language) if computed.priority else None
    if computed.reason is not None:
        return reason_text(computed.reason, language)
    if computed.deviation is None:
        return None
    value = row.value_in(column.field)
    number_format = value.cell.number_format if value is not None else "General"
    if quantity_of_number(Decimal(1), number_format).unit != PERCENT:
        return deviation_text(computed.deviation)
    # As many digits as Excel keeps, so that reading returns what was written.
    return _EXCEL_PRECISION.create_decimal(computed.deviation)


def _record(row: Row, written: Mapping[str, CellContent], years_first_seen: bool) -> Record:
    return Record(
        id=row.id,
        key=key_digest(key_texts(row)),
        seen=_first_seen(row) if years_first_seen else {},
        written={
            field: value_digest(row.id, field, value)
            for field, value in written.items()
            if value is not None
        },
    )


def _first_seen(row: Row) -> dict[str, tuple[date, str]]:
    """Return when the texts were first seen whose date follows from that day, by field."""
    seen = {
        column.field: (value.seen, text_digest(value.text))
        for column, value in zip(row.table.columns, row.values, strict=True)
        if value is not None and value.seen is not None
    }
    if row.month:
        seen["month"] = date_of_month(row.month), text_digest("")
    return seen
