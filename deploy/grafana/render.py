"""Turns dashboards into the JSON model of Grafana 10 and later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_uppercase

from deploy.grafana.panels import Dashboard, Kind, Panel, Query, Row, Thresholds, Variable

Json = dict[str, object]

# Grafana 10.4's; later releases read it and migrate it themselves.
SCHEMA_VERSION = 39
COLUMNS = 24
DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}

TYPES: Mapping[Kind, str] = {
    Kind.STAT: "stat",
    Kind.LINES: "timeseries",
    Kind.STACKED: "timeseries",
    Kind.BARS: "bargauge",
    Kind.TABLE: "table",
    Kind.HEATMAP: "heatmap",
    Kind.TIMELINE: "state-timeline",
}
HEIGHTS: Mapping[Kind, int] = {Kind.STAT: 4}
# These show one moment; the others show the whole time range.
INSTANT = frozenset({Kind.BARS, Kind.TABLE})

LEGEND: Json = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
LAST: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}
GRAPH: Json = {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
OPTIONS: Mapping[Kind, Json] = {
    Kind.STAT: {"reduceOptions": LAST, "colorMode": "value", "graphMode": "area"},
    Kind.LINES: GRAPH,
    Kind.STACKED: GRAPH,
    Kind.BARS: {"reduceOptions": LAST, "orientation": "horizontal", "displayMode": "basic"},
    Kind.TABLE: {"showHeader": True},
    Kind.HEATMAP: {
        "calculate": False,
        "color": {"mode": "scheme", "scheme": "Blues", "steps": 64},
        "yAxis": {"unit": "s"},
        "rowsFrame": {"layout": "le"},
    },
    Kind.TIMELINE: {"showValue": "never", "mergeValues": True, "legend": LEGEND},
}
CUSTOM: Mapping[Kind, Json] = {
    Kind.LINES: {"lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "axisSoftMin": 0},
    Kind.STACKED: {
        "lineWidth": 1,
        "fillOpacity": 60,
        "showPoints": "never",
        "axisSoftMin": 0,
        "stacking": {"mode": "normal", "group": "A"},
    },
}


def dashboard_json(dashboard: Dashboard) -> Json:
    """Return the whole document."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["tendik"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "links": [_link_to_the_others()],
        "templating": {"list": [_datasource(), *map(_variable, dashboard.variables)]},
        "panels": list(_panels(dashboard.rows)),
    }


def _link_to_the_others() -> Json:
    shown: Json = {"asDropdown": False, "includeVars": False, "keepTime": True}
    return {"type": "dashboards", "title": "Tendik", "tags": ["tendik"], **shown}


def _datasource() -> Json:
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "source",
        "query": "prometheus",
        "current": {"text": "Prometheus", "value": "tendik-prometheus"},
    }


def _variable(variable: Variable) -> Json:
    query = f"label_values({variable.metric}, {variable.label})"
    document: Json = {
        "type": "query",
        "name": variable.name,
        "label": variable.label,
        "datasource": DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": variable.name},
        "refresh": 2,
        "sort": 1,
        "multi": variable.all_at_once,
        "includeAll": variable.all_at_once,
    }
    if variable.all_at_once:
        document["current"] = {"text": ["All"], "value": ["$__all"]}
    return document


def _panels(rows: tuple[Row, ...]) -> Iterator[Json]:
    panel_id, top = 0, 0
    for row in rows:
        panel_id += 1
        yield _row(row, panel_id, top)
        top, left, height = top + 1, 0, 0
        for panel in row.panels:
            if left + panel.width > COLUMNS:
                top, left, height = top + height, 0, 0
            panel_id += 1
            yield _panel(panel, panel_id, left, top)
            left, height = left + panel.width, max(height, _height(panel))
        top += height


def _row(row: Row, panel_id: int, top: int) -> Json:
    place = {"x": 0, "y": top, "w": COLUMNS, "h": 1}
    return {
        "type": "row",
        "id": panel_id,
        "title": row.title,
        "collapsed": False,
        "gridPos": place,
        "panels": [],
    }


def _panel(panel: Panel, panel_id: int, left: int, top: int) -> Json:
    document: Json = {
        "type": TYPES[panel.kind],
        "id": panel_id,
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {"x": left, "y": top, "w": panel.width, "h": _height(panel)},
        "fieldConfig": {"defaults": _field_defaults(panel), "overrides": []},
        "options": OPTIONS[panel.kind],
        "targets": [
            _target(panel, *pair) for pair in zip(ascii_uppercase, panel.queries, strict=False)
        ],
    }
    if panel.kind is Kind.TABLE:
        document["transformations"] = _table_columns(panel)
    return document


def _height(panel: Panel) -> int:
    return HEIGHTS.get(panel.kind, 8)


def _field_defaults(panel: Panel) -> Json:
    coloured = panel.kind in (Kind.STAT, Kind.BARS, Kind.TIMELINE)
    return {
        "unit": panel.unit,
        "color": {"mode": "thresholds" if coloured else "palette-classic"},
        "thresholds": _thresholds(panel.thresholds),
        "custom": CUSTOM.get(panel.kind, {}),
    }


def _thresholds(thresholds: Thresholds) -> Json:
    steps: list[Json] = [{"color": thresholds.base, "value": None}]
    steps += [{"color": colour, "value": value} for value, colour in thresholds.steps]
    return {"mode": "absolute", "steps": steps}


def _target(panel: Panel, ref: str, query: Query) -> Json:
    formats = {Kind.TABLE: "table", Kind.HEATMAP: "heatmap"}
    return {
        "refId": ref,
        "datasource": DATASOURCE,
        "expr": query.expression,
        "legendFormat": query.legend or "__auto",
        "format": formats.get(panel.kind, "time_series"),
        "instant": panel.kind in INSTANT,
        "range": panel.kind not in INSTANT,
    }


def _table_columns(panel: Panel) -> list[Json]:
    """Join the queries' answers into one table whose columns carry the legends."""
    refs = zip(ascii_uppercase, panel.queries, strict=False)
    names = {f"Value #{ref}": query.legend for ref, query in refs}
    names["Value"] = panel.queries[0].legend
    hide_time = {"excludeByName": {"Time": True}, "renameByName": names}
    return [{"id": "merge", "options": {}}, {"id": "organize", "options": hide_time}]
