"""A running job's user may want it to end and to wait again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("requeue_requested_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "requeue_requested_at")
