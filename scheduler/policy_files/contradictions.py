"""Values of a policy file that are right alone, and wrong together or out of bounds."""

from __future__ import annotations

from collections.abc import Iterator

from scheduler.domain.policies import Quota
from scheduler.policy_files.faults import Path
from scheduler.policy_files.set_apart import reservation_contradictions
from scheduler.policy_files.tables import PolicyFile, QuotaTable, UserLimitsTable
from scheduler.policy_files.values import OTHER_POOLS, quota_of, seconds
from scheduler.texts import Said, said

SHORTEST_HALF_LIFE_S = 3600
SHORTEST_WALLTIME_S = 60
SHORTEST_GUARD_S = 60
SHORTEST_RESERVATION_S = 60
LONGEST_NOTICE_S = 24 * 3600
LONGEST_DURATION_S = 3650 * 24 * 3600


def contradictions(file: PolicyFile) -> Iterator[tuple[Path, Said]]:
    """Say which values are right alone but not together, or out of bounds."""
    for path, duration, shortest_s, longest_s in _durations(file):
        if not shortest_s <= seconds(duration) <= longest_s:
            yield (
                path,
                said(
                    "must be from {shortest_s}s to {most}s, not {duration!r}",
                    shortest_s=shortest_s,
                    most=longest_s,
                    duration=duration,
                ),
            )
    for path, table in _quota_tables(file):
        yield from _quota_contradictions(path, quota_of(table))
    yield from reservation_contradictions(file)


def _quota_tables(file: PolicyFile) -> Iterator[tuple[Path, QuotaTable]]:
    for name, one in file.classes.items():
        yield ("classes", name), one
        if one.members is not None:
            yield ("classes", name, "members"), one.members
    for name, table in file.organisations.items():
        yield ("organisations", name), table


def _durations(file: PolicyFile) -> Iterator[tuple[Path, str, int, int]]:
    """Yield each duration with its least and its most seconds."""
    longest_s = LONGEST_DURATION_S
    yield ("usage", "half_life"), file.usage.half_life, SHORTEST_HALF_LIFE_S, longest_s
    for path, limits in _user_limits(file):
        yield (*path, "max_walltime"), limits.max_walltime, SHORTEST_WALLTIME_S, longest_s
    yield ("wait", "guard"), file.wait.guard, SHORTEST_GUARD_S, longest_s
    for name, one in file.reservations.items():
        if one.duration is not None:
            path = ("reservations", name, "duration")
            yield path, one.duration, SHORTEST_RESERVATION_S, longest_s
    yield ("recall", "notice"), file.recall.notice, 0, LONGEST_NOTICE_S
    yield ("recall", "min_runtime"), file.recall.min_runtime, 0, longest_s


def _user_limits(file: PolicyFile) -> Iterator[tuple[Path, UserLimitsTable]]:
    yield ("user_limits",), file.user_limits
    for name, table in file.classes.items():
        if table.user_limits is not None:
            yield ("classes", name, "user_limits"), table.user_limits


def _quota_contradictions(path: Path, quota: Quota) -> Iterator[tuple[Path, Said]]:
    bounds = (quota.floor, quota.ceiling, quota.lending_limit)
    pools = {pool for bound in bounds for pool in bound.by_pool}
    for pool in (*sorted(pools), OTHER_POOLS):
        floor = quota.floor.gpus(pool) or 0
        ceiling, lent = quota.ceiling.gpus(pool), quota.lending_limit.gpus(pool)
        place = said("other pools") if pool == OTHER_POOLS else pool
        where = said(" in {place}", place=place) if pools else Said()
        if ceiling is not None and floor > ceiling:
            text = said(
                "{floor} is more than ceiling_gpus {ceiling}{where}",
                floor=floor,
                ceiling=ceiling,
                where=where,
            )
            yield (
                (*path, "floor_gpus"),
                said("{text}; lower the floor or raise the ceiling", text=text),
            )
        if lent is not None and lent > floor:
            text = said(
                "{lent} is more than floor_gpus {floor}{where}", lent=lent, floor=floor, where=where
            )
            yield (
                (*path, "lending_limit_gpus"),
                said("{text}; only a floor's idle GPUs are lent", text=text),
            )
