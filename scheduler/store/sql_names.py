"""Which jobs the names in dependencies stand for: many at once, in a few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, bindparam, func, select, tuple_

from scheduler.domain.dependencies.terms import FoundJobs, NamedJob
from scheduler.store.on_database import OnDatabase, chunked
from scheduler.store.tables import JOBS

_OWNED = select(JOBS.c.job_id, JOBS.c.organisation, JOBS.c.user_name)
_BY_NUMBER = _OWNED.where(JOBS.c.job_id.in_(bindparam("ids", expanding=True)))
_LAST_OF_ARRAYS = (
    select(JOBS.c.array_id, func.max(JOBS.c.job_id).label("last_id"))
    .where(JOBS.c.array_id.in_(bindparam("ids", expanding=True)))
    .group_by(JOBS.c.array_id)
)
_BY_ELEMENT = _OWNED.add_columns(JOBS.c.array_id, JOBS.c.array_index).where(
    # The index has the arrays alone: without them SQLite would go through all jobs.
    JOBS.c.array_id.in_(bindparam("ids", expanding=True)),
    tuple_(JOBS.c.array_id, JOBS.c.array_index).in_(bindparam("elements", expanding=True)),
)


class SqlNames(OnDatabase):
    """The part of the store that knows jobs by the names that users have for them."""

    def found(self, names: Collection[NamedJob]) -> dict[NamedJob, FoundJobs]:
        numbers = sorted({name.number for name in names if name.index is None})
        elements = sorted({(one.number, one.index) for one in names if one.index is not None})
        with self._database.read() as connection:
            return dict((*_whole(connection, numbers), *_elements(connection, elements)))


def _whole(connection: Connection, numbers: list[int]) -> Iterator[tuple[NamedJob, FoundJobs]]:
    """Yield jobs by their numbers; that of an array, its first element's, is all elements'."""
    for ids in chunked(numbers):
        last = {
            row.array_id: row.last_id for row in connection.execute(_LAST_OF_ARRAYS, {"ids": ids})
        }
        for row in connection.execute(_BY_NUMBER, {"ids": ids}):
            span = range(row.job_id, last.get(row.job_id, row.job_id) + 1)
            yield NamedJob(row.job_id), FoundJobs(row.organisation, row.user_name, span)


def _elements(
    connection: Connection, elements: list[tuple[int, int]]
) -> Iterator[tuple[NamedJob, FoundJobs]]:
    for some in chunked(elements):
        ids_and_elements = {"ids": sorted({array_id for array_id, _ in some}), "elements": some}
        for row in connection.execute(_BY_ELEMENT, ids_and_elements):
            ids = range(row.job_id, row.job_id + 1)
            name = NamedJob(row.array_id, row.array_index)
            yield name, FoundJobs(row.organisation, row.user_name, ids)
