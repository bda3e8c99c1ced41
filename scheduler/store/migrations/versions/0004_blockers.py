"""Waiting jobs carry all that keeps them from starting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL in jobs from before, until a cycle tells them more.
    op.add_column("jobs", sa.Column("more_blockers", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "more_blockers")
