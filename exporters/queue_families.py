"""What the store counts, as gauges: live jobs by state, pending jobs and GPUs by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily

from exporters import names
from exporters.families import gauge_family
from exporters.metric import Metric
from scheduler.domain.jobs import TERMINAL, JobState
from scheduler.domain.reasons import Reason
from scheduler.domain.records import QueueCount

OTHER_REASON = "other"
LIVE_STATES: tuple[JobState, ...] = tuple(state for state in JobState if state not in TERMINAL)

# Class and organisation: the finest part of a tenant that becomes a label.
OrganisationPath = tuple[str, ...]


def queue_families(
    counts: Sequence[QueueCount], organisations: Iterable[OrganisationPath]
) -> Iterator[GaugeMetricFamily]:
    """Yield the queue; the named organisations show 0 where they have no jobs."""
    everybody = sorted({*organisations, *(count.tenant.path(2) for count in counts)})
    yield _jobs_family(counts, everybody)
    pending = [count for count in counts if count.state is JobState.PENDING]
    yield _reason_family(names.PENDING_JOBS, [(count, count.jobs) for count in pending])
    yield _reason_family(names.PENDING_GPUS, [(count, count.gpus) for count in pending])


def reason_label(text: str) -> str:
    """Return the reason's name; any text that is not a known reason becomes one label value."""
    if not text:
        return Reason.NOT_YET_CONSIDERED
    return text if text in set(Reason) else OTHER_REASON


def _jobs_family(
    counts: Iterable[QueueCount], organisations: Iterable[OrganisationPath]
) -> GaugeMetricFamily:
    jobs = Counter[tuple[OrganisationPath, JobState]]()
    for count in counts:
        jobs[count.tenant.path(2), count.state] += count.jobs
    family = gauge_family(names.JOBS)
    for organisation in organisations:
        for state in LIVE_STATES:
            family.add_metric([*organisation, state], jobs[organisation, state])
    return family


def _reason_family(metric: Metric, amounts: Iterable[tuple[QueueCount, int]]) -> GaugeMetricFamily:
    totals = Counter[tuple[str, ...]]()
    for count, amount in amounts:
        totals[(*count.tenant.path(2), reason_label(count.reason))] += amount
    family = gauge_family(metric)
    for labels, total in sorted(totals.items()):
        family.add_metric(labels, total)
    return family
