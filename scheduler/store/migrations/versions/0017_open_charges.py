"""Charges of runs that Slurm put back into its queue, until its accounting tells of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "open_charges",
        sa.Column("number", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_open_charges")),
    )


def downgrade() -> None:
    op.drop_table("open_charges")
