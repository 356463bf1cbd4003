"""Record the as-of of a summary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the tables; the records stay."""
    op.add_column("summary", sa.Column("as_of", sa.Text(), nullable=True))
