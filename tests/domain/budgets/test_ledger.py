"""What runs cost, what a project's grants have left, and what a move of a job books."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.budgets.ledger import (
    Balance,
    Entry,
    Funding,
    Part,
    Price,
    Purse,
    price_of,
    shared_out,
)
from scheduler.domain.budgets.settling import Settlement, settled
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.records import UsageBucket
from tests.build import NOON, a_job, a_placement, a_request, a_tenant, at

HALF = Fraction(1, 2)
amounts = st.lists(st.integers(1, 500), min_size=1, max_size=5)


def numbered(found: Iterable[int]) -> list[Part]:
    return [Part(number, amount) for number, amount in enumerate(found, 1)]


def booked(entries: Iterable[Entry]) -> list[tuple[str, int, int]]:
    """Return kind, grant and amount of each."""
    return [(entry.kind.value, entry.grant, entry.amount) for entry in entries]


def test_a_job_is_held_for_the_dearest_gpus_that_it_may_run_on() -> None:
    request = a_request(2, walltime_s=100)

    price = price_of(request, ["a100", "h200"], {"a100": HALF, "h200": Fraction(3)}, must=True)

    assert price == Price(600, {"a100": HALF, "h200": Fraction(3)}, must=True)


def test_a_run_costs_its_seconds_by_the_rate_of_its_gpus_to_a_whole_one() -> None:
    price = Price(1000, {"a100": HALF})

    assert [price.of_run(used, "a100") for used in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert price.of_run(999, "h200") == 999


def test_a_run_past_its_walltime_costs_no_more_than_was_held() -> None:
    assert Price(1000).of_run(1030, "h200") == 1000


def test_what_is_held_or_charged_is_not_left() -> None:
    balance = Balance(awarded=100, carried_in=20, carried_out=5, lapsed=3, held=30, charged=40)

    assert (balance.granted, balance.left) == (112, 42)


def test_the_first_grants_pay_first() -> None:
    assert Purse([Part(7, 10), Part(3, 10)]).draw(12) == (Part(7, 10), Part(3, 2))


def test_what_lacks_takes_nothing() -> None:
    purse = Purse(numbered([10, 10]))

    assert purse.draw(21) is None
    assert purse.left == 20
    assert purse.draw_at_most(21) == tuple(numbered([10, 10]))


@given(amounts, st.lists(st.integers(0, 700), max_size=8))
def test_a_purse_is_spent_once(left: list[int], draws: list[int]) -> None:
    purse, spent = Purse(numbered(left)), 0
    for amount in draws:
        if (parts := purse.draw(amount)) is not None:
            assert sum(part.amount for part in parts) == amount
            spent += amount
    assert purse.left == sum(left) - spent >= 0


@given(amounts, st.integers(0, 3000))
def test_gpu_seconds_are_told_once(paid: list[int], used: int) -> None:
    shares = shared_out(used, numbered(paid))

    assert sum(shares) == used
    assert min(shares) >= 0


# A job of two GPUs for an hour, which two grants hold for.
HOLDS = (Part(1, 5000), Part(2, 2200))
RUN = (UsageBucket(a_tenant(), "batch/h200", NOON, 6000),)
RELEASED = [("release", 1, 5000), ("release", 2, 2200)]
CHARGED = [("charge", 1, 5000), ("charge", 2, 1000)]
HELD_AGAIN = [("hold", 1, 5000), ("hold", 2, 2200)]


def a_paid_job(state: JobState) -> Job:
    job = a_job(7, state=state, attempt=2, placement=a_placement(2), started_at=NOON)
    return replace(job, slurm_id=1001, funding=Funding(Price(7200), HOLDS))


def moved(job: Job, to: JobState, run: tuple[UsageBucket, ...] = RUN) -> Settlement:
    settlement = settled(job, replace(job, state=to), run, at(3000))
    assert {(one.at, one.job_id, one.attempt) for one in settlement.entries} <= {(at(3000), 7, 2)}
    return settlement


@pytest.mark.parametrize(
    "state", [JobState.COMPLETED, JobState.FAILED, JobState.TIMED_OUT, JobState.CANCELLED]
)
def test_a_run_is_charged_once_and_the_rest_of_its_hold_given_back(state: JobState) -> None:
    settlement = moved(a_paid_job(JobState.RUNNING), state)

    assert booked(settlement.entries) == RELEASED + CHARGED
    assert sum(entry.gpu_seconds for entry in settlement.entries) == 6000
    assert (settlement.job.funding, settlement.lacking) == (None, 0)


@pytest.mark.parametrize("state", [JobState.NODE_FAILED, JobState.LOST])
def test_a_run_that_the_machine_ended_is_given_back_whole(state: JobState) -> None:
    settlement = moved(a_paid_job(JobState.RUNNING), state)

    given_back = [("refund", grant, amount) for _, grant, amount in CHARGED]
    assert booked(settlement.entries) == RELEASED + CHARGED + given_back


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED])
def test_a_job_that_never_ran_gives_its_hold_back(state: JobState) -> None:
    settlement = moved(a_paid_job(JobState.PENDING), state, run=())

    assert booked(settlement.entries) == RELEASED
    assert settlement.job.funding is None


def test_a_run_that_a_recall_ended_costs_nothing_and_the_next_is_held_for() -> None:
    job = a_paid_job(JobState.RUNNING)

    settlement = moved(job, JobState.PENDING)

    given_back = [("refund", grant, amount) for _, grant, amount in CHARGED]
    assert booked(settlement.entries) == RELEASED + CHARGED + given_back + HELD_AGAIN
    assert settlement.job.funding == job.funding


def test_a_run_that_its_user_ended_to_run_again_is_paid_for() -> None:
    job = a_paid_job(JobState.RUNNING)

    settlement = settled(job, replace(job, state=JobState.PENDING, requeues=1), RUN, at(3000))

    assert booked(settlement.entries) == [*RELEASED, *CHARGED, ("hold", 2, 1200)]
    assert settlement.lacking == 6000


def test_who_wants_a_job_to_run_again_is_to_hold_a_second_run() -> None:
    job = a_paid_job(JobState.RUNNING)

    settlement = settled(job, replace(job, requeue_requested_at=at(60)), (), at(60))

    assert (settlement.entries, settlement.lacking) == ((), 7200)


def test_a_run_that_slurm_cut_short_is_charged_until_its_accounting_tells_more() -> None:
    settlement = moved(a_paid_job(JobState.RUNNING), JobState.SUBMITTED)

    assert booked(settlement.entries) == [*RELEASED, *CHARGED, ("hold", 2, 1200)]
    assert settlement.open_charge is not None
    assert booked(settlement.open_charge.charges) == CHARGED


def test_a_job_that_no_grant_pays_for_books_nothing() -> None:
    job = a_job(state=JobState.RUNNING)

    assert settled(job, job, RUN, at(1)) == Settlement(job)
