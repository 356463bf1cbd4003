"""Revisions of the store's tables, by which existing databases are carried over.

One file a revision in ``versions/``, numbered from 0001. They change the tables in
:data:`xlflow.store.sql_tables.metadata`; the row tables follow the schema by
themselves (:mod:`xlflow.store.form`). Alembic is imported only to run or write one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.config import Config

VERSION_TABLE = "alembic_version"
_FOLDER = Path(__file__).parent

REVISIONS = tuple(sorted(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py")))
"""The revisions that this xlflow knows, oldest first."""


def upgrade(connection: sa.Connection) -> None:
    """Run the revisions that the database lacks, within the caller's transaction."""
    from alembic import command

    command.upgrade(_config(connection), "head")


def write_revision(connection: sa.Connection, message: str) -> Path:
    """Write the next revision: what the declared tables have and the database lacks.

    Args:
        connection: to a database that is at the newest revision.
        message: what it changes, which becomes part of the file's name.
    """
    from alembic import command

    command.revision(
        _config(connection), message, autogenerate=True, rev_id=f"{len(REVISIONS) + 1:04}"
    )
    return max((_FOLDER / "versions").glob("[0-9]*.py"))


def _config(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    # Alembic interpolates its settings as configparser does.
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config
