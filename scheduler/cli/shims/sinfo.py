"""`sinfo`: the nodes of each partition by whether they are idle, as far as the service knows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import click

from scheduler.cli.client import Client
from scheduler.cli.shims.columns import Kind, percent_layout
from scheduler.cli.shims.hosts import host_list
from scheduler.cli.shims.words import Grammar
from scheduler.v1.cluster_service_pb2 import GetClusterRequest, GetClusterResponse, Node, PoolStatus
from scheduler.v1.cluster_service_pb2_grpc import ClusterServiceStub

GRAMMAR = Grammar(
    ("-h --noheader", "-o --format=", "-p --partition=", "-a --all", "-s --summarize", "-e --exact")
)
DEFAULT = "%9P %.5a %.10l %.6D %.6t %N"
UNTYPED = "gpu"
FULL_STATES: Mapping[str, str] = {
    "idle": "idle",
    "mix": "mixed",
    "alloc": "allocated",
    "down": "down",
}


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one pool that are alike, and in one state together."""

    pool: PoolStatus
    state: str
    nodes: tuple[Node, ...]

    @property
    def gres(self) -> str:
        kind = () if self.pool.gpu_type in ("", UNTYPED) else (self.pool.gpu_type,)
        return ":".join(("gpu", *kind, str(self.nodes[0].gpus))) if self.nodes else "(null)"

    @property
    def features(self) -> str:
        return ",".join(self.nodes[0].features) if self.nodes else ""


KINDS: Mapping[str, Kind[Group]] = {
    "a": Kind("AVAIL", lambda _: "up"),
    "c": Kind("CPUS", lambda group: str(group.nodes[0].cpus if group.nodes else 0)),
    "D": Kind("NODES", lambda group: str(len(group.nodes))),
    "f": Kind("AVAIL_FEATURES", lambda group: group.features or "(null)"),
    "G": Kind("GRES", lambda group: group.gres),
    "l": Kind("TIMELIMIT", lambda _: "infinite"),
    "m": Kind("MEMORY", lambda group: str(group.nodes[0].memory_mib if group.nodes else 0)),
    "N": Kind("NODELIST", lambda group: host_list(node.name for node in group.nodes)),
    "P": Kind("PARTITION", lambda group: group.pool.partition),
    "R": Kind("PARTITION", lambda group: group.pool.partition),
    "t": Kind("STATE", lambda group: group.state),
    "T": Kind("STATE", lambda group: FULL_STATES[group.state]),
}


def run(client: Client, words: Sequence[str]) -> int:
    """Print a line for each kind of nodes; lines that would be the same are one."""
    said = GRAMMAR.read(words)
    layout = percent_layout(said.last("format", DEFAULT), KINDS)
    partitions = said.listed("partition")
    shown = [
        group
        for group in groups(cluster_of(client))
        if not partitions or group.pool.partition in partitions
    ]
    lines = layout.lines(shown, with_head=not said.says("noheader"))
    for line in dict.fromkeys(lines):
        click.echo(line.rstrip())
    return 0


def cluster_of(client: Client) -> GetClusterResponse:
    """Return the cluster with its nodes."""
    request = GetClusterRequest(include_nodes=True)
    return client.call(ClusterServiceStub(client.channel).GetCluster, request)


def groups(cluster: GetClusterResponse) -> Iterator[Group]:
    """Yield the nodes of each pool, those apart that take no jobs."""
    for pool in cluster.pools:
        own = [node for node in cluster.nodes if node.pool == pool.name]
        yield from _alike(pool, _state_of(pool), (node for node in own if node.available))
        yield from _alike(pool, "down", (node for node in own if not node.available))


def _alike(pool: PoolStatus, state: str, nodes: Iterable[Node]) -> Iterator[Group]:
    kinds: dict[tuple[object, ...], list[Node]] = {}
    for node in nodes:
        like = (node.gpus, node.cpus, node.memory_mib, tuple(node.features))
        kinds.setdefault(like, []).append(node)
    yield from (Group(pool, state, tuple(some)) for some in kinds.values())


def _state_of(pool: PoolStatus) -> str:
    """Return how busy the pool is as a whole: who holds which node is not told."""
    taken = pool.held_gpus + pool.foreign_gpus
    if taken == 0:
        return "idle"
    return "alloc" if taken >= pool.capacity_gpus else "mix"
