"""The store of one workspace: what was read, found and written, between passes.

One SQLite file in the state folder. Everything that follows from one content of
one workbook is recorded in one transaction (:meth:`Store.record`); calls within
:meth:`Store.begin` share one transaction. A store belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import fields
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.errors import StoreError
from xlflow.facts import Change, Finding, Row
from xlflow.schema import TABLES
from xlflow.store import (
    form,
    notice_queue,
    notified_log,
    record_encoding,
    shared_rows,
    sql_tables,
    state_encoding,
)
from xlflow.store.encoded_outcome import EncodedOutcome
from xlflow.store.outbox import Outbox
from xlflow.store.row_encoding import decode_row
from xlflow.store.shared_rows import RowKey, Sharing
from xlflow.store.status import FILE_NAME, FROZEN
from xlflow.store.transactions import Transactions
from xlflow.store.versions import TEAM, Known, Version, Versions
from xlflow.store.workbook_state import (
    Reason,
    RecordedChange,
    WorkbookState,
    WriteIntent,
    WrittenSummary,
)

VERSIONS = "versions"
_RETRY_FULL = timedelta(minutes=10)  # when a full outbox is tried again

RECORDED, DEFERRED, UNREADABLE, CONFLICT = "recorded", "deferred", "unreadable", "conflict"
GONE = "gone"
"""No longer in the folder: remembered in case it returns, not rolled up until then."""

NOT_ROLLED_UP = (CONFLICT, GONE)

_STEP = ("workbook", "version_before", "version_after", "seen")
_FINDING = (*_STEP, *Finding._fields)
_CHANGE = (*_STEP, *(field.name for field in fields(Change)))
_ROW_ID = sql_tables.ROWS[TABLES[0].name].columns.keys().index("row_id")  # the same in all

_STATES = sa.select(*(sql_tables.workbook.c[name] for name in state_encoding.STATE))


class Store:
    """The store of a workspace; :meth:`open` it.

    ``kept`` are the version files in the same folder, ``outbox`` the waiting notices.
    """

    def __init__(self, folder: Path, transactions: Transactions) -> None:
        self.kept = Versions(folder / VERSIONS)
        self._unindexed: list[Version] = []
        notified = notified_log.NotifiedLog(folder / notified_log.FILE_NAME)
        self.outbox = Outbox(transactions, notified)
        self._transactions = transactions

    @classmethod
    def open(cls, folder: Path, patience: float = 10.0, *, migrate: bool = False) -> Self:
        """Open the store in ``folder``, or make it.

        A damaged database is renamed, never deleted, and made anew: the index of
        versions and what was handed in are read from the kept versions, what was
        notified from its log, the rest comes with the next pass.

        Args:
            folder: the workspace's state folder.
            patience: how many seconds to wait for another xlflow that is writing.
            migrate: whether a database of an older form is brought to the present
                one. Commands that only answer questions leave it as it is.

        Raises:
            StoreError: the folder or the file can't be used; the database has an
                older form and may not be migrated, or was made by a newer xlflow.
        """
        transactions, has_tables, former = form.opened(
            folder / FILE_NAME, patience, migrate=migrate
        )
        store = cls(folder, transactions)
        if has_tables:
            return store
        with store.begin() as connection:
            if form.create(connection):
                versions = list(store.kept.everything())
                for version in versions:
                    _index(connection, version)
                if versions:
                    form.note_rebuild(connection, str(former or ""))
                store.outbox.import_new_entries(connection)
        return store

    def close(self) -> None:
        """Close the file."""
        with suppress(StoreError):  # then the file alone says that a version is kept
            self._index_now()
        self._transactions.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Run what is called within in one transaction (:meth:`Transactions.begin`)."""
        unindexed = self._unindexed
        try:
            with self._transactions.begin() as connection:
                for version in unindexed:
                    _index(connection, version)
                self._unindexed = []
                yield connection
        except BaseException:
            self._unindexed = unindexed
            raise

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Read the store as it is at one moment (:meth:`Transactions.reading`)."""
        return self._transactions.reading()

    # After a rebuild

    def former_database(self) -> str | None:
        """Return the path of the database that this one replaces.

        None if it replaces none, or once its changes are recorded; "" if it was deleted.
        """
        with self.reading() as connection:
            return form.noted_rebuild(connection)

    def end_rebuild(self) -> None:
        """Note that the changes of the former database are recorded."""
        with self.begin() as connection:
            form.note_rebuild(connection, None)

    def record_step(
        self,
        before: Version,
        after: Version,
        changes: Sequence[Change],
        change_findings: Sequence[Finding],
    ) -> None:
        """Record what changed between two kept versions, as of when the later one was seen."""
        place = (after.workbook, before.id, after.id, after.seen.isoformat())
        findings = record_encoding.finding_records(change_findings)
        edits = record_encoding.change_records(changes)
        with self.begin() as connection:
            finding = sql_tables.finding
            _insert(connection, finding, _FINDING, [(*place, *each) for each in findings])
            _insert(connection, sql_tables.change, _CHANGE, [(*place, *each) for each in edits])

    # Versions

    def keep(
        self,
        workbook: str,
        data: bytes,
        *,
        content: str,
        seen: datetime,
        months: Iterable[str],
        written_by: str = TEAM,
        last_modified_by: str | None = None,
        index_later: bool = False,
    ) -> Version:
        """Keep a version of a workbook with rows of some months (see :meth:`Versions.keep`).

        With ``index_later`` it is indexed in the transaction that comes next, instead of
        in one of its own. If none comes, the version is found by its file the next time
        that a version of the workbook is kept.
        """
        version = self.kept.keep(
            workbook,
            data,
            content=content,
            seen=seen,
            months=months,
            written_by=written_by,
            last_modified_by=last_modified_by,
            known=self._known(workbook, content),
        )
        self._unindexed.append(version)
        if not index_later:
            self._index_now()
        return version

    def versions(self, workbook: str, limit: int | None = None) -> tuple[Version, ...]:
        """Return the kept versions of a workbook, newest first; only so many with ``limit``."""
        self._index_now()
        table = sql_tables.version
        query = sa.select(table).where(table.c.workbook == workbook)
        with self.reading() as connection:
            found = connection.execute(query.order_by(table.c.number.desc()).limit(limit))
            return tuple(record_encoding.decode_version(dict(row)) for row in found.mappings())

    def version_count(self, workbook: str) -> int:
        """Return how many versions of a workbook are kept."""
        self._index_now()
        table = sql_tables.version
        query = sa.select(sa.func.count()).where(table.c.workbook == workbook)
        with self.reading() as connection:
            return int(connection.scalar(query) or 0)

    def _known(self, workbook: str, content: str) -> Known:
        """Return what the index knows of a workbook's versions, once it agrees with the files."""
        self._index_now()
        table = sql_tables.version
        of_workbook = table.c.workbook == workbook
        ids = self.kept.ids(workbook)
        with self.reading() as connection:
            indexed = frozenset(connection.scalars(sa.select(table.c.id).where(of_workbook)))
        found = (self.kept.read(workbook, identity) for identity in ids - indexed)
        self._unindexed += [version for version in found if version is not None]
        self._index_now()
        same = sa.select(table).where(of_workbook, table.c.content == content)
        newest = sa.select(table.c.id, table.c.number).where(of_workbook)
        with self.reading() as connection:
            versions = [
                record_encoding.decode_version(dict(row))
                for row in connection.execute(same).mappings()
            ]
            last = connection.execute(newest.order_by(table.c.number.desc()).limit(1)).first()
        state = self.state_of(workbook)
        if state is not None and state.version is not None and last is not None:
            # A version that was kept and not recorded, by a pass that was killed, is newer.
            current = {state.version, last.id}
        else:
            current = {self.kept.last_current(workbook)}
        return Known(
            same=next((version for version in versions if version.id in ids), None),
            ids=ids,
            last_number=last.number if last is not None else 0,
            current=frozenset(identity for identity in current if identity is not None),
        )

    def _index_now(self) -> None:
        if self._unindexed:
            with self.begin():
                pass

    def drop_versions(self, before: datetime) -> int:
        """Drop the versions that were replaced before a real moment (:meth:`Versions.drop`)."""
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
        """Return a workbook's state, None if it has never been seen."""
        table = sql_tables.workbook
        with self.reading() as connection:
            row = connection.execute(_STATES.where(table.c.workbook == workbook)).one_or_none()
        return state_encoding.decode_state(row) if row is not None else None

    def workbooks(self) -> tuple[WorkbookState, ...]:
        """Return every workbook's state, by team and name."""
        table = sql_tables.workbook
        with self.reading() as connection:
            rows = connection.execute(_STATES.order_by(table.c.team, table.c.workbook)).all()
        return tuple(map(state_encoding.decode_state, rows))

    def valid_until(self) -> datetime | None:
        """Return when the first outcome ceases to hold, None without any."""
        with self.reading() as connection:
            text = connection.scalar(sa.select(sa.func.min(sql_tables.workbook.c.valid_until)))
        return datetime.fromisoformat(text) if text else None

    def first_pass(self) -> datetime | None:
        """Return when a workbook was first seen, None if none was."""
        firsts = sa.union_all(
            sa.select(sa.func.min(sql_tables.workbook.c.first_seen).label("first")),
            sa.select(sa.func.min(sql_tables.version.c.seen)),
        ).subquery()
        with self.reading() as connection:
            text = connection.scalar(sa.select(sa.func.min(firsts.c.first)))
        return datetime.fromisoformat(text) if text else None

    def states_digest(self) -> str:
        """Return a digest of all states but for when each workbook was last seen."""
        columns = (c for c in sql_tables.workbook.columns if c.name != "last_seen")
        # As one text each, records are read in half the time.
        query = sa.select(sa.func.json_array(*columns)).order_by(sql_tables.workbook.c.workbook)
        with self.reading() as connection:
            records = connection.scalars(query).all()
        return sha256("\n".join(records).encode("utf-8", "backslashreplace")).hexdigest()

    def memory(self, workbook: str) -> tuple[Row, ...]:
        """Return the rows last recorded of a workbook, table by table in the order of the file."""
        state = self._all(sql_tables.workbook, workbook)
        return tuple(
            decode_row(table.name, record, date1904=state[0]["date1904"])
            for table in TABLES
            for record in sorted(
                self._all(sql_tables.ROWS[table.name], workbook),
                key=lambda record: record["number"],
            )
        )

    def findings(self, workbook: str) -> tuple[Finding, ...]:
        """Return the findings in a workbook as last recorded."""
        return tuple(
            record_encoding.decode_finding(row)
            for row in self._all(sql_tables.finding, workbook)
            if row["version_after"] is None
        )

    def changes(self, workbook: str) -> tuple[RecordedChange, ...]:
        """Return the changes of a workbook and the findings about them, oldest first."""
        changes = [
            RecordedChange(
                decode(row),
                row["version_before"],
                row["version_after"],
                datetime.fromisoformat(row["seen"]),
            )
            for table, decode in (
                (sql_tables.change, record_encoding.decode_change),
                (sql_tables.finding, record_encoding.decode_finding),
            )
            for row in self._all(table, workbook)
            if row["version_after"] is not None
        ]
        return tuple(sorted(changes, key=lambda change: change.seen))

    def record(
        self,
        workbook: str,
        team: str,
        outcome: EncodedOutcome,
        *,
        version: Version,
        sha256: str,
        inputs: str,
        as_of: datetime,
        status: str = RECORDED,
        reason: Reason | None = None,
        waiting: bool = False,
        notify: bool = True,
        sharing: Sharing | None = None,
    ) -> None:
        """Record all that follows from one content: rows and findings replaced, the rest added.

        ``version`` is the kept version of the content, ``sha256`` the digest of the
        file as it is now, flags included. ``notify`` queues a notice for each item
        that is newly overdue or due soon and for each new error. If the outbox has
        no room for all of them, the workbook is processed again soon. ``sharing`` is what
        it shares with others; None leaves what is recorded of that.
        """
        with self.begin() as connection:
            before = self.state_of(workbook)
            if sharing is None:
                sharing = shared_rows.sharing_of(connection, workbook)
            elsewhere = {row_id for _, row_id in sharing.counted_in}
            notices = [notice for notice in outcome.notices if notice.item not in elsewhere]
            all_queued = not notify or notice_queue.queue(
                connection, workbook, notices, _row_ids(outcome), as_of
            )
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
                    outcome.valid_until
                    if all_queued
                    else min(outcome.valid_until, as_of + _RETRY_FULL)
                ).isoformat(),
                waiting=waiting,
                date1904=outcome.date1904,
                rows=outcome.row_count,
                findings=len(outcome.findings),
                overdue=outcome.overdue,
                last_modified_by=outcome.last_modified_by,
                last_good=as_of.isoformat(),
            )
            _replace_rows(connection, outcome)
            seen = as_of.isoformat()
            before_after = before.version if before else None, version.id
            finding, change = sql_tables.finding, sql_tables.change
            now = sa.and_(finding.c.workbook == workbook, finding.c.version_after.is_(None))
            connection.execute(sa.delete(finding).where(now))
            for records, versions in (
                (outcome.findings, (None, None)),
                (outcome.change_findings, before_after),
            ):
                place = (workbook, *versions, seen)
                _insert(connection, finding, _FINDING, [(*place, *each) for each in records])
            place = (workbook, *before_after, seen)
            _insert(connection, change, _CHANGE, [(*place, *each) for each in outcome.changes])
            if sharing != Sharing():
                shared_rows.set_sharing(connection, workbook, sharing, seen)

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
        """Record why a workbook isn't recorded now; its last good rows stay.

        ``sha256`` and ``inputs`` are given if only another content could change
        that. Notices of a workbook that isn't rolled up are withdrawn.
        """
        with self.begin() as connection:
            if status in NOT_ROLLED_UP:
                box = sql_tables.outbox
                connection.execute(sa.delete(box).where(box.c.workbook == workbook))
                shared_rows.forget(connection, workbook)
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

    def row_keys(self, workbook: str) -> set[RowKey]:
        """Return the rows that are remembered of a workbook."""
        with self.reading() as connection:
            return shared_rows.row_keys(connection, workbook)

    def holders(self, keys: Collection[RowKey]) -> dict[str, set[RowKey]]:
        """Return which of some rows each workbook has."""
        with self.reading() as connection:
            return shared_rows.holders(connection, keys)

    def sharing_of(self, workbook: str) -> Sharing:
        """Return what is recorded of the rows that a workbook shares with others."""
        with self.reading() as connection:
            return shared_rows.sharing_of(connection, workbook)

    def sharing_pairs(self, *, unsaid: bool) -> dict[str, set[str]]:
        """Return the workbooks that share rows, as recorded (:func:`shared_rows.pairs`)."""
        with self.reading() as connection:
            return shared_rows.pairs(connection, unsaid=unsaid)

    def set_sharing(self, workbook: str, sharing: Sharing, as_of: datetime) -> None:
        """Replace what is recorded of the rows that a workbook shares with others."""
        with self.begin() as connection:
            shared_rows.set_sharing(connection, workbook, sharing, as_of.isoformat())

    def last_edits(self) -> dict[str, datetime]:
        """Return when the present version of each workbook was first seen."""
        version, book = sql_tables.version.c, sql_tables.workbook.c
        query = sa.select(version.workbook, version.seen).join_from(
            sql_tables.version,
            sql_tables.workbook,
            sa.and_(version.workbook == book.workbook, version.id == book.version),
        )
        with self.reading() as connection:
            return {name: datetime.fromisoformat(seen) for name, seen in connection.execute(query)}

    def mark_seen(self, workbook: str, as_of: datetime) -> None:
        """Record that a workbook was seen unchanged, by which another month may be handed in."""
        table = sql_tables.workbook
        with self.begin() as connection:
            known = self.state_of(workbook)
            connection.execute(
                sa.update(table)
                .where(table.c.workbook == workbook)
                .values(last_seen=as_of.isoformat())
            )
            query = sa.select(sql_tables.version).where(
                sql_tables.version.c.workbook == workbook,
                sql_tables.version.c.id == (known.version if known is not None else None),
            )
            for row in connection.execute(query).mappings().all():
                version = record_encoding.decode_version(dict(row))
                seen = self.kept.seen_again(version, as_of)
                if seen is not version:
                    _index(connection, seen)

    def rename(self, old: str, new: str, team: str) -> None:
        """Move everything known of a workbook to its new name."""
        self._index_now()
        self.kept.rename(old, new)
        with self.begin() as connection:
            self.outbox.rename(old, new)
            shared_rows.rename(connection, old, new)
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
        """Delete a workbook's rows and findings; its versions and what it handed in stay."""
        table = sql_tables.workbook
        with self.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.workbook == workbook))

    # Writing into workbooks

    def begin_write(self, workbook: str, before: str, after: str, as_of: datetime) -> int:
        """Record that ``before`` is about to be replaced by ``after`` (SHA-256); return an id."""
        intent = sql_tables.intent
        with self.begin() as connection:
            inserted = connection.execute(
                sa.insert(intent)
                .values(
                    workbook=workbook, before=before, after=after, intended_at=as_of.isoformat()
                )
                .returning(intent.c.id)
            )
            return int(inserted.scalar_one())

    def end_write(self, intent: int, outcome: str) -> None:
        """Record how an intended write ended."""
        table = sql_tables.intent
        with self.begin() as connection:
            connection.execute(sa.update(table).where(table.c.id == intent).values(outcome=outcome))

    def open_writes(self) -> tuple[WriteIntent, ...]:
        """Return the writes whose end isn't known: xlflow was stopped in between."""
        table = sql_tables.intent
        query = sa.select(
            table.c.id, table.c.workbook, table.c.before, table.c.after, table.c.intended_at
        ).where(table.c.outcome.is_(None))
        with self.reading() as connection:
            rows = connection.execute(query.order_by(table.c.id)).all()
        return tuple(WriteIntent(*row[:4], datetime.fromisoformat(row.intended_at)) for row in rows)

    def set_frozen(self, reason: Reason | None) -> None:
        """Record why nothing is flagged or rolled up; None if it is."""
        if reason == self.frozen():
            return
        table, frozen = sql_tables.meta, state_encoding.encode_reason(reason)
        with self.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.name == FROZEN))
            if frozen is not None:
                connection.execute(sa.insert(table).values(name=FROZEN, value=frozen))

    def frozen(self) -> Reason | None:
        """Return why the last pass flagged and rolled up nothing, None if it did."""
        query = sa.select(sql_tables.meta.c.value).where(sql_tables.meta.c.name == FROZEN)
        with self.reading() as connection:
            return state_encoding.decode_reason(connection.scalar(query))

    # Summaries and notices

    def record_summary(
        self, month: str, digest: str, path: str, source: str, as_of: datetime
    ) -> None:
        """Record the digests of a month's summary and of the store's data it was made from."""
        values = {"month": month, "digest": digest, "path": path, "source": source}
        values["as_of"] = as_of.isoformat()
        with self.begin() as connection:
            connection.execute(
                insert(sql_tables.summary).values(values).on_conflict_do_update(set_=values)
            )

    def summary(self, month: str) -> WrittenSummary | None:
        """Return what was recorded of a month's summary, None if none was written."""
        table = sql_tables.summary
        query = sa.select(table.c.digest, table.c.path, table.c.source, table.c.as_of)
        with self.reading() as connection:
            row = connection.execute(query.where(table.c.month == month)).one_or_none()
        if row is None:
            return None
        return WrittenSummary(*row[:3], datetime.fromisoformat(row.as_of) if row.as_of else None)

    def queued(self) -> int:
        """Return how many notices wait."""
        return self.outbox.count()

    def _all(self, table: sa.Table, workbook: str) -> list[dict[str, Any]]:
        query = sa.select(table).where(table.c.workbook == workbook)
        with self.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

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
            "reason": state_encoding.encode_reason(reason),
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


def _row_ids(outcome: EncodedOutcome) -> set[str]:
    return {record[_ROW_ID] for records in outcome.rows.values() for record in records}


def _replace_rows(connection: sa.Connection, outcome: EncodedOutcome) -> None:
    workbook = outcome.workbook
    for name, records in outcome.rows.items():
        table = sql_tables.ROWS[name]
        connection.execute(sa.delete(table).where(table.c.workbook == workbook))
        _insert(connection, table, table.columns.keys(), records)
    sheet = sql_tables.sheet
    connection.execute(sa.delete(sheet).where(sheet.c.workbook == workbook))
    columns = [(workbook, name, text) for name, text in outcome.columns.items()]
    _insert(connection, sheet, sheet.columns.keys(), columns)


def _index(connection: sa.Connection, version: Version) -> None:
    """Index a version, and the months it hands in by when each was first seen."""
    record = record_encoding.encode_version(version)
    connection.execute(insert(sql_tables.version).values(record).on_conflict_do_update(set_=record))
    hand_in = insert(sql_tables.handed_in)
    hand_in = hand_in.on_conflict_do_update(
        set_={
            "first_seen": sa.func.min(
                sql_tables.handed_in.c.first_seen, hand_in.excluded.first_seen
            )
        }
    )
    months = [
        {"workbook": version.workbook, "month": month, "first_seen": first.isoformat()}
        for month, first in version.months.items()
        if first is not None
    ]
    if months:
        connection.execute(hand_in, months)


def _insert(
    connection: sa.Connection,
    table: sa.Table,
    columns: Sequence[str],
    records: Sequence[tuple[Any, ...]],
) -> None:
    """Insert records as fast as the driver can; their texts must be storable."""
    if records:
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        connection.exec_driver_sql(statement, list(records))
