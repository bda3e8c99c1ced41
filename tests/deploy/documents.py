"""What is deployed for Prometheus and Grafana, read as a test needs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))

KEYWORDS = frozenset({"and", "or", "unless", "bool", "offset", "inf", "nan", "group_left"})
# Taken out one after another: a word before a bracket is a function only once label lists are gone.
LABELS = re.compile(
    r'"[^"]*"'  # texts
    r"|\{[^}]*\}"  # label matchers
    r"|\[[^\]]*\]"  # time ranges
    r"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"  # label lists
)
FUNCTIONS = re.compile(r"\b[a-z_\d]+\s*(?=\()|\b\d[\w.]*")
IDENTIFIER = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True, slots=True)
class Target:
    """One query of a panel."""

    dashboard: str
    panel: str
    expression: str
    instant: bool

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.panel}"


def dashboard(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def targets() -> Iterator[Target]:
    """Yield every query of every dashboard's file."""
    for path in DASHBOARDS:
        for panel in dashboard(path)["panels"]:
            for target in panel.get("targets", ()):
                yield Target(path.stem, panel["title"], target["expr"], target["instant"])


def rules(file: str) -> list[dict[str, Any]]:
    """Return the rules of all groups of a file."""
    groups = yaml.safe_load((PROMETHEUS / file).read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_in(expression: str) -> set[str]:
    """Return the names of metrics and recorded rules that an expression reads."""
    without_labels = LABELS.sub("", expression)
    return set(IDENTIFIER.findall(FUNCTIONS.sub(" ", without_labels))) - KEYWORDS
