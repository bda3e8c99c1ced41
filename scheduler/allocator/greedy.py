"""The allocator without a solver: lowest corrected share first, tightest nodes first."""

from __future__ import annotations

from scheduler.allocator.explain import concluded
from scheduler.allocator.filling import fill
from scheduler.allocator.plans import planned, serve_due
from scheduler.allocator.shapes import Progress, problem_of
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.snapshot import Snapshot


def allocate_greedily(snapshot: Snapshot) -> Allocation:
    """Return a decision for each pending job, by the rules but without a proof of fairness."""
    end = greedy_end(snapshot)
    return concluded(end, planned(end, Allocation((), "greedy", SolverStatus.NOT_RUN)))


def greedy_end(snapshot: Snapshot) -> Progress:
    """Return how a cycle by these rules ends, not explained."""
    progress = Progress(problem_of(snapshot))
    serve_due(progress)
    fill(progress)
    return progress
