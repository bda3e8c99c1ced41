"""Grants of GPU-hours: funds, what projects got of them, and the ledger of what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
SUMS = ("awarded", "carried_in", "carried_out", "lapsed", "held", "charged")


def upgrade() -> None:
    op.add_column("jobs", sa.Column("funding", sa.Text(), nullable=True))
    op.create_table(
        "funds",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("gpu_seconds", sa.BigInteger(), nullable=False),
        sa.Column("carry_over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_funds")),
    )
    _grants()
    _entries()


def _grants() -> None:
    op.create_table(
        "grants",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fund", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("starts", MOMENT, nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        sa.Column("draw_order", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS),
        sa.CheckConstraint(
            "held >= 0 AND charged >= 0 AND lapsed >= 0", name=op.f("ck_grants_sums")
        ),
        sa.CheckConstraint(
            "awarded + carried_in - carried_out - lapsed - held - charged >= 0",
            name=op.f("ck_grants_left"),
        ),
        sa.ForeignKeyConstraint(["fund"], ["funds.name"], name=op.f("fk_grants_fund")),
        sa.ForeignKeyConstraint(
            ["organisation", "project"],
            ["projects.organisation", "projects.name"],
            name=op.f("fk_grants_organisation_project"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_organisation_project"), "grants", ["organisation", "project"])
    op.create_index(op.f("ix_grants_fund"), "grants", ["fund"])


def _entries() -> None:
    op.create_table(
        "budget_entries",
        sa.Column("entry_id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("grant_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("gpu_seconds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_number"], ["grants.number"], name=op.f("fk_budget_entries_grant_number")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_budget_entries")),
    )
    op.create_index(
        op.f("ix_budget_entries_grant_number_entry_id"),
        "budget_entries",
        ["grant_number", "entry_id"],
    )


def downgrade() -> None:
    op.drop_table("budget_entries")
    op.drop_table("grants")
    op.drop_table("funds")
    op.drop_column("jobs", "funding")
