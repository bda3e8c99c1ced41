"""Stores accepted requests in one transaction: jobs, scripts, environments, ids, first events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, insert, select, update

from scheduler.domain.jobs import Job, JobState
from scheduler.domain.records import NewJobs
from scheduler.errors import TendikError
from scheduler.store.bulk import bulk_insert
from scheduler.store.database import Database
from scheduler.store.intake import Intake, RequestKey, Taken
from scheduler.store.on_database import OnDatabase, chunked
from scheduler.store.pending_bounds import PendingBounds
from scheduler.store.rows import Values, new_rows
from scheduler.store.sql_budgets import close, opened
from scheduler.store.sql_environments import keep_environments
from scheduler.store.sql_jobs import jobs_with_scripts
from scheduler.store.tables import COUNTERS, EVENTS, JOB_ID_COUNTER, JOBS, REQUESTS, SCRIPTS

# Built once: making these anew for every batch would cost as much as running them.
_KNOWN = select(REQUESTS).where(REQUESTS.c.request_id.in_(bindparam("ids", expanding=True)))
_PENDING_OF_USERS = (
    select(JOBS.c.user_name, func.count())
    .where(JOBS.c.state == JobState.PENDING.value)
    .where(JOBS.c.user_name.in_(bindparam("users", expanding=True)))
    .group_by(JOBS.c.user_name)
)
_LAST_JOB_ID = select(COUNTERS.c.value).where(COUNTERS.c.name == JOB_ID_COUNTER)
_KEEP_LAST_JOB_ID = (
    update(COUNTERS).where(COUNTERS.c.name == JOB_ID_COUNTER).values(value=bindparam("last"))
)
_TELL_OF_NEW_JOBS = insert(EVENTS).from_select(
    ["job_id", "state", "at", "reason", "detail"],
    select(JOBS.c.job_id, JOBS.c.state, JOBS.c.submitted_at, JOBS.c.reason, JOBS.c.detail)
    .where(JOBS.c.job_id.between(bindparam("first"), bindparam("last")))
    .order_by(JOBS.c.job_id),
)
_INSERT_SCRIPTS = bulk_insert(SCRIPTS)
_INSERT_JOBS = bulk_insert(JOBS, "measured")
_INSERT_REQUESTS = bulk_insert(REQUESTS)


class SqlIntake(OnDatabase):
    """The part of the store that takes new jobs."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._pending_bounds = PendingBounds()

    def add_jobs(self, batch: Sequence[NewJobs]) -> list[tuple[Job, ...] | TendikError]:
        if not batch:
            return []
        with self._database.write() as connection:
            # Nobody else takes the next job ids while we are the writer.
            last_job_id: int = connection.execute(_LAST_JOB_ID).scalar_one()
            known = _known_requests(connection, batch)
            counted = self._pending_bounds.to_count(batch, last_job_id)
            pending_jobs = _pending_jobs(connection, counted)
            pending_jobs = self._pending_bounds.joined_with(pending_jobs, batch)
            projects = {(new.tenant.organisation, new.tenant.project) for new in batch}
            books = opened(connection, projects)
            intake = Intake(known, pending_jobs, last_job_id, books)
            verdicts = [intake.take(new) for new in batch]
            answers = _answers(connection, verdicts, _store(connection, intake))
            close(connection, books)
        self._pending_bounds.remember(intake, counted)
        return answers


def _known_requests(connection: Connection, batch: Sequence[NewJobs]) -> dict[RequestKey, Taken]:
    """Return what is stored under the batch's request ids, whichever user chose them."""
    request_ids = sorted({new.request_id for new in batch if new.request_id})
    return {
        (row.user_name, row.request_id): Taken(row.fingerprint, row.first_job_id, row.job_count)
        for some_ids in chunked(request_ids)
        for row in connection.execute(_KNOWN, {"ids": some_ids})
    }


def _pending_jobs(connection: Connection, users: set[str]) -> Counter[str]:
    counts = Counter(dict.fromkeys(users, 0))
    for some_users in chunked(sorted(users)):
        for user, jobs in connection.execute(_PENDING_OF_USERS, {"users": some_users}):
            counts[user] = jobs
    return counts


def _store(connection: Connection, intake: Intake) -> dict[int, tuple[Job, ...]]:
    """Store what was accepted and return each request's jobs by the first one's id."""
    if not intake.accepted:
        return {}
    stored = {first: intake.jobs(first, new) for first, new in intake.accepted.items()}
    script_ids: dict[str, int] = {}
    rows: list[Values] = []
    for first, jobs in stored.items():
        rows += new_rows(jobs, script_ids.setdefault(jobs[0].spec.script, first))
    scripts: list[Values] = [{"script_id": key, "text": text} for text, key in script_ids.items()]
    connection.execute(_KEEP_LAST_JOB_ID, {"last": intake.last_job_id})
    _INSERT_SCRIPTS.run(connection, scripts)
    _INSERT_JOBS.run(connection, rows)
    keep_environments(connection, intake.accepted)
    connection.execute(_TELL_OF_NEW_JOBS, {"first": min(stored), "last": intake.last_job_id})
    _INSERT_REQUESTS.run(connection, _request_rows(intake))
    return stored


def _request_rows(intake: Intake) -> list[Values]:
    return [
        {
            "user_name": user,
            "request_id": request_id,
            "fingerprint": taken.fingerprint,
            "first_job_id": taken.first_job_id,
            "job_count": taken.job_count,
        }
        for (user, request_id), taken in intake.new.items()
    ]


def _answers(
    connection: Connection,
    verdicts: Sequence[Taken | TendikError],
    stored: dict[int, tuple[Job, ...]],
) -> list[tuple[Job, ...] | TendikError]:
    taken = [verdict for verdict in verdicts if isinstance(verdict, Taken)]
    earlier = {id_ for one in taken if one.first_job_id not in stored for id_ in one.job_ids}
    jobs = jobs_with_scripts(connection, earlier)
    return [
        verdict
        if isinstance(verdict, TendikError)
        else stored.get(verdict.first_job_id) or tuple(jobs[id_] for id_ in verdict.job_ids)
        for verdict in verdicts
    ]
