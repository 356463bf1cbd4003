"""Opening the database file, and what is said when SQLite can't go on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xlflow.errors import StoreError
from xlflow.store import sql_tables

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_READING = "reading"
_SENTENCES = {
    "SQLITE_BUSY": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_READONLY": "store.read_only",
    "SQLITE_FULL": "store.full",
}


def opened(path: Path, patience: float) -> sa.Engine:
    """Return an engine on ``path``; a file of another form or none at all is first set aside.

    Raises:
        StoreError: the folder or the file can't be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError("store.unopened", path=str(path), reason=reason) from error
    engine = _engine(path, patience)
    try:
        with explained(engine, path), for_reading(engine).begin() as connection:
            fits = _form(connection) in (None, sql_tables.FORM)
    except StoreError as error:
        if error.key != "store.damaged":
            raise
        return _engine(path, patience)
    if not fits:
        engine.dispose()
        _set_aside(path)
    return engine


def for_reading(engine: sa.Engine) -> sa.Engine:
    """Return the same engine, with transactions that wait for nobody and only read."""
    return engine.execution_options(**{_READING: True})


def declared(connection: sa.Connection) -> bool:
    """Tell whether the tables are there."""
    return _form(connection) is not None


def declare(connection: sa.Connection) -> bool:
    """Make the tables where there are none; tell whether they were made."""
    if declared(connection):
        return False
    sql_tables.metadata.create_all(connection)
    connection.execute(sa.insert(sql_tables.meta).values(name="form", value=sql_tables.FORM))
    return True


@contextmanager
def explained(engine: sa.Engine, path: Path) -> Iterator[None]:
    """Turn what SQLite says into words; a damaged file is set aside, so that trying again helps."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # no matter of files: xlflow itself is wrong
    except sa.exc.DBAPIError as error:
        name = str(getattr(error.orig, "sqlite_errorname", ""))
        if name.startswith(_DAMAGED):
            engine.dispose()
            raise StoreError("store.damaged", path=str(_set_aside(path))) from error
        for prefix, key in _SENTENCES.items():
            if name.startswith(prefix):
                raise StoreError(key, path=str(path)) from error
        raise StoreError("store.unopened", path=str(path), reason=str(error.orig)) from error


def _engine(path: Path, patience: float) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": patience}
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Transactions are ours: the driver would begin them late, and then only deferred.
        connection.isolation_level = None
        connection.create_aggregate("decimal_sum", 1, _DecimalSum)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get(_READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class _DecimalSum:
    """SQL's ``decimal_sum``: the exact sum of decimal texts, as text; 0 over nothing."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, text: str | None) -> None:
        if text is None:
            return
        with localcontext(prec=60):
            amount = Decimal(text)
            if amount.is_finite():
                self._sum += amount

    def finalize(self) -> str:
        return str(self._sum)


def _form(connection: sa.Connection) -> str | None:
    """Return which form the database has, None where it has no tables at all."""
    inspector = sa.inspect(connection)
    if not inspector.has_table("meta"):
        return "" if inspector.get_table_names() else None
    form = connection.scalar(
        sa.select(sql_tables.meta.c.value).where(sql_tables.meta.c.name == "form")
    )
    return form or ""


def _set_aside(path: Path) -> Path:
    """Rename the file, and what SQLite keeps beside it, so that a new one can be made."""
    base = aside = path.with_name(f"{path.stem}-{datetime.now():%Y%m%dT%H%M%S}{path.suffix}")
    count = 1
    while aside.exists():
        count += 1
        aside = base.with_name(f"{base.stem}-{count}{base.suffix}")
    for suffix in ("", "-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            os.replace(beside, aside.with_name(aside.name + suffix))
    return aside
