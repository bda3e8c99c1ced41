"""Jobs may be recalled: whether, when, for whom and how often; cycles count their recalls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    # NULL in jobs from before: their scripts were not asked, so they are not recallable.
    op.add_column("jobs", sa.Column("recallable", sa.Boolean(), nullable=True))
    op.add_column("jobs", sa.Column("recall_requested_at", MOMENT, nullable=True))
    op.add_column("jobs", sa.Column("recalled_for", sa.String(), nullable=True))
    op.add_column("jobs", sa.Column("recalls", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("waits_since", MOMENT, nullable=True))
    op.add_column("cycles", sa.Column("recalls", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycles", "recalls")
    for name in ("waits_since", "recalls", "recalled_for", "recall_requested_at", "recallable"):
        op.drop_column("jobs", name)
