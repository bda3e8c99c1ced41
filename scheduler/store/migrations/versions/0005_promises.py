"""Jobs carry the bound on their wait, and cycles the starts they planned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    # NULL in jobs that were promised nothing, and in cycles from before.
    op.add_column("jobs", sa.Column("start_by", MOMENT, nullable=True))
    op.add_column("cycles", sa.Column("plans", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycles", "plans")
    op.drop_column("jobs", "start_by")
