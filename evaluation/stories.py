"""Stories: which documents of a stream the clusterer puts together, against stories that people have put together.

A file has a row a document: ``story`` (gold), ``published_at``, ``title``, and where known ``text`` and ``source``. The documents
are placed in the order of their times.

* ``bcubed_f1``, ``precision``, ``recall``: B-cubed (``scores.b_cubed``). ``ami``: adjusted mutual information (``partitions``).
* These are of the least similarity that is best on one half of the stories, scored on the other half, and the other way round;
  ``join`` has both. A half is the stories that began in the first or in the second half of the stream: none is in both. The
  learnt weights are the same throughout, from AllSides' stories; what they give where they, too, are from the other half,
  ``make train TASK=stories`` says.
* ``as_shipped``: of the settings as they are.
* ``alone``: each document a story of its own. ``tfidf``: cosine of TF-IDF of the same words, mean over the story's members,
  with a threshold chosen in the same way.
* ``siblings``, where no file is given: ECB+, two events of each topic on one day. ``false_merges`` are pairs of the two events
  that are in one story, of ``pairs_apart``.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from evaluation import siblings
from evaluation.data import DATA, DataError, rows
from evaluation.scores import adjusted_mutual_information, b_cubed
from services.stories.core import Clusterer, Document
from services.stories.settings import StoriesSettings
from services.stories.terms import read_terms

DEFAULT = DATA / "stories" / "allsides_stories.jsonl.gz"
JOINS = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7)
"""Least similarities that are tried."""
_COSINES = tuple(percent / 100 for percent in range(6, 70, 4))

Stream = Sequence[Document]
Stories = Sequence[str]


class Row(BaseModel):
    """A document, and the story that people have put it into."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    story: str
    published_at: datetime
    title: str
    text: str = ""
    source: str | None = None


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of ``path``, and where it is left out those of AllSides' stories and ECB+.

    Raises:
        DataError: a file is missing, or not in the format.
    """
    source = path or DEFAULT
    documents, gold = read(source)
    halves = split(gold)
    tfidf = _Cosines(documents)
    joins, chosen = choose(lambda join: place(documents, join), JOINS, gold, halves)
    _, floor = choose(tfidf.stories, _COSINES, gold, halves)
    others = [] if path else siblings.read(siblings.DEFAULT)
    return {
        "data": str(source),
        "documents": len(documents),
        "stories": len(set(gold)),
        **figures(chosen, gold),
        "join": joins,
        "as_shipped": figures(place(documents, StoriesSettings().join), gold),
        "alone": figures([document.id for document in documents], gold),
        "tfidf": figures(floor, gold),
        **({"siblings": apart(others)} if others else {}),
    }


def read(path: Path) -> tuple[list[Document], list[str]]:
    """The documents of a file in the order of their times, and the story of each.

    Raises:
        DataError: the file is missing, not in the format, or has no documents.
    """
    found = sorted(rows(path, Row), key=lambda row: _seconds(row.published_at))
    if not found:
        raise DataError(f"{path}: there are no documents")
    documents = [
        Document(
            f"{number}", row.title, row.text, _seconds(row.published_at), _seconds(row.published_at), row.source or ""
        )
        for number, row in enumerate(found)
    ]
    return documents, [row.story for row in found]


def split(gold: Stories) -> list[bool]:
    """For each document whether its story began in the first half of the stream."""
    began: dict[str, int] = {}
    for number, story in enumerate(gold):
        began.setdefault(story, number)
    return [2 * began[story] < len(gold) for story in gold]


def choose(
    tried: Callable[[float], Stories], values: Sequence[float], gold: Stories, halves: Sequence[bool]
) -> tuple[list[float], list[str]]:
    """The value that is best on each half, and the stories of all documents, each half's with the value of the other half."""
    found = {value: tried(value) for value in values}
    best = [max(values, key=lambda value: _score(found[value], gold, halves, half)) for half in (True, False)]
    return best, [
        f"{half} {found[best[1] if half else best[0]][number]}" for number, half in enumerate(halves)
    ]  # one document in two halves' stories is in two


def place(documents: Stream, join: float) -> list[str]:
    """The story of each document of a stream."""
    clusterer = Clusterer(StoriesSettings(join=join, window_documents=max(1, len(documents))))
    return [clusterer.place(document).story for document in documents]


def figures(found: Stories, gold: Stories) -> dict[str, float]:
    """The figures of one clustering."""
    share = b_cubed(dict(enumerate(found)), dict(enumerate(gold)))
    return {
        "bcubed_f1": share.f1,
        "precision": share.precision,
        "recall": share.recall,
        "ami": adjusted_mutual_information(found, gold),
        "found": len(set(found)),
    }


def apart(documents: Sequence[siblings.Document]) -> dict[str, Any]:
    """ECB+ with the settings as they are: each topic on a day of its own, both its events on the same day."""
    days = {topic: day for day, topic in enumerate(dict.fromkeys(document.topic for document in documents))}
    stream = [
        Document(one.id, "", one.text, days[one.topic] * 86_400, days[one.topic] * 86_400)
        for one in sorted(documents, key=lambda one: days[one.topic])
    ]
    ordered = sorted(documents, key=lambda one: days[one.topic])
    found = place(stream, StoriesSettings().join)
    same_topic = [(a, b) for a, b in combinations(range(len(ordered)), 2) if ordered[a].topic == ordered[b].topic]
    pairs = [(a, b) for a, b in same_topic if ordered[a].event != ordered[b].event]
    return {
        **figures(found, [one.event for one in ordered]),
        "pairs_apart": len(pairs),
        "false_merges": sum(found[a] == found[b] for a, b in pairs),
    }


def _score(found: Stories, gold: Stories, halves: Sequence[bool], half: bool) -> float:
    kept = [number for number, its in enumerate(halves) if its is half]
    return b_cubed({n: found[n] for n in kept}, {n: gold[n] for n in kept}).f1


def _seconds(time: datetime) -> int:
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


class _Cosines:
    """The floor: TF-IDF of the words that the clusterer reads, with the document frequencies of the whole file."""

    def __init__(self, documents: Stream) -> None:
        bags = [read_terms(document.title, document.text) for document in documents]
        seen = Counter(term for bag in bags for term in bag.hashes.tolist())
        self._near: list[dict[int, float]] = []
        live: deque[int] = deque()
        index: dict[int, deque[tuple[int, float]]] = {}
        span = StoriesSettings().window_days * 86_400
        vectors: list[dict[int, float]] = []
        for number, (document, bag) in enumerate(zip(documents, bags, strict=True)):
            weights = {
                term: (1 + math.log(count)) * math.log(len(documents) / seen[term])
                for term, count in zip(bag.hashes.tolist(), bag.counts.tolist(), strict=True)
            }
            length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1
            vectors.append({term: weight / length for term, weight in weights.items()})
            while live and documents[live[0]].received < document.received - span:
                for term in vectors[live.popleft()]:
                    index[term].popleft()
            near: dict[int, float] = {}
            for term, weight in vectors[number].items():
                posted = index.setdefault(term, deque())
                for other, its in posted:
                    near[other] = near.get(other, 0) + weight * its
                posted.append((number, weight))
            live.append(number)
            self._near.append(near)

    def stories(self, least: float) -> list[str]:
        """The story of each document: that with the highest mean cosine of its members, from ``least`` on."""
        story: list[int] = []
        members: Counter[int] = Counter()
        for number, near in enumerate(self._near):
            sums: dict[int, float] = {}
            for other, cosine in near.items():
                sums[story[other]] = sums.get(story[other], 0) + cosine
            best = max(sums, key=lambda one: (sums[one] / members[one], -one), default=None)
            joins = best is not None and sums[best] / members[best] >= least
            story.append(best if best is not None and joins else number)
            members[story[-1]] += 1
        return [f"{one}" for one in story]
