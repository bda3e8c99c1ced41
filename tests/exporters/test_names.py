"""Tests of the table of metrics and of what is really served under it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exporters import names, reference
from exporters.metric import BOUNDS, Kind, Label, Metric
from exporters.names import METRICS
from scheduler.domain.jobs import JobState
from tests.build import a_job, a_placement, a_tenant, at
from tests.exporters.world import Queue, Scrape, a_count, a_report, a_view, an_exporter

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"job", "job_id", "slurm_id", "user", "unix_account", "node"}


def everything() -> Scrape:
    """Return a scrape of an exporter that was told of every kind of thing."""
    report = a_report()
    registry, metrics = an_exporter(a_view(report), Queue(a_count(user="secret-user")))
    metrics.on_backend("simulated", up=True)
    metrics.on_cycle(report)
    tenant = a_tenant(user="secret-user", project="secret-project")
    moved = a_job(987654, tenant=tenant, state=JobState.RUNNING, placement=a_placement())
    metrics.on_moved([moved], at(60))
    return Scrape(registry)


def test_the_table_lists_every_metric_of_the_module_once() -> None:
    defined = [value for value in vars(names).values() if isinstance(value, Metric)]

    assert sorted(m.name for m in METRICS) == sorted(m.name for m in defined)
    assert len({m.name for m in METRICS}) == len(METRICS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_name_follows_the_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"tendik(_[a-z]+)+", metric.name)
    assert metric.help.endswith(".")
    if metric.unit in ("seconds", "ratio"):
        assert metric.name.endswith(f"_{metric.unit}")
    if metric.kind is Kind.HISTOGRAM:
        assert list(metric.buckets) == sorted(metric.buckets)


def test_a_counter_that_is_not_a_total_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="ends in _total: tendik_cycles"):
        Metric("tendik_cycles", Kind.COUNTER, "Cycles.", "cycles")


def test_every_label_says_what_bounds_it() -> None:
    assert set(BOUNDS) == set(Label)
    assert {label for metric in METRICS for label in metric.labels} == set(Label)


def test_no_label_names_a_job_or_a_person() -> None:
    assert not FORBIDDEN & {label.value for label in Label}


def test_a_project_is_named_only_where_a_grant_pays_for_it() -> None:
    naming = {metric for metric in METRICS if Label.PROJECT in metric.labels}

    assert naming == {metric for metric in METRICS if metric.name.startswith("tendik_grant_")}


def test_what_is_served_is_exactly_what_the_table_says() -> None:
    scrape = everything()
    served = {f.name: f for f in scrape.families if not f.name.startswith("process_")}
    table = {metric.name.removesuffix("_total"): metric for metric in METRICS}

    assert set(served) == set(table)
    for name, metric in table.items():
        assert (served[name].type, served[name].documentation) == (metric.kind, metric.help)
        for sample in served[name].samples:
            assert set(sample.labels) - {"le"} == set(metric.labels)


def test_no_user_job_id_or_project_without_a_grant_is_served() -> None:
    text = everything().text

    assert "secret" not in text
    assert "987654" not in text


def test_the_library_serves_the_process_metrics_that_dashboards_use() -> None:
    assert everything().names() >= names.PROCESS_METRICS


def test_the_reference_page_is_current() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    assert page == reference.render(), "run: python -m exporters.reference docs/metrics.md"
