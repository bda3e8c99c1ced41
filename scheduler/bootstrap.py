"""The first cluster admin: the one user that cannot be created through the API."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from scheduler.domain.register import Entry, RegisterChange, Step
from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.errors import InvalidRequest, Violation
from scheduler.identity import token_sha256
from scheduler.tenancy import TenantStore
from scheduler.texts import said

# Operators administer and never submit: no policy gives their class a share.
CREATED_BY = "tendik-scheduler init"
OPERATORS = Organisation("operations", "Operators of the cluster", "operators")


def create_first_admin(tenants: TenantStore, name: str, token: str, at: datetime) -> None:
    """Create a cluster admin with this token, which is stored only as a hash.

    The register's history says that it was done here. Raises AlreadyExists when the name is taken;
    a lost token is replaced by `rotate-token`.
    """
    entries: tuple[Entry, ...] = (
        OPERATORS,
        Project(OPERATORS.name, "administration", "Administration"),
        User(name, OPERATORS.name, "administration", "nobody", Role.CLUSTER_ADMIN),
    )
    known = {organisation.name for organisation in tenants.organisations()}
    steps = [Step(None, entry) for entry in (entries[2:] if OPERATORS.name in known else entries)]
    tokens = {name: token_sha256(token)}
    tenants.change_register(RegisterChange(tuple(steps), CREATED_BY, at, tokens))


@contextmanager
def token_kept_in(file: Path, token: str) -> Iterator[None]:
    """Write the token to a new file, as `write_token` does, and only then let it be used.

    When the use fails the file is removed again, so that it never holds a token of nobody's.
    """
    write_token(file, token)
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def write_token(file: Path, token: str) -> None:
    """Write the token to a new file that only its owner may read.

    Raises InvalidRequest when the file cannot be written, or exists: others may have it open.
    """
    try:
        with open(file, "x", encoding="utf-8", opener=_open_privately) as opened:
            opened.write(f"{token}\n")
    except FileExistsError as error:
        message = said(
            "{file!r} exists already; name a new file, or remove this one", file=str(file)
        )
        raise InvalidRequest(Violation("token file", message)) from error
    except OSError as error:
        message = said(
            "{file!r} cannot be written: {reason}; name another file",
            file=str(file),
            reason=error.strerror,
        )
        raise InvalidRequest(Violation("token file", message)) from error


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
