"""How the store lies in its database.

The four row tables are derived from the schema: each field that people fill is a
column of its own, typed by its kind, and beside it stand what was computed for
the row and the raw cells, from which the row is rebuilt. A field added to the
schema therefore changes :data:`FORM`, and a database of another form is set
aside and made anew: everything in it comes again from the workbooks and from the
kept versions.

Days and moments are ISO text of 10 or 19 characters
(:mod:`xlflow.store.sql_time` compares them), amounts are decimal text, people are
joined by ``、``, choices are canonical (:class:`xlflow.columns.Option.zh`).
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from xlflow.columns import Kind, Owner, Table
from xlflow.schema import TABLES


class SafeText(sa.TypeDecorator[str]):
    """Text that may hold what UTF-8 can't: a lone half of a surrogate pair is written as escape."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Return the text as it is, or with escapes where SQLite would refuse it."""
        if value is None or value.isascii():
            return value
        return value.encode("utf-8", "backslashreplace").decode("utf-8")


metadata = sa.MetaData()


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
    # What a workbook holds now goes when it is forgotten and follows when it is renamed.
    now = sa.ForeignKey(workbook.c.workbook, ondelete="CASCADE", onupdate="CASCADE")
    return sa.Column("workbook", SafeText, now, nullable=False, **options)


#: What is computed for a row, beside its own fields.
COMPUTED: dict[str, tuple[sa.Column[Any], ...]] = {
    "problem": (),
    "plan": (_flag("judged"),),
    "message": (_text("answer_due"), _flag("recurring"), _flag("judged")),
    "campaign": (_text("metric_key"), _text("ratio"), _text("verdict"), _text("reason")),
}


def _row_table(table: Table) -> sa.Table:
    typed: list[sa.Column[Any]] = []
    for column in table.columns:
        if column.owner is Owner.TEAM:
            typed.append(_text(column.field))
            if column.kind is Kind.QUANTITY:
                typed.append(_text(f"{column.field}_unit"))
    return sa.Table(
        f"row_{table.name}",
        metadata,
        _of_workbook(primary_key=True),
        _text("row_id", primary_key=True),
        _text("sheet", nullable=False),
        _number("number", nullable=False),
        _flag("hidden"),
        *typed,
        *COMPUTED[table.name],
        _text("merged", nullable=False),
        _text("cells", nullable=False),
    )


#: The row table of each table of the schema, by the schema's name.
ROWS: dict[str, sa.Table] = {table.name: _row_table(table) for table in TABLES}

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
    # Both are null for what is found in the workbook as it stands; findings about
    # an edit (XF4xx) name the versions on either side of it, and stay.
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

# These outlive a workbook that is gone for a while, so no key ties them to it.
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

# What the plain file of the same name holds: rows that came out of the outbox by being sent.
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

# Addresses whose last try didn't succeed; never the addresses themselves.
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
    # Digests what the store held then: while it is the same, no report need be made to compare.
    _text("source", nullable=False),
)

# The figures read these columns of every row for every month; an index that holds
# them all spares reading the raw cells.
for _table, _fields in {
    "plan": ("due", "done_on", "started_on", "status", "judged"),
    "message": ("asked_at", "answered_at", "answer_due", "recurring", "judged"),
    "problem": ("impact", "days"),
}.items():
    sa.Index(f"{_table}_figures", *(ROWS[_table].c[name] for name in ("workbook", *_fields)))
sa.Index("campaign_month", ROWS["campaign"].c.month)

#: A digest of the whole declaration; a database that says another is of another form.
FORM = hashlib.sha256(
    "".join(str(CreateTable(table)) for table in metadata.sorted_tables).encode()
).hexdigest()[:16]
