"""A whole service on loopback: real store, real server, a few people, and calls as any of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from google.rpc import error_details_pb2 as details  # type: ignore[import-untyped]  # no stubs
from google.rpc import status_pb2

from scheduler.clock import ManualClock
from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import PerPool, Policy, PolicyVersion, Quota, UserLimits
from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.errors import Violation
from scheduler.explainer.explainers import explainer_in_thread
from scheduler.explainer.opening import Opening
from scheduler.identity import new_token, token_sha256
from scheduler.ports import Clock, OutputReader
from scheduler.rpc.server import RpcServer, build_server, drain
from scheduler.service import Options, build_service
from scheduler.store.group_commit import GroupCommit
from scheduler.store.sql import SqlStore, open_store
from scheduler.v1.budget_service_pb2_grpc import BudgetServiceStub
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub
from scheduler.v1.job_service_pb2_grpc import JobServiceStub
from scheduler.v1.policy_service_pb2_grpc import PolicyServiceStub
from scheduler.v1.tenant_service_pb2_grpc import TenantServiceStub
from scheduler.view import LatestView
from tests.build import NOON, a_pool, nodes

if TYPE_CHECKING:  # these names exist for the type checker only
    from scheduler.v1.budget_service_pb2_grpc import BudgetServiceAsyncStub
    from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceAsyncStub
    from scheduler.v1.job_service_pb2_grpc import JobServiceAsyncStub
    from scheduler.v1.policy_service_pb2_grpc import PolicyServiceAsyncStub
    from scheduler.v1.tenant_service_pb2_grpc import TenantServiceAsyncStub

Metadata = tuple[tuple[str, str], ...]

TIMEOUT_S = 10
SCRIPT = "#!/bin/bash\n#SBATCH --gpus=2\n#SBATCH --time=01:00:00\nsrun train\n"
POLICY = Policy(
    classes={"universities": Quota(), "startups": Quota()},
    organisations={"caspian": Quota(ceiling=PerPool(16))},
    user_limits=UserLimits(max_pending_jobs=50, max_walltime_s=24 * 3600),
)
ORGANISATIONS = (
    Organisation("operations", "Operators", "operators"),
    Organisation("steppe", "Steppe University", "universities"),
    Organisation("caspian", "Caspian Robotics", "startups"),
)
PROJECTS = (
    Project("operations", "main", "Main"),
    Project("steppe", "main", "Main"),
    Project("steppe", "vision", "Vision"),
    Project("caspian", "main", "Main"),
    Project("caspian", "grippers", "Grippers"),
)
PEOPLE = (
    User("saule", "operations", "main", "saule", Role.CLUSTER_ADMIN),
    User("alua", "steppe", "main", "alua", Role.ORGANISATION_ADMIN),
    User("aigerim", "steppe", "main", "aigerim"),
    User("arman", "steppe", "main", "arman"),
    User("bolat", "caspian", "main", "bolat"),
    User("dana", "caspian", "main", "dana", Role.ORGANISATION_ADMIN),
)


@dataclass(frozen=True, slots=True)
class World:
    """A running service and what tests need to reach it from both sides."""

    store: SqlStore
    server: RpcServer
    view: LatestView
    channel: grpc.aio.Channel
    tokens: dict[str, str]

    @property
    def jobs(self) -> JobServiceAsyncStub:
        return JobServiceStub(self.channel)

    @property
    def tenants(self) -> TenantServiceAsyncStub:
        return TenantServiceStub(self.channel)

    @property
    def policies(self) -> PolicyServiceAsyncStub:
        return PolicyServiceStub(self.channel)

    @property
    def cluster(self) -> ClusterServiceAsyncStub:
        return ClusterServiceStub(self.channel)

    @property
    def budgets(self) -> BudgetServiceAsyncStub:
        return BudgetServiceStub(self.channel)

    def by(self, name: str) -> Metadata:
        """Return the metadata with which this person calls."""
        return (("authorization", f"Bearer {self.tokens[name]}"),)


@asynccontextmanager
async def a_world(
    clock: Clock | None = None, output: OutputReader | None = None, signatures: int = 1
) -> AsyncIterator[World]:
    """Serve on a free loopback port, with 8 nodes of 8 GPUs, until the block is left."""
    store = open_store("sqlite://")
    tokens = populate(store)
    version = store.apply_policy(PolicyVersion(0, "test", "", "", "saule", str(NOON), POLICY), 0)
    view = LatestView("simulated", version)
    view.backend_answered(ClusterState((a_pool(),), nodes(8), (), NOON))
    writer = GroupCommit(store)
    clock = clock or ManualClock(NOON)
    explainer = explainer_in_thread(Opening("sqlite://", 4096, 5.0), store, clock)
    options = Options(explainer=explainer, output=output, policy_signatures=signatures)
    server = build_server(build_service(store, writer, view, clock, options))
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield World(store, server, view, channel, tokens)
    await drain(server, 0)
    explainer.close()
    await writer.close()
    store.close()


def populate(store: SqlStore) -> dict[str, str]:
    for organisation in ORGANISATIONS:
        store.add_organisation(organisation)
    for project in PROJECTS:
        store.add_project(project)
    tokens = {person.name: new_token() for person in PEOPLE}
    for person in PEOPLE:
        store.add_user(person, token_sha256(tokens[person.name]))
    return tokens


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a client learns of a call that failed."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    violations: tuple[Violation, ...] = ()
    quota_subject: str = ""
    resource: tuple[str, str] = ("", "")
    retry_after_s: int = 0

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(violation.field for violation in self.violations)


async def refused(call: Awaitable[object]) -> Refusal:
    """Await a call that must fail, and return what it tells."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal_of(error)
    raise AssertionError(f"not refused: {answer}")


def refusal_of(error: grpc.aio.AioRpcError) -> Refusal:
    status = status_pb2.Status()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    info = _one(status, details.ErrorInfo)
    resource = _one(status, details.ResourceInfo)
    quota = _one(status, details.QuotaFailure).violations
    return Refusal(
        error.code(),
        error.details() or "",
        info.reason,
        dict(info.metadata),
        tuple(
            Violation(wrong.field, wrong.description)
            for wrong in _one(status, details.BadRequest).field_violations
        ),
        quota[0].subject if quota else "",
        (resource.resource_type, resource.resource_name),
        _one(status, details.RetryInfo).retry_delay.seconds,
    )


def _one(status: status_pb2.Status, kind: type) -> details.ErrorInfo:
    """Return the status's detail of this kind, an empty one when it has none."""
    found = kind()
    packed: Sequence[object] = status.details
    for detail in packed:
        if detail.Is(kind.DESCRIPTOR):  # type: ignore[attr-defined]  # messages without stubs
            detail.Unpack(found)  # type: ignore[attr-defined]  # messages without stubs
    return found
