"""Notices: what is newly overdue, due soon or wrong waits in the outbox, once an item and state.

A plan item that is given a new date and passes that, too, is another state; one
that merely stays overdue is not. What no longer holds before it was sent (done in
the meantime, mended, overdue by now) is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from xlflow.facts import Finding, Outcome, Row
from xlflow.matching import key_texts, row_texts
from xlflow.meaning.deadline import Daily
from xlflow.meaning.overdue import day_of, happened_by
from xlflow.record import key_digest
from xlflow.schema import CANCELLED, DONE
from xlflow.store import sql_tables
from xlflow.store.row_encoding import to_iso
from xlflow.store.workbook_state import to_json

SOON_DAYS = 3
"""From how many days before its deadline on an open item is announced."""

MOST = 100_000
"""How many notices the outbox holds; what doesn't fit is looked at again in the next pass."""

OVERDUE, SOON, ERROR = "overdue", "soon", "error"


class Candidate(NamedTuple):
    """Something to tell: which item, in which state, the item's own words digested, the facts."""

    item: str
    state: str
    key: str
    facts: dict[str, Any]


def queue(connection: sa.Connection, workbook: str, outcome: Outcome, as_of: datetime) -> bool:
    """Queue what is new about a workbook and withdraw what no longer holds.

    Returns whether everything found room.
    """
    table = sql_tables.outbox
    now = {(one.item, one.state): one for one in candidates(outcome, as_of)}
    waiting = {
        (row.item, row.state): row
        for row in connection.execute(sa.select(table).where(table.c.workbook == workbook))
    }
    for place, row in waiting.items():
        one = now.get(place)
        if one is None:
            connection.execute(sa.delete(table).where(table.c.id == row.id))
        elif (facts := to_json(one.facts)) != row.facts:  # moved, or given to somebody else
            connection.execute(sa.update(table).where(table.c.id == row.id).values(facts=facts))
    fresh = [one for place, one in now.items() if place not in waiting]
    if not fresh:
        return True
    told, by_words = _told(connection, workbook, outcome)
    fresh = [
        one
        for one in fresh
        if (one.item, one.state) not in told and (one.key, one.state) not in by_words
    ]
    room = MOST - int(connection.scalar(sa.select(sa.func.count(table.c.id))) or 0)
    queued = [
        {
            "workbook": workbook,
            "item": one.item,
            "state": one.state,
            "key": one.key,
            "facts": to_json(one.facts),
            "queued_at": as_of.isoformat(),
        }
        for one in fresh[: max(room, 0)]
    ]
    if queued:
        connection.execute(sa.insert(table), queued)
    return len(queued) == len(fresh)


def candidates(outcome: Outcome, as_of: datetime) -> Iterator[Candidate]:
    """Yield all there is to tell about a workbook, told already or not."""
    rows = {row.id: row for row in outcome.rows}
    for row in outcome.rows:
        computed = outcome.computed[row.id]
        if computed.due is None:
            continue
        kind = OVERDUE if computed.late else SOON
        if computed.late or (computed.late is False and _soon(row, computed.due, as_of)):
            due = to_iso(computed.due)
            yield Candidate(row.id, f"{kind} {due}", _words(row), _about(row, kind, due))
    for found in outcome.findings:
        if found.severity == "error":
            found_in = rows.get(found.row_id or "")
            words = _words(found_in) if found_in else found.sheet or ""
            item = found.row_id or found.sheet or ""
            state = f"{found.code} {found.column} {found.value}"
            yield Candidate(item, state, words, _mistake(found, found_in))


def _told(
    connection: sa.Connection, workbook: str, outcome: Outcome
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the states that were told by item, and those of vanished items by their words.

    Where the store was lost and the sheet holds no identities, a row comes back
    under another one.
    """
    table = sql_tables.notified
    present = {row.id for row in outcome.rows}
    chosen = sa.select(table.c.item, table.c.state, table.c.key).where(
        table.c.workbook == workbook, table.c.address == ""
    )
    found = connection.execute(chosen).all()
    return (
        {(row.item, row.state) for row in found},
        {(row.key, row.state) for row in found if row.item not in present},
    )


def _soon(row: Row, due: date | datetime, as_of: datetime) -> bool:
    """Whether an open item is due within the coming days; a duty of every day never is."""
    if isinstance(row.get("deadline"), Daily) or row.get("status") in (DONE, CANCELLED):
        return False
    if any(happened_by(row.get(field), as_of) for field in ("done_on", "answered_at")):
        return False
    day = due.date() if isinstance(due, datetime) else due
    return 0 <= (day - day_of(as_of)).days <= SOON_DAYS


def _words(row: Row) -> str:
    return key_digest((row.table.name, *key_texts(row)))


def _about(row: Row, kind: str, due: str | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "sheet": row.sheet,
        "row": row.number,
        "item": _named(row),
        "owners": _owners(row),
        "due": due,
    }


def _mistake(found: Finding, row: Row | None) -> dict[str, Any]:
    return {
        "kind": ERROR,
        "sheet": found.sheet,
        "cell": found.cell,
        "column": found.column,
        "code": found.code,
        "params": dict(found.params),
        "owners": _owners(row) if row else (),
    }


def _named(row: Row) -> str:
    """Return what a row is called: its key columns as they were typed."""
    typed: Mapping[str, str] = row_texts(row)
    names = (typed.get(column.field) for column in row.table.keys)
    return " · ".join(name for name in names if name)


def _owners(row: Row) -> tuple[str, ...]:
    return tuple(row.get("owners") or row.get("owner") or ())
