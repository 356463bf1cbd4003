"""What people changed in a workbook between two of its versions, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlflow.facts import Change, Row, Snapshot, address


def row_changes(
    before: Sequence[Row], now: Sequence[Row], snapshot: Snapshot
) -> tuple[Change, ...]:
    """Return the differences in the team's own cells; none if ``before`` is empty.

    Args:
        before: the rows of the version recorded before, with ids.
        now: the present rows, with ids.
        snapshot: the present content.
    """
    if not before:
        return ()
    old = {row.id: row for row in before}
    remaining = {row.id for row in now}
    changes: list[Change] = []
    for sheet, row in snapshot.placed(now):
        was = old.get(row.id)
        if was is None:
            changes.append(_whole_row("added", row))
        elif was.packed != row.packed:
            changes.extend(_edited_cells(was, row, sheet.columns))
    changes.extend(_whole_row("removed", row) for row in before if row.id not in remaining)
    return tuple(changes)


def added_rows(rows: Sequence[Row]) -> tuple[Change, ...]:
    """Return the rows as changes of a workbook that held none."""
    return tuple(_whole_row("added", row) for row in rows)


def _whole_row(kind: str, row: Row) -> Change:
    return Change(kind, row.table.name, row.sheet, row.id, row.number)


def _edited_cells(before: Row, now: Row, columns: Mapping[str, int]) -> Iterator[Change]:
    for column, old, new in zip(now.table.team_columns, before.texts, now.texts, strict=True):
        field = column.field
        if old == new or field in before.unread:
            continue
        yield Change(
            kind="edited",
            table=now.table.name,
            sheet=now.sheet,
            row_id=now.id,
            row=now.number,
            field=field,
            cell=address(now.number, columns[field]) if field in columns else None,
            before=old or None,
            after=new or None,
        )
