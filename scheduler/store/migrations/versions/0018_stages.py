"""Proposals are tried before they are in force: in shadow, and on some classes.

Versions say which one they are again; of earlier ones that is not known.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policies", sa.Column("again", sa.Integer(), nullable=True))
    op.add_column("policy_proposals", sa.Column("canary", sa.Text(), nullable=True))
    op.create_table(
        "policy_trials",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("trial", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_policy_trials_proposal", "policy_trials", ["proposal"])


def downgrade() -> None:
    op.drop_table("policy_trials")
    op.drop_column("policy_proposals", "canary")
    op.drop_column("policies", "again")
