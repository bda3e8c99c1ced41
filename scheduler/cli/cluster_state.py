"""What the service knows of the cluster, for all commands that show a part of it."""

from __future__ import annotations

from scheduler.cli.client import Client
from scheduler.v1.cluster_service_pb2 import GetClusterRequest, GetClusterResponse
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub


def get_cluster(client: Client) -> GetClusterResponse:
    return client.call(ClusterServiceStub(client.channel).GetCluster, GetClusterRequest())
