"""What the engine's newest view says, as gauges: accounts, pools, fairness, cycle, backend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from exporters import names
from exporters.families import counter_family, gauge_family
from exporters.metric import Metric
from scheduler.domain.changes.proposals import came_back_by_itself
from scheduler.domain.changes.warnings import WarningKind, policy_warnings
from scheduler.domain.decisions import SolverStatus
from scheduler.domain.estimates import TrackRecord
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView, CycleReport, OrganisationShare
from scheduler.domain.resources import Node
from scheduler.domain.shares.fairshare import fairness_error, jain

ACCOUNT_GAUGES: Mapping[Metric, Callable[[OrganisationShare], float]] = {
    names.ORGANISATION_ENTITLED: attrgetter("entitled"),
    names.ORGANISATION_HELD: attrgetter("held"),
    names.ORGANISATION_WANTED: attrgetter("wanted"),
    names.ORGANISATION_BORROWED: attrgetter("borrowed"),
    names.ORGANISATION_LENT: attrgetter("lent"),
    names.ORGANISATION_OWED: attrgetter("owed"),
}


def replica_families(view: ClusterView) -> Iterator[GaugeMetricFamily]:
    """Yield what each replica says for itself: the rest is of the one cluster, and the leader's."""
    yield _flat(names.LEADER, float(view.leads))
    yield _flat(names.LEADER_EPOCH, view.epoch)
    yield _flat(names.POLICY_VERSION, view.policy.number)
    yield from _backend_families(view)


def view_families(view: ClusterView) -> Iterator[GaugeMetricFamily]:
    """Yield what is known of the cluster; before the first cycle that is little."""
    yield _flat(names.POLICY_CAME_BACK, float(came_back_by_itself(view.policy)))
    yield _policy_warnings(view)
    yield from _cycle_families(view.report)
    if view.report is not None:
        yield from _account_families(view.report)
        yield _mean_family(view.report)
        yield from _pool_families(view.report)
    yield _node_family(view.cluster.nodes if view.cluster else ())
    yield from _start_time_families(view.start_times)


def fairness_families(view: ClusterView) -> Iterator[GaugeMetricFamily]:
    """Yield how far from fair each pool is."""
    error = gauge_family(names.FAIRNESS_ERROR)
    index = gauge_family(names.FAIRNESS_JAIN)
    for pool, shares in _shares_by_pool(view.report).items():
        error.add_metric([pool], fairness_error(shares))
        index.add_metric(
            [pool], jain(share.held / share.entitled for share in shares if share.entitled)
        )
    yield error
    yield index


def receipt_family(head: ReceiptHead) -> CounterMetricFamily:
    """Return how many receipts came to what since the process began."""
    family = counter_family(names.RECEIPTS)
    for outcome, count in (
        ("kept", head.kept),
        ("failed", head.failed),
        ("skipped", head.skipped),
    ):
        family.add_metric([outcome], count)
    return family


def _start_time_families(records: Sequence[TrackRecord]) -> Iterator[GaugeMetricFamily]:
    judged = gauge_family(names.START_ESTIMATES_JUDGED)
    coverage = gauge_family(names.START_ESTIMATE_COVERAGE)
    for record in records:
        judged.add_metric([record.tenant_class], record.judged)
        coverage.add_metric([record.tenant_class, "0.5"], record.within_p50 / record.judged)
        coverage.add_metric([record.tenant_class, "0.9"], record.within_p90 / record.judged)
    yield judged
    yield coverage


def _policy_warnings(view: ClusterView) -> GaugeMetricFamily:
    """Empty before the first cycle: what the policy does not fit is not known then."""
    family = gauge_family(names.POLICY_WARNINGS)
    if view.cluster is None or view.report is None:
        return family
    organisations = {share.organisation: share.tenant_class for share in view.report.shares}
    found = policy_warnings(view.policy.policy, view.cluster, organisations)
    counts = Counter(warning.kind for warning in found)
    for kind in WarningKind:
        family.add_metric([kind], counts[kind])
    return family


def _flat(metric: Metric, value: float) -> GaugeMetricFamily:
    family = gauge_family(metric)
    family.add_metric([], value)
    return family


def _backend_families(view: ClusterView) -> Iterator[GaugeMetricFamily]:
    up = gauge_family(names.BACKEND_UP)
    up.add_metric([view.backend], float(view.backend_up))
    yield up
    last_read = gauge_family(names.BACKEND_LAST_READ)
    last_read.add_metric([view.backend], view.cluster.read_at.timestamp() if view.cluster else 0)
    yield last_read


def _cycle_families(report: CycleReport | None) -> Iterator[GaugeMetricFamily]:
    yield _flat(names.CYCLE_LAST, report.taken_at.timestamp() if report else 0)
    status = gauge_family(names.SOLVER_STATUS)
    for known in SolverStatus:
        status.add_metric([known], float(report is not None and report.status is known))
    yield status


def _account_families(report: CycleReport) -> Iterator[GaugeMetricFamily]:
    for metric, value in ACCOUNT_GAUGES.items():
        family = gauge_family(metric)
        for share in report.shares:
            family.add_metric([share.tenant_class, share.organisation, share.pool], value(share))
        yield family


def _mean_family(report: CycleReport) -> GaugeMetricFamily:
    """Every pool's account repeats the organisation's mean: one of them is it."""
    family = gauge_family(names.ORGANISATION_MEAN)
    means = {(share.tenant_class, share.organisation): share.mean_gpus for share in report.shares}
    for organisation, gpus in means.items():
        family.add_metric(organisation, gpus)
    return family


def _pool_families(report: CycleReport) -> Iterator[GaugeMetricFamily]:
    held, wanted = Counter[str](), Counter[str]()
    for share in report.shares:
        held[share.pool] += share.held
        wanted[share.pool] += share.wanted
    gpus: tuple[tuple[Metric, Mapping[str, int]], ...] = (
        (names.POOL_CAPACITY, report.capacity_gpus),
        (names.POOL_HELD, held),
        (names.POOL_FOREIGN, report.foreign_gpus),
        (names.POOL_WANTED, wanted),
    )
    for metric, by_pool in gpus:
        family = gauge_family(metric)
        for pool in report.capacity_gpus:
            family.add_metric([pool], by_pool.get(pool, 0))
        yield family


def _node_family(nodes: tuple[Node, ...]) -> GaugeMetricFamily:
    counts = Counter((node.pool, node.available) for node in nodes)
    family = gauge_family(names.POOL_NODES)
    for pool in sorted({node.pool for node in nodes}):
        family.add_metric([pool, "available"], counts[pool, True])
        family.add_metric([pool, "unavailable"], counts[pool, False])
    return family


def _shares_by_pool(report: CycleReport | None) -> Mapping[str, list[OrganisationShare]]:
    by_pool: dict[str, list[OrganisationShare]] = {}
    for share in report.shares if report else ():
        by_pool.setdefault(share.pool, []).append(share)
    return by_pool
