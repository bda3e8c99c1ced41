"""An organisation's whole account adds up, and ends in what the allocator and its ledger use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given as drawn

from scheduler.allocator.accounts import accounts
from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.standings import PER_GPU, Standings
from scheduler.domain.accounts.account import Account
from scheduler.domain.accounts.arithmetic import Figure, holds
from scheduler.domain.shares.fairshare import entitlements, organisation_shares
from scheduler.domain.shares.quotas import Ledger, whole_gpus
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import worlds
from tests.build import POOL, a_holding, a_pending, a_policy, a_quota, a_snapshot


def all_accounts(snapshot: Snapshot) -> Iterator[tuple[str, Account]]:
    for name in snapshot.organisations:
        for account in accounts(snapshot, name).accounts:
            yield name, account


def figure(account: Account, words: str) -> Figure:
    """Return the first figure of the account that these words begin."""
    everything = (part for one in account.figures for part in one.all_parts())
    return next(one for one in everything if one.words.startswith(words))


@drawn(worlds())
def test_every_figure_is_what_its_operation_makes_of_its_parts(snapshot: Snapshot) -> None:
    for _, account in all_accounts(snapshot):
        wrong = [one for top in account.figures for one in top.all_parts() if not holds(one)]
        assert wrong == []


@drawn(worlds())
def test_an_account_ends_in_what_the_allocator_uses(snapshot: Snapshot) -> None:
    entitled, standings = entitlements(snapshot), Standings(snapshot)
    shares = {(one.organisation, one.pool): one for one in organisation_shares(snapshot, ())}
    for name, account in all_accounts(snapshot):
        share = shares[name, account.pool]
        path = (account.tenant_class, name)
        assert account.entitled == pytest.approx(entitled.get((name, account.pool), 0.0), abs=1e-9)
        assert (account.held, account.wanted) == (share.held, share.wanted)
        assert figure(account, "borrowed").value == share.borrowed
        assert figure(account, "owed to it").value == share.owed
        unused = max(0, whole_gpus(share.entitled) - share.held)
        assert figure(account, "may start by its entitlement").value == unused
        for of in (path[:1], path):
            corrected = standings.amount(of) / PER_GPU / standings.share(of)
            told = figure(account, f"corrected share of {of[-1]}")
            assert told.number == pytest.approx(corrected, abs=1e-9)


@drawn(worlds())
def test_the_room_is_what_the_ledger_leaves(snapshot: Snapshot) -> None:
    ledger = Ledger(snapshot, entitlements(snapshot))
    for name, account in all_accounts(snapshot):
        bounds = ledger.tenant_bounds((account.tenant_class, name), account.pool)
        left = [ledger.left(bound) for bound in bounds]
        free = figure(account, "free GPUs").number - figure(account, "kept free").number

        assert figure(account, "can start at most").value == min([free, *left])
        assert free <= max(0, ledger.free_gpus(account.pool))


@drawn(worlds())
def test_nobody_starts_more_than_its_account_has_room_for(snapshot: Snapshot) -> None:
    room = {
        (name, account.pool): figure(account, "can start at most").number
        for name, account in all_accounts(snapshot)
    }
    tenants = {job.job_id: job.tenant for job in snapshot.pending}
    started: dict[tuple[str, str], int] = {}
    for start in allocate_greedily(snapshot).starts:
        key = tenants[start.job_id].organisation, start.placement.pool
        started[key] = started.get(key, 0) + start.placement.gang.gpus

    assert [key for key, gpus in started.items() if gpus > room[key]] == []


def follows(snapshot: Snapshot, organisation: str) -> tuple[str, ...]:
    (account,) = accounts(snapshot, organisation, POOL).accounts
    return account.follows


def test_what_follows_is_said_in_sentences() -> None:
    snapshot = a_snapshot(
        a_pending(1, "beta", gpus=4),
        a_pending(2, "alpha", gpus=1),
        holding=[a_holding(9, "alpha", gpus=6)],
        policy=a_policy({"beta": a_quota(floor=2)}),
        organisations={"idle": "startups"},
    )

    assert follows(snapshot, "alpha") == (
        "it holds 2 GPUs above its entitlement: they are borrowed",
        "its limits and what is free leave room for 2 GPUs now",
        "its class is number 1 of 1 in line, and it is number 2 of 2 of its class: the lowest "
        "corrected share starts next",
    )
    assert follows(snapshot, "beta") == (
        "it may start 4 more GPUs by its entitlement",
        "2 GPUs are owed to it: others hold them as borrowed",
        "its limits and what is free leave room for 2 GPUs now",
        "it holds less than its floor, so it comes before all shares",
        "its class is number 1 of 1 in line, and it is number 1 of 2 of its class: the lowest "
        "corrected share starts next",
    )
    assert follows(snapshot, "idle") == (
        "it holds all that it wants here",
        "no job of it waits, so it takes no turn",
    )


def test_who_is_not_known_has_no_account() -> None:
    snapshot = a_snapshot(a_pending(1))

    assert accounts(snapshot, "nobody").accounts == ()
    assert accounts(snapshot, "alpha", "no/pool").accounts == ()
