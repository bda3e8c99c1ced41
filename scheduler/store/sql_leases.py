"""The one lease that says which replica leads, and the check that keeps all others from writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, literal_column, select, update

from scheduler.errors import NotLeading
from scheduler.store.on_database import OnDatabase
from scheduler.store.rows import Row
from scheduler.store.tables import LEASES, UtcDateTime

# More terms than can have been served since any backup that is worth restoring.
SKIPPED_EPOCHS = 1_000_000
# The database's own clock: replicas' clocks need not agree. In PostgreSQL the time of the
# statement, because a transaction may have waited for its turn since it began.
NOW: Mapping[str, str] = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')",
    "postgresql": "clock_timestamp()",
}


class SqlLeases(OnDatabase):
    """The part of the store that knows who leads."""

    def take_lease(self, holder: str, ttl_s: float) -> int | None:
        """Look first: followers ask every second, and a writer's turn is dear."""
        with self._database.read() as connection:
            if not _is_free_for(holder, _lease(connection)):
                return None
        with self._database.write() as connection:
            lease = _lease(connection)
            if not _is_free_for(holder, lease):
                return None
            epoch: int = lease.epoch + 1
            expires_at = lease.now + timedelta(seconds=ttl_s)
            taken = update(LEASES).values(holder=holder, epoch=epoch, expires_at=expires_at)
            connection.execute(taken)
            return epoch

    def renew_lease(self, epoch: int, ttl_s: float) -> bool:
        with self._database.write() as connection:
            lease = _lease(connection)
            if lease.epoch != epoch or lease.expires_at is None:
                return False
            expires_at = lease.now + timedelta(seconds=ttl_s)
            connection.execute(update(LEASES).values(expires_at=expires_at))
            return True

    def give_up_lease(self, epoch: int) -> None:
        with self._database.write() as connection:
            given = update(LEASES).where(LEASES.c.epoch == epoch)
            connection.execute(given.values(holder="", expires_at=None))

    def skip_epochs(self) -> None:
        """Let nobody who led a later state of this database be taken for its leader again.

        A database that nobody has led yet stays so.
        """
        led = update(LEASES).where(LEASES.c.epoch > 0)
        later = LEASES.c.epoch + SKIPPED_EPOCHS
        with self._database.write() as connection:
            connection.execute(led.values(epoch=later, holder="", expires_at=None))


def refuse_old(connection: Connection, epoch: int) -> None:
    """Return when nobody has led since this epoch; ask within the transaction that writes.

    Raises NotLeading.
    """
    newest: int = connection.execute(select(LEASES.c.epoch)).scalar_one()
    if newest != epoch:
        raise NotLeading(epoch, newest)


def _lease(connection: Connection) -> Row:
    now = literal_column(NOW[connection.dialect.name], UtcDateTime).label("now")
    return connection.execute(select(*LEASES.columns, now)).one()


def _is_free_for(holder: str, lease: Row) -> bool:
    lapsed = lease.expires_at is None or lease.expires_at <= lease.now
    return lapsed or lease.holder == holder
