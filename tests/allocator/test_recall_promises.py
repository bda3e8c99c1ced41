"""Recalls in worlds nobody thought of: each improves, each reaches its claimant, all chains end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.allocator.greedy import allocate_greedily
from scheduler.allocator.solve import CpSatAllocator
from scheduler.domain.audit import violations
from scheduler.domain.audit.recalls import RECALL_CHECKS
from scheduler.domain.jobs import PendingJob
from scheduler.domain.policies import PerPool, Policy, Quota, RecallBy, RecallRules, UserLimits
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.tenants import Tenant
from scheduler.ports import Allocator
from tests.allocator.chains import Chain
from tests.build import CLASSES, a_node, at

ALLOCATORS = {"cp-sat": CpSatAllocator(), "greedy": allocate_greedily}
every_allocator = pytest.mark.parametrize("allocate", ALLOCATORS.values(), ids=ALLOCATORS)
ALWAYS = RecallRules(enabled=True, notice_s=0, min_runtime_s=0)
BY_SHARES = replace(ALWAYS, by=RecallBy.SHARES)
CHECKED = settings(max_examples=100, deadline=None)
MOST_STEPS = 60

ORGANISATIONS = {"alpha": "universities", "beta": "universities", "gamma": "startups"}
ONE_POOL, TWO_POOLS = ("gpu/h200",), ("gpu/h200", "gpu/a100")
tenants = st.builds(
    lambda name, project, user: Tenant(ORGANISATIONS[name], name, project, user),
    st.sampled_from(sorted(ORGANISATIONS)),
    st.sampled_from(["p", "q"]),
    st.sampled_from(["u", "v"]),
)
requests = st.builds(
    GpuRequest,
    gpus=st.sampled_from([1, 1, 2, 4, 8]),
    gpus_per=st.just(GpusPer.NODE),
    nodes=st.sampled_from([None, None, 1, 2]),
    gpu_type=st.sampled_from(["", "", "h200"]),
)
few_limits = st.builds(
    Quota,
    share=st.integers(1, 3),
    floor=st.builds(PerPool, st.sampled_from([0, 0, 2, 6])),
    ceiling=st.builds(PerPool, st.sampled_from([None, None, None, 8])),
    borrowing_limit=st.builds(PerPool, st.sampled_from([None, None, None, 4])),
    lending_limit=st.builds(PerPool, st.sampled_from([None, None, None, 2])),
)


@st.composite
def few_limited(draw: st.DrawFn) -> Policy:
    named = st.dictionaries(st.sampled_from(sorted(ORGANISATIONS)), few_limits)
    return Policy(
        classes={name: draw(st.sampled_from([Quota(), draw(few_limits)])) for name in CLASSES[:2]},
        organisations=draw(named),
        usage_weight=draw(st.sampled_from([Fraction(0), Fraction(1)])),
        recall=draw(st.sampled_from([ALWAYS, BY_SHARES])),
    )


@st.composite
def chains(
    draw: st.DrawFn, pools: Sequence[str] = ONE_POOL, user_limit: int | None = None
) -> Chain:
    """Return a world that two of the organisations fill before the others come."""
    sizes = draw(st.tuples(*[st.sampled_from([4, 8])] * 3))
    machines = [a_node(f"n{n}", pool=pools[n % len(pools)], gpus=g) for n, g in enumerate(sizes)]
    usage = st.floats(0, 9, allow_nan=False)
    mean_gpus: dict[tuple[str, ...], float] = {
        (of_class, name): draw(usage) for name, of_class in ORGANISATIONS.items()
    }
    policy = replace(draw(few_limited()), user_limits=UserLimits(max_held_gpus=user_limit))
    chain = Chain(machines, policy, ORGANISATIONS, mean_gpus)
    hosts = draw(st.sets(st.sampled_from(sorted(ORGANISATIONS)), min_size=1, max_size=2))
    early = tenants.filter(lambda tenant: tenant.organisation in hosts)
    chain.submit(draw(jobs(early, first=1)))
    chain.step(allocate_greedily)
    chain.submit(draw(jobs(tenants, first=101)))
    return chain


@st.composite
def jobs(draw: st.DrawFn, who: st.SearchStrategy[Tenant], first: int) -> list[PendingJob]:
    found = draw(st.lists(st.tuples(who, requests), min_size=6, max_size=12))
    return [PendingJob(n, *one, at(n)) for n, one in enumerate(found, first)]


@CHECKED
@given(chain=chains(TWO_POOLS) | chains(user_limit=8), forgetful=st.booleans())
def test_every_chain_of_recalls_ends(chain: Chain, forgetful: bool) -> None:
    chain.forgetful = forgetful
    for _ in range(MOST_STEPS):
        step = chain.step(allocate_greedily)
        if not step.recalls and not step.allocation.starts:
            return
    raise AssertionError(f"recalls go on after {MOST_STEPS} cycles: {step.recalls}")


@CHECKED
@given(chain=chains(TWO_POOLS) | chains(user_limit=8))
def test_no_recall_breaks_a_rule(chain: Chain) -> None:
    for _ in range(2):
        step = chain.step(allocate_greedily)
        assert violations(step.snapshot, step.allocation, RECALL_CHECKS) == ()


@every_allocator
@CHECKED
@given(chain=chains(TWO_POOLS))
def test_what_is_recalled_for_an_organisation_is_its_own_in_the_next_cycle(
    allocate: Allocator, chain: Chain
) -> None:
    first = chain.step(allocate)
    owed: Counter[str] = Counter()
    for job_id in {recall.for_job for recall in first.recalls}:
        request = chain.jobs[job_id].request
        owed[chain.jobs[job_id].tenant.organisation] += request.gpus * (request.nodes or 1)
    second = chain.step(allocate)
    started: Counter[str] = Counter()
    for start in second.allocation.starts:
        started[chain.jobs[start.job_id].tenant.organisation] += start.placement.gang.gpus

    assert owed <= started


@every_allocator
@CHECKED
@given(chain=chains())
def test_a_recalled_job_that_is_resubmitted_at_once_recalls_nothing(
    allocate: Allocator, chain: Chain
) -> None:
    first = chain.step(allocate)
    second = chain.step(allocate)

    gave = {recall.job_id for recall in first.recalls}
    assert gave & {recall.for_job for recall in second.recalls} == set()
