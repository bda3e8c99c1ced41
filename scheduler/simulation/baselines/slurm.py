"""Slurm alone, as its public documentation tells: multifactor priority, Fair Tree, backfill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from operator import itemgetter

from scheduler.simulation.baselines.backfill import planned
from scheduler.simulation.baselines.fair_tree import DecayedUsage, FairTree, User
from scheduler.simulation.baselines.machine import Machine, Running
from scheduler.simulation.workload import DAY_S, Workload, WorkloadJob


@dataclass(frozen=True, slots=True)
class SlurmSettings:
    """What an administrator of Slurm would set; named after slurm.conf, defaults of 22.05.

    `favor_small` is PriorityFavorSmall. `places` is bf_job_part_count_reserve: how many jobs get
    a place in the future, infinite by default. `main_depth` is default_queue_depth,
    `bf_max_job_test` how many jobs backfill looks at. bf_window is infinite: Slurm's
    documentation asks for one at least as long as the longest walltime.
    """

    weight_age: float = 0.0
    weight_fairshare: float = 0.0
    weight_job_size: float = 0.0
    favor_small: bool = False
    max_age_s: float = 7 * DAY_S
    decay_half_life_s: float = 7 * DAY_S
    calc_period_s: float = 300.0
    bf_interval_s: float = 30.0
    places: float = inf
    bf_max_job_test: int = 500
    main_depth: int = 100
    shares: Mapping[str, float] = field(default_factory=dict)


class Slurm:
    """The main loop at every event, and a backfill cycle at most every `bf_interval_s`."""

    def __init__(self, workload: Workload, settings: SlurmSettings) -> None:
        self._settings = settings
        self._capacity_gpus = workload.capacity_gpus
        self._members = _members(workload)
        self._usage = DecayedUsage(settings.decay_half_life_s)
        self._tree: FairTree | None = None
        self._calculated_s = -inf
        self._backfilled_s = -inf
        self._wake_s = inf
        self._waiting: dict[str, WorkloadJob] = {}

    def submitted(self, job: WorkloadJob) -> None:
        self._waiting[job.job_id] = job

    def ended(self, run: Running, now_s: float) -> None:
        self._usage.charge_end(run, now_s)

    def wake_s(self) -> float:
        return self._wake_s

    def starts(self, machine: Machine, now_s: float) -> Sequence[WorkloadJob]:
        self._wake_s = inf
        self._calculate(machine, now_s)
        smallest = min((job.gpus for job in self._waiting.values()), default=inf)
        if smallest > machine.free_gpus:
            return ()
        queue = self._in_order(now_s)
        starts = self._main(queue, machine.free_gpus)
        if now_s >= self._backfilled_s + self._settings.bf_interval_s:
            self._backfilled_s = now_s
            looked_at = queue[: self._settings.bf_max_job_test]
            starts = planned(looked_at, machine, now_s, self._settings.places)
        elif len(starts) < len(queue):
            self._wake_s = self._backfilled_s + self._settings.bf_interval_s
        for job in starts:
            del self._waiting[job.job_id]
        return starts

    def _main(self, queue: Sequence[WorkloadJob], free_gpus: int) -> list[WorkloadJob]:
        """Return what starts in the order of priority, up to the first that does not fit.

        Backfilling starts all of these too, and more.
        """
        starts: list[WorkloadJob] = []
        for job in queue[: self._settings.main_depth]:
            if job.gpus > free_gpus:
                break
            free_gpus -= job.gpus
            starts.append(job)
        return starts

    def _calculate(self, machine: Machine, now_s: float) -> None:
        """Bring usage and ranks up to date, once per calc period."""
        if now_s < self._calculated_s + self._settings.calc_period_s:
            return
        self._usage.update(machine.running.values(), now_s)
        self._calculated_s = now_s
        self._tree = None

    def _in_order(self, now_s: float) -> list[WorkloadJob]:
        """Return who waits by falling priority, then by age."""
        if self._tree is None:
            self._tree = FairTree(self._members, self._usage.gpu_seconds, self._settings.shares)
        factors = {
            user: self._tree.factor(user)
            for user in {(job.organisation, job.user) for job in self._waiting.values()}
        }
        ranked = [
            (-self._priority(job, now_s, factors[job.organisation, job.user]), job.submit_s, job)
            for job in self._waiting.values()
        ]
        ranked.sort(key=itemgetter(0, 1))
        return [job for *_, job in ranked]

    def _priority(self, job: WorkloadJob, now_s: float, fairshare: float) -> float:
        """Return the sum of weighted factors, each from 0 to 1; see priority_multifactor.html."""
        settings = self._settings
        age = min(1.0, (now_s - job.submit_s) / settings.max_age_s)
        size = job.gpus / self._capacity_gpus
        return (
            settings.weight_age * age
            + settings.weight_fairshare * fairshare
            + settings.weight_job_size * (1 - size if settings.favor_small else size)
        )


def _members(workload: Workload) -> Mapping[str, Sequence[User]]:
    members: dict[str, list[User]] = {}
    for user in sorted({(job.organisation, job.user) for job in workload.jobs}):
        members.setdefault(user[0], []).append(user)
    return members


# Settings that are seen in practice; a comparison is with the best of them.
EQUAL = SlurmSettings(weight_age=1000, weight_fairshare=1000)
HEAVY = SlurmSettings(weight_age=1000, weight_fairshare=10_000)
SLURM_SETTINGS: Mapping[str, SlurmSettings] = {
    "age = fairshare": EQUAL,
    "age = fairshare, 1 place": replace(EQUAL, places=1),
    "age = fairshare, half-life 1 d, 1 place": replace(EQUAL, decay_half_life_s=DAY_S, places=1),
    "age = fairshare, max age 14 d, 1 place": replace(EQUAL, max_age_s=14 * DAY_S, places=1),
    "fairshare x 3, 1 place": replace(EQUAL, weight_fairshare=3000, places=1),
    "fairshare x 10": HEAVY,
    "fairshare x 10, 1 place": replace(HEAVY, places=1),
    "fairshare only, 1 place": SlurmSettings(weight_fairshare=1000, places=1),
    "age x 10": SlurmSettings(weight_age=10_000, weight_fairshare=1000),
    "large favoured": replace(EQUAL, weight_job_size=1000),
    "small favoured, 1 place": replace(EQUAL, weight_job_size=1000, favor_small=True, places=1),
}
