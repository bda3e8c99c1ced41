"""Nothing that was acknowledged is lost when the process is killed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from scheduler.domain.records import JobQuery
from scheduler.store.sql import SqlStore, open_store
from tests.store.dies_midway import ARRAY


def acknowledged_before_the_kill(url: str, enough: int) -> list[int]:
    """Kill a submitting process once it has acknowledged `enough` requests; return them all."""
    command = [sys.executable, "-m", "tests.store.dies_midway", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = list(islice(process.stdout, enough))
        process.kill()
        lines += process.stdout
    return [int(line) for line in lines]


def array_sizes(store: SqlStore) -> Counter[int]:
    jobs = store.jobs(JobQuery(limit=1_000_000))
    return Counter(job.array.array_id for job in jobs if job.array)


@pytest.mark.parametrize("enough", [1, 100, 777])
def test_every_acknowledged_job_survives_a_kill(tmp_path: Path, enough: int) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    acknowledged = acknowledged_before_the_kill(url, enough)
    store = open_store(url)
    stored = array_sizes(store)

    assert len(acknowledged) >= enough
    assert set(acknowledged) <= set(stored)
    assert set(stored.values()) == {ARRAY}
    assert store.last_event_id() == sum(stored.values()) == len(store.pending())
    store.close()
