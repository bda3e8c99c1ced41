"""A process that stores jobs, says which ones are acknowledged, and waits to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from scheduler.store.group_commit import GroupCommit
from scheduler.store.sql import open_store
from tests.store.build import a_new

ARRAY = 3


async def submit_forever(writer: GroupCommit, name: str) -> None:
    for number in count():
        jobs = await writer.add(a_new(f"{name}-{number}", indices=range(ARRAY)))
        # One short write to a pipe is whole or not at all.
        os.write(sys.stdout.fileno(), f"{jobs[0].job_id}\n".encode())


async def main(url: str) -> None:
    writer = GroupCommit(open_store(url))
    await asyncio.gather(*(submit_forever(writer, f"client-{n}") for n in range(20)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
