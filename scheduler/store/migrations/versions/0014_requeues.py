"""How many runs of a job were ended by requeues: it has begun, though it waits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("requeues", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "requeues")
