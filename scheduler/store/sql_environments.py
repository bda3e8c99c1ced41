"""Keeps the environments that jobs were submitted with, for as long as one of them lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, exists, or_, select

from scheduler.domain.jobs import TERMINAL, Job
from scheduler.domain.records import NewJobs
from scheduler.store.bulk import bulk_insert
from scheduler.store.on_database import chunked
from scheduler.store.tables import ENVIRONMENTS, JOBS

_VARIABLES = TypeAdapter(dict[str, str])
_INSERT = bulk_insert(ENVIRONMENTS)
_FIRST = ENVIRONMENTS.c.first_job_id
_BY_ID = select(ENVIRONMENTS).where(_FIRST.in_(bindparam("ids", expanding=True)))
_ENDED = sorted(state.value for state in TERMINAL)
_LIVES = exists().where(
    or_(JOBS.c.job_id == _FIRST, JOBS.c.array_id == _FIRST), JOBS.c.state.not_in(_ENDED)
)
_FORGET = delete(ENVIRONMENTS).where(_FIRST.in_(bindparam("ids", expanding=True)), ~_LIVES)


def keep_environments(connection: Connection, accepted: Mapping[int, NewJobs]) -> None:
    """Store each request's environment once, by the id of the first of its jobs."""
    brought = {first: new.spec.environment for first, new in accepted.items()}
    rows: list[dict[str, object]] = [
        {"first_job_id": first, "variables": _VARIABLES.dump_json(dict(variables)).decode()}
        for first, variables in brought.items()
        if variables
    ]
    _INSERT.run(connection, rows)


def environments_of(connection: Connection, jobs: Iterable[Job]) -> dict[int, dict[str, str]]:
    """Return what is kept of these jobs' environments, by the id of each request's first job."""
    return {
        row.first_job_id: _VARIABLES.validate_json(row.variables)
        for some_ids in chunked(sorted(set(map(first_id, jobs))))
        for row in connection.execute(_BY_ID, {"ids": some_ids})
    }


def forget_environments(connection: Connection, jobs: Iterable[Job]) -> None:
    """Let go of what jobs that have ended brought, unless others of their array still need it."""
    ended = sorted({first_id(job) for job in jobs if job.state in TERMINAL})
    for some_ids in chunked(ended):
        connection.execute(_FORGET, {"ids": some_ids})


def first_id(job: Job) -> int:
    """Return the id of the first job of the request that the job came with."""
    return job.array.array_id if job.array else job.job_id
