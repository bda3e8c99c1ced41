"""Writes the dashboards that Grafana loads: `python -m deploy.grafana.build`."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.grafana.cluster import CLUSTER
from deploy.grafana.organisation import ORGANISATION
from deploy.grafana.panels import Dashboard
from deploy.grafana.render import dashboard_json
from deploy.grafana.scheduler import SCHEDULER

FOLDER = Path(__file__).resolve().parent / "dashboards"
DASHBOARDS: tuple[Dashboard, ...] = (CLUSTER, ORGANISATION, SCHEDULER)


def text_of(dashboard: Dashboard) -> str:
    """Return the dashboard's file."""
    return json.dumps(dashboard_json(dashboard), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write every dashboard as `folder/UID.json`."""
    for dashboard in DASHBOARDS:
        (folder / f"{dashboard.uid}.json").write_text(text_of(dashboard), encoding="utf-8")


if __name__ == "__main__":
    write()
