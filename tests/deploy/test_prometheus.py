"""Tests of the rules and alerts: promtool's own, and what promtool cannot know."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from exporters.metric import Kind
from exporters.names import METRICS, PROCESS_METRICS
from tests.deploy.documents import PROMETHEUS, ROOT, metrics_in, rules
from tests.exporters.prometheus_server import require_program

ALERTS = rules("alerts.rules.yml")
RECORDS = rules("recording.rules.yml")
RULES = [*RECORDS, *ALERTS]


def known_metrics() -> set[str]:
    """Return every name that an expression may read: served, recorded, or Prometheus' own."""
    served = {metric.name for metric in METRICS if metric.kind is not Kind.HISTOGRAM}
    parts = {
        f"{metric.name}_{part}"
        for metric in METRICS
        if metric.kind is Kind.HISTOGRAM
        for part in ("bucket", "sum", "count")
    }
    return (
        served | parts | PROCESS_METRICS | {rule["record"] for rule in RECORDS} | {"up", "ALERTS"}
    )


def name_of(rule: Mapping[str, Any]) -> str:
    return str(rule.get("alert") or rule["record"])


def promtool(*arguments: str) -> str:
    program = require_program("promtool")
    command = [program, *arguments]
    done = subprocess.run(command, cwd=PROMETHEUS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.prometheus
def test_promtool_accepts_the_configuration_and_its_rules() -> None:
    promtool("check", "config", "prometheus.yml")
    promtool("check", "rules", "recording.rules.yml", "alerts.rules.yml")


@pytest.mark.prometheus
def test_every_alert_fires_and_keeps_quiet_as_its_cases_say() -> None:
    assert "SUCCESS" in promtool("test", "rules", "tests.rules.yml")


@pytest.mark.parametrize("alert", [alert["alert"] for alert in ALERTS])
def test_an_alert_has_a_case_of_each_kind(alert: str) -> None:
    text = (PROMETHEUS / "tests.rules.yml").read_text(encoding="utf-8")
    cases = [case for test in yaml.safe_load(text)["tests"] for case in test["alert_rule_test"]]
    fires = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == alert}

    assert fires == {True, False}


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_rule_reads_only_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert metrics_in(rule["expr"]) - known_metrics() == set()


@pytest.mark.parametrize("rule", RECORDS, ids=name_of)
def test_a_recorded_name_says_level_metric_and_operation(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z_]+:tendik_[a-z_]+:[a-z0-9_]+", rule["record"])


@pytest.mark.parametrize("rule", ALERTS, ids=name_of)
def test_an_alert_says_what_how_bad_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}

    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^### (\w+)$", (ROOT / page).read_text(encoding="utf-8"), re.M)
    assert (rule["alert"].lower(), rule["alert"]) == (anchor, rule["alert"])
    assert rule["alert"] in headings


def test_the_page_of_alerts_has_no_alert_that_is_gone() -> None:
    text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^### (Tendik\w+)$", text, re.M)) == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize(
    ("expression", "names"),
    {
        'sum by (a, b) (rate(x_total{c="d e"}[5m])) / on (f) group_left () y > 2 * 86400': {
            "x_total",
            "y",
        },
        "level:x:sum >= 1 unless on (job) z == 0 or absent(w)": {"level:x:sum", "z", "w"},
    }.items(),
)
def test_metrics_are_found_in_expressions(expression: str, names: set[str]) -> None:
    assert metrics_in(expression) == names
