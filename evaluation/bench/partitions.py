"""Workers and partitions: intake and dedup alone on a real Kafka, one, two and four workers on one, four and eight partitions.

A worker is a process of each of the two stages. One that has no partition of intake stands by, so there are never more workers than
partitions. Three in ten documents are copies made here of an article before them, half of them word for word, half with one word in
a hundred changed. Each run has documents of its own.

* ``documents_per_second``: by the broker's own times, from the first document to the last verdict. With more workers than cores
  they take turns, and it says little.
* ``intake_ms``, ``judge_ms``: processor time a document, Faust and the clients included: of intake in all workers together, and of
  the one dedup process that judged.
* ``joined_seconds``, ``left_seconds``, ``killed_seconds``: the longest time that a document waited for intake while a worker
  joined, ended after SIGTERM, and was killed with -9 (it joined twice: the longer one). ``calm_seconds`` is the same while nothing
  changes. The broker misses a worker that was killed after ``session_seconds``.
* ``verdicts_wrong``: documents whose verdict is not the one of the pure judge, alone in this process, over the order in which
  the works came to the real one: in all runs on so many partitions, whatever came and went.
* ``made_copies_joined``: made copies that came into one cluster with their article; ``from_elsewhere``: those that came in
  on another partition than their article.
* ``judge_documents_per_second_limit``: what one core of the judge's could do: all documents by all of its CPU seconds.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from evaluation.bench import BenchError
from evaluation.bench.rebalance import longest_wait
from evaluation.bench.stages import PATIENCE, await_out, cpu_of_stages, hiring, kafka, read_gauge
from evaluation.data import ARTICLES, Article, DataError, articles
from evaluation.recorded import Answer, expected, given
from services.consumer.tail import Tail
from services.producer.item import Item, Origin
from services.producer.publish import publish
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.supervisor import Supervisor
from services.runtime.topology import DOCUMENTS as SENT
from services.runtime.topology import ENRICHED, UNIQUE, Topic, select

DOCUMENTS = 1_000
"""Of each run."""
WORKERS = (1, 2, 4)
PARTITIONS = (1, 4, 8)
_COPIES = 0.3
"""Of a stream: about what wire services make of it."""
_CHANGED = 0.01
"""Of a near copy's words. Five in a hundred shingles change: a Jaccard similarity of 0.9."""
_WARM = 50
"""Articles read before the clock starts: the first ones find cold caches."""
_STAGES = select("dedup")


@dataclass(frozen=True)
class Sent:
    """A document to publish; ``of`` is the id of the article that it is a copy of."""

    id: str
    article: Article
    of: str | None = None


@dataclass(frozen=True)
class Stream:
    """The documents of one run, and those before them that are not measured."""

    warm: list[Sent]
    timed: list[Sent]


def measure(documents: int) -> dict[str, Any]:
    """The figures of each number of workers on each number of partitions, and what it costs that a worker comes or goes.

    Raises:
        DataError: the articles are not there, or too few. BenchError: the stages did not get the documents done.
    """
    streams = _streams(documents)
    runs: dict[str, Any] = {}
    waits: dict[str, Any] = {}
    copies: dict[str, Any] = {}
    with kafka() as settings:
        for partitions in PARTITIONS:
            ours = settings.model_copy(update={"prefix": f"bench-{partitions}-", "partitions": partitions})
            staff = [count for count in WORKERS if count <= partitions]
            its, waits[str(partitions)], copies[str(partitions)] = _on_partitions(ours, staff, streams)
            runs |= {f"{one['workers']} on {partitions}": one for one in its}
    judged = sum(one["judge_ms"] for one in runs.values()) / 1000
    return {
        "data": str(ARTICLES),
        "documents": documents,
        "cores": os.cpu_count(),
        "session_seconds": settings.session_seconds,
        "workers on partitions": runs,
        "longest wait": waits,
        "copies": copies,
        "judge_documents_per_second_limit": len(runs) / judged,
    }


def _streams(documents: int) -> list[Stream]:
    """One for each number of workers, with articles of its own."""
    originals = _WARM + round(documents * (1 - _COPIES))
    read = articles(len(WORKERS) * originals)
    if len(read) < len(WORKERS) * originals:
        raise DataError(
            f"{ARTICLES}: {len(read)} articles are too few for {len(WORKERS)} runs of {documents} documents"
        )
    made = []
    for count in WORKERS:
        own, read = read[:originals], read[originals:]
        warm = [Sent(f"warm-{count}-{number}", one) for number, one in enumerate(own[:_WARM])]
        made.append(Stream(warm, with_copies(own[_WARM:], documents, f"-{count}")))
    return made


def with_copies(read: Sequence[Article], count: int, mark: str = "") -> list[Sent]:
    """The articles in their order, with copies of earlier ones in between, ``count`` in all; the same each time.

    ``mark`` ends the ids.
    """
    choice = random.Random(1)  # noqa: S311 - any stream will do
    made: list[Sent] = []
    originals = [Sent(f"article-{number}{mark}", one) for number, one in enumerate(read)]
    copies = count - len(originals)
    taken = 0
    for place in [*sorted(choice.sample(range(1, count), copies)), count]:
        while len(made) < place:
            made.append(originals[taken])
            taken += 1
        if place < count:
            one = choice.choice(originals[:taken])
            text = one.article.text if choice.random() < 0.5 else _changed(one.article.text, choice)
            made.append(Sent(f"copy-{place}{mark}", Article(title=one.article.title, text=text), one.id))
    return made


def _changed(text: str, choice: random.Random) -> str:
    words = text.split(" ")
    for place in choice.sample(range(len(words)), max(1, round(_CHANGED * len(words)))):
        words[place] = "rewritten"
    return " ".join(words)


@dataclass(frozen=True)
class _Worker:
    """A worker at work, and the main processes of its stages."""

    supervisor: Supervisor
    processes: frozenset[int]


class _Staff:
    """The workers of now, in the order in which they came."""

    def __init__(self, hire: Callable[[], Supervisor]) -> None:
        self._hire = hire
        self.workers: list[_Worker] = []

    @property
    def supervisors(self) -> list[Supervisor]:
        return [one.supervisor for one in self.workers]

    def join(self) -> None:
        """One more; it is ready."""
        before = {pid for _, pid in cpu_of_stages()}
        supervisor = self._hire()
        self.workers.append(_Worker(supervisor, frozenset(pid for _, pid in cpu_of_stages()) - before))

    def leave(self) -> None:
        """One ends after SIGTERM."""
        self._busiest().supervisor.stop()

    def kill(self) -> None:
        """One is killed, and nobody starts it again."""
        for pid in self._busiest().processes:
            os.kill(pid, signal.SIGKILL)

    def _busiest(self) -> _Worker:
        """Take the one off that has the most partitions of intake."""
        intake = _STAGES[0]
        held = [read_gauge(one.supervisor.port(intake), "assigned_partitions") for one in self.workers]
        return self.workers.pop(held.index(max(held)))


def _on_partitions(
    settings: Settings, staff: Sequence[int], streams: Sequence[Stream]
) -> tuple[list[dict[str, Any]], dict[str, float], dict[str, int]]:
    """The runs of each number of workers in ``staff``, what waits while workers come and go then, and the copies of all runs."""
    with hiring(_STAGES, settings) as hire:
        ours = _Staff(hire)
        runs = []
        for count, stream in zip(staff, streams, strict=False):
            while len(ours.workers) < count:
                ours.join()
            runs.append(_run(settings, ours, stream))
        waits = _changes(settings, ours)
        right = expected(settings)
        said = _judged(settings, right.keys())
    timed = [one for stream in streams[: len(staff)] for one in stream.timed]
    sent = {_id(record): record for record in _read(settings, SENT)}
    answers = {name: (record, said[record.position]) for name, record in sent.items() if record.position in said}
    wrong = sum(said[origin] != answer for origin, answer in right.items())
    return runs, waits, _copies(timed, answers) | {"verdicts_wrong": wrong}


def _judged(settings: Settings, origins: Set[str]) -> dict[str, Answer]:
    """What the judge has said, when it has said something of all; a next one has to take over where it was killed."""
    deadline = time.monotonic() + PATIENCE
    while missing := origins - (said := given(settings)).keys():
        if time.monotonic() > deadline:
            raise BenchError(f"{len(missing)} of {len(origins)} documents were not judged after workers had changed")
        time.sleep(1)
    return said


def _run(settings: Settings, staff: _Staff, stream: Stream) -> dict[str, Any]:
    """Have the workers of now do the documents of a stream."""
    done = _out(settings)
    _send(settings, stream.warm)
    await_out(settings, staff.supervisors, [UNIQUE, ENRICHED], done + len(stream.warm))
    before = cpu_of_stages()
    _send(settings, stream.timed)
    await_out(settings, staff.supervisors, [UNIQUE, ENRICHED], done + len(stream.warm) + len(stream.timed))
    after = cpu_of_stages()
    used = {key: (after[key].main - before[key].main) + (after[key].children - before[key].children) for key in after}
    ids = {one.id for one in stream.timed}
    began = min(record.timestamp for record in _read(settings, SENT) if _id(record) in ids)
    ended = max(record.timestamp for topic in (UNIQUE, ENRICHED) for record in _read(settings, topic))
    return {
        "workers": len(staff.workers),
        "partitions": settings.partitions,
        "documents_per_second": len(stream.timed) / (ended - began),
        "intake_ms": 1000 * sum(value for (name, _), value in used.items() if name == "intake") / len(stream.timed),
        "judge_ms": 1000 * max(value for (name, _), value in used.items() if name == "dedup") / len(stream.timed),
    }


def _changes(settings: Settings, staff: _Staff) -> dict[str, float]:
    """Seconds that documents wait at most while nothing changes, and while workers come and go."""
    calm = longest_wait(settings, lambda: None)
    joined = [longest_wait(settings, staff.join)]
    left = longest_wait(settings, staff.leave)
    joined.append(longest_wait(settings, staff.join))
    killed = longest_wait(settings, staff.kill, settings.session_seconds)
    return {"calm_seconds": calm, "joined_seconds": max(joined), "left_seconds": left, "killed_seconds": killed}


def _out(settings: Settings) -> int:
    """Documents that have come out so far."""
    return sum(len(_read(settings, topic)) for topic in (UNIQUE, ENRICHED))


def _copies(timed: Sequence[Sent], answers: Mapping[str, tuple[Record, Answer]]) -> dict[str, int]:
    """How many copies were found, and what became of those that were made."""
    ours = {one.id for one in timed}
    verdicts = Counter(its.duplicate.verdict for name, (_, its) in answers.items() if name in ours and its.duplicate)
    joined = elsewhere = 0
    for one in timed:
        if one.of is None or one.id not in answers or one.of not in answers:
            continue
        (copy, its), (article, of) = answers[one.id], answers[one.of]
        elsewhere += copy.partition != article.partition
        joined += (
            its.duplicate is not None and of.duplicate is not None and its.duplicate.cluster == of.duplicate.cluster
        )
    return {
        "copies_made": sum(one.of is not None for one in timed),
        "copies_found": sum(verdicts.values()) - verdicts["unique"],
        "made_copies_joined": joined,
        "from_elsewhere": elsewhere,
    }


def _id(record: Record) -> str:
    return (record.key or b"").decode()


def _send(settings: Settings, documents: Sequence[Sent]) -> None:
    report = publish(
        [
            Item(
                Origin("bench", "line", number),
                json.dumps({"id": one.id, "title": one.article.title, "text": one.article.text}).encode(),
                one.id.encode(),
            )
            for number, one in enumerate(documents, start=1)
        ],
        settings,
    )
    if report.delivered != len(documents):
        raise BenchError(f"{report.delivered} of {len(documents)} documents were delivered")


def _read(settings: Settings, topic: Topic) -> list[Record]:
    with Tail(settings, topic, to_end=True) as tail:
        return list(tail)
