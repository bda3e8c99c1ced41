"""Waiting jobs may be held by their users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    # A version that knows no holds would start such a job: upgrade every service before using them.
    op.add_column("jobs", sa.Column("held_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "held_at")
