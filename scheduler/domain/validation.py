"""Refuses requests that could never be granted, before they wait for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from scheduler.domain.cluster import ClusterState
from scheduler.domain.known_names import shortlist, suggestion
from scheduler.domain.policies import PerPool, Policy, UserLimits
from scheduler.domain.requests import GpuRequest, GpusPer, gang_for
from scheduler.domain.resources import Gang, Node, Pool
from scheduler.domain.tenants import Tenant
from scheduler.errors import InvalidRequest, QuotaExceeded, Violation
from scheduler.texts import Said, said

_ANY_OTHER_POOL = "any"


def check_request(
    request: GpuRequest,
    tenant: Tenant,
    policy: Policy,
    cluster: ClusterState | None,
    elements: int = 1,
) -> None:
    """Return when the request could be granted on an idle cluster with all its nodes up.

    Raises InvalidRequest with all that is wrong with the request, else QuotaExceeded when it
    alone would pass a ceiling. Without a cluster (none was read yet) only the policy is asked.
    """
    violations = [
        *_over_user_limits(request, policy.limits_of_users(tenant.tenant_class), elements)
    ]
    if cluster is not None:
        violations += _misplaced(request, cluster.pools) or _too_large(request, cluster)
    if violations:
        raise InvalidRequest(*violations)
    _check_ceilings(request, tenant, policy, cluster)


def _over_user_limits(
    request: GpuRequest, limits: UserLimits, elements: int
) -> Iterator[Violation]:
    if request.walltime_s > limits.max_walltime_s:
        longest = _hours(limits.max_walltime_s)
        message = said(
            "{hours} asked, the policy's limit is {longest}",
            hours=_hours(request.walltime_s),
            longest=longest,
        )
        yield Violation(
            "--time",
            said("{message}; ask for less and continue from a checkpoint", message=message),
        )
    if elements > limits.max_array_elements:
        message = said(
            "{elements} elements asked, the policy's limit is {most}",
            elements=elements,
            most=limits.max_array_elements,
        )
        yield Violation("--array", said("{message}; split the array", message=message))
    if limits.max_job_gpus is not None and request.total_gpus > limits.max_job_gpus:
        message = said(
            "{gpus} GPUs asked, the policy's limit for one job is {most}; ask for less",
            gpus=request.total_gpus,
            most=limits.max_job_gpus,
        )
        yield Violation("--gpus", message)


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:00"


def _misplaced(request: GpuRequest, pools: Sequence[Pool]) -> list[Violation]:
    """Name unknown partitions and GPU types, and pairs of them that do not exist."""
    partitions = sorted({pool.partition for pool in pools})
    gpu_types = sorted({pool.gpu_type for pool in pools})
    found = [
        Violation("--partition", _unknown(said("partition"), name, partitions))
        for name in request.partitions
        if name not in partitions
    ]
    if request.gpu_type and request.gpu_type not in gpu_types:
        found.append(Violation("--gpus", _unknown(said("GPU type"), request.gpu_type, gpu_types)))
    if not found and not any(request.suits_pool(pool) for pool in pools):
        names = _listed(pool.name for pool in pools)
        message = said("the cluster has no GPUs")
        if pools:
            message = said(
                "no {gpu_type} in partition {partitions}; the cluster has {names}",
                gpu_type=request.gpu_type or said("GPUs"),
                partitions="|".join(request.partitions),
                names=names,
            )
        found.append(Violation("--partition", message))
    return found


def _unknown(kind: Said, name: str, known: Sequence[str]) -> Said:
    return said(
        "there is no {kind} {name!r}; the cluster has {listed}{hint}",
        kind=kind,
        name=name,
        listed=_listed(known),
        hint=suggestion(name, known),
    )


def _listed(names: Iterable[str]) -> Said:
    return shortlist(names, most=20)


def _too_large(request: GpuRequest, cluster: ClusterState) -> list[Violation]:
    """Say why no pool could ever hold the request; nodes that are down count as well."""
    suiting = [pool.name for pool in cluster.pools if request.suits_pool(pool)]
    by_pool = {name: [node for node in cluster.nodes if node.pool == name] for name in suiting}
    if any(_holds(nodes, request) for nodes in by_pool.values()):
        return []
    nodes = [node for nodes in by_pool.values() for node in nodes]
    where = said("in {pools}", pools=_listed(suiting))
    for explain in _EXPLANATIONS:
        if violation := explain(request, nodes, where):
            return [violation]
    text = said(
        "no nodes {where} hold {gang}; ask for less",
        where=where,
        gang=_gang_words(request, nodes),
    )
    return [
        Violation(
            "--gpus", said("{text}, or for GPUs that spread evenly over fewer nodes", text=text)
        )
    ]


def _holds(nodes: Sequence[Node], request: GpuRequest) -> bool:
    gang = _gang(request, nodes)
    if gang is None:
        return False
    holders = (
        node
        for node in nodes
        if request.suits_node(node) and gang.per_node.times_fits_in(node.capacity)
    )
    return len(list(islice(holders, gang.nodes))) == gang.nodes


def _gang(request: GpuRequest, nodes: Sequence[Node]) -> Gang | None:
    # Memory that is not asked for is the cluster's to give: it makes no request impossible here.
    largest = max((node.capacity.gpus for node in nodes), default=0)
    return gang_for(request, largest, default_mib_per_cpu=0)


def _gang_words(request: GpuRequest, nodes: Sequence[Node]) -> Said:
    gang = _gang(request, nodes)
    if gang is None:
        return said("{gpus} GPUs", gpus=request.total_gpus)
    each = gang.per_node
    return said(
        "{nodes} x ({gpus} GPUs, {cpus} CPUs, {memory_mib} MiB)",
        nodes=gang.nodes,
        gpus=each.gpus,
        cpus=each.cpus,
        memory_mib=each.memory_mib,
    )


Explain = Callable[[GpuRequest, Sequence[Node], Said], Violation | None]


def _nodes_exist(request: GpuRequest, nodes: Sequence[Node], where: Said) -> Violation | None:
    if nodes:
        return None
    wanted = request.gpu_type or said("any GPU type")
    return Violation(
        "--partition",
        said("there are no nodes for {wanted} {where}; try another", wanted=wanted, where=where),
    )


def _features_exist(request: GpuRequest, nodes: Sequence[Node], where: Said) -> Violation | None:
    if any(request.suits_node(node) for node in nodes):
        return None
    known = _listed(sorted(frozenset[str]().union(*(node.features for node in nodes))))
    wanted = "|".join("&".join(sorted(features)) for features in request.constraint)
    return Violation(
        "--constraint",
        said(
            "no node {where} has {wanted}; features there: {known}",
            where=where,
            wanted=wanted,
            known=known,
        ),
    )


def _node_has_the_gpus(request: GpuRequest, nodes: Sequence[Node], where: Said) -> Violation | None:
    largest = max(node.capacity.gpus for node in nodes if request.suits_node(node))
    if request.gpus_per is GpusPer.NODE:
        asked, flag = request.gpus, "--gpus-per-node"
    else:
        asked, flag = -(-request.gpus // (request.nodes or request.gpus)), "--nodes"
    if asked <= largest:
        return None
    message = said(
        "{asked} GPUs on each node asked, the largest node {where} has {largest}",
        asked=asked,
        where=where,
        largest=largest,
    )
    return Violation(flag, said("{message}; spread the job over more nodes", message=message))


def _pool_has_the_gpus(request: GpuRequest, nodes: Sequence[Node], where: Said) -> Violation | None:
    totals: dict[str, int] = {}
    for node in nodes:
        if request.suits_node(node):
            totals[node.pool] = totals.get(node.pool, 0) + node.capacity.gpus
    largest, asked = max(totals.values()), request.total_gpus
    if asked <= largest:
        return None
    message = said(
        "{asked} GPUs asked, the largest pool of nodes that suit, {where}, has {largest}",
        asked=asked,
        where=where,
        largest=largest,
    )
    return Violation("--gpus", said("{message}; ask for at most that", message=message))


def _pool_has_the_nodes(
    request: GpuRequest, nodes: Sequence[Node], where: Said
) -> Violation | None:
    counts: dict[str, int] = {}
    for node in nodes:
        if request.suits_node(node):
            counts[node.pool] = counts.get(node.pool, 0) + 1
    most = max(counts.values())
    if request.nodes is None or request.nodes <= most:
        return None
    message = said(
        "{nodes} nodes asked, at most {most} {where} suit",
        nodes=request.nodes,
        most=most,
        where=where,
    )
    return Violation(
        "--nodes", said("{message}; ask for fewer with more GPUs on each", message=message)
    )


def _node_has_the_cpus(request: GpuRequest, nodes: Sequence[Node], where: Said) -> Violation | None:
    gang = _gang(request, nodes)
    largest = max(node.capacity.cpus for node in nodes if request.suits_node(node))
    if gang is None or gang.per_node.cpus <= largest:
        return None
    message = said(
        "comes to {cpus} CPUs on a node, the largest {where} has {largest}",
        cpus=gang.per_node.cpus,
        where=where,
        largest=largest,
    )
    return Violation(
        "--cpus-per-task",
        said("{message}; ask for fewer CPUs or tasks on each node", message=message),
    )


def _node_has_the_memory(
    request: GpuRequest, nodes: Sequence[Node], where: Said
) -> Violation | None:
    gang = _gang(request, nodes)
    largest = max(node.capacity.memory_mib for node in nodes if request.suits_node(node))
    if gang is None or request.memory is None or gang.per_node.memory_mib <= largest:
        return None
    flag = "--mem" if request.memory.per == "node" else f"--mem-per-{request.memory.per}"
    message = said(
        "comes to {memory_mib} MiB on a node, the largest {where} has {largest}; ask for less",
        memory_mib=gang.per_node.memory_mib,
        where=where,
        largest=largest,
    )
    return Violation(flag, message)


# Why a request fits nowhere, most telling first; the first that holds is said.
_EXPLANATIONS: tuple[Explain, ...] = (
    _nodes_exist,
    _features_exist,
    _pool_has_the_gpus,
    _node_has_the_gpus,
    _pool_has_the_nodes,
    _node_has_the_cpus,
    _node_has_the_memory,
)


def _check_ceilings(
    request: GpuRequest, tenant: Tenant, policy: Policy, cluster: ClusterState | None
) -> None:
    asked = request.total_gpus
    most = policy.limits_of_users(tenant.tenant_class).max_held_gpus
    if most is not None and asked > most:
        raise QuotaExceeded(
            said("user {user}", user=tenant.user), said("GPUs held at once"), most, 0, asked
        )
    ceilings = {
        said("organisation {name}", name=tenant.organisation): policy.organisation(
            tenant.tenant_class, tenant.organisation
        ).ceiling,
    }
    if tenant.tenant_class in policy.classes:
        ceilings[said("class {name}", name=tenant.tenant_class)] = policy.classes[
            tenant.tenant_class
        ].ceiling
    refusals = []
    for pool in _pools(request, ceilings.values(), cluster):
        refusal = _over_ceiling(asked, pool, ceilings)
        if refusal is None:
            return
        refusals.append(refusal)
    raise max(refusals, key=lambda refusal: refusal.limit)


def _pools(
    request: GpuRequest, ceilings: Iterable[PerPool], cluster: ClusterState | None
) -> list[str]:
    """Return the pools that may serve; without a cluster, those that ceilings name, and others."""
    if cluster is not None:
        return [pool.name for pool in cluster.pools if request.suits_pool(pool)]
    named = sorted({name for ceiling in ceilings for name in ceiling.by_pool})
    pools = [Pool(*name.partition("/")[::2]) for name in named]
    return [*(pool.name for pool in pools if request.suits_pool(pool)), _ANY_OTHER_POOL]


def _over_ceiling(asked: int, pool: str, ceilings: dict[Said, PerPool]) -> QuotaExceeded | None:
    for who, ceiling in ceilings.items():
        limit = ceiling.gpus(pool)
        if limit is not None and asked > limit:
            subject = said("{who} in pool {pool}", who=who, pool=pool)
            return QuotaExceeded(subject, said("GPUs held at once"), limit, 0, asked)
    return None
