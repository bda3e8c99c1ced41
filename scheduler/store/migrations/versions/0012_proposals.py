"""Policies are proposed, and signed by two; each version says why it is in force."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policies", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("policies", sa.Column("approved_by", sa.String(), nullable=True))
    op.add_column("policies", sa.Column("proposal", sa.Integer(), nullable=True))
    op.create_table(
        "policy_proposals",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    op.drop_table("policy_proposals")
    for name in ("proposal", "approved_by", "why"):
        op.drop_column("policies", name)
