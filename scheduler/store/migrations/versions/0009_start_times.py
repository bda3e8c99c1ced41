"""Waiting jobs are told when they are expected to start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
COLUMNS = ("estimated_at", "start_p50", "start_p90")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("jobs", sa.Column(name, MOMENT, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("jobs", name)
