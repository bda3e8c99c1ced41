"""Tests of the dashboards' files: current, complete, and built on what exists."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.build import DASHBOARDS, FOLDER, text_of
from deploy.grafana.panels import Dashboard, Panel
from deploy.grafana.render import SCHEMA_VERSION
from tests.deploy.documents import DASHBOARDS as FILES
from tests.deploy.documents import Target, dashboard, metrics_in, targets
from tests.deploy.test_prometheus import known_metrics

PANELS = [panel for page in DASHBOARDS for panel in page.panels]
PROVISIONING = FOLDER.parent / "provisioning"


def squares(panel: dict[str, Any]) -> set[tuple[int, int]]:
    """Return the places of the grid that a panel covers."""
    at = panel["gridPos"]
    columns = range(at["x"], at["x"] + at["w"])
    return {(x, y) for x in columns for y in range(at["y"], at["y"] + at["h"])}


@pytest.mark.parametrize("page", DASHBOARDS, ids=lambda page: page.uid)
def test_a_dashboards_file_is_current(page: Dashboard) -> None:
    text = (FOLDER / f"{page.uid}.json").read_text(encoding="utf-8")

    assert text == text_of(page), "run: python -m deploy.grafana.build"


def test_every_file_comes_from_a_table() -> None:
    assert {path.stem for path in FILES} == {page.uid for page in DASHBOARDS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dashboard_has_the_shape_that_grafana_loads(path: Path) -> None:
    document = dashboard(path)
    ids = [panel["id"] for panel in document["panels"]]

    assert document["uid"] == path.stem
    assert document["schemaVersion"] == SCHEMA_VERSION
    assert len(set(ids)) == len(ids)
    assert "id" not in document


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_fit_the_page_and_do_not_overlap(path: Path) -> None:
    panels = dashboard(path)["panels"]

    for panel in panels:
        assert max(x for x, _ in squares(panel)) < 24, panel["title"]
    for one, other in combinations(panels, 2):
        assert not squares(one) & squares(other), (one["title"], other["title"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.title)
def test_a_panel_explains_itself(panel: Panel) -> None:
    assert panel.description.endswith(".")
    assert panel.unit
    assert panel.queries


@pytest.mark.parametrize("target", list(targets()), ids=str)
def test_a_panel_reads_only_metrics_that_exist(target: Target) -> None:
    found = metrics_in(target.expression)

    assert found
    assert found - known_metrics() == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_query_uses_only_variables_of_its_dashboard(path: Path) -> None:
    document = dashboard(path)
    offered = {f"${variable['name']}" for variable in document["templating"]["list"]}
    text = " ".join(target.expression for target in targets() if target.dashboard == path.stem)
    used = {word for word in ("$organisation", "$pool", "$class") if word in text}

    assert used <= offered


def test_the_provisioned_source_is_the_dashboards_default() -> None:
    source = yaml.safe_load((PROVISIONING / "datasources" / "tendik.yml").read_text())
    uid = source["datasources"][0]["uid"]

    for path in FILES:
        assert dashboard(path)["templating"]["list"][0]["current"]["value"] == uid


def test_dashboards_are_provisioned_from_the_folder_the_guide_copies_them_to() -> None:
    provider = yaml.safe_load((PROVISIONING / "dashboards" / "tendik.yml").read_text())
    folder = provider["providers"][0]["options"]["path"]

    assert folder in (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
