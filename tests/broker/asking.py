"""Asks a Prometheus queries, as Grafana does."""

import json
import math
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any


def ask(address: str, path: str, **parameters: str) -> Any:
    """The ``data`` of an answer of Prometheus' API."""
    url = f"{address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    assert url.startswith("http://")
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http, see above
        said = json.load(answer)
    assert said["status"] == "success", said
    return said["data"]


def value(address: str, query: str) -> list[float]:
    """What the query gives now, without what is no number (0 of 0). An error fails."""
    found = ask(address, "query", query=query)["result"]
    return [number for sample in found if math.isfinite(number := float(sample["value"][1]))]


def answers(address: str, queries: Mapping[str, str], seconds: float) -> dict[str, list[float]]:
    """What each query gives, as soon as none gives nothing, or when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        found = {name: value(address, query) for name, query in queries.items()}
        if all(found.values()) or time.monotonic() > deadline:
            return found
        time.sleep(1)
