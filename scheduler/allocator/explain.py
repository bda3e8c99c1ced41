"""Why each job that waits does so: one enumerated reason, true as the cycle ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scheduler.allocator.shapes import Progress
from scheduler.domain.decisions import Allocation, Decision, Wait
from scheduler.domain.placement import Option, SuitedGroup
from scheduler.domain.quotas import REASONS_BY_LIMIT, Bound, Limit
from scheduler.domain.reasons import Blocker, Reason

Why = tuple[Reason, str]
# The place in the table is how far a reason is from a start: an earlier one is more fundamental.
_DEPTH = {reason: depth for depth, reason in enumerate(Reason)}


def concluded(progress: Progress, allocation: Allocation) -> Allocation:
    """Return the allocation with the starts made and a reason for every job that waits."""
    started = {start.job_id for start in progress.starts}
    waits = tuple(_waits(progress, started))
    decisions: tuple[Decision, ...] = (*progress.starts, *waits)
    return replace(allocation, decisions=decisions)


def _waits(progress: Progress, started: set[int]) -> Iterable[Wait]:
    explained = _Explained(progress)
    for number, group in enumerate(progress.problem.groups):
        waiting = [job.job_id for job in group.jobs if job.job_id not in started]
        if waiting:
            yield Wait(tuple(waiting), (Blocker(*explained.why(number, group)),))


class _Explained:
    """Reasons by group: alike jobs wait for the same reason."""

    def __init__(self, end: Progress) -> None:
        self._end = end
        self._began = Progress(end.problem) if end.starts else end
        self._by_option: dict[Option, Why] = {}

    def why(self, number: int, group: SuitedGroup) -> Why:
        """Return the most fundamental blocker of the pool where least is in the way."""
        if not group.options:
            return Reason.NO_SUITABLE_NODES, "no pool has nodes that hold this gang"
        reasons = [self._why_not(number, group, option) for option in group.options]
        return max(reasons, key=lambda why: _DEPTH[why[0]])

    def _why_not(self, number: int, group: SuitedGroup, option: Option) -> Why:
        """Return a limit that is reached, or what is wrong with the room.

        Room only shrinks in a cycle: what had none as it began has none as it ends, and what had
        some lost it to others.
        """
        bound = self._end.ledger.broken_by(group.tenant, group.array, option.pool, option.gang)
        if bound is not None:
            return REASONS_BY_LIMIT[bound.limit], self._bound_in_words(bound, option)
        if self._began.nodes.place(option) is None:
            return self._why_no_room(option)
        if not self._began.within_limits(number, option):
            return self._why_kept_back(option)
        return Reason.OTHERS_FIRST, self._taken_in_words(option)

    def _why_no_room(self, option: Option) -> Why:
        found = self._by_option.get(option)
        if found is None:
            found = self._by_option[option] = self._find_why_no_room(option)
        return found

    def _find_why_no_room(self, option: Option) -> Why:
        gang, nodes = option.gang, self._end.nodes
        if not option.is_up:
            up = f"{len(option.nodes)} of {gang.nodes} nodes needed are up in {option.pool}"
            return Reason.NODES_UNAVAILABLE, f"{up}, {option.unavailable} are down or drained"
        free = nodes.free_gpus(option)
        needs = f"{option.pool} has {free} GPUs free that suit, the gang needs {gang.gpus}"
        if free < gang.gpus:
            return Reason.NOT_ENOUGH_FREE_GPUS, needs
        part = f"{gang.per_node.gpus} GPUs with {gang.per_node.cpus} CPUs"
        fitting = f"{len(nodes.fitting(option))} nodes with room for {part}"
        return Reason.FRAGMENTED, f"{needs}: {fitting}, it needs {gang.nodes}"

    def _why_kept_back(self, option: Option) -> Why:
        pool = option.pool
        free, kept = self._end.ledger.free_gpus(pool), self._end.ledger.kept_back_gpus(pool)
        return Reason.KEPT_BACK, f"{kept} of {free} free GPUs in {pool} are kept for floors"

    def _taken_in_words(self, option: Option) -> str:
        pool = option.pool
        before = self._began.ledger.free_gpus(pool)
        taken = before - self._end.ledger.free_gpus(pool)
        return f"{taken} of {before} free GPUs in {pool} went to others in this cycle"

    def _bound_in_words(self, bound: Bound, option: Option) -> str:
        held = self._end.ledger.held(bound.subject, bound.pool)
        if bound.limit is Limit.ARRAY_RUNNING:
            return f"{held} elements of at most {bound.at_most} hold GPUs"
        where = f" in {bound.pool}" if bound.pool else ""
        who = bound.subject[-1]
        return (
            f"{who} holds {held} of at most {bound.at_most} GPUs{where}, needs {option.gang.gpus}"
        )
