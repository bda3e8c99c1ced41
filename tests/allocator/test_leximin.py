"""The shares that come out are the lexicographically best of all that are possible."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import Quota
from scheduler.domain.snapshot import Snapshot
from tests.build import a_node, a_pending, a_policy, a_snapshot

MEMBERS = ["alpha", "beta", "gamma"]
jobs = st.lists(st.tuples(st.sampled_from(MEMBERS), st.integers(1, 5)), min_size=1, max_size=8)
shares = st.dictionaries(st.sampled_from(MEMBERS), st.builds(Quota, share=st.integers(1, 3)))
usage = st.dictionaries(st.sampled_from(MEMBERS), st.integers(0, 6))


def sorted_shares(snapshot: Snapshot, started: Iterable[PendingJob]) -> list[float]:
    """Return the corrected shares of those that have pending jobs, the lowest first."""
    gpus = {job.tenant.organisation: 0.0 for job in snapshot.pending}
    for job in started:
        gpus[job.tenant.organisation] += job.request.gpus
    used, policy = snapshot.mean_gpus, snapshot.policy
    return sorted(
        (held + used.get(("universities", name), 0.0))
        / policy.organisation("universities", name).share
        for name, held in gpus.items()
    )


def best_possible(snapshot: Snapshot, free: int) -> list[float]:
    every = (
        chosen
        for size in range(len(snapshot.pending) + 1)
        for chosen in combinations(snapshot.pending, size)
        if sum(job.request.gpus for job in chosen) <= free
    )
    return max(sorted_shares(snapshot, chosen) for chosen in every)


@settings(max_examples=150, deadline=None)
@given(asked=jobs, free=st.integers(1, 8), policy=shares, used=usage)
def test_no_other_choice_gives_the_lowest_more(
    asked: list[tuple[str, int]], free: int, policy: dict[str, Quota], used: dict[str, int]
) -> None:
    pending = [a_pending(n, name, gpus) for n, (name, gpus) in enumerate(asked, 1) if gpus <= free]
    snapshot = a_snapshot(
        *pending,
        on=[a_node(gpus=free)],
        policy=a_policy(policy),
        mean_gpus={("universities", name): float(gpus) for name, gpus in used.items()},
    )

    started = {start.job_id for start in CpSatAllocator()(snapshot).starts}

    chosen = [job for job in snapshot.pending if job.job_id in started]
    reached, best = sorted_shares(snapshot, chosen), best_possible(snapshot, free)
    assert all(abs(a - b) < 0.01 for a, b in zip(reached, best, strict=True)), (reached, best)
