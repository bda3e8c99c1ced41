"""Whose turn it is as time goes on: the tenant tree with uses that grow and decay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, log

from scheduler.domain.jobs import ArrayPlace
from scheduler.domain.policies import Policy
from scheduler.domain.shares.quotas import quota_of
from scheduler.domain.tenants import Tenant
from scheduler.forecast.room import Shape

NOBODY_WAITS = 1 << 60


@dataclass(slots=True, eq=False)
class Waiting:
    """A job in the queue's course; times are seconds from now, negative ones have passed.

    `shapes` are its gang in each pool where it could run and `least_gpus` what one of its nodes
    must have free, `due_s` is when it comes before the shares, `rank` orders its user's own jobs.
    """

    job_id: int
    user: Branch
    shapes: tuple[Shape, ...]
    walltime_s: float
    runtime_s: float
    due_s: float
    rank: tuple[float, ...]
    array: ArrayPlace | None = None
    least_gpus: int = field(init=False)

    def __post_init__(self) -> None:
        self.least_gpus = min(shape.gpus_per_node for shape in self.shapes)


class Branch:
    """A tenant with the GPUs that it holds, what it used before, and who waits below it."""

    __slots__ = ("_at_s", "_mean", "below", "held", "jobs", "least_gpus", "parent", "path", "share")

    def __init__(self, path: tuple[str, ...], parent: Branch | None, share: int) -> None:
        self.path = path
        self.parent = parent
        self.share = share
        self.held = 0.0
        self.below: list[Branch] = []
        self.jobs: list[Waiting] = []
        self.least_gpus = NOBODY_WAITS
        self._mean = 0.0
        self._at_s = 0.0

    def used(self, gpus: float) -> None:
        """Say the mean number of GPUs that were held before second 0."""
        self._mean = gpus

    def mean_gpus(self, now_s: float, decay_per_s: float) -> float:
        """Return the decayed mean of what was held, as of now."""
        if now_s == self._at_s:
            return self._mean
        return self.held + (self._mean - self.held) * exp((self._at_s - now_s) * decay_per_s)

    def hold(self, gpus: float, now_s: float, decay_per_s: float) -> None:
        """Hold so many GPUs more, or fewer, from now on."""
        self._mean, self._at_s = self.mean_gpus(now_s, decay_per_s), now_s
        self.held += gpus

    def recount(self) -> None:
        """Know anew the least that a node must have free for a job here or below."""
        smallest = [job.least_gpus for job in self.jobs] if self.jobs else None
        counts = smallest or [branch.least_gpus for branch in self.below]
        self.least_gpus = min(counts, default=NOBODY_WAITS)


class Tree:
    """All tenants that hold, wait or have used; the lowest corrected share comes first."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._weight = float(policy.usage_weight)
        self._decay_per_s = log(2) / policy.half_life_s
        self._branches: dict[tuple[str, ...], Branch] = {(): Branch((), None, 1)}
        self.now_s = 0.0

    def branch(self, tenant: Tenant) -> Branch:
        """Return the user's branch, grown where it is new."""
        return self._grown(tenant.path(4))

    def used(self, path: tuple[str, ...], gpus: float) -> None:
        if path in self._branches:
            self._branches[path].used(gpus)

    def hold(self, user: Branch, gpus: float) -> None:
        """Count a start, or with a negative number an end, at every level."""
        branch: Branch | None = user
        while branch is not None:
            branch.hold(gpus, self.now_s, self._decay_per_s)
            branch = branch.parent

    def add(self, job: Waiting) -> None:
        """Let a job wait in its place among its user's own."""
        job.user.jobs.append(job)
        job.user.jobs.sort(key=_rank)
        branch: Branch | None = job.user
        while branch is not None:
            branch.least_gpus = min(branch.least_gpus, job.least_gpus)
            branch = branch.parent

    def remove(self, job: Waiting) -> None:
        """Let a job that waits go."""
        job.user.jobs.remove(job)
        branch: Branch | None = job.user
        while branch is not None and branch.least_gpus == job.least_gpus:
            branch.recount()
            branch = branch.parent

    def in_turn(self, free_gpus: int) -> Iterator[Waiting]:
        """Yield the jobs that fit nodes of so many free GPUs, in the order of their turns."""
        return self._in_turn(self._branches[()], free_gpus)

    def _in_turn(self, branch: Branch, free_gpus: int) -> Iterator[Waiting]:
        if branch.jobs:
            yield from (job for job in branch.jobs if job.least_gpus <= free_gpus)
            return
        fitting = [one for one in branch.below if one.least_gpus <= free_gpus]
        if len(fitting) > 1:
            fitting.sort(key=self._corrected_share)
        for one in fitting:
            yield from self._in_turn(one, free_gpus)

    def _corrected_share(self, branch: Branch) -> float:
        used = self._weight * branch.mean_gpus(self.now_s, self._decay_per_s)
        return (branch.held + used) / branch.share

    def _grown(self, path: tuple[str, ...]) -> Branch:
        found = self._branches.get(path)
        if found is None:
            parent = self._grown(path[:-1])
            share = quota_of(self._policy, path).share if len(path) <= 2 else 1
            found = self._branches[path] = Branch(path, parent, share)
            parent.below.append(found)
        return found


def _rank(job: Waiting) -> tuple[float, ...]:
    return job.rank
