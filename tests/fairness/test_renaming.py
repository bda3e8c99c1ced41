"""Anonymity (P12): names and the order of insertion decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import HoldingJob, PendingJob, Placement
from scheduler.domain.policies import Policy
from scheduler.domain.queue import PendingQueue
from scheduler.domain.reservations.reservation import Audience
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from scheduler.ports import Allocator
from tests.allocator.reserved_worlds import reserved_worlds
from tests.allocator.worlds import ORGANISATIONS, worlds
from tests.fairness.judging import ALLOCATORS

every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
CHECKED = settings(max_examples=40, deadline=None)
ORDERS = st.permutations(sorted(ORGANISATIONS))


def renamed_tenant(tenant: Tenant, names: Mapping[str, str]) -> Tenant:
    """Give a user's organisation another name, and the user and project names of its own."""
    organisation = names[tenant.organisation]
    return Tenant(tenant.tenant_class, organisation, f"{tenant.project}'", f"{tenant.user}'")


def renamed(snapshot: Snapshot, names: Mapping[str, str]) -> Snapshot:
    """Return the same world where organisations, projects, users and nodes have other names."""

    def placed(job: HoldingJob) -> HoldingJob:
        nodes = tuple(_node(name) for name in job.placement.nodes)
        where = replace(job.placement, nodes=nodes)
        return replace(job, tenant=renamed_tenant(job.tenant, names), placement=where)

    def waiting(job: PendingJob) -> PendingJob:
        return replace(job, tenant=renamed_tenant(job.tenant, names))

    return replace(
        snapshot,
        nodes=tuple(replace(node, name=_node(node.name)) for node in snapshot.nodes),
        queue=PendingQueue(map(waiting, snapshot.pending)).groups(),
        holding=tuple(map(placed, snapshot.holding)),
        organisations={names[name]: of for name, of in snapshot.organisations.items()},
        mean_gpus={(c, names[o]): gpus for (c, o), gpus in snapshot.mean_gpus.items()},
        policy=_renamed_policy(snapshot.policy, names),
    )


def _renamed_policy(policy: Policy, names: Mapping[str, str]) -> Policy:
    quotas = {names[name]: quota for name, quota in policy.organisations.items()}
    reservations = {
        name: replace(
            one,
            node_names=tuple(map(_node, one.node_names)),
            audience=_renamed_audience(one.audience, names),
        )
        for name, one in policy.reservations.items()
    }
    return replace(policy, organisations=quotas, reservations=reservations)


def _renamed_audience(audience: Audience, names: Mapping[str, str]) -> Audience:
    project = f"{audience.project}'" if audience.project else ""
    organisation = names.get(audience.organisation, "")
    return replace(audience, organisation=organisation, project=project)


def _node(name: str) -> str:
    return f"machine-{name}"


def places(allocation: Allocation) -> dict[int, Placement]:
    return {start.job_id: start.placement for start in allocation.starts}


def with_renamed_nodes(starts: dict[int, Placement]) -> dict[int, Placement]:
    return {
        job_id: replace(place, nodes=tuple(_node(name) for name in place.nodes))
        for job_id, place in starts.items()
    }


@every_allocator
@CHECKED
@given(snapshot=worlds() | reserved_worlds(), order=ORDERS)
def test_other_names_change_nothing_else(
    allocate: Allocator, snapshot: Snapshot, order: list[str]
) -> None:
    names = dict(zip(sorted(ORGANISATIONS), order, strict=True))

    plain, other = allocate(snapshot), allocate(renamed(snapshot, names))

    assert places(other) == with_renamed_nodes(places(plain))


@every_allocator
@CHECKED
@given(snapshot=worlds() | reserved_worlds(), shuffled=st.randoms(use_true_random=False))
def test_the_order_of_insertion_changes_nothing(
    allocate: Allocator, snapshot: Snapshot, shuffled: Random
) -> None:
    reservations = tuple(snapshot.policy.reservations.items())
    jobs, members = list(snapshot.pending), list(snapshot.organisations.items())
    shuffled.shuffle(jobs)
    shuffled.shuffle(members)
    other = replace(
        snapshot,
        queue=PendingQueue(jobs).groups(),
        organisations=dict(members),
        holding=snapshot.holding[::-1],
        policy=replace(snapshot.policy, reservations=dict(reversed(reservations))),
        mean_gpus=dict(reversed(tuple(snapshot.mean_gpus.items()))),
    )

    assert places(allocate(other)) == places(allocate(snapshot))
