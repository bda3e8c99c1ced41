"""Adds up, over a run, who was entitled to what and who got it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scheduler.v1 import cluster_service_pb2, job_service_pb2


@dataclass(slots=True)
class Account:
    """One organisation's GPU-seconds over the run, by trapezia between samples."""

    entitled_gpu_s: float = 0.0
    held_gpu_s: float = 0.0
    held_gpus: int = 0
    entitled_gpus: float = 0.0
    wanted_gpus: int = 0


@dataclass(slots=True)
class Tally:
    """Samples the shares; `take` is called with each answer and the seconds since the last."""

    accounts: dict[str, Account] = field(default_factory=dict)

    def take(
        self, shares: Sequence[cluster_service_pb2.OrganisationShare], passed_s: float
    ) -> None:
        for share in shares:
            account = self.accounts.setdefault(share.organisation_id, Account())
            account.entitled_gpu_s += passed_s * (account.entitled_gpus + share.entitled_gpus) / 2
            account.held_gpu_s += passed_s * (account.held_gpus + share.held_gpus) / 2
            account.entitled_gpus = share.entitled_gpus
            account.held_gpus = share.held_gpus
            account.wanted_gpus = share.wanted_gpus


@dataclass(frozen=True, slots=True)
class Waits:
    """How long an organisation's jobs waited, in seconds, and how they ended."""

    jobs: int
    completed: int
    median_s: float
    worst_s: float


def waits_of(jobs: Sequence[job_service_pb2.Job]) -> Waits:
    """Return the waits of jobs that started; an empty sequence waited 0 s."""
    waited = sorted(
        job.start_time.ToMilliseconds() / 1000 - job.submit_time.ToMilliseconds() / 1000
        for job in jobs
        if job.HasField("start_time")
    ) or [0.0]
    completed = sum(job.state == job_service_pb2.JOB_STATE_COMPLETED for job in jobs)
    return Waits(len(jobs), completed, max(0.0, waited[len(waited) // 2]), max(0.0, waited[-1]))
