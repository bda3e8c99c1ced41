"""Usage that is kept as sums is what the domain works out of all runs."""

from __future__ import annotations

from datetime import timedelta
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from scheduler.clock import EPOCH
from scheduler.domain.jobs import HoldingJob, JobState
from scheduler.domain.policies import Policy, Quota
from scheduler.domain.records import UsageBucket
from scheduler.domain.resources import Pool
from scheduler.domain.shares.fairshare import mean_gpus
from scheduler.domain.shares.usage import hourly_gpu_seconds
from scheduler.domain.tenants import Tenant
from scheduler.simulation.decayed_usage import DecayedUsage
from tests.build import a_placement

TENANTS = (Tenant("c", "alpha", "main", "ada"), Tenant("c", "beta", "main", "bob"))
POOLS = (Pool("alem", "h200"),)
runs = st.lists(
    st.tuples(
        st.sampled_from(TENANTS),
        st.integers(1, 8),
        st.integers(0, 40 * 86400),
        st.integers(1, 5 * 86400),
    ),
    max_size=12,
)


@given(runs=runs, half_life_s=st.sampled_from([3600, 86400, 7 * 86400]), now=st.integers(0, 60))
def test_sums_say_what_all_runs_say(
    runs: list[tuple[Tenant, int, int, int]], half_life_s: int, now: int
) -> None:
    policy = Policy({"c": Quota()}, half_life_s=half_life_s)
    at = EPOCH + timedelta(days=now)
    usage = DecayedUsage(policy, POOLS)
    buckets, holding, moves = [], [], []
    for number, (tenant, gpus, start_s, run_s) in enumerate(runs):
        start, end = (EPOCH + timedelta(seconds=s) for s in (start_s, start_s + run_s))
        if start > at:
            continue
        moves.append((start, 0, tenant, gpus, start))
        if end <= at:
            moves.append((end, 1, tenant, gpus, start))
            hours = hourly_gpu_seconds(start, end, gpus)
            buckets += [UsageBucket(tenant, POOLS[0].name, *hour) for hour in hours]
        else:
            place = a_placement(gpus=gpus)
            running = HoldingJob(number, tenant, JobState.RUNNING, place, 60, started_at=start)
            holding.append(running)
    for moved_at, kind, tenant, gpus, start in sorted(moves, key=lambda move: move[:2]):
        if kind:
            usage.ended(tenant, POOLS[0].name, gpus, (start, moved_at))
        else:
            usage.started(tenant, POOLS[0].name, gpus, moved_at)
        usage.mean_gpus(moved_at)

    ours, all_runs = usage.mean_gpus(at), mean_gpus(buckets, holding, policy, POOLS, at)

    assert set(all_runs) <= set(ours)
    assert all(isclose(ours[path], all_runs.get(path, 0.0), abs_tol=1e-6) for path in ours)
