"""Every dashboard panel and rule, asked of a real Prometheus that scraped the real exporter."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path

import pytest

from tests.build import POOL
from tests.deploy.documents import DASHBOARDS, Target, dashboard, rules, targets
from tests.exporters.feed import CYCLES
from tests.exporters.prometheus_server import Answer, Prometheus

pytestmark = pytest.mark.prometheus

# What Grafana would put in place of its variables, at the quickened scrape interval.
VARIABLES = {"$organisation": "alpha", "$pool": f"({POOL})", "$__rate_interval": "10s"}

PATIENCE_S = 15.0


def substituted(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, f"a variable is left in {expression}"
    return expression


def numbers(answer: Answer) -> list[float]:
    """Return every finite value of an answer, of one moment or of a range."""
    points = [point for series in answer for point in series.get("values", [series.get("value")])]
    return [number for _, text in points if isfinite(number := float(text))]


def soon(ask: Callable[[], Answer]) -> list[float]:
    """Return the numbers of an answer, asked again while there is none.

    On a busy machine a scrape may miss its second, and what it feeds is absent until the next.
    """
    until = time.monotonic() + PATIENCE_S
    while not (found := numbers(ask())) and time.monotonic() < until:
        time.sleep(0.25)
    return found


@pytest.mark.parametrize("target", list(targets()), ids=str)
def test_a_panel_shows_data(prometheus: Prometheus, target: Target) -> None:
    expression = substituted(target.expression)
    moment = partial(prometheus.query, expression)
    span = partial(prometheus.query_range, expression, seconds=120)

    assert soon(moment if target.instant else span), f"{expression} gives no number"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_variable_offers_choices(prometheus: Prometheus, path: Path) -> None:
    for variable in dashboard(path)["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = variable["query"]["query"][len("label_values(") : -1].split(", ")
            choices = partial(prometheus.query, f"count by ({label}) ({metric})")
            assert soon(choices), variable["name"]


@pytest.mark.parametrize("record", [rule["record"] for rule in rules("recording.rules.yml")])
def test_a_recording_rule_records(prometheus: Prometheus, record: str) -> None:
    assert soon(partial(prometheus.query, record))


def test_no_rule_has_an_error(prometheus: Prometheus) -> None:
    loaded = prometheus.rules()
    expected = len(rules("recording.rules.yml")) + len(rules("alerts.rules.yml"))

    assert len(loaded) == expected
    assert {rule["name"]: rule.get("lastError") for rule in loaded if rule["health"] != "ok"} == {}


@pytest.mark.parametrize(
    ("expression", "value"),
    {
        "tendik_organisation_gpus_held{organisation='alpha'}": 8 + CYCLES,
        "cluster:tendik_gpus_used:ratio": (8 + 40 + 4) / 64,
        "tendik_jobs{organisation='alpha', state='pending'}": CYCLES,
        "sum(tendik_submissions_total{outcome='accepted'})": 3 * CYCLES,
        "tendik_job_wait_seconds_count{organisation='beta'}": CYCLES,
        "tendik_solver_fallbacks_total": 1,
        "tendik_backend_outages_total": 1,
    }.items(),
)
def test_prometheus_learns_what_the_engine_told(
    prometheus: Prometheus, expression: str, value: float
) -> None:
    prometheus.wait_for(f"{expression} == {value}")


def test_a_violation_raises_its_alert(prometheus: Prometheus) -> None:
    firing = 'ALERTS{alertname="TendikAuditViolation", alertstate="firing", severity="critical"}'

    prometheus.wait_for(firing)
