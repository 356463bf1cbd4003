"""How a row of a workbook is stored as a record of its table, and read back.

The typed columns hold values in the form that the figures need; ``cells`` holds the
raw cells as the file had them, and :func:`decode_row` interprets them again with
:func:`xlflow.values.value_of`, so that a remembered row equals the row that was
recorded. What a cell's meaning took from elsewhere (the year of a date typed without
one, the names after aliases) is stored with it. A field that the schema didn't have
when the row was recorded is null in ``cells`` (see :mod:`xlflow.store.form`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from xlflow.columns import Column, Kind, Owner
from xlflow.facts import Cell, CellValue, Computed, ErrorValue, Row, Value
from xlflow.meaning.dates import month_of
from xlflow.meaning.deadline import Daily, FixedDeadline
from xlflow.meaning.folding import fold
from xlflow.meaning.quantity import Quantity
from xlflow.meaning.variance import is_bad
from xlflow.schema import BY_NAME
from xlflow.values import value_of

PEOPLE_SEPARATOR = "、"
MET, MISSED, UNKNOWN = "met", "missed", "unknown"


def encode_row(row: Row, computed: Computed, columns: Mapping[str, int]) -> dict[str, Any]:
    """Return the columns of a row's record, without the workbook's name.

    ``columns`` gives the column number of each field in the row's sheet.
    """
    values = zip(row.table.columns, row.values, strict=True)
    record: dict[str, Any] = {
        "row_id": row.id,
        "sheet": row.sheet,
        "number": row.number,
        "hidden": row.hidden,
        "merged": json.dumps(sorted(row.merged)),
        "cells": json.dumps(
            {
                column.field: {
                    "at": [row.number, columns[column.field]],
                    **_packed(column, value),
                }
                for column, value in values
                if value is not None
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
    }
    for column in row.table.columns:
        if column.owner is Owner.TEAM:
            record |= _typed(column, row)
    return record | _COMPUTED[row.table.name](row, computed)


def decode_row(table: str, record: Mapping[str, Any], *, date1904: bool) -> Row:
    """Return the row in a record; fields that the schema no longer has are left out."""
    declared = BY_NAME[table]
    cells = json.loads(record["cells"])
    return Row(
        table=declared,
        sheet=record["sheet"],
        number=record["number"],
        values=tuple(
            _unpacked(column, packed, date1904)
            if (packed := cells.get(column.field)) is not None
            else None
            for column in declared.columns
        ),
        hidden=record["hidden"],
        merged=frozenset(json.loads(record["merged"])),
        id=record["row_id"],
        unread=frozenset(field for field, packed in cells.items() if packed is None),
    )


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


def _typed(column: Column, row: Row) -> dict[str, Any]:
    value = row.get(column.field)
    if column.kind is Kind.QUANTITY:
        amount, unit = (str(value.amount), value.unit) if value is not None else (None, None)
        return {column.field: amount, f"{column.field}_unit": unit}
    if column.kind is Kind.DATE:
        return {column.field: to_iso(value)}
    if column.kind is Kind.PEOPLE:
        return {column.field: PEOPLE_SEPARATOR.join(value) if value is not None else None}
    if column.kind is Kind.DEADLINE:
        phrase = row.value_in(column.field)
        return {column.field: _plain(phrase.cell.value) if phrase is not None else None}
    return {column.field: str(value) if value is not None else column.blank}


def _problem(row: Row, computed: Computed) -> dict[str, Any]:
    return {}


def _plan(row: Row, computed: Computed) -> dict[str, Any]:
    # As in xlflow.computing: it is known whether an item is done if the sheet has at least
    # one of the two columns and neither cell holds something unreadable.
    fields = ("status", "done_on")
    known = [row.knows(field) for field in fields if row.value_in(field) is not None]
    return {"judged": bool(known) and all(known)}


def _message(row: Row, computed: Computed) -> dict[str, Any]:
    recurring = isinstance(row.get("deadline"), Daily)
    return {
        "recurring": recurring,
        "answer_due": None if recurring else to_iso(computed.due),
        "judged": row.knows("answered_at"),
    }


def _campaign(row: Row, computed: Computed) -> dict[str, Any]:
    verdict = UNKNOWN
    if computed.deviation is not None:
        verdict = MISSED if is_bad(computed.deviation, row.get("direction")) else MET
    return {
        "metric_key": fold(row.get("metric") or ""),
        "ratio": str(computed.deviation) if computed.deviation is not None else None,
        "verdict": verdict,
        "reason": str(computed.reason) if computed.reason is not None else None,
    }


_COMPUTED = {"problem": _problem, "plan": _plan, "message": _message, "campaign": _campaign}


_DATED = (Kind.DATE, Kind.MONTH, Kind.DEADLINE)


def _packed(column: Column, value: Value) -> dict[str, Any]:
    cell = value.cell
    packed: dict[str, Any] = {"v": _tagged(cell.value)}
    if cell.number_format != "General":
        packed["format"] = cell.number_format
    if cell.formula:
        packed["formula"] = 1
    if cell.uncomputed:
        packed["uncomputed"] = 1
    if isinstance(cell.value, str) and column.kind in _DATED and (year := _year(value)):
        packed["year"] = year
    if value.hints:
        packed["notices"] = value.hints
    if column.kind is Kind.PEOPLE and value.value is not None:
        packed["names"] = value.value
    return packed


def _unpacked(column: Column, packed: Mapping[str, Any], date1904: bool) -> Value:
    cell = Cell(
        _untagged(packed["v"]),
        packed.get("format", "General"),
        "formula" in packed,
        "uncomputed" in packed,
    )
    value = value_of(column, cell, date1904=date1904, year=packed.get("year"))
    if "names" in packed:
        value = value._replace(value=tuple(packed["names"]))
    return value._replace(hints=tuple(packed.get("notices", ())))


def _year(value: Value) -> int | None:
    """Return the year of a date, which may have been typed without one."""
    typed = value.value.value if isinstance(value.value, FixedDeadline) else value.value
    if isinstance(typed, date):
        return typed.year
    text = typed if typed is not None else value.fix
    year = text[:4] if isinstance(text, str) else ""
    return int(year) if year.isdecimal() and year.isascii() and len(year) == 4 else None


def _tagged(value: CellValue) -> Any:
    """Return a JSON value that :func:`_untagged` turns back into the same cell value."""
    if value is None or (isinstance(value, str) and not isinstance(value, ErrorValue)):
        return value
    for kind, tag in _TAGS.items():
        if isinstance(value, kind):
            return [tag, str(value) if kind in (Decimal, bool, ErrorValue) else value.isoformat()]  # type: ignore[union-attr]
    raise TypeError(f"no cell value: {value!r}")


# datetime is a date, so it comes first.
_TAGS: Mapping[type, str] = {
    Decimal: "number",
    bool: "truth",
    ErrorValue: "error",
    datetime: "moment",
    date: "day",
    time: "clock",
}
_READ = {
    "number": Decimal,
    "truth": "True".__eq__,
    "error": ErrorValue,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "clock": time.fromisoformat,
}


def _untagged(tagged: Any) -> CellValue:
    if tagged is None or isinstance(tagged, str):
        return tagged
    tag, text = tagged
    value: CellValue = _READ[tag](text)  # type: ignore[operator]
    return value


def _plain(value: CellValue) -> str | None:
    return None if value is None else str(value)


def decode_people(joined: str | None) -> tuple[str, ...]:
    """Return the names in a typed column."""
    return tuple(joined.split(PEOPLE_SEPARATOR)) if joined else ()


def decode_quantity(amount: str | None, unit: str | None) -> Quantity | None:
    """Return the quantity in a pair of typed columns."""
    return Quantity(Decimal(amount), unit or "") if amount is not None else None
