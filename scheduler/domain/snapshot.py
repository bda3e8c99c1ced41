"""Everything one cycle may look at, read once and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.domain.decisions import PlannedStart
from scheduler.domain.jobs import HoldingJob, PendingJob
from scheduler.domain.policies import Policy
from scheduler.domain.queue import JobGroup, jobs_of
from scheduler.domain.resources import Node, Pool, capacity_gpus


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The world at `taken_at`.

    `nodes[].used` covers every job on the machine: our holding jobs and jobs that others run
    there. `queue` holds the pending jobs, the group with the oldest first. `plans` are the planned
    starts of the cycle before. `mean_gpus` is each tenant's decayed usage as the mean
    number of (rate-normalised) GPUs held over the policy's memory, keyed by tree path (class;
    class, organisation; …); a path that is missing used nothing. `organisations` maps every
    known organisation to its class, whether it has jobs or not.
    """

    cycle: int
    taken_at: datetime
    policy_version: int
    policy: Policy
    pools: tuple[Pool, ...]
    nodes: tuple[Node, ...]
    queue: tuple[JobGroup, ...]
    holding: tuple[HoldingJob, ...] = ()
    organisations: Mapping[str, str] = field(default_factory=dict)
    mean_gpus: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    default_mib_per_cpu: int = 4096
    plans: tuple[PlannedStart, ...] = ()

    @property
    def pending(self) -> tuple[PendingJob, ...]:
        """Return the pending jobs, group by group."""
        return tuple(jobs_of(self.queue))

    def capacity_gpus(self) -> Mapping[str, int]:
        """Return the GPUs of each pool's available nodes."""
        return capacity_gpus(self.nodes)
