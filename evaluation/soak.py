"""``python -m evaluation.soak [--documents N] [--minutes M]``: is everything flat over many documents? The last line is JSON.

All stages on a real Kafka, as busy as they can be: documents are published as fast as events come out, with a few hundred on
their way. They are those of the memory benchmark, Reuters items over and over with words and names that no document before
had, and every one goes through the models (``enrich_all``). The warm-up of the figures is the first fifth of the documents:
the window of dedup is full then, and every item was read once, so also the longest. Every few seconds each process of the
stages is looked at: its memory, open files and threads, and what spaCy's string store holds. ``docs/soak.svg`` is drawn of it
by a run that is not cut short.

Ctrl-C or ``--minutes`` ends it early, with the figures so far. Linux only. Exit statuses: 0 nothing was lost and the growth is
under its limits; 1 it is not; 2 the call or the data is wrong.
"""

import argparse
import itertools
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from evaluation.bench import BenchError
from evaluation.bench.memory import items, salted
from evaluation.bench.stages import PATIENCE, kafka, processes_of_stages, read_gauge, workers
from evaluation.data import DataError
from evaluation.picture import draw_lines
from services.consumer.follow import Follower
from services.producer.item import Item, Origin
from services.producer.publish import publish
from services.runtime.settings import Settings
from services.runtime.supervisor import Supervisor
from services.runtime.topology import STAGES, named

DOCUMENTS = 100_000
PICTURE = Path(__file__).parents[1] / "docs" / "soak.svg"
_PORTION = 200
"""Documents that are published at once …"""
_LEAD = 400
"""… when no more than so many are without an event: both heavy stages always have something to do."""
_EVERY_SECONDS = 10.0
_WARM_UP = 0.2
"""Share of the documents in which caches and the dedup window fill, and all items are read once."""
_SAMPLES = 5
"""The median of so many readings stands for a moment."""
_MB = 1_000_000
_LIMITS = {"memory_percent": 2.0, "strings_percent": 2.0, "files": 5.0, "threads": 2.0}
"""Growth from the warm-up's end to the run's, of any one role, that still counts as flat. A file of the table or a connection
that comes and goes makes some difference in files."""


@dataclass(frozen=True)
class Reading:
    """How a role's processes are at a moment: the sum over them."""

    memory_mb: float
    files: int
    threads: int


@dataclass
class Soak:
    """What was seen: ``moments`` are (documents with an event, seconds since the start, readings by role, spaCy's strings)."""

    published: int = 0
    moments: list[tuple[int, float, Mapping[str, Reading], float]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    repeats: int = 0
    failed: int = 0


def look() -> dict[str, Reading]:
    """The processes of the stages now, by role: a stage's name, or that with ``nlp`` for the children that run its models."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0, 0])
    for (name, pid), children in processes_of_stages().items():
        for role, one in ((name, pid), *((f"{name} nlp", child) for child in children)):
            try:
                folder = Path(f"/proc/{one}")
                if role.endswith("nlp") and b"resource_tracker" in (folder / "cmdline").read_bytes():
                    continue
                resident = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MB
                files = len(list((folder / "fd").iterdir()))
                threads = len(list((folder / "task").iterdir()))
            except OSError:
                continue  # it ended while it was looked at
            for at, value in enumerate((resident, files, threads)):
                sums[role][at] += value
    return {
        role: Reading(round(memory, 1), int(files), int(threads)) for role, (memory, files, threads) in sums.items()
    }


def run(documents: int, ended: Callable[[], bool]) -> dict[str, Any]:
    """Publish ``documents``, or fewer where it ``ended``, and look at the processes meanwhile.

    Raises:
        DataError: the Reuters items are not there. BenchError: the broker or the stages failed, or events stopped coming.
    """
    stream = salted(items())
    os.environ |= {
        "STANCEWIRE_DEDUP_POLICY": "enrich_all",
        "STANCEWIRE_DEDUP_WINDOW_DOCUMENTS": str(max(100, int(documents * _WARM_UP / 4))),
        "STANCEWIRE_DEDUP_REPLAY_DOCUMENTS": "1000",
    }
    soak = Soak()
    started = time.monotonic()
    with kafka() as settings, workers(STAGES, settings) as (supervisor,):
        _stream(soak, stream, documents, settings, supervisor, ended)
    return figures(soak, documents, time.monotonic() - started)


def _stream(
    soak: Soak,
    stream: Iterator[Any],
    documents: int,
    settings: Settings,
    supervisor: Supervisor,
    ended: Callable[[], bool],
) -> None:
    started = last = time.monotonic()
    due = started
    with Follower(settings, start="end", idle=0.5) as follower:
        while True:
            missing = soak.published - len(soak.done)
            if soak.published < documents and not ended():
                if missing < _LEAD:
                    _publish(soak, stream, min(_PORTION, documents - soak.published), settings)
            elif not missing:
                return
            supervisor.check()
            for received in follower:
                last = time.monotonic()
                soak.repeats += received.record.origin in soak.done
                soak.done.add(received.record.origin)
                soak.failed += received.event is None or received.event.rejection is not None
                if soak.published - len(soak.done) < _LEAD or last > due:
                    break
            if time.monotonic() > due:
                due = time.monotonic() + _EVERY_SECONDS
                strings = read_gauge(supervisor.port(named("entities")), "spacy_strings")
                soak.moments.append((len(soak.done), time.monotonic() - started, look(), strings))
                _say(soak, documents, time.monotonic() - started)
            if time.monotonic() - last > PATIENCE:
                raise BenchError(f"{soak.published - len(soak.done)} documents have no event")


def _publish(soak: Soak, stream: Iterator[Any], count: int, settings: Settings) -> None:
    numbered = itertools.islice(stream, count)
    found = [
        Item(
            Origin("soak", "line", number),
            json.dumps({"id": f"soak-{number}", "title": one.title, "text": one.text}).encode(),
            f"soak-{number}".encode(),
        )
        for number, one in enumerate(numbered, soak.published)
    ]
    report = publish(found, settings)
    if report.delivered != len(found):
        raise BenchError(f"{len(found) - report.delivered} documents were not delivered")
    soak.published += len(found)


def _say(soak: Soak, documents: int, seconds: float) -> None:
    if len(soak.moments) % 30 == 1:
        roles = {role: one.memory_mb for role, one in soak.moments[-1][2].items()}
        by_role = ", ".join(f"{role} {memory:.0f}" for role, memory in sorted(roles.items()))
        done = f"{len(soak.done)} of {documents} documents, {seconds / 60:.0f} minutes"
        sys.stderr.write(f"{done}, {sum(roles.values()):.0f} MB: {by_role}\n")


def figures(soak: Soak, documents: int, seconds: float) -> dict[str, Any]:
    """What came of it. Growth is from the end of the warm-up, a fifth of what was to be done, to the end."""
    whole = len(soak.done)
    after = [moment for moment in soak.moments if moment[0] >= _WARM_UP * documents]
    if len(after) < 2 * _SAMPLES:
        raise BenchError(f"{len(after)} readings after the warm-up are too few: it was too short")
    first, end = after[:_SAMPLES], after[-_SAMPLES:]
    roles = {}
    for role in sorted(set.intersection(*(set(moment[2]) for moment in (*first, *end)))):
        values = {
            name: tuple(median(getattr(moment[2][role], name) for moment in some) for some in (first, end))
            for name in ("memory_mb", "files", "threads")
        }
        roles[role] = {f"{name}_{when}": values[name][at] for name in values for at, when in enumerate(("warm", "end"))}
    strings = tuple(median(moment[3] for moment in some) for some in (first, end))
    growth = {
        "memory_percent": 100 * (_total(roles, "memory_mb_end") / _total(roles, "memory_mb_warm") - 1),
        "strings_percent": 100 * (strings[1] / strings[0] - 1),
        "files": max(role["files_end"] - role["files_warm"] for role in roles.values()),
        "threads": max(role["threads_end"] - role["threads_warm"] for role in roles.values()),
    }
    lost = soak.published - whole
    return {
        "documents": whole,
        "documents_per_second": whole / seconds,
        "lost": lost,
        "repeats": soak.repeats,
        "failed": soak.failed,
        "strings_warm": strings[0],
        "strings_end": strings[1],
        "growth": growth,
        "roles": roles,
        "flat": not lost and all(growth[name] <= limit for name, limit in _LIMITS.items()),
        "curve": [
            (done, round(at, 1), {role: vars(one) for role, one in readings.items()}, held)
            for done, at, readings, held in soak.moments
        ],
    }


def _total(roles: Mapping[str, Mapping[str, float]], name: str) -> float:
    return sum(role[name] for role in roles.values())


def draw(path: Path, curve: Sequence[Any]) -> None:
    """The picture of a run: memory, files and threads of each role, and spaCy's strings, over the documents in thousands."""
    roles = sorted({role for moment in curve for role in moment[2]})
    charts: list[tuple[str, dict[str, list[tuple[float, float]]]]] = [
        (
            title,
            {
                role: [(done / 1000, readings[role][name]) for done, _, readings, _ in curve if role in readings]
                for role in roles
            },
        )
        for title, name in (("Memory, MB", "memory_mb"), ("Open files", "files"), ("Threads", "threads"))
    ]
    charts.append(("spaCy's strings", {"entities nlp": [(moment[0] / 1000, moment[3]) for moment in curve]}))
    draw_lines(path, charts)


def main(arguments: Sequence[str]) -> int:
    """Run it, print a table and the JSON."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.soak", description="Is everything flat over days?")
    parser.add_argument("--documents", metavar="N", type=int, default=DOCUMENTS)
    parser.add_argument("--minutes", metavar="M", type=float, default=24 * 60.0, help="end after so long")
    call = parser.parse_args(arguments)
    stops: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: stops.append(number))
    until = time.monotonic() + 60 * call.minutes
    try:
        result = run(call.documents, lambda: bool(stops) or time.monotonic() > until)
    except (DataError, BenchError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1 if isinstance(error, BenchError) else 2
    curve = result.pop("curve")
    for role, row in result["roles"].items():
        sys.stderr.write(f"{role}: {', '.join(f'{name} {value:g}' for name, value in row.items())}\n")
    sys.stdout.write(json.dumps({"task": "soak", **result}) + "\n")
    sys.stdout.flush()  # the run took hours: the figures are there whatever becomes of the picture
    draw(PICTURE, curve)
    return 0 if result["flat"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
