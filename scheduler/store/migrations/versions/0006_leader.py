"""Who leads: the one lease, and the term in which each cycle was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    leases = op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.bulk_insert(leases, [{"name": "leader", "holder": "", "epoch": 0, "expires_at": None}])
    # NULL in cycles of a version that knew no leases.
    op.add_column("cycles", sa.Column("epoch", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("cycles", "epoch")
    op.drop_table("leases")
