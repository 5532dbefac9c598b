"""What Prometheus scrapes, from the table of stages: ``python -m deploy.prometheus.targets FILE WORKER …``.

It writes one entry for each worker's host, with the ports of all stages, one for the canaries' (``--canary HOST``), and one for
what is named besides (``--also HOST:PORT``). Where workers come and go under one name, as with ``docker compose up --scale``,
``--dns`` writes a whole configuration that asks for all addresses of the name.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from yaml import CSafeLoader

from services.canary.settings import CanarySettings
from services.runtime.settings import Settings, load
from services.runtime.topology import STAGES

_CONFIGURATION = Path(__file__).with_name("prometheus.yml")


def ports() -> list[int]:
    """Where the stages of a worker are scraped, as STANCEWIRE_HTTP_PORT says here."""
    return [load(Settings).http_port + stage.port for stage in STAGES]


def targets(workers: Sequence[str], canary: str | None, also: Sequence[str] = ()) -> list[dict[str, list[str]]]:
    """What a file of Prometheus' ``file_sd_configs`` holds, for workers and canaries on these hosts, and addresses of sinks.

    The ports are those that STANCEWIRE_HTTP_PORT and STANCEWIRE_CANARY_PORT say here.
    """
    found = [[f"{host}:{port}" for port in ports()] for host in workers]
    if canary is not None:
        found.append([f"{canary}:{load(CanarySettings).port}"])
    if also:
        found.append([*also])
    return [{"targets": group} for group in found]


def configuration(names: Sequence[str], canary: str | None, rules: Path, also: Sequence[str] = ()) -> dict[str, Any]:
    """Our ``prometheus.yml``, but each name stands for as many processes as it has addresses, and for none where it has none.

    ``names``: of workers; ``also``: name:port of others; ``rules``: the folder of the rules.
    """
    made: dict[str, Any] = CSafeLoader(_CONFIGURATION.read_text("utf-8")).get_single_data()
    made["rule_files"] = [str(rules / Path(one).name) for one in made["rule_files"]]
    (job,) = made["scrape_configs"]
    del job["file_sd_configs"]
    others = [one.rpartition(":") for one in also]
    asked = [(list(names), port) for port in ports()] + [([host], int(port)) for host, _, port in others]
    job["dns_sd_configs"] = [
        {"names": hosts, "type": "A", "port": port, "refresh_interval": "5s"} for hosts, port in asked
    ]
    job["static_configs"] = targets([], canary)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m deploy.prometheus.targets", description="Write targets.json.")
    parser.add_argument("file", type=Path, help="where to write, such as /etc/prometheus/targets.json")
    parser.add_argument("workers", nargs="+", help="hosts of workers")
    parser.add_argument("--canary", help="the host of the canaries")
    parser.add_argument(
        "--dns",
        type=Path,
        metavar="RULES",
        help="write a whole prometheus.yml, in which a name stands for all its addresses; RULES: the folder of the rules",
    )
    parser.add_argument(
        "--also",
        metavar="HOST:PORT",
        action="append",
        default=[],
        help="the address of a sink or of `stancewire serve`; repeatable",
    )
    chosen = parser.parse_args(arguments)
    written: Any = targets(chosen.workers, chosen.canary, chosen.also)
    if chosen.dns is not None:
        written = configuration(chosen.workers, chosen.canary, chosen.dns, chosen.also)
    chosen.file.write_text(json.dumps(written) + "\n")  # what is JSON is YAML, too


if __name__ == "__main__":
    main()
