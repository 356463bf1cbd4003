"""The tables of the store's database.

There are two kinds. Those in :data:`metadata` hold what can't be made again from the
workbooks; when one of them changes, a revision in :mod:`xlflow.store.migrations`
carries existing databases over. The row tables in :data:`row_metadata` are derived
from the schema: one column for each field that people fill, typed by its kind, then
what was computed for the row, and its raw cells, from which the row is read back.
When they change, :mod:`xlflow.store.form` rebuilds them.

Days and moments are ISO text of 10 or 19 characters (:mod:`xlflow.store.sql_time`
compares them), amounts are decimal text, people are joined by ``、``, choices are
canonical (:class:`xlflow.columns.Option.zh`).
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa

from xlflow.columns import Kind, Table
from xlflow.schema import TABLES


def storable_text(text: str) -> str:
    """Return a text with escapes for its lone surrogates, which SQLite would refuse."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


class SafeText(sa.TypeDecorator[str]):
    """Text in which lone surrogates, which UTF-8 can't encode, are stored as escapes."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Return the text, with escapes for what SQLite would refuse."""
        return storable_text(value) if value is not None else None


metadata = sa.MetaData()
row_metadata = sa.MetaData()


def _text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, SafeText, **options)


def _number(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, **options)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


meta = sa.Table("meta", metadata, _text("name", primary_key=True), _text("value", nullable=False))

workbook = sa.Table(
    "workbook",
    metadata,
    _text("workbook", primary_key=True),
    _text("team", nullable=False),
    _text("sha256"),
    _text("inputs"),
    _text("content"),
    _text("version"),
    _text("status", nullable=False),
    _text("reason"),
    _text("since", nullable=False),
    _text("valid_from"),
    _text("valid_until"),
    _flag("waiting"),
    _flag("date1904"),
    _number("rows", nullable=False, default=0),
    _number("findings", nullable=False, default=0),
    _number("overdue", nullable=False, default=0),
    _text("last_modified_by"),
    _text("first_seen", nullable=False),
    _text("last_seen", nullable=False),
    _text("last_good"),
)


def _of_workbook(**options: Any) -> sa.Column[str]:
    # What a workbook holds is deleted and renamed with it.
    key = sa.ForeignKey(workbook.c.workbook, ondelete="CASCADE", onupdate="CASCADE")
    return sa.Column("workbook", SafeText, key, nullable=False, **options)


#: What is computed for a row. A column that may not be null needs a default, with which
#: it is added to rows that exist.
COMPUTED: dict[str, tuple[sa.Column[Any], ...]] = {
    # The month that its sheet is named by, the only one in which it counts; null: in all.
    "problem": (_text("sheet_month"),),
    "plan": (_flag("judged"),),
    "message": (_text("answer_due"), _flag("recurring"), _flag("judged")),
    "campaign": (_text("metric_key"), _text("ratio"), _text("verdict"), _text("reason")),
}

ROW_PREFIX = "row_"


def _row_table(table: Table) -> sa.Table:
    typed: list[sa.Column[Any]] = []
    for column in table.team_columns:
        typed.append(_text(column.field))
        if column.kind is Kind.QUANTITY:
            typed.append(_text(f"{column.field}_unit"))
    return sa.Table(
        f"{ROW_PREFIX}{table.name}",
        row_metadata,
        _of_workbook(primary_key=True),
        _text("row_id", primary_key=True),
        _text("sheet", nullable=False),
        _number("number", nullable=False),
        _flag("hidden"),
        # The workbook in which the row is counted, where that is another one.
        _text("counted_in"),
        *typed,
        *COMPUTED[table.name],
        _text("merged", nullable=False),
        _text("cells", nullable=False),
        _text("own_cells", nullable=False, default="{}"),
    )


#: The row table of each table of the schema, by the name in the schema.
ROWS: dict[str, sa.Table] = {table.name: _row_table(table) for table in TABLES}

sheet = sa.Table(
    "row_sheet",
    row_metadata,
    _of_workbook(primary_key=True),
    _text("table", primary_key=True),
    # JSON: [sheet, last line of the header, number of each field's column] for each place of
    # the table, by which a row's cells are found.
    _text("columns", nullable=False),
)

finding = sa.Table(
    "finding",
    metadata,
    _number("id", primary_key=True),
    _of_workbook(index=True),
    _text("code", nullable=False),
    _text("severity", nullable=False),
    _text("sheet"),
    _text("cell"),
    _number("row"),
    _text("column"),
    _text("params", nullable=False),
    _text("value"),
    _text("fix"),
    _text("table"),
    _text("row_id"),
    # Both are null for findings in the workbook as it is now. Findings about an edit
    # (XF4xx) name the versions before and after it, and stay.
    _text("version_before"),
    _text("version_after"),
    _text("seen", nullable=False),
)

change = sa.Table(
    "change",
    metadata,
    _number("id", primary_key=True),
    _of_workbook(index=True),
    _text("version_before"),
    _text("version_after"),
    _text("seen", nullable=False),
    _text("kind", nullable=False),
    _text("table", nullable=False),
    _text("sheet", nullable=False),
    _text("row_id", nullable=False),
    _number("row", nullable=False),
    _text("field"),
    _text("cell"),
    _text("before"),
    _text("after"),
)

# These stay when a workbook is forgotten, so they have no foreign key to it.
version = sa.Table(
    "version",
    metadata,
    _text("workbook", primary_key=True),
    _text("id", primary_key=True),
    _number("number", nullable=False),
    _text("seen", nullable=False),
    _text("sha256", nullable=False),
    _number("size", nullable=False),
    _text("content", nullable=False),
    _text("written_by", nullable=False),
    _text("last_modified_by"),
    _text("months", nullable=False),
)

handed_in = sa.Table(
    "handed_in",
    metadata,
    _text("workbook", primary_key=True),
    _text("month", primary_key=True),
    _text("first_seen", nullable=False),
)

intent = sa.Table(
    "intent",
    metadata,
    _number("id", primary_key=True),
    _text("workbook", nullable=False),
    _text("before", nullable=False),
    _text("after", nullable=False),
    _text("intended_at", nullable=False),
    _text("outcome"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _number("id", primary_key=True),
    _text("workbook", nullable=False),
    _text("item", nullable=False),
    _text("state", nullable=False),
    _text("key", nullable=False),
    _text("facts", nullable=False),
    _text("queued_at", nullable=False),
    sa.UniqueConstraint("workbook", "item", "state"),
)

# The same as the plain file of that name: notices that left the outbox by being sent.
notified = sa.Table(
    "notified",
    metadata,
    _text("workbook", primary_key=True),
    _text("item", primary_key=True),
    _text("state", primary_key=True),
    _text("address", primary_key=True),
    _text("key", nullable=False),
    _text("at", nullable=False),
)

# Addresses whose last try failed; ``id`` is a digest, never the address itself.
address = sa.Table(
    "address",
    metadata,
    _text("id", primary_key=True),
    _number("failures", nullable=False),
    _text("next_try", nullable=False),
)

summary = sa.Table(
    "summary",
    metadata,
    _text("month", primary_key=True),
    _text("digest", nullable=False),
    _text("path", nullable=False),
    # Digest of the store's data at that time; while it is the same, the summary is current.
    _text("source", nullable=False),
    # The moment taken as now when that was last compared; null if an xlflow before
    # revision 0002 wrote it.
    _text("as_of"),
)

# The figures read these columns of every row for every month; an index with all of
# them saves reading the raw cells.
for _table, _fields in {
    "plan": ("due", "done_on", "started_on", "status", "judged"),
    "message": ("asked_at", "answered_at", "answer_due", "recurring", "judged"),
    "problem": ("sheet_month", "impact", "days"),
}.items():
    _indexed = ("workbook", "counted_in", *_fields)
    sa.Index(f"{_table}_figures", *(ROWS[_table].c[name] for name in _indexed))
sa.Index("campaign_month", ROWS["campaign"].c.month)


def _row_tables_digest() -> str:
    declared = [
        (
            table.name,
            [(c.name, type(c.type).__name__, c.nullable, c.primary_key) for c in table.columns],
            sorted((str(index.name), index.columns.keys()) for index in table.indexes),
        )
        for table in ROWS.values()
    ]
    kinds = [(column.field, column.kind.name) for table in TABLES for column in table.team_columns]
    return hashlib.sha256(repr((declared, kinds)).encode()).hexdigest()[:16]


#: A digest of the row tables as declared; a database in which another one is recorded has
#: its row tables rebuilt.
ROW_TABLES = _row_tables_digest()
