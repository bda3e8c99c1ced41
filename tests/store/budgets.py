"""Builders of funds and grants, as stores take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.domain.budgets.grants import Fund, Grant, GrantState, GrantStep, stepped
from scheduler.domain.budgets.ledger import Entry, Price
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.records import EntryQuery, NewJobs
from scheduler.domain.tenants import Organisation, Project
from scheduler.ports import Store
from tests.build import NOON, a_spec, at
from tests.store.build import a_new, add, move, start

FUND = Fund("ai-fund", "AI Fund", 1_000_000, carry_over=25)
LATER = at(100_000)
RECALLABLE = replace(a_spec(), recallable=True)
# A job of one GPU for an hour, in a class whose jobs grants must pay for.
HOURLY = Price(3600, must=True)


def with_projects(store: Store, *funds: Fund) -> None:
    """Let there be the tenant of `tests.build`, and funds."""
    store.add_organisation(Organisation("alpha", "Alpha", "universities"))
    for name in ("main", "other"):
        store.add_project(Project("alpha", name, name.title()))
    for fund in funds or (FUND,):
        store.add_fund(fund)


def a_request_for(
    gpu_seconds: int,
    *,
    fund: str = "ai-fund",
    project: str = "main",
    starts: datetime = NOON,
    expires: datetime = LATER,
    order: int = 100,
) -> Grant:
    step = GrantStep(GrantState.REQUESTED, "ada", NOON, "a model of Kazakh", gpu_seconds)
    return Grant(0, fund, "alpha", project, starts, expires, (step,), order)


def awarded(store: Store, request: Grant, gpu_seconds: int = 0) -> Grant:
    """Take a request all the way; less than asked for is awarded where that is said."""
    grant = store.add_grant(request)
    reviewed = step(store, grant, GrantState.REVIEWED, gpu_seconds or grant.asked)
    return step(store, reviewed, GrantState.AWARDED, gpu_seconds or grant.asked)


def step(store: Store, grant: Grant, state: GrantState, gpu_seconds: int = 0) -> Grant:
    """Bring the stored grant one step on, by somebody who did not ask for it."""
    taken = stepped(grant, GrantStep(state, "bek", NOON, "so be it", gpu_seconds))
    return store.change_grant(taken, grant.revision)


def entries(store: Store, *grants: Grant) -> list[Entry]:
    """Return what the ledger says of these grants, without the numbers of its lines."""
    query = EntryQuery(tuple(grant.number for grant in grants))
    return [replace(entry, entry_id=0) for entry in store.budget_entries(query)]


def told(store: Store, *grants: Grant) -> list[tuple[str, int]]:
    """Return kinds and amounts alone."""
    return [(entry.kind.value, entry.amount) for entry in entries(store, *grants)]


def paid(
    price: Price = HOURLY, *, indices: Sequence[int] = (), submitted_at: datetime = NOON
) -> NewJobs:
    """Return an accepted request whose jobs cost so much."""
    new = a_new(spec=RECALLABLE, indices=indices, submitted_at=submitted_at)
    return replace(new, price=price)


def running(store: Store, *, gpus: int = 1, since: float = 100) -> Job:
    job = start(store, add(store, paid()), gpus=gpus)
    move(store, job, JobState.SUBMITTED)
    move(store, job, JobState.RUNNING, since)
    return store.job(job.job_id)
