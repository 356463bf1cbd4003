"""The outbox: which notices wait, which addresses have them, when a failed one is tried again.

A notice enters it in the transaction that records its workbook
(:mod:`xlflow.store.notice_queue`) and leaves it when it has reached every address
concerned. That is written to a plain file first (:mod:`xlflow.store.notified_log`) and
then to the database; :meth:`Outbox.waiting` imports what only the file holds. The
database knows how far it has imported the file, so that each line is read once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.store import notice_queue, sql_tables
from xlflow.store.notified_log import NotifiedEntry, NotifiedLog, Position, Renaming
from xlflow.store.state_encoding import decode_reason, encode_reason
from xlflow.store.status import WAITS
from xlflow.store.transactions import Transactions
from xlflow.store.workbook_state import Reason

_IMPORTED = "notified size"

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice that waits.

    ``facts`` were recorded by :mod:`xlflow.store.notice_queue`; ``reached`` are the
    addresses that have it already.
    """

    id: int
    workbook: str
    team: str
    item: str
    state: str
    key: str
    facts: Mapping[str, Any]
    reached: frozenset[str]


class Outbox:
    """The outbox of a store; moments are real ones, with their zone."""

    def __init__(self, transactions: Transactions, notified: NotifiedLog) -> None:
        self._transactions = transactions
        self._notified = notified

    def count(self) -> int:
        """Return how many notices wait."""
        with self._transactions.reading() as connection:
            return notice_queue.waiting_count(connection)

    def waiting(self) -> tuple[Notice, ...]:
        """Return what waits, by team and in the order in which it was queued."""
        if not self.count():
            return ()
        with self._transactions.reading() as connection:
            grown = self._notified.has_grown(_position(connection))
        if grown:
            with self._transactions.begin() as connection:
                self.import_new_entries(connection)
        with self._transactions.reading() as connection:
            box, book, notified = sql_tables.outbox, sql_tables.workbook, sql_tables.notified
            place = [notified.c[name] for name in ("workbook", "item", "state")]
            # From the outbox to the notified, never the other way: these are many more.
            waits = sa.select(box.c.workbook, box.c.item, box.c.state)
            reached: dict[tuple[str, str, str], set[str]] = {}
            for *which, address in connection.execute(
                sa.select(*place, notified.c.address).where(sa.tuple_(*place).in_(waits))
            ):
                reached.setdefault((which[0], which[1], which[2]), set()).add(address)
            query = (
                sa.select(box, book.c.team)
                .join_from(box, book, box.c.workbook == book.c.workbook)
                .order_by(book.c.team, box.c.workbook, box.c.id)
            )
            return tuple(
                Notice(
                    id=row.id,
                    workbook=row.workbook,
                    team=row.team,
                    item=row.item,
                    state=row.state,
                    key=row.key,
                    facts=json.loads(row.facts),
                    reached=frozenset(reached.get((row.workbook, row.item, row.state), ())),
                )
                for row in connection.execute(query)
            )

    def full(self) -> bool:
        """Whether there is no room for another notice."""
        return self.count() >= notice_queue.CAPACITY

    def rest(self, address: str, now: datetime) -> datetime | None:
        """Return until when an address isn't tried after a failure, None if it may be tried now.

        A moment further away than the longest wait was recorded before the clock was
        set back, and is ignored.
        """
        table = sql_tables.address
        with self._transactions.reading() as connection:
            text = connection.scalar(sa.select(table.c.next_try).where(table.c.id == address))
        until = datetime.fromisoformat(text) if text else now
        return until if now < until <= now + LONGEST_WAIT else None

    def trying(self, address: str, now: datetime) -> datetime:
        """Record that an address is about to be tried; return when to retry if that fails.

        It is recorded before sending: if xlflow is killed right after it, or the disk
        is full then, the same notices aren't sent over and over.
        """
        table = sql_tables.address
        with self._transactions.begin() as connection:
            failures = connection.scalar(sa.select(table.c.failures).where(table.c.id == address))
            tries = (failures or 0) + 1
            # 2**10 minutes is already longer than the longest wait.
            until: datetime = now + min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
            values = {"id": address, "failures": tries, "next_try": until.isoformat()}
            connection.execute(insert(table).values(values).on_conflict_do_update(set_=values))
        return until

    def reached(self, address: str, sent: Sequence[Notice], now: datetime) -> None:
        """Record that an address has these notices."""
        table = sql_tables.address
        with self._transactions.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.id == address))
            self._log(connection, [_entry(notice, address, now) for notice in sent])

    def finished(self, done: Sequence[Notice], now: datetime) -> None:
        """Record that these notices need not be sent anywhere else."""
        if done:
            with self._transactions.begin() as connection:
                self._log(connection, [_entry(notice, "", now) for notice in done])

    def explain(self, reasons: Sequence[Reason]) -> None:
        """Record why notices wait, for :meth:`reasons`."""
        table = sql_tables.meta
        texts = [encode_reason(reason) for reason in reasons]
        if texts == self._noted_reasons():
            return
        with self._transactions.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.name.like(f"{WAITS}%")))
            records = [
                {"name": f"{WAITS}{number}", "value": text} for number, text in enumerate(texts)
            ]
            if records:
                connection.execute(sa.insert(table), records)

    def reasons(self) -> tuple[Reason, ...]:
        """Return why notices wait, as last recorded."""
        texts = self._noted_reasons()
        reasons = [reason for text in texts if (reason := decode_reason(text)) is not None]
        if self.full():
            reasons.append(Reason("notify.full", {"count": notice_queue.CAPACITY}))
        return tuple(reasons)

    def _noted_reasons(self) -> list[str]:
        table = sql_tables.meta
        query = sa.select(table.c.value).where(table.c.name.like(f"{WAITS}%"))
        with self._transactions.reading() as connection:
            return list(connection.scalars(query.order_by(table.c.name)))

    def rename(self, old: str, new: str) -> None:
        """Move what was notified of a workbook to its new name; repeating it does no harm."""
        notified = sql_tables.notified
        with self._transactions.begin() as connection:
            self.import_new_entries(connection)
            any_of_old = sa.select(notified.c.item).where(notified.c.workbook == old).limit(1)
            if connection.scalar(any_of_old) is not None:
                self._notified.rename(old, new)
                self.import_new_entries(connection)

    def import_new_entries(self, connection: sa.Connection) -> None:
        """Import what the file has and the database hasn't; all of it into a new database."""
        known = _position(connection)
        try:
            lines, position = self._notified.read(known)
        except ValueError:  # the file was replaced by another
            lines, position = self._notified.read(Position())
            known = Position()
        if known == Position():
            _import_entries(connection, self._notified.all())
        else:
            _import_lines(connection, lines)
        if position != known:
            meta = sql_tables.meta
            values = {"name": _IMPORTED, "value": f"{position.size} {position.tail}"}
            connection.execute(insert(meta).values(values).on_conflict_do_update(set_=values))

    def _log(self, connection: sa.Connection, entries: Sequence[NotifiedEntry]) -> None:
        # The file first: if the transaction then fails, nothing is sent twice.
        self._notified.add(entries)
        self.import_new_entries(connection)


def _position(connection: sa.Connection) -> Position:
    """Return up to where the file was imported."""
    meta = sql_tables.meta
    noted = connection.scalar(sa.select(meta.c.value).where(meta.c.name == _IMPORTED))
    size, _, tail = (noted or "").partition(" ")
    return Position(int(size), tail) if tail else Position()


def _import_lines(connection: sa.Connection, lines: Iterable[NotifiedEntry | Renaming]) -> None:
    """Import lines in their order: a renaming concerns those before it."""
    notified = sql_tables.notified
    for is_renaming, group in groupby(lines, lambda line: isinstance(line, Renaming)):
        if not is_renaming:
            _import_entries(connection, [e for e in group if isinstance(e, NotifiedEntry)])
            continue
        for renaming in group:
            if isinstance(renaming, Renaming):
                connection.execute(
                    sa.update(notified)
                    .prefix_with("OR REPLACE")
                    .where(notified.c.workbook == renaming.old)
                    .values(workbook=renaming.new)
                )


def _import_entries(connection: sa.Connection, entries: Sequence[NotifiedEntry]) -> None:
    """Insert what was notified into the database, and delete finished notices from the outbox."""
    records = [{**asdict(entry), "at": entry.at.isoformat()} for entry in entries]
    if not records:
        return
    connection.execute(insert(sql_tables.notified).on_conflict_do_nothing(), records)
    finished = [
        {"of": entry.workbook, "what": entry.item, "how": entry.state}
        for entry in entries
        if not entry.address
    ]
    if finished:
        box = sql_tables.outbox
        which = (
            box.c.workbook == sa.bindparam("of"),
            box.c.item == sa.bindparam("what"),
            box.c.state == sa.bindparam("how"),
        )
        connection.execute(sa.delete(box).where(*which), finished)


def _entry(notice: Notice, address: str, now: datetime) -> NotifiedEntry:
    return NotifiedEntry(notice.workbook, notice.item, notice.state, notice.key, address, now)
