"""A trace as the jobs of a site, on a cluster that is described in a few words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.domain.tenants import Tenant
from scheduler.errors import InvalidRequest, Violation
from scheduler.simulation.replay import CPUS, MEMORY_MIB
from scheduler.simulation.site import Site, SiteJob
from scheduler.simulation.traces import TraceJob, workload_of
from scheduler.texts import said

DAY_S = 24 * 3600.0
POOL = re.compile(r"(?P<name>[\w.-]+(/[\w.-]+)?)=(?P<nodes>[1-9]\d{0,4})x(?P<gpus>[1-9]\d{0,2})")
Machines = tuple[tuple[Pool, ...], tuple[Node, ...]]


def machines_of(descriptions: Sequence[str]) -> Machines:
    """Return pools and nodes of descriptions as `alem/h200=64x8`: 64 nodes of 8 GPUs each.

    Raises InvalidRequest for one that cannot be read.
    """
    found = [(text, POOL.fullmatch(text)) for text in descriptions]
    wrong = [text for text, match in found if match is None]
    if wrong or not found:
        message = said(
            "{text!r} describes no pool; write NAME=NODESxGPUS, as alem/h200=64x8",
            text=wrong[0] if wrong else "",
        )
        raise InvalidRequest(Violation("--pool", message))
    pools, nodes = [], []
    for match in (match for _, match in found if match):
        partition, _, gpu_type = match["name"].partition("/")
        pool, gpus = Pool(partition, gpu_type or partition), int(match["gpus"])
        amount = Amount(gpus, gpus * CPUS, gpus * MEMORY_MIB)
        pools.append(pool)
        names = (f"{pool.name}-{number}" for number in range(1, int(match["nodes"]) + 1))
        nodes += [Node(name, pool.name, amount) for name in names]
    return tuple(pools), tuple(nodes)


def site_of_trace(
    trace: Sequence[TraceJob],
    machines: Machines,
    class_of: Mapping[str, str],
    tenant_class: str,
    days: int | None = None,
) -> Site:
    """Return the last days of a trace as a site; the whole trace when none are given.

    Organisations that `class_of` does not name are of `tenant_class`. GPU types count where there
    are several. Raises InvalidRequest when there are fewer days, no jobs, or other GPU types.
    """
    pools, nodes = machines
    if not trace:
        raise InvalidRequest(Violation("--trace", said("there is no job in it; give another file")))
    begin_s = _begin_s(trace, days)
    kept = [job for job in trace if job.submit_s >= begin_s]
    _check_types(kept, pools)
    end_s = trace[-1].submit_s
    made = _jobs(kept, len(pools) > 1, class_of, tenant_class)
    jobs = tuple(replace(job, submit_s=job.submit_s - begin_s) for job in made)
    places = {job.tenant.organisation: job.tenant.tenant_class for job in jobs}
    return Site(pools, nodes, places, jobs, max(1.0, end_s - begin_s))


def _begin_s(trace: Sequence[TraceJob], days: int | None) -> float:
    first_s, last_s = trace[0].submit_s, trace[-1].submit_s
    if days is None:
        return first_s
    if days * DAY_S >= last_s - first_s + DAY_S:
        message = said(
            "{days} days asked, the trace has {span:.1f}; ask for fewer, or leave it out",
            days=days,
            span=(last_s - first_s) / DAY_S,
        )
        raise InvalidRequest(Violation("--days", message))
    return max(first_s, last_s - days * DAY_S)


def _check_types(trace: Sequence[TraceJob], pools: Sequence[Pool]) -> None:
    known = {pool.gpu_type for pool in pools}
    unknown = sorted({job.gpu_type for job in trace} - known - {""})
    if len(pools) > 1 and unknown:
        message = said(
            "there is no pool of the trace's GPU type {gpu_type!r}; describe it with --pool",
            gpu_type=unknown[0],
        )
        raise InvalidRequest(Violation("--pool", message))


def _jobs(
    trace: Sequence[TraceJob],
    by_type: bool,
    class_of: Mapping[str, str],
    tenant_class: str,
) -> Iterator[SiteJob]:
    capacity = max(job.gpus for job in trace)
    filled = workload_of("trace", trace, capacity).jobs
    for number, (row, job) in enumerate(zip(trace, filled, strict=True), start=1):
        name = job.organisation
        gpu_type = row.gpu_type if by_type else ""
        request = GpuRequest(job.gpus, walltime_s=job.walltime_s, gpu_type=gpu_type)
        tenant = Tenant(class_of.get(name, tenant_class), name, "main", job.user)
        yield SiteJob(number, tenant, request, job.submit_s, job.run_s)
