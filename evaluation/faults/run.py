"""One run: documents are sent all the time, a fault comes after the other, and in the end all that was sent is accounted for.

After each fault the stages are stopped for a moment and their books are looked at; then the run waits until the workers have
recovered, and goes on. What recovery is, and all that is checked, is defined in ``books``.
"""

import math
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from deploy import broker
from evaluation.faults import FaultsError
from evaluation.faults.books import READ, Books, Findings
from evaluation.faults.cluster import Cluster
from evaluation.faults.follower import Follower
from evaluation.faults.kinds import SPARE, Kind, Scene, plan, possible
from evaluation.faults.load import Load
from evaluation.recorded import expected, expected_stories
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, group

RATE = 8.0
"""Documents a second, when nothing is said: a third of what two cores do, so that what piled up is done soon."""
PARTITIONS = 4
NODES = 3
"""Of the broker, in a whole run: what befalls one node, two or all of them, under one load and in one set of books."""
_SESSION_SECONDS = 6.0
"""The shortest that brokers allow."""
_PATIENCE = 300.0
"""Seconds after which workers that have not recovered are stuck: the longest chain of time-outs is the broker's request, 60 s, and
a restart; twice that, for a machine with other work."""
_CALL_MS = 5_000


@dataclass
class _Struck:
    """A fault, when it began, and how long the recovery took."""

    kind: str
    at: float
    lasted: float
    recovery: float


@dataclass
class _Audits:
    """Looks at the books in the middle of the run."""

    looks: int = 0
    offsets: int = 0
    ahead: list[str] = field(default_factory=list)


class Run:
    """A cluster under load, its books, and what was done to it."""

    def __init__(self, cluster: Cluster, seed: int, rate: float) -> None:
        self.books = Books()
        self.struck: list[_Struck] = []
        self.audits = _Audits()
        self._cluster = cluster
        self._follower = Follower(cluster.settings, self.books)
        self.load = Load(cluster.settings, seed, rate, self.books.waiting)
        choice = random.Random(seed)  # noqa: S311 - any stream will do
        self.scene = Scene(cluster, self.load, self.books, choice, self.audit)

    def begin(self) -> None:
        """Wait until documents pass through all stages.

        Raises:
            FaultsError: they do not.
        """
        self._recover("start", time.time())

    def strike(self, name: str, kind: Kind) -> None:
        """One fault, and the recovery from it.

        Raises:
            FaultsError: there was none.
        """
        started = time.time()
        try:
            kind.strike(self.scene)
        except (OSError, KafkaError, broker.BrokerError) as error:
            raise FaultsError(f"{name} could not be struck: {error}") from error
        ended = time.time()
        self.audit()
        self.struck.append(_Struck(name, started, ended - started, self._recover(name, ended)))

    def audit(self) -> None:
        """Compare what the stages have committed with what is on their output topics, while nothing moves."""
        with self._cluster.frozen():
            try:
                committed, ends = offsets(self._cluster.settings)
            except (KafkaError, OSError):
                return  # the broker is away: the next look sees more
        deadline = time.monotonic() + _PATIENCE
        while not self.books.has_read(ends):
            self._follower.check()
            if time.monotonic() > deadline:
                raise FaultsError("the topics could not be read to their ends")
            time.sleep(0.05)
        self.audits.looks += 1
        for stage in STAGES:
            looked, ahead = self.books.ahead(stage, committed[stage.name], ends)
            self.audits.offsets += looked
            self.audits.ahead += ahead

    def finish(self) -> Findings:
        """Send no more, wait until all has come out and is committed, stop the workers, and judge.

        Raises:
            FaultsError: offsets were left that nobody commits.
        """
        self.load.close()
        still_since, waiting = time.monotonic(), -1
        while (now := self.books.waiting()) and time.monotonic() - still_since < _PATIENCE:
            if now != waiting:
                still_since, waiting = time.monotonic(), now
            self._look()
        deadline = time.monotonic() + 30
        while any((lags := uncommitted(self._cluster.settings)).values()) and not now:
            if time.monotonic() > deadline:
                raise FaultsError(f"not committed: {lags}")
            time.sleep(0.5)
        self.audit()
        for name in list(self._cluster.workers):
            self._cluster.terminate(name)
        right = expected(self._cluster.settings)
        stories, _ = expected_stories(self._cluster.settings)
        _, ends = offsets(self._cluster.settings)
        while not self.books.has_read(ends):
            self._look()
        self._follower.close()
        return self.books.check(right, stories)

    def _recover(self, name: str, since: float) -> float:
        deadline = time.monotonic() + _PATIENCE
        while (at := self.books.recovered(since, self._cluster.partitions)) is None:
            if time.monotonic() > deadline:
                raise FaultsError(
                    f"no recovery from {name} in {_PATIENCE:.0f} s; the logs are in {self._cluster.folder}"
                )
            self._look()
        return max(0.0, at - since)

    def _look(self) -> None:
        self._follower.check()
        self._cluster.check()
        time.sleep(0.1)


def offsets(settings: Settings) -> tuple[dict[str, dict[int, int]], dict[tuple[str, int], int]]:
    """What each stage's group has committed, by partition, and then where the topics end, by topic and partition.

    Raises:
        KafkaError: the broker does not say.
    """
    options = client_options(settings) | {"request_timeout_ms": _CALL_MS, "bootstrap_timeout_ms": _CALL_MS}
    admin = KafkaAdminClient(**options)
    try:
        committed: dict[str, dict[int, int]] = {}
        for stage in STAGES:
            name = group(settings.prefix, stage)
            found = admin.list_group_offsets(name)
            places = found.get(name, found)
            source = settings.prefix + stage.reads.name
            committed[stage.name] = {
                tp.partition: place.offset for tp, place in places.items() if tp.topic == source and place.offset >= 0
            }
    finally:
        admin.close()
    consumer = KafkaConsumer(**options)
    try:
        tps = [
            TopicPartition(settings.prefix + name, number)
            for name in READ
            for number in consumer.partitions_for_topic(settings.prefix + name) or ()
        ]
        ends = consumer.end_offsets(tps)
    finally:
        consumer.close(autocommit=False)
    return committed, {(tp.topic.removeprefix(settings.prefix), tp.partition): end for tp, end in ends.items()}


def uncommitted(settings: Settings) -> dict[str, int]:
    """Records that are not committed, by stage."""
    committed, ends = offsets(settings)
    return {
        stage.name: sum(
            end - committed[stage.name].get(number, 0)
            for (name, number), end in ends.items()
            if name == stage.reads.name
        )
        for stage in STAGES
    }


@contextmanager
def cluster(
    folder: Path, workers: Sequence[str] = ("one", "two"), nodes: int = 1, **settings: Any
) -> Iterator[Cluster]:
    """A cluster with these workers, ready, and a spare one that does not run; ``nodes``: of its broker."""
    with ExitStack() as stack:
        made = Cluster(
            folder,
            (*workers, SPARE),
            stack,
            nodes,
            **{
                "partitions": PARTITIONS,
                "session_seconds": _SESSION_SECONDS,
                "document_seconds": 10.0,
                "drain_seconds": 20.0,
            }
            | settings,
        )
        for name in workers:
            made.start(name)
        made.await_ready()
        yield made


def run(
    folder: Path, count: int, seed: int, rate: float, stopped: Callable[[], bool], only: Collection[str] = ()
) -> dict[str, Any]:
    """``count`` faults, planned by ``seed``, fewer where ``stopped`` says so; their figures. ``only``: of these kinds, if any.

    Raises:
        FaultsError: the run could not be brought to its end.
    """
    started = time.monotonic()
    with cluster(folder, nodes=NODES) as made:
        kinds, left_out = possible(made)
        kinds = {name: kind for name, kind in kinds.items() if not only or name in only}
        one = Run(made, seed, rate)
        one.begin()
        stuck = None
        try:
            for number, name in enumerate(plan(kinds, count, seed), 1):
                if stopped():
                    break
                one.strike(name, kinds[name])
                _say(number, count, one)
        except FaultsError as error:
            stuck = str(error)
            _say_line(f"stuck: {stuck}")
        findings = one.finish()
        return figures(one, findings, made.ended) | {
            "stuck": stuck,
            "left_out": left_out,
            "workers_ended": made.ended,
            "not_sent": len(one.load.failed),
            "rate": rate,
            "seed": seed,
            "data": one.load.data,
            "seconds": time.monotonic() - started,
        }


def figures(one: Run, found: Findings, ended: Sequence[str]) -> dict[str, Any]:
    """The run in figures; examples of what is wrong go to stderr."""
    wrong = found.faults | {"ahead": one.audits.ahead, "workers_ended": ended}
    for name, cases in wrong.items():
        for case in list(cases)[:_NAMED]:
            _say_line(f"{name}: {case}")
    recoveries = [struck.recovery for struck in one.struck]
    by_kind: dict[str, list[float]] = defaultdict(list)
    for struck in one.struck:
        by_kind[struck.kind].append(struck.recovery)
    return {
        "faults": len(one.struck),
        "documents": found.inputs,
        **{name: len(cases) for name, cases in found.faults.items()},
        "repeats": found.repeats,
        "ahead": len(one.audits.ahead),
        "audits": one.audits.looks,
        "offsets_audited": one.audits.offsets,
        "dead_letters": found.statuses.get("dead_lettered", 0),
        "statuses": found.statuses,
        "recovery_seconds_p50": statistics.median(recoveries) if recoveries else math.nan,
        "recovery_seconds_max": max(recoveries, default=math.nan),
        "kinds": {
            name: {
                "faults": len(all_),
                "recovery_seconds_p50": statistics.median(all_),
                "recovery_seconds_max": max(all_),
            }
            for name, all_ in sorted(by_kind.items())
        },
    }


def is_clean(result: Mapping[str, Any]) -> bool:
    """Whether nothing that must not be was found."""
    nothing = (
        "lost",
        "strays",
        "changed",
        "self_duplicates",
        "disordered",
        "wrong_verdicts",
        "wrong_stories",
        "unexpected",
        "without_letter",
    )
    return not any(result[name] for name in (*nothing, "ahead", "stuck", "not_sent", "workers_ended"))


_NAMED = 5
"""Cases of each kind of wrong that are named."""


def _say(number: int, count: int, one: Run) -> None:
    struck = one.struck[-1]
    _say_line(
        f"{number}/{count} {struck.kind}: lasted {struck.lasted:.1f} s, recovered in {struck.recovery:.1f} s; "
        f"{len(one.books.inputs)} documents, {one.books.waiting()} under work, {len(one.audits.ahead)} ahead"
    )


def _say_line(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()
