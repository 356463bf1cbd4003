"""How a row of a workbook is stored as a record of its table, and read back.

The typed columns hold values in the form that the figures need; ``cells`` and
``own_cells`` hold the cells of the team and of xlflow as the file had them
(:mod:`xlflow.packed_rows`), so that a remembered row equals the row that was recorded.
A field that the schema didn't have when the row was recorded is null in ``cells``
(see :mod:`xlflow.store.form`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlflow.columns import Column, Kind, Table
from xlflow.computing import plan_judged
from xlflow.facts import CellValue, Computed, Row, Value
from xlflow.meaning.dates import month_of
from xlflow.meaning.deadline import Recurring
from xlflow.meaning.folding import fold
from xlflow.meaning.quantity import Quantity
from xlflow.meaning.variance import is_bad
from xlflow.packed_rows import PackedValues, Packer
from xlflow.schema import BY_NAME, PROBLEM
from xlflow.store.sql_tables import storable_text

PEOPLE_SEPARATOR = "、"
MET, MISSED, UNKNOWN = "met", "missed", "unknown"


def encode_rows(
    table: Table, workbook: str, rows: Sequence[Row], computed: Mapping[str, Computed]
) -> list[tuple[Any, ...]]:
    """Return the records of a table's rows, in the order of the columns of its row table.

    Worked out column by column: what a value is stored as is the same in every row.
    """
    if not rows:
        return []
    packer = Packer(table)
    columns: list[list[Any]] = [
        [workbook] * len(rows),
        [row.id for row in rows],
        [row.sheet for row in rows],
        [row.number for row in rows],
        [row.hidden for row in rows],
        [None] * len(rows),  # counted_in
        *_typed_columns(table, rows),
        *_columns_of([_COMPUTED[table.name](row, computed[row.id]) for row in rows]),
        [_joined(row.merged) for row in rows],
        [row.packed for row in rows],
        [packer.own(row.values) for row in rows],
    ]
    return list(zip(*map(storable, columns), strict=True))


def decode_row(table: str, record: Mapping[str, Any], *, date1904: bool) -> Row:
    """Return the row in a record, whose values are unpacked when they are asked for.

    Fields that the schema no longer has are left out.
    """
    declared = BY_NAME[table]
    cells = record["cells"]
    return Row(
        table=declared,
        sheet=record["sheet"],
        number=record["number"],
        values=PackedValues(declared, date1904, cells, record["own_cells"]),
        packed=cells,
        hidden=record["hidden"],
        merged=frozenset(json.loads(record["merged"])),
        id=record["row_id"],
        unread=_unread(cells),
        month=record["sheet_month"] or "" if declared is PROBLEM else "",
    )


def _unread(cells: str) -> frozenset[str]:
    """Return the fields that weren't read when a row was packed."""
    if ":null" not in cells:
        return _ALL_READ
    return frozenset(field for field, packed in json.loads(cells).items() if packed is None)


def months_of(rows: Iterable[Row]) -> frozenset[str]:
    """Return the months of the rows' dates, for which the workbook is thereby handed in.

    A plan item counts by the days it is due and was done, a request by the day it
    was asked, a campaign by its month.
    """
    months = set()
    for row in rows:
        days = (row.get(field) for field in ("due", "done_on", "asked_at") if field in row.table)
        months |= {month_of(day) for day in days if day is not None}
        if "month" in row.table and row.get("month"):
            months.add(row.get("month"))
    return frozenset(months)


def to_iso(moment: date | datetime | None) -> str | None:
    """Return a day as 10 characters, a moment as 19, in whole seconds."""
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return moment.isoformat() if moment is not None else None


def from_iso(text: str | None) -> date | datetime | None:
    """Return the day or moment that :func:`to_iso` wrote."""
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _typed_columns(table: Table, rows: Sequence[Row]) -> list[list[Any]]:
    """Return the typed columns of the fields that people fill."""
    columns = []
    for column, place in zip(table.team_columns, table.team_places, strict=True):
        known: dict[int, tuple[Any, ...]] = {}
        cells = []
        for row in rows:
            value = row.values[place]
            typed = known.get(id(value))
            if typed is None:
                typed = known[id(value)] = _typed(column, value)
            cells.append(typed)
        columns += _columns_of(cells)
    return columns


def _typed(column: Column, value: Value | None) -> tuple[str | None, ...]:
    """Return what a value is stored as; a quantity as its amount and its unit."""
    typed = value.value if value is not None else None
    if column.kind is Kind.QUANTITY:
        return (str(typed.amount), typed.unit) if typed is not None else (None, None)
    if column.kind is Kind.DATE:
        return (to_iso(typed),)
    if column.kind is Kind.PEOPLE:
        return (PEOPLE_SEPARATOR.join(typed) if typed is not None else None,)
    if column.kind is Kind.DEADLINE:
        return (_plain(value.cell.value) if value is not None else None,)
    return (str(typed) if typed is not None else column.blank,)


def _columns_of(records: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*records, strict=True)]


def storable(values: Sequence[Any]) -> Sequence[Any]:
    """Return values with escapes for the lone surrogates that SQLite would refuse."""
    try:
        "".join([text for text in values if isinstance(text, str)]).encode()
    except UnicodeEncodeError:
        return [storable_text(text) if isinstance(text, str) else text for text in values]
    return values


def _joined(fields: frozenset[str]) -> str:
    return json.dumps(sorted(fields)) if fields else "[]"


def _problem(row: Row, computed: Computed) -> tuple[Any, ...]:
    return (row.month or None,)


def _plan(row: Row, computed: Computed) -> tuple[Any, ...]:
    return (plan_judged(row),)


def _message(row: Row, computed: Computed) -> tuple[Any, ...]:
    recurring = isinstance(row.get("deadline"), Recurring)
    answer_due = None if recurring else to_iso(computed.due)
    return answer_due, recurring, row.knows_event("answered_at")


def _campaign(row: Row, computed: Computed) -> tuple[Any, ...]:
    verdict = UNKNOWN
    if computed.deviation is not None:
        verdict = MISSED if is_bad(computed.deviation, row.get("direction")) else MET
    return (
        fold(row.get("metric") or ""),
        str(computed.deviation) if computed.deviation is not None else None,
        verdict,
        str(computed.reason) if computed.reason is not None else None,
    )


# In the order of xlflow.store.sql_tables.COMPUTED.
_COMPUTED = {"problem": _problem, "plan": _plan, "message": _message, "campaign": _campaign}
_ALL_READ: frozenset[str] = frozenset()


def _plain(value: CellValue) -> str | None:
    return None if value is None else str(value)


def decode_people(joined: str | None) -> tuple[str, ...]:
    """Return the names in a typed column."""
    return tuple(joined.split(PEOPLE_SEPARATOR)) if joined else ()


def decode_quantity(amount: str | None, unit: str | None) -> Quantity | None:
    """Return the quantity in a pair of typed columns."""
    return Quantity(Decimal(amount), unit or "") if amount is not None else None
