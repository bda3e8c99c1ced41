"""Moves jobs: cycles, cancels and evidence from the backend, in short transactions."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, select

from scheduler.domain.estimates import StartEstimate
from scheduler.domain.jobs import Job
from scheduler.domain.measured import Measured
from scheduler.domain.records import CycleRecord, Transition, UsageBucket
from scheduler.store.bulk import bulk_update
from scheduler.store.database import Database
from scheduler.store.moves import (
    cancel_wished,
    hold_wished,
    moved,
    recalled,
    release_wished,
    requeue_wished,
    started,
)
from scheduler.store.on_database import OnDatabase, chunked, insert_or
from scheduler.store.rows import CHANGING, changing_values, event_values, job_of, measured_text
from scheduler.store.sql_budgets import close, opened_for
from scheduler.store.sql_cycles import (
    INSERT_EVENTS,
    keep_bounds,
    keep_cycle,
    keep_estimates,
    keep_news,
    news_of,
)
from scheduler.store.sql_environments import forget_environments
from scheduler.store.sql_jobs import one_job
from scheduler.store.sql_leases import refuse_old
from scheduler.store.tables import BUCKETS, JOBS
from scheduler.store.told_waits import ToldWaits

# Requests wait for a transaction of so many, a few milliseconds, and then get their turn: a move
# costs ten times as much as a reason.
TOLD_AT_ONCE = 100
MOVED_AT_ONCE = 50
BREATH_S = 0.002

_UPDATE_JOBS = bulk_update(JOBS, "job_id", *CHANGING)
_KEEP_MEASURED = bulk_update(JOBS, "job_id", "measured")


class SqlMoves(OnDatabase):
    """The part of the store through which every job moves."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._told_waits = ToldWaits()

    def request_cancel(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, cancel_wished)

    def request_requeue(self, job_id: int, at: datetime, began: datetime | None = None) -> Job:
        return self._wished(job_id, at, partial(requeue_wished, began=began))

    def hold(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, hold_wished)

    def release(self, job_id: int, at: datetime) -> Job:
        return self._wished(job_id, at, release_wished)

    def _wished(self, job_id: int, at: datetime, wish: Callable[[Job, datetime], Job]) -> Job:
        with self._database.write() as connection:
            before = one_job(connection, job_id)
            after = wish(before, at)
            if after != before:
                books = opened_for(connection, [before])
                after = books.settle(before, after, (), at, whole=True)
                close(connection, books)
                update_jobs(connection, [after])
                # A wish on a live job moves nothing, but whoever watches the job wants to know.
                INSERT_EVENTS.run(connection, [event_values(after) | {"at": at}])
                forget_environments(connection, [after])
            return after

    def record_cycle(self, record: CycleRecord) -> None:
        starts = {start.job_id: start for start in record.allocation.starts}
        with self._database.write() as connection:
            refuse_old(connection, record.epoch)
            keep_cycle(connection, record)
            waiting = stored_jobs(connection, starts.keys()).values()
            begun = [started(job, starts[job.job_id], record.taken_at) for job in waiting]
            going = [job for job in begun if job is not None]
            update_jobs(connection, going)
            tell_moves(connection, going)
            _recall(connection, record)
            keep_bounds(connection, record)
        self._tell_waiting(record)

    def _tell_waiting(self, record: CycleRecord) -> None:
        """Write reasons in short transactions, so that requests are stored in between.

        A crash among them leaves some jobs with an older reason until the next cycle.
        """
        with self._database.read() as connection:
            news = news_of(connection, record, self._told_waits)
        for first in range(0, len(news), TOLD_AT_ONCE):
            with self._database.write() as connection:
                refuse_old(connection, record.epoch)
                keep_news(connection, news[first : first + TOLD_AT_ONCE], record.taken_at)
            time.sleep(BREATH_S)
        self._told_waits.remember(record)

    def keep_estimates(self, estimates: Sequence[StartEstimate], epoch: int = 0) -> None:
        for first in range(0, len(estimates), TOLD_AT_ONCE):
            with self._database.write() as connection:
                refuse_old(connection, epoch)
                keep_estimates(connection, estimates[first : first + TOLD_AT_ONCE])
            time.sleep(BREATH_S)

    def keep_measured(self, measured: Mapping[int, Measured], epoch: int = 0) -> None:
        for job_ids in chunked(sorted(measured)):
            with self._database.write() as connection:
                refuse_old(connection, epoch)
                _KEEP_MEASURED.run(
                    connection,
                    [
                        {"at_job_id": job_id, "measured": measured_text(measured[job_id])}
                        for job_id in job_ids
                    ],
                )

    def apply(self, transitions: Sequence[Transition], epoch: int = 0) -> tuple[Job, ...]:
        changed: dict[int, Job] = {}
        for first in range(0, len(transitions), MOVED_AT_ONCE):
            if first:
                time.sleep(BREATH_S)
            with self._database.write() as connection:
                refuse_old(connection, epoch)
                changed |= _moved(connection, transitions[first : first + MOVED_AT_ONCE])
        return tuple(changed.values())


def _moved(connection: Connection, transitions: Sequence[Transition]) -> dict[int, Job]:
    """Make these moves, in their order, and return the jobs that moved."""
    changed: dict[int, Job] = {}
    history: list[Job] = []
    charges: list[UsageBucket] = []
    stored = stored_jobs(connection, {transition.job_id for transition in transitions})
    books = opened_for(connection, stored.values())
    for transition in transitions:
        job = stored.get(transition.job_id)
        if job is None or (after := moved(job, transition)) is None:
            continue
        paid = books.settle(job, after.job, after.charges, transition.at)
        stored[job.job_id] = changed[job.job_id] = paid
        history.append(paid)
        charges.extend(after.charges)
    close(connection, books)
    update_jobs(connection, changed.values())
    tell_moves(connection, history)
    charge(connection, charges)
    forget_environments(connection, changed.values())
    return changed


def _recall(connection: Connection, record: CycleRecord) -> None:
    """Tell running jobs to give their GPUs back; it is news to whoever watches them."""
    told = {recall.job_id: recall for recall in record.allocation.recalls}
    running = stored_jobs(connection, told.keys()).values()
    jobs = [recalled(job, told[job.job_id], record.taken_at) for job in running]
    leaving = [job for job in jobs if job is not None]
    update_jobs(connection, leaving)
    news = [event_values(job) | {"at": record.taken_at} for job in leaving]
    INSERT_EVENTS.run(connection, news)


def stored_jobs(connection: Connection, job_ids: Collection[int]) -> dict[int, Job]:
    return {
        row.job_id: job_of(row)
        for some_ids in chunked(sorted(job_ids))
        for row in connection.execute(select(JOBS).where(JOBS.c.job_id.in_(some_ids)))
    }


def update_jobs(connection: Connection, jobs: Iterable[Job]) -> None:
    _UPDATE_JOBS.run(connection, [changing_values(job) | {"at_job_id": job.job_id} for job in jobs])


def tell_moves(connection: Connection, history: Iterable[Job]) -> None:
    INSERT_EVENTS.run(connection, list(map(event_values, history)))


def charge(connection: Connection, charges: Iterable[UsageBucket]) -> None:
    totals: Counter[tuple[object, ...]] = Counter()
    for charge in charges:
        totals[charge.hour, *charge.tenant.path(4), charge.pool] += charge.gpu_seconds
    if not totals:
        return
    names = [column.name for column in BUCKETS.columns]
    rows = [dict(zip(names, (*key, total), strict=True)) for key, total in totals.items()]
    fresh = insert_or(connection, BUCKETS)
    added = BUCKETS.c.gpu_seconds + fresh.excluded.gpu_seconds
    connection.execute(
        fresh.on_conflict_do_update(
            index_elements=list(BUCKETS.primary_key), set_={"gpu_seconds": added}
        ),
        rows,
    )
