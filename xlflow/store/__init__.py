"""What is kept between passes: rows, findings, changes, versions, notices.

It imports facts, the schema and meaning, never the file format: what a file is and what is
remembered of it meet in process and sync.

:class:`Store` is its interface; :mod:`xlflow.store.sql_tables` declares the tables,
:mod:`xlflow.store.row_encoding` and :mod:`xlflow.store.record_encoding` encode their
records, :mod:`xlflow.store.form` brings an existing database to their present form, and
:mod:`xlflow.store.versions` keeps whole files outside the database.
"""

from typing import TYPE_CHECKING, Any

from xlflow.store.workbook_state import Reason, RecordedChange, WorkbookState, WriteIntent

if TYPE_CHECKING:
    from xlflow.store.database import Store
    from xlflow.store.versions import Version

__all__ = ["Reason", "RecordedChange", "Store", "Version", "WorkbookState", "WriteIntent"]


def __getattr__(name: str) -> Any:
    """Import the store, and with it SQLAlchemy, when it is first used."""
    if name == "Store":
        from xlflow.store import database

        return database.Store
    if name == "Version":
        from xlflow.store import versions

        return versions.Version
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
