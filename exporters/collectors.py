"""Reads the engine's view and the store's counts whenever Prometheus asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock
from typing import Protocol

import structlog
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from exporters import names
from exporters.families import counter, gauge
from exporters.grant_families import grant_families
from exporters.queue_families import queue_families
from exporters.view_families import (
    fairness_families,
    receipt_family,
    replica_families,
    view_families,
)
from scheduler.domain.budgets.grants import Grant
from scheduler.domain.receipts import ReceiptHead
from scheduler.domain.records import ClusterView, QueueCount
from scheduler.ports import ViewReader

log = structlog.get_logger(__name__)


class Source(StrEnum):
    """What a scrape reads; each may fail without the others."""

    VIEW = "view"
    RECEIPTS = "receipts"
    FAIRNESS = "fairness"
    STORE = "store"
    GRANTS = "grants"


class QueueReader(Protocol):
    """The one method of `ports.JobStore` that a scrape calls."""

    def counts(self) -> tuple[QueueCount, ...]:
        """May raise StoreUnavailable."""
        ...


class GrantReader(Protocol):
    """The one method of `tenancy.BudgetStore` that a scrape calls."""

    def grants(self) -> tuple[Grant, ...]:
        """May raise StoreUnavailable."""
        ...


class StoreReader(QueueReader, GrantReader, Protocol):
    """All that a scrape reads of the store."""


class FreshCounts:
    """The store's counts, read at most once in `keep_s` however many scrapers ask."""

    def __init__(
        self,
        store: QueueReader,
        keep_s: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._keep_s = keep_s
        self._monotonic = monotonic
        self._lock = Lock()
        self._good_until: float | None = None
        self._counts: tuple[QueueCount, ...] = ()

    def read(self) -> tuple[QueueCount, ...]:
        """Return counts no older than `keep_s`; old ones are never passed off as new.

        May raise StoreUnavailable.
        """
        with self._lock:
            if self._good_until is None or self._monotonic() >= self._good_until:
                self._good_until = None
                self._counts = self._store.counts()
                self._good_until = self._monotonic() + self._keep_s
            return self._counts


class StateCollector(Collector):
    """Serves states as they are at the scrape; what adds up is counted by `EngineMetrics`.

    What is of the cluster and not of this replica is served by who leads alone, so that sums over
    replicas count it once. A source that fails costs its own metrics in this scrape, is counted and
    logged, and nothing else: a gap in a graph is true, an old value would not be.
    """

    def __init__(
        self,
        view: ViewReader,
        counts: FreshCounts,
        grants: GrantReader,
        receipts: Callable[[], ReceiptHead],
    ) -> None:
        self._view = view
        self._grants = grants
        self._receipts = receipts
        self._counts = counts
        self._scrape_seconds = gauge(names.SCRAPE_DURATION, registry=None)
        self._errors = counter(names.EXPORTER_ERRORS, registry=None)
        for source in Source:
            self._errors.labels(source)

    def collect(self) -> Iterator[Family]:
        view = self._view.latest()
        with self._scrape_seconds.time():
            yield from self._guarded(Source.VIEW, lambda: replica_families(view))
            yield from self._guarded(Source.RECEIPTS, lambda: (receipt_family(self._receipts()),))
            if view.leads:
                yield from self._guarded(Source.VIEW, lambda: view_families(view))
                yield from self._guarded(Source.FAIRNESS, lambda: fairness_families(view))
                yield from self._guarded(Source.STORE, lambda: self._queue(view))
                yield from self._guarded(Source.GRANTS, self._grants_now)
        yield from self._scrape_seconds.collect()
        yield from self._errors.collect()

    def describe(self) -> Iterable[Family]:
        """Name nothing in advance, so that registering reads neither view nor store."""
        return ()

    def _queue(self, view: ClusterView) -> Iterable[Family]:
        shares = view.report.shares if view.report else ()
        known = {(share.tenant_class, share.organisation) for share in shares}
        return queue_families(self._counts.read(), known)

    def _grants_now(self) -> Iterable[Family]:
        return grant_families(self._grants.grants(), datetime.now(UTC))

    def _guarded(self, source: Source, read: Callable[[], Iterable[Family]]) -> Iterable[Family]:
        try:
            return tuple(read())
        # Whatever went wrong, the operator needs the rest of the metrics to find out.
        except Exception:
            log.exception("metrics_not_read", source=source.value)
            self._errors.labels(source).inc()
            return ()
