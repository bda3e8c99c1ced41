"""A policy as the text of a file that reads back as the same policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction

from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.policy_files.values import DEFAULT_ORGANISATION, OTHER_POOLS

MAX_TITLE_LENGTH = 100
_UNITS = (("d", 24 * 3600), ("h", 3600), ("m", 60), ("s", 1))


def policy_text(title: str, policy: Policy) -> str:
    """Return a file of that title, cut where it is too long, which says what the policy says.

    Every key is written, so that a built-in value that changes one day changes nothing here.
    """
    return "\n".join(_lines(title[:MAX_TITLE_LENGTH], policy)) + "\n"


def _lines(title: str, policy: Policy) -> Iterator[str]:
    yield f"title = {_quoted(title)}"
    yield f'[usage]\nhalf_life = "{_duration(policy.half_life_s)}"'
    yield f"weight = {_number(policy.usage_weight)}"
    if policy.rates:
        yield "[rates]"
        yield from (f"{_quoted(name)} = {_number(rate)}" for name, rate in policy.rates.items())
    for name, quota in policy.classes.items():
        yield f"[classes.{name}]"
        yield from _quota(quota)
        if name in policy.members:
            yield f"[classes.{name}.members]"
            yield from _quota(policy.members[name])
        if name in policy.class_user_limits:
            yield f"[classes.{name}.user_limits]"
            yield from _user_limits(policy.class_user_limits[name])
    named = {DEFAULT_ORGANISATION: policy.organisation_default, **policy.organisations}
    for name, quota in named.items():
        yield f"[organisations.{name}]"
        yield from _quota(quota)
    yield "[user_limits]"
    yield from _user_limits(policy.user_limits)
    yield f'[order]\nown_jobs = "{policy.own_jobs}"'
    yield from _wait_and_recall(policy)


def _wait_and_recall(policy: Policy) -> Iterator[str]:
    wait, recall = policy.wait, policy.recall
    yield f'[wait]\nguard = "{_duration(wait.guard_s)}"'
    yield f'places = {wait.places}\nspare_places = "{wait.spare_places}"'
    yield f"[recall]\nenabled = {json.dumps(recall.enabled)}"
    yield f'notice = "{_duration(recall.notice_s)}"'
    yield f'min_runtime = "{_duration(recall.min_runtime_s)}"\nby = "{recall.by}"'


def _quota(quota: Quota) -> Iterator[str]:
    yield f"share = {quota.share}"
    yield from _gpus("floor_gpus", quota.floor)
    yield from _gpus("ceiling_gpus", quota.ceiling)
    yield from _gpus("borrowing_limit_gpus", quota.borrowing_limit)
    yield from _gpus("lending_limit_gpus", quota.lending_limit)


def _gpus(key: str, bound: PerPool) -> Iterator[str]:
    if bound.by_pool:
        other = {} if bound.other is None else {OTHER_POOLS: bound.other}
        pairs = {**bound.by_pool, **other}.items()
        table = ", ".join(f"{_quoted(pool)} = {gpus}" for pool, gpus in pairs)
        yield f"{key} = {{ {table} }}"
    elif bound.other is not None:
        yield f"{key} = {bound.other}"


def _user_limits(limits: UserLimits) -> Iterator[str]:
    numbers = (
        ("max_held_gpus", limits.max_held_gpus),
        ("max_pending_jobs", limits.max_pending_jobs),
        ("max_array_elements", limits.max_array_elements),
        ("max_job_gpus", limits.max_job_gpus),
    )
    yield f'max_walltime = "{_duration(limits.max_walltime_s)}"'
    yield from (f"{key} = {number}" for key, number in numbers if number is not None)


def _duration(seconds: int) -> str:
    """Return 90000 as 1d1h: a unit's number has six digits at most."""
    parts = []
    for unit, length_s in _UNITS:
        count, seconds = divmod(seconds, length_s)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _number(exact: Fraction) -> str:
    return repr(float(exact))


def _quoted(text: str) -> str:
    """A string of JSON is one of TOML as well, as long as nothing in it is a control character."""
    return json.dumps(text, ensure_ascii=False)
