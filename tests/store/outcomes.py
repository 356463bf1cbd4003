"""Outcomes for tests: what a pass would record in the store for a set of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from xlflow.computing import compute_all
from xlflow.facts import Change, Finding, Outcome, Row, Snapshot, TableSheet
from xlflow.meaning.workdays import Calendar
from xlflow.schema import TABLES
from xlflow.store import Store
from xlflow.store.encoded_outcome import encode_outcome
from xlflow.store.row_encoding import months_of

AS_OF = datetime(2024, 7, 17)
"""What ``--as-of 2024-07-16`` means: a date alone is its 24:00."""

SHEETS = {
    table.name: TableSheet(
        table,
        table.sheet.zh,
        header_row=3,
        columns={column.field: place for place, column in enumerate(table.columns, start=1)},
        headers={column.field: column.header.zh for column in table.columns},
    )
    for table in TABLES
}
"""The four sheets, with every column at the schema's place."""


def outcome_of(
    rows: Sequence[Row],
    as_of: datetime = AS_OF,
    *,
    findings: Sequence[Finding] = (),
    change_findings: Sequence[Finding] = (),
    changes: Sequence[Change] = (),
    content: str = "",
    last_modified_by: str | None = None,
    date1904: bool = False,
    without: Collection[str] = (),
    tables: Collection[str] = tuple(SHEETS),
) -> Outcome:
    """Return the outcome of a workbook that holds ``rows``, in sheets without some columns."""
    sheets = {
        name: replace(sheet, columns={f: c for f, c in sheet.columns.items() if f not in without})
        for name, sheet in SHEETS.items()
        if name in tables
    }
    return Outcome(
        snapshot=Snapshot(
            tuple(sheets.values()), last_modified_by=last_modified_by, date1904=date1904
        ),
        rows=tuple(rows),
        computed=compute_all(rows, Calendar(), as_of),
        findings=tuple(findings),
        change_findings=tuple(change_findings),
        changes=tuple(changes),
        cells={},
        content=content or sha256(repr([(r.id, r.values) for r in rows]).encode()).hexdigest(),
        valid_from=as_of,
        valid_until=as_of,
    )


def record_rows(
    store: Store, workbook: str, rows: Sequence[Row], as_of: datetime = AS_OF, **more: Any
) -> Outcome:
    """Record a workbook with these rows and its version, and return the outcome."""
    options = {k: more.pop(k) for k in ("status", "reason", "waiting", "notify") if k in more}
    outcome = outcome_of(rows, as_of, **more)
    data = outcome.content.encode()
    version = store.keep(
        workbook, data, content=outcome.content, seen=as_of, months=months_of(rows)
    )
    team = workbook.rpartition("/")[2].rpartition(".")[0]
    digest = sha256(data).hexdigest()
    store.record(
        workbook,
        team,
        encode_outcome(outcome, workbook),
        version=version,
        sha256=digest,
        inputs="i",
        as_of=as_of,
        **options,
    )
    return outcome
