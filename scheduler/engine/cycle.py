"""One cycle: snapshot → allocate → audit → record → submit → report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.domain.audit import violations
from scheduler.domain.cluster import ClusterState, Submission, SubmissionOutcome
from scheduler.domain.decisions import Allocation, Wait
from scheduler.domain.idling import idled_for_plans, idled_for_reservations
from scheduler.domain.placement import suited
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.reasons import Blocker, Reason
from scheduler.domain.records import CycleRecord, CycleReport
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.resources import capacity_gpus
from scheduler.domain.shares.due_dates import dated
from scheduler.domain.shares.fairshare import organisation_shares
from scheduler.domain.snapshot import Snapshot
from scheduler.domain.waiting import start_bounds
from scheduler.engine.dispatch import dispatch
from scheduler.engine.endings import kept_out
from scheduler.engine.live_jobs import LiveJobs
from scheduler.engine.snapshots import UsageMemory, take_snapshot
from scheduler.engine.world import World
from scheduler.ports import Allocator

NAMED = 3  # violations in the reason for a fall-back


def run_cycle(
    world: World, cluster: ClusterState, usage: UsageMemory, live: LiveJobs
) -> CycleReport:
    """Read once, decide once, then write, then submit; a crash between the steps is safe.

    What was recorded and not submitted stays SUBMITTING and charged, and is submitted again as
    the same attempt. Raises StoreUnavailable, NotLeading; then nothing was decided, or nothing
    was submitted.
    """
    policy = policy_in_force(world)
    snapshot = take_snapshot(world, cluster, policy, usage.buckets(policy), live)
    allocation, broken = checked(snapshot, world.allocate(snapshot), world.fallback)
    report = describe(snapshot, cluster, allocation, broken)
    report = with_moments(report, snapshot, world.view.latest().report)
    record = record_of(report, promised(snapshot), world.leadership.demand())
    world.store.record_cycle(telling_kept_out(record, world, snapshot, live))
    live.promised(record.start_bys)
    world.keep_receipt(snapshot, report)
    submissions = dispatch(world, cluster, [start.job_id for start in allocation.starts])
    report = with_outcomes(report, submissions, world.clock.now())
    world.view.cycle_ended(policy, report)
    world.tell_cycle(report)
    world.foresee(snapshot, allocation)
    return report


def policy_in_force(world: World) -> PolicyVersion:
    """Return the newest applied policy; the view's, while the store holds none."""
    return world.store.current_policy() or world.view.latest().policy


def checked(
    snapshot: Snapshot, allocation: Allocation, fallback: Allocator | None
) -> tuple[Allocation, tuple[str, ...]]:
    """Audit the decisions by rules that know no solver; return what may be done, and the harm.

    On a violation the fall-back's decisions are audited and taken: the same snapshot would break
    the same rule in every cycle. Where it breaks one too, or is missing, nothing starts and nothing
    is recalled; planned starts stay as they were promised before.
    """
    broken = violations(snapshot, allocation)
    if not broken:
        return allocation, ()
    if fallback is not None:
        second = fallback(snapshot)
        broken_again = violations(snapshot, second)
        if not broken_again:
            return replace(second, fell_back_because=_in_words(broken)), broken
        broken = tuple(dict.fromkeys((*broken, *broken_again)))
    why = (Blocker(Reason.SCHEDULER_PAUSED),)
    paused = tuple(Wait(group.job_ids, why) for group in snapshot.queue)
    return replace(allocation, decisions=paused, plans=snapshot.plans, recalls=()), broken


def _in_words(broken: tuple[str, ...]) -> str:
    """Name the first few: the cycle's record has them all."""
    more = f"; {len(broken) - NAMED} more" if len(broken) > NAMED else ""
    return f"the audit refused it: {'; '.join(broken[:NAMED])}{more}"


def describe(
    snapshot: Snapshot, cluster: ClusterState, allocation: Allocation, broken: tuple[str, ...]
) -> CycleReport:
    foreign: dict[str, int] = {pool.name: 0 for pool in cluster.pools}
    for node in cluster.nodes:
        foreign[node.pool] = foreign.get(node.pool, 0) + node.used.gpus
    return CycleReport(
        cycle=snapshot.cycle,
        taken_at=snapshot.taken_at,
        policy_version=snapshot.policy_version,
        allocation=allocation,
        shares=organisation_shares(snapshot, allocation.starts),
        capacity_gpus=capacity_gpus(cluster.nodes),
        foreign_gpus=foreign,
        violations=broken,
        idled_gpus=idled_for_plans(snapshot, allocation),
        holds=ReservedNodes(snapshot).holds,
        reserved_idle_gpus=idled_for_reservations(snapshot, allocation),
        started_jobs=len(allocation.starts),
        waiting_jobs=allocation.waiting_jobs,
    )


def with_moments(
    report: CycleReport, snapshot: Snapshot, before: CycleReport | None
) -> CycleReport:
    """Return the report with since when GPUs are owed and until when; `before` knows the former."""
    told = before.shares if before else ()
    return replace(report, shares=dated(report.shares, snapshot, report.allocation, told))


def promised(snapshot: Snapshot) -> Mapping[int, datetime]:
    """Return the bounds on the waits of the jobs that this cycle sees first."""
    if all(group.jobs[-1].start_by for group in snapshot.queue):
        return {}
    return start_bounds(snapshot, suited(snapshot))


def record_of(report: CycleReport, start_bys: Mapping[int, datetime], epoch: int) -> CycleRecord:
    return CycleRecord(
        cycle=report.cycle,
        taken_at=report.taken_at,
        policy_version=report.policy_version,
        allocation=report.allocation,
        violations=report.violations,
        shares=report.shares,
        start_bys=start_bys,
        epoch=epoch,
    )


def telling_kept_out(
    record: CycleRecord, world: World, snapshot: Snapshot, live: LiveJobs
) -> CycleRecord:
    """Return the record with the waits of those whom the cycle did not see: they have no access."""
    queue = live.queue()
    if len(queue) == len(snapshot.queue):
        return record
    waits = kept_out(queue, world.store.endings(snapshot.taken_at))
    decisions = (*record.allocation.decisions, *waits)
    return replace(record, allocation=replace(record.allocation, decisions=decisions))


def with_outcomes(
    report: CycleReport, submissions: Sequence[Submission], ended_at: datetime
) -> CycleReport:
    counts = Counter(submission.outcome for submission in submissions)
    return replace(
        report,
        duration_s=(ended_at - report.taken_at).total_seconds(),
        accepted=counts[SubmissionOutcome.ACCEPTED],
        refused=counts[SubmissionOutcome.REFUSED],
        unknown=counts[SubmissionOutcome.UNKNOWN],
    )
