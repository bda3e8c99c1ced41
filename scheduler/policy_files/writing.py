"""A policy as the text of a file that reads back as the same policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w

from scheduler.domain.policies import PerPool, Policy, Quota, UserLimits
from scheduler.domain.reservations.reservation import Reservation
from scheduler.policy_files.values import DEFAULT_ORGANISATION, OTHER_POOLS

MAX_TITLE_LENGTH = 100
Table = dict[str, Any]
_UNITS = (("d", 24 * 3600), ("h", 3600), ("m", 60), ("s", 1))


def policy_text(title: str, policy: Policy) -> str:
    """Return a file of that title, cut where it is too long, which says what the policy says.

    Every key is written, so that a built-in value that changes one day changes nothing here.
    """
    wait, recall = policy.wait, policy.recall
    named = {DEFAULT_ORGANISATION: policy.organisation_default, **policy.organisations}
    tables: Table = {
        "title": title[:MAX_TITLE_LENGTH],
        "usage": {
            "half_life": _duration(policy.half_life_s),
            "weight": float(policy.usage_weight),
        },
        "rates": {gpu_type: float(rate) for gpu_type, rate in policy.rates.items()},
        "classes": {name: _class(policy, name) for name in policy.classes},
        "organisations": {name: _quota(quota) for name, quota in named.items()},
        "user_limits": _user_limits(policy.user_limits),
        "order": {"own_jobs": str(policy.own_jobs)},
        "wait": {
            "guard": _duration(wait.guard_s),
            "places": wait.places,
            "spare_places": str(wait.spare_places),
        },
        "recall": {
            "enabled": recall.enabled,
            "notice": _duration(recall.notice_s),
            "min_runtime": _duration(recall.min_runtime_s),
            "by": str(recall.by),
        },
        "reservations": {name: _reservation(one) for name, one in policy.reservations.items()},
    }
    return tomli_w.dumps(tables)


def _class(policy: Policy, name: str) -> Table:
    members, limits = policy.members.get(name), policy.class_user_limits.get(name)
    parts = {
        "members": _quota(members) if members else None,
        "user_limits": _user_limits(limits) if limits else None,
    }
    grants = "required" if name in policy.granted_classes else "optional"
    return {**_quota(policy.classes[name]), "grants": grants, **_given(parts)}


def _quota(quota: Quota) -> Table:
    bounds = {
        "floor_gpus": _gpus(quota.floor),
        "ceiling_gpus": _gpus(quota.ceiling),
        "borrowing_limit_gpus": _gpus(quota.borrowing_limit),
        "lending_limit_gpus": _gpus(quota.lending_limit),
    }
    return {"share": quota.share, **_given(bounds)}


def _gpus(bound: PerPool) -> int | Table | None:
    if not bound.by_pool:
        return bound.other
    return {**bound.by_pool, **_given({OTHER_POOLS: bound.other})}


def _user_limits(limits: UserLimits) -> Table:
    numbers = {
        "max_held_gpus": limits.max_held_gpus,
        "max_pending_jobs": limits.max_pending_jobs,
        "max_array_elements": limits.max_array_elements,
        "max_job_gpus": limits.max_job_gpus,
    }
    return {"max_walltime": _duration(limits.max_walltime_s), **_given(numbers)}


def _reservation(one: Reservation) -> Table:
    audience = one.audience
    how_much = {
        "gpus": one.gpus or None,
        "nodes": one.nodes or None,
        "node_names": list(one.node_names) or None,
    }
    rest = {
        "every": "week" if one.weekly else None,
        "until": one.until,
        "for_class": audience.tenant_class or None,
        "for_organisation": audience.organisation or None,
        "for_project": audience.project or None,
        "maintenance": one.is_maintenance or None,
    }
    given = _given(how_much) or {"whole_pool": True}
    return {"pool": one.pool, **given, "starts": one.starts, "ends": one.ends, **_given(rest)}


def _given(keys: Mapping[str, Any]) -> Table:
    """Leave out what has no value; TOML knows no null."""
    return {key: value for key, value in keys.items() if value is not None}


def _duration(seconds: int) -> str:
    """Return 90000 as 1d1h: a unit's number has six digits at most."""
    parts = []
    for unit, length_s in _UNITS:
        count, seconds = divmod(seconds, length_s)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
