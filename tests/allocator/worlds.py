"""Random small worlds: a few nodes, a few organisations, limits of every kind."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from scheduler.domain.jobs import ArrayPlace, HoldingJob, PendingJob
from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.requests import GpuRequest, GpusPer
from scheduler.domain.resources import Amount, Node
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant
from tests.build import CLASSES, a_holding, a_node, a_snapshot, at

POOLS = ("gpu/h200", "gpu/a100")
ORGANISATIONS = {"alpha": "universities", "beta": "universities", "gamma": "startups"}

limits = st.none() | st.integers(0, 8)
per_pool = st.builds(PerPool, limits, st.dictionaries(st.sampled_from(POOLS), st.integers(0, 6)))
quotas = st.builds(
    Quota,
    share=st.integers(1, 3),
    floor=st.builds(PerPool, st.integers(0, 4)),
    ceiling=per_pool,
    borrowing_limit=per_pool,
    lending_limit=per_pool,
)
plain_quotas = st.builds(Quota, share=st.integers(1, 3))
tenants = st.builds(
    lambda name, project, user: Tenant(ORGANISATIONS[name], name, project, user),
    st.sampled_from(sorted(ORGANISATIONS)),
    st.sampled_from(["p", "q"]),
    st.sampled_from(["u", "v"]),
)
requests = st.builds(
    GpuRequest,
    gpus=st.integers(1, 8),
    gpus_per=st.sampled_from(GpusPer),
    nodes=st.sampled_from([None, None, 1, 2]),
    cpus_per_task=st.sampled_from([1, 1, 3]),
    gpu_type=st.sampled_from(["", "", "a100"]),
    constraint=st.sampled_from([(), (), (frozenset({"nvlink"}),)]),
)
# All elements of one array have its one limit: here its id says which.
arrays = st.none() | st.integers(0, 2).map(lambda limit: ArrayPlace(limit, 0, limit))


@st.composite
def nodes(draw: st.DrawFn, number: int) -> Node:
    return a_node(
        f"n{number}",
        pool=draw(st.sampled_from(POOLS)),
        gpus=draw(st.sampled_from([2, 4, 8])),
        cpus=draw(st.sampled_from([4, 64])),
        used=Amount(*draw(st.tuples(st.integers(0, 2), st.integers(0, 2), st.just(0)))),
        features=draw(st.sampled_from([(), ("nvlink",)])),
        available=draw(st.integers(0, 5)) > 0,
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    of = draw(st.sampled_from([quotas, plain_quotas]))
    return Policy(
        classes={name: draw(of) for name in CLASSES[:2]},
        organisation_default=draw(of),
        organisations=draw(st.dictionaries(st.sampled_from(["alpha", "gamma"]), of)),
        rates=draw(st.sampled_from([{}, {"a100": Fraction(1, 3)}])),
        usage_weight=draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(5, 2)])),
        user_limits=UserLimits(max_held_gpus=draw(st.none() | st.integers(1, 8))),
    )


@st.composite
def holding_jobs(draw: st.DrawFn, machines: tuple[Node, ...]) -> list[HoldingJob]:
    """Return at most one job a node, so that no node begins overfull."""
    jobs = []
    for number, node in enumerate(machines):
        gpus = draw(st.integers(0, node.capacity.gpus - node.used.gpus))
        if gpus and gpus <= 2:
            who, array = draw(tenants), draw(arrays)
            jobs.append(a_holding(900 + number, who, gpus, node.name, pool=node.pool, array=array))
    return jobs


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    machines = tuple(draw(nodes(n)) for n in range(draw(st.integers(1, 4))))
    pending = [
        PendingJob(number, draw(tenants), draw(requests), at(draw(st.integers(0, 99))), array)
        for number, array in enumerate(draw(st.lists(arrays, max_size=10)), 1)
    ]
    pending.sort(key=lambda job: job.submitted_at)
    usage = st.floats(0, 9, allow_nan=False)
    return a_snapshot(
        *pending,
        on=machines,
        holding=draw(holding_jobs(machines)),
        policy=draw(policies()),
        organisations=ORGANISATIONS,
        mean_gpus={(c, o): draw(usage) for o, c in ORGANISATIONS.items()},
    )
