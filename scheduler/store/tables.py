"""The tables, as SQLModel declares them; nothing outside this package sees a row of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

# SQLite fills in a running number only for a column of exactly this type.
BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware going in, aware and UTC coming back, on every database.

    SQLite has no type for it; there it is ISO text of a fixed width, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = String(32) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(
        self, value: datetime | str | None, dialect: Dialect
    ) -> datetime | None:
        del dialect
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)


class TableRow(SQLModel):
    """Base of all tables: a registry of our own, so that nobody else's tables slip in."""

    metadata: ClassVar[MetaData] = METADATA


class OrganisationRow(TableRow, table=True):
    """A member of a class."""

    __tablename__ = "organisations"

    name: str = Field(primary_key=True)
    title: str
    tenant_class: str
    expires: date | None
    off_boarded_at: datetime | None = Field(sa_type=UtcDateTime)


class ProjectRow(TableRow, table=True):
    """A piece of an organisation's work."""

    __tablename__ = "projects"

    organisation: str = Field(primary_key=True, foreign_key="organisations.name")
    name: str = Field(primary_key=True)
    title: str
    expires: date | None
    off_boarded_at: datetime | None = Field(sa_type=UtcDateTime)


class UserRow(TableRow, table=True):
    """A user and the hash of the one token that names them."""

    __tablename__ = "users"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation", "project"], ["projects.organisation", "projects.name"]
        ),
        Index(None, "organisation"),
    )

    name: str = Field(primary_key=True)
    organisation: str
    project: str
    unix_account: str
    role: str
    token_sha256: str = Field(unique=True)
    expires: date | None
    off_boarded_at: datetime | None = Field(sa_type=UtcDateTime)


class TenantChangeRow(TableRow, table=True):
    """Who changed whose entry of the register, and what of it; never rewritten."""

    __tablename__ = "tenant_changes"
    __table_args__ = (Index(None, "name"),)

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    what: str
    kind: str
    organisation: str
    name: str
    differences: str = Field(sa_type=Text)


class ScriptRow(TableRow, table=True):
    """A script, once for all jobs that came with it, under the id of the first of them."""

    __tablename__ = "scripts"

    script_id: int = Field(
        primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False}
    )
    text: str = Field(sa_type=Text)


class EnvironmentRow(TableRow, table=True):
    """The environment of the shell that a request came from, under the id of its first job."""

    __tablename__ = "environments"

    first_job_id: int = Field(
        primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False}
    )
    variables: str = Field(sa_type=Text)


class JobRow(TableRow, table=True):
    """A job.

    `pool` and `gpus` repeat what `placement` (or `request`, while nothing is held) says, so that
    counting needs no JSON. `more_blockers` is NULL where `reason` says all that is in the way. What
    is told of recalls is NULL in jobs from before there were any, `measured` until it is known, and
    `funding` where no grant pays.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "job_id"),
        Index(None, "user_name", "state"),
        Index(None, "user_name", "job_id"),
        Index(None, "organisation", "job_id"),
        Index(None, "array_id"),
    )

    job_id: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    tenant_class: str
    organisation: str
    project: str
    user_name: str
    unix_account: str
    name: str
    script_id: int = Field(sa_type=BigInteger, foreign_key="scripts.script_id")
    request: str = Field(sa_type=Text)
    flags: str = Field(sa_type=Text)
    working_directory: str
    state: str
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    array_id: int | None = Field(sa_type=BigInteger)
    array_index: int | None
    array_limit: int | None
    reason: str
    detail: str
    more_blockers: str | None = Field(sa_type=Text)
    attempt: int
    slurm_id: int = Field(sa_type=BigInteger)
    placement: str | None = Field(sa_type=Text)
    pool: str
    gpus: int
    started_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    exit_code: int | None
    cancel_requested_at: datetime | None = Field(sa_type=UtcDateTime)
    changed_at: datetime | None = Field(sa_type=UtcDateTime)
    start_by: datetime | None = Field(sa_type=UtcDateTime)
    recallable: bool | None
    recall_requested_at: datetime | None = Field(sa_type=UtcDateTime)
    requeue_requested_at: datetime | None = Field(sa_type=UtcDateTime)
    requeues: int | None
    recalled_for: str | None
    recalls: int | None
    waits_since: datetime | None = Field(sa_type=UtcDateTime)
    held_at: datetime | None = Field(sa_type=UtcDateTime)
    estimated_at: datetime | None = Field(sa_type=UtcDateTime)
    start_p50: datetime | None = Field(sa_type=UtcDateTime)
    start_p90: datetime | None = Field(sa_type=UtcDateTime)
    dependency: str | None = Field(sa_type=Text)
    dependent_since: datetime | None = Field(sa_type=UtcDateTime)
    measured: str | None = Field(sa_type=Text)
    funding: str | None = Field(sa_type=Text)


class RequestRow(TableRow, table=True):
    """A request_id that a user has spent, and the jobs it stands for.

    The id leads the key: a batch is then looked up by its ids alone, through the key's index.
    """

    __tablename__ = "requests"

    request_id: str = Field(primary_key=True)
    user_name: str = Field(primary_key=True)
    fingerprint: str
    first_job_id: int = Field(sa_type=BigInteger)
    job_count: int


class JobEventRow(TableRow, table=True):
    """One move of one job, or news of it where it stands; only ever added to."""

    __tablename__ = "job_events"

    event_id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    job_id: int = Field(sa_type=BigInteger, foreign_key="jobs.job_id")
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str
    detail: str


class CycleRow(TableRow, table=True):
    """A cycle's receipt.

    `starts`, `plans`, `recalls` and `epoch` are None where they were not kept yet.
    """

    __tablename__ = "cycles"

    number: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    taken_at: datetime = Field(sa_type=UtcDateTime)
    policy_version: int
    solver: str
    status: str
    fell_back_because: str
    stages: str = Field(sa_type=Text)
    violations: str = Field(sa_type=Text)
    shares: str = Field(sa_type=Text)
    starts: int | None
    plans: str | None = Field(sa_type=Text)
    recalls: int | None
    epoch: int | None = Field(sa_type=BigInteger)


class LeaseRow(TableRow, table=True):
    """Who leads, in one row: until when by the database's clock, and how many terms there were."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str
    epoch: int = Field(sa_type=BigInteger)
    expires_at: datetime | None = Field(sa_type=UtcDateTime)


class UsageBucketRow(TableRow, table=True):
    """What ended runs used within one hour."""

    __tablename__ = "usage_buckets"

    hour: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    tenant_class: str = Field(primary_key=True)
    organisation: str = Field(primary_key=True)
    project: str = Field(primary_key=True)
    user_name: str = Field(primary_key=True)
    pool: str = Field(primary_key=True)
    gpu_seconds: int = Field(sa_type=BigInteger)


class PolicyRow(TableRow, table=True):
    """A policy that was applied: the file's text, and what it was understood to say."""

    __tablename__ = "policies"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str
    sha256: str
    text: str = Field(sa_type=Text)
    applied_by: str
    applied_at: str
    policy: str = Field(sa_type=Text)
    why: str | None = Field(sa_type=Text)
    approved_by: str | None
    proposal: int | None
    again: int | None


class ProposalRow(TableRow, table=True):
    """A policy that is to be in force, and what happened to it."""

    __tablename__ = "policy_proposals"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    base: int
    title: str
    sha256: str
    text: str = Field(sa_type=Text)
    policy: str = Field(sa_type=Text)
    steps: str = Field(sa_type=Text)
    accepted: str = Field(sa_type=Text)
    canary: str | None = Field(sa_type=Text)


class TrialRow(TableRow, table=True):
    """What one cycle would have done otherwise under a proposal that is on trial."""

    __tablename__ = "policy_trials"

    number: int | None = Field(default=None, primary_key=True)
    proposal: int = Field(index=True)
    trial: str = Field(sa_type=Text)


class FundRow(TableRow, table=True):
    """A source of GPU-hours."""

    __tablename__ = "funds"

    name: str = Field(primary_key=True)
    title: str
    gpu_seconds: int = Field(sa_type=BigInteger)
    carry_over: int


class GrantRow(TableRow, table=True):
    """GPU-hours of a fund for a project, and the sums of the grant's entries.

    No sum is ever negative, and neither is what is left: the database itself refuses that.
    """

    __tablename__ = "grants"
    __table_args__ = (
        Index(None, "organisation", "project"),
        Index(None, "fund"),
        CheckConstraint("held >= 0 AND charged >= 0 AND lapsed >= 0", name="sums"),
        CheckConstraint(
            "awarded + carried_in - carried_out - lapsed - held - charged >= 0", name="left"
        ),
        ForeignKeyConstraint(
            ["organisation", "project"], ["projects.organisation", "projects.name"]
        ),
    )

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    fund: str = Field(foreign_key="funds.name")
    organisation: str
    project: str
    starts: datetime = Field(sa_type=UtcDateTime)
    expires: datetime = Field(sa_type=UtcDateTime)
    draw_order: int
    steps: str = Field(sa_type=Text)
    awarded: int = Field(sa_type=BigInteger)
    carried_in: int = Field(sa_type=BigInteger)
    carried_out: int = Field(sa_type=BigInteger)
    lapsed: int = Field(sa_type=BigInteger)
    held: int = Field(sa_type=BigInteger)
    charged: int = Field(sa_type=BigInteger)


class BudgetEntryRow(TableRow, table=True):
    """One line of the grants' ledger; only ever added to."""

    __tablename__ = "budget_entries"
    __table_args__ = (Index(None, "grant_number", "entry_id"),)

    entry_id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    grant_number: int = Field(foreign_key="grants.number")
    kind: str
    amount: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)
    job_id: int = Field(sa_type=BigInteger)
    attempt: int
    gpu_seconds: int = Field(sa_type=BigInteger)


class OpenChargeRow(TableRow, table=True):
    """A charge that is confirmed once Slurm's accounting has its run; then the row is gone."""

    __tablename__ = "open_charges"

    number: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    charge: str = Field(sa_type=Text)


class CounterRow(TableRow, table=True):
    """The last number that was given out under a name."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


JOBS: Table = METADATA.tables["jobs"]
SCRIPTS: Table = METADATA.tables["scripts"]
ENVIRONMENTS: Table = METADATA.tables["environments"]
REQUESTS: Table = METADATA.tables["requests"]
EVENTS: Table = METADATA.tables["job_events"]
CYCLES: Table = METADATA.tables["cycles"]
LEASES: Table = METADATA.tables["leases"]
BUCKETS: Table = METADATA.tables["usage_buckets"]
PROJECTS: Table = METADATA.tables["projects"]
USERS: Table = METADATA.tables["users"]
FUNDS: Table = METADATA.tables["funds"]
GRANTS: Table = METADATA.tables["grants"]
BUDGET_ENTRIES: Table = METADATA.tables["budget_entries"]
ORGANISATIONS: Table = METADATA.tables["organisations"]
CHANGES: Table = METADATA.tables["tenant_changes"]
OPEN_CHARGES: Table = METADATA.tables["open_charges"]
COUNTERS: Table = METADATA.tables["counters"]
JOB_ID_COUNTER = "job_id"
INSTALLATION = "installation"
# Microseconds since 1970, both there or neither: see `domain.adopting.Restoration`.
RESTORED_AT = "restored_at_us"
BACKUP_OF = "backup_of_us"
