"""Jobs may wait for other jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    # A version that knows no dependencies would start such a job: upgrade every service first.
    op.add_column("jobs", sa.Column("dependency", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("dependent_since", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_column("jobs", "dependent_since")
    op.drop_column("jobs", "dependency")
