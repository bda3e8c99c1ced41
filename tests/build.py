"""Builders of domain objects for tests: say what matters, the rest has a sensible default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TypedDict, Unpack

from scheduler.domain.decisions import Wait
from scheduler.domain.jobs import (
    ArrayPlace,
    HoldingJob,
    Job,
    JobSpec,
    JobState,
    PendingJob,
    Placement,
)
from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.queue import grouped
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.requests import GpuRequest, GpusPer, Memory
from scheduler.domain.resources import Amount, Gang, Node, Pool
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.tenants import Tenant

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POOL = "gpu/h200"
CLASSES = ("universities", "startups", "agencies", "students")
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=1\nsrun train\n"


def at(seconds: float = 0) -> datetime:
    """Return the moment so many seconds after NOON."""
    return NOON + timedelta(seconds=seconds)


def a_tenant(
    organisation: str = "alpha",
    *,
    user: str = "",
    project: str = "main",
    tenant_class: str = "universities",
) -> Tenant:
    """Return a user's place; the user is named after the organisation unless told."""
    return Tenant(tenant_class, organisation, project, user or f"{organisation}-user")


def a_pool(name: str = POOL) -> Pool:
    partition, _, gpu_type = name.partition("/")
    return Pool(partition, gpu_type)


class RequestFields(TypedDict, total=False):
    """The fields of a request that a test may say."""

    gpus_per: GpusPer
    nodes: int | None
    tasks: int | None
    tasks_per_node: int | None
    cpus_per_task: int
    memory: Memory | None
    walltime_s: int
    gpu_type: str
    partitions: tuple[str, ...]
    constraint: tuple[frozenset[str], ...]


def a_request(gpus: int = 1, **request: Unpack[RequestFields]) -> GpuRequest:
    return GpuRequest(gpus=gpus, **request)


def a_spec(
    gpus: int = 1,
    *,
    name: str = "train",
    script: str = SCRIPT,
    flags: tuple[str, ...] = (),
    **request: Unpack[RequestFields],
) -> JobSpec:
    return JobSpec(name, script, a_request(gpus, **request), flags)


def a_placement(gpus: int = 1, *nodes: str, pool: str = POOL, cpus: int | None = None) -> Placement:
    """Return a place of `gpus` GPUs on each of `nodes` (n1 unless told), with a CPU a GPU."""
    names = nodes or ("n1",)
    amount = Amount(gpus, gpus if cpus is None else cpus, 4096)
    return Placement(pool, names, Gang(len(names), amount))


def a_job(
    job_id: int = 1,
    *,
    tenant: Tenant | None = None,
    state: JobState = JobState.PENDING,
    spec: JobSpec | None = None,
    submitted_at: datetime = NOON,
    array: ArrayPlace | None = None,
    placement: Placement | None = None,
    attempt: int = 0,
    slurm_id: int = 0,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> Job:
    """Return a job as the store knows it."""
    who = tenant or a_tenant()
    job = Job(job_id, who, who.organisation, spec or a_spec(), state, submitted_at, array)
    return replace(
        job,
        placement=placement,
        attempt=attempt,
        slurm_id=slurm_id,
        started_at=started_at,
        ended_at=ended_at,
    )


def a_pending(
    job_id: int = 1,
    organisation: str | Tenant = "alpha",
    gpus: int = 1,
    *,
    submitted_at: datetime | None = None,
    array: ArrayPlace | None = None,
    **request: Unpack[RequestFields],
) -> PendingJob:
    """Return a waiting job; a higher job_id was submitted later unless told."""
    tenant = organisation if isinstance(organisation, Tenant) else a_tenant(organisation)
    when = submitted_at or at(job_id)
    return PendingJob(job_id, tenant, a_request(gpus, **request), when, array)


def a_wait(job_id: int = 1, reason: Reason = Reason.OTHERS_FIRST, detail: str = "") -> Wait:
    """Return the decision that one job waits, for one reason."""
    return Wait((job_id,), (Blocker(reason, detail),))


def a_holding(
    job_id: int = 1001,
    organisation: str | Tenant = "alpha",
    gpus: int = 1,
    *nodes: str,
    pool: str = POOL,
    state: JobState = JobState.RUNNING,
    started_at: datetime | None = NOON,
    walltime_s: int = 3600,
    array: ArrayPlace | None = None,
) -> HoldingJob:
    """Return a job that holds `gpus` GPUs on each of `nodes` (n1 unless told)."""
    tenant = organisation if isinstance(organisation, Tenant) else a_tenant(organisation)
    return HoldingJob(
        job_id,
        tenant,
        state,
        a_placement(gpus, *nodes, pool=pool),
        walltime_s,
        unix_account=tenant.organisation,
        attempt=1,
        slurm_id=job_id,
        started_at=started_at,
        array=array,
    )


def a_node(
    name: str = "n1",
    *,
    pool: str = POOL,
    gpus: int = 8,
    cpus: int = 64,
    memory_mib: int = 1_024_000,
    used: Amount | None = None,
    features: Iterable[str] = (),
    available: bool = True,
) -> Node:
    """Return a machine; `used` is what other people's jobs take on it."""
    capacity = Amount(gpus, cpus, memory_mib)
    return Node(name, pool, capacity, used or Amount(), frozenset(features), available)


def nodes(count: int = 8, *, gpus: int = 8, pool: str = POOL, first: int = 1) -> tuple[Node, ...]:
    """Return `count` machines named n1, n2, …"""
    return tuple(a_node(f"n{n}", pool=pool, gpus=gpus) for n in range(first, first + count))


def a_quota(
    share: int = 1,
    *,
    floor: int = 0,
    ceiling: int | None = None,
    borrowing: int | None = None,
    lending: int | None = None,
) -> Quota:
    """Return a quota with the same bounds in every pool."""
    limits = (PerPool(floor), PerPool(ceiling), PerPool(borrowing), PerPool(lending))
    return Quota(share, *limits)


def a_policy(
    organisations: Mapping[str, Quota] | None = None,
    *,
    classes: Mapping[str, Quota] | None = None,
    default: Quota | None = None,
    rates: Mapping[str, Fraction] | None = None,
    half_life_s: int = 7 * 24 * 3600,
    usage_weight: Fraction = Fraction(1),
    max_held_gpus: int | None = None,
) -> Policy:
    """Return a policy with equal classes and equal organisations unless told."""
    return Policy(
        classes=classes or {name: Quota() for name in CLASSES},
        organisation_default=default or Quota(),
        organisations=organisations or {},
        rates=rates or {},
        half_life_s=half_life_s,
        usage_weight=usage_weight,
        user_limits=UserLimits(max_held_gpus=max_held_gpus),
    )


def a_snapshot(
    *pending: PendingJob,
    on: Sequence[Node] | None = None,
    holding: Sequence[HoldingJob] = (),
    policy: Policy | None = None,
    organisations: Mapping[str, str] | None = None,
    mean_gpus: Mapping[tuple[str, ...], float] | None = None,
) -> Snapshot:
    """Return a world of one 8-GPU node unless told; what `holding` jobs take is added to `used`.

    Pools are those of the nodes; organisations are those of the jobs, and any named besides.
    """
    machines = tuple(_with_use(node, holding) for node in (nodes(1) if on is None else on))
    tenants = [job.tenant for job in pending] + [job.tenant for job in holding]
    members = {tenant.organisation: tenant.tenant_class for tenant in tenants}
    return Snapshot(
        cycle=1,
        taken_at=at(3600),
        policy_version=1,
        policy=policy or a_policy(),
        pools=tuple(a_pool(name) for name in sorted({node.pool for node in machines})),
        nodes=machines,
        queue=grouped(pending),
        holding=tuple(holding),
        organisations={**members, **(organisations or {})},
        mean_gpus=mean_gpus or {},
    )


def _with_use(node: Node, holding: Iterable[HoldingJob]) -> Node:
    used = node.used
    for job in holding:
        if node.name in job.placement.nodes:
            used += job.placement.gang.per_node
    return replace(node, used=used)
