"""Every dashboard panel and rule, asked of a real Prometheus that scraped the real exporter."""

from __future__ import annotations

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


def substituted(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    assert "$" not in expression, f"a variable is left in {expression}"
    return expression


def numbers(answer: Answer) -> list[float]:
    """Return every finite value of an answer, of one moment or of a range."""
    points = [point for series in answer for point in series.get("values", [series.get("value")])]
    return [number for _, text in points if isfinite(number := float(text))]


@pytest.mark.parametrize("target", list(targets()), ids=str)
def test_a_panel_shows_data(prometheus: Prometheus, target: Target) -> None:
    expression = substituted(target.expression)
    answer = (
        prometheus.query(expression)
        if target.instant
        else prometheus.query_range(expression, seconds=10)
    )

    assert numbers(answer), f"{expression} gives no number"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_variable_offers_choices(prometheus: Prometheus, path: Path) -> None:
    for variable in dashboard(path)["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = variable["query"]["query"][len("label_values(") : -1].split(", ")
            assert prometheus.query(f"count by ({label}) ({metric})"), variable["name"]


@pytest.mark.parametrize("record", [rule["record"] for rule in rules("recording.rules.yml")])
def test_a_recording_rule_records(prometheus: Prometheus, record: str) -> None:
    assert numbers(prometheus.query(record))


def test_no_rule_has_an_error(prometheus: Prometheus) -> None:
    loaded = prometheus.rules()
    expected = len(rules("recording.rules.yml")) + len(rules("alerts.rules.yml"))

    assert len(loaded) == expected
    assert {rule["name"]: rule.get("lastError") for rule in loaded if rule["health"] != "ok"} == {}


def test_prometheus_read_what_the_engine_told(prometheus: Prometheus) -> None:
    told = {
        "tendik_organisation_gpus_held{organisation='alpha'}": 8 + CYCLES,
        "cluster:tendik_gpus_used:ratio": (8 + 40 + 4) / 64,
        "tendik_jobs{organisation='alpha', state='pending'}": CYCLES,
        "sum(tendik_submissions_total{outcome='accepted'})": 3 * CYCLES,
        "tendik_job_wait_seconds_count{organisation='beta'}": CYCLES,
        "tendik_solver_fallbacks_total": 1,
        "tendik_backend_outages_total": 1,
    }

    assert {name: numbers(prometheus.query(name)) for name in told} == {
        name: [value] for name, value in told.items()
    }


def test_a_violation_raises_its_alert(prometheus: Prometheus) -> None:
    firing = 'ALERTS{alertname="TendikAuditViolation", alertstate="firing", severity="critical"}'

    prometheus.wait_for(firing)
