"""Reads jobs, events, counts and usage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select

from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import HOLDING, ON_ITS_WAY, HoldingJob, Job, JobState, PendingJob
from scheduler.domain.past_jobs import PastJobQuery
from scheduler.domain.records import (
    JobEvent,
    JobQuery,
    Laggards,
    LiveChanges,
    QueueCount,
    UsageBucket,
)
from scheduler.domain.shares.usage import hour_of
from scheduler.errors import NotFound
from scheduler.store.on_database import OnDatabase, chunked
from scheduler.store.rows import (
    Row,
    dependent_of,
    event_of,
    holding_of,
    job_of,
    pending_of,
    plans_of,
    tenant_of,
)
from scheduler.store.sql_environments import environments_of, first_id
from scheduler.store.tables import BUCKETS, CYCLES, EVENTS, JOBS, SCRIPTS

# What the columns of ids can hold; a greater id is nobody's.
GREATEST_ID = 2**63 - 1
TENANT = (JOBS.c.tenant_class, JOBS.c.organisation, JOBS.c.project, JOBS.c.user_name)
ARRAY = (JOBS.c.array_id, JOBS.c.array_index, JOBS.c.array_limit)
PENDING_COLUMNS = (
    *(*TENANT, *ARRAY, JOBS.c.job_id, JOBS.c.request, JOBS.c.submitted_at, JOBS.c.start_by),
    *(JOBS.c.waits_since, JOBS.c.changed_at, JOBS.c.recalls),
)
HOLDING_COLUMNS = (
    *(*TENANT, *ARRAY, JOBS.c.job_id, JOBS.c.unix_account, JOBS.c.state),
    *(JOBS.c.placement, JOBS.c.request, JOBS.c.attempt, JOBS.c.slurm_id, JOBS.c.started_at),
    *(JOBS.c.changed_at, JOBS.c.cancel_requested_at),
    *(JOBS.c.recallable, JOBS.c.recall_requested_at, JOBS.c.submitted_at, JOBS.c.waits_since),
    JOBS.c.requeue_requested_at,
)
# Read at three places of every tick, mostly to learn that nothing happened.
_CHANGED_JOBS = (
    select(
        *(*HOLDING_COLUMNS, JOBS.c.start_by, JOBS.c.recalls, JOBS.c.held_at),
        *(JOBS.c.dependent_since, JOBS.c.dependency, JOBS.c.name),
    )
    .where(
        JOBS.c.job_id.in_(
            select(EVENTS.c.job_id).where(
                EVENTS.c.event_id > bindparam("after"), EVENTS.c.event_id <= bindparam("up_to")
            )
        )
    )
    .order_by(JOBS.c.job_id)
)
# Waits for a decision: neither its user nor another job keeps it back.
_CONSIDERED = (
    JOBS.c.state == JobState.PENDING.value,
    JOBS.c.held_at.is_(None),
    JOBS.c.dependent_since.is_(None),
)
_OLDEST_FIRST = (func.coalesce(JOBS.c.waits_since, JOBS.c.submitted_at), JOBS.c.job_id)
LIVE_STATES = sorted(state.value for state in HOLDING | {JobState.PENDING})
_JOBS_BY_ID = (
    select(JOBS).where(JOBS.c.job_id.in_(bindparam("ids", expanding=True))).order_by(JOBS.c.job_id)
)
_SCRIPTS_BY_ID = select(SCRIPTS).where(SCRIPTS.c.script_id.in_(bindparam("ids", expanding=True)))
_JOB_WITH_SCRIPT = (
    select(JOBS, SCRIPTS.c.text)
    .join(SCRIPTS, SCRIPTS.c.script_id == JOBS.c.script_id)
    .where(JOBS.c.job_id == bindparam("job_id"))
)


class SqlJobs(OnDatabase):
    """The part of the store that answers questions about jobs."""

    def job(self, job_id: int) -> Job:
        with self._database.read() as connection:
            return one_job(connection, job_id)

    def jobs(self, query: JobQuery) -> tuple[Job, ...]:
        newest_first = select(JOBS).where(*_filters(query)).order_by(JOBS.c.job_id.desc())
        with self._database.read() as connection:
            return tuple(map(job_of, connection.execute(newest_first.limit(query.limit))))

    def past_jobs(self, query: PastJobQuery) -> tuple[Job, ...]:
        asked = select(JOBS).where(
            JOBS.c.job_id > min(query.after_job_id, GREATEST_ID),
            or_(JOBS.c.ended_at.is_(None), JOBS.c.ended_at >= query.since),
        )
        with self._database.read() as connection:
            found = connection.execute(asked.order_by(JOBS.c.job_id).limit(query.limit))
            return tuple(map(job_of, found))

    def pending(self) -> tuple[PendingJob, ...]:
        oldest_first = select(*PENDING_COLUMNS).where(*_CONSIDERED).order_by(*_OLDEST_FIRST)
        with self._database.read() as connection:
            return tuple(map(pending_of, connection.execute(oldest_first)))

    def holding(self) -> tuple[HoldingJob, ...]:
        states = sorted(state.value for state in HOLDING)
        charged = select(*HOLDING_COLUMNS).where(JOBS.c.state.in_(states))
        with self._database.read() as connection:
            return tuple(map(holding_of, connection.execute(charged.order_by(JOBS.c.job_id))))

    def live_changes(self, after: int) -> LiveChanges:
        with self._database.read() as connection:
            # The id first: jobs are then read as these events left them, or later ones.
            up_to = _greatest(connection, EVENTS.c.event_id)
            if up_to <= after:
                return LiveChanges(up_to, (), (), ())
            rows = connection.execute(_CHANGED_JOBS, {"after": after, "up_to": up_to}).all()
        return LiveChanges(
            up_to,
            pending=tuple(map(pending_of, filter(_is_considered, rows))),
            holding=tuple(holding_of(row) for row in rows if row.state in HOLDING),
            gone=tuple(row.job_id for row in rows if _is_gone(row)),
            dependents=tuple(map(dependent_of, filter(_is_dependent, rows))),
        )

    def recalled(self) -> tuple[Job, ...]:
        told = select(JOBS.c.job_id).where(
            JOBS.c.state == JobState.RUNNING.value, JOBS.c.recall_requested_at.is_not(None)
        )
        with self._database.read() as connection:
            ids = connection.execute(told).scalars().all()
            return tuple(jobs_with_scripts(connection, ids).values())

    def launches(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        with self._database.read() as connection:
            jobs = jobs_with_scripts(connection, job_ids).values()
            brought = environments_of(connection, jobs)
        return tuple(_with_environment(job, brought.get(first_id(job), {})) for job in jobs)

    def events(self, after_id: int, limit: int) -> tuple[JobEvent, ...]:
        newer = (
            select(EVENTS, *TENANT)
            .join(JOBS, JOBS.c.job_id == EVENTS.c.job_id)
            .where(EVENTS.c.event_id > min(after_id, GREATEST_ID))
            .order_by(EVENTS.c.event_id)
        )
        with self._database.read() as connection:
            return tuple(map(event_of, connection.execute(newer.limit(limit))))

    def last_event_id(self) -> int:
        return self._greatest(EVENTS.c.event_id)

    def last_cycle(self) -> int:
        return self._greatest(CYCLES.c.number)

    def plans(self) -> tuple[PlannedStart, ...]:
        newest_first = select(CYCLES.c.plans).order_by(CYCLES.c.number.desc())
        with self._database.read() as connection:
            return plans_of(connection.execute(newest_first.limit(1)).scalar())

    def counts(self) -> tuple[QueueCount, ...]:
        alike = (*TENANT, JOBS.c.state, JOBS.c.reason, JOBS.c.pool)
        counted = (
            select(*alike, func.count().label("jobs"), func.sum(JOBS.c.gpus).label("all_gpus"))
            .where(JOBS.c.state.in_(LIVE_STATES))
            .group_by(*alike)
            .order_by(*alike)
        )
        with self._database.read() as connection:
            return tuple(
                QueueCount(
                    tenant_of(row),
                    JobState(row.state),
                    row.reason,
                    row.pool,
                    row.jobs,
                    int(row.all_gpus),
                )
                for row in connection.execute(counted)
            )

    def laggards(self, now: datetime, unmoved_since: datetime, limit: int) -> Laggards:
        waits = select(JOBS).where(*_CONSIDERED).order_by(*_OLDEST_FIRST).limit(limit)
        late = select(func.count()).where(*_CONSIDERED, JOBS.c.start_by < now)
        states = sorted(state.value for state in ON_ITS_WAY)
        unmoved = (JOBS.c.state.in_(states), JOBS.c.changed_at < unmoved_since)
        stuck = select(JOBS).where(*unmoved).order_by(JOBS.c.changed_at, JOBS.c.job_id)
        with self._database.read() as connection:
            return Laggards(
                tuple(map(job_of, connection.execute(waits))),
                connection.execute(late).scalar_one(),
                tuple(map(job_of, connection.execute(stuck.limit(limit)))),
                connection.execute(select(func.count()).where(*unmoved)).scalar_one(),
            )

    def usage(self, since: datetime) -> tuple[UsageBucket, ...]:
        recent = select(BUCKETS).where(BUCKETS.c.hour >= hour_of(since))
        with self._database.read() as connection:
            return tuple(
                UsageBucket(tenant_of(row), row.pool, row.hour, row.gpu_seconds)
                for row in connection.execute(recent.order_by(*BUCKETS.primary_key))
            )

    def _greatest(self, column: ColumnElement[int]) -> int:
        with self._database.read() as connection:
            return _greatest(connection, column)


def _is_considered(row: Row) -> bool:
    is_kept_back = row.held_at is not None or row.dependent_since is not None
    return row.state == JobState.PENDING and not is_kept_back


def _is_gone(row: Row) -> bool:
    return row.state not in HOLDING and not _is_considered(row)


def _is_dependent(row: Row) -> bool:
    return row.state == JobState.PENDING and row.dependent_since is not None


def _greatest(connection: Connection, column: ColumnElement[int]) -> int:
    return connection.execute(select(func.max(column))).scalar_one() or 0


def one_job(connection: Connection, job_id: int) -> Job:
    """Return the job with its script. Raises NotFound."""
    if 0 < job_id <= GREATEST_ID:
        row = connection.execute(_JOB_WITH_SCRIPT, {"job_id": job_id}).one_or_none()
        if row is not None:
            return job_of(row, row.text)
    raise NotFound("job", str(job_id))


def jobs_with_scripts(connection: Connection, job_ids: Collection[int]) -> dict[int, Job]:
    """Return those of these jobs that exist, in the order of their ids.

    Each script is read once, however many jobs share it.
    """
    rows = [
        row
        for some_ids in chunked(sorted(job_ids))
        for row in connection.execute(_JOBS_BY_ID, {"ids": some_ids})
    ]
    scripts = {
        row.script_id: row.text
        for some_ids in chunked(sorted({row.script_id for row in rows}))
        for row in connection.execute(_SCRIPTS_BY_ID, {"ids": some_ids})
    }
    return {row.job_id: job_of(row, scripts[row.script_id]) for row in rows}


def _with_environment(job: Job, environment: Mapping[str, str]) -> Job:
    return replace(job, spec=replace(job.spec, environment=environment)) if environment else job


def _filters(query: JobQuery) -> list[ColumnElement[bool]]:
    """Return what the query's set fields ask for."""
    columns = JOBS.c
    states = sorted(state.value for state in query.states)
    asked = (
        (query.organisation, columns.organisation == query.organisation),
        (query.project, columns.project == query.project),
        (query.user, columns.user_name == query.user),
        (states, columns.state.in_(states)),
        (query.array_id, columns.array_id == min(query.array_id, GREATEST_ID)),
        (query.before_job_id, columns.job_id < min(query.before_job_id, GREATEST_ID)),
    )
    return [condition for is_asked, condition in asked if is_asked]
