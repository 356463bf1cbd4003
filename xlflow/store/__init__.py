"""What is kept between passes: rows, findings, changes, versions, notices.

:class:`Store` says what can be asked and told; :mod:`xlflow.store.tables` how it
lies in the database, :mod:`xlflow.store.rows` how a row goes in and comes out,
and :mod:`xlflow.store.versions` keeps whole files outside the database.
"""

from xlflow.store.database import Store
from xlflow.store.records import Edit, Intent, Reason, Standing
from xlflow.store.versions import Version

__all__ = ["Edit", "Intent", "Reason", "Standing", "Store", "Version"]
