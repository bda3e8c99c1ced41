"""Cycles count what they started, so that those which did nothing can be let go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL in cycles from before: what they started is not known, so they are kept.
    op.add_column("cycles", sa.Column("starts", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycles", "starts")
