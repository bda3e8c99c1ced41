"""Virtual nodes on which virtual jobs queue, run and end as time is moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from scheduler.backend.pretend import Ending
from scheduler.domain.cluster import BackendJob, BackendState, EndedRun, Launch
from scheduler.domain.resources import Amount, Node

# Slurm, too, lets a requeued job wait before it may start again.
REQUEUE_DELAY = timedelta(seconds=1)
# Ended jobs are forgotten beyond this number, so that a long run's memory is bounded.
MOST_ENDED_JOBS = 20_000


class VirtualNodes:
    """Starts each job as soon as its nodes have room, first come first served on every node.

    Ends and starts happen at their own times, in order, whenever `move_to` passes them.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.name: node for node in nodes}
        self._held = {name: Amount() for name in self._nodes}
        self.live: dict[int, BackendJob] = {}
        self.ended: dict[int, BackendJob] = {}
        self.cut_short: dict[int, tuple[EndedRun, ...]] = {}
        self._launches: dict[int, tuple[Launch, Ending]] = {}
        self._not_before: dict[int, datetime] = {}
        self._due: list[tuple[datetime, int]] = []

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes; what they use is what `hold` put there, not the jobs."""
        return tuple(self._nodes.values())

    def node(self, name: str) -> Node | None:
        return self._nodes.get(name)

    def add(self, job: BackendJob, launch: Launch, ending: Ending, at: datetime) -> None:
        """Queue the job; it starts at once when its nodes have room."""
        self.live[job.slurm_id] = job
        self._launches[job.slurm_id] = launch, ending
        self._start_what_fits(at)

    def move_to(self, now: datetime) -> None:
        """Let everything happen that is due until `now`."""
        while self._due and self._due[0][0] <= now:
            at, slurm_id = heappop(self._due)
            if self._due_to_end(slurm_id, at):
                ending = self._launches[slurm_id][1]
                self.end(slurm_id, ending.state, at, exit_code=ending.exit_code)
            else:
                self._start_what_fits(at)

    def due_at(self) -> datetime | None:
        """Return when something is due next; it may turn out to be of a run that was cut short."""
        return self._due[0][0] if self._due else None

    def end(
        self, slurm_id: int, state: BackendState, at: datetime, exit_code: int | None = None
    ) -> None:
        """End a live job and give its place to those that wait."""
        job = self.forget(slurm_id, at)
        self.ended[slurm_id] = replace(job, state=state, ended_at=at, exit_code=exit_code)
        if len(self.ended) > MOST_ENDED_JOBS:
            oldest = next(iter(self.ended))
            del self.ended[oldest]
            self.cut_short.pop(oldest, None)

    def forget(self, slurm_id: int, at: datetime) -> BackendJob:
        """Take a live job away without a trace and return it."""
        job = self.live.pop(slurm_id)
        self._free(job)
        del self._launches[slurm_id]
        self._not_before.pop(slurm_id, None)
        self._start_what_fits(at)
        return job

    def release(self, slurm_id: int, at: datetime) -> None:
        """Let a held job start when its nodes have room; any other is left as it is."""
        job = self.live.get(slurm_id)
        if job is not None and job.state is BackendState.HELD:
            self.live[slurm_id] = replace(job, state=BackendState.QUEUED)
            self._start_what_fits(at)

    def hold(self, slurm_id: int) -> None:
        """Hold a job that has not started, as a Slurm that forgot its release does."""
        self.live[slurm_id] = replace(self.live[slurm_id], state=BackendState.HELD)

    def requeue(self, slurm_id: int, at: datetime, *, node_failed: bool = False) -> None:
        """Put a running job back into the queue; it keeps its id and counts a restart."""
        job = self.live[slurm_id]
        self._free(job)
        if job.started_at is not None:
            ours = (slurm_id, job.job_id, job.attempt, job.started_at)
            run = EndedRun(*ours, at, node_failed)
            self.cut_short[slurm_id] = (*self.cut_short.get(slurm_id, ()), run)
        again = replace(
            job, state=BackendState.QUEUED, nodes=(), started_at=None, restarts=job.restarts + 1
        )
        self.live[slurm_id] = again
        self._not_before[slurm_id] = at + REQUEUE_DELAY
        heappush(self._due, (at + REQUEUE_DELAY, slurm_id))
        self._start_what_fits(at)

    def script(self, slurm_id: int) -> str:
        """Return the script of a live job."""
        return self._launches[slurm_id][0].script

    def set_others(self, name: str, used: Amount, at: datetime) -> None:
        """Say what other people's jobs hold of the node from now on."""
        self._nodes[name] = replace(self._nodes[name], used=used)
        self._start_what_fits(at)

    def set_available(self, name: str, available: bool, at: datetime) -> None:
        """Take a node out of service, which ends its jobs, or bring it back."""
        self._nodes[name] = replace(self._nodes[name], available=available)
        for job in [job for job in self.live.values() if not available and name in job.nodes]:
            self.end(job.slurm_id, BackendState.NODE_FAILED, at)
        self._start_what_fits(at)

    def remove(self, name: str, at: datetime) -> None:
        """Forget a node; its jobs end, and so do those that queue for it."""
        self.set_available(name, False, at)
        for slurm_id in [i for i in self.live if name in self._launches[i][0].placement.nodes]:
            self.end(slurm_id, BackendState.NODE_FAILED, at)
        del self._nodes[name], self._held[name]

    def _due_to_end(self, slurm_id: int, at: datetime) -> bool:
        """Say whether this is the end of the job's present run, not of one that was cut short."""
        job = self.live.get(slurm_id)
        if job is None or job.started_at is None:
            return False
        return job.started_at + self._launches[slurm_id][1].after == at

    def _free(self, job: BackendJob) -> None:
        amount = self._launches[job.slurm_id][0].placement.gang.per_node
        for name in job.nodes:
            self._held[name] = self._held[name].less(amount)

    def _start_what_fits(self, at: datetime) -> None:
        waited_for: set[str] = set()
        for job in [job for job in self.live.values() if job.state is BackendState.QUEUED]:
            names = self._launches[job.slurm_id][0].placement.nodes
            if waited_for.isdisjoint(names) and self._may_start(job.slurm_id, at):
                self._start(job, at)
            else:
                waited_for.update(names)

    def _may_start(self, slurm_id: int, at: datetime) -> bool:
        placement = self._launches[slurm_id][0].placement
        free = (self._free_on(name) for name in placement.nodes)
        fits = all(placement.gang.per_node.times_fits_in(space) for space in free)
        return fits and at >= self._not_before.get(slurm_id, at)

    def _free_on(self, name: str) -> Amount:
        return self._nodes[name].free.less(self._held[name])

    def _start(self, job: BackendJob, at: datetime) -> None:
        launch, ending = self._launches[job.slurm_id]
        for name in launch.placement.nodes:
            self._held[name] += launch.placement.gang.per_node
        running = replace(
            job, state=BackendState.RUNNING, nodes=launch.placement.nodes, started_at=at
        )
        self.live[job.slurm_id] = running
        heappush(self._due, (at + ending.after, job.slurm_id))
