"""One round: jobs of everybody, one fault, and the wait until all have ended."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from loadtests.chaos import naive
from loadtests.chaos.faults import FAULTS
from loadtests.chaos.fragile_slurm import FragileSlurm
from loadtests.chaos.judging import Told
from loadtests.chaos.naive import NaiveSubmitter
from loadtests.chaos.ours import BEFORE_RELEASE, MEMBER, TOLD, Ours
from loadtests.chaos.records import Record
from loadtests.chaos.scene import Scene
from loadtests.chaos.strangers import Stranger, Strangers
from loadtests.chaos.tiny_jobs import TinyJob
from loadtests.chaos.verdicts import Case, record_of
from scheduler.errors import BackendUnavailable
from scheduler.v1.job_service_pb2 import Job

NAIVE_ACCOUNT = "bolat"
# As long as a confirmation and a second: they run, or are let go, as the next fault strikes.
UNDER_WAY_S = 11
RUNS_S = (1, 1, 2, 5)
LATEST_CANCEL_S = 8.0
# A job that nothing is heard of is given up after TENDIK_LOST_AFTER_S, 45 s here.
PATIENCE_S = 200.0
POLL_S = 0.3
# slurmctld believes a node that misses a job only some 10 s after the job's start.
REGISTER_S = 12.0


@dataclass(frozen=True, slots=True)
class House:
    """What stays from round to round: the cluster, the service, the strangers, and the proofs."""

    slurm: FragileSlurm
    ours: Ours
    strangers: Strangers
    folder: Path

    @property
    def proofs(self) -> Path:
        return self.folder / "proofs"

    def jobs(self, prefix: str, runs_s: Sequence[int]) -> tuple[TinyJob, ...]:
        names = (f"{prefix}-{number}" for number in range(len(runs_s)))
        return tuple(
            TinyJob(name, run_s, self.proofs / name)
            for name, run_s in zip(names, runs_s, strict=True)
        )

    def submit(self, jobs: Sequence[TinyJob]) -> dict[str, int]:
        return self.ours.submit(jobs, self.slurm.home(MEMBER.unix_account))

    def submit_under_way(self, prefix: str) -> dict[str, int]:
        """Submit jobs that will have begun, or be about to, when the next fault strikes."""
        return self.submit(self.jobs(f"{prefix}-under-way", (UNDER_WAY_S, UNDER_WAY_S)))


class Round:
    """Plays one fault among jobs of its own; the last of the service's is cancelled soon after."""

    def __init__(self, house: House, fault: str, seed: int, name: str) -> None:
        self._house = house
        self._fault, self._seed, self._name = fault, seed, name
        self._chance = Random(seed)
        runs_s = self._chance.sample(RUNS_S, len(RUNS_S))
        self._jobs = house.jobs(f"{name}-ours", (*runs_s, 2))
        self._naive_jobs = house.jobs(f"{name}-naive", runs_s)
        self._scene = Scene(house.slurm, house.ours, self._chance, self._start)
        self._pool = ThreadPoolExecutor(1)
        self._cancelled_in_time: Future[bool] | None = None

    def play(self, under_way: Mapping[str, int], next_name: str) -> tuple[Record, dict[str, int]]:
        """Return the record, and the jobs that are under way for the round of the next name."""
        try:
            return self._played(under_way, next_name)
        finally:
            self._pool.shutdown()
            if self._scene.naive is not None:
                self._scene.naive.kill()

    def _played(
        self, under_way: Mapping[str, int], next_name: str
    ) -> tuple[Record, dict[str, int]]:
        house, scene = self._house, self._scene
        FAULTS[self._fault](scene)
        house.slurm.make_whole()
        scene.note("whole again")
        strangers = house.strangers.submit(self._name, self._markers())
        next_under_way = house.submit_under_way(next_name) if next_name else {}
        ids = {**under_way, **scene.job_ids}
        in_time = self._wait_for_the_end(ids, strangers)
        scene.note("ended" if in_time else "patience ended")
        return self._judged(ids, strangers), next_under_way

    def _start(self) -> tuple[dict[str, int], NaiveSubmitter]:
        house = self._house
        folder = house.folder / "naive" / self._name
        conf = house.slurm.settings.slurm_conf
        submitter = naive.begin(folder, NAIVE_ACCOUNT, conf, self._naive_jobs)
        ids = house.submit(self._jobs)
        wait_s = self._chance.uniform(0, LATEST_CANCEL_S)
        job_id = ids[self._jobs[-1].name]
        self._cancelled_in_time = self._pool.submit(self._cancel, job_id, wait_s)
        return ids, submitter

    def _cancel(self, job_id: int, wait_s: float) -> bool:
        """Cancel after a while; say whether that was on record before the release was."""
        time.sleep(wait_s)
        job = self._house.ours.cancel(job_id)
        self._scene.note("cancel acknowledged")
        return job.state in BEFORE_RELEASE

    def _markers(self) -> tuple[str, ...]:
        """Return the markers of two of the round's jobs, for strangers to imitate."""
        ids = list(self._scene.job_ids.values())[:2]
        return tuple(f"tendik:{self._house.ours.installation}:{job_id}:1" for job_id in ids)

    def _wait_for_the_end(self, ids: Mapping[str, int], strangers: Sequence[Stranger]) -> bool:
        """Return once everybody's jobs have ended; say whether they did in time."""
        deadline = time.monotonic() + PATIENCE_S
        register_at = time.monotonic() + REGISTER_S
        while not self._have_ended(ids, strangers):
            now = time.monotonic()
            if now > deadline:
                return False
            if now > register_at:
                # A slurmctld that forgot the end of a job learns of it from the job's node.
                self._house.slurm.register_nodes()
                register_at = now + REGISTER_S
            time.sleep(POLL_S)
        return True

    def _have_ended(self, ids: Mapping[str, int], strangers: Sequence[Stranger]) -> bool:
        submitter = self._scene.naive
        return (
            all(job.state in TOLD for job in self._house.ours.jobs(tuple(ids.values())))
            and (submitter is None or submitter.has_ended)
            and self._house.strangers.have_ended(strangers)
            and not self._still_in_slurm(ids)
        )

    def _still_in_slurm(self, ids: Mapping[str, int]) -> bool:
        """Say whether a job of this round is in Slurm, one that its submitter forgot included."""
        names = {*ids, *(job.name for job in self._naive_jobs)}
        try:
            return any(job.name in names for job in self._house.slurm.queue())
        except BackendUnavailable:
            return True

    def _judged(self, ids: Mapping[str, int], strangers: Sequence[Stranger]) -> Record:
        told = dict(zip(ids, self._house.ours.jobs(tuple(ids.values())), strict=True))
        case = Case(
            name=self._name,
            fault=self._fault,
            seed=self._seed,
            told=told,
            naive=tuple(job.name for job in self._naive_jobs),
            cancelled=self._jobs[-1].name,
            cancelled_in_time=self._cancelled_in_time is not None
            and self._cancelled_in_time.result(),
            crashed=[name for name, job in told.items() if self._was_started_in_vain(job)],
            touched=self._house.strangers.touched(strangers),
            moments=tuple(self._scene.moments),
        )
        return record_of(case, self._house.proofs)

    def _was_started_in_vain(self, job: Job) -> bool:
        badly = TOLD.get(job.state) in (Told.OTHER, Told.CANCELLED)
        return badly and self._house.slurm.started_in_vain(job.slurm_job_id)
