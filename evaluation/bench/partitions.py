"""Copies across partitions: intake and dedup alone on a real Kafka, the documents in one, two and four partitions.

Three in ten documents are copies made here of an article before them, half of them word for word, half with one word in a
hundred changed. Each run has as many workers as partitions, at most as many as there are cores, since more would only
take turns; one of them holds the judge. Seconds are the broker's own times, from the first document to the last verdict.

* ``verdicts_wrong``: documents whose verdict is not the one of the pure judge, alone in this process, over the order in which
  the works came to the real one.
* ``made_copies_joined``: made copies that came into one cluster with their article; ``from_elsewhere``: those that came in
  on another partition than their article.
* ``intake_ms``, ``judge_ms``: CPU a document, Faust and the clients included; of the judge, the process that judged.
* ``judge_documents_per_second_limit``: what one core of the judge's could do: all documents by all of its CPU seconds.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.bench import BenchError
from evaluation.bench.stages import await_out, cpu_of_stages, kafka, workers
from evaluation.data import ARTICLES, Article, DataError, articles
from evaluation.recorded import Answer, expected, given
from services.consumer.tail import Tail
from services.producer.item import Item, Origin
from services.producer.publish import publish
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS as SENT
from services.runtime.topology import ENRICHED, UNIQUE, Topic, select

DOCUMENTS = 5_000
PARTITIONS = (1, 2, 4)
_COPIES = 0.3
"""Of a stream: about what wire services make of it."""
_CHANGED = 0.01
"""Of a near copy's words. Five in a hundred shingles change: a Jaccard similarity of 0.9."""
_WARM = 50
"""Articles read before the clock starts: the first ones find cold caches."""


@dataclass(frozen=True)
class Sent:
    """A document to publish; ``of`` is the id of the article that it is a copy of."""

    id: str
    article: Article
    of: str | None = None


def measure(documents: int) -> dict[str, Any]:
    """The figures of each number of partitions.

    Raises:
        DataError: the articles are not there, or too few. BenchError: the stages did not get the documents done.
    """
    originals = round(documents * (1 - _COPIES))
    read = articles(_WARM + originals)
    if len(read) <= _WARM or len(read) < _WARM + originals:
        raise DataError(f"{ARTICLES}: {len(read)} articles are too few for {documents} documents")
    warm = [Sent(f"warm-{number}", one) for number, one in enumerate(read[:_WARM])]
    timed = with_copies(read[_WARM:], documents, random.Random(1))  # noqa: S311 - the same stream each time
    runs: dict[str, Any] = {}
    judged = 0.0
    with kafka() as settings:
        for partitions in PARTITIONS:
            ours = settings.model_copy(update={"prefix": f"bench-{partitions}-", "partitions": partitions})
            figures = _run(ours, min(partitions, os.cpu_count() or 1), warm, timed)
            judged += figures["judge_ms"] / 1000
            runs[str(partitions)] = figures
    return {
        "data": str(ARTICLES),
        "documents": len(timed),
        "copies_made": sum(one.of is not None for one in timed),
        "partitions": runs,
        "judge_documents_per_second_limit": len(runs) / judged,
    }


def with_copies(read: Sequence[Article], count: int, choice: random.Random) -> list[Sent]:
    """The articles in their order, with copies of earlier ones in between, ``count`` in all."""
    made: list[Sent] = []
    originals = [Sent(f"article-{number}", one) for number, one in enumerate(read)]
    copies = count - len(originals)
    taken = 0
    for place in [*sorted(choice.sample(range(1, count), copies)), count]:
        while len(made) < place:
            made.append(originals[taken])
            taken += 1
        if place < count:
            one = choice.choice(originals[:taken])
            text = one.article.text if choice.random() < 0.5 else _changed(one.article.text, choice)
            made.append(Sent(f"copy-{place}", Article(title=one.article.title, text=text), one.id))
    return made


def _changed(text: str, choice: random.Random) -> str:
    words = text.split(" ")
    for place in choice.sample(range(len(words)), max(1, round(_CHANGED * len(words)))):
        words[place] = "rewritten"
    return " ".join(words)


def _run(settings: Settings, count: int, warm: Sequence[Sent], timed: Sequence[Sent]) -> dict[str, Any]:
    stages = select("dedup")
    with workers(stages, settings, count) as running:
        _send(settings, warm)
        await_out(settings, running, [UNIQUE, ENRICHED], len(warm))
        before = cpu_of_stages()
        _send(settings, timed)
        await_out(settings, running, [UNIQUE, ENRICHED], len(warm) + len(timed))
        after = cpu_of_stages()
    used = {key: (after[key].main - before[key].main) + (after[key].children - before[key].children) for key in after}
    ids = {one.id for one in timed}
    sent = {record.position: record for record in _read(settings, SENT) if _id(record) in ids}
    ends = [record.timestamp for topic in (UNIQUE, ENRICHED) for record in _read(settings, topic)]
    seconds = max(ends) - min(record.timestamp for record in sent.values())
    said, right = given(settings), expected(settings)
    return {
        "workers": count,
        "documents_per_second": len(timed) / seconds,
        "intake_ms": 1000 * sum(value for (name, _), value in used.items() if name == "intake") / len(timed),
        "judge_ms": 1000 * max(value for (name, _), value in used.items() if name == "dedup") / len(timed),
        "verdicts_wrong": sum(said.get(origin) != answer for origin, answer in right.items()),
        **_copies(
            timed, {_id(record): (record, said[position]) for position, record in sent.items() if position in said}
        ),
    }


def _copies(timed: Sequence[Sent], answers: Mapping[str, tuple[Record, Answer]]) -> dict[str, int]:
    """How many copies were found, and what became of those that were made."""
    verdicts = Counter(answer.duplicate.verdict for _, answer in answers.values() if answer.duplicate)
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
