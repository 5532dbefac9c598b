"""What is measured of each program, in rounds, so that a slower minute of the machine hits all.

In each round every program is started alone, on topics of its own on one broker, and reads the same documents: some to be warm,
then as many without copies, with 30 % and with 60 % of them copies (half word for word, half with one word in a hundred changed).
Figures are medians of the rounds. ``ratio`` and ``ratio_per_second`` are medians of the ratios of each round to the limit, the
same models in as many processes without Kafka; ``ratio_30`` and ``ratio_60`` to the naive app. The order turns with the rounds.
Nothing is timed while a program still starts: its processes have read documents, and have nothing to do.

* ``cpu_ms``: processor time a document of all processes of the program, the broker's not; ``_30`` and ``_60`` with so many copies.
* ``per_second``: documents a second, all sent at once, until the last event is read.
* ``memory_mb``: what its processes hold after that; what they share counts once (PSS).
* ``start_seconds``: until the event of a document that was there before.
* ``read_30``, ``read_60``: of the documents with so many copies, the share that has an event with the status ``enriched``. What
  Stancewire finds to be a copy that says nothing new it does not read again.

In the last round documents come at 25, 50 and 75 % of what the program has just passed, at random moments, whatever comes out
(an open loop). Latency is from the moment at which a document is due to the moment at which its event is read. ``stages``: of
Stancewire at 50 %, the time from one topic to the next, by the stamps of the messages, and of that the work.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from evaluation.bench.partitions import Sent, with_copies
from evaluation.bench.peers.exchange import Exchange
from evaluation.bench.peers.hands import hands
from evaluation.bench.peers.programs import NAIVE, OURS, PROCESSES, PROGRAMS, Program, running
from evaluation.bench.stages import kafka
from evaluation.data import ARTICLES, SEEDS, Article, DataError, articles, seeds
from evaluation.picture import draw_bars
from evaluation.stock import MEDIUM, SMALL
from schemas import Event, Status
from services.consumer.tail import Tail
from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, STAGES

PICTURE = Path(__file__).parents[3] / "docs" / "performance.svg"
LIMIT = "models alone"
_ALONE = {LIMIT: (), "nlp.pipe, en_core_web_sm": (SMALL,), "nlp.pipe, en_core_web_md": (MEDIUM,)}
"""Programs that know no Kafka, by name: what ``alone`` is told."""
_RATIOS = (
    ("ratio", "cpu_ms", LIMIT),
    ("ratio_per_second", "per_second", LIMIT),
    ("ratio_30", "cpu_ms_30", NAIVE),
    ("ratio_60", "cpu_ms_60", NAIVE),
)
"""Column, figure, and the program whose figure of the same round it is divided by."""
_ROUNDS = 3
_WARM = 9
"""Documents read before anything is measured, the first of them alone: with it the program has started."""
SHARES = (0, 30, 60)
"""Percent of the documents that are copies."""
LOADS = (25, 50, 75)
"""Percent of what a program passes."""
_AT_EACH_LOAD = 2
"""Times the documents of a share: a percentile needs more of them than a sum."""

Figures = dict[str, float]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Documents:
    """What one program reads in one round; no document twice."""

    warm: list[Sent]
    shares: dict[int, list[Sent]]
    loads: dict[int, list[Sent]]


def deal(read: Sequence[Article], count: int, last: bool) -> Documents:
    """``count`` documents for each share, and in the ``last`` round those of the loads; ``read`` has ``needed(count)``."""
    left = iter(read)

    def take(number: int) -> list[Article]:
        return [next(left) for _ in range(number)]

    def named(made: Sequence[Sent], what: str) -> list[Sent]:
        return [Sent(f"{what}-{one.id}", one.article, one.of and f"{what}-{one.of}") for one in made]

    warm = named(with_copies(take(_WARM), _WARM), "warm")
    shares = {share: named(with_copies(take(_originals(count, share)), count), f"share-{share}") for share in SHARES}
    many = _AT_EACH_LOAD * count
    loads = {load: named(with_copies(take(many), many), f"load-{load}") for load in LOADS} if last else {}
    return Documents(warm, shares, loads)


def needed(count: int) -> int:
    """Articles that one round with loads takes for ``count`` documents at each share."""
    return _WARM + sum(_originals(count, share) for share in SHARES) + len(LOADS) * _AT_EACH_LOAD * count


def _originals(count: int, share: int) -> int:
    return max(1, round(count * (100 - share) / 100))


def moments(count: int, per_second: float) -> list[float]:
    """Seconds at which ``count`` documents are due that come at random, so many a second; the same each time."""
    choice = random.Random(1)  # noqa: S311 - any stream will do
    at, due = 0.0, []
    for _ in range(count):
        due.append(at)
        at += choice.expovariate(per_second)
    return due


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of ``values`` that so many percent are not above (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -int(-len(ranked) * percent // 100) - 1)]


def summed(rounds: Sequence[Mapping[str, Figures]]) -> dict[str, dict[str, float | None]]:
    """By program the medians of its figures, and ``ratio`` and ``ratio_per_second`` to the limit, round by round."""
    names = [name for name in rounds[0] if all(name in one for one in rounds)]
    columns = list(dict.fromkeys(figure for one in rounds for name in names for figure in one[name]))
    table: dict[str, dict[str, float | None]] = {}
    for name in names:
        row: dict[str, float | None] = {}
        for column, of, to in _RATIOS:
            pairs = [(one[name].get(of), one[to].get(of)) for one in rounds]
            ratios = [value / base for value, base in pairs if value and base]
            row[column] = median(ratios) if ratios else None
        for column in columns:
            values = [one[name][column] for one in rounds if column in one[name]]
            row[column] = median(values) if values else None
        table[name] = row
    return table


def measure(documents: int) -> dict[str, Any]:
    """The table of all programs, their latencies, and where the time of Stancewire goes.

    Raises:
        DataError: neither the articles nor the seeds are there. BenchError: a program did not get the documents done.
    """
    read, data = _articles(_ROUNDS * needed(max(1, documents // _ROUNDS)))
    count = max(1, documents // _ROUNDS)
    while needed(count) > len(read):
        count -= 1
        if not count:
            raise DataError(f"{data}: {len(read)} articles are too few")
    skipped = {program.name: program.missing for program in PROGRAMS if program.missing}
    present = [program for program in PROGRAMS if not program.missing]
    rounds: list[dict[str, Figures]] = []
    ours: list[Figures] = []
    latency: dict[str, Figures] = {}
    stages: dict[str, Figures] = {}
    with kafka() as settings:
        for number in range(_ROUNDS):
            last = number == _ROUNDS - 1
            own = read[number * needed(count) :] if len(read) >= _ROUNDS * needed(count) else read
            dealt = deal(own, count, last)
            found: dict[str, Figures] = {}
            for name, arguments in _turned(list(_ALONE.items()), number):
                found[name] = _without_kafka(arguments, dealt, settings.data_dir)
            for program in _turned(present, number):
                its = settings.model_copy(update={"prefix": f"bench-{number}-{program.module or 'ours'}-"})
                its = its.model_copy(update={"partitions": PROCESSES, "data_dir": settings.data_dir / its.prefix})
                with _at_work(program, its, dealt) as run:
                    found[program.name] = run.figures
                    if last:
                        latency[program.name] = run.latencies(dealt)
                    if program.name == OURS:
                        ours.append(run.stages)
                        stages = run.hops(dealt) if last else stages
            rounds.append({name: found[name] for name in (*_ALONE, *(one.name for one in present))})
    programs = summed(rounds)
    draw_bars(PICTURE, _charts(programs, latency))
    return {
        "data": data,
        "documents": count * len(rounds),
        "rounds": len(rounds),
        "processes": PROCESSES,
        "programs": programs,
        "latency_ms": latency,
        "stages_ms": stages,
        "cpu_ms_by_stage": {part: median(one[part] for one in ours) for part in ours[0]},
        "skipped": skipped,
    }


def _turned(those: list[_T], number: int) -> list[_T]:
    start = number % len(those)
    return those[start:] + those[:start]


def _articles(count: int) -> tuple[list[Article], str]:
    """The articles, or the stories of ``seeds/`` where they are not there: fewer, the same in each round."""
    try:
        return articles(count), str(ARTICLES)
    except DataError:
        return seeds(), str(SEEDS)


def _without_kafka(arguments: Sequence[str], dealt: Documents, folder: Path) -> Figures:
    began = time.monotonic()
    with hands(arguments, PROCESSES, folder) as run:
        run.warm([dealt.warm[0].article])
        start = time.monotonic() - began
        run.warm([one.article for one in dealt.warm])
        run.processes.settle()
        timed = [one.article for one in dealt.shares[0]]
        before = run.processes.cpu_seconds()
        seconds = run(timed)
        return {
            "cpu_ms": 1000 * (run.processes.cpu_seconds() - before) / len(timed),
            "per_second": len(timed) / seconds,
            "memory_mb": run.processes.memory_mb(),
            "start_seconds": start,
        }


class _Run:
    """A program that has read the shares."""

    def __init__(self, settings: Settings, exchange: Exchange, processes: Any) -> None:
        self._settings = settings
        self._exchange = exchange
        self._processes = processes
        self.figures: Figures = {}
        self.stages: Figures = {}
        self.events: dict[str, Event] = {}

    def read(self, dealt: Documents, began: float) -> None:
        """Read the warm documents and the shares; the program was started when it ``began``."""
        self._exchange(dealt.warm[:1], self._processes.check)
        start = time.monotonic() - began
        self._processes.settle()  # another of its processes may have just begun
        self._exchange(dealt.warm[1:], self._processes.check)
        self._processes.settle()
        for share, documents in dealt.shares.items():
            ending = f"_{share}" if share else ""
            before, parts = self._processes.cpu_seconds(), self._processes.by_stage()
            passed = self._exchange(documents, self._processes.check)
            used = self._processes.cpu_seconds() - before
            self.figures[f"cpu_ms{ending}"] = 1000 * used / len(documents)
            self.figures[f"per_second{ending}"] = len(documents) / passed.seconds
            if share:
                enriched = sum(status == Status.ENRICHED for status in passed.statuses.values())
                self.figures[f"read{ending}"] = enriched / len(documents)
                continue
            after = self._processes.by_stage()
            self.stages = {part: 1000 * (after[part] - parts[part]) / len(documents) for part in after}
        self.figures |= {"memory_mb": self._processes.memory_mb(), "start_seconds": start}

    def latencies(self, dealt: Documents) -> Figures:
        """Milliseconds at each load."""
        found: Figures = {}
        for load, documents in dealt.loads.items():
            due = moments(len(documents), self.figures["per_second"] * load / 100)
            passed = self._exchange(documents, self._processes.check, due)
            for percent in (50, 99):
                found[f"p{percent}_at_{load}"] = 1000 * percentile(list(passed.latencies.values()), percent)
        return found

    def hops(self, dealt: Documents) -> dict[str, Figures]:
        """Of Stancewire at the middle load: milliseconds from the topic that a stage reads to the one that it writes."""
        wanted = {one.id for one in dealt.loads[LOADS[len(LOADS) // 2]]}
        stamps: dict[str, dict[str, float]] = {}
        work: dict[str, Mapping[str, float]] = {}
        for topic in (DOCUMENTS, *(stage.writes[0] for stage in STAGES)):
            with Tail(self._settings, topic, to_end=True) as tail:
                records = {key: one for one in tail if (key := (one.key or b"").decode()) in wanted}
            stamps[topic.name] = {key: one.timestamp for key, one in records.items()}
        for key, one in records.items():  # of the last topic, which has the events
            work[key] = Event.read(one.value or b"").processing.stage_seconds
        found: dict[str, Figures] = {}
        for stage in STAGES:
            came, went = stamps[stage.reads.name], stamps[stage.writes[0].name]
            taken = [1000 * (went[key] - came[key]) for key in went]
            worked = [1000 * its.get(stage.name, 0.0) for its in work.values()]
            found[stage.name] = {
                "p50": percentile(taken, 50),
                "p99": percentile(taken, 99),
                "work_p50": percentile(worked, 50),
                "work_p99": percentile(worked, 99),
            }
        return found


@contextmanager
def _at_work(program: Program, settings: Settings, dealt: Documents) -> Iterator[_Run]:
    topics.create(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    exchange = Exchange(settings)
    try:
        began = time.monotonic()
        with running(program, settings) as processes:
            run = _Run(settings, exchange, processes)
            run.read(dealt, began)
            yield run
    finally:
        exchange.close()


def _charts(
    programs: Mapping[str, Mapping[str, float | None]], latency: Mapping[str, Figures]
) -> list[tuple[str, dict[str, float]]]:
    """Title and bars of each chart of the picture."""
    columns: dict[str, dict[str, float]] = defaultdict(dict)
    for name, row in programs.items():
        for column, value in row.items():
            if value is not None:
                columns[column][name] = value
    return [
        ("Processor time a document, ms", columns["cpu_ms"]),
        ("The same with 30 % copies, ms", columns["cpu_ms_30"]),
        ("Memory, MB", columns["memory_mb"]),
        ("Latency at half of what it passes, median, ms", {name: row["p50_at_50"] for name, row in latency.items()}),
    ]
