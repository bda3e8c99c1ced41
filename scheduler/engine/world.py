"""What the engine works with, gathered in one place so that it can be handed over whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from scheduler.domain.decisions import Allocation
from scheduler.domain.jobs import Job
from scheduler.domain.records import CycleReport
from scheduler.domain.snapshot import Snapshot
from scheduler.engine.leadership import ALONE, Leadership
from scheduler.ports import Allocator, Backend, Clock, Listener, ReceiptBook, StartForecast, Store
from scheduler.view import LatestView

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the engine waits before it acts on what it does not see, or has seen once.

    A job is held by Slurm until it was seen again `confirm_after_s` after Slurm took it; at 0
    it is not held at all, and a slurmctld that crashes may forget it. What ended jobs used is asked
    for every `measure_every_s`; at 0 it is not asked for.
    """

    resubmit_after_s: float = 15.0
    lost_after_s: float = 120.0
    confirm_after_s: float = 0.0
    measure_every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """The engine's collaborators; all are used from the engine's thread only.

    With `slurm_accounts` Slurm is told the account of the project that a job is charged to.
    """

    store: Store
    backend: Backend
    allocate: Allocator
    clock: Clock
    view: LatestView
    listeners: Sequence[Listener] = ()
    patience: Patience = Patience()
    default_mib_per_cpu: int = 4096
    fallback: Allocator | None = None  # decides again where the audit refused `allocate`
    receipts: ReceiptBook | None = None
    leadership: Leadership = ALONE
    forecast: StartForecast | None = None
    slurm_accounts: bool = False

    def keep_receipt(self, snapshot: Snapshot, report: CycleReport) -> None:
        if self.receipts is not None:
            self.receipts.keep(snapshot, report)

    def foresee(self, snapshot: Snapshot, allocation: Allocation) -> None:
        """Let the forecast see the cycle; what goes wrong there costs start times and no more."""
        if self.forecast is None:
            return
        try:
            estimates = self.forecast.saw(snapshot, allocation)
            self.store.keep_estimates(estimates, self.leadership.demand())
            self.view.start_times_judged(self.forecast.track_record())
        except Exception:
            log.exception("forecast_failed")

    def tell_cycle(self, report: CycleReport) -> None:
        for listener in self.listeners:
            listener.on_cycle(report)

    def tell_moved(self, jobs: Sequence[Job], at: datetime) -> None:
        if jobs:
            for listener in self.listeners:
                listener.on_moved(jobs, at)

    def tell_backend(self, up: bool) -> None:
        for listener in self.listeners:
            listener.on_backend(self.backend.name, up)
