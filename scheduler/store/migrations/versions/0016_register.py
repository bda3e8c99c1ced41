"""The register has last days, who left, and a history of who changed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
REGISTERED = ("organisations", "projects", "users")


def upgrade() -> None:
    for table in REGISTERED:
        op.add_column(table, sa.Column("expires", sa.Date(), nullable=True))
        op.add_column(table, sa.Column("off_boarded_at", MOMENT, nullable=True))
    op.create_table(
        "tenant_changes",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_tenant_changes_name", "tenant_changes", ["name"])


def downgrade() -> None:
    op.drop_table("tenant_changes")
    for table in REGISTERED:
        for name in ("off_boarded_at", "expires"):
            op.drop_column(table, name)
