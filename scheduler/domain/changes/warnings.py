"""Where a policy does not fit the cluster or the tenants as they are now: told, never refused.

A policy that was right yesterday must not become wrong because a node is down today, and floors may
be written before the GPUs are there: so these are warnings. The allocators do with such a policy
what they do with any: GPUs of a pool that is not there are never given, and floors that exceed what
there is share it as entitlements do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from scheduler.domain.cluster import ClusterState
from scheduler.domain.known_names import shortlist, suggestion
from scheduler.domain.policies import PerPool, Policy, Quota
from scheduler.domain.resources import capacity_gpus
from scheduler.texts import Said, said

Path = tuple[str, ...]


class WarningKind(StrEnum):
    """What does not fit."""

    UNKNOWN_POOL = "unknown_pool"
    UNKNOWN_GPU_TYPE = "unknown_gpu_type"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    FLOORS_OVER_CAPACITY = "floors_over_capacity"
    FLOORS_OVER_NODES_UP = "floors_over_nodes_up"
    FLOORS_OVER_CEILING = "floors_over_ceiling"


@dataclass(frozen=True, slots=True)
class PolicyWarning:
    """What does not fit, the path of its key in a policy file, and a sentence with the mend."""

    kind: WarningKind
    key: Path
    message: Said


_BOUNDS: Mapping[str, Callable[[Quota], PerPool]] = {
    "floor_gpus": attrgetter("floor"),
    "ceiling_gpus": attrgetter("ceiling"),
    "borrowing_limit_gpus": attrgetter("borrowing_limit"),
    "lending_limit_gpus": attrgetter("lending_limit"),
}


def policy_warnings(
    policy: Policy, cluster: ClusterState, organisations: Mapping[str, str]
) -> Iterator[PolicyWarning]:
    """Yield what does not fit; `organisations` are those registered, with their class."""
    yield from _unknown_pools(policy, [pool.name for pool in cluster.pools])
    yield from _unknown_gpu_types(policy, sorted({pool.gpu_type for pool in cluster.pools}))
    yield from _unknown_organisations(policy, sorted(organisations))
    floors = _Floors(policy, organisations)
    everything = Counter[str]()
    for node in cluster.nodes:
        everything[node.pool] += node.capacity.gpus
    up = capacity_gpus(cluster.nodes)
    for pool in cluster.pools:
        yield from floors.over_capacity(pool.name, everything[pool.name], up.get(pool.name, 0))
        yield from floors.over_ceilings(pool.name)


def _unknown_pools(policy: Policy, pools: Iterable[str]) -> Iterator[PolicyWarning]:
    for path, quota in _quotas(policy):
        for key, bound in _BOUNDS.items():
            for pool in bound(quota).by_pool:
                if pool not in pools:
                    message = said(
                        "is no pool of the cluster; {known}",
                        known=_known(said("pools"), pool, pools),
                    )
                    yield PolicyWarning(WarningKind.UNKNOWN_POOL, (*path, key, pool), message)


def _unknown_gpu_types(policy: Policy, types: Iterable[str]) -> Iterator[PolicyWarning]:
    for name in policy.rates:
        if name not in types:
            message = said(
                "no pool has GPUs of this type; {known}", known=_known(said("types"), name, types)
            )
            yield PolicyWarning(WarningKind.UNKNOWN_GPU_TYPE, ("rates", name), message)


def _unknown_organisations(policy: Policy, names: Iterable[str]) -> Iterator[PolicyWarning]:
    for name in policy.organisations:
        if name not in names:
            message = said(
                "is not registered; {known}", known=_known(said("organisations"), name, names)
            )
            path = ("organisations", name)
            yield PolicyWarning(WarningKind.UNKNOWN_ORGANISATION, path, message)


def _known(what: Said, wrong: str, right: Iterable[str]) -> Said:
    """Return what there is, a dozen at most, and which of it may have been meant."""
    names = list(right)
    hint = suggestion(wrong, names)
    return said("{what}: {names}{hint}", what=what, names=shortlist(names, most=12), hint=hint)


def _quotas(policy: Policy) -> Iterator[tuple[Path, Quota]]:
    for name, quota in policy.classes.items():
        yield ("classes", name), quota
    for name, quota in policy.members.items():
        yield ("classes", name, "members"), quota
    yield ("organisations", "default"), policy.organisation_default
    for name, quota in policy.organisations.items():
        yield ("organisations", name), quota


class _Floors:
    """What classes and their registered organisations are sure of in a pool, all together."""

    def __init__(self, policy: Policy, organisations: Mapping[str, str]) -> None:
        self._policy = policy
        self._members: dict[str, list[str]] = {name: [] for name in policy.classes}
        for name, of_class in sorted(organisations.items()):
            if of_class in self._members:
                self._members[of_class].append(name)

    def over_capacity(self, pool: str, there: int, up: int) -> Iterator[PolicyWarning]:
        needs = {
            name: max(self._own(name, pool), self._of_members(name, pool)) for name in self._members
        }
        total = sum(needs.values())
        if total <= up:
            return
        who = ", ".join(f"{name} {gpus}" for name, gpus in needs.items() if gpus)
        floors = said(
            "floors in {pool} add up to {total} GPUs ({who})", pool=pool, total=total, who=who
        )
        key = self._largest(max(needs, key=needs.__getitem__), pool)
        if total > there:
            message = said(
                "{floors}, the pool has {there}; lower them, or they are met in part only",
                floors=floors,
                there=there,
            )
            yield PolicyWarning(WarningKind.FLOORS_OVER_CAPACITY, key, message)
        else:
            message = said(
                "{floors}, only {up} of its {there} are up; until more are, they are met in part",
                floors=floors,
                up=up,
                there=there,
            )
            yield PolicyWarning(WarningKind.FLOORS_OVER_NODES_UP, key, message)

    def over_ceilings(self, pool: str) -> Iterator[PolicyWarning]:
        for name in self._members:
            ceiling = self._policy.classes[name].ceiling.gpus(pool)
            floors = self._of_members(name, pool)
            if ceiling is not None and floors > ceiling:
                message = said(
                    "{ceiling} in {pool} is less than the floors of its organisations, {floors}; "
                    "raise it, or lower them",
                    ceiling=ceiling,
                    pool=pool,
                    floors=floors,
                )
                key = ("classes", name, "ceiling_gpus")
                yield PolicyWarning(WarningKind.FLOORS_OVER_CEILING, key, message)

    def _own(self, name: str, pool: str) -> int:
        return self._policy.classes[name].floor.gpus(pool) or 0

    def _of_members(self, name: str, pool: str) -> int:
        return sum(self._of_member(name, member, pool) for member in self._members[name])

    def _of_member(self, tenant_class: str, name: str, pool: str) -> int:
        return self._policy.organisation(tenant_class, name).floor.gpus(pool) or 0

    def _largest(self, name: str, pool: str) -> Path:
        """Return the key of the class's floor or, where its members' come to more, of a member."""
        if self._own(name, pool) >= self._of_members(name, pool):
            return ("classes", name, "floor_gpus")
        member = max(self._members[name], key=lambda one: self._of_member(name, one, pool))
        if member in self._policy.organisations:
            return ("organisations", member, "floor_gpus")
        if name in self._policy.members:
            return ("classes", name, "members", "floor_gpus")
        return ("organisations", "default", "floor_gpus")
