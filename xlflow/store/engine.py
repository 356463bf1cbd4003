"""Connections to the SQLite file, and what its errors mean to a user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xlflow.errors import StoreError

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_READ_ONLY = "read_only"
_SENTENCES = {
    "SQLITE_BUSY": "store.locked",
    "SQLITE_LOCKED": "store.locked",
    "SQLITE_READONLY": "store.read_only",
    "SQLITE_FULL": "store.full",
}


def connect(path: Path, patience: float, *, foreign_keys: bool = True) -> sa.Engine:
    """Return an engine on the file; SQLite makes the file at the first connection.

    Args:
        patience: how many seconds to wait for a lock that another connection holds.
        foreign_keys: false while tables are rebuilt, since dropping a table would
            delete the rows that refer to it. SQLite can't change it within a
            transaction.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": patience}
    )
    pragmas = ("journal_mode = WAL", "synchronous = FULL", f"foreign_keys = {int(foreign_keys)}")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver would begin transactions late, deferred, and not for DDL; see begin().
        connection.isolation_level = None
        connection.create_aggregate("decimal_sum", 1, _DecimalSum)
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def for_reading(engine: sa.Engine) -> sa.Engine:
    """Return the same engine with transactions that take no lock and only read."""
    return engine.execution_options(**{_READ_ONLY: True})


@contextmanager
def translated_errors(engine: sa.Engine, path: Path) -> Iterator[None]:
    """Raise SQLite's errors as StoreError; set a damaged file aside, so that a retry can work."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # a bug in xlflow, not a problem of the file
    except sa.exc.DBAPIError as error:
        name = str(getattr(error.orig, "sqlite_errorname", ""))
        if name.startswith(_DAMAGED):
            engine.dispose()
            raise StoreError("store.damaged", path=str(set_aside(path))) from error
        for prefix, key in _SENTENCES.items():
            if name.startswith(prefix):
                raise StoreError(key, path=str(path)) from error
        raise StoreError("store.unopened", path=str(path), reason=str(error.orig)) from error


def set_aside(path: Path) -> Path:
    """Rename the file and its -wal and -shm files, and return the new path."""
    base = renamed = path.with_name(f"{path.stem}-{datetime.now():%Y%m%dT%H%M%S}{path.suffix}")
    count = 1
    while renamed.exists():
        count += 1
        renamed = base.with_name(f"{base.stem}-{count}{base.suffix}")
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            os.replace(file, renamed.with_name(renamed.name + suffix))
    return renamed


_EXACT = Context(prec=60)


class _DecimalSum:
    """SQL's ``decimal_sum``: the exact sum of decimal texts, as text; 0 over nothing."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, text: str | None) -> None:
        if text is None:
            return
        amount = Decimal(text)
        if amount.is_finite():
            self._sum = _EXACT.add(self._sum, amount)

    def finalize(self) -> str:
        return str(self._sum)
