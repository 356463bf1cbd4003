"""Transactions on the database of one store, for everything that reads or writes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from xlflow.store.engine import connect, for_reading, translated_errors


class Transactions:
    """The one connection of a store that is written, and the one that is read.

    Nested calls join the transaction that is under way, so that several methods
    can be called as one. It belongs to one thread.
    """

    def __init__(self, path: Path, patience: float) -> None:
        self._path = path
        self._engine = connect(path, patience)
        self._writing: sa.Connection | None = None
        self._reading: sa.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Run what is called within in one transaction: all of it is kept, or nothing.

        Raises:
            StoreError: the file can't be used.
        """
        if self._writing is not None:
            yield self._writing
            return
        with self._connected(self._engine) as connection:
            self._writing = connection
            try:
                yield connection
            finally:
                self._writing = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read the database as it is at one moment, without waiting for whoever writes.

        Raises:
            StoreError: the file can't be used.
        """
        joined = self._writing or self._reading
        if joined is not None:
            yield joined
            return
        with self._connected(for_reading(self._engine)) as connection:
            self._reading = connection
            try:
                yield connection
            finally:
                self._reading = None

    @contextmanager
    def _connected(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with translated_errors(self._engine, self._path), engine.begin() as connection:
            yield connection
