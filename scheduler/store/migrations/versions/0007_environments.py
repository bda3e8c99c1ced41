"""Jobs may bring the environment of the shell that submitted them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # No column of jobs: a version that knows no environments goes on writing them as before.
    op.create_table(
        "environments",
        sa.Column("first_job_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first_job_id", name=op.f("pk_environments")),
    )


def downgrade() -> None:
    op.drop_table("environments")
