"""What in a policy's reservations has no effect, or not the one that its author seems to want."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from scheduler.domain.changes.lint import Finding
from scheduler.domain.known_names import suggestion
from scheduler.domain.policies import Policy
from scheduler.domain.reservations.reservation import Reservation, Window
from scheduler.domain.resources import Node
from scheduler.texts import said


class ReservationLint(StrEnum):
    """What is odd; names that are not there have the kinds that warnings give them."""

    ENDED = "ended_reservation"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    UNKNOWN_PROJECT = "unknown_project"
    UNKNOWN_POOL = "unknown_pool"
    UNKNOWN_NODE = "unknown_node"
    PART_OF_A_NODE = "part_of_a_node"
    OVER_RESERVED = "over_reserved"
    OVER_CEILING = "reserved_over_ceiling"


def lint_reservations(
    policy: Policy, organisations: Mapping[str, str], nodes: Sequence[Node], now: datetime
) -> Iterator[Finding]:
    """Yield what is odd.

    `organisations` are those registered, `nodes` the cluster's, those that are down included.
    Either may be empty when nothing is known of it.
    """
    for name, one in policy.reservations.items():
        path = ("reservations", name)
        if one.next_window(now) is None:
            yield Finding(
                ReservationLint.ENDED,
                path,
                said("has ended, and reserves nothing any more; take it out"),
            )
            continue
        organisation = one.audience.organisation
        if organisation and organisations and organisation not in organisations:
            message = said(
                "{name!r} is not registered{hint}",
                name=organisation,
                hint=suggestion(organisation, organisations),
            )
            yield Finding(
                ReservationLint.UNKNOWN_ORGANISATION, (*path, "for_organisation"), message
            )
        if nodes:
            yield from _misfits(policy, name, nodes, now)
            yield from _over_ceiling(policy, name, organisations, nodes)


def unknown_projects(policy: Policy, projects: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield the reservations for a project that is not registered; of `projects` by organisation.

    Of an organisation that is not among them nothing is known.
    """
    for name, one in policy.reservations.items():
        known = projects.get(one.audience.organisation)
        project = one.audience.project
        if project and known is not None and project not in known:
            message = said(
                "{organisation} has no project {name!r}{hint}",
                organisation=one.audience.organisation,
                name=project,
                hint=suggestion(project, known),
            )
            path = ("reservations", name, "for_project")
            yield Finding(ReservationLint.UNKNOWN_PROJECT, path, message)


def _misfits(policy: Policy, name: str, nodes: Sequence[Node], now: datetime) -> Iterator[Finding]:
    one, path = policy.reservations[name], ("reservations", name)
    there = tuple(node for node in nodes if node.pool == one.pool)
    names = {node.name for node in there}
    if not there:
        pools = sorted({node.pool for node in nodes})
        message = said(
            "{pool} is no pool of this cluster{hint}",
            pool=one.pool,
            hint=suggestion(one.pool, pools),
        )
        yield Finding(ReservationLint.UNKNOWN_POOL, (*path, "pool"), message)
        return
    for missing in (node for node in one.node_names if node not in names):
        message = said(
            "{node!r} is no node of {pool}{hint}",
            node=missing,
            pool=one.pool,
            hint=suggestion(missing, names),
        )
        yield Finding(ReservationLint.UNKNOWN_NODE, (*path, "node_names"), message)
    yield from _uneven(name, one, there)
    yield from _over_capacity(policy, name, there, now)


def _uneven(name: str, one: Reservation, there: tuple[Node, ...]) -> Iterator[Finding]:
    """Yield a number of GPUs that is more once it is on whole nodes."""
    taken = sum(node.capacity.gpus for node in one.takes(there))
    if one.gpus and taken > one.gpus:
        message = said(
            "{gpus} GPUs are {taken} on whole nodes, which is what is reserved; say so",
            gpus=one.gpus,
            taken=taken,
        )
        yield Finding(ReservationLint.PART_OF_A_NODE, ("reservations", name, "gpus"), message)


def _over_capacity(
    policy: Policy, name: str, there: tuple[Node, ...], now: datetime
) -> Iterator[Finding]:
    """Yield that the pool has too little for the reservation and those at the same time.

    Of several the last by name is told of it.
    """
    one = policy.reservations[name]
    for window in one.windows(now):
        together = [
            other
            for also, other in policy.reservations.items()
            if also <= name and other.pool == one.pool and _is_then(other, window, now)
        ]
        wanted = sum(_nodes_of(other, there) for other in together)
        if wanted > len(there):
            message = said(
                "{pool} has {there} nodes, {wanted} are reserved in it at {at} UTC; "
                "reserve less, or at another time",
                pool=one.pool,
                there=len(there),
                wanted=wanted,
                at=f"{window.starts:%F %H:%M}",
            )
            yield Finding(ReservationLint.OVER_RESERVED, ("reservations", name), message)
            return


def _is_then(other: Reservation, window: Window, now: datetime) -> bool:
    return any(theirs.meets(window.starts, window.ends) for theirs in other.windows(now))


def _nodes_of(one: Reservation, there: tuple[Node, ...]) -> int:
    """Return how many nodes it needs, also of those that the pool lacks."""
    taken = one.takes(there)
    if one.nodes:
        return one.nodes
    lacking = one.gpus - sum(node.capacity.gpus for node in taken)
    return len(taken) + (lacking > 0)


def _over_ceiling(
    policy: Policy, name: str, organisations: Mapping[str, str], nodes: Sequence[Node]
) -> Iterator[Finding]:
    """Yield that whoever it is for may not hold as much as is reserved: limits hold as ever."""
    one = policy.reservations[name]
    there = tuple(node for node in nodes if node.pool == one.pool)
    reserved = sum(node.capacity.gpus for node in one.takes(there))
    organisation = one.audience.organisation
    tenant_class = one.audience.tenant_class or organisations.get(organisation, "")
    quotas = {tenant_class: policy.classes.get(tenant_class)}
    if organisation:
        quotas[organisation] = policy.organisation(tenant_class, organisation)
    for who, quota in quotas.items():
        most = quota.ceiling.gpus(one.pool) if quota else None
        if most is not None and most < reserved:
            message = said(
                "{reserved} GPUs are reserved, and {who} may hold {most} in {pool}; reserve less, "
                "or raise its ceiling",
                reserved=reserved,
                who=who,
                most=most,
                pool=one.pool,
            )
            yield Finding(ReservationLint.OVER_CEILING, ("reservations", name), message)
