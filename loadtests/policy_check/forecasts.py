"""Forecasts of a policy's change against what its activation then does, in worlds that are drawn.

Each world is played twice, alike: once the policy stays, once it is changed. What the two next
cycles do differently is what the forecast should have said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from loadtests.policy_check.drawn import a_policy, busy
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.changes.forecast import Affected, PolicyForecast, PolicyQuestion
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.recalls.recall import recalling
from scheduler.explainer.opening import Opening
from scheduler.explainer.room import desk_of
from scheduler.policy_files import policy_version
from tests.engine.rig import Rig, a_rig

Jobs = frozenset[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a forecast said, and what came; each the jobs that fare otherwise."""

    seed: int
    said: tuple[Jobs, Jobs, Jobs, Jobs]
    came: tuple[Jobs, Jobs, Jobs, Jobs]

    @property
    def holds(self) -> bool:
        return self.said == self.came

    @property
    def jobs(self) -> int:
        return sum(map(len, self.came))


def outcomes(seeds: Iterable[int]) -> Iterator[Outcome]:
    """Yield how each seed's forecast did."""
    for seed in seeds:
        with _world(seed) as (rig, proposed):
            said = _foreseen(rig, proposed)
            after = _next_cycle(rig, proposed)
        with _world(seed) as (rig, _):
            before = _next_cycle(rig, None)
        came = _differences(before, after)
        yield Outcome(seed, _ids(said), came)


@contextmanager
def _world(seed: int) -> Iterator[tuple[Rig, PolicyVersion]]:
    random = Random(seed)
    with a_rig(allocate=recalling(CpSatAllocator())) as rig:
        now = rig.clock.now()
        rig.store.apply_policy(policy_version(a_policy(random), "ada", now), expected=1)
        busy(rig, random)
        yield rig, policy_version(a_policy(random), "ada", rig.clock.now())


def _foreseen(rig: Rig, proposed: PolicyVersion) -> PolicyForecast:
    desk = desk_of(Opening("", 4096, 5.0), rig.store, rig.clock)
    current, cluster = rig.store.current_policy(), rig.view.latest().cluster
    if current is None or cluster is None:
        raise AssertionError("a world that has run has a policy and a cluster")
    return desk.foresee(PolicyQuestion(cluster, current, proposed))


def _next_cycle(rig: Rig, policy: PolicyVersion | None) -> tuple[Jobs, Jobs]:
    """Return which jobs the next cycle starts and recalls."""
    if policy is not None:
        rig.store.apply_policy(policy, expected=2)
    rig.engine.tick()
    allocation = rig.told.reports[-1].allocation
    starts = frozenset(start.job_id for start in allocation.starts)
    return starts, frozenset(recall.job_id for recall in allocation.recalls)


def _differences(
    before: tuple[Jobs, Jobs], after: tuple[Jobs, Jobs]
) -> tuple[Jobs, Jobs, Jobs, Jobs]:
    starts = after[0] - before[0], before[0] - after[0]
    return *starts, after[1] - before[1], before[1] - after[1]


def _ids(said: PolicyForecast) -> tuple[Jobs, Jobs, Jobs, Jobs]:
    return (
        _jobs(said.starts),
        _jobs(said.held_back),
        _jobs(said.recalled),
        _jobs(said.spared),
    )


def _jobs(affected: Iterable[Affected]) -> Jobs:
    return frozenset(one.job_id for one in affected)
