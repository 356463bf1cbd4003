"""Notices: what is newly overdue or newly wrong waits in the outbox, once for each item and state.

A plan item that is given a new date and passes that, too, is another state; one
that merely stays overdue is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.facts import Outcome
from xlflow.store import tables
from xlflow.store.records import packed
from xlflow.store.rows import iso


def queue(connection: sa.Connection, workbook: str, outcome: Outcome, as_of: datetime) -> None:
    """Queue a notice for each overdue item and each error, but none a second time."""
    waiting = [
        {
            "workbook": workbook,
            "item": item,
            "state": state,
            "facts": packed(facts),
            "queued_at": as_of.isoformat(),
        }
        for item, state, facts in (*_overdue(outcome), *_errors(outcome))
    ]
    if waiting:
        connection.execute(insert(tables.outbox).on_conflict_do_nothing(), waiting)


def _overdue(outcome: Outcome) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for row in outcome.rows:
        computed = outcome.computed[row.id]
        if computed.late:
            due = iso(computed.due)
            facts = {
                "table": row.table.name,
                "sheet": row.sheet,
                "row": row.number,
                "owners": row.get("owners"),
                "due": due,
            }
            yield row.id, f"overdue {due}", facts


def _errors(outcome: Outcome) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for found in outcome.findings:
        if found.severity == "error":
            item = found.row_id or found.sheet or ""
            facts = {
                "code": found.code,
                "sheet": found.sheet,
                "cell": found.cell,
                "params": dict(found.params),
            }
            yield item, f"{found.code} {found.column} {found.value}", facts
