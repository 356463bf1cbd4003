"""An outcome in the form in which it is recorded: plain tuples for the rows of each table.

A worker process encodes what it found, so that handing it over and recording it cost
little, however many rows, findings and values the outcome had.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from xlflow.facts import CellWrites, Outcome, Row
from xlflow.schema import TABLES
from xlflow.store.notice_queue import Candidate, candidates
from xlflow.store.record_encoding import change_records, finding_records
from xlflow.store.row_encoding import decode_row, encode_rows, months_of
from xlflow.store.sql_tables import ROWS
from xlflow.store.state_encoding import to_json

Record = tuple[Any, ...]


class EncodedOutcome(NamedTuple):
    """All that is recorded of an :class:`xlflow.facts.Outcome`, and the cells to write.

    ``rows`` maps each table's name to the records of its row table, ``columns`` to the
    JSON of its columns' numbers at each place. ``findings`` are records up to their versions,
    ``changes`` and ``change_findings`` those about the step from the version before.
    ``overdue`` counts overdue rows; ``months`` are those of the rows' dates; ``notices``
    are all that there is to notify of.
    """

    workbook: str
    content: str
    cells: CellWrites
    valid_from: datetime
    valid_until: datetime
    rows: Mapping[str, list[Record]]
    columns: Mapping[str, str]
    findings: list[Record]
    change_findings: list[Record]
    changes: list[Record]
    overdue: int
    months: frozenset[str]
    notices: tuple[Candidate, ...]
    date1904: bool
    last_modified_by: str | None

    @property
    def row_count(self) -> int:
        """The number of data rows of all tables."""
        return sum(map(len, self.rows.values()))

    def remembered_rows(self) -> tuple[Row, ...]:
        """Return the rows as they will be remembered."""
        return tuple(
            decode_row(table, dict(zip(names, record, strict=True)), date1904=self.date1904)
            for table, records in self.rows.items()
            for names in [ROWS[table].columns.keys()]
            for record in records
        )


def encode_outcome(outcome: Outcome, workbook: str) -> EncodedOutcome:
    """Encode the outcome of a workbook, given its name in the store."""
    return EncodedOutcome(
        workbook=workbook,
        content=outcome.content,
        cells=outcome.cells,
        valid_from=outcome.valid_from,
        valid_until=outcome.valid_until,
        rows={
            table.name: encode_rows(
                table,
                workbook,
                [row for row in outcome.rows if row.table is table],
                outcome.computed,
            )
            for table in TABLES
        },
        columns={
            table.name: to_json(
                [
                    [sheet.sheet, sheet.header_row, dict(sheet.columns)]
                    for sheet in outcome.snapshot.sheets
                    if sheet.table is table
                ]
            )
            for table in TABLES
            if table.name in outcome.snapshot.tables
        },
        findings=finding_records(outcome.findings),
        change_findings=finding_records(outcome.change_findings),
        changes=change_records(outcome.changes),
        overdue=sum(computed.late is True for computed in outcome.computed.values()),
        months=months_of(outcome.rows),
        notices=tuple(candidates(outcome, outcome.valid_from)),
        date1904=outcome.snapshot.date1904,
        last_modified_by=outcome.snapshot.last_modified_by,
    )
