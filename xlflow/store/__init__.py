"""What is kept between passes: rows, findings, changes, versions, notices.

It imports facts, the schema and meaning, never the file format: what a file is and what is
remembered of it meet in process and sync.

:class:`Store` says what can be asked and told; :mod:`xlflow.store.sql_tables` how it
lies in the database, :mod:`xlflow.store.row_encoding` how a row goes in and comes out,
and :mod:`xlflow.store.versions` keeps whole files outside the database.
"""

from xlflow.store.database import Store
from xlflow.store.versions import Version
from xlflow.store.workbook_state import Reason, RecordedChange, WorkbookState, WriteIntent

__all__ = ["Reason", "RecordedChange", "Store", "Version", "WorkbookState", "WriteIntent"]
