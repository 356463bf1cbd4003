"""Queues notices of what is newly overdue, due soon or wrong, once for each item and state.

A plan item that passes a new due date is in another state; one that merely stays
overdue isn't. A notice that no longer holds before it was sent (the item was done or
corrected, or is overdue by now instead of due soon) is withdrawn.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from xlflow.facts import Finding, Outcome, Row
from xlflow.meaning.deadline import Recurring
from xlflow.meaning.overdue import day_of, happened_by
from xlflow.schema import CANCELLED, DONE
from xlflow.store import sql_tables, status
from xlflow.store.row_encoding import to_iso
from xlflow.store.state_encoding import to_json

SOON_DAYS = 3
"""How many days before its deadline an open item is announced."""

CAPACITY = status.CAPACITY

_CHUNK = 400  # candidates in one query; SQLite limits the parameters

OVERDUE, SOON, ERROR = "overdue", "soon", "error"


class Candidate(NamedTuple):
    """Something to notify of: the item, its state, a digest of its key columns, the facts."""

    item: str
    state: str
    key: str
    facts: dict[str, Any]


def queue(
    connection: sa.Connection,
    workbook: str,
    found: Iterable[Candidate],
    present: Container[str],
    as_of: datetime,
) -> bool:
    """Queue what is new about a workbook and withdraw what no longer holds.

    Args:
        found: all that there is to notify of (:func:`candidates`).
        present: the ids of the rows that the workbook has.
        as_of: the moment taken as now.

    Returns whether everything found room.
    """
    table = sql_tables.outbox
    current = {(one.item, one.state): one for one in found}
    waiting = {
        (row.item, row.state): row
        for row in connection.execute(sa.select(table).where(table.c.workbook == workbook))
    }
    for place, row in waiting.items():
        one = current.get(place)
        if one is None:
            connection.execute(sa.delete(table).where(table.c.id == row.id))
        elif (facts := to_json(one.facts)) != row.facts:  # moved, or given to somebody else
            connection.execute(sa.update(table).where(table.c.id == row.id).values(facts=facts))
    new = [one for place, one in current.items() if place not in waiting]
    if not new:
        return True
    new = _not_notified(connection, workbook, present, new)
    room = CAPACITY - waiting_count(connection)
    queued = [
        {
            "workbook": workbook,
            "item": one.item,
            "state": one.state,
            "key": one.key,
            "facts": to_json(one.facts),
            "queued_at": as_of.isoformat(),
        }
        for one in new[: max(room, 0)]
    ]
    if queued:
        connection.execute(sa.insert(table), queued)
    return len(queued) == len(new)


def waiting_count(connection: sa.Connection) -> int:
    """Return how many notices of all workbooks wait."""
    return int(connection.scalar(sa.select(sa.func.count(sql_tables.outbox.c.id))) or 0)


def candidates(outcome: Outcome, as_of: datetime) -> Iterator[Candidate]:
    """Yield all that there is to notify of in a workbook, notified already or not."""
    rows = {row.id: row for row in outcome.rows}
    for row in outcome.rows:
        computed = outcome.computed[row.id]
        if computed.due is None:
            continue
        kind = OVERDUE if computed.late else SOON
        if computed.late or (computed.late is False and _soon(row, computed.due, as_of)):
            due = to_iso(computed.due)
            yield Candidate(row.id, f"{kind} {due}", _key(row), _due_facts(row, kind, due))
    for finding in outcome.findings:
        if finding.severity == "error":
            row_of = rows.get(finding.row_id or "")
            key = _key(row_of) if row_of else finding.sheet or ""
            item = finding.row_id or finding.sheet or ""
            state = f"{finding.code} {finding.column} {finding.value}"
            yield Candidate(item, state, key, _error_facts(finding, row_of))


def _not_notified(
    connection: sa.Connection, workbook: str, present: Container[str], new: Sequence[Candidate]
) -> list[Candidate]:
    """Return the candidates whose item and state weren't notified.

    Nor were they of a vanished item with the same key columns: if the store was lost
    and the sheet holds no identities, a row returns under another identity. What was
    notified may be much more than what is new, so the database does the comparing.
    """
    table = sql_tables.notified
    finished = (table.c.workbook == workbook, table.c.address == "")
    left: list[Candidate] = []
    for start in range(0, len(new), _CHUNK):
        chunk = new[start : start + _CHUNK]
        places = sa.tuple_(table.c.item, table.c.state).in_([(c.item, c.state) for c in chunk])
        query = sa.select(table.c.item, table.c.state).where(*finished, places)
        by_item = {tuple(row) for row in connection.execute(query)}
        left += [one for one in chunk if (one.item, one.state) not in by_item]
    by_key: set[tuple[str, str]] = set()
    for start in range(0, len(left), _CHUNK):
        chunk = left[start : start + _CHUNK]
        keys = sa.tuple_(table.c.key, table.c.state).in_([(c.key, c.state) for c in chunk])
        query = sa.select(table.c.item, table.c.key, table.c.state).where(*finished, keys)
        by_key |= {(r.key, r.state) for r in connection.execute(query) if r.item not in present}
    return [one for one in left if (one.key, one.state) not in by_key]


def _soon(row: Row, due: date | datetime, as_of: datetime) -> bool:
    """Whether an open item is due within the next days; a recurring duty never counts."""
    if isinstance(row.get("deadline"), Recurring) or row.get("status") in (DONE, CANCELLED):
        return False
    if any(happened_by(row.get(field), as_of) for field in ("done_on", "answered_at")):
        return False
    day = due.date() if isinstance(due, datetime) else due
    return 0 <= (day - day_of(as_of)).days <= SOON_DAYS


def _key(row: Row) -> str:
    from xlflow.matching import key_texts
    from xlflow.record import key_digest

    return key_digest((row.table.name, *key_texts(row)))


def _due_facts(row: Row, kind: str, due: str | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "sheet": row.sheet,
        "row": row.number,
        "item": _name(row),
        "owners": _owners(row),
        "due": due,
    }


def _error_facts(finding: Finding, row: Row | None) -> dict[str, Any]:
    return {
        "kind": ERROR,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "column": finding.column,
        "code": finding.code,
        "params": dict(finding.params),
        "owners": _owners(row) if row else (),
    }


def _name(row: Row) -> str:
    """Return a row's name for people: its key columns as they were typed."""
    from xlflow.matching import row_texts

    typed: Mapping[str, str] = row_texts(row)
    texts = (typed.get(column.field) for column in row.table.keys)
    return " · ".join(text for text in texts if text)


def _owners(row: Row) -> tuple[str, ...]:
    return tuple(row.get("owners") or row.get("owner") or ())
