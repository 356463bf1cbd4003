"""Which form a database has, and how it is brought to the present one.

The form is Alembic's revision together with the digest of the row tables. Tables that
hold what can't be made again are carried over by revisions
(:mod:`xlflow.store.migrations`). The row tables follow from the schema and are rebuilt
whenever they differ from it, without losing the raw cells and identities of rows; the
next pass then reads every workbook and records all rows anew.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xlflow.columns import Table
from xlflow.errors import StoreError
from xlflow.schema import TABLES
from xlflow.store import engine, migrations, sql_tables
from xlflow.store.sql_tables import ROW_PREFIX, ROW_TABLES, ROWS
from xlflow.store.transactions import Transactions

_REVISION = sa.Table(
    migrations.VERSION_TABLE,
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), primary_key=True),
)
_ROW_TABLES = "row tables"
_REBUILD = "rebuilt from kept versions"
_FORMER = "former_"
_TABLE_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"

#: Before there were revisions, meta held a digest of all tables. Databases with this one
#: are at the first revision, and these were their row tables.
_FIRST_FORM, _FIRST_ROW_TABLES = "19307cbda09320b7", "be2bc2fe7513bf47"


class Form(Enum):
    """How the form of a database compares with the present one."""

    EMPTY = "has no tables yet"
    PRESENT = "is the present one"
    OLDER = "can be migrated"
    NEWER = "was made by a newer xlflow"
    FOREIGN = "none that xlflow can migrate"


def opened(path: Path, patience: float, *, migrate: bool) -> tuple[Transactions, bool, Path | None]:
    """Return the transactions of the database at ``path``, and whether it has tables already.

    If it has, they have the present form. The third is where the file was set aside, if it was.

    A damaged file is set aside, and so is one of a foreign form if it may be migrated.

    Raises:
        StoreError: the folder or the file can't be used; the form is older and may not
            be migrated, or newer.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("store.unopened", path=str(path), reason=reason) from error
    transactions = Transactions(path, patience)
    try:
        with transactions.reading() as connection:
            found = of(connection)
    except StoreError as error:
        if error.key != "store.damaged":
            raise
        return Transactions(path, patience), False, Path(error.params["path"])
    if found in (Form.EMPTY, Form.PRESENT):
        return transactions, found is Form.PRESENT, None
    transactions.close()
    if found is Form.NEWER:
        raise StoreError("store.newer_form", path=str(path))
    if not migrate:
        raise StoreError("store.older_form", path=str(path))
    if found is Form.FOREIGN:
        former = engine.set_aside(path)
        return Transactions(path, patience), False, former
    _migrate(path, patience)
    return Transactions(path, patience), True, None


def of(connection: sa.Connection) -> Form:
    """Return the form of a database."""
    tables = set(connection.exec_driver_sql(_TABLE_NAMES).scalars())
    if not tables:
        return Form.EMPTY
    if sql_tables.meta.name not in tables:
        return Form.FOREIGN
    revision = (
        connection.scalar(sa.select(_REVISION.c.version_num)) if _REVISION.name in tables else None
    )
    if revision is None:
        return Form.OLDER if _noted(connection, "form") == _FIRST_FORM else Form.FOREIGN
    if revision not in migrations.REVISIONS:
        return Form.NEWER
    present = (migrations.REVISIONS[-1], ROW_TABLES)
    return Form.PRESENT if (revision, _noted(connection, _ROW_TABLES)) == present else Form.OLDER


def create(connection: sa.Connection) -> bool:
    """Make the tables unless another process has; return whether they were made."""
    if of(connection) is not Form.EMPTY:
        return False
    sql_tables.metadata.create_all(connection)
    sql_tables.row_metadata.create_all(connection)
    _set_revision(connection, migrations.REVISIONS[-1])
    _note(connection, _ROW_TABLES, ROW_TABLES)
    return True


def noted_rebuild(connection: sa.Connection) -> str | None:
    """Return the path of the database that this one replaces, "" if unknown; None if settled."""
    return _noted(connection, _REBUILD)


def note_rebuild(connection: sa.Connection, former: str | None) -> None:
    """Note that the database was made anew beside kept versions; None once that is settled."""
    if former is None:
        connection.execute(sa.delete(sql_tables.meta).where(sql_tables.meta.c.name == _REBUILD))
    else:
        _note(connection, _REBUILD, former)


def _migrate(path: Path, patience: float) -> None:
    """Bring an older database to the present form, in one transaction."""
    connections = engine.connect(path, patience, foreign_keys=False)
    try:
        with engine.translated_errors(connections, path), connections.begin() as connection:
            if of(connection) is Form.OLDER:  # another process may have done it
                _carry_over(connection)
    finally:
        connections.dispose()


def _carry_over(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table(_REVISION.name):
        _set_revision(connection, migrations.REVISIONS[0])
        _note(connection, _ROW_TABLES, _FIRST_ROW_TABLES)
        connection.execute(sa.delete(sql_tables.meta).where(sql_tables.meta.c.name == "form"))
    if connection.scalar(sa.select(_REVISION.c.version_num)) != migrations.REVISIONS[-1]:
        migrations.upgrade(connection)
    if _noted(connection, _ROW_TABLES) != ROW_TABLES:
        _rebuild_row_tables(connection)
        # Blank inputs let the next pass process every workbook.
        connection.execute(sa.update(sql_tables.workbook).values(inputs=""))
        _note(connection, _ROW_TABLES, ROW_TABLES)


def _rebuild_row_tables(connection: sa.Connection) -> None:
    """Replace the row tables by those declared now, with the rows that they hold."""
    inspector = sa.inspect(connection)
    former = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name.startswith(ROW_PREFIX)
    }
    for name in former:
        for index in inspector.get_indexes(name):
            connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
        connection.exec_driver_sql(f'ALTER TABLE "{name}" RENAME TO "{_FORMER}{name}"')
    sql_tables.row_metadata.create_all(connection)
    for table in TABLES:
        if (name := ROWS[table.name].name) in former:
            _copy_rows(connection, table, former[name])
    for name in former:
        connection.exec_driver_sql(f'DROP TABLE "{_FORMER}{name}"')


def _copy_rows(connection: sa.Connection, table: Table, former: set[str]) -> None:
    """Copy the rows of a table, marking in their raw cells the fields that they didn't have."""
    target = ROWS[table.name]
    shared = [column for column in target.columns if column.name in former]
    source = sa.table(f"{_FORMER}{target.name}", *(sa.column(c.name, c.type) for c in shared))
    values: dict[str, sa.ColumnElement[Any]] = {c.name: source.c[c.name] for c in shared}
    for column in table.team_columns:
        if column.field not in former:
            unread = sa.func.json_insert(values["cells"], f"$.{column.field}", None)
            values["cells"] = sa.type_coerce(unread, sql_tables.SafeText)
    # What isn't copied takes its default, or is null.
    connection.execute(sa.insert(target).from_select(list(values), sa.select(*values.values())))


def _set_revision(connection: sa.Connection, revision: str) -> None:
    _REVISION.create(connection)
    connection.execute(sa.insert(_REVISION).values(version_num=revision))


def _noted(connection: sa.Connection, name: str) -> str | None:
    query = sa.select(sql_tables.meta.c.value).where(sql_tables.meta.c.name == name)
    value: str | None = connection.scalar(query)
    return value


def _note(connection: sa.Connection, name: str, value: str) -> None:
    connection.execute(sa.delete(sql_tables.meta).where(sql_tables.meta.c.name == name))
    connection.execute(sa.insert(sql_tables.meta).values(name=name, value=value))
