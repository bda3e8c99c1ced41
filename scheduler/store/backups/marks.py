"""What is written into a restored database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from scheduler.store.sql_restored import microseconds
from scheduler.store.tables import BACKUP_OF, JOB_ID_COUNTER, RESTORED_AT

# More than can have been accepted since any backup that is worth restoring: new jobs get none of
# the numbers that jobs in Slurm may bear, from the first moment on.
SKIPPED_JOB_IDS = 1_000_000


def marking(restored_at: datetime, backup_of: datetime, counters: str) -> Iterator[str]:
    """Yield the statements that mark the database; `counters` is the table's quoted name.

    A database that was restored before and has not caught up keeps the earlier moment.
    """
    for name, moment in ((RESTORED_AT, restored_at), (BACKUP_OF, backup_of)):
        yield (
            f"INSERT INTO {counters} (name, value) VALUES ('{name}', {microseconds(moment)}) "  # noqa: S608 - constants and integers
            "ON CONFLICT (name) DO UPDATE SET value = CASE WHEN excluded.value < "
            "counters.value THEN excluded.value ELSE counters.value END"
        )
    yield (
        f"UPDATE {counters} SET value = value + {SKIPPED_JOB_IDS} "  # noqa: S608 - as above
        f"WHERE name = '{JOB_ID_COUNTER}'"
    )
