"""The process in which the engine lives, so that nothing it does keeps a request waiting.

Run as `python -m scheduler.engine_child FD REPLICA`, with the service's own environment; see
docs/decisions/012. It tells the news on the pipe FD, and ends at any word from there, or its end.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection

from scheduler.config import Settings, read_settings
from scheduler.engine.news import News, Newscaster
from scheduler.engine_room import engine_room, exported, ticking
from scheduler.errors import TendikError
from scheduler.journal import log_as_json
from scheduler.rpc.memory import settle_memory
from scheduler.store.sql import open_store

# Where processors are few, a request goes first: it needs one for milliseconds, a cycle for long.
NICENESS = 10


def main(descriptor: int, replica: str) -> None:
    """Run the engine until the parent says so; an expected error is told to it."""
    settings = read_settings()
    log_as_json(settings.log_level)
    os.nice(NICENESS)
    with Connection(descriptor) as parent:
        try:
            run_beside(settings, parent, replica)
        except (TendikError, OSError, RuntimeError) as error:
            with suppress(OSError):
                parent.send(str(error))
            sys.exit(1)


def run_beside(settings: Settings, parent: Connection, replica: str) -> None:
    """Build the engine, tell the first news, and let it tick until the end."""
    with closing(open_store(settings.database_url)) as store:
        policy = store.current_policy()
        if policy is None:
            raise RuntimeError("the store holds no policy to begin with")
        with (
            engine_room(settings, store, policy, replica) as room,
            exported(settings, room) as world,
        ):
            newscaster = Newscaster(
                world.view, room.receipts.head, partial(_send, parent), room.agent
            )
            newscaster.tell()
            settle_memory()
            with ticking(settings, replace(world, listeners=(*world.listeners, newscaster))):
                wait_for_end(parent)


def _send(parent: Connection, news: News) -> None:
    """A parent that is gone is noticed by `wait_for_end`."""
    with suppress(OSError):
        parent.send(news)


def wait_for_end(parent: Connection) -> None:
    """Return when the parent says so, or died."""
    with suppress(EOFError, OSError):
        parent.recv()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
