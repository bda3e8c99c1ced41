"""Counts what the engine does: the metrics that add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry

from exporters import names
from exporters.families import counter, histogram
from exporters.starts import FirstStarts
from scheduler.domain.cluster import SubmissionOutcome
from scheduler.domain.jobs import TERMINAL, Job
from scheduler.domain.records import CycleReport


class EngineMetrics:
    """Fulfils `ports.Listener`; one per registry.

    Series of known label values start at 0, because Prometheus cannot see the first increase of
    a series that begins with it.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._cycle_seconds = histogram(names.CYCLE_DURATION, registry)
        self._cycles = counter(names.CYCLES, registry)
        self._fallbacks = counter(names.SOLVER_FALLBACKS, registry)
        self._violations = counter(names.AUDIT_VIOLATIONS, registry)
        self._submissions = counter(names.SUBMISSIONS, registry)
        self._gpu_seconds = counter(names.GPU_SECONDS, registry)
        self._idled_gpu_seconds = counter(names.IDLED_GPU_SECONDS, registry)
        self._reserved_idle = counter(names.RESERVED_IDLE_GPU_SECONDS, registry)
        self._wait_seconds = histogram(names.JOB_WAIT, registry)
        self._ended = counter(names.JOBS_ENDED, registry)
        self._recalls = counter(names.RECALLS, registry)
        self._recalled_gpu_seconds = counter(names.RECALLED_GPU_SECONDS, registry)
        self._outages = counter(names.BACKEND_OUTAGES, registry)
        self._starts = FirstStarts()
        self._backend_was_up = False
        self._last_report: CycleReport | None = None
        for outcome in SubmissionOutcome:
            self._submissions.labels(outcome)

    def on_cycle(self, report: CycleReport) -> None:
        last = self._last_report
        if last is not None and report.cycle > last.cycle + 1:
            # Another replica led in between, and has counted what became of its cycles.
            self._starts, self._last_report = FirstStarts(), None
        self._starts.begin(report.taken_at)
        self._cycle_seconds.observe(report.duration_s)
        self._cycles.labels(report.status, report.allocation.solver).inc()
        self._fallbacks.inc(bool(report.allocation.fell_back_because))
        self._violations.inc(len(report.violations))
        recalls = report.allocation.recalls
        self._recalled_gpu_seconds.inc(sum(recall.gpu_seconds for recall in recalls))
        self._count_submissions(report)
        self._begin_series(report)
        self._count_gpu_seconds(report)

    def on_moved(self, jobs: Sequence[Job], at: datetime) -> None:
        for job, waited_s in self._starts.waits(jobs, at):
            self._wait_seconds.labels(*job.tenant.path(2)).observe(waited_s)
        for job in jobs:
            if job.state in TERMINAL:
                self._ended.labels(*job.tenant.path(2), job.state).inc()
            elif job.has_been_recalled:
                self._recalls.labels(*job.tenant.path(2)).inc()

    def on_backend(self, name: str, up: bool) -> None:
        self._outages.labels(name).inc(self._backend_was_up and not up)
        self._backend_was_up = up

    def _count_submissions(self, report: CycleReport) -> None:
        self._submissions.labels(SubmissionOutcome.ACCEPTED).inc(report.accepted)
        self._submissions.labels(SubmissionOutcome.REFUSED).inc(report.refused)
        self._submissions.labels(SubmissionOutcome.UNKNOWN).inc(report.unknown)

    def _begin_series(self, report: CycleReport) -> None:
        for pool in report.capacity_gpus:
            self._idled_gpu_seconds.labels(pool)
            self._reserved_idle.labels(pool)
        for share in report.shares:
            self._gpu_seconds.labels(share.tenant_class, share.organisation, share.pool)
            self._wait_seconds.labels(share.tenant_class, share.organisation)
            self._recalls.labels(share.tenant_class, share.organisation)
            for state in TERMINAL:
                self._ended.labels(share.tenant_class, share.organisation, state)

    def _count_gpu_seconds(self, report: CycleReport) -> None:
        last, self._last_report = self._last_report, report
        if last is None:
            return
        # A clock set back must not take GPU-seconds away: counters only grow.
        elapsed_s = max(0.0, (report.taken_at - last.taken_at).total_seconds())
        for share in last.shares:
            labels = (share.tenant_class, share.organisation, share.pool)
            self._gpu_seconds.labels(*labels).inc(share.held * elapsed_s)
        for pool, gpus in last.idled_gpus.items():
            self._idled_gpu_seconds.labels(pool).inc(gpus * elapsed_s)
        for pool, gpus in last.reserved_idle_gpus.items():
            self._reserved_idle.labels(pool).inc(gpus * elapsed_s)
