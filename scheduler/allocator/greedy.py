"""The allocator without a solver: lowest corrected share first, tightest nodes first."""

from __future__ import annotations

from scheduler.allocator.explain import concluded
from scheduler.allocator.filling import fill
from scheduler.allocator.plans import planned, serve_due
from scheduler.allocator.shapes import Problem, Progress, problem_of
from scheduler.allocator.standings import Standings
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.placement import Layouts, suited
from scheduler.domain.policies import Policy
from scheduler.domain.reservations.nodes import ReservedNodes
from scheduler.domain.shares.fairshare import entitlements
from scheduler.domain.snapshot import Snapshot


def allocate_greedily(snapshot: Snapshot) -> Allocation:
    """Return a decision for each pending job, by the rules but without a proof of fairness."""
    end = greedy_end(snapshot)
    return concluded(end, planned(end, Allocation((), "greedy", SolverStatus.NOT_RUN)))


class GreedyStarts:
    """Makes the same starts and planned starts, without a word to who waits.

    For replays of thousands of cycles on nodes that stay as they are, where nobody asks why a job
    waits: layouts are worked out once, and entitlements only where a limit of the policy counts
    from them.
    """

    def __init__(self, layouts: Layouts) -> None:
        self._layouts = layouts

    def __call__(self, snapshot: Snapshot) -> Allocation:
        reserved = ReservedNodes(snapshot)
        groups = suited(snapshot, reserved, self._layouts)
        entitled = entitlements(snapshot, groups) if limits_borrowing(snapshot.policy) else {}
        end = _ended(Problem(snapshot, groups, entitled, Standings(snapshot), reserved))
        return planned(end, Allocation(tuple(end.starts), "greedy", SolverStatus.NOT_RUN))


def limits_borrowing(policy: Policy) -> bool:
    """Say whether anybody may hold only so much above the entitlement."""
    limits = (quota.borrowing_limit for quota in policy.quotas)
    return any(limit.other is not None or limit.by_pool for limit in limits)


def greedy_end(snapshot: Snapshot) -> Progress:
    """Return how a cycle by these rules ends, not explained."""
    return _ended(problem_of(snapshot))


def _ended(problem: Problem) -> Progress:
    progress = Progress(problem)
    serve_due(progress)
    fill(progress)
    return progress
