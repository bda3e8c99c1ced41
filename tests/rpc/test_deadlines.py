"""Deadlines: a spent one begins nothing, and a call without one gets the default."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import grpc
import pytest

from scheduler.identity import Caller, Callers
from scheduler.rpc.edge import Edge
from scheduler.rpc.server import Routes
from scheduler.v1 import cluster_service_pb2 as pb
from scheduler.v1 import cluster_service_pb2_grpc as pb_grpc
from tests.rpc.world import World, refused


class Slow(pb_grpc.ClusterServiceServicer):
    """Takes its time."""

    async def GetCluster(self, request: object, context: object) -> pb.GetClusterResponse:  # noqa: N802
        await asyncio.sleep(5)
        return pb.GetClusterResponse()

    async def ListShares(self, request: object, context: object) -> pb.ListSharesResponse:  # noqa: N802
        return pb.ListSharesResponse()

    async def ListTrackRecords(  # noqa: N802
        self, request: object, context: object
    ) -> pb.ListTrackRecordsResponse:
        return pb.ListTrackRecordsResponse()

    async def ListReservations(  # noqa: N802
        self, request: object, context: object
    ) -> pb.ListReservationsResponse:
        return pb.ListReservationsResponse()

    async def GetReceipt(self, request: object, context: object) -> pb.GetReceiptResponse:  # noqa: N802
        return pb.GetReceiptResponse()

    async def GetOverview(self, request: object, context: object) -> pb.GetOverviewResponse:  # noqa: N802
        return pb.GetOverviewResponse()

    async def ExplainOrganisation(  # noqa: N802
        self, request: object, context: object
    ) -> pb.ExplainOrganisationResponse:
        return pb.ExplainOrganisationResponse()


@asynccontextmanager
async def slow_server(callers: Callers) -> AsyncIterator[pb_grpc.ClusterServiceAsyncStub]:
    server = grpc.aio.server()
    routes = Routes(Edge(callers, default_deadline_s=0.05))
    pb_grpc.add_ClusterServiceServicer_to_server(Slow(), cast("grpc.aio.Server", routes))
    server.add_generic_rpc_handlers((routes,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield pb_grpc.ClusterServiceStub(channel)
    await server.stop(0)


async def test_a_call_without_a_deadline_ends_after_the_default_one(world: World) -> None:
    async with slow_server(world.server.service.callers) as stub:
        refusal = await refused(stub.GetCluster(pb.GetClusterRequest(), metadata=world.by("alua")))

    assert refusal.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert refusal.reason == "DEADLINE_EXCEEDED"


async def test_a_quick_call_without_a_deadline_is_answered(world: World) -> None:
    async with slow_server(world.server.service.callers) as stub:
        answer = await stub.ListShares(pb.ListSharesRequest(), metadata=world.by("alua"))

    assert isinstance(answer, pb.ListSharesResponse)


async def test_a_clients_own_deadline_holds_instead_of_the_default(world: World) -> None:
    async with slow_server(world.server.service.callers) as stub:
        call = stub.GetCluster(pb.GetClusterRequest(), metadata=world.by("alua"), timeout=0.2)
        refusal = await refused(call)

    assert refusal.code is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("name", ["alua", "bolat"])
async def test_callers_are_remembered_after_their_first_call(world: World, name: str) -> None:
    callers = world.server.service.callers
    token = world.tokens[name]
    assert callers.known(token) is None
    found: Caller = callers.find(token)

    assert callers.known(token) == found
