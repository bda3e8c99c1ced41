"""What a new policy changes against the one in force, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.reservations.words import reservation_changes
from scheduler.texts import Said, listed, said

_NO_LIMIT = said("no limit")


def changes(old: Policy | None, new: Policy) -> tuple[str, ...]:
    """Return a sentence for each thing that changes, naming for whom; empty when nothing does."""
    if old is None:
        return (
            said(
                "this is the first policy; its classes are {names}",
                names=", ".join(sorted(new.classes)),
            ),
        )
    return (
        *_class_changes(old, new),
        *_organisation_changes(old, new),
        *_rate_changes(old, new),
        *_usage_changes(old, new),
        *_user_limit_changes(old, new),
        *_wait_and_recall_changes(old, new),
        *reservation_changes(old.reservations, new.reservations),
    )


def _class_changes(old: Policy, new: Policy) -> Iterator[str]:
    for name in sorted({*old.classes, *new.classes}):
        if name not in new.classes:
            yield said(
                "classes.{name}: is removed; no organisation may be of it any more", name=name
            )
        elif name not in old.classes:
            quota = new.classes[name]
            yield said("classes.{name}: is new, with share {share}", name=name, share=quota.share)
            yield from _quota_changes(f"classes.{name}", Quota(quota.share), quota)
        else:
            yield from _quota_changes(f"classes.{name}", old.classes[name], new.classes[name])
        if name in new.classes:
            yield from _grant_changes(old, new, name)
        if name in old.members or name in new.members:
            who = f"classes.{name}.members"
            yield from _quota_changes(who, _members(old, name), _members(new, name))


def _grant_changes(old: Policy, new: Policy, name: str) -> Iterator[str]:
    before, after = name in old.granted_classes, name in new.granted_classes
    if after and not before:
        yield said("classes.{name}: grants must pay for every new job", name=name)
    if before and not after:
        yield said("classes.{name}: jobs need no grant any more", name=name)


def _members(policy: Policy, name: str) -> Quota:
    return policy.members.get(name, policy.organisation_default)


def _organisation_changes(old: Policy, new: Policy) -> Iterator[str]:
    yield from _quota_changes(
        "organisations.default", old.organisation_default, new.organisation_default
    )
    for name in sorted({*old.organisations, *new.organisations}):
        who = f"organisations.{name}"
        if name not in new.organisations:
            yield said("{who}: is not named any more; its class's default holds for it", who=who)
        yield from _quota_changes(who, _named(old, name), _named(new, name))


def _named(policy: Policy, name: str) -> Quota:
    return policy.organisations.get(name, policy.organisation_default)


def _quota_changes(who: str, old: Quota, new: Quota) -> Iterator[str]:
    if old.share != new.share:
        yield said("{who}: share {old} -> {new}", who=who, old=old.share, new=new.share)
    yield from _bound_changes(said("{who}: floor", who=who), old.floor, new.floor)
    yield from _bound_changes(said("{who}: ceiling", who=who), old.ceiling, new.ceiling)
    yield from _bound_changes(
        said("{who}: borrowing limit", who=who), old.borrowing_limit, new.borrowing_limit
    )
    yield from _bound_changes(
        said("{who}: lending limit", who=who), old.lending_limit, new.lending_limit
    )


def _bound_changes(what: Said, old: PerPool, new: PerPool) -> Iterator[str]:
    named = sorted({*old.by_pool, *new.by_pool})
    for pool in named:
        if old.gpus(pool) != new.gpus(pool):
            yield said(
                "{what} {move} in {pool}",
                what=what,
                move=_move(old.gpus(pool), new.gpus(pool)),
                pool=pool,
            )
    if old.other != new.other:
        move = _move(old.other, new.other)
        if named:
            yield said("{what} {move} in every other pool", what=what, move=move)
        else:
            yield said("{what} {move} in every pool", what=what, move=move)


def _move(old: int | None, new: int | None) -> Said:
    if new is None:
        return listed((_limit(old), _limit(new)), " -> ")
    return said("{old} -> {new} GPUs", old=_limit(old), new=new)


def _limit(number: int | None) -> str:
    return _NO_LIMIT if number is None else str(number)


def _rate_changes(old: Policy, new: Policy) -> Iterator[str]:
    for gpu_type in sorted({*old.rates, *new.rates}):
        before, after = old.rate(gpu_type), new.rate(gpu_type)
        if before != after:
            yield said(
                "rates.{gpu_type}: a GPU-hour counts {before:g} -> {after:g}",
                gpu_type=gpu_type,
                before=float(before),
                after=float(after),
            )


def _usage_changes(old: Policy, new: Policy) -> Iterator[str]:
    if old.half_life_s != new.half_life_s:
        hours = f"{_hours(old.half_life_s)} -> {_hours(new.half_life_s)}"
        yield said("usage.half_life: {hours} for everybody", hours=hours)
    if old.usage_weight != new.usage_weight:
        yield f"usage.weight: {_number(old.usage_weight)} -> {_number(new.usage_weight)}"


def _user_limit_changes(old: Policy, new: Policy) -> Iterator[str]:
    for key, before, after in _limits(old.user_limits, new.user_limits):
        if before != after:
            yield said(
                "user_limits.{key}: {before} -> {after} for every user",
                key=key,
                before=before,
                after=after,
            )
    for name in sorted({*old.class_user_limits, *new.class_user_limits}):
        for key, before, after in _limits(old.limits_of_users(name), new.limits_of_users(name)):
            if before != after:
                yield said(
                    "classes.{name}.user_limits.{key}: {before} -> {after} for every user of it",
                    name=name,
                    key=key,
                    before=before,
                    after=after,
                )


def _limits(a: UserLimits, b: UserLimits) -> Iterator[tuple[str, str, str]]:
    yield "max_held_gpus", _limit(a.max_held_gpus), _limit(b.max_held_gpus)
    yield "max_pending_jobs", _limit(a.max_pending_jobs), _limit(b.max_pending_jobs)
    yield "max_walltime", _hours(a.max_walltime_s), _hours(b.max_walltime_s)
    yield "max_array_elements", str(a.max_array_elements), str(b.max_array_elements)
    yield "max_job_gpus", _limit(a.max_job_gpus), _limit(b.max_job_gpus)


def _wait_and_recall_changes(old: Policy, new: Policy) -> Iterator[str]:
    a, b = old.recall, new.recall
    if a.enabled != b.enabled:
        switched_on = said("recall: taking borrowed GPUs back is switched on")
        switched_off = said("recall: taking borrowed GPUs back is switched off")
        yield switched_on if b.enabled else switched_off
    for key, before_s, after_s in (
        ("wait.guard", old.wait.guard_s, new.wait.guard_s),
        ("recall.notice", a.notice_s, b.notice_s),
        ("recall.min_runtime", a.min_runtime_s, b.min_runtime_s),
    ):
        if before_s != after_s:
            yield f"{key}: {before_s}s -> {after_s}s"
    for key, before, after in (
        ("order.own_jobs", old.own_jobs.value, new.own_jobs.value),
        ("wait.places", str(old.wait.places), str(new.wait.places)),
        ("wait.spare_places", old.wait.spare_places.value, new.wait.spare_places.value),
        ("recall.by", a.by.value, b.by.value),
    ):
        if before != after:
            yield f"{key}: {before} -> {after}"


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:g}h"


def _number(fraction: Fraction) -> str:
    return f"{float(fraction):g}"
