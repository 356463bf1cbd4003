"""The store of one workspace: what was read, found and written, between passes.

One SQLite file in the state folder. Everything that follows from one content of
one workbook is told in one transaction (:meth:`Store.record`); several calls
join into one within :meth:`Store.begin`. A store belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.facts import Finding, Outcome, Row
from xlflow.schema import TABLES
from xlflow.store import (
    engine,
    notice_queue,
    notified_log,
    sql_tables,
    workbook_state,
)
from xlflow.store.outbox import Outbox, import_log
from xlflow.store.row_encoding import decode_row, encode_row, months_of
from xlflow.store.versions import TEAM, Version, Versions
from xlflow.store.workbook_state import (
    Reason,
    RecordedChange,
    WorkbookState,
    WriteIntent,
    WrittenSummary,
)

FILE_NAME = "xlflow.db"
VERSIONS = "versions"
_FROZEN = "frozen"
_FULL = timedelta(minutes=10)  # after which there may be room in a full outbox

RECORDED, DEFERRED, UNREADABLE, CONFLICT = "recorded", "deferred", "unreadable", "conflict"
GONE = "gone"
"""No longer in the folder: remembered in case it returns, and not rolled up meanwhile."""

NOT_ROLLED_UP = (CONFLICT, GONE)


class Store:
    """The store of a workspace; :meth:`open` it.

    ``kept`` are the version files beside it, ``outbox`` the notices that wait.
    """

    def __init__(self, path: Path, kept: Versions, connections: sa.Engine) -> None:
        self.kept = kept
        self._notified = notified_log.NotifiedLog(path.with_name(notified_log.FILE_NAME))
        self.outbox = Outbox(self, self._notified)
        self._path = path
        self._engine = connections
        self._joined: sa.Connection | None = None
        self._looking: sa.Connection | None = None

    @classmethod
    def open(cls, folder: Path, patience: float = 10.0) -> Self:
        """Open the store in ``folder``, or make it.

        A database that is damaged or of another form is renamed, never deleted,
        and made anew: the version index and what was handed in come again from
        the kept versions, what was notified from its file, the rest with the next
        pass.

        Args:
            folder: the workspace's state folder.
            patience: how many seconds to wait for another xlflow that is writing.

        Raises:
            StoreError: the folder or the file can't be used.
        """
        path, kept = folder / FILE_NAME, Versions(folder / VERSIONS)
        store = cls(path, kept, engine.opened(path, patience))
        with store.reading() as connection:
            if engine.declared(connection):
                return store
        with store.begin() as connection:
            if engine.declare(connection):
                for version in kept.everything():
                    _index(connection, version)
                import_log(connection, store._notified.all())
        return store

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Do what is called within in one transaction: all of it, or nothing."""
        if self._joined is not None:
            yield self._joined
            return
        with self._connected(self._engine) as connection:
            self._joined = connection
            try:
                yield connection
            finally:
                self._joined = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See the store as it is at one moment, whatever is being written beside it."""
        if (joined := self._joined or self._looking) is not None:
            yield joined
            return
        with self._connected(engine.for_reading(self._engine)) as connection:
            self._looking = connection
            try:
                yield connection
            finally:
                self._looking = None

    @contextmanager
    def _connected(self, connections: sa.Engine) -> Iterator[sa.Connection]:
        with engine.explained(self._engine, self._path), connections.begin() as connection:
            yield connection

    # Versions

    def keep(
        self,
        workbook: str,
        data: bytes,
        *,
        content: str,
        seen: datetime,
        rows: Iterable[Row],
        written_by: str = TEAM,
        last_modified_by: str | None = None,
    ) -> Version:
        """Keep a version of a workbook, which holds ``rows`` (see :meth:`Versions.keep`)."""
        version = self.kept.keep(
            workbook,
            data,
            content=content,
            seen=seen,
            months=months_of(rows),
            written_by=written_by,
            last_modified_by=last_modified_by,
        )
        with self.begin() as connection:
            _index(connection, version)
        return version

    def versions(self, workbook: str) -> tuple[Version, ...]:
        """Return the kept versions of a workbook, newest first."""
        versions = (
            workbook_state.decode_version(row) for row in self._all(sql_tables.version, workbook)
        )
        return tuple(sorted(versions, key=lambda version: version.number, reverse=True))

    def drop_versions(self, before: datetime) -> int:
        """Drop the versions that gave way before a real moment (:meth:`Versions.drop`)."""
        table, dropped = sql_tables.version, 0
        with self.begin() as connection:
            for version, heir in self.kept.drop(before):
                chosen = sa.and_(table.c.workbook == version.workbook, table.c.id == version.id)
                connection.execute(sa.delete(table).where(chosen))
                _index(connection, heir)
                dropped += 1
        return dropped

    # One workbook

    def state_of(self, workbook: str) -> WorkbookState | None:
        """Return how a workbook stands, None where it has never been seen."""
        found = self._all(sql_tables.workbook, workbook)
        return workbook_state.decode_state(found[0]) if found else None

    def workbooks(self) -> tuple[WorkbookState, ...]:
        """Return how every workbook stands, by team and name."""
        order = (sql_tables.workbook.c.team, sql_tables.workbook.c.workbook)
        with self.reading() as connection:
            rows = connection.execute(sa.select(sql_tables.workbook).order_by(*order)).mappings()
            return tuple(workbook_state.decode_state(dict(row)) for row in rows)

    def memory(self, workbook: str) -> tuple[Row, ...]:
        """Return the rows last recorded of a workbook, as they were, in the order of the file."""
        standing = self._all(sql_tables.workbook, workbook)
        return tuple(
            decode_row(table.name, record, date1904=standing[0]["date1904"])
            for table in TABLES
            for record in sorted(
                self._all(sql_tables.ROWS[table.name], workbook),
                key=lambda record: record["number"],
            )
        )

    def findings(self, workbook: str) -> tuple[Finding, ...]:
        """Return what was found in a workbook as last read."""
        return tuple(
            workbook_state.decode_finding(row)
            for row in self._all(sql_tables.finding, workbook)
            if row["version_after"] is None
        )

    def changes(self, workbook: str) -> tuple[RecordedChange, ...]:
        """Return what changed in a workbook, and what was found about that, oldest first."""
        edits = [
            RecordedChange(
                read(row),
                row["version_before"],
                row["version_after"],
                datetime.fromisoformat(row["seen"]),
            )
            for table, read in (
                (sql_tables.change, workbook_state.decode_change),
                (sql_tables.finding, workbook_state.decode_finding),
            )
            for row in self._all(table, workbook)
            if row["version_after"] is not None
        ]
        return tuple(sorted(edits, key=lambda edit: edit.seen))

    def record(
        self,
        workbook: str,
        team: str,
        outcome: Outcome,
        *,
        version: Version,
        sha256: str,
        inputs: str,
        as_of: datetime,
        status: str = RECORDED,
        reason: Reason | None = None,
        waiting: bool = False,
        notify: bool = True,
    ) -> None:
        """Record all that follows from one content: rows and findings replaced, the rest added.

        ``version`` is the kept version of the content, ``sha256`` that of the
        file as it now lies, flags included. ``notify`` queues a notice for each
        item that is newly overdue or due soon and each finding that is newly an
        error. If they don't all find room the workbook is looked at again soon.
        """
        with self.begin() as connection:
            before = self.state_of(workbook)
            told = not notify or notice_queue.queue(connection, workbook, outcome, as_of)
            self._set_state(
                before,
                workbook,
                team=team,
                sha256=sha256,
                inputs=inputs,
                content=outcome.content,
                version=version.id,
                status=status,
                reason=reason,
                as_of=as_of,
                valid_from=outcome.valid_from.isoformat(),
                valid_until=(
                    outcome.valid_until if told else min(outcome.valid_until, as_of + _FULL)
                ).isoformat(),
                waiting=waiting,
                date1904=outcome.snapshot.date1904,
                rows=len(outcome.rows),
                findings=len(outcome.findings),
                overdue=sum(computed.late is True for computed in outcome.computed.values()),
                last_modified_by=outcome.snapshot.last_modified_by,
                last_good=as_of.isoformat(),
            )
            _replace_rows(connection, workbook, outcome)
            _replace_findings(connection, workbook, outcome, as_of)
            step = {
                "workbook": workbook,
                "version_before": before.version if before else None,
                "version_after": version.id,
                "seen": as_of.isoformat(),
            }
            edited = [
                step | workbook_state.encode_finding(found) for found in outcome.change_findings
            ]
            _insert(connection, sql_tables.finding, edited)
            changed = [step | workbook_state.encode_change(change) for change in outcome.changes]
            _insert(connection, sql_tables.change, changed)

    def set_status(
        self,
        workbook: str,
        team: str,
        status: str,
        reason: Reason | None,
        *,
        as_of: datetime,
        sha256: str | None = None,
        inputs: str | None = None,
    ) -> None:
        """Note that a workbook can't be read, or isn't to be; its last good rows stay.

        ``sha256`` and ``inputs`` are given where only another content could
        change that. One that doesn't count has nothing to tell.
        """
        with self.begin() as connection:
            if status in NOT_ROLLED_UP:
                box = sql_tables.outbox
                connection.execute(sa.delete(box).where(box.c.workbook == workbook))
            self._set_state(
                self.state_of(workbook),
                workbook,
                team=team,
                status=status,
                reason=reason,
                as_of=as_of,
                sha256=sha256,
                inputs=inputs,
                valid_until=None,
            )

    def mark_seen(self, workbook: str, as_of: datetime) -> None:
        """Note that a workbook lies there unchanged, which may hand in a further month."""
        table = sql_tables.workbook
        with self.begin() as connection:
            known = self.state_of(workbook)
            connection.execute(
                sa.update(table)
                .where(table.c.workbook == workbook)
                .values(last_seen=as_of.isoformat())
            )
            for version in self.versions(workbook):
                if known is not None and version.id == known.version:
                    _index(connection, self.kept.seen_again(version, as_of))

    def rename(self, old: str, new: str, team: str) -> None:
        """Let everything known of a workbook go by its new name."""
        self.kept.rename(old, new)
        with self.begin() as connection:
            self._notified.rename(old, new)
            self.forget(new)
            connection.execute(
                sa.update(sql_tables.workbook)
                .where(sql_tables.workbook.c.workbook == old)
                .values(workbook=new, team=team)
            )
            connection.execute(
                sa.delete(sql_tables.version).where(sql_tables.version.c.workbook == old)
            )
            for version in self.kept.all(new):
                _index(connection, version)
            for table in (
                sql_tables.handed_in,
                sql_tables.outbox,
                sql_tables.notified,
                sql_tables.intent,
            ):
                connection.execute(
                    sa.update(table)
                    .prefix_with("OR REPLACE")
                    .where(table.c.workbook == old)
                    .values(workbook=new)
                )

    def forget(self, workbook: str) -> None:
        """Drop what a workbook held; its versions, and what it handed in, stay."""
        table = sql_tables.workbook
        with self.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.workbook == workbook))

    # Writing into workbooks

    def begin_write(self, workbook: str, before: str, after: str, as_of: datetime) -> int:
        """Record that the bytes ``before`` are about to give way to ``after`` (SHA-256 both)."""
        intent = sql_tables.intent
        with self.begin() as connection:
            made = connection.execute(
                sa.insert(intent)
                .values(
                    workbook=workbook, before=before, after=after, intended_at=as_of.isoformat()
                )
                .returning(intent.c.id)
            )
            return int(made.scalar_one())

    def end_write(self, intent: int, outcome: str) -> None:
        """Record how an intended write ended."""
        table = sql_tables.intent
        with self.begin() as connection:
            connection.execute(sa.update(table).where(table.c.id == intent).values(outcome=outcome))

    def open_writes(self) -> tuple[WriteIntent, ...]:
        """Return the intended writes whose end isn't known: xlflow was stopped in between."""
        table = sql_tables.intent
        chosen = sa.select(
            table.c.id, table.c.workbook, table.c.before, table.c.after, table.c.intended_at
        ).where(table.c.outcome.is_(None))
        with self.reading() as connection:
            rows = connection.execute(chosen.order_by(table.c.id)).all()
        return tuple(WriteIntent(*row[:4], datetime.fromisoformat(row.intended_at)) for row in rows)

    def set_frozen(self, reason: Reason | None) -> None:
        """Note why nothing is flagged or rolled up, None where it is."""
        if reason == self.frozen():
            return
        table, frozen = sql_tables.meta, workbook_state.encode_reason(reason)
        with self.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.name == _FROZEN))
            if frozen is not None:
                connection.execute(sa.insert(table).values(name=_FROZEN, value=frozen))

    def frozen(self) -> Reason | None:
        """Return why the last pass flagged and rolled up nothing, None where it did."""
        chosen = sa.select(sql_tables.meta.c.value).where(sql_tables.meta.c.name == _FROZEN)
        with self.reading() as connection:
            return workbook_state.decode_reason(connection.scalar(chosen))

    # What leaves the store

    def record_summary(self, month: str, digest: str, path: str, source: str) -> None:
        """Record which data a month's summary shows, and from which state of the store."""
        values = {"month": month, "digest": digest, "path": path, "source": source}
        with self.begin() as connection:
            connection.execute(
                insert(sql_tables.summary).values(values).on_conflict_do_update(set_=values)
            )

    def summary(self, month: str) -> WrittenSummary | None:
        """Return what was recorded of a month's summary, None where none was written."""
        table = sql_tables.summary
        chosen = sa.select(table.c.digest, table.c.path, table.c.source)
        with self.reading() as connection:
            row = connection.execute(chosen.where(table.c.month == month)).one_or_none()
        return WrittenSummary(*row) if row is not None else None

    def queued(self) -> int:
        """Return how many notices wait."""
        with self.reading() as connection:
            return int(connection.scalar(sa.select(sa.func.count(sql_tables.outbox.c.id))) or 0)

    def _all(self, table: sa.Table, workbook: str) -> list[dict[str, Any]]:
        chosen = sa.select(table).where(table.c.workbook == workbook)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def _set_state(
        self,
        before: WorkbookState | None,
        workbook: str,
        *,
        status: str,
        reason: Reason | None,
        as_of: datetime,
        **values: Any,
    ) -> None:
        table, now = sql_tables.workbook, as_of.isoformat()
        values |= {
            "status": status,
            "reason": workbook_state.encode_reason(reason),
            "last_seen": now,
            "since": before.since.isoformat() if before and before.status == status else now,
        }
        with self.begin() as connection:
            if before is None:
                connection.execute(
                    sa.insert(table).values(workbook=workbook, first_seen=now, **values)
                )
            else:
                connection.execute(
                    sa.update(table).where(table.c.workbook == workbook).values(**values)
                )


def _replace_rows(connection: sa.Connection, workbook: str, outcome: Outcome) -> None:
    for table in TABLES:
        target = sql_tables.ROWS[table.name]
        connection.execute(sa.delete(target).where(target.c.workbook == workbook))
        held = [
            {"workbook": workbook, **encode_row(row, outcome.computed[row.id])}
            for row in outcome.rows
            if row.table is table
        ]
        _insert(connection, target, held)


def _replace_findings(
    connection: sa.Connection, workbook: str, outcome: Outcome, as_of: datetime
) -> None:
    table = sql_tables.finding
    connection.execute(
        sa.delete(table).where(table.c.workbook == workbook, table.c.version_after.is_(None))
    )
    place = {"workbook": workbook, "seen": as_of.isoformat()}
    _insert(connection, table, [place | workbook_state.encode_finding(f) for f in outcome.findings])


def _index(connection: sa.Connection, version: Version) -> None:
    """Put a version into the index, and what it hands in beside it, the earliest sight counting."""
    record = workbook_state.encode_version(version)
    connection.execute(insert(sql_tables.version).values(record).on_conflict_do_update(set_=record))
    handing = insert(sql_tables.handed_in)
    handing = handing.on_conflict_do_update(
        set_={
            "first_seen": sa.func.min(
                sql_tables.handed_in.c.first_seen, handing.excluded.first_seen
            )
        }
    )
    months = [
        {"workbook": version.workbook, "month": month, "first_seen": first.isoformat()}
        for month, first in version.months.items()
        if first is not None
    ]
    if months:
        connection.execute(handing, months)


def _insert(connection: sa.Connection, table: sa.Table, held: list[dict[str, Any]]) -> None:
    if held:
        connection.execute(sa.insert(table), held)
