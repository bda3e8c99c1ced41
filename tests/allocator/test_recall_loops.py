"""Worlds in which other schedulers recalled for ever: here they come to rest, and rightly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pytest

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.policies import Policy, RecallRules
from scheduler.ports import Allocator
from tests.allocator.chains import Chain, Step
from tests.build import a_pending, a_policy, a_quota, a_tenant, nodes

RULES = RecallRules(enabled=True, notice_s=0, min_runtime_s=0)
ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
Jobs = list[tuple[str, int]]  # whose, GPUs


@dataclass(frozen=True)
class Loop:
    """Who runs what at first, who comes then, and what each holds in the end."""

    gpus: int
    first: Jobs
    then: Jobs
    held: dict[str, int]
    floors: dict[str, int] = field(default_factory=dict)
    shares: dict[str, int] = field(default_factory=dict)

    def policy(self) -> Policy:
        names = {*self.floors, *self.shares}
        quotas = {
            name: a_quota(self.shares.get(name, 1), floor=self.floors.get(name, 0))
            for name in names
        }
        return replace(a_policy(quotas, usage_weight=Fraction(0)), recall=RULES)


LOOPS = {
    # Kueue #3779: a borrower evicted a lower tenant, whose lower share let it in again at once.
    "a borrower evicts nobody": Loop(
        *(30, [("a", 25), ("best-effort", 5)], [("a", 5)]),
        held={"a": 25, "best-effort": 5},
        floors={"a": 15, "b": 15},
    ),
    # Kueue #3779, as first reported: the second guaranteed job evicted without end.
    "a guaranteed tenant comes twice": Loop(
        30,
        [("best-a", 10), ("best-a", 10), ("best-b", 5), ("best-b", 5)],
        [("guaranteed", 5), ("guaranteed", 10)],
        held={"guaranteed": 15, "best-a": 10, "best-b": 5},
        floors={"guaranteed": 30},
        shares={"best-a": 2},
    ),
    # Kueue #7101: 6 and 5 do not come in against 4 × 2, 4 should, 3 flapped 33 times.
    "sizes that fit in, and sizes that do not": Loop(
        *(8, [("one", 2)] * 4, [("two", 6), ("two", 5), ("two", 4), ("two", 3)]),
        held={"one": 4, "two": 4},
    ),
    # Kueue #14543: two workloads of different sizes took each other's place in turns.
    "two that could take each other's place": Loop(
        *(8, [("one", 5), ("one", 1), ("one", 2)], [("two", 4), ("two", 3)]),
        held={"one": 5, "two": 3},
    ),
}


def held_at_rest(chain: Chain, allocate: Allocator) -> tuple[Counter[str], list[Step]]:
    """Return what everybody holds once nothing moves, and how it came to that."""
    steps: list[Step] = []
    while not steps or steps[-1].recalls or steps[-1].allocation.starts:
        assert len(steps) < 20, "it goes on for ever"
        steps.append(chain.step(allocate))
    held: Counter[str] = Counter()
    for job in chain.holding.values():
        held[job.tenant.organisation] += job.placement.gang.gpus
    return held, steps


@pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_a_loop_of_others_comes_to_rest_here(loop: Loop, allocate: Allocator) -> None:
    names = {name for name, _ in (*loop.first, *loop.then)} | set(loop.floors)
    organisations = dict.fromkeys(sorted(names), "universities")
    chain = Chain(nodes(1, gpus=loop.gpus), loop.policy(), organisations, {})
    for first, jobs in ((1, loop.first), (101, loop.then)):
        pairs = enumerate(jobs, first)
        chain.submit(a_pending(n, a_tenant(name), gpus) for n, (name, gpus) in pairs)
        held, steps = held_at_rest(chain, allocate)

    told = Counter(recall.job_id for step in steps for recall in step.recalls)
    assert held == loop.held
    assert set(told.values()) <= {1}, "nobody is recalled twice"
