"""A short life of a cluster, told to the exporter while Prometheus watches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from exporters.listener import EngineMetrics
from scheduler.domain.cluster import ClusterState
from scheduler.domain.jobs import Job, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import CycleReport, OrganisationShare
from scheduler.view import LatestView
from tests.build import a_job, a_node, a_placement, a_pool, a_tenant, nodes
from tests.exporters.world import (
    FELL_BACK,
    OPTIMAL,
    Queue,
    a_count,
    a_policy_version,
    a_report,
    a_share,
)

CYCLES = 12
CYCLE_S = 0.5
Now = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


class Feed:
    """Tells of one cycle after another: jobs start and end, shares move, things go wrong."""

    def __init__(self, view: LatestView, queue: Queue, metrics: EngineMetrics) -> None:
        self._view = view
        self._queue = queue
        self._metrics = metrics

    def run(self) -> None:
        """Live for twelve cycles of half a second."""
        for cycle in range(1, CYCLES + 1):
            self._cycle(cycle)
            time.sleep(CYCLE_S)

    def _cycle(self, cycle: int) -> None:
        # The backend is away once: an outage.
        up = cycle != 5
        self._metrics.on_backend("simulated", up)
        self._view.backend_answered(cluster_now())
        report = report_of(cycle)
        self._view.cycle_ended(a_policy_version(), report)
        self._metrics.on_cycle(report)
        self._metrics.on_moved(moves_of(cycle), now())
        self._queue.answer = (
            a_count(reason=Reason.OTHERS_FIRST, jobs=cycle, gpus=8 * cycle),
            a_count("beta", reason=Reason.NOT_ENOUGH_FREE_GPUS, jobs=1, gpus=8),
            a_count(state=JobState.RUNNING, jobs=2, gpus=16),
        )


def cluster_now() -> ClusterState:
    return ClusterState((a_pool(),), (*nodes(7), a_node("n8", available=False)), (), now())


def report_of(cycle: int) -> CycleReport:
    """Return the cycle: the third falls back, the sixth is refused by the audit."""
    return replace(
        a_report(
            *shares_of(cycle),
            cycle=cycle,
            taken_at=now(),
            allocation=FELL_BACK if cycle == 3 else OPTIMAL,
            violations=("a node is overfull",) if cycle == 6 else (),
            accepted=3,
        ),
        refused=cycle % 2,
        unknown=cycle % 3,
    )


def shares_of(cycle: int) -> tuple[OrganisationShare, ...]:
    beta = a_share("beta", tenant_class="startups", entitled=20, held=40 - cycle, wanted=48)
    return a_share(entitled=20, held=8 + cycle, wanted=40), beta


def moves_of(cycle: int) -> tuple[Job, ...]:
    """Return a job of alpha and one of beta that start, and alpha's last one that ends."""
    started = [a_start(cycle, "alpha", "universities"), a_start(100 + cycle, "beta", "startups")]
    state = JobState.FAILED if cycle % 4 == 0 else JobState.COMPLETED
    return (*started, replace(a_start(cycle - 1, "alpha", "universities"), state=state))


def a_start(job_id: int, organisation: str, tenant_class: str) -> Job:
    return a_job(
        job_id,
        tenant=a_tenant(organisation, tenant_class=tenant_class),
        state=JobState.RUNNING,
        submitted_at=now() - timedelta(seconds=30 * job_id + 1),
        placement=a_placement(8),
        started_at=now(),
    )
