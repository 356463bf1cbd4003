"""The outbox: which notices wait, whom they reached, and when a failed address is tried again.

Notices enter it in the transaction that records their workbook
(:mod:`xlflow.store.notice_queue`). A notice leaves it when every address it concerns
was reached. That is noted in a plain file first
(:mod:`xlflow.store.notified_log`) and then in the database; what the file knows and
the database doesn't is made up for by :meth:`Outbox.waiting`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.store import notice_queue, sql_tables
from xlflow.store.notified_log import NotifiedEntry, NotifiedLog
from xlflow.store.workbook_state import Reason, decode_reason, encode_reason

if TYPE_CHECKING:
    from xlflow.store.database import Store

_FILE_SIZE = "notified size"

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice that waits. ``facts`` is what :mod:`xlflow.store.notice_queue` knew of it.

    ``reached`` are the addresses that have it already.
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

    def __init__(self, store: Store, notified: NotifiedLog) -> None:
        self._store = store
        self._notified = notified

    def waiting(self) -> tuple[Notice, ...]:
        """Return what waits, by team and as it was queued."""
        if not self._store.queued():
            return ()
        with self._store.begin() as connection:
            self._take_in_the_file(connection)
            box, book, told = sql_tables.outbox, sql_tables.workbook, sql_tables.notified
            same = [told.c[name] == box.c[name] for name in ("workbook", "item", "state")]
            reached: dict[int, set[str]] = {}
            for row in connection.execute(
                sa.select(box.c.id, told.c.address).join_from(box, told, sa.and_(*same))
            ):
                reached.setdefault(row.id, set()).add(row.address)
            chosen = (
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
                    reached=frozenset(reached.get(row.id, ())),
                )
                for row in connection.execute(chosen)
            )

    def full(self) -> bool:
        """Whether no further notice finds room."""
        return self._store.queued() >= notice_queue.MOST

    def rest(self, address: str, now: datetime) -> datetime | None:
        """Return until when an address is left alone after a failure, None where it may be tried.

        A moment further ahead than the longest wait was noted by a clock that has
        since been set back.
        """
        table = sql_tables.address
        with self._store.reading() as connection:
            text = connection.scalar(sa.select(table.c.next_try).where(table.c.id == address))
        until = datetime.fromisoformat(text) if text else now
        return until if now < until <= now + LONGEST_WAIT else None

    def trying(self, address: str, now: datetime) -> datetime:
        """Note that an address is about to be tried; return when it is again should that fail.

        It is noted beforehand, so that being killed right after sending, or a disk
        that takes no notes, doesn't send the same thing over and over.
        """
        table = sql_tables.address
        with self._store.begin() as connection:
            failures = connection.scalar(sa.select(table.c.failures).where(table.c.id == address))
            tries = (failures or 0) + 1
            # 2**10 minutes is longer than the longest wait already.
            until: datetime = now + min(FIRST_WAIT * 2 ** min(tries - 1, 10), LONGEST_WAIT)
            values = {"id": address, "failures": tries, "next_try": until.isoformat()}
            connection.execute(insert(table).values(values).on_conflict_do_update(set_=values))
        return until

    def reached(self, address: str, sent: Sequence[Notice], now: datetime) -> None:
        """Note that an address has these notices."""
        table = sql_tables.address
        with self._store.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.id == address))
            self._note(connection, [_told(notice, address, now) for notice in sent])

    def finished(self, done: Sequence[Notice], now: datetime) -> None:
        """Note that these notices need to go nowhere else."""
        if done:
            with self._store.begin() as connection:
                self._note(connection, [_told(notice, "", now) for notice in done])

    def explain(self, reasons: Sequence[Reason]) -> None:
        """Keep why notices wait, for whoever asks before the next try."""
        table = sql_tables.meta
        with self._store.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.name.like("notify %")))
            held = [
                {"name": f"notify {number}", "value": encode_reason(reason)}
                for number, reason in enumerate(reasons)
            ]
            if held:
                connection.execute(sa.insert(table), held)

    def reasons(self) -> tuple[Reason, ...]:
        """Return why notices wait, as last known."""
        table = sql_tables.meta
        chosen = sa.select(table.c.value).where(table.c.name.like("notify %"))
        with self._store.reading() as connection:
            texts = connection.scalars(chosen.order_by(table.c.name)).all()
        kept = tuple(reason for text in texts if (reason := decode_reason(text)) is not None)
        return (*kept, Reason("notify.full", {"count": notice_queue.MOST})) if self.full() else kept

    def _take_in_the_file(self, connection: sa.Connection) -> None:
        """Make up for what the file knows and the database doesn't, if it has grown."""
        meta, size = sql_tables.meta, str(self._notified.size())
        known = connection.scalar(sa.select(meta.c.value).where(meta.c.name == _FILE_SIZE))
        if size != (known or "0"):
            import_log(connection, self._notified.all())
            values = {"name": _FILE_SIZE, "value": size}
            connection.execute(insert(meta).values(values).on_conflict_do_update(set_=values))

    def _note(self, connection: sa.Connection, told: Sequence[NotifiedEntry]) -> None:
        # The file first: should the transaction fail, it is what says that nothing goes twice.
        self._notified.add(told)
        import_log(connection, told)


def import_log(connection: sa.Connection, told: Iterable[NotifiedEntry]) -> None:
    """Put what was notified into the database, and take what is done with out of the outbox."""
    records = [{**asdict(one), "at": one.at.isoformat()} for one in told]
    if not records:
        return
    connection.execute(insert(sql_tables.notified).on_conflict_do_nothing(), records)
    box, done = sql_tables.outbox.c, sql_tables.notified.c
    over = sa.select(done.workbook).where(
        done.workbook == box.workbook,
        done.item == box.item,
        done.state == box.state,
        done.address == "",
    )
    connection.execute(sa.delete(sql_tables.outbox).where(over.exists()))


def _told(notice: Notice, address: str, now: datetime) -> NotifiedEntry:
    return NotifiedEntry(notice.workbook, notice.item, notice.state, notice.key, address, now)
