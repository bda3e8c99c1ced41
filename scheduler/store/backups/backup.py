"""Makes a backup while the service runs, and restores one while it does not."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, text

from scheduler.errors import StoreUnavailable
from scheduler.store.backups import postgres_dump, sqlite_copy
from scheduler.store.backups.archive import PAYLOAD, Manifest, digest, pack, unpack
from scheduler.store.backups.marks import marking
from scheduler.store.database import open_database
from scheduler.store.migrate import VERSION_TABLE, known_revisions, tables_of
from scheduler.store.sole_use import sole_use
from scheduler.store.sql import SqlStore, open_store
from scheduler.texts import said

WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class _Identity:
    """Which database it is, and the migration that it is at."""

    installation: str
    schema: str


def make_backup(url: str, file: Path, version: str, now: datetime) -> Manifest:
    """Write a checked backup to a new file; the service may run meanwhile.

    Raises StoreUnavailable naming what is wrong with the database, and OSError with the file.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists already; name a new file, or remove this one")
    kind = _kind(url)
    with tempfile.TemporaryDirectory(prefix=".tendik-backup-", dir=file.parent) as folder:
        payload = Path(folder) / PAYLOAD
        if kind == "sqlite":
            sqlite_copy.copy_out(url, payload)
            found = _identity(f"sqlite:///{payload}")
        else:
            found = _identity(url)
            postgres_dump.dump(url, payload)
        manifest = Manifest(kind, found.installation, version, found.schema, now, digest(payload))
        pack(payload, manifest, file)
    return manifest


def restore_backup(url: str, file: Path, now: datetime, *, replace: bool) -> Manifest:
    """Make the database what it was at the backup, marked as restored; the service must be down.

    Raises StoreUnavailable where the file is no whole backup of this kind of database, where this
    version is too old for it, where the database is in use, and where it holds something and
    `replace` is not said; OSError. Until the last moment the database is left as it was.
    """
    with (
        sole_use(url, patience_s=0),
        tempfile.TemporaryDirectory(prefix="tendik-restore-") as folder,
    ):
        manifest = unpack(file, Path(folder))
        _refuse_unfit(manifest, url)
        if not replace:
            _refuse_full(url)
        payload = Path(folder) / PAYLOAD
        if manifest.kind == "sqlite":
            _mark(payload, manifest, now)
            sqlite_copy.copy_in(payload, url)
        else:
            statements = marking(now, manifest.taken_at, "counters")
            postgres_dump.load(payload, url, statements)
            _bring_up_to_date(url)
    return manifest


def _kind(url: str) -> str:
    name = make_url(url).get_backend_name()
    if name == "sqlite":
        sqlite_copy.file_of(url)
    return name


def _identity(url: str) -> _Identity:
    """Return which database it is. Raises StoreUnavailable when it is not one of ours."""
    database = open_database(url, WAIT_S)
    with closing(database):
        with database.read() as connection:
            if VERSION_TABLE not in tables_of(connection):
                raise StoreUnavailable(
                    said("store {name}: it is no database of this service", name=database.name)
                )
            schema = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
            found = schema.scalar_one()
        return _Identity(SqlStore(database).installation(), found)


def _refuse_unfit(manifest: Manifest, url: str) -> None:
    kind = _kind(url)
    if manifest.kind != kind:
        raise StoreUnavailable(
            said("the backup is of {kind}, the database is {found}", kind=manifest.kind, found=kind)
        )
    if manifest.schema not in known_revisions():
        raise StoreUnavailable(
            said(
                "the backup was made by version {version}, whose schema {schema!r} this "
                "version does not know; restore it with that one",
                version=manifest.version,
                schema=manifest.schema,
            )
        )


def _refuse_full(url: str) -> None:
    """Refuse to replace a database that holds anything, or cannot be read."""
    if make_url(url).get_backend_name() == "sqlite" and not sqlite_copy.file_of(url).exists():
        return
    database = open_database(url, WAIT_S)
    with closing(database), database.read() as connection:
        if tables_of(connection):
            raise StoreUnavailable(
                said(
                    "store {name}: it holds data already; back it up, then say --replace",
                    name=database.name,
                )
            )


def _bring_up_to_date(url: str) -> None:
    """Migrate what was restored; a leader of the state that it replaces leads no more."""
    with closing(open_store(url)) as store:
        store.skip_epochs()


def _mark(payload: Path, manifest: Manifest, now: datetime) -> None:
    """Check the copy as the service would, bring its schema up to date, and mark it."""
    _bring_up_to_date(f"sqlite:///{payload}")
    database = open_database(f"sqlite:///{payload}", WAIT_S)
    with closing(database), database.write() as connection:
        for statement in marking(now, manifest.taken_at, "counters"):
            connection.exec_driver_sql(statement)
