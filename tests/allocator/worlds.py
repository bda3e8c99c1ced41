"""Random small worlds: several pools, tenants, limits of every kind, and jobs with a past.

Each node, job and quota is drawn as one number, whose digits choose its parts: drawing is then a
small part of judging ten thousand worlds, and zero, the simplest choice of all, is what a failing
world shrinks towards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any, TypeVar

from hypothesis import strategies as st

from scheduler.domain.jobs import ArrayPlace, HoldingJob, JobState, PendingJob
from scheduler.domain.policies import (
    OwnJobs,
    PerPool,
    Policy,
    Quota,
    SparePlaces,
    UserLimits,
    WaitRules,
)
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.resources import Amount, Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from tests.build import CLASSES, a_holding, a_node, a_snapshot, at

T = TypeVar("T")
POOLS = ("gpu/h200", "gpu/a100", "old/a100")
ORGANISATIONS = {
    "alpha": "universities",
    "beta": "universities",
    "gamma": "startups",
    "delta": "startups",
}
TENANTS = tuple(
    Tenant(tenant_class, name, project, user)
    for project in ("p", "q")
    for user in ("u", "v")
    for name, tenant_class in ORGANISATIONS.items()
)
WALLTIMES_S = (600, 3600, 86400)
GUARD_S = WaitRules().guard_s
# Most worlds lack most limits: several at once hide each other.
LIMITS = (
    *[PerPool()] * 5,
    PerPool(4),
    PerPool(8),
    PerPool(0),
    PerPool(None, {POOLS[0]: 2}),
    PerPool(6, {POOLS[1]: 1}),
)
FLOORS = (*[PerPool(0)] * 3, PerPool(1), PerPool(2), PerPool(4), PerPool(0, {POOLS[0]: 3}))
LENDING = (PerPool(), PerPool(), PerPool(0), PerPool(1), PerPool(None, {POOLS[0]: 0}))
NVLINK = (frozenset({"nvlink"}),)
EITHER = (frozenset({"nvlink"}), frozenset({"ib"}))
ARRAY_LIMITS = (None, None, None, 0, 1, 2)


def one_of_each(build: Callable[..., T], *choices: Sequence[Any]) -> st.SearchStrategy[T]:
    """Return what is built of one choice from each sequence, all drawn at once."""

    def built(number: int) -> T:
        parts = []
        for options in choices:
            number, digit = divmod(number, len(options))
            parts.append(options[digit])
        return build(*parts)

    return st.integers(0, prod(map(len, choices)) - 1).map(built)


def _array(who: Tenant, limit: int | None) -> ArrayPlace | None:
    """Return the user's array with this limit: all elements of an array have one owner."""
    if limit is None:
        return None
    return ArrayPlace(1 + len(ARRAY_LIMITS) * TENANTS.index(who) + limit, 0, limit)


def _pending(who: Tenant, age: int, limit: int | None, *request: Any) -> PendingJob:
    """Return a job without its number; a few have waited longer than the guard."""
    gpus, per, nodes, tasks, cpus, walltime_s, gpu_type, partitions, constraint = request
    asked = GpuRequest(
        gpus=gpus,
        gpus_per=per,
        nodes=nodes,
        tasks=tasks,
        cpus_per_task=cpus,
        walltime_s=walltime_s,
        gpu_type=gpu_type,
        partitions=partitions,
        constraint=constraint,
    )
    return PendingJob(0, who, asked, at(age if age < 90 else age - GUARD_S), _array(who, limit))


pending = one_of_each(
    _pending,
    TENANTS,
    range(100),
    ARRAY_LIMITS,
    (1, 1, 2, 2, 4, 3, 4, 8),
    (GpusPer.JOB, GpusPer.JOB, GpusPer.NODE),
    (None, None, 2, 1),
    (None, None, None, 3),
    (1, 1, 3),
    WALLTIMES_S,
    ("", "", "a100"),
    ((), (), (), ("gpu",)),
    ((), (), (), NVLINK, EITHER),
)
quotas = one_of_each(Quota, (1, 2, 3), FLOORS, LIMITS, LIMITS, LENDING)
plain_quotas = one_of_each(Quota, (1, 2, 3))
machines = one_of_each(
    lambda pool, gpus, cpus, foreign, features, up: a_node(
        pool=pool, gpus=gpus, cpus=cpus, used=foreign, features=features, available=up
    ),
    (*[POOLS[0]] * 4, *POOLS[1:]),
    (4, 8, 2),
    (64, 64, 8),
    (*[Amount()] * 4, Amount(1, 2, 0)),
    ((), ("nvlink",), ("ib",)),
    (True,) * 7 + (False,),
)
# GPUs, who, begun at (None: not yet), walltime, its array's limit.
held = one_of_each(
    lambda *parts: parts, (1, 2, 4), TENANTS, (1800, 0, None), WALLTIMES_S, ARRAY_LIMITS
)


# Rates, weight of usage, the most that a user may hold, the order of own jobs, places in the line,
# who takes those that are left, and a class's own limits on its users.
whole_policies = one_of_each(
    lambda *parts: parts,
    ({}, {}, {"a100": Fraction(1, 3)}),
    (Fraction(0), Fraction(1), Fraction(5, 2)),
    (None, None, None, 1, 4, 8),
    tuple(OwnJobs),
    (64, 1),
    (*SparePlaces, SparePlaces.NOBODY),
    ({}, {}, {"startups": UserLimits(max_held_gpus=2)}),
)
# Made once and not in each draw: a strategy is checked anew wherever it is made.
kinds_of_quotas = st.sampled_from([quotas, quotas, plain_quotas])
own_quotas = {
    kind: st.dictionaries(st.sampled_from(["alpha", "gamma"]), kind)
    for kind in (quotas, plain_quotas)
}
members = {kind: st.dictionaries(st.just("universities"), kind) for kind in (quotas, plain_quotas)}
clusters = st.lists(machines, min_size=1, max_size=5)
queues = st.lists(pending, max_size=14)
usages = st.lists(st.integers(0, 90), min_size=4, max_size=4)
gangs_held = st.lists(held, max_size=6)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    of = draw(kinds_of_quotas)
    universities, startups, usual = draw(of), draw(of), draw(of)
    rates, usage_weight, max_held_gpus, own_jobs, places, spare, of_class = draw(whole_policies)
    return Policy(
        classes=dict(zip(CLASSES[:2], (universities, startups), strict=True)),
        organisation_default=usual,
        organisations=draw(own_quotas[of]),
        members=draw(members[of]),
        rates=rates,
        usage_weight=usage_weight,
        user_limits=UserLimits(max_held_gpus=max_held_gpus),
        class_user_limits=of_class,
        own_jobs=own_jobs,
        wait=WaitRules(places=places, spare_places=spare),
    )


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    drawn = draw(clusters)
    nodes = tuple(replace(node, name=f"n{n}") for n, node in enumerate(drawn))
    jobs = draw(queues)
    usage = draw(usages)
    return a_snapshot(
        *sorted(
            (replace(job, job_id=number) for number, job in enumerate(jobs, 1)),
            key=lambda job: job.submitted_at,
        ),
        on=nodes,
        holding=_holding(nodes, draw(gangs_held)),
        policy=draw(policies()),
        organisations=ORGANISATIONS,
        mean_gpus={(c, o): n / 10 for n, (o, c) in zip(usage, ORGANISATIONS.items(), strict=True)},
    )


def _holding(nodes: Sequence[Node], drawn: Sequence[tuple[Any, ...]]) -> list[HoldingJob]:
    """Give each drawn job to the next node in turn that has room; none where none has."""
    jobs: list[HoldingJob] = []
    free = {node.name: node.free for node in nodes}
    for number, (gpus, who, began, walltime_s, limit) in enumerate(drawn):
        node = nodes[number % len(nodes)]
        if gpus <= min(free[node.name].gpus, free[node.name].cpus):
            free[node.name] = free[node.name].less(Amount(gpus, gpus, 4096))
            job = a_holding(
                900 + number,
                who,
                gpus,
                node.name,
                pool=node.pool,
                state=JobState.SUBMITTED if began is None else JobState.RUNNING,
                started_at=None if began is None else at(began),
                walltime_s=walltime_s,
                array=_array(who, limit),
            )
            jobs.append(job)
    return jobs
