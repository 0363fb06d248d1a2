"""Lets gateways share one database: who works is counted, and gateways hold leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the numbers of runs, and the leases."""
    for table in ("analyses", "segments", "exports"):
        op.add_column(table, _number("run"))
    op.add_column("analyses", _number("timeline_run"))
    op.create_table(
        "leases",
        sa.Column("executor_id", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("expires_us", BIG, nullable=False),
        sa.PrimaryKeyConstraint("executor_id"),
    )


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))
