"""Asking the stages of a worker on this machine whether they are ready: ``python -m services.runtime.asking [STAGES]``.

Status 0 where every stage is, as a container's health check needs it; else 1, and the stages that are not are named.
"""

import json
import sys
import urllib.error
import urllib.request
from http import HTTPStatus

from services.runtime.settings import Settings, SettingsError, load
from services.runtime.topology import select


def reachable(host: str) -> str:
    """Where on this machine to ask for what listens on ``host``."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound


def answer(host: str, port: int, what: str, seconds: float) -> bool | None:
    """What a stage says of itself at ``/ready`` or ``/live``; None where no answer came in time."""
    at = reachable(host)
    try:
        with urllib.request.urlopen(f"http://{f'[{at}]' if ':' in at else at}:{port}/{what}", timeout=seconds) as said:
            return bool(json.load(said)["ok"])
    except urllib.error.HTTPError as error:
        return False if error.code == HTTPStatus.SERVICE_UNAVAILABLE else None
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return None


def main(arguments: list[str]) -> int:
    """The status to exit with. ``arguments``: stages, separated by commas; all when not given."""
    try:
        settings = load(Settings)
        stages = select(arguments[0] if arguments else None)
    except (SettingsError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 2
    waiting = [
        stage.name
        for stage in stages
        if not answer(settings.http_host, settings.http_port + stage.port, "ready", seconds=3)
    ]
    if waiting:
        print(f"not ready: {', '.join(waiting)}", file=sys.stderr)  # noqa: T201
    return int(bool(waiting))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
