"""What does not fit the cluster, or leaves it in the middle of a cycle, stops nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.backend.simulated import SimulatedBackend
from scheduler.domain.decisions import Allocation
from scheduler.domain.snapshot import Snapshot
from scheduler.policy_files import policy_version
from scheduler.ports import Allocator
from tests.engine.rig import POLICY, a_rig

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
# The rig has 64 GPUs, in alem/h200.
POLICIES = {
    "floors over capacity": POLICY.replace("[classes.startups]", "floor_gpus = 60\n")
    + "[classes.startups]\nfloor_gpus = 60\n",
    "every organisation's floor is the cluster": POLICY
    + "[organisations.default]\nfloor_gpus = 64\n",
    "a pool that is not there": POLICY
    + '[organisations.default]\nfloor_gpus = { "alem/h20" = 8 }\n'
    + 'ceiling_gpus = { "old/k80" = 9, other = 16 }\n[rates]\nh2000 = 2.0\n',
}


@every_allocator
@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_that_does_not_fit_the_cluster_is_kept_to_as_far_as_it_goes(
    text: str, allocate: Allocator
) -> None:
    with a_rig(allocate=allocate) as rig:
        rig.store.apply_policy(policy_version(text, "admin", rig.clock.now()), expected=1)
        jobs = [rig.submit(name, gpus=8) for name in ("alpha", "beta", "startup") * 4]
        rig.ticks(3)
        held = sum(share.held for share in rig.told.reports[-1].shares)

        assert rig.told.reports[-1].policy_version == 2
        assert [report.violations for report in rig.told.reports] == [()] * 3
        assert held == (48 if "ceiling" in text else 64)
        assert rig.states(*jobs).count("running") * 8 == held


def breaks(happens: Callable[[SimulatedBackend], None]) -> tuple[Allocator, list[SimulatedBackend]]:
    """Return an allocator that lets something happen to the cluster after the cycle has read it."""
    clusters: list[SimulatedBackend] = []

    def allocate(snapshot: Snapshot) -> Allocation:
        while clusters:
            happens(clusters.pop())
        return allocate_greedily(snapshot)

    return allocate, clusters


def test_a_node_that_goes_down_in_the_middle_of_a_cycle_keeps_its_job_waiting_for_it() -> None:
    allocate, clusters = breaks(lambda cluster: cluster.node_down("n1"))
    with a_rig(allocate=allocate) as rig:
        jobs = [rig.submit("alpha", gpus=8) for _ in range(8)]
        clusters.append(rig.backend)
        rig.ticks(3)
        assert sorted(rig.states(*jobs)) == ["running"] * 7 + ["submitted"]

        rig.backend.node_up("n1")
        rig.ticks(2)
        assert rig.states(*jobs) == ["running"] * 8
        assert not any(report.violations for report in rig.told.reports)


def test_a_node_that_leaves_the_cluster_in_the_middle_of_a_cycle_costs_nobody_the_job() -> None:
    allocate, clusters = breaks(lambda cluster: cluster.node_gone("n1"))
    with a_rig(allocate=allocate) as rig:
        jobs = [rig.submit("alpha", gpus=8) for _ in range(8)]
        clusters.append(rig.backend)
        rig.ticks(1)
        states = rig.states(*jobs)
        (left,) = (job for job, state in zip(jobs, states, strict=True) if state == "pending")
        assert states.count("submitted") == 7
        assert rig.store.job(left).detail == "n1 left the cluster before the job came there"

        rig.ticks(2)
        assert rig.states(*jobs).count("running") == 7
        rig.ticks(70)
        assert rig.store.job(left).state.value in ("running", "completed")
        assert not any(report.violations for report in rig.told.reports)


def test_a_job_that_is_refused_for_itself_fails_and_is_not_tried_again() -> None:
    with a_rig(allocate=allocate_greedily) as rig:
        rig.backend.forget_account("alpha")
        job_id = rig.submit("alpha", gpus=8)
        rig.ticks(2)

        job = rig.store.job(job_id)
        assert (job.state.value, job.attempt) == ("failed", 1)
        assert "the Unix account 'alpha' does not exist" in job.detail
