"""``python -m evaluation.dashboards URL [MINUTES]``: what the Prometheus at ``URL`` answers to every panel, as pictures.

The pictures of ``docs/dashboards`` are made with it, from a run on articles: each panel of ``deploy/grafana`` in its place,
asked as Grafana asks it, drawn by uPlot in a Chromium. It is not Grafana, which draws the same answers in its own way: it is
for looking at the data where there is none.
"""

import json
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from math import isnan, nan
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from deploy.grafana.panels import DASHBOARDS, Line, Panel
from deploy.grafana.write import COLOURS, render

FOLDER = Path(__file__).parents[1] / "docs" / "dashboards"
_PAGE = Path(__file__).with_name("dashboards.html")
_PLOT = Path(__file__).parents[1] / "services" / "console" / "static" / "vendor"
CHROMIUM = "/usr/bin/chromium"
_POINTS = 240
_INTERVAL = "20s"
"""Four scrapes, as Grafana chooses ``$__rate_interval`` for a scrape every five seconds."""
_HUES = {"green": "#37872d", "blue": "#3274d9", "purple": "#a352cc", "orange": "#e0752d", "red": "#c4162a"}

Series = Sequence[Mapping[str, Any]]


def ask(address: str, path: str, **parameters: str | float) -> Series:
    """The series that Prometheus answers with. Raises OSError, ValueError."""
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{address}/api/v1/{path}?{query}", timeout=30) as answer:  # noqa: S310 - the user's own
        found: Series = json.load(answer)["data"]["result"]
        return found


def name(line: Line, labels: Mapping[str, str]) -> str:
    """The legend of a series, its labels filled in."""
    text = line.legend
    for label, value in labels.items():
        text = text.replace("{{" + label + "}}", value)
    return text


def answer(address: str, panel: Panel, start: float, end: float) -> dict[str, Any]:
    """What a panel shows from ``start`` to ``end``, seconds since 1970: its times, lines and rows."""
    step = max(5.0, (end - start) / _POINTS)
    times = [start + number * step for number in range(int((end - start) / step) + 1)]
    lines: list[dict[str, Any]] = []
    rows: list[list[tuple[str, str]]] = []
    for line in panel.lines:
        query = line.query.replace("$__rate_interval", _INTERVAL)
        if panel.kind == "timeseries":
            for found in ask(address, "query_range", query=query, start=start, end=end, step=step):
                known = {round((at - start) / step): float(value) for at, value in found["values"]}
                values = [known.get(number, nan) for number in range(len(times))]
                lines.append(
                    {"name": name(line, found["metric"]), "values": [None if isnan(one) else one for one in values]}
                )
        else:
            for found in ask(address, "query", query=query, time=end):
                lines.append({"name": name(line, found["metric"]), "values": [float(found["value"][1])]})
                rows.append(sorted(found["metric"].items(), reverse=True))
    if panel.format == "heatmap":  # buckets count everything below them; Grafana shows what is between them
        lines.sort(key=lambda one: float(one["name"].replace("+Inf", "inf")))
        before = 0.0
        for one in lines:
            one["values"], before = [one["values"][0] - before], one["values"][0]
    return {"times": times, "lines": lines, "rows": rows}


def draw(page: Page, address: str, minutes: float, folder: Path) -> list[str]:
    """Write a picture of each dashboard to ``folder``; returns the panels that nothing was answered to."""
    folder.mkdir(parents=True, exist_ok=True)
    end = time.time()
    empty = []
    for dashboard in DASHBOARDS:
        panels = []
        for panel, placed in zip(dashboard.panels, render(dashboard)["panels"], strict=True):
            told = answer(address, panel, end - 60 * minutes, end)
            if not told["lines"]:
                empty.append(f"{dashboard.title}: {panel.title}")
            limits = {"limit": panel.limit, "stacked": panel.stacked, "unit": panel.unit, "kind": panel.kind}
            colours = {label: _HUES[colour] for label, colour in COLOURS.items()}
            panels.append(told | limits | {"title": panel.title, "place": placed["gridPos"], "colours": colours})
        page.goto(_PAGE.as_uri())
        page.add_style_tag(path=_PLOT / "uPlot.min.css")
        page.add_script_tag(path=_PLOT / "uPlot.iife.min.js")
        page.evaluate("one => show(one)", {"title": f"Stancewire: {dashboard.title}", "panels": panels})
        page.screenshot(path=folder / f"{dashboard.uid}.png", full_page=True)
    return empty


def main(address: str, minutes: float = 10) -> None:
    """Draw all dashboards over the last ``minutes``; exits with 1 where a panel has no data."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 200}, timezone_id="UTC")
        empty = draw(page, address.rstrip("/"), minutes, FOLDER)
        browser.close()
    for one in empty:
        sys.stderr.write(f"no data: {one}\n")
    sys.exit(1 if empty else 0)


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:3]))
