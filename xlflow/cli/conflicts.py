"""``conflicts``: shows row by row how conflict copies differ from their originals."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.change_text import cell_text, changed_column
from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlflow.facts import Change
    from xlflow.sync.conflicts import Conflict


@click.command(cls=Command)
@click.pass_obj
def conflicts(session: Session) -> None:
    """Show how conflict copies differ from their originals."""
    from xlflow.store import Store
    from xlflow.sync import conflicts as copies

    workspace = session.workspace
    with Store.open(workspace.state) as store:
        found = copies.conflicts(workspace, store, session.as_of(workspace.settings))
    session.answer(
        lambda: {"conflicts": [_json(conflict, session) for conflict in found]},
        lambda: (
            "\n\n".join(_text(conflict, session) for conflict in found)
            or session.say("conflicts.none")
        ),
    )


def _rows(changes: Sequence[Change]) -> list[list[Change]]:
    """Return the changes row by row."""
    return [list(row) for _, row in groupby(changes, key=lambda c: (c.kind, c.table, c.row_id))]


def _json(conflict: Conflict, session: Session) -> dict[str, Any]:
    return {
        "workbook": conflict.workbook,
        "original": conflict.original,
        "reason": session.reason(conflict.reason),
        "rows": [
            {
                "kind": row[0].kind,
                "sheet": row[0].sheet,
                "row": row[0].row,
                "item": conflict.items.get(row[0].row_id, ""),
                "cells": [
                    {
                        "cell": change.cell,
                        "column": changed_column(change, session),
                        "original": change.before,
                        "copy": change.after,
                    }
                    for change in row
                    if change.field is not None
                ],
            }
            for row in _rows(conflict.changes)
        ],
    }


def _text(conflict: Conflict, session: Session) -> str:
    names = {"workbook": one_line(conflict.workbook), "original": one_line(conflict.original)}
    lines = [session.say("conflicts.title", **names)]
    if conflict.reason is not None:
        lines.append(session.say("conflicts.reason", reason=session.reason(conflict.reason)))
    elif not conflict.changes:
        lines.append(session.say("conflicts.same"))
    for row in _rows(conflict.changes):
        place = {"sheet": one_line(row[0].sheet), "row": row[0].row}
        item = shortened(one_line(conflict.items.get(row[0].row_id, "")), 40)
        lines.append(session.say(f"conflicts.{row[0].kind}", item=item, **place))
        lines += [
            session.say(
                "conflicts.cell",
                cell=change.cell or "",
                column=changed_column(change, session),
                original=cell_text(change.before, session),
                copy=cell_text(change.after, session),
            )
            for change in row
            if change.field is not None
        ]
    return "\n".join(lines)
