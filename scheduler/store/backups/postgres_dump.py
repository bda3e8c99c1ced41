"""PostgreSQL's own dump of a database, and back, with its own programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, make_url, text

from scheduler.errors import StoreUnavailable
from scheduler.store.database import open_database
from scheduler.texts import said

# A row of ours that is looked at while the service should be down must not be waited for long.
LOCK_TIMEOUT = "SET lock_timeout = '5s';\n"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def dump(url: str, payload: Path) -> None:
    """Write the state of one moment; the service may go on writing.

    Raises StoreUnavailable with the programs' own words.
    """
    _run("pg_dump", url, "--format=custom", *NOBODYS, f"--file={payload}", folder=payload.parent)
    # Reading it back whole is the check that it can be.
    _run("pg_restore", "", "--file=/dev/null", str(payload), folder=payload.parent)


def load(payload: Path, url: str, marking: Iterable[str]) -> None:
    """Make the database what the dump is, marked, in one transaction.

    Raises StoreUnavailable while anybody is connected to the database, or with psql's own words;
    the database is then what it was before.
    """
    folder = payload.parent
    head, body, tail = folder / "head.sql", folder / "body.sql", folder / "tail.sql"
    head.write_text(LOCK_TIMEOUT + _emptying(url), encoding="utf-8")
    _run("pg_restore", "", *NOBODYS, f"--file={body}", str(payload), folder=folder)
    # A dump leaves the session without a search path.
    last = "".join(f"{statement};\n" for statement in ("RESET search_path", *marking))
    tail.write_text(last, encoding="utf-8")
    parts = [f"--file={part}" for part in (head, body, tail)]
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    _run("psql", url, "--single-transaction", *options, *parts, folder=folder)


# Whoever restores it owns it.
NOBODYS = ("--no-owner", "--no-privileges")


def _emptying(url: str) -> str:
    """Return what drops our tables. Raises StoreUnavailable while others are connected."""
    database = open_database(url, wait_s=5)
    try:
        with database.read() as connection:
            others = connection.execute(_OTHERS).scalar_one()
            if others:
                raise StoreUnavailable(
                    said(
                        "store {name}: {others} connections are open; stop the service first",
                        name=database.name,
                        others=others,
                    )
                )
            return "".join(_drops(connection))
    finally:
        database.close()


def _drops(connection: Connection) -> Iterable[str]:
    quote = connection.dialect.identifier_preparer.quote
    for table in inspect(connection).get_table_names():
        yield f"DROP TABLE {quote(table)} CASCADE;\n"


def _run(name: str, url: str, *arguments: str, folder: Path) -> None:
    program = shutil.which(name)
    if program is None:
        raise StoreUnavailable(
            said("{name} is not on PATH: install postgresql-client of the server", name=name)
        )
    database = [f"--dbname={_for_programs(url, folder)}"] if url else []
    done = subprocess.run(
        [program, *database, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        printed = " ".join(done.stderr.split())[:500]
        raise StoreUnavailable(
            said(
                "{name} failed: {printed}",
                name=name,
                printed=printed or said("it ended with {status}", status=done.returncode),
            )
        )


def _for_programs(url: str, folder: Path) -> str:
    """Return the URL as libpq reads it; the password is in a file, where `ps` does not show it."""
    parsed = make_url(url)
    password = parsed.password
    query = dict(parsed.query)
    if password is not None:
        file = folder / "pgpass"
        escaped = str(password).replace("\\", "\\\\").replace(":", "\\:")
        file.touch(mode=0o600)
        file.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
        query["passfile"] = str(file)
    place = (parsed.username, None, parsed.host, parsed.port, parsed.database)
    return URL.create("postgresql", *place, query).render_as_string(hide_password=False)
