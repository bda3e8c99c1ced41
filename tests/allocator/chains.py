"""A world that goes on by itself: admit, recall, put the recalled back into the queue, again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.domain.decisions import Allocation, Recall, Start
from scheduler.domain.jobs import HoldingJob, JobState, PendingJob
from scheduler.domain.policies import Policy
from scheduler.domain.recalls.recall import recalls
from scheduler.domain.reservations.reservation import Reservation
from scheduler.domain.resources import Node
from scheduler.domain.snapshot import Snapshot
from scheduler.ports import Allocator
from tests.build import a_snapshot


@dataclass(frozen=True, slots=True)
class Step:
    """One cycle: what it saw, what it decided, whom it recalled."""

    snapshot: Snapshot
    allocation: Allocation
    recalls: tuple[Recall, ...]


class Chain:
    """Time stands still, so nothing but starts and recalls moves anything.

    Every job is recallable from its first moment on, and a recalled one is resubmitted at once:
    the worst that a policy and its users can do to a scheduler. Worse still where `forgetful`:
    then nothing tells that it has just been recalled.
    """

    def __init__(
        self,
        on: Sequence[Node],
        policy: Policy,
        organisations: Mapping[str, str],
        mean_gpus: Mapping[tuple[str, ...], float],
    ) -> None:
        self._on, self._policy = on, policy
        self._organisations, self._mean_gpus = organisations, mean_gpus
        self.forgetful = False
        self.jobs: dict[int, PendingJob] = {}
        self.holding: dict[int, HoldingJob] = {}

    def reserve(self, reservations: Mapping[str, Reservation]) -> None:
        self._policy = replace(self._policy, reservations=reservations)

    def submit(self, jobs: Iterable[PendingJob]) -> None:
        self.jobs.update((job.job_id, job) for job in jobs)

    def step(self, allocate: Allocator) -> Step:
        """Run one cycle, and let what it decided and recalled come about at once."""
        snapshot = self.snapshot()
        allocation = allocate(snapshot)
        found = recalls(snapshot, allocation, allocate)
        for start in allocation.starts:
            self.holding[start.job_id] = self._running(start, snapshot)
        for recall in found:
            del self.holding[recall.job_id]
            at = None if self.forgetful else snapshot.taken_at
            gave = replace(self.jobs[recall.job_id], recalled_at=at)
            self.jobs[recall.job_id] = replace(gave, submitted_at=snapshot.taken_at)
        return Step(snapshot, replace(allocation, recalls=found), found)

    def snapshot(self) -> Snapshot:
        return a_snapshot(
            *(job for job in self.jobs.values() if job.job_id not in self.holding),
            on=self._on,
            holding=tuple(self.holding.values()),
            policy=self._policy,
            organisations=self._organisations,
            mean_gpus=self._mean_gpus,
        )

    def _running(self, start: Start, snapshot: Snapshot) -> HoldingJob:
        job = self.jobs[start.job_id]
        return HoldingJob(
            *(job.job_id, job.tenant, JobState.RUNNING, start.placement, job.request.walltime_s),
            started_at=snapshot.taken_at,
            array=job.array,
            recallable=True,
            request=job.request,
        )
