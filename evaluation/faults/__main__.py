"""``python -m evaluation.faults [--count N] [--seed S] [--kinds A,B] [--rate R] [--keep FOLDER]``. The last line on stdout is JSON.

Ctrl-C ends it after the fault of the moment, with the figures so far. Exit statuses: 0 nothing was lost and all the rest
holds; 1 something does not; 2 the call is wrong.
"""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from evaluation.faults.kinds import KINDS
from evaluation.faults.run import RATE, is_clean, run

COUNT = 200


def main() -> int:
    """Run the suite."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.faults", description="Faults on a real Kafka, under load."
    )
    parser.add_argument("--count", metavar="N", type=int, default=COUNT, help="how many faults")
    parser.add_argument("--seed", metavar="S", type=int, default=1, help="of the documents and the order of the faults")
    parser.add_argument("--kinds", metavar="A,B", type=_kinds, default=(), help="of these kinds alone")
    parser.add_argument("--rate", metavar="R", type=float, default=RATE, help="documents a second")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="where logs and topics stay; must not be there yet")
    call = parser.parse_args()
    stops: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: stops.append(number))
    with tempfile.TemporaryDirectory(prefix="stancewire-faults-") as folder:
        result = run(
            call.keep or Path(folder) / "run", call.count, call.seed, call.rate, lambda: bool(stops), call.kinds
        )
    sys.stdout.write(json.dumps({"task": "faults", **result}, default=str) + "\n")
    return 0 if is_clean(result) else 1


def _kinds(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - KINDS.keys():
        raise argparse.ArgumentTypeError(f"no kind: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
