"""Worlds of national size for benchmarks: 16 pools, 200 organisations, 8,192 GPUs, a long queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from scheduler.domain.jobs import HoldingJob, JobState, PendingJob, Placement
from scheduler.domain.policies import Policy, Quota
from scheduler.domain.queue import JobGroup, PendingQueue
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount, Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLASSES = ("universities", "startups", "agencies", "students")
NODE = Amount(8, 128, 2_048_000)
# Gangs and walltimes as centres report them: many small jobs, most GPU-hours in few large ones.
GANG_GPUS, GANG_WEIGHTS = (1, 2, 4, 8, 16, 32, 64), (40, 15, 15, 18, 8, 3, 1)
WALLTIMES_S = (3600, 4 * 3600, 24 * 3600)
GPU_TYPES = 6


@dataclass(frozen=True, slots=True)
class Size:
    """How large a world is; `busy` is the part of the GPUs that jobs hold already."""

    pending: int
    pools: int = 16
    organisations: int = 200
    nodes_per_pool: int = 64
    users_per_organisation: int = 3
    busy: float = 0.95


def a_nation(size: Size, seed: int) -> Snapshot:
    """Return the world of this size and seed; the longest queues belong to few organisations."""
    random = Random(seed)
    pools = tuple(Pool(f"p{n:02}", f"type{n % GPU_TYPES}") for n in range(size.pools))
    nodes = [
        Node(f"{pool.partition}-{n:03}", pool.name, NODE)
        for pool in pools
        for n in range(size.nodes_per_pool)
    ]
    users = tuple(_users(size))
    holding = tuple(_holding(random, size, nodes, users))
    return Snapshot(
        cycle=1,
        taken_at=NOW,
        policy_version=1,
        policy=Policy(classes={name: Quota() for name in CLASSES}),
        pools=pools,
        nodes=_with_use(nodes, holding),
        queue=_queue(random, size, pools, users),
        holding=holding,
        organisations={user.organisation: user.tenant_class for user in users},
        mean_gpus={user.path(2): random.uniform(0, 20) for user in users},
    )


def _users(size: Size) -> Iterator[Tenant]:
    for number in range(size.organisations):
        name = f"org{number:03}"
        for user in range(size.users_per_organisation):
            yield Tenant(CLASSES[number % len(CLASSES)], name, "main", f"{name}-u{user}")


def _queue(
    random: Random, size: Size, pools: Sequence[Pool], users: Sequence[Tenant]
) -> tuple[JobGroup, ...]:
    """Return jobs of users who each know one partition and one GPU type."""
    weights = [1 / (1 + n // size.users_per_organisation * 0.05) for n in range(len(users))]
    homes = {user: random.choice(pools) for user in users}
    requests: dict[tuple[object, ...], GpuRequest] = {}
    queue = PendingQueue()
    for job_id, user in enumerate(random.choices(users, weights, k=size.pending), 1):
        gpus = random.choices(GANG_GPUS, GANG_WEIGHTS)[0]
        any_of_type = random.random() < 0.3
        key = (gpus, random.choice(WALLTIMES_S), homes[user], any_of_type)
        request = requests.setdefault(key, _request(*key))
        at = NOW - timedelta(seconds=(size.pending - job_id) * 0.1)
        queue.add(PendingJob(job_id, user, request, at, start_by=NOW))
    return queue.groups()


def _request(gpus: int, walltime_s: int, home: Pool, any_of_type: bool) -> GpuRequest:
    nodes = max(1, gpus // NODE.gpus)
    return GpuRequest(
        gpus,
        nodes=nodes,
        tasks_per_node=1,
        cpus_per_task=min(gpus, NODE.gpus) * 8,
        walltime_s=walltime_s,
        gpu_type=home.gpu_type,
        partitions=() if any_of_type else (home.partition,),
    )


def _holding(
    random: Random, size: Size, nodes: Sequence[Node], users: Sequence[Tenant]
) -> Iterator[HoldingJob]:
    for number, node in enumerate(nodes):
        left = NODE.gpus
        while left and random.random() < size.busy:
            gpus = min(left, random.choice((1, 2, 4, 8)))
            left -= gpus
            yield HoldingJob(
                10_000_000 + number * NODE.gpus + left,
                random.choice(users),
                JobState.RUNNING,
                Placement(node.pool, (node.name,), Gang(1, Amount(gpus, gpus * 8, gpus * 32_000))),
                random.choice(WALLTIMES_S),
                started_at=NOW - timedelta(seconds=random.randrange(1, 3600)),
            )


def _with_use(nodes: Sequence[Node], holding: Sequence[HoldingJob]) -> tuple[Node, ...]:
    used: dict[str, Amount] = {}
    for job in holding:
        for name in job.placement.nodes:
            used[name] = used.get(name, Amount()) + job.placement.gang.per_node
    return tuple(replace(node, used=used.get(node.name, Amount())) for node in nodes)
