"""Keeps with each job where its trace goes on, so that one that is resumed stays in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the traces of analyses and exports; those that are there have none."""
    for table in ("analyses", "exports"):
        column = sa.Column(
            "traceparent", sa.String(length=64), nullable=False, server_default=sa.text("''")
        )
        op.add_column(table, column)
