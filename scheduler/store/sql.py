"""The store: all its parts on one database, SQLite or PostgreSQL."""

from __future__ import annotations

from sqlalchemy import select, update

from scheduler.store.database import CHECKPOINT_PAGES, open_database
from scheduler.store.migrate import migrate
from scheduler.store.sql_budgets import SqlBudgets
from scheduler.store.sql_dependents import SqlDependents
from scheduler.store.sql_intake import SqlIntake
from scheduler.store.sql_jobs import SqlJobs
from scheduler.store.sql_leases import SqlLeases
from scheduler.store.sql_moves import SqlMoves
from scheduler.store.sql_names import SqlNames
from scheduler.store.sql_policies import SqlPolicies
from scheduler.store.sql_register import SqlRegister
from scheduler.store.sql_restored import SqlRestored
from scheduler.store.sql_tenants import SqlTenants
from scheduler.store.tables import COUNTERS, INSTALLATION


class SqlStore(
    SqlIntake,
    SqlJobs,
    SqlMoves,
    SqlDependents,
    SqlNames,
    SqlLeases,
    SqlRestored,
    SqlTenants,
    SqlRegister,
    SqlPolicies,
    SqlBudgets,
):
    """Fulfils `scheduler.ports.Store`; may be used from many threads at once."""

    def installation(self) -> str:
        """Return the number that the first migration drew, as 8 hexadecimal digits."""
        drawn = select(COUNTERS.c.value).where(COUNTERS.c.name == INSTALLATION)
        with self._database.read() as connection:
            return f"{connection.execute(drawn).scalar_one():08x}"

    def ready(self) -> None:
        """Make a small durable write: a full disk or a read-only database reads well enough."""
        with self._database.write() as connection:
            connection.execute(update(COUNTERS).values(value=COUNTERS.c.value))

    def close(self) -> None:
        self._database.close()


def open_store(url: str, wait_s: float = 5.0, checkpoint_pages: int = CHECKPOINT_PAGES) -> SqlStore:
    """Open the store of this URL, its schema created or brought up to date.

    `sqlite://` is kept in memory, `sqlite:///FILE` in a file, `postgresql://…` on a server. Locks
    and connections are waited for at most `wait_s`; for `checkpoint_pages` see `open_database`.
    Raises StoreUnavailable when the database cannot be reached, is damaged, is newer than this
    code, or holds something else.
    """
    database = open_database(url, wait_s, checkpoint_pages)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)
