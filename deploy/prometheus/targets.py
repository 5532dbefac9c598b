"""What Prometheus scrapes, from the table of stages: ``python -m deploy.prometheus.targets FILE WORKER …``.

It writes one entry for each worker's host, with the ports of all stages, one for the canaries' (``--canary HOST``), and one for
what is named besides (``--also HOST:PORT``).
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from services.canary.settings import CanarySettings
from services.runtime.settings import Settings, load
from services.runtime.topology import STAGES


def targets(workers: Sequence[str], canary: str | None, also: Sequence[str] = ()) -> list[dict[str, list[str]]]:
    """What a file of Prometheus' ``file_sd_configs`` holds, for workers and canaries on these hosts, and addresses of sinks.

    The ports are those that STANCEWIRE_HTTP_PORT and STANCEWIRE_CANARY_PORT say here.
    """
    base = load(Settings).http_port
    found = [[f"{host}:{base + stage.port}" for stage in STAGES] for host in workers]
    if canary is not None:
        found.append([f"{canary}:{load(CanarySettings).port}"])
    if also:
        found.append([*also])
    return [{"targets": group} for group in found]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m deploy.prometheus.targets", description="Write targets.json.")
    parser.add_argument("file", type=Path, help="where to write, such as /etc/prometheus/targets.json")
    parser.add_argument("workers", nargs="+", help="hosts of workers")
    parser.add_argument("--canary", help="the host of the canaries")
    parser.add_argument(
        "--also", metavar="HOST:PORT", action="append", default=[], help="the address of a sink; repeatable"
    )
    chosen = parser.parse_args(arguments)
    chosen.file.write_text(json.dumps(targets(chosen.workers, chosen.canary, chosen.also)) + "\n")


if __name__ == "__main__":
    main()
