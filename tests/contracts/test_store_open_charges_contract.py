"""What every store promises of charges that the accounting may correct: it is done once."""

from __future__ import annotations

import pytest

from scheduler.domain.budgets.ledger import Balance, EntryKind
from scheduler.domain.budgets.settling import OpenCharge
from scheduler.domain.cluster import EndedRun
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.records import Transition
from scheduler.errors import NotLeading
from scheduler.ports import Store
from tests.build import at
from tests.store.budgets import HOURLY, a_request_for, awarded, entries, running, with_projects
from tests.store.build import a_new, add, move, start


def cut_short(store: Store, job: Job, *, ends: float = 1100) -> OpenCharge:
    """Let Slurm put the running job back into its queue, and return the charge of its run."""
    requeued = Transition(job.job_id, JobState.SUBMITTED, at(ends), slurm_id=1001)
    store.apply([requeued])
    (charge,) = store.open_charges()
    return charge


def recorded(charge: OpenCharge, ends: float, *, node_failed: bool = False) -> EndedRun:
    ours = (charge.slurm_id, charge.job_id, charge.attempt, charge.started_at)
    return EndedRun(*ours, at(ends), node_failed)


def test_only_a_run_that_slurm_itself_cut_short_is_still_to_be_confirmed(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(100_000))
    for end in (JobState.COMPLETED, JobState.NODE_FAILED, JobState.PENDING):
        move(store, running(store), end, 700)
    assert store.open_charges() == ()

    job = running(store, gpus=2)
    charge = cut_short(store, job)

    assert charge.is_of(EndedRun(1001, job.job_id, 1, at(100), at(9)))
    assert (charge.gpus, charge.gpu_type, charge.price, charge.at) == (2, "h200", HOURLY, at(1100))
    assert [(one.amount, one.gpu_seconds) for one in charge.charges] == [(2000, 2000)]


def test_a_run_that_no_grant_paid_for_needs_no_confirmation(store: Store) -> None:
    with_projects(store)
    job = start(store, add(store, a_new()), gpus=1)
    move(store, job, JobState.RUNNING, 100)
    move(store, job, JobState.SUBMITTED, 1100)

    assert store.open_charges() == ()


def test_what_was_charged_beyond_slurms_accounting_is_given_back_once(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200))
    charge = cut_short(store, running(store))
    assert store.grant(1).balance == Balance(awarded=7200, charged=1000, held=3600)

    for _ in range(2):
        store.confirm_charges({charge: recorded(charge, 1098)}, at(1200))

    assert store.open_charges() == ()
    assert store.grant(1).balance == Balance(awarded=7200, charged=998, held=3600)
    refund = entries(store, grant)[-1]
    assert (refund.kind, refund.amount, refund.gpu_seconds) == (EntryKind.REFUND, 2, 2)
    assert (refund.job_id, refund.attempt, refund.at) == (charge.job_id, 1, at(1200))


def test_a_node_that_failed_under_a_job_that_slurm_began_anew_is_refunded(store: Store) -> None:
    with_projects(store)
    grant = awarded(store, a_request_for(7200))
    charge = cut_short(store, running(store))

    store.confirm_charges({charge: recorded(charge, 1099, node_failed=True)}, at(1200))

    assert store.grant(1).balance == Balance(awarded=7200, held=3600)
    assert entries(store, grant)[-1].gpu_seconds == 1


def test_a_charge_that_nobody_can_confirm_stays(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200))
    charge = cut_short(store, running(store))

    store.confirm_charges({charge: None}, at(9000))
    assert store.open_charges() == ()
    store.confirm_charges({charge: recorded(charge, 1000)}, at(9000))

    assert store.grant(1).balance == Balance(awarded=7200, charged=1000, held=3600)


def test_a_confirmation_of_one_charge_is_not_taken_for_another(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(10_000))
    first = cut_short(store, running(store))
    store.confirm_charges({first: None}, at(1200))
    second = cut_short(store, running(store), ends=600)

    store.confirm_charges({first: recorded(first, 200)}, at(1300))

    assert store.open_charges() == (second,)
    assert store.grant(1).balance.charged == 1500


def test_what_is_given_back_to_a_grant_that_is_over_lapses(store: Store) -> None:
    with_projects(store)
    first = awarded(store, a_request_for(3500, expires=at(1150)))
    second = awarded(store, a_request_for(9000))
    job = running(store)
    store.apply([Transition(job.job_id, JobState.SUBMITTED, at(3650), slurm_id=1001)])
    (charge,) = store.open_charges()
    store.expire_grants(at(4000))

    store.confirm_charges({charge: recorded(charge, 3500)}, at(4100))

    assert store.grant(first.number).balance.lapsed == 100
    assert store.grant(first.number).balance.charged == 3400
    assert store.grant(second.number).balance.charged == 0


def test_only_who_leads_confirms(store: Store) -> None:
    with_projects(store)
    awarded(store, a_request_for(7200))
    charge = cut_short(store, running(store))
    old = store.take_lease("first", 60) or 0
    store.give_up_lease(old)
    store.take_lease("second", 60)

    with pytest.raises(NotLeading):
        store.confirm_charges({charge: None}, at(1200), old)

    assert store.open_charges() == (charge,)
