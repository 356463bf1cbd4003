"""Rows that a workbook has in common with others: where each counts, and what is found about it.

Which rows these are is decided in :mod:`xlflow.sync.copy_detection`. A finding about
them names the other workbook as its value.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import sqlalchemy as sa

from xlflow.facts import Finding
from xlflow.store import record_encoding, sql_tables
from xlflow.store.sql_tables import ROWS
from xlflow.store.state_encoding import to_json
from xlflow.store.status import SHARING_CODES

RowKey = tuple[str, str]
"""A row within a workbook: its table's name and its id."""


class Sharing(NamedTuple):
    """What a workbook shares with others that are counted, too.

    ``counted_in`` maps each row that counts elsewhere to the workbook that it counts in.
    """

    counted_in: Mapping[RowKey, str] = {}
    findings: tuple[Finding, ...] = ()

    @property
    def partners(self) -> set[str]:
        """The other workbooks."""
        return {*self.counted_in.values(), *(f.value for f in self.findings if f.value)}


def row_keys(connection: sa.Connection, workbook: str) -> set[RowKey]:
    """Return the rows that are remembered of a workbook."""
    return {
        (name, row_id)
        for name, table in ROWS.items()
        for row_id in connection.scalars(
            sa.select(table.c.row_id).where(table.c.workbook == workbook)
        )
    }


def holders(connection: sa.Connection, keys: Collection[RowKey]) -> dict[str, set[RowKey]]:
    """Return which of some rows each workbook has."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for name, row_id in keys:
        by_table[name].append(row_id)
    found: dict[str, set[RowKey]] = defaultdict(set)
    for name, ids in by_table.items():
        table = ROWS[name].c
        asked = sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value)
        query = sa.select(table.workbook, table.row_id).where(table.row_id.in_(asked))
        for workbook, row_id in connection.execute(query):
            found[workbook].add((name, row_id))
    return found


def sharing_of(connection: sa.Connection, workbook: str) -> Sharing:
    """Return what is recorded of the rows that a workbook shares."""
    counted_in: dict[RowKey, str] = {}
    for name, table in ROWS.items():
        query = sa.select(table.c.row_id, table.c.counted_in).where(
            table.c.workbook == workbook, table.c.counted_in.is_not(None)
        )
        counted_in |= {(name, row.row_id): row.counted_in for row in connection.execute(query)}
    query = sa.select(sql_tables.finding).where(_about_sharing(workbook))
    findings = connection.execute(query).mappings().all()
    return Sharing(counted_in, tuple(record_encoding.decode_finding(dict(f)) for f in findings))


def pairs(connection: sa.Connection, *, unsaid: bool) -> dict[str, set[str]]:
    """Return the workbooks with which each workbook shares rows, as far as recorded.

    Findings say so, unless their rules are switched off: with ``unsaid`` all rows are
    looked at, too.
    """
    if not unsaid:
        return pairs_of_findings(connection)
    queries = [
        sa.select(table.c.workbook, table.c.counted_in)
        .where(table.c.counted_in.is_not(None))
        .distinct()
        for table in ROWS.values()
    ]
    found = _symmetrical(connection, queries)
    for workbook, others in pairs_of_findings(connection).items():
        found[workbook] = found.get(workbook, set()) | others
    return found


def set_sharing(connection: sa.Connection, workbook: str, sharing: Sharing, seen: str) -> None:
    """Replace what is recorded of the rows that a workbook shares."""
    for name, table in ROWS.items():
        of_workbook = table.c.workbook == workbook
        flagged = sa.and_(of_workbook, table.c.counted_in.is_not(None))
        connection.execute(sa.update(table).where(flagged).values(counted_in=None))
        by_other: dict[str, list[str]] = defaultdict(list)
        for (of_table, row_id), other in sharing.counted_in.items():
            if of_table == name:
                by_other[other].append(row_id)
        for other, ids in by_other.items():
            asked = sa.select(sa.func.json_each(json.dumps(ids)).table_valued("value").c.value)
            chosen = sa.and_(of_workbook, table.c.row_id.in_(asked))
            connection.execute(sa.update(table).where(chosen).values(counted_in=other))
    finding = sql_tables.finding
    connection.execute(sa.delete(finding).where(_about_sharing(workbook)))
    names: tuple[str, ...] = Finding._fields
    records: list[dict[str, Any]] = [
        {"workbook": workbook, "seen": seen, **dict(zip(names, record, strict=True))}
        for record in record_encoding.finding_records(sharing.findings)
    ]
    if records:
        connection.execute(sa.insert(finding), records)
    _count_findings(connection, workbook)


def forget(connection: sa.Connection, workbook: str) -> None:
    """Let the others count what they shared with a workbook that no longer counts."""
    for table in ROWS.values():
        shared = sa.or_(table.c.counted_in == workbook, table.c.workbook == workbook)
        flagged = sa.and_(shared, table.c.counted_in.is_not(None))
        connection.execute(sa.update(table).where(flagged).values(counted_in=None))
    for other in pairs_of_findings(connection).get(workbook, ()):
        about = sa.and_(_about_sharing(other), sql_tables.finding.c.value == workbook)
        connection.execute(sa.delete(sql_tables.finding).where(about))
        _count_findings(connection, other)
    connection.execute(sa.delete(sql_tables.finding).where(_about_sharing(workbook)))
    _count_findings(connection, workbook)


def rename(connection: sa.Connection, old: str, new: str) -> None:
    """Let the others name a renamed workbook by its new name."""
    names = {PurePosixPath(old).name: PurePosixPath(new).name}
    for table in ROWS.values():
        counted = table.c.counted_in == old
        connection.execute(sa.update(table).where(counted).values(counted_in=new))
    finding = sql_tables.finding
    about = sa.and_(finding.c.code.in_(SHARING_CODES), finding.c.version_after.is_(None))
    concerned = sa.or_(finding.c.value == old, finding.c.workbook == old)
    query = sa.select(finding.c.id, finding.c.params, finding.c.value).where(about, concerned)
    for number, params, value in connection.execute(query).all():
        renamed = {
            name: names.get(fact, fact) if isinstance(fact, str) else fact
            for name, fact in json.loads(params).items()
        }
        values = {"params": to_json(renamed), "value": new if value == old else value}
        connection.execute(sa.update(finding).where(finding.c.id == number).values(values))


def pairs_of_findings(connection: sa.Connection) -> dict[str, set[str]]:
    """Return the workbooks that findings name together."""
    finding = sql_tables.finding.c
    query = sa.select(finding.workbook, finding.value).where(
        finding.code.in_(SHARING_CODES), finding.version_after.is_(None)
    )
    return _symmetrical(connection, [query])


def _symmetrical(
    connection: sa.Connection, queries: Iterable[sa.Select[Any]]
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for query in queries:
        for workbook, other in connection.execute(query):
            found[workbook].add(other)
            found[other].add(workbook)
    return dict(found)


def _count_findings(connection: sa.Connection, workbook: str) -> None:
    finding, book = sql_tables.finding, sql_tables.workbook
    present = sa.and_(finding.c.workbook == workbook, finding.c.version_after.is_(None))
    count = sa.select(sa.func.count()).select_from(finding).where(present).scalar_subquery()
    connection.execute(sa.update(book).where(book.c.workbook == workbook).values(findings=count))


def _about_sharing(workbook: str) -> sa.ColumnElement[bool]:
    finding = sql_tables.finding.c
    return sa.and_(
        finding.workbook == workbook,
        finding.code.in_(SHARING_CODES),
        finding.version_after.is_(None),
    )
