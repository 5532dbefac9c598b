"""Identity: which entities of different articles have one key, against pairs that were judged by reading.

The pairs are in ``evaluation/judged/identity``, drawn from 600 articles of AllSides before anything was tuned: people that share a
surname (with full names, without, of one family), bodies and places that share a word. They are judged after the whole stream has
passed: 2,000 articles in the order of their days, those without a day last.

* ``precision``: of the pairs that have one key, those that are one. ``recall``: of those that are one, those that have one key.
* ``tune``, ``held``: the two halves of the pairs. Rules and thresholds were chosen on the first alone. Both halves are of the
  same articles.
* ``kinds``: how many pairs there are of each kind, how many of them are one, how many have one key, and how many of these rightly.
* ``document_alone``: of keys without what the stream tells. ``same_name``: one where the names are the same letters.
* ``lost``: pairs of which the entities stage found one side no more.

To tag 2,000 articles takes some minutes. A file of ``--data`` has them with their entities, as ``stancewire consume --json`` and
this task's own pairs know them: ``id`` (``allsides-N``, N the article's number) and ``entities``.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, Article, DataError, objects, reading, rows
from schemas.event import Entity
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.identity.core import Identifier
from services.identity.register import Register
from services.runtime.settings import load

PAIRS = Path(__file__).parent / "judged" / "identity" / "pairs.jsonl"
ARTICLE_COUNT = 2_000
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
    register = Register()
    own = {one.id: [entity.key for entity in one.entities] for one in identified}
    keys = {one.id: register.resolve(one.entities) for one in identified}
    entities = {one.id: one.entities for one in identified}
    found = [(_find(entities, pair.one), _find(entities, pair.other)) for pair in pairs]
    judged = [(pair, one, other) for pair, (one, other) in zip(pairs, found, strict=True) if one and other]

    def score(said: Callable[[tuple[str, int], tuple[str, int]], bool], half: str | None = None) -> dict[str, float]:
        return figures([(pair.same, said(one, other)) for pair, one, other in judged if half in (None, pair.half)])

    def same(keys: Keys) -> Callable[[tuple[str, int], tuple[str, int]], bool]:
        def said(one: tuple[str, int], other: tuple[str, int]) -> bool:
            first, second = keys[one[0]][one[1]], keys[other[0]][other[1]]
            return first is not None and first == second

        return said

    names = {one.id: [entity.name.casefold() for entity in one.entities] for one in identified}
    kinds: dict[str, dict[str, int]] = {}
    for pair, one, other in judged:
        row = kinds.setdefault(pair.kind, {"pairs": 0, "one": 0, "one_key": 0, "rightly": 0})
        joined = same(keys)(one, other)
        for name, counts in (("pairs", 1), ("one", pair.same), ("one_key", joined), ("rightly", joined and pair.same)):
            row[name] += counts
    bare = [
        (before, after) for one in identified for before, after, entity in
        zip(own[one.id], keys[one.id], one.entities, strict=True) if entity.type == "PERSON" and before is None
    ]  # fmt: skip
    return {
        "data": str(path or ARTICLES),
        "kb": identifier.digest,
        "documents": len(stream),
        "pairs": len(pairs),
        "lost": len(pairs) - len(judged),
        **score(same(keys)),
        "tune": score(same(keys), "tune"),
        "held": score(same(keys), "held"),
        "document_alone": score(same(own)),
        "same_name": score(same(names)),
        "kinds": kinds,
        "bare_names": len(bare),
        "bare_names_resolved": sum(after is not None for _, after in bare) / len(bare) if bare else 0.0,
        "words_remembered": len(register),
    }


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
