"""The tables of a policy file as the domain's values."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from fractions import Fraction

from scheduler.domain.policies import (
    OwnJobs,
    PerPool,
    Policy,
    Quota,
    RecallBy,
    RecallRules,
    SparePlaces,
    UserLimits,
    WaitRules,
)
from scheduler.domain.reservations.reservation import Audience, Reservation
from scheduler.policy_files.tables import (
    PolicyFile,
    QuotaTable,
    RecallTable,
    ReservationTable,
    UserLimitsTable,
    WaitTable,
)

DEFAULT_ORGANISATION = "default"
OTHER_POOLS = "other"

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def policy_of(file: PolicyFile) -> Policy:
    organisations = {name: quota_of(table) for name, table in file.organisations.items()}
    members = {name: table.members for name, table in file.classes.items()}
    limits = {name: table.user_limits for name, table in file.classes.items()}
    return Policy(
        classes={name: quota_of(table) for name, table in file.classes.items()},
        organisation_default=organisations.pop(DEFAULT_ORGANISATION, Quota()),
        organisations=organisations,
        rates={gpu_type: _exact(rate) for gpu_type, rate in file.rates.items()},
        half_life_s=seconds(file.usage.half_life),
        usage_weight=_exact(file.usage.weight),
        user_limits=_user_limits(file.user_limits),
        own_jobs=OwnJobs(file.order.own_jobs),
        wait=_wait(file.wait),
        recall=_recall(file.recall),
        members={name: quota_of(table) for name, table in members.items() if table},
        class_user_limits={name: _user_limits(table) for name, table in limits.items() if table},
        granted_classes=tuple(
            sorted(name for name, table in file.classes.items() if table.grants == "required")
        ),
        reservations={name: _reservation(table) for name, table in file.reservations.items()},
    )


def _reservation(table: ReservationTable) -> Reservation:
    starts = table.starts.astimezone(UTC)
    lasts = timedelta(seconds=seconds(table.duration or "0s"))
    return Reservation(
        pool=table.pool,
        starts=starts,
        ends=table.ends.astimezone(UTC) if table.ends else starts + lasts,
        audience=Audience(
            table.for_class or "", table.for_organisation or "", table.for_project or ""
        ),
        gpus=table.gpus or 0,
        nodes=table.nodes or 0,
        node_names=table.node_names or (),
        weekly=table.every is not None,
        until=table.until.astimezone(UTC) if table.until else None,
    )


def _user_limits(table: UserLimitsTable) -> UserLimits:
    return UserLimits(
        table.max_held_gpus,
        table.max_pending_jobs,
        seconds(table.max_walltime),
        table.max_array_elements,
        table.max_job_gpus,
    )


def _wait(table: WaitTable) -> WaitRules:
    return WaitRules(seconds(table.guard), table.places, SparePlaces(table.spare_places))


def _recall(table: RecallTable) -> RecallRules:
    notice_s, min_runtime_s = seconds(table.notice), seconds(table.min_runtime)
    return RecallRules(table.enabled, notice_s, min_runtime_s, RecallBy(table.by))


def quota_of(table: QuotaTable) -> Quota:
    return Quota(
        table.share,
        floor=_per_pool(table.floor_gpus, other=0),
        ceiling=_per_pool(table.ceiling_gpus),
        borrowing_limit=_per_pool(table.borrowing_limit_gpus),
        lending_limit=_per_pool(table.lending_limit_gpus),
    )


def _per_pool(value: int | dict[str, int] | None, other: int | None = None) -> PerPool:
    if not isinstance(value, dict):
        return PerPool(value)
    named = {pool: gpus for pool, gpus in value.items() if pool != OTHER_POOLS}
    return PerPool(value.get(OTHER_POOLS, other), named)


def _exact(number: float) -> Fraction:
    """Return the number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


def seconds(duration: str) -> int:
    parts = re.findall(r"([0-9]+)([smhdw])", duration)
    return sum(int(number) * _UNITS_S[unit] for number, unit in parts)
