"""``make dashboards``: writes the JSON that Grafana reads, from ``panels``. A test holds that both agree."""

import json
from pathlib import Path
from typing import Any

from deploy.grafana.panels import DASHBOARDS, Dashboard, Panel

FOLDER = Path(__file__).parent / "dashboards"
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_COLUMNS = 24
COLOURS = {
    "enriched": "green",
    "duplicate": "blue",
    "withdrawn": "purple",
    "rejected": "orange",
    "dead_lettered": "red",
    "favor": "green",
    "against": "red",
    "neutral": "blue",
}
"""What means the same has the same colour on every panel; the legend names it in words, too."""


def render(dashboard: Dashboard) -> dict[str, Any]:
    """The dashboard as Grafana reads it; panels flow from left to right, in rows."""
    panels, x, y = [], 0, 0
    row = 0
    for number, panel in enumerate(dashboard.panels, start=1):
        if x + panel.width > _COLUMNS:
            x, y, row = 0, y + row, 0
        panels.append(_panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": panel.height}))
        x, row = x + panel.width, max(row, panel.height)
    return {
        "uid": f"stancewire-{dashboard.uid}",
        "title": f"Stancewire: {dashboard.title}",
        "tags": ["stancewire"],
        "schemaVersion": 41,
        "editable": False,
        "refresh": "5s",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "source",
                    "label": "Prometheus",
                    "type": "datasource",
                    "query": "prometheus",
                    "current": {"text": "Prometheus", "value": "prometheus"},
                }
            ]
        },
        "links": [{"type": "dashboards", "title": "Stancewire", "tags": ["stancewire"], "keepTime": True}],
        "panels": panels,
    }


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    instant = panel.kind != "timeseries"
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": _SOURCE,
            "expr": line.query,
            "legendFormat": line.legend,
            "instant": instant,
            "range": not instant,
            "format": panel.format,
        }
        for index, line in enumerate(panel.lines)
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": targets,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": _overrides()},
        "options": _options(panel),
        "transformations": _transformations(panel),
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    defaults: dict[str, Any] = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.unit == "none":
        defaults["decimals"] = 0  # counts; an increase is extrapolated, and 1.3 documents are none
    if panel.kind == "timeseries":
        drawn: dict[str, Any] = {"lineWidth": 2, "fillOpacity": 30 if panel.stacked else 0, "showPoints": "never"}
        drawn["stacking"] = {"mode": "normal" if panel.stacked else "none"}
        drawn["thresholdsStyle"] = {"mode": "dashed" if panel.limit is not None else "off"}
        drawn["axisSoftMin"] = 0  # a hint: what is below 0, as unaccounted documents may be, is drawn all the same
        defaults |= {"custom": drawn, "color": {"mode": "palette-classic"}}
    return defaults


def _overrides() -> list[dict[str, Any]]:
    return [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}],
        }
        for name, colour in COLOURS.items()
    ]


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "timeseries":
        legend = {"displayMode": "table", "placement": "right", "showLegend": True, "calcs": ["lastNotNull", "max"]}
        return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}
    if panel.kind == "table":
        return {}
    options: dict[str, Any] = {"reduceOptions": {"calcs": ["lastNotNull"]}}
    return options | ({"orientation": "horizontal", "displayMode": "basic"} if panel.kind == "bargauge" else {})


def _transformations(panel: Panel) -> list[dict[str, Any]]:
    """Of a table only the labels are of interest."""
    hidden = {"Time": True, "Value": True}
    return [{"id": "organize", "options": {"excludeByName": hidden}}] if panel.kind == "table" else []


def write() -> None:
    """Write all dashboards."""
    FOLDER.mkdir(exist_ok=True)
    for dashboard in DASHBOARDS:
        (FOLDER / f"{dashboard.uid}.json").write_text(json.dumps(render(dashboard), indent=1) + "\n")


if __name__ == "__main__":
    write()
