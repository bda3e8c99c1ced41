"""What ended jobs used is kept with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("measured", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "measured")
