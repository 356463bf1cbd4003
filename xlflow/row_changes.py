"""What people changed in a workbook between two of its versions, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xlflow.columns import Column
from xlflow.facts import Change, Row
from xlflow.matching import row_texts


def row_changes(before: Sequence[Row], now: Sequence[Row]) -> tuple[Change, ...]:
    """Return the differences in the team's own cells; none if ``before`` is empty.

    Args:
        before: the rows of the version recorded before, with ids.
        now: the present rows, with ids.
    """
    if not before:
        return ()
    old = {row.id: row for row in before}
    remaining = {row.id for row in now}
    changes: list[Change] = []
    for row in now:
        if row.id in old:
            changes.extend(_edited_cells(old[row.id], row))
        else:
            changes.append(_whole_row("added", row))
    changes.extend(_whole_row("removed", row) for row in before if row.id not in remaining)
    return tuple(changes)


def _whole_row(kind: str, row: Row) -> Change:
    return Change(kind, row.table.name, row.sheet, row.id, row.number)


def _edited_cells(before: Row, now: Row) -> Iterator[Change]:
    old_texts, new_texts = row_texts(before), row_texts(now)
    edited: Iterable[Column] = (
        column
        for column in now.table.team_columns
        if column.field not in before.unread
        and old_texts.get(column.field) != new_texts.get(column.field)
    )
    for column in edited:
        field = column.field
        yield Change(
            kind="edited",
            table=now.table.name,
            sheet=now.sheet,
            row_id=now.id,
            row=now.number,
            field=field,
            cell=now.values[field].cell.address if field in now.values else None,
            before=old_texts.get(field),
            after=new_texts.get(field),
        )
