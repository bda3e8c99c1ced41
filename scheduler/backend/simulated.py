"""A cluster in memory that moves with the clock it is given: the embedded default."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from scheduler.backend.pretend import catches, ending, script_runtime
from scheduler.backend.virtual_nodes import VirtualNodes
from scheduler.domain.cluster import (
    Asked,
    BackendJob,
    BackendState,
    ClusterState,
    EndedRun,
    Launch,
    Submission,
    SubmissionOutcome,
)
from scheduler.domain.measured import Measured, MeasuredRun
from scheduler.domain.recalls.notices import Notice
from scheduler.domain.resources import Amount, Node, Pool
from scheduler.errors import BackendUnavailable
from scheduler.ports import Clock
from scheduler.texts import said

FIRST_SLURM_ID = 1001
SIGNALLED = 128 + 15
NODE_CPUS = 64
NODE_MEMORY_MIB = 500_000
# Pools, nodes in each, and GPUs in each of those.
Shape = tuple[int, int, int]
EMBEDDED: Shape = (1, 8, 8)


class SimulatedBackend:
    """Runs jobs in virtual time; it keeps nothing, so after a restart it knows no earlier job.

    What a script would do is told by its `sleep` lines and a last `exit N` (see `pretend`);
    nothing is executed. The methods below `close` are faults and outside events, for tests
    and simulations.
    """

    def __init__(
        self,
        pools: Iterable[Pool],
        nodes: Iterable[Node],
        clock: Clock,
        runtime: Callable[[Launch], timedelta] = script_runtime,
        speed: float = 1.0,
    ) -> None:
        self._pools = tuple(pools)
        known = tuple(nodes)
        self._virtual = VirtualNodes(known)
        self._clock = clock
        self._runtime = runtime
        self._speed = speed
        self._ids = count(FIRST_SLURM_ID)
        self._first_ids: dict[tuple[str, str], int] = {}
        self._foreign = {next(self._ids): (node.name, node.used) for node in known}
        self._unknown_accounts: set[str] = set()
        self._answering = True
        self._answers_to_lose = 0
        self._refuses_signals = False
        self._refuses_releases = False
        self._refuses_to_measure = False
        self._stuck: frozenset[int] = frozenset()
        self._records_are_complete = True
        self.signals: list[Notice] = []

    @property
    def name(self) -> str:
        return "simulated"

    def read(self, watched: Collection[int]) -> ClusterState:
        now = self._asked()
        ended = self._virtual.ended
        jobs = *self._virtual.live.values(), *(ended[i] for i in sorted(watched) if i in ended)
        complete = self._records_are_complete
        return ClusterState(self._pools, self._virtual.nodes(), jobs, now, complete)

    def marked_since(self, since: datetime) -> tuple[BackendJob, ...]:
        self._asked()
        if not self._records_are_complete:
            raise BackendUnavailable(said("the simulated cluster was told to withhold records"))
        ended = self._virtual.ended.values()
        recent = (job for job in ended if job.ended_at and job.ended_at >= since)
        return *self._virtual.live.values(), *recent

    def measured(self, slurm_ids: Collection[int]) -> tuple[MeasuredRun, ...]:
        """Make up what a run used that only slept: one CPU, an eighth of its memory, no GPU."""
        self._asked_of_records()
        ended = self._virtual.ended
        return tuple(_made_up(ended[i]) for i in sorted(slurm_ids) if i in ended)

    def ended_runs(self, slurm_ids: Collection[int]) -> tuple[EndedRun, ...]:
        self._asked_of_records()
        cut_short, ended = self._virtual.cut_short, self._virtual.ended
        return tuple(
            run
            for slurm_id in sorted(slurm_ids)
            for run in (*cut_short.get(slurm_id, ()), *_last_run(ended.get(slurm_id)))
        )

    def submit(self, launches: Sequence[Launch]) -> tuple[Submission, ...]:
        now = self._asked()
        return tuple(self._submit(launch, now) for launch in launches)

    def release(self, slurm_ids: Sequence[int]) -> frozenset[int]:
        now = self._asked()
        if self._refuses_releases:
            raise BackendUnavailable(said("the simulated cluster was told to refuse releases"))
        refused = self._stuck.intersection(slurm_ids)
        for slurm_id in slurm_ids:
            if slurm_id not in refused:
                self._virtual.release(slurm_id, now)
        return refused

    def signal(self, notices: Sequence[Notice]) -> None:
        now = self._asked()
        if self._refuses_signals:
            raise BackendUnavailable(said("the simulated cluster was told to refuse signals"))
        self.signals += notices
        for notice in notices:
            job, name = self._virtual.live.get(notice.slurm_id), notice.signal.name
            if job is None or job.state is not BackendState.RUNNING:
                continue
            if not catches(self._virtual.script(job.slurm_id), name):
                self._virtual.end(job.slurm_id, BackendState.FAILED, now, SIGNALLED)

    def cancel(self, slurm_ids: Sequence[int]) -> None:
        now = self._asked()
        for slurm_id in slurm_ids:
            if slurm_id in self._virtual.live:
                self._virtual.end(slurm_id, BackendState.CANCELLED, now)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def due_at(self) -> datetime | None:
        """Return when the next job ends or may start; None while nothing will happen by itself."""
        return self._virtual.due_at()

    def node_down(self, name: str) -> None:
        """Break a node: its jobs end as NODE_FAILED and it is not available."""
        self._virtual.set_available(name, False, self._moved())

    def node_up(self, name: str) -> None:
        self._virtual.set_available(name, True, self._moved())

    def node_gone(self, name: str) -> None:
        """Take a node out of the cluster for good; jobs there, and those sent there, fail."""
        self._virtual.remove(name, self._moved())

    def stop_answering(self) -> None:
        """Let every call raise BackendUnavailable until `answer`; jobs go on running."""
        self._answering = False

    def answer(self) -> None:
        self._answering = True

    def lose_answers(self, submissions: int) -> None:
        """Take the next submissions, but let their answers be lost on the way: UNKNOWN."""
        self._answers_to_lose = submissions

    def refuse_signals(self, refuse: bool) -> None:
        """Let signals fail from now on, or no longer; everything else goes on."""
        self._refuses_signals = refuse

    def refuse_releases(self, refuse: bool) -> None:
        """Let releases fail from now on, or no longer; everything else goes on."""
        self._refuses_releases = refuse

    def refuse_to_measure(self, refuse: bool) -> None:
        """Tell no more what is recorded of runs, or tell it again; everything else goes on."""
        self._refuses_to_measure = refuse

    def stick(self, *slurm_ids: int) -> None:
        """Refuse from now on to let these held jobs go, and no others any more."""
        self._stuck = frozenset(slurm_ids)

    def withhold_records(self, withhold: bool) -> None:
        """Say from now on that ends of jobs may be missing, or no longer."""
        self._records_are_complete = not withhold

    def edit(self, slurm_id: int, asks: Asked) -> None:
        """Change what a live job asks for, as its user may in Slurm."""
        self._moved()
        job = self._virtual.live[slurm_id]
        self._virtual.live[slurm_id] = replace(job, asks=asks)

    def lose_job(self, slurm_id: int) -> None:
        """Forget a live job, as a slurmctld that crashed before it saved its state does."""
        lost = self._virtual.forget(slurm_id, self._moved())
        self._first_ids = {key: i for key, i in self._first_ids.items() if i != lost.slurm_id}

    def forget_release(self, slurm_id: int) -> None:
        """Hold a job again that has not started, as a slurmctld that crashed too early does."""
        self._moved()
        self._virtual.hold(slurm_id)

    def requeue(self, slurm_id: int, *, node_failed: bool = False) -> None:
        """Put a running job back into the queue, as Slurm does at a word, or as a node fails."""
        self._virtual.requeue(slurm_id, self._moved(), node_failed=node_failed)

    def forget_runs(self) -> None:
        """Lose all records of runs that were cut short."""
        self._virtual.cut_short.clear()

    def foreign_job(self, node: str, amount: Amount) -> int:
        """Start a job that did not come through us and return its Slurm id."""
        slurm_id = next(self._ids)
        self._foreign[slurm_id] = node, amount
        self._tell_others_use(node)
        return slurm_id

    def forget_account(self, unix_account: str) -> None:
        """Refuse this Unix account's jobs from now on; any other account is known."""
        self._unknown_accounts.add(unix_account)

    def _asked(self) -> datetime:
        if not self._answering:
            raise BackendUnavailable(said("the simulated cluster was told not to answer"))
        return self._moved()

    def _asked_of_records(self) -> None:
        self._asked()
        if self._refuses_to_measure:
            raise BackendUnavailable(said("the simulated cluster was told to refuse measures"))

    def _moved(self) -> datetime:
        now = self._clock.now()
        self._virtual.move_to(now)
        return now

    def _tell_others_use(self, node: str) -> None:
        used = sum((held for at, held in self._foreign.values() if at == node), Amount())
        self._virtual.set_others(node, used, self._moved())

    def _submit(self, launch: Launch, now: datetime) -> Submission:
        first_id = self._first_ids.get((launch.marker, launch.unix_account))
        if first_id is None and (refusal := self._refusal(launch)):
            return Submission(launch.job_id, SubmissionOutcome.REFUSED, message=refusal)
        slurm_id = first_id or self._take(launch, now)
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            lost = "the answer was lost on the way"
            return Submission(launch.job_id, SubmissionOutcome.UNKNOWN, message=lost)
        return Submission(launch.job_id, SubmissionOutcome.ACCEPTED, slurm_id)

    def _take(self, launch: Launch, now: datetime) -> int:
        slurm_id = next(self._ids)
        state = BackendState.HELD if launch.is_held else BackendState.QUEUED
        job = BackendJob(
            *(slurm_id, launch.job_id, launch.attempt, launch.unix_account, state),
            asks=launch.asks,
        )
        self._first_ids[launch.marker, launch.unix_account] = slurm_id
        planned = ending(launch, self._runtime(launch), self._speed)
        self._virtual.add(job, launch, planned, now)
        return slurm_id

    def _refusal(self, launch: Launch) -> str:
        if launch.unix_account in self._unknown_accounts:
            return f"the Unix account {launch.unix_account!r} does not exist"
        if launch.partition not in {pool.partition for pool in self._pools}:
            return f"invalid partition specified: {launch.partition}"
        nodes = [self._virtual.node(name) for name in launch.placement.nodes]
        wanted = launch.placement.gang.per_node
        if any(node is None or not wanted.times_fits_in(node.capacity) for node in nodes):
            return "requested node configuration is not available"
        return ""


def _made_up(job: BackendJob) -> MeasuredRun:
    if job.started_at is None or job.ended_at is None or job.asks is None:
        return MeasuredRun(job.slurm_id, job.job_id, job.attempt, Measured())
    ran_s = (job.ended_at - job.started_at).total_seconds()
    memory_mib = job.asks.amount.on_each_of(len(job.nodes)).memory_mib // 8
    measured = Measured(ran_s, script_cpus=1.0, node_memory_mib=memory_mib)
    return MeasuredRun(job.slurm_id, job.job_id, job.attempt, measured)


def _last_run(job: BackendJob | None) -> Iterable[EndedRun]:
    if job is not None and job.started_at is not None and job.ended_at is not None:
        ours = (job.slurm_id, job.job_id, job.attempt, job.started_at)
        yield EndedRun(*ours, job.ended_at, job.state is BackendState.NODE_FAILED)


def pretended_cluster(clock: Clock, shape: Shape) -> SimulatedBackend:
    """Return an idle cluster of the shape; the embedded one keeps its own names."""
    return embedded_cluster(clock) if shape == EMBEDDED else national_cluster(clock, *shape)


def national_cluster(clock: Clock, pools: int, nodes: int, gpus: int) -> SimulatedBackend:
    """Return an idle cluster of so many pools, each with so many nodes of so many GPUs.

    Half of the pools are of one GPU type, half of another.
    """
    capacity = Amount(gpus, NODE_CPUS, NODE_MEMORY_MIB)
    all_pools = [Pool(f"alem{n}", ("h200", "a100")[n % 2]) for n in range(1, pools + 1)]
    names = ((pool, f"{pool.partition}-n{n}") for pool in all_pools for n in range(1, nodes + 1))
    return SimulatedBackend(
        all_pools, [Node(name, pool.name, capacity) for pool, name in names], clock
    )


def embedded_cluster(
    clock: Clock, nodes: int = 8, gpus: int = 8, speed: float = 1.0
) -> SimulatedBackend:
    """Return an idle cluster `alem` of H200 nodes, the shape of the development Slurm."""
    pool = Pool("alem", "h200")
    capacity = Amount(gpus, NODE_CPUS, NODE_MEMORY_MIB)
    names = (f"n{number}" for number in range(1, nodes + 1))
    return SimulatedBackend(
        [pool], [Node(name, pool.name, capacity) for name in names], clock, speed=speed
    )
