"""A request_id stands for one request of one user, whoever repeats it, at once or after a crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from threading import Barrier

import pytest

from scheduler.domain.records import NewJobs
from scheduler.errors import RequestIdReused
from scheduler.store.sql import SqlStore, open_store
from tests.build import a_spec
from tests.store.build import a_new, add

WRITERS = 6
# With the fingerprint that another process gives it as well.
THE_REQUEST = replace(a_new("r1"), fingerprint="f")
# Stores one request and is gone before it could tell anybody.
DIES_AFTER_THE_COMMIT = """
import os, sys
from scheduler.store.sql import open_store
from tests.contracts.test_request_ids_contract import THE_REQUEST
from tests.store.build import add
add(open_store(sys.argv[1]), THE_REQUEST)
os._exit(1)
"""


@pytest.fixture
def stores(lasting_url: str) -> Iterator[list[SqlStore]]:
    """Stores on one database that know nothing of each other, as those of replicas."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(closing(open_store(lasting_url, wait_s=60))) for _ in range(WRITERS)
        ]


def together(stores: list[SqlStore], new: Callable[[int], NewJobs]) -> list[object]:
    """Let every store take its request at the same moment; return what each answered."""
    start = Barrier(len(stores))

    def submit(number: int) -> object:
        start.wait()
        (answer,) = stores[number].add_jobs([new(number)])
        return answer

    with ThreadPoolExecutor(len(stores)) as threads:
        return list(threads.map(submit, range(len(stores))))


def test_the_same_request_at_once_is_one_job_and_one_answer(stores: list[SqlStore]) -> None:
    for number in range(10):
        answers = together(stores, lambda _, n=number: a_new(f"r{n}"))  # type: ignore[misc]  # n binds
        assert all(answer == answers[0] for answer in answers)
    assert len(stores[0].pending()) == 10


def test_of_different_requests_at_once_one_has_the_id_and_the_others_are_refused(
    stores: list[SqlStore],
) -> None:
    answers = together(stores, lambda number: a_new("r1", spec=a_spec(gpus=number + 1)))
    refused = [answer for answer in answers if isinstance(answer, RequestIdReused)]
    assert len(refused) == WRITERS - 1
    assert len(stores[0].pending()) == 1


def test_a_crash_between_commit_and_answer_leaves_the_first_answer_to_be_had(
    lasting_url: str,
) -> None:
    subprocess.run([sys.executable, "-c", DIES_AFTER_THE_COMMIT, lasting_url], check=False)
    with closing(open_store(lasting_url)) as store:
        (stored,) = store.pending()
        assert add(store, THE_REQUEST).job_id == stored.job_id
        assert len(store.pending()) == 1
