"""The gRPC server: its services, its limits, where it listens, and how it stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from scheduler.rpc.edge import Edge, Handler
from scheduler.rpc.servicers.budgets import BudgetServicer
from scheduler.rpc.servicers.cluster import ClusterServicer
from scheduler.rpc.servicers.jobs import JobServicer
from scheduler.rpc.servicers.policies import PolicyServicer
from scheduler.rpc.servicers.tenants import TenantServicer
from scheduler.service import Service
from scheduler.v1 import (
    budget_service_pb2,
    budget_service_pb2_grpc,
    cluster_service_pb2,
    cluster_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    policy_service_pb2,
    policy_service_pb2_grpc,
    tenant_service_pb2,
    tenant_service_pb2_grpc,
)

LOOPBACK = "127.0.0.1:0"
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
MAX_CALLS_AT_ONCE = 10_000
OPTIONS: tuple[tuple[str, int], ...] = (
    # Far above one script's limit: a script that is too long gets our own error, with its reason.
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # A second server on the same port must fail to start, not share the port silently.
    ("grpc.so_reuseport", 0),
    # Watch streams are quiet for hours: dead peers are found, and living ones may ping.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)
SERVICES: tuple[str, ...] = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (job_service_pb2, "JobService"),
        (tenant_service_pb2, "TenantService"),
        (policy_service_pb2, "PolicyService"),
        (cluster_service_pb2, "ClusterService"),
        (budget_service_pb2, "BudgetService"),
    )
)


# How each servicer is built and added.
SERVICERS: tuple[
    tuple[Callable[[Any, grpc.aio.Server], None], Callable[[Service], object]], ...
] = (
    (job_service_pb2_grpc.add_JobServiceServicer_to_server, JobServicer),
    (tenant_service_pb2_grpc.add_TenantServiceServicer_to_server, TenantServicer),
    (policy_service_pb2_grpc.add_PolicyServiceServicer_to_server, PolicyServicer),
    (cluster_service_pb2_grpc.add_ClusterServiceServicer_to_server, ClusterServicer),
    (budget_service_pb2_grpc.add_BudgetServiceServicer_to_server, BudgetServicer),
)


class Routes(grpc.GenericRpcHandler):
    """All methods in one dictionary, each behind the edge; fills it as services are added.

    It stands where the generated code wants a server. Registering the methods with gRPC's core
    instead would cost: for every call its asyncio server waits anew on one future for each
    registered method, about a tenth of SubmitJob.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._handlers: dict[str, Handler] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        return self._handlers.get(handler_call_details.method)

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Handler]
    ) -> None:
        for method, handler in method_handlers.items():
            path = f"/{service_name}/{method}"
            self._handlers[path] = self._edge.guarded(path, handler)

    def add_generic_rpc_handlers(self, generic_rpc_handlers: object) -> None:
        """Leave them out: they answer the same methods."""


@dataclass(frozen=True, slots=True)
class RpcServer:
    """A server bound to `port`; it answers from `start` until it is drained."""

    port: int
    grpc_server: grpc.aio.Server
    health: health.aio.HealthServicer
    service: Service

    async def start(self) -> None:
        for name in ("", *SERVICES):
            await self.health.set(name, health_pb2.HealthCheckResponse.SERVING)
        await self.grpc_server.start()

    async def wait(self) -> None:
        """Return once the server has stopped."""
        await self.grpc_server.wait_for_termination()


def build_server(
    service: Service, address: str = LOOPBACK, tls: tuple[Path, Path] | None = None
) -> RpcServer:
    """Return a server of all services, bound but not started; call it on the event loop.

    `address` is `host:port`, port 0 for any free one; `tls` is a certificate chain's file and its
    key's. Raises RuntimeError when the address is taken, OSError when a file cannot be read.
    """
    server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=MAX_CALLS_AT_ONCE)
    routes = Routes(Edge(service.callers))
    added_to = cast("grpc.aio.Server", routes)
    for add, servicer in SERVICERS:
        add(servicer(service), added_to)
    healthy = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, added_to)
    open_to_all = (health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection((*SERVICES, *open_to_all), added_to)
    server.add_generic_rpc_handlers((routes,))
    return RpcServer(_bind(server, address, tls), server, healthy, service)


async def drain(server: RpcServer, grace_s: float) -> None:
    """Stop in order: be unhealthy, refuse new work, end watches, let running calls finish.

    What still runs after `grace_s` is cut off.
    """
    await server.health.enter_graceful_shutdown()
    await server.service.drain()
    await server.grpc_server.stop(grace_s)


def _bind(server: grpc.aio.Server, address: str, tls: tuple[Path, Path] | None) -> int:
    if tls is None:
        return server.add_insecure_port(address)
    certificate, key = (file.read_bytes() for file in tls)
    return server.add_secure_port(address, grpc.ssl_server_credentials([(key, certificate)]))
