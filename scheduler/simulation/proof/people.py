"""What users do: they submit, repeat themselves, cancel, and rewrite their own jobs in Slurm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

from scheduler.domain.history.facts import FactKind
from scheduler.domain.jobs import JobSpec, JobState
from scheduler.domain.records import NewJobs
from scheduler.domain.requests import GpuRequest
from scheduler.domain.resources import Amount
from scheduler.domain.tenants import Tenant
from scheduler.errors import StoreUnavailable, TendikError
from scheduler.ports import Clock, Store
from scheduler.simulation.faulty_slurm.cluster import FaultySlurm
from scheduler.simulation.faulty_slurm.records import HELD_BY_USER, PENDING, JobRecord
from scheduler.simulation.proof.recorder import Recorder

ORGANISATIONS = ("alpha", "beta", "gamma")
STRANGER = "stranger"
# What a user may change of a job that waits.
Change = Callable[[JobRecord], None]


def _more_gpus(job: JobRecord) -> None:
    job.per_node = replace(job.per_node, gpus=job.per_node.gpus % 4 + 1)


def _longer(job: JobRecord) -> None:
    job.minutes += 60


def _other_nodes(job: JobRecord) -> None:
    job.nodes = ("n1",) if job.nodes != ("n1",) else ("n2",)


def _other_name(job: JobRecord) -> None:
    job.name = "renamed"


def _no_marker(job: JobRecord) -> None:
    job.comment = "mine"


CHANGES: Sequence[Change] = (_more_gpus, _longer, _other_nodes, _other_name, _no_marker)


@dataclass(slots=True)
class People:
    """Everybody outside the service; who gets no answer asks again with the same request_id."""

    store: Store
    slurm: FaultySlurm
    clock: Clock
    recorder: Recorder
    random: Random
    jobs: list[int] = field(default_factory=list)
    _asked: list[NewJobs] = field(default_factory=list)
    _unanswered: list[NewJobs] = field(default_factory=list)

    def submit(self) -> None:
        """Submit a job, or say again what was said before."""
        if self._asked and self.random.random() < 0.15:
            self._send(self.random.choice(self._asked))
            return
        organisation = self.random.choice(ORGANISATIONS)
        tenant = Tenant("all", organisation, "main", f"{organisation}-user")
        number = len(self._asked) + 1
        new = NewJobs(
            *(tenant, organisation, a_spec(*self._shape()), f"request-{number}", f"{number}"),
            self.clock.now(),
        )
        self._asked.append(new)
        self._send(new)

    def ask_again(self) -> None:
        """Send what was never answered once more."""
        waiting, self._unanswered = self._unanswered, []
        for new in waiting:
            self._send(new)

    def cancel(self) -> None:
        """Wish for the end of some job of the newest."""
        if not self.jobs:
            return
        job_id = self.random.choice(self.jobs[-6:])
        try:
            self.store.request_cancel(job_id, self.clock.now())
        except StoreUnavailable:
            return
        self.recorder.tell(FactKind.CANCEL_ACKNOWLEDGED, "user", job_id=job_id)

    def requeue(self) -> None:
        """Wish that some job that runs ends and waits again."""
        with suppress(StoreUnavailable):
            running = [job for job in self.store.holding() if job.state is JobState.RUNNING]
            if running:
                job_id = self.random.choice(running).job_id
                self.store.request_requeue(job_id, self.clock.now())

    def scancel(self) -> None:
        """Cancel an own job in Slurm itself."""
        if (record := self._one_of_ours()) is not None:
            self.slurm.controller.cancel(record, record.wanted.user)

    def rewrite(self) -> None:
        """Change something of an own job that waits in Slurm."""
        if (record := self._one_of_ours(PENDING)) is not None:
            self.slurm.controller.rewrite(record, self.random.choice(CHANGES))

    def release(self) -> None:
        """Release an own job, as Slurm lets a user do who is said to have held it."""
        held = [job for job in self._ours(PENDING) if job.hold == HELD_BY_USER]
        for record in held:
            self.slurm.controller.release(record, record.wanted.user)

    def imitate(self) -> None:
        """Let a stranger submit a job with the marker of one of ours."""
        if (record := self._one_of_ours()) is not None:
            self._foreign(record.wanted.comment)

    def others_work(self) -> None:
        """Let a stranger submit a job of his own."""
        self._foreign("")

    def wait_to_submit(self, many: int) -> Callable[[], None]:
        """Return what so many strangers do once slurmctld takes jobs; some imitate a marker."""
        seen = [job.wanted.comment for job in self._ours()]
        comments = [self.random.choice([*seen[-4:], ""]) for _ in range(many)]

        def submit() -> None:
            for comment in comments if self.slurm.is_answering else ():
                self._foreign(comment)

        return submit

    def _foreign(self, comment: str) -> None:
        node = f"n{self.random.randint(1, 4)}"
        amount = Amount(self.random.randint(1, 2), 1, 100)
        seconds = self.random.randint(5, 60)
        self.slurm.foreign_job(STRANGER, node, amount, seconds=seconds, comment=comment)

    def _send(self, new: NewJobs) -> None:
        try:
            (answer,) = self.store.add_jobs([new])
        except StoreUnavailable:
            self._unanswered.append(new)
            return
        if isinstance(answer, TendikError):
            raise answer
        for job in answer:
            if job.job_id not in self.jobs:
                self.jobs.append(job.job_id)
            self.recorder.tell(
                FactKind.ACKNOWLEDGED, new.tenant.user, job_id=job.job_id, detail=new.request_id
            )

    def _shape(self) -> tuple[int, int, int, int]:
        """Return GPUs, nodes, seconds and exit code."""
        gpus, nodes = self.random.choice(((1, 1), (1, 1), (2, 1), (3, 1), (4, 1), (4, 2)))
        seconds = self.random.choice((3, 3, 8, 20, 40, 70))
        return gpus, nodes, seconds, self.random.choice((0, 0, 0, 1))

    def _ours(self, *states: str) -> list[JobRecord]:
        if not self.slurm.is_answering:
            return []
        live = self.slurm.controller.live()
        return [job for job in live if job.wanted.is_ours and (not states or job.state in states)]

    def _one_of_ours(self, *states: str) -> JobRecord | None:
        found = self._ours(*states)
        return self.random.choice(found) if found else None


@cache
def a_spec(gpus: int, nodes: int, seconds: int, code: int) -> JobSpec:
    """Return a script of this shape; the longest runs into its limit."""
    script = f"#!/bin/bash\n#SBATCH --gpus={gpus} --nodes={nodes} --time=1\nsleep {seconds}\n"
    request = GpuRequest(gpus, nodes=nodes, walltime_s=60)
    return JobSpec("train", f"{script}exit {code}\n", request)
