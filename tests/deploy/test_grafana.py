"""The dashboards: what is written is what is meant, and every panel can be read by somebody who did not make it."""

import json
import re
from collections import Counter
from typing import Any

import pytest

from deploy.grafana.panels import DASHBOARDS
from deploy.grafana.write import FOLDER, render
from tests.deploy.queries import ROOT, panels, rules


def test_the_files_are_what_the_panels_say() -> None:
    for dashboard in DASHBOARDS:
        assert json.loads((FOLDER / f"{dashboard.uid}.json").read_text()) == render(dashboard), "make dashboards"
    assert {path.stem for path in FOLDER.iterdir()} == {dashboard.uid for dashboard in DASHBOARDS}


@pytest.mark.parametrize(("name", "panel"), panels(), ids=[name for name, _ in panels()])
def test_a_panel_has_what_a_reader_needs(name: str, panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert len(panel["description"]) > 20 or panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    for one in (panel, *panel["targets"]):
        assert one["datasource"] == {"type": "prometheus", "uid": "${source}"}
    for target in panel["targets"]:
        assert target["expr"]
        assert target["legendFormat"]
    if panel["type"] == "timeseries":
        assert panel["options"]["legend"]["showLegend"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: str(dashboard.uid))
def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: Any) -> None:
    made = render(dashboard)
    assert len({panel["id"] for panel in made["panels"]}) == len(made["panels"]) <= 12
    assert any(variable["type"] == "datasource" for variable in made["templating"]["list"])
    cells: Counter[tuple[int, int]] = Counter()
    for panel in made["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells.update(
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        )
    assert set(cells.values()) == {1}


def test_dashboards_have_ids_of_their_own() -> None:
    assert len({render(dashboard)["uid"] for dashboard in DASHBOARDS}) == len(DASHBOARDS)


def test_descriptions_and_the_page_name_alerts_and_panels_that_there_are() -> None:
    alerts = {rule["alert"] for rule in rules("alerts")}
    for name, panel in panels():
        named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", panel["description"]))
        assert named <= alerts, name
    titles = {panel["title"] for _, panel in panels()}
    page = (ROOT / "docs" / "operations.md").read_text()
    for line in re.findall(r"\*\*Panel\.\*\* (.*)", page):
        for title in re.findall(r"\*([^*]+)\*", line):
            assert any(one.startswith(title) for one in titles), title
