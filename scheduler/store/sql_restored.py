"""Knows whether the database was restored, and takes over what Slurm did in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update

from scheduler.domain.adopting import Adoption, Restoration, adopted
from scheduler.domain.jobs import Job
from scheduler.store.books import Books
from scheduler.store.on_database import OnDatabase
from scheduler.store.sql_budgets import close, opened_for
from scheduler.store.sql_environments import forget_environments
from scheduler.store.sql_leases import refuse_old
from scheduler.store.sql_moves import charge, stored_jobs, tell_moves, update_jobs
from scheduler.store.tables import BACKUP_OF, COUNTERS, JOB_ID_COUNTER, RESTORED_AT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARKS = (RESTORED_AT, BACKUP_OF)
_MARKS = select(COUNTERS.c.name, COUNTERS.c.value).where(COUNTERS.c.name.in_(MARKS))


class SqlRestored(OnDatabase):
    """The part of the store that has to catch up with Slurm after a restore."""

    def restoration(self) -> Restoration | None:
        with self._database.read() as connection:
            marks = {row.name: _moment(row.value) for row in connection.execute(_MARKS)}
        return Restoration(marks[RESTORED_AT], marks[BACKUP_OF]) if marks else None

    def adopt(
        self, adoptions: Sequence[Adoption], last_job_id: int, at: datetime, epoch: int = 0
    ) -> None:
        last_given = COUNTERS.c.name == JOB_ID_COUNTER
        behind = last_given & (COUNTERS.c.value < last_job_id)
        with self._database.write() as connection:
            refuse_old(connection, epoch)
            rows = stored_jobs(connection, {one.job_id for one in adoptions})
            books = opened_for(connection, rows.values())
            jobs = list(_adopted(rows, adoptions, books, at))
            close(connection, books)
            update_jobs(connection, jobs)
            tell_moves(connection, jobs)
            forget_environments(connection, jobs)
            charge(connection, (run for one in adoptions for run in one.charges))
            connection.execute(update(COUNTERS).where(behind).values(value=last_job_id))
            connection.execute(delete(COUNTERS).where(COUNTERS.c.name.in_(MARKS)))


def _adopted(
    rows: Mapping[int, Job], adoptions: Sequence[Adoption], books: Books, at: datetime
) -> Iterator[Job]:
    for one in adoptions:
        before = rows[one.job_id]
        after = adopted(before, one, at)
        if after is not None:
            yield books.settle(before, after, one.charges, at)


def microseconds(at: datetime) -> int:
    """Return the moment as the marks keep it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def _moment(microseconds_since: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds_since)
