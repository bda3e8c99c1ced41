"""Every policy that is shipped is linted, simulated and explained, on a cluster that it suits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from scheduler.allocator.accounts import accounts
from scheduler.allocator.greedy import allocate_greedily
from scheduler.cli.simulation.running import allocator_of
from scheduler.domain.accounts.arithmetic import holds
from scheduler.domain.audit import violations
from scheduler.domain.changes.lint import lint
from scheduler.domain.changes.warnings import policy_warnings
from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Start
from scheduler.domain.policies import Policy
from scheduler.domain.requests import GpuRequest
from scheduler.domain.reservations.lint import lint_reservations
from scheduler.domain.tenants import Tenant
from scheduler.policy_files import parse_policy
from scheduler.simulation.site import Site, SiteJob
from scheduler.simulation.site_comparison import compared
from scheduler.simulation.site_replay import SiteSchedule, replay_site
from tests.build import a_pending, a_pool, a_snapshot, nodes

POLICIES = Path(__file__).parents[2] / "policies"
SHIPPED = sorted(POLICIES.glob("*.toml"))
EVERY = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
POOL = "alem/h200"
NODES = tuple(
    replace(node, name=f"gpu-{number:02}") for number, node in enumerate(nodes(24, pool=POOL), 1)
)
GPUS = 24 * 8
# Before every date that a shipped policy names.
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOUR_S = 3600
WINDOW_S = 24.0 * HOUR_S
SIZES = (1, 2, 4, 8)
CYCLE_S = 60.0


def read(path: Path) -> Policy:
    return parse_policy(path.read_text(encoding="utf-8"))[1]


def members(policy: Policy) -> dict[str, str]:
    """Return two organisations of each class, and those that the policy names."""
    two = {f"{name}-{n}": name for name in policy.classes for n in (1, 2)}
    named = dict(zip(policy.organisations, policy.classes, strict=False))
    audiences = (one.audience for one in policy.reservations.values() if one.audience.organisation)
    return two | named | {one.organisation: next(iter(policy.classes)) for one in audiences}


def a_day(policy: Policy) -> Site:
    """Return a day in which all together ask for more than there is, each for what it may."""
    places = members(policy)
    each = range(8 * GPUS // sum(SIZES) // len(places))
    asked = [
        (n, name, size)
        for n, name, size in product(each, sorted(places), SIZES)
        if size <= (policy.limits_of_users(places[name]).max_job_gpus or size)
    ]
    jobs = tuple(
        SiteJob(
            number,
            Tenant(places[name], name, "main", f"{name}-user"),
            GpuRequest(size, walltime_s=HOUR_S),
            submit_s=600.0 * n,
            run_s=HOUR_S / 2 + 60 * size,
            recallable=n % 2 == 0,
        )
        for number, (n, name, size) in enumerate(asked, start=1)
    )
    return Site((a_pool(POOL),), NODES, places, jobs, WINDOW_S)


def simulated(site: Site, policy: Policy) -> SiteSchedule:
    return replay_site(site, policy, allocator_of(site), CYCLE_S, lambda _: None)


@EVERY
def test_nothing_is_odd_about_it(path: Path) -> None:
    policy = read(path)
    places = members(policy)
    cluster = ClusterState((a_pool(POOL),), NODES, (), NOW)

    found = [
        *((one.kind, one.key) for one in lint(policy, places, {POOL: GPUS})),
        *((one.kind, one.key) for one in policy_warnings(policy, cluster, places)),
        *((one.kind, one.key) for one in lint_reservations(policy, places, NODES, NOW)),
    ]

    # An example shows more types of GPUs than one cluster has.
    assert [one for one in found if one[0] not in ("unknown_pool", "unknown_gpu_type")] == []


@EVERY
def test_a_day_under_it_loses_no_job_and_overfills_nothing(path: Path) -> None:
    policy = read(path)
    site = a_day(policy)

    schedule = simulated(site, policy)

    ends = Counter[float]()
    for job, fate in zip(site.jobs, schedule.fates, strict=True):
        for begin, end in fate.spells:
            ends[begin] += job.request.total_gpus
            ends[end] -= job.request.total_gpus
    held = 0
    for moment in sorted(ends):
        held += ends[moment]
        assert 0 <= held <= GPUS
    served = {
        job.tenant.organisation
        for job, fate in zip(site.jobs, schedule.fates, strict=True)
        if fate.spells
    }
    assert served == set(site.organisations)
    told = compared(site, simulated(site, policy), schedule, CYCLE_S)
    assert {one.change.value for one in told.organisations} == {"same"}


@EVERY
def test_a_cycle_under_it_breaks_no_rule_and_every_number_adds_up(path: Path) -> None:
    policy = read(path)
    places = members(policy)
    queue = [
        a_pending(
            number, Tenant(places[name], name, "main", f"{name}-user"), size, walltime_s=HOUR_S
        )
        for number, (name, size) in enumerate(product(sorted(places), SIZES * 8), start=1)
    ]
    world = a_snapshot(*queue, on=NODES, policy=policy)
    snapshot = replace(world, taken_at=NOW, organisations=places)

    allocation = allocate_greedily(snapshot)

    assert violations(snapshot, allocation) == ()
    assert any(isinstance(one, Start) for one in allocation.decisions)
    for name in places:
        (account,) = accounts(snapshot, name).accounts
        parts = [part for figure in account.figures for part in figure.all_parts()]
        assert [str(part.words) for part in parts if not holds(part)] == []
        assert account.wanted > 0
    entitled = sum(accounts(snapshot, name).accounts[0].entitled for name in places)
    assert entitled <= GPUS + 1e-6
