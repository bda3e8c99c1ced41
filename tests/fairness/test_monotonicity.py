"""Monotonicity of entitlements (P13), for the same wants and by both ways to work them out.

Every job wants one GPU in one pool here: otherwise a new node could make room for gangs that
fitted nowhere before, and whoever asks for those begins to want more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.audit.world import World
from scheduler.domain.policies import Quota
from scheduler.domain.queue import grouped
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Node
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.snapshot import Snapshot
from tests.allocator.worlds import ORGANISATIONS, worlds
from tests.build import a_node, a_snapshot

Entitled = Callable[[Snapshot], Mapping[tuple[str, str], float]]
WAYS: Mapping[str, Entitled] = {
    "fairshare": entitlements,
    "audit": lambda snapshot: World(snapshot).entitled,
}
both_ways = pytest.mark.parametrize("entitled", WAYS.values(), ids=WAYS)
CHECKED = settings(max_examples=150, deadline=None)
NAMES = st.sampled_from(sorted(ORGANISATIONS))
HAIR_GPUS = 1e-6
ONE_GPU = GpuRequest(1)


def on(machines: tuple[Node, ...], world: Snapshot) -> Snapshot:
    """Return the world's jobs, limits and usage on other machines, one GPU a job."""
    return a_snapshot(
        *(replace(job, request=ONE_GPU) for job in world.pending),
        on=machines,
        policy=world.policy,
        organisations=ORGANISATIONS,
    )


def lowered(
    before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float]
) -> set[str]:
    """Return the organisations that may have less after than before."""
    return {key[0] for key, gpus in before.items() if after.get(key, 0.0) < gpus - HAIR_GPUS}


@both_ways
@CHECKED
@given(world=worlds(), gpus=st.integers(1, 12), more=st.integers(1, 8))
def test_more_nodes_lower_nobody(entitled: Entitled, world: Snapshot, gpus: int, more: int) -> None:
    machines = (a_node("n1", gpus=gpus),)

    before = entitled(on(machines, world))
    after = entitled(on((*machines, a_node("n2", gpus=more)), world))

    assert lowered(before, after) == set()


@both_ways
@CHECKED
@given(world=worlds(), name=NAMES, more=st.integers(1, 5), gpus=st.integers(1, 12))
def test_a_higher_share_never_lowers_ones_own(
    entitled: Entitled, world: Snapshot, name: str, more: int, gpus: int
) -> None:
    small = on((a_node(gpus=gpus),), world)
    quota = small.policy.organisation(ORGANISATIONS[name], name)
    raised: Mapping[str, Quota] = {
        **small.policy.organisations,
        name: replace(quota, share=quota.share + more),
    }

    after = entitled(replace(small, policy=replace(small.policy, organisations=raised)))

    assert name not in lowered(entitled(small), after)


@both_ways
@CHECKED
@given(world=worlds(), name=NAMES, gpus=st.integers(1, 12))
def test_who_leaves_lowers_nobody_else(
    entitled: Entitled, world: Snapshot, name: str, gpus: int
) -> None:
    small = on((a_node(gpus=gpus),), world)
    others = [job for job in small.pending if job.tenant.organisation != name]

    after = entitled(replace(small, queue=grouped(others)))

    assert lowered(entitled(small), after) <= {name}
