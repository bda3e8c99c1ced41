"""Prometheus objects made from the table of metrics, so that no name is written twice."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from exporters.metric import Metric


def gauge_family(metric: Metric) -> GaugeMetricFamily:
    """Return a family to fill during one scrape."""
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


def counter_family(metric: Metric) -> CounterMetricFamily:
    """Return a family to fill during one scrape with counts that are kept elsewhere."""
    return CounterMetricFamily(metric.name, metric.help, labels=metric.labels)


def gauge(metric: Metric, registry: CollectorRegistry | None) -> Gauge:
    return Gauge(metric.name, metric.help, metric.labels, registry=registry)


def counter(metric: Metric, registry: CollectorRegistry | None) -> Counter:
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


def histogram(metric: Metric, registry: CollectorRegistry | None) -> Histogram:
    return Histogram(
        metric.name, metric.help, metric.labels, registry=registry, buckets=metric.buckets
    )
