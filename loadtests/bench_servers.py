"""The two servers that `bench_submit` compares: a bare one, and the whole request path."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

import grpc
import structlog
import uvloop

from scheduler.clock import SystemClock
from scheduler.domain.cluster import ClusterState
from scheduler.domain.policies import Policy, PolicyVersion, Quota, UserLimits
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.domain.tenants import Organisation, Project, User
from scheduler.identity import new_token, token_sha256
from scheduler.rpc.memory import settle_memory
from scheduler.rpc.server import build_server
from scheduler.service import build_service
from scheduler.store.group_commit import GroupCommit
from scheduler.store.sql import SqlStore, open_store
from scheduler.v1 import cluster_service_pb2, cluster_service_pb2_grpc
from scheduler.view import LatestView

POOL = Pool("alem", "h200")
# A bound that no user reaches within the rounds, but that every submission is held against.
POLICY = Policy({"universities": Quota()}, user_limits=UserLimits(max_pending_jobs=10_000_000))


class Empty(cluster_service_pb2_grpc.ClusterServiceServicer):
    """Answers nothing as fast as it can: what gRPC itself costs."""

    async def GetCluster(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.GetClusterRequest, _context: object
    ) -> cluster_service_pb2.GetClusterResponse:
        return cluster_service_pb2.GetClusterResponse()

    async def ListShares(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.ListSharesRequest, _context: object
    ) -> cluster_service_pb2.ListSharesResponse:
        return cluster_service_pb2.ListSharesResponse()

    async def ListTrackRecords(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.ListTrackRecordsRequest, _context: object
    ) -> cluster_service_pb2.ListTrackRecordsResponse:
        return cluster_service_pb2.ListTrackRecordsResponse()

    async def ListReservations(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.ListReservationsRequest, _context: object
    ) -> cluster_service_pb2.ListReservationsResponse:
        return cluster_service_pb2.ListReservationsResponse()

    async def GetReceipt(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.GetReceiptRequest, _context: object
    ) -> cluster_service_pb2.GetReceiptResponse:
        return cluster_service_pb2.GetReceiptResponse()

    async def GetOverview(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.GetOverviewRequest, _context: object
    ) -> cluster_service_pb2.GetOverviewResponse:
        return cluster_service_pb2.GetOverviewResponse()

    async def ExplainOrganisation(  # noqa: N802 - named in the protos
        self, _request: cluster_service_pb2.ExplainOrganisationRequest, _context: object
    ) -> cluster_service_pb2.ExplainOrganisationResponse:
        return cluster_service_pb2.ExplainOrganisationResponse()


async def serve_bare() -> None:
    """Serve empty calls until the process is ended."""
    server = grpc.aio.server()
    cluster_service_pb2_grpc.add_ClusterServiceServicer_to_server(Empty(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    say(str(port))
    await server.wait_for_termination()


async def serve_service(folder: Path, users: int) -> None:
    """Serve the whole request path over a store in `folder` until the process is ended."""
    store = open_store(f"sqlite:///{folder / 'bench.db'}")
    tokens = register(store, users)
    version = PolicyVersion(1, "bench", "", "", "bench", "", POLICY)
    view = LatestView("simulated", version)
    view.backend_answered(a_cluster())
    server = build_server(build_service(store, GroupCommit(store), view, SystemClock()))
    await server.start()
    settle_memory()
    say(" ".join((str(server.port), *tokens)))
    await server.wait()


def register(store: SqlStore, users: int) -> list[str]:
    """Create the benchmark's users and return their tokens."""
    store.add_organisation(Organisation("steppe", "Steppe University", "universities"))
    store.add_project(Project("steppe", "main", "Main"))
    tokens = [new_token() for _ in range(users)]
    for number, token in enumerate(tokens):
        name = f"user-{number}"
        store.add_user(User(name, "steppe", "main", name), token_sha256(token))
    return tokens


def a_cluster() -> ClusterState:
    nodes = tuple(Node(f"n{n}", POOL.name, Amount(8, 128, 2_000_000)) for n in range(64))
    return ClusterState((POOL,), nodes, (), datetime.now(UTC))


def say(words: str) -> None:
    """Tell the parent process that the server is ready."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve what the first argument names."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    if sys.argv[1] == "bare":
        uvloop.run(serve_bare())
    else:
        uvloop.run(serve_service(Path(sys.argv[2]), int(sys.argv[3])))


if __name__ == "__main__":
    main()
