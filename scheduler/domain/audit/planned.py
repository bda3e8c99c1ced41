"""Planned starts (P10), restated: they are possible, and what was promised is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from scheduler.domain.audit.limits import is_within_limits
from scheduler.domain.audit.reserved import is_for
from scheduler.domain.audit.safety import not_what_was_asked_for, not_whole
from scheduler.domain.audit.world import End
from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import PendingJob, Placement
from scheduler.domain.policies import SparePlaces

# So many gangs that hold as much as a large one hold the whole pool.
LARGE = 4


def plans_are_possible(end: End) -> Iterator[str]:
    """Each planned start is of a job that waits, of what it asked for, and has room at its time.

    Room on a node at a time: what others use now, what runs beyond it by walltimes, this cycle's
    starts too, and the planned starts that will be running then. No plan is in a reservation.
    """
    for plan in end.allocation.plans:
        job = end.world.jobs.get(plan.job_id)
        if job is None or plan.job_id in end.started_ids:
            yield f"job {plan.job_id} has a planned start but does not wait"
            continue
        yield from not_what_was_asked_for(end, job, plan.placement)
        yield from not_whole(job, plan.placement)
        if is_in_a_reservation(end, plan, job):
            yield f"job {plan.job_id} is planned at {plan.at:%F %T} on nodes reserved for others"
        for name in plan.placement.nodes:
            if not _has_room(end, name, plan, end.plans_at(name, plan.at)):
                yield f"job {plan.job_id} is planned at {plan.at:%F %T} on {name}: no room then"


def _has_room(end: End, name: str, plan: PlannedStart, there: Iterable[PlannedStart]) -> bool:
    """Say whether the node is up and suits the plan, and has room at its time for all plans there.

    The plan is one of them.
    """
    node = end.world.nodes.get(name)
    if node is None or node.pool != plan.placement.pool or not node.available:
        return False
    gpus, cpus, mib = end.load(name, plan.at, there)
    have = node.capacity
    return gpus <= have.gpus and cpus <= have.cpus and mib <= have.memory_mib


def is_in_a_reservation(end: End, plan: PlannedStart, job: PendingJob) -> bool:
    """Say whether the planned run would be on nodes in a window that is for others."""
    begins = max(plan.at, end.snapshot.taken_at)
    ends = begins + timedelta(seconds=job.request.walltime_s)
    return any(
        window.starts < ends and window.ends > begins
        for hold in end.world.reserved.holds
        if not is_for(hold.reservation.audience, job.tenant)
        and not set(hold.nodes).isdisjoint(plan.placement.nodes)
        for window in hold.windows
    )


def plans_are_of_who_is_due(end: End) -> Iterator[str]:
    """Nobody gets a planned start before the policy says so, and not more than it has places."""
    known = {plan.job_id for plan in end.snapshot.plans}
    for plan in end.allocation.plans:
        job = end.world.jobs.get(plan.job_id)
        if job and plan.job_id not in known and not is_due(end, job, plan.placement):
            yield f"job {plan.job_id} has a planned start, and is not due one"
    most = max(end.snapshot.policy.wait.places, len(known))
    if len(end.allocation.plans) > most:
        yield f"{len(end.allocation.plans)} planned starts are more than {most}"


def is_due(end: End, job: PendingJob, placement: Placement) -> bool:
    """Say whether the job may come before the shares: it waited for the guard, or is large."""
    if waited_for_the_guard(end, job):
        return True
    if end.snapshot.policy.wait.spare_places is not SparePlaces.GANGS:
        return False
    nodes = (node for node in end.snapshot.nodes if node.pool == placement.pool)
    return LARGE * placement.gang.gpus >= sum(node.capacity.gpus for node in nodes)


def waited_for_the_guard(end: End, job: PendingJob) -> bool:
    guard = timedelta(seconds=end.snapshot.policy.wait.guard_s)
    return end.snapshot.taken_at - job.submitted_at >= guard


def plans_move_only_earlier(end: End) -> Iterator[str]:
    """A planned start is kept, moved to an earlier time, or carried out.

    Excused are plans that the world broke and not this cycle: a node was lost, what runs there
    takes longer than it said, others use the room, a limit of the tenant would be passed, or a
    reservation has the nodes. An older job of the same user that asks for the same, and came back
    into the queue, takes the plan's place in the line.
    """
    planned = {plan.job_id: plan for plan in end.allocation.plans}
    broken = [plan for plan in end.snapshot.plans if _is_broken(end, plan, planned)]
    if broken:
        overtaken = _overtaken(end)
        broken = [plan for plan in broken if plan.job_id not in overtaken]
    for plan in _could_be_kept(end) if broken else ():
        if plan in broken and _is_within_limits(end, plan):
            kept = planned.get(plan.job_id)
            fate = f"moves to {kept.at:%F %T}" if kept else "is given up"
            yield f"job {plan.job_id} was planned at {plan.at:%F %T}, which {fate}"


def _is_broken(end: End, plan: PlannedStart, planned: Mapping[int, PlannedStart]) -> bool:
    if plan.job_id not in end.world.jobs or plan.job_id in end.started_ids:
        return False
    kept = planned.get(plan.job_id)
    return kept is None or kept.at > plan.at


def _overtaken(end: End) -> set[int]:
    """Return the jobs behind an older one alike that has no planned start: it came back."""
    known = {plan.job_id for plan in end.snapshot.plans}
    return {
        job.job_id
        for group in end.snapshot.queue
        if group.jobs[0].job_id not in known
        for job in group.jobs[1:]
    }


def _could_be_kept(end: End) -> Iterator[PlannedStart]:
    """Yield the plans that have room as the cycle begins, each beside those that came before it.

    Plans on one node count together, whatever their times: an allocator may be careful there. What
    cannot be kept takes no room from those after it.
    """
    on: dict[str, list[PlannedStart]] = defaultdict(list)
    for plan in end.snapshot.plans:
        job, names = end.world.jobs.get(plan.job_id), plan.placement.nodes
        if job is None or is_in_a_reservation(end, plan, job):
            continue
        if all(_has_room(end.world.began, name, plan, (*on[name], plan)) for name in names):
            for name in names:
                on[name].append(plan)
            yield plan


def _is_within_limits(end: End, plan: PlannedStart) -> bool:
    job, place = end.world.jobs[plan.job_id], plan.placement
    return is_within_limits(end, job.tenant, job.array, place.pool, place.gang.gpus)
