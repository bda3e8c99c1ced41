"""A SQLite file has one service at a time, and a dead one does not keep it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.errors import StoreUnavailable
from scheduler.replica import this_replica
from scheduler.store.sole_use import sole_use

HOLDER = """
import sys, time
from scheduler.store.sole_use import sole_use
with sole_use(sys.argv[1]) as lock:
    print("has it", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'tendik.db'}"


def holder(url: str, *descriptors: int) -> subprocess.Popen[bytes]:
    """Return a process that has the file, once it has it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=descriptors,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"has it\n"
    return process


def test_a_second_service_is_refused_by_name_with_the_mend(url: str, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "tendik.db")
    with sole_use(url), pytest.raises(StoreUnavailable) as told, sole_use(f"sqlite:///{link}", 0):
        pass
    assert f"process {os.getpid()}" in str(told.value)
    assert "PostgreSQL" in str(told.value)


def test_a_service_that_was_killed_does_not_keep_the_file(url: str) -> None:
    process = holder(url)
    with pytest.raises(StoreUnavailable), sole_use(url, 0):
        pass
    process.kill()
    process.communicate()
    with sole_use(url, 0) as lock:
        assert lock is not None


def test_who_shares_the_lock_keeps_it_after_the_service_died(url: str, tmp_path: Path) -> None:
    """An engine that outlives its service by a tick still has the file."""
    with sole_use(url) as lock:
        assert lock is not None
        engine = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, pass_fds=[lock])
    with pytest.raises(StoreUnavailable), sole_use(url, 0):
        pass
    engine.communicate()
    with sole_use(url, 0):
        pass


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "postgresql://h/tendik", "?"])
def test_other_databases_are_shared(url: str) -> None:
    with sole_use(url, 0) as one, sole_use(url, 0) as other:
        assert (one, other) == (None, None)


def test_a_folder_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(StoreUnavailable, match=r"/no/such/t\.db"),
        sole_use("sqlite:////no/such/t.db"),
    ):
        pass


def test_who_has_a_file_alone_is_called_as_its_forerunner_and_others_are_not(url: str) -> None:
    names: list[set[str]] = []
    for one in (url, "postgresql://h/tendik"):
        names.append(set())
        for _ in range(2):
            with this_replica(one) as replica:
                names[-1].add(replica.name)

    assert [len(borne) for borne in names] == [1, 2]
