"""Reads the site that is simulated: from the service, or from a trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from pathlib import Path

from google.protobuf.timestamp_pb2 import Timestamp

from scheduler.cli.client import Client
from scheduler.cli.errors import CliError, Problem, ServiceError, usage_error
from scheduler.cli.exit_codes import ExitCode
from scheduler.cli.files import source_name
from scheduler.cli.simulation.traces import machines_of, site_of_trace
from scheduler.cli.times import moment
from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.past_jobs import PastJob
from scheduler.domain.policies import Policy
from scheduler.domain.requests import GpuRequest, GpusPer, Memory, MemoryPer
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.domain.tenants import Tenant
from scheduler.errors import InvalidRequest
from scheduler.policy_files import parse_policy
from scheduler.simulation.site import Site, jobs_of_window
from scheduler.simulation.traces import read_trace
from scheduler.texts import Said, said
from scheduler.v1 import cluster_service_pb2, policy_service_pb2, tenant_service_pb2
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub

USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Read:
    """A site, and what there is to say of how it was read."""

    site: Site
    notes: tuple[Said, ...] = ()


def policy_in(text: str, source: str) -> tuple[str, Policy]:
    """Return a policy file's title and policy. Raises ServiceError as the service does."""
    try:
        return parse_policy(text)
    except InvalidRequest as wrong:
        raise refused(wrong, source) from wrong


def refused(wrong: InvalidRequest, source: str) -> ServiceError:
    """Return the error of a wrong file or option, each fault with its line."""
    problems = tuple(Problem(found.field, found.message, found.line) for found in wrong.violations)
    return ServiceError("", ExitCode.INVALID, wrong.reason, problems).about(source_name(source))


def site_in_trace(
    file: str,
    pools: Sequence[str],
    class_of: Mapping[str, str],
    days: int | None,
    tenant_class: str,
) -> Read:
    """Return a trace as a site. Raises CliError for what is wrong with it."""
    try:
        trace = read_trace(Path(file))
        site = site_of_trace(trace, machines_of(pools), class_of, tenant_class, days)
    except OSError as error:
        reason = error.strerror or str(error)
        raise usage_error(said("cannot read {path}: {reason}", path=file, reason=reason)) from error
    except InvalidRequest as wrong:
        raise refused(wrong, file) from wrong
    given = set(site.organisations) <= set(class_of)
    note = said("organisations of the trace are of class {name}", name=tenant_class)
    return Read(site, () if given else (note,))


def site_of_service(client: Client, days: int | None) -> Read:
    """Return the site's own last days, as many as there are unless it is said. Raises CliError."""
    now = datetime.now(UTC)
    began = _history_began(client)
    had = (now - began) / timedelta(days=1)
    if days is not None and days > ceil(had):
        message = said(
            "--days: {days} days asked, the history has {had:.1f}; ask for at most {most}",
            days=days,
            had=had,
            most=ceil(had),
        )
        raise CliError(message, ExitCode.INVALID)
    since = max(began, now - timedelta(days=days or USUAL_DAYS))
    told = jobs_of_window(_past_jobs(client, since), since, now)
    if all(job.came_before for job in told.jobs):
        message = said("--days: no job was submitted in these days; ask for more of them")
        raise CliError(message, ExitCode.INVALID)
    pools, nodes = _machines(client)
    window_s = (now - since).total_seconds()
    site = Site(pools, nodes, _organisations(client), tuple(told.jobs), window_s)
    note = said(
        "jobs that have not ended are taken to use their whole walltime: {n}", n=told.unended
    )
    return Read(site, (note,) if told.unended else ())


def _history_began(client: Client) -> datetime:
    request = policy_service_pb2.ListPastJobsRequest(page_size=1)
    answer = client.call(PolicyServiceStub(client.channel).ListPastJobs, request)
    began = moment(answer.history_start_time)
    if began is None:
        raise CliError(said("--days: no job was ever submitted here"), ExitCode.INVALID)
    return began


def _past_jobs(client: Client, since: datetime) -> Iterator[PastJob]:
    since_time, token = Timestamp(), ""
    since_time.FromDatetime(since)
    stub = PolicyServiceStub(client.channel)
    while True:
        request = policy_service_pb2.ListPastJobsRequest(since_time=since_time, page_token=token)
        page = client.call(stub.ListPastJobs, request)
        yield from map(_past_job, page.jobs)
        token = page.next_page_token
        if not token:
            return


def _past_job(job: policy_service_pb2.PastJob) -> PastJob:
    array = job.array
    return PastJob(
        job.job_id,
        _tenant(job.tenant_class, job.organisation, job.project, job.user),
        request_of(job.request.SerializeToString(deterministic=True)),
        moment(job.ready_time) or datetime.fromtimestamp(0, UTC),
        job.recallable,
        ArrayPlace(array.array_job_id, array.index, array.limit) if array.array_job_id else None,
        moment(job.start_time),
        moment(job.end_time),
    )


@lru_cache(maxsize=65536)
def _tenant(tenant_class: str, organisation: str, project: str, user: str) -> Tenant:
    return Tenant(tenant_class, organisation, project, user)


# A site's jobs ask for few different things, and what is one object is handed over once.
@lru_cache(maxsize=65536)
def request_of(message: bytes) -> GpuRequest:
    asked = policy_service_pb2.PastRequest.FromString(message)
    memory = Memory(asked.memory_mib, MemoryPer(asked.memory_per)) if asked.memory_per else None
    return GpuRequest(
        asked.gpus,
        GpusPer.NODE if asked.gpus_per_node else GpusPer.JOB,
        asked.nodes or None,
        asked.tasks or None,
        asked.tasks_per_node or None,
        asked.cpus_per_task,
        memory,
        asked.walltime_seconds,
        asked.gpu_type,
        tuple(asked.partitions),
        tuple(frozenset(one.features) for one in asked.constraint),
    )


def _machines(client: Client) -> tuple[tuple[Pool, ...], tuple[Node, ...]]:
    """Return the cluster of today, with all its nodes up: a repair is no policy."""
    request = cluster_service_pb2.GetClusterRequest(include_nodes=True)
    found = client.call(ClusterServiceStub(client.channel).GetCluster, request)
    nodes = tuple(
        Node(
            node.name,
            node.pool,
            Amount(node.gpus, node.cpus, node.memory_mib),
            features=frozenset(node.features),
        )
        for node in found.nodes
    )
    if not nodes:
        message = said("the service knows no nodes yet; ask again when the cluster has answered")
        raise CliError(message, ExitCode.UNAVAILABLE)
    return tuple(Pool(pool.partition, pool.gpu_type) for pool in found.pools), nodes


def _organisations(client: Client) -> Mapping[str, str]:
    request = tenant_service_pb2.ListOrganisationsRequest()
    stub = TenantServiceStub(client.channel)
    found = client.call(stub.ListOrganisations, request).organisations
    return {one.organisation_id: one.tenant_class for one in found}
