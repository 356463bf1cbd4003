"""Run by Alembic: migrates the database of the connection that the caller handed over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from xlflow.store import sql_tables


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Render our text type as plain text, so that a revision doesn't depend on our code."""
    return "sa.Text()" if kind == "type" and isinstance(item, sql_tables.SafeText) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=sql_tables.metadata,
    # SQLite changes columns by copying the table.
    render_as_batch=True,
    render_item=render_item,
)
context.run_migrations()
