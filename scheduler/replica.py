"""One service among those that share a database: its name, and its right to the database."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scheduler.store.sole_use import sole_use


@dataclass(frozen=True, slots=True)
class Replica:
    """A running service; no two that may act at once bear the same name.

    `locks` are open descriptors: who leads in its name holds them, so that they outlive it.
    """

    name: str
    locks: tuple[int, ...] = ()


@contextmanager
def this_replica(database_url: str) -> Iterator[Replica]:
    """Yield this service as it is called for the length of the block.

    Who has a SQLite file to itself always bears the same name, and leads at once where its
    forerunner led: the file's lock says that it is gone. Elsewhere a name is borne once, and a
    forerunner's lease must lapse. Raises StoreUnavailable when another service has the file.
    """
    with sole_use(database_url) as lock:
        if lock is not None:
            yield Replica("sole", (lock,))
        else:
            yield Replica(f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")
