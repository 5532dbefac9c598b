"""What the dashboards and rules ask of Prometheus: read from the files that Grafana and Prometheus read."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
RULES = ROOT / "deploy" / "prometheus" / "rules"


def rules(name: str) -> list[dict[str, Any]]:
    """The rules of ``recording`` or ``alerts``."""
    groups = yaml.safe_load((RULES / f"{name}.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[tuple[str, dict[str, Any]]]:
    """Every panel of every dashboard, under "dashboard: title"."""
    return [
        (f"{path.stem}: {panel['title']}", panel)
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
    ]


def shown() -> dict[str, str]:
    """Queries that must have an answer in a healthy run: of the panels and the recording rules."""
    asked = {
        f"{name} {target['refId']}": target["expr"].replace(
            "$__rate_interval", "20s"
        )  # four scrapes, as Grafana has it
        for name, panel in panels()
        for target in panel["targets"]
    }
    return asked | {rule["record"]: rule["expr"] for rule in rules("recording")}


def alerts() -> dict[str, str]:
    """Queries that must have none in a healthy run."""
    return {rule["alert"]: rule["expr"] for rule in rules("alerts")}


def names(query: str) -> set[str]:
    """The metrics in a query: ours, what the rules record, and those of the process."""
    return set(re.findall(r"(?<![\w:])(?:[a-z]+:)?(?:stancewire|process|python)_[a-z0-9_]+(?::\w+)?", query))
