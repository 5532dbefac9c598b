"""Identity: which entities of different articles have one key, against pairs that were judged by reading.

The pairs are in ``evaluation/judged/identity``, drawn from 600 articles of AllSides before anything was tuned: people that share a
surname (with full names, without, of one family), bodies and places that share a word. Keys are those that the keeper of stories
leaves: 2,000 articles come to it in the order of their days, those without a day last.

* ``precision``: of the pairs that have one key, those that are one. ``recall``: of those that are one, those that have one key.
* ``tune``, ``held``: the two halves of the pairs. Both are of the same articles.
* ``confidence``: that of ``STANCEWIRE_STORIES_NAME_CONFIDENCE`` which is best on the other half: of those with a precision of
  ``ASKED`` or more the one with the highest recall. ``crossed``: each half with what is best on the other.
* ``kinds``: how many pairs there are of each kind, how many of them are one, how many have one key, and how many of these rightly.
* ``document_alone``: of keys without what the stream tells. ``same_name``: one where the names are the same letters.
* ``lost``: pairs of which the entities stage found one side no more.

To tag 2,000 articles takes some minutes. A file of ``--data`` has them with their entities, as ``stancewire consume --json`` and
this task's own pairs know them: ``id`` (``allsides-N``, N the article's number) and ``entities``.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from evaluation.bench.works import RECEIVED, make_work
from evaluation.data import ARTICLES, Article, DataError, objects, reading, rows
from schemas import Duplicate, Event, Processing, Status, Work
from schemas.event import Entity
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.identity.core import Identifier
from services.runtime.settings import load
from services.stories.keeper import Keeper
from services.stories.settings import StoriesSettings

PAIRS = Path(__file__).parent / "judged" / "identity" / "pairs.jsonl"
ARTICLE_COUNT = 2_000
ASKED = 0.98
"""Precision: a wrong key joins two people for good."""
CONFIDENCES = (0.9, 0.8, 0.7, 0.6, 0.5)
"""Of two that are equally good the first is best, the surer one."""
HALVES = ("tune", "held")
_PREFIX = "allsides-"


class Place(BaseModel):
    """An entity: the article, and where it is mentioned (``text:120:134``)."""

    article: str
    at: str


class Pair(BaseModel):
    """Two entities, and whether they are one."""

    one: Place
    other: Place
    same: bool
    kind: str
    half: Literal["tune", "held"]


class Tagged(BaseModel):
    """An article's entities."""

    model_config = ConfigDict(extra="ignore")

    id: str
    entities: tuple[Entity, ...]


class Document(NamedTuple):
    """An article on the stream."""

    id: str
    article: Article
    entities: Sequence[Entity]


Keys = Mapping[str, Sequence[str | None]]
"""Of each article the keys of its entities."""


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the judged pairs.

    Raises:
        DataError: the articles or the file are not there, or not in the format.
    """
    pairs = list(rows(PAIRS, Pair))
    settings = load(EntitySettings)
    stream = list(_documents(path))
    if not stream:
        raise DataError(f"{path or ARTICLES}: no document in it")
    identifier = Identifier(settings)
    identified = [
        Document(one.id, one.article, identifier(one.entities, one.article.title, one.article.text)) for one in stream
    ]
    own = {one.id: [entity.key for entity in one.entities] for one in identified}
    kept = load(StoriesSettings)
    keys = _keys(identified, kept)
    entities = {one.id: one.entities for one in identified}
    found = [(_find(entities, pair.one), _find(entities, pair.other)) for pair in pairs]
    judged = [(pair, one, other) for pair, (one, other) in zip(pairs, found, strict=True) if one and other]

    def told(keys: Keys, half: str | None = None) -> list[tuple[bool, bool]]:
        return [(pair.same, _joined(keys, one, other)) for pair, one, other in judged if half in (None, pair.half)]

    tried = {one: _keys(identified, kept.model_copy(update={"name_confidence": one})) for one in CONFIDENCES}
    best = {half: max(CONFIDENCES, key=lambda one: _worth(told(tried[one], half))) for half in HALVES}
    crossed = {half: told(tried[best[other]], half) for half, other in zip(HALVES, reversed(HALVES), strict=True)}
    names = {one.id: [entity.name.casefold() for entity in one.entities] for one in identified}
    bare = [
        after for one in identified for before, after, entity in
        zip(own[one.id], keys[one.id], one.entities, strict=True) if entity.type == "PERSON" and before is None
    ]  # fmt: skip
    return {
        "data": str(path or ARTICLES),
        "kb": identifier.digest,
        "documents": len(stream),
        "pairs": len(pairs),
        "lost": len(pairs) - len(judged),
        **figures(told(keys)),
        **{half: figures(told(keys, half)) for half in HALVES},
        "confidence": dict(zip(HALVES, (best[half] for half in reversed(HALVES)), strict=True)),
        "crossed": figures([pair for half in HALVES for pair in crossed[half]])
        | {half: figures(crossed[half]) for half in HALVES},
        "document_alone": figures(told(own)),
        "same_name": figures(told(names)),
        "kinds": _kinds([(pair.kind, pair.same, _joined(keys, one, other)) for pair, one, other in judged]),
        "bare_names": len(bare),
        "bare_names_resolved": sum(after is not None for after in bare) / len(bare) if bare else 0.0,
    }


def _keys(stream: Sequence[Document], settings: StoriesSettings) -> dict[str, list[str | None]]:
    """The keys of each document's entities as the keeper of stories leaves them; a document comes each minute."""
    rows: dict[str, str] = {}
    keeper = Keeper(settings, rows)
    found: dict[str, list[str | None]] = {}
    for number, one in enumerate(stream):
        event = Event(
            event_id=one.id,
            id=one.id,
            status=Status.ENRICHED,
            title=one.article.title,
            text=one.article.text,
            duplicate=Duplicate(verdict="unique", cluster=one.id, rule="none"),
            entities=tuple(one.entities),
            processing=Processing(pipeline="identity", received_at=RECEIVED + timedelta(minutes=number)),
        )
        placement = keeper.place(Work(event=event))
        placement.write(rows)
        found[one.id] = [entity.key for entity in placement.work.event.entities]
    return found


def _joined(keys: Keys, one: tuple[str, int], other: tuple[str, int]) -> bool:
    first, second = keys[one[0]][one[1]], keys[other[0]][other[1]]
    return first is not None and first == second


def _worth(told: Sequence[tuple[bool, bool]]) -> tuple[float, float]:
    """What is sought: enough precision, and then recall."""
    one = figures(told)
    return (1.0, one["recall"]) if one["precision"] >= ASKED else (one["precision"], 0.0)


def _kinds(told: Sequence[tuple[str, bool, bool]]) -> dict[str, dict[str, int]]:
    """Of each kind of pair: how many there are, are one, have one key, and rightly so."""
    kinds: dict[str, dict[str, int]] = {}
    for kind, gold, said in told:
        row = kinds.setdefault(kind, {"pairs": 0, "one": 0, "one_key": 0, "rightly": 0})
        for name, counts in (("pairs", 1), ("one", gold), ("one_key", said), ("rightly", gold and said)):
            row[name] += counts
    return kinds


def figures(told: Sequence[tuple[bool, bool]]) -> dict[str, float]:
    """Precision and recall of pairs: whether they are one, and whether they have one key."""
    right = sum(gold and said for gold, said in told)
    said = sum(said for _, said in told)
    gold = sum(gold for gold, _ in told)
    return {"precision": right / said if said else 0.0, "recall": right / gold if gold else 0.0, "pairs": len(told)}


def _find(entities: Mapping[str, Sequence[Entity]], place: Place) -> tuple[str, int] | None:
    """The entity that is mentioned at a place, as an article and a number."""
    field, start, end = place.at.split(":")
    for number, entity in enumerate(entities.get(place.article, ())):
        for mention in entity.mentions:
            if mention.field == field and mention.start < int(end) and int(start) < mention.end:
                return place.article, number
    return None


def _documents(path: Path | None) -> Iterator[Document]:
    """The stream in the order of its days."""
    with reading(ARTICLES):
        read = list(objects(ARTICLES))
    numbers = sorted(range(len(read)), key=lambda number: hashlib.sha256(f"identity {number}".encode()).digest())
    tagged: dict[int, Sequence[Entity]] = {}
    if path:
        for one in rows(path, Tagged):
            if not one.id.removeprefix(_PREFIX).isdecimal() or int(one.id.removeprefix(_PREFIX)) >= len(read):
                raise DataError(f"{path}: {one.id[:50]!r} is no article's id, such as allsides-17")
            tagged[int(one.id.removeprefix(_PREFIX))] = one.entities
    chosen = sorted(tagged) if path else numbers[:ARTICLE_COUNT]
    articles = {number: Article.model_validate(read[number]) for number in chosen}
    if not path:
        agent.check()
        tagger = EntityTagger(load(EntitySettings))
        for number in chosen:
            [work] = tagger([make_work(f"{number}", articles[number])])
            tagged[number] = work.event.entities
    for number in sorted(chosen, key=lambda number: (_day(read[number]), number)):
        yield Document(f"{_PREFIX}{number}", articles[number], tagged[number])


def _day(article: Mapping[str, Any]) -> str:
    day = str(article.get("published_at") or "")
    return day if day[:4].isdecimal() else "9999"
