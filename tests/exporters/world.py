"""Builders for what exporters read: accounts, cycle reports, views and counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from exporters.listener import EngineMetrics
from exporters.serve import new_registry
from scheduler.domain.budgets.grants import Grant
from scheduler.domain.cluster import ClusterState
from scheduler.domain.decisions import Allocation, SolverStatus
from scheduler.domain.jobs import JobState
from scheduler.domain.policies import PolicyVersion
from scheduler.domain.records import CycleReport, OrganisationShare, QueueCount
from scheduler.errors import StoreUnavailable
from scheduler.texts import Said
from scheduler.view import LatestView
from tests.build import NOON, POOL, a_node, a_policy, a_pool, a_tenant, nodes

Labels = dict[str, str]
OPTIMAL = Allocation((), "cp-sat", SolverStatus.OPTIMAL)
FELL_BACK = Allocation((), "greedy", SolverStatus.NOT_RUN, fell_back_because="time limit")


def a_share(
    organisation: str = "alpha",
    *,
    tenant_class: str = "universities",
    pool: str = POOL,
    entitled: float = 16.0,
    held: int = 8,
    wanted: int = 24,
    mean_gpus: float = 4.5,
) -> OrganisationShare:
    """Return an account; what is held above the entitlement is borrowed."""
    borrowed = max(0, held - int(entitled))
    account = (organisation, tenant_class, pool)
    return OrganisationShare(*account, entitled, held, wanted, borrowed, 2, mean_gpus)


def a_report(
    *shares: OrganisationShare,
    cycle: int = 1,
    taken_at: datetime = NOON,
    allocation: Allocation = OPTIMAL,
    violations: tuple[str, ...] = (),
    accepted: int = 0,
) -> CycleReport:
    """Return a cycle over 64 GPUs of which 4 are foreign, with one account unless told."""
    return CycleReport(
        cycle=cycle,
        taken_at=taken_at,
        policy_version=3,
        allocation=allocation,
        shares=shares or (a_share(),),
        capacity_gpus={POOL: 64},
        foreign_gpus={POOL: 4},
        violations=violations,
        duration_s=0.2,
        accepted=accepted,
    )


def a_count(
    organisation: str = "alpha",
    *,
    user: str = "",
    state: JobState = JobState.PENDING,
    reason: str = "",
    jobs: int = 1,
    gpus: int = 1,
) -> QueueCount:
    """Return one line of the store's counts."""
    return QueueCount(a_tenant(organisation, user=user), state, reason, POOL, jobs, gpus)


def a_policy_version() -> PolicyVersion:
    return PolicyVersion(3, "default", "0" * 64, "", "admin", NOON.isoformat(), a_policy())


def a_view(report: CycleReport | None = None, *, up: bool = True) -> LatestView:
    """Return a view of eight nodes, one of them down, after a cycle when a report is given."""
    view = LatestView("simulated", a_policy_version())
    view.leads(1)
    machines = (*nodes(7), a_node("n8", available=False))
    if up:
        view.backend_answered(ClusterState((a_pool(),), machines, (), NOON))
    if report is not None:
        view.cycle_ended(a_policy_version(), report)
    return view


class Queue:
    """The counting side of a store: gives what it was told, or fails when told so."""

    def __init__(self, *counts: QueueCount) -> None:
        self.answer: Sequence[QueueCount] = counts
        self.given: Sequence[Grant] = ()
        self.reads = 0
        self.broken = False

    def counts(self) -> tuple[QueueCount, ...]:
        self.reads += 1
        if self.broken:
            raise StoreUnavailable(Said("the disk is gone"))
        return tuple(self.answer)

    def grants(self) -> tuple[Grant, ...]:
        if self.broken:
            raise StoreUnavailable(Said("the disk is gone"))
        return tuple(self.given)


def an_exporter(
    view: LatestView | None = None, queue: Queue | None = None
) -> tuple[CollectorRegistry, EngineMetrics]:
    """Return a registry and its listener."""
    return new_registry(view or a_view(), queue or Queue())


class Scrape:
    """What one scrape said, parsed from the text that Prometheus would read."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.text = generate_latest(registry).decode()
        self.families = tuple(text_string_to_metric_families(self.text))
        self.samples = tuple(sample for family in self.families for sample in family.samples)

    def value(self, name: str, **labels: str) -> float | None:
        """Return the one sample with exactly these labels, or None."""
        found = [s.value for s in self.samples if s.name == name and s.labels == labels]
        assert len(found) <= 1, f"{name}{labels} is there {len(found)} times"
        return found[0] if found else None

    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}
