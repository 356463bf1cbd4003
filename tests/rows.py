"""Rows for tests, made from what a person would type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlflow.columns import Table
from xlflow.facts import Cell, Row
from xlflow.values import value_of


def row(
    table: Table,
    content: Mapping[str, Any],
    *,
    number: int = 4,
    id: str = "",  # noqa: A002
    without: tuple[str, ...] = (),
    year: int | None = None,
) -> Row:
    """Return a row whose cells hold ``content`` by field; other cells are blank.

    ``without`` names columns that the sheet lacks.
    """
    unknown = set(content) - {column.field for column in table.columns}
    assert not unknown, f"no such fields: {unknown}"
    values = {
        column.field: value_of(column, Cell(number, i, content.get(column.field)), year=year)
        for i, column in enumerate(table.columns, start=1)
        if column.field not in without
    }
    return Row(table=table, sheet=table.sheet.zh, number=number, values=values, id=id)
