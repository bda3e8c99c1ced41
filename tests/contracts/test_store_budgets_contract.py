"""What every store promises of grants: nothing is spent twice, lost, or not there to spend."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from scheduler.budget_errors import BudgetExceeded, FundExceeded
from scheduler.domain.budgets.grants import Fund, GrantState
from scheduler.domain.budgets.ledger import Balance, Price
from scheduler.domain.jobs import JobState
from scheduler.domain.records import Transition
from scheduler.errors import AlreadyExists, NotFound, StaleVersion
from scheduler.ports import Store
from tests.build import a_tenant, at
from tests.store.budgets import (
    FUND,
    HOURLY,
    a_request_for,
    awarded,
    entries,
    paid,
    running,
    step,
    told,
    with_projects,
)
from tests.store.build import add, move, recall, run, start


def test_a_fund_has_one_name(store: Store) -> None:
    with_projects(store)

    assert store.funds() == (FUND,)
    with pytest.raises(AlreadyExists, match="fund 'ai-fund' exists already"):
        store.add_fund(FUND)


def test_a_request_is_of_a_fund_and_a_project_that_exist(store: Store) -> None:
    with_projects(store)

    with pytest.raises(NotFound, match="no fund 'moon'"):
        store.add_grant(a_request_for(1, fund="moon"))
    with pytest.raises(NotFound, match="no project 'moon'"):
        store.add_grant(a_request_for(1, project="moon"))
    with pytest.raises(NotFound, match="no grant '1'"):
        store.grant(1)


def test_a_grant_is_kept_with_all_that_happened_to_it(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200), 3600)

    assert store.grant(1) == grant
    assert store.grants("alpha", "main") == store.grants() == (grant,)
    assert store.grants("alpha", "other") == ()
    assert (grant.state, grant.asked) == (GrantState.AWARDED, 7200)
    assert grant.balance == Balance(awarded=3600)
    assert told(store, grant) == [("award", 3600)]


def test_who_read_an_older_revision_changes_nothing(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200))

    with pytest.raises(StaleVersion, match="grant changed meanwhile"):
        store.change_grant(grant, 1)


def test_no_more_is_awarded_than_the_fund_has(store: Store) -> None:
    with_projects(store, Fund("ai-fund", "AI Fund", 10 * 3600))
    awarded(store, a_request_for(7 * 3600))
    second = step(store, store.add_grant(a_request_for(4 * 3600)), GrantState.REVIEWED)

    with pytest.raises(FundExceeded, match=r"has 3\.00 of its 10\.00 GPU-hours left, and 4\.00"):
        step(store, second, GrantState.AWARDED, 4 * 3600)
    assert store.grant(2).state is GrantState.REVIEWED
    assert step(store, second, GrantState.AWARDED, 3 * 3600).balance.left == 3 * 3600


def test_a_job_holds_what_its_walltime_costs_and_pays_what_it_used(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200))
    job = add(store, paid())
    assert store.grant(1).balance == Balance(awarded=7200, held=3600)

    ended = start(store, job, gpus=1)
    move(store, ended, JobState.RUNNING, 100)
    move(store, ended, JobState.COMPLETED, 700)

    assert store.grant(1).balance == Balance(awarded=7200, charged=600)
    assert told(store, grant) == [
        ("award", 7200),
        ("hold", 3600),
        ("release", 3600),
        ("charge", 600),
    ]
    charge = entries(store, grant)[-1]
    assert (charge.gpu_seconds, charge.job_id, charge.attempt, charge.at) == (600, 1, 1, at(700))
    assert store.job(1).funding is None


def test_what_is_not_covered_is_refused_with_what_would_fit(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(1800))

    (refusal,) = store.add_jobs([paid()])

    assert isinstance(refusal, BudgetExceeded)
    assert str(refusal) == (
        "project main has 0.50 GPU-hours left and this needs 1.00: "
        "what would fit: a walltime of 00:30:00"
    )
    assert store.grant(1).balance == Balance(awarded=1800)


def test_an_array_is_covered_as_a_whole_or_not_at_all(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(3 * 3600))

    (refusal,) = store.add_jobs([paid(indices=(1, 2, 3, 4))])
    assert "3 elements of the array or a walltime of 00:45:00" in str(refusal)
    (jobs,) = store.add_jobs([paid(indices=(1, 2, 3))])
    assert isinstance(jobs, tuple)
    assert store.grant(1).balance.left == 0


def test_one_batch_does_not_spend_twice(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(3600))

    first, second = store.add_jobs([paid(), paid()])

    assert isinstance(first, tuple)
    assert isinstance(second, BudgetExceeded)


def test_where_nothing_must_be_covered_grants_pay_as_far_as_they_go(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(3600))
    free = replace(HOURLY, must=False)

    first, second = add(store, paid(free)), add(store, paid(free))

    assert first.funding is not None
    assert second.funding is None


def test_a_repeat_of_a_request_holds_nothing_more(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200))
    for _ in range(2):
        add(store, replace(paid(), request_id="one", fingerprint="same"))

    assert store.grant(1).balance.held == 3600


def test_grants_are_drawn_down_in_their_order(store: Store) -> None:
    with_projects(store)
    last = awarded(store, a_request_for(7200))
    soon = awarded(store, a_request_for(1000, expires=at(50_000)))
    first = awarded(store, a_request_for(1600, order=1))
    awarded(store, a_request_for(9000, project="other"))
    awarded(store, a_request_for(9000, starts=at(10), order=0))

    run(store, add(store, paid()), gpus=1, begins=100, ends=2100)

    assert store.grant(first.number).balance.charged == 1600
    assert store.grant(soon.number).balance.charged == 400
    assert store.grant(last.number).balance == Balance(awarded=7200)


def test_a_run_past_its_walltime_is_charged_what_was_held(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(3600))

    run(store, add(store, paid()), gpus=1, begins=100, ends=3730)

    assert store.grant(1).balance.left == 0
    charge = entries(store, grant)[-1]
    assert (charge.amount, charge.gpu_seconds) == (3600, 3630)


def test_the_rate_is_that_of_the_gpus_it_ran_on(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200))
    price = Price(3600, {"h200": Fraction(1, 2)}, must=True)

    run(store, add(store, paid(price)), gpus=1, begins=100, ends=1101)

    assert store.grant(1).balance.charged == 501


def test_a_job_that_is_cancelled_before_it_starts_costs_nothing(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200))
    job = add(store, paid())

    store.request_cancel(job.job_id, at(50))

    assert store.grant(1).balance == Balance(awarded=7200)


@pytest.mark.parametrize("state", [JobState.NODE_FAILED, JobState.LOST])
def test_a_failed_node_is_refunded(store: Store, state: JobState) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200))

    move(store, running(store), state, 700)

    assert store.grant(1).balance == Balance(awarded=7200)
    assert told(store, grant)[-3:] == [("release", 3600), ("charge", 600), ("refund", 600)]


def test_a_recall_is_refunded_and_the_next_run_covered(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(3600))
    job = running(store)
    recall(store, job)
    move(store, job, JobState.PENDING, 700)

    assert store.grant(1).balance == Balance(awarded=3600, held=3600)

    start(store, store.job(job.job_id), gpus=1, seconds=800)
    move(store, job, JobState.RUNNING, 900)
    move(store, job, JobState.COMPLETED, 1000)
    assert store.grant(1).balance == Balance(awarded=3600, charged=100)


def test_a_requeue_is_paid_for_and_holds_another_run(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(10_000))
    job = running(store)
    store.request_requeue(job.job_id, at(500))
    assert store.grant(1).balance.held == 7200

    move(store, job, JobState.PENDING, 700)

    assert store.grant(1).balance == Balance(awarded=10_000, held=3600, charged=600)


def test_a_requeue_that_the_balance_does_not_cover_is_refused(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(5000))
    job = running(store)

    with pytest.raises(BudgetExceeded, match="what would fit: a walltime of 00:23:00"):
        store.request_requeue(job.job_id, at(500))
    assert store.job(job.job_id).requeue_requested_at is None
    assert store.grant(1).balance.held == 3600


def test_a_job_that_slurm_begins_anew_holds_what_there_is(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(4000))
    job = running(store)

    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(1110), ended_at=at(1100))])

    assert store.grant(1).balance == Balance(awarded=4000, charged=1000, held=3000)


def test_what_is_left_of_an_expired_grant_lapses_but_for_what_is_carried_over(store: Store) -> None:
    with_projects(store)
    old = awarded(store, a_request_for(10_000, expires=at(1000)))
    job = running(store)
    new = awarded(store, a_request_for(5000, starts=at(1000)))

    (expired,) = store.expire_grants(at(1500))

    assert expired == store.grant(old.number)
    assert expired.state is GrantState.EXPIRED
    assert expired.balance == Balance(awarded=10_000, carried_out=2500, lapsed=3900, held=3600)
    assert store.grant(new.number).balance == Balance(awarded=5000, carried_in=2500)
    move(store, job, JobState.COMPLETED, 1600)
    assert store.grant(old.number).balance == Balance(
        awarded=10_000, carried_out=2500, lapsed=6000, charged=1500
    )
    assert store.expire_grants(at(1700)) == ()


def test_an_expired_grant_pays_for_nothing_new(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(10_000, expires=at(1000)))

    (refusal,) = store.add_jobs([paid(submitted_at=at(1000))])

    assert isinstance(refusal, BudgetExceeded)


def test_what_a_closed_grant_has_left_is_its_funds_again(store: Store) -> None:
    with_projects(store, Fund("ai-fund", "AI Fund", 7200))
    grant = awarded(store, a_request_for(7200))
    job = running(store)
    closed = step(store, grant, GrantState.CLOSED)
    assert closed.balance == Balance(awarded=7200, lapsed=3600, held=3600)

    move(store, job, JobState.COMPLETED, 1000)

    assert store.grant(1).balance == Balance(awarded=7200, lapsed=6300, charged=900)
    assert awarded(store, a_request_for(6300)).balance.left == 6300


def test_a_project_has_its_own_grants(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200, project="other"))

    (refusal,) = store.add_jobs([paid()])
    assert isinstance(refusal, BudgetExceeded)
    add(store, replace(paid(), tenant=a_tenant(project="other")))
    assert store.grant(1).balance.held == 3600


def test_a_job_that_holds_too_little_is_cancelled_like_any_other(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(4000))
    job = running(store)
    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(1110), ended_at=at(1100))])

    store.request_cancel(job.job_id, at(1200))
    move(store, job, JobState.CANCELLED, 1300)

    assert store.grant(1).balance == Balance(awarded=4000, charged=1000)
