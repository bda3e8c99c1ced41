"""The explainer answers from a process of its own, and is begun anew when that ends."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from scheduler.domain.accounts.account import AccountQuestion, Accounts
from scheduler.domain.changes.forecast import PolicyForecast, PolicyQuestion
from scheduler.domain.cluster import ClusterState
from scheduler.domain.explaining import Explanation, Question
from scheduler.domain.policies import PolicyVersion
from scheduler.errors import ExplainerUnavailable
from scheduler.explainer.explainers import (
    MOST_OF_USER,
    MOST_WAITING,
    Explainer,
    explainer_in_process,
)
from scheduler.explainer.opening import Opening
from scheduler.explainer.pool import ENDS_WITHIN_S, OneProcess
from scheduler.store.sql import SqlStore, open_store
from tests.build import NOON, a_pending, a_policy, a_pool, nodes
from tests.engine.rig import found

POLICY = PolicyVersion(1, "test", "", "", "test", "", a_policy())
ANSWER = Explanation(NOON, starts=True)
FORECAST = PolicyForecast(NOON, ())
CLUSTER = ClusterState((a_pool(),), nodes(1), (), NOON)


def about(subject: object) -> Question:
    return Question(CLUSTER, POLICY, subject)  # type: ignore[arg-type]  # tests ask odd things


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{tmp_path / 'tendik.db'}")
    found(store, NOON)
    yield store
    store.close()


async def test_a_process_of_its_own_answers_from_the_same_database(
    store: SqlStore, tmp_path: Path
) -> None:
    explainer = explainer_in_process(Opening(f"sqlite:///{tmp_path / 'tendik.db'}", 4096, 5.0))
    try:
        unsubmitted = await explainer.explain(about(a_pending(0)), "ada")
        assert unsubmitted is not None
        assert unsubmitted.starts
        assert await explainer.explain(about(77), "ada") is None
    finally:
        explainer.close()


async def test_without_a_database_it_says_that_it_is_not_there() -> None:
    explainer = explainer_in_process(Opening("sqlite:////no/such/folder/tendik.db", 4096, 5.0))

    with pytest.raises(ExplainerUnavailable, match="ask again"):
        await explainer.explain(about(1), "ada")
    explainer.close()


def foreseen(_question: PolicyQuestion) -> PolicyForecast:
    return FORECAST


def accounted(question: AccountQuestion) -> Accounts:
    return Accounts(NOON, 1, question.organisation, ())


async def test_an_account_is_worked_out_from_the_same_database(
    store: SqlStore, tmp_path: Path
) -> None:
    explainer = explainer_in_process(Opening(f"sqlite:///{tmp_path / 'tendik.db'}", 4096, 5.0))
    try:
        found = await explainer.account(AccountQuestion(CLUSTER, POLICY, "alpha"), "ada")
        assert [(one.pool, one.held) for one in found.accounts] == [("gpu/h200", 0)]
        assert found.accounts[0].follows
    finally:
        explainer.close()


async def test_a_policy_is_foreseen_from_the_same_database(store: SqlStore, tmp_path: Path) -> None:
    explainer = explainer_in_process(Opening(f"sqlite:///{tmp_path / 'tendik.db'}", 4096, 5.0))
    try:
        forecast = await explainer.foresee(PolicyQuestion(CLUSTER, POLICY, POLICY), "ada")
        assert {standing.organisation for standing in forecast.standings} == {
            "alpha",
            "beta",
            "startup",
        }
        assert not forecast.starts
    finally:
        explainer.close()


def dies_of(question: Question) -> Explanation | None:
    if question.about == 13:
        os.kill(os.getpid(), signal.SIGALRM)
    return ANSWER


async def test_what_dies_over_a_question_answers_the_next_one() -> None:
    explainer = Explainer(OneProcess, dies_of, foreseen, accounted)
    with pytest.raises(ExplainerUnavailable):
        await explainer.explain(about(13), "ada")

    assert await explainer.explain(about(1), "ada") == ANSWER
    explainer.close()


def blocked_until(event: Event) -> Callable[[Question], Explanation | None]:
    def answer(question: Question) -> Explanation | None:
        event.wait(30)
        return ANSWER

    return answer


async def test_when_many_wait_the_next_one_is_asked_to_come_again() -> None:
    event = Event()
    explainer = Explainer(lambda: ThreadPoolExecutor(1), blocked_until(event), foreseen, accounted)
    asked = [
        asyncio.create_task(explainer.explain(about(1), f"user-{n // MOST_OF_USER}"))
        for n in range(MOST_WAITING)
    ]
    await asyncio.sleep(0)

    with pytest.raises(ExplainerUnavailable, match=f"^{MOST_WAITING} questions wait already"):
        await explainer.explain(about(1), "ada")
    event.set()
    assert await asyncio.gather(*asked) == [ANSWER] * MOST_WAITING
    assert await explainer.explain(about(1), "ada") == ANSWER
    explainer.close()


async def test_one_user_has_a_part_of_the_places_and_gets_it_back() -> None:
    event = Event()
    explainer = Explainer(lambda: ThreadPoolExecutor(1), blocked_until(event), foreseen, accounted)
    asked = [asyncio.create_task(explainer.explain(about(1), "ada")) for _ in range(MOST_OF_USER)]
    await asyncio.sleep(0)

    with pytest.raises(ExplainerUnavailable, match=f"^{MOST_OF_USER} of your questions wait"):
        await explainer.explain(about(1), "ada")
    other = asyncio.create_task(explainer.explain(about(1), "bob"))
    await asyncio.sleep(0)
    event.set()
    assert await asyncio.gather(*asked, other) == [ANSWER] * (MOST_OF_USER + 1)
    assert await explainer.explain(about(1), "ada") == ANSWER
    explainer.close()


def never_answers(question: Question) -> Explanation | None:
    path = Path(str(question.about))
    path.with_suffix(".new").write_text(str(os.getpid()))
    path.with_suffix(".new").rename(path)
    time.sleep(60)
    return ANSWER


def defies_signals(question: Question) -> Explanation | None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return never_answers(question)


@pytest.mark.parametrize("answer", [never_answers, defies_signals])
async def test_a_question_under_way_ends_with_the_service(
    tmp_path: Path, answer: Callable[[Question], Explanation | None]
) -> None:
    explainer = Explainer(OneProcess, answer, foreseen, accounted)
    told = tmp_path / "pid"
    asked = asyncio.create_task(explainer.explain(about(told), "ada"))
    while not told.exists():
        await asyncio.sleep(0.02)
    process = int(told.read_text())
    began = time.monotonic()

    explainer.close()

    with pytest.raises(ExplainerUnavailable):
        await asked
    assert time.monotonic() - began < ENDS_WITHIN_S + 3
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
