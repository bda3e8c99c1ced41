"""What in a policy has no effect, or not the effect that its author seems to want.

A policy that is told something here is right and may be in force; `policy_warnings` tells apart
where it does not fit the cluster of the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.texts import Said, said

Path = tuple[str, ...]


class LintKind(StrEnum):
    """What is odd."""

    EMPTY_CLASS = "empty_class"
    SHARE_WITHOUT_EFFECT = "share_without_effect"
    TABLE_WITHOUT_EFFECT = "table_without_effect"
    UNREACHABLE_LIMIT = "unreachable_limit"
    FLOOR_WITHOUT_RECALL = "floor_without_recall"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd, the path of its key in a policy file, and a sentence with the mend."""

    kind: StrEnum
    key: Path
    message: Said


def lint(
    policy: Policy, organisations: Mapping[str, str], capacity: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield what is odd.

    `organisations` are those registered, with their class; `capacity` is the GPUs of each pool,
    nodes that are down included. Either may be empty when nothing is known of it.
    """
    members = _members(policy, organisations)
    if organisations:
        yield from _empty_classes(members)
        yield from _tables_without_effect(policy, members)
    yield from _shares_without_effect(policy, members)
    yield from _unreachable_limits(policy, organisations, capacity)
    yield from _unreachable_user_limits(policy, capacity)
    yield from _floors_without_recall(policy)


def _members(policy: Policy, organisations: Mapping[str, str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in policy.classes}
    for name, tenant_class in sorted(organisations.items()):
        found.setdefault(tenant_class, []).append(name)
    return found


def _empty_classes(members: Mapping[str, list[str]]) -> Iterator[Finding]:
    for name, organisations in members.items():
        if not organisations:
            message = said(
                "no organisation is of this class; register one, or take the class out until then"
            )
            yield Finding(LintKind.EMPTY_CLASS, ("classes", name), message)


def _tables_without_effect(policy: Policy, members: Mapping[str, list[str]]) -> Iterator[Finding]:
    """Yield defaults of members that every organisation of the class overrides."""
    for name in policy.members:
        organisations = members.get(name, [])
        if organisations and all(one in policy.organisations for one in organisations):
            message = said(
                "every organisation of this class has a table of its own; take this one out, "
                "or theirs"
            )
            yield Finding(LintKind.TABLE_WITHOUT_EFFECT, ("classes", name, "members"), message)


def _shares_without_effect(policy: Policy, members: Mapping[str, list[str]]) -> Iterator[Finding]:
    """Yield shares that say the same of all siblings: only their relation has an effect."""
    shares = {quota.share for quota in policy.classes.values()}
    if len(shares) == 1 and shares != {1}:
        message = said(
            "all classes have share {share}, which is the same as 1 each; did you mean to change "
            "only one?",
            share=min(shares),
        )
        path = ("classes", next(iter(policy.classes)), "share")
        yield Finding(LintKind.SHARE_WITHOUT_EFFECT, path, message)
    for tenant_class, organisations in members.items():
        if len(organisations) == 1 and organisations[0] in policy.organisations:
            name = organisations[0]
            if policy.organisations[name].share != 1:
                message = said(
                    "is the only organisation of class {name}; its share is weighed against "
                    "nobody's, that of its class counts",
                    name=tenant_class,
                )
                path = ("organisations", name, "share")
                yield Finding(LintKind.SHARE_WITHOUT_EFFECT, path, message)


def _unreachable_limits(
    policy: Policy, organisations: Mapping[str, str], capacity: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield numbers that are never reached, in whichever of the pools that they are for."""
    for path, quota, tenant_class in _quotas(policy, organisations):
        of_class = PerPool()
        if tenant_class in policy.classes and path != ("classes", tenant_class):
            of_class = policy.classes[tenant_class].ceiling
        for gpus, pools in _numbers(quota.ceiling, capacity):
            ends = [of_class.gpus(pool) for pool in pools]
            key = (*path, "ceiling_gpus")
            if ends and all(end is not None and end < gpus for end in ends):
                message = said(
                    "{gpus} is never reached: class {name} ends at {most}; lower it, or raise "
                    "the class's",
                    gpus=gpus,
                    name=tenant_class,
                    most=max(end for end in ends if end is not None),
                )
                yield Finding(LintKind.UNREACHABLE_LIMIT, key, message)
            else:
                yield from _over_capacity(key, gpus, pools, capacity)
        for gpus, pools in _numbers(quota.borrowing_limit, capacity):
            yield from _over_capacity((*path, "borrowing_limit_gpus"), gpus, pools, capacity)


def _over_capacity(
    key: Path, gpus: int, pools: Sequence[str], capacity: Mapping[str, int]
) -> Iterator[Finding]:
    most = max((capacity[pool] for pool in pools), default=gpus)
    if gpus > most:
        message = said(
            "{gpus} is never reached: {pools} has {there} GPUs; lower it, or take the limit out",
            gpus=gpus,
            pools=", ".join(pools),
            there=most,
        )
        yield Finding(LintKind.UNREACHABLE_LIMIT, key, message)


def _numbers(bound: PerPool, capacity: Mapping[str, int]) -> Iterator[tuple[int, list[str]]]:
    """Yield each number of a bound with the pools of the cluster that it is for."""
    for pool, gpus in bound.by_pool.items():
        if pool in capacity:
            yield gpus, [pool]
    if bound.other is not None:
        yield bound.other, sorted(set(capacity) - set(bound.by_pool))


def _unreachable_user_limits(policy: Policy, capacity: Mapping[str, int]) -> Iterator[Finding]:
    everything = sum(capacity.values())
    for path, limits in _user_limits(policy):
        held, of_job = limits.max_held_gpus, limits.max_job_gpus
        if held is not None and everything and held > everything:
            message = said(
                "{gpus} is never reached: the cluster has {there} GPUs; lower it, or take the "
                "limit out",
                gpus=held,
                there=everything,
            )
            yield Finding(LintKind.UNREACHABLE_LIMIT, (*path, "max_held_gpus"), message)
        if held is not None and of_job is not None and of_job > held:
            message = said(
                "{gpus} is never reached: a user holds {most} at most; lower it, or raise "
                "max_held_gpus",
                gpus=of_job,
                most=held,
            )
            yield Finding(LintKind.UNREACHABLE_LIMIT, (*path, "max_job_gpus"), message)


def _floors_without_recall(policy: Policy) -> Iterator[Finding]:
    if policy.recall.enabled:
        return
    for path, quota, _ in _quotas(policy, {}):
        floors = (quota.floor.other or 0, *quota.floor.by_pool.values())
        lent = (quota.lending_limit.other, *quota.lending_limit.by_pool.values())
        if any(floors) and lent != (0,):
            message = said(
                "is lent while it is idle, and recall is off: it comes back as jobs end, which "
                "takes a walltime; set recall.enabled = true, or lending_limit_gpus = 0"
            )
            yield Finding(LintKind.FLOOR_WITHOUT_RECALL, (*path, "floor_gpus"), message)


def _quotas(policy: Policy, organisations: Mapping[str, str]) -> Iterator[tuple[Path, Quota, str]]:
    """Yield each table with the class it belongs to, empty where it is not known."""
    for name, quota in policy.classes.items():
        yield ("classes", name), quota, name
    for name, quota in policy.members.items():
        yield ("classes", name, "members"), quota, name
    yield ("organisations", "default"), policy.organisation_default, ""
    for name, quota in policy.organisations.items():
        yield ("organisations", name), quota, organisations.get(name, "")


def _user_limits(policy: Policy) -> Iterator[tuple[Path, UserLimits]]:
    yield ("user_limits",), policy.user_limits
    for name, limits in policy.class_user_limits.items():
        yield ("classes", name, "user_limits"), limits
