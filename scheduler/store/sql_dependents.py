"""Jobs that wait for other jobs: which there are, what they turn on, and how it was ruled."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, or_, select

from scheduler.domain.dependencies.rulings import (
    DependentJob,
    Evidence,
    Live,
    Namesake,
    Ruling,
    Standing,
    Tally,
    standing_of,
)
from scheduler.domain.jobs import Job, JobState
from scheduler.store.moves import ruled, tells_of_ruling
from scheduler.store.on_database import OnDatabase, chunked
from scheduler.store.rows import dependent_of, event_values
from scheduler.store.sql_budgets import close, opened_for
from scheduler.store.sql_cycles import INSERT_EVENTS
from scheduler.store.sql_environments import forget_environments
from scheduler.store.sql_jobs import LIVE_STATES, TENANT
from scheduler.store.sql_leases import refuse_old
from scheduler.store.sql_moves import BREATH_S, MOVED_AT_ONCE, stored_jobs, update_jobs
from scheduler.store.tables import JOBS

_DEPENDENTS = (
    select(JOBS.c.job_id, JOBS.c.name, JOBS.c.dependency, *TENANT)
    .where(JOBS.c.state == JobState.PENDING.value, JOBS.c.dependent_since.is_not(None))
    .order_by(JOBS.c.job_id)
)
_HAS_BEGUN = or_(
    *(JOBS.c.started_at.is_not(None), JOBS.c.ended_at.is_not(None)),
    *(JOBS.c.recalls > 0, JOBS.c.requeues > 0),
)
_BEGUN_AT = case(
    (_HAS_BEGUN, func.coalesce(JOBS.c.started_at, JOBS.c.ended_at, JOBS.c.changed_at)), else_=None
)
_ONE_BY_ONE = select(
    JOBS.c.job_id, JOBS.c.state, JOBS.c.job_id.label("greatest_id"), _BEGUN_AT.label("begun_at")
).where(JOBS.c.job_id.in_(bindparam("ids", expanding=True)))
_TOGETHER = (
    select(
        *(JOBS.c.state, func.count().label("jobs")),
        *(func.max(JOBS.c.job_id).label("greatest_id"), func.max(_BEGUN_AT).label("begun_at")),
    )
    .where(JOBS.c.job_id.between(bindparam("first"), bindparam("last")))
    .group_by(JOBS.c.state, _HAS_BEGUN)
)
_LIVE = (
    select(JOBS.c.job_id, JOBS.c.name, JOBS.c.state)
    .where(
        JOBS.c.user_name == bindparam("user"),
        JOBS.c.state.in_(LIVE_STATES),
        JOBS.c.name.in_(bindparam("names", expanding=True)),
    )
    .order_by(JOBS.c.job_id)
)


class SqlDependents(OnDatabase):
    """The part of the store that knows which jobs wait for others."""

    def dependents(self) -> tuple[DependentJob, ...]:
        with self._database.read() as connection:
            return tuple(map(dependent_of, connection.execute(_DEPENDENTS)))

    def evidence(self, dependents: Sequence[DependentJob]) -> Evidence:
        terms = (term for job in dependents for term in job.dependency.terms)
        spans = {term.job_ids for term in terms if term.named is not None}
        namesakes = {job.namesake for job in dependents if job.is_singleton}
        with self._database.read() as connection:
            standings = dict(_standings(connection, spans))
            return Evidence(standings, dict(_live(connection, namesakes)))

    def rule(self, rulings: Mapping[int, Ruling], at: datetime, epoch: int = 0) -> tuple[Job, ...]:
        ids = sorted(rulings)
        ended: list[Job] = []
        for first in range(0, len(ids), MOVED_AT_ONCE):
            if first:
                time.sleep(BREATH_S)
            some = {job_id: rulings[job_id] for job_id in ids[first : first + MOVED_AT_ONCE]}
            with self._database.write() as connection:
                refuse_old(connection, epoch)
                ended += _rule(connection, some, at)
        return tuple(ended)


def _standings(
    connection: Connection, spans: Collection[range]
) -> Iterator[tuple[range, Standing]]:
    alone = sorted(span[0] for span in spans if len(span) == 1)
    for some_ids in chunked(alone):
        for row in connection.execute(_ONE_BY_ONE, {"ids": some_ids}):
            one = Tally(JobState(row.state), 1, row.job_id, row.begun_at)
            yield range(row.job_id, row.job_id + 1), standing_of([one])
    for span in spans:
        if len(span) > 1:
            rows = connection.execute(_TOGETHER, {"first": span[0], "last": span[-1]})
            yield span, standing_of(Tally(JobState(state), *rest) for state, *rest in rows)


def _live(
    connection: Connection, namesakes: Collection[Namesake]
) -> Iterator[tuple[Namesake, Live]]:
    names: dict[str, list[str]] = defaultdict(list)
    for user, name in sorted(namesakes):
        names[user].append(name)
    for user, wanted in names.items():
        begun_by_id: dict[str, dict[int, bool]] = defaultdict(dict)
        for some_names in chunked(wanted):
            for row in connection.execute(_LIVE, {"user": user, "names": some_names}):
                begun_by_id[row.name][row.job_id] = row.state != JobState.PENDING
        for name, begun in begun_by_id.items():
            yield (user, name), Live(tuple(begun), frozenset(filter(begun.get, begun)))


def _rule(connection: Connection, rulings: Mapping[int, Ruling], at: datetime) -> list[Job]:
    """Write what changed, and return the jobs that were cancelled."""
    stored = stored_jobs(connection, rulings.keys()).values()
    books = opened_for(connection, stored)
    pairs = [
        (job, books.settle(job, ruled(job, rulings[job.job_id], at), (), at)) for job in stored
    ]
    close(connection, books)
    changed = [(before, after) for before, after in pairs if after != before]
    update_jobs(connection, [after for _, after in changed])
    told = [after for before, after in changed if tells_of_ruling(before, after)]
    INSERT_EVENTS.run(connection, [event_values(job) | {"at": at} for job in told])
    cancelled = [after for _, after in changed if after.state is JobState.CANCELLED]
    forget_environments(connection, cancelled)
    return cancelled
