"""ClusterService over the newest view."""

# ruff: noqa: N802 - the methods are named in the protos

from __future__ import annotations

import asyncio

from scheduler.rpc.caller import current_caller
from scheduler.rpc.convert.accounts import accounts_response
from scheduler.rpc.convert.cluster import (
    cluster_response,
    receipt_response,
    reservations_response,
    shares_response,
    track_records_response,
)
from scheduler.rpc.convert.overview import overview_response
from scheduler.service import Service
from scheduler.v1 import cluster_service_pb2 as pb
from scheduler.v1 import cluster_service_pb2_grpc as pb_grpc


class ClusterServicer(pb_grpc.ClusterServiceServicer):
    """Answers from memory, for everybody who is known; receipts are read, for cluster admins.

    An overview asks the store as well; an organisation's arithmetic is the explainer's.
    """

    def __init__(self, service: Service) -> None:
        self._cluster = service.cluster
        self._receipts = service.receipts
        self._overviews = service.overviews
        self._accounting = service.accounting

    async def GetCluster(
        self, request: pb.GetClusterRequest, _context: object
    ) -> pb.GetClusterResponse:
        view, head = self._cluster.latest(), self._receipts.head()
        return cluster_response(view, head, with_nodes=request.include_nodes)

    async def ListShares(
        self, _request: pb.ListSharesRequest, _context: object
    ) -> pb.ListSharesResponse:
        return shares_response(self._cluster.latest())

    async def ListTrackRecords(
        self, _request: pb.ListTrackRecordsRequest, _context: object
    ) -> pb.ListTrackRecordsResponse:
        return track_records_response(self._cluster.latest())

    async def ListReservations(
        self, _request: pb.ListReservationsRequest, _context: object
    ) -> pb.ListReservationsResponse:
        return reservations_response(self._cluster.latest())

    async def GetReceipt(
        self, request: pb.GetReceiptRequest, _context: object
    ) -> pb.GetReceiptResponse:
        caller = current_caller()
        return receipt_response(await asyncio.to_thread(self._receipts.get, caller, request.cycle))

    async def GetOverview(
        self, _request: pb.GetOverviewRequest, _context: object
    ) -> pb.GetOverviewResponse:
        found = await asyncio.to_thread(self._overviews.now, current_caller())
        return overview_response(found)

    async def ExplainOrganisation(
        self, request: pb.ExplainOrganisationRequest, _context: object
    ) -> pb.ExplainOrganisationResponse:
        found = await self._accounting.account(
            current_caller(), request.organisation_id, request.pool
        )
        return accounts_response(found)
