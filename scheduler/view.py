"""The newest view of the cluster: written by the engine, read by requests and exporters."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.cluster import ClusterState
from scheduler.domain.estimates import TrackRecord
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.records import ClusterView, CycleReport, brief_of

# As many as a screen shows beside everything else.
REMEMBERED_CYCLES = 5


class LatestView:
    """Holds one immutable view; replacing it is atomic, so readers need no lock.

    Only the engine's thread writes.
    """

    def __init__(self, backend: str, policy: PolicyVersion) -> None:
        self._view = ClusterView(backend, backend_up=False, policy=policy)

    def latest(self) -> ClusterView:
        return self._view

    def backend_answered(self, cluster: ClusterState) -> None:
        self._view = replace(self._view, backend_up=True, cluster=cluster)

    def backend_failed(self) -> None:
        self._view = replace(self._view, backend_up=False)

    def leads(self, epoch: int) -> None:
        self._view = replace(self._view, leads=True, epoch=epoch)

    def follows(self) -> None:
        self._view = replace(self._view, leads=False)

    def start_times_judged(self, records: tuple[TrackRecord, ...]) -> None:
        self._view = replace(self._view, start_times=records)

    def cycle_ended(self, policy: PolicyVersion, report: CycleReport) -> None:
        cycles = (brief_of(report), *self._view.cycles)[:REMEMBERED_CYCLES]
        self._view = replace(self._view, policy=policy, report=report, cycles=cycles)

    def followed(self, policy: PolicyVersion, report: CycleReport) -> None:
        """Keep the shares as they are where another replica decided the cycle."""
        self._view = replace(self._view, policy=policy, report=report)
