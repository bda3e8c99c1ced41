"""The first schema: tenants, jobs and their history, cycles, usage and policies."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JOB_INDICES = (
    ("state", "job_id"),
    ("user_name", "state"),
    ("user_name", "job_id"),
    ("organisation", "job_id"),
    ("array_id",),
)
MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    _tenants()
    _jobs()
    _history()
    _cycles_and_usage()
    _policies()
    counters = op.create_table(
        "counters", *_words("name"), _number("value", sa.BigInteger()), _key("counters", "name")
    )
    rows = [("job_id", 0), ("installation", secrets.randbelow(2**32))]
    op.bulk_insert(counters, [{"name": name, "value": value} for name, value in rows])


def downgrade() -> None:
    raise NotImplementedError("there is no schema before the first; remove the database instead")


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _number(name: str, kind: sa.Integer, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=nullable, autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def _tenants() -> None:
    op.create_table(
        "organisations",
        *_words("name", "title", "tenant_class"),
        _key("organisations", "name"),
    )
    op.create_table(
        "projects",
        *_words("organisation", "name", "title"),
        _key("projects", "organisation", "name"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.name"], name=op.f("fk_projects_organisation")
        ),
    )
    op.create_table(
        "users",
        *_words("name", "organisation", "project", "unix_account", "role", "token_sha256"),
        _key("users", "name"),
        sa.ForeignKeyConstraint(
            ["organisation", "project"],
            ["projects.organisation", "projects.name"],
            name=op.f("fk_users_organisation_project"),
        ),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_users_token_sha256")),
    )
    op.create_index(op.f("ix_users_organisation"), "users", ["organisation"])


def _jobs() -> None:
    op.create_table(
        "scripts", _number("script_id", BIG_ID), *_texts("text"), _key("scripts", "script_id")
    )
    op.create_table(
        "jobs",
        _number("job_id", BIG_ID),
        *_words("tenant_class", "organisation", "project", "user_name", "unix_account"),
        *_words("name"),
        _number("script_id", sa.BigInteger()),
        *_texts("request", "flags"),
        *_words("working_directory", "state"),
        _moment("submitted_at"),
        _number("array_id", sa.BigInteger(), nullable=True),
        _number("array_index", sa.Integer(), nullable=True),
        _number("array_limit", sa.Integer(), nullable=True),
        *_words("reason", "detail"),
        _number("attempt", sa.Integer()),
        _number("slurm_id", sa.BigInteger()),
        sa.Column("placement", sa.Text(), nullable=True),
        *_words("pool"),
        _number("gpus", sa.Integer()),
        _moment("started_at", nullable=True),
        _moment("ended_at", nullable=True),
        _number("exit_code", sa.Integer(), nullable=True),
        _moment("cancel_requested_at", nullable=True),
        _moment("changed_at", nullable=True),
        _key("jobs", "job_id"),
        sa.ForeignKeyConstraint(
            ["script_id"], ["scripts.script_id"], name=op.f("fk_jobs_script_id")
        ),
    )
    for columns in JOB_INDICES:
        op.create_index(op.f(f"ix_jobs_{'_'.join(columns)}"), "jobs", [*columns])


def _history() -> None:
    op.create_table(
        "requests",
        *_words("request_id", "user_name", "fingerprint"),
        _number("first_job_id", sa.BigInteger()),
        _number("job_count", sa.Integer()),
        _key("requests", "request_id", "user_name"),
    )
    op.create_table(
        "job_events",
        sa.Column("event_id", BIG_ID, nullable=False),
        _number("job_id", sa.BigInteger()),
        *_words("state"),
        _moment("at"),
        *_words("reason", "detail"),
        _key("job_events", "event_id"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name=op.f("fk_job_events_job_id")),
    )


def _cycles_and_usage() -> None:
    op.create_table(
        "cycles",
        _number("number", sa.BigInteger()),
        _moment("taken_at"),
        _number("policy_version", sa.Integer()),
        *_words("solver", "status", "fell_back_because"),
        *_texts("stages", "violations", "shares"),
        _key("cycles", "number"),
    )
    op.create_table(
        "usage_buckets",
        _moment("hour"),
        *_words("tenant_class", "organisation", "project", "user_name", "pool"),
        _number("gpu_seconds", sa.BigInteger()),
        _key(
            "usage_buckets",
            *("hour", "tenant_class", "organisation", "project", "user_name", "pool"),
        ),
    )


def _policies() -> None:
    op.create_table(
        "policies",
        _number("number", sa.Integer()),
        *_words("name", "sha256"),
        *_texts("text"),
        *_words("applied_by", "applied_at"),
        *_texts("policy"),
        _key("policies", "number"),
    )
