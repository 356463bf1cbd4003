"""Rows for tests, made from what a person would type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from xlflow.columns import Table
from xlflow.facts import Cell, Row, TableSheet, Value
from xlflow.packed_rows import Packer
from xlflow.values import Context, value_of


def with_values(item: Row, **values: Value | None) -> Row:
    """Return the row with the values of some fields replaced."""
    places = item.table.places
    changed = {places[field]: value for field, value in values.items()}
    replaced = tuple(changed.get(place, value) for place, value in enumerate(item.values))
    return item._replace(values=replaced, packed=Packer(item.table).team(replaced))


def position(sheet: TableSheet, item: Row, field: str) -> tuple[int, int]:
    """Return where the cell of a row's field is in its sheet."""
    return item.number, sheet.columns[field]


def row(
    table: Table,
    content: Mapping[str, Any],
    *,
    number: int = 4,
    id: str = "",  # noqa: A002
    without: tuple[str, ...] = (),
    near: date | None = None,
) -> Row:
    """Return a row whose cells hold ``content`` by field; other cells are blank.

    ``without`` names columns that the sheet lacks.
    """
    unknown = set(content) - {column.field for column in table.columns}
    assert not unknown, f"no such fields: {unknown}"
    values = tuple(
        None
        if column.field in without
        else value_of(column, Cell(content.get(column.field)), Context(near=near, seen=near))
        for column in table.columns
    )
    packed = Packer(table).team(values)
    return Row(table, table.sheet.zh, number, values, packed, id=id)
