"""Offsets: is each mention where it says, in real articles as they are and in dirty texts made with known names?

The AllSides articles, or the JSON lines of ``--data`` (with title and text), and a quarter more dirty texts (``dirt``) go
through the entities stage in as many processes as there are cores. A mention is wrong where one of these does not hold:

* it lies within its field, and the field from start to end is its text;
* the mentions of an entity are in order, and none overlaps another of the document;
* its text, cleaned by itself, is a form of its entity: the name or an alias, or such a one without the title before it. So an
  offset that is off by a word is found even if the text that it cuts out agrees with it.

``planted_found`` counts the planted names that have a mention at exactly their place.
"""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from evaluation import dirt
from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, Article, DataError, objects, reading
from schemas import Event, Work
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.text.clean import clean

_PORTION = 50
"""Documents a process takes at a time: some seconds of work."""


@dataclass(frozen=True)
class Count:
    """Mentions, those that are wrong, names that were planted, and those that were found."""

    mentions: int = 0
    wrong: int = 0
    planted: int = 0
    found: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(one + two for one, two in zip(astuple(self), astuple(other), strict=True)))


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of ``path``, or of the AllSides articles.

    Raises:
        DataError: it is missing, empty or not in the format. SettingsError: the model is not there.
    """
    source = path or ARTICLES
    with reading(source):
        articles = [Article.model_validate(value) for value in objects(source)]
    if not articles:
        raise DataError(f"{source}: no article in it")
    agent.check()
    seeds = range(len(articles) * 5 // 4)
    portions = [articles[at : at + _PORTION] for at in range(0, len(articles), _PORTION)]
    numbers = [seeds[at : at + _PORTION] for at in range(0, len(seeds), _PORTION)]
    context = multiprocessing.get_context("spawn")  # a fork would copy the parent's threads' locks
    with ProcessPoolExecutor(min(os.cpu_count() or 1, len(portions)), context) as pool:
        real = sum(pool.map(count_articles, portions), Count())
        dirty = sum(pool.map(count_dirty, numbers), Count())
    return {
        "data": str(source),
        "articles": len(articles),
        "mentions": real.mentions,
        "wrong": real.wrong,
        "dirty_texts": len(seeds),
        "dirty_mentions": dirty.mentions,
        "dirty_wrong": dirty.wrong,
        "planted": dirty.planted,
        "planted_found": dirty.found,
    }


def count_articles(articles: Sequence[Article]) -> Count:
    """What a process finds in articles."""
    return sum((_count(_tag(article.title, article.text).event) for article in articles), Count())


def count_dirty(seeds: Sequence[int]) -> Count:
    """What a process finds in the dirty texts of these numbers."""
    return sum(map(_count_dirty, map(dirt.make, seeds)), Count())


def _count_dirty(dirty: dirt.Dirty) -> Count:
    event = _tag("", dirty.text).event
    found = {(mention.start, mention.end) for entity in event.entities for mention in entity.mentions}
    return _count(event) + Count(
        planted=len(dirty.names), found=sum((start, end) in found for start, end, _ in dirty.names)
    )


def _count(event: Event) -> Count:
    mentions = sum(len(entity.mentions) for entity in event.entities)
    return Count(mentions, sum(1 for _ in faults(event)))


def faults(event: Event) -> Iterator[str]:
    """A line for each mention that is wrong."""
    yield from _misplaced(event)
    for entity in event.entities:
        forms = [f" {_key(form)}" for form in (entity.name, *entity.aliases)]
        for mention in entity.mentions:
            written = (
                mention.text,
                " ".join(mention.text.split()),
            )  # without its text a line break may pass for a paragraph's
            own = tuple(f" {_key(clean(one).text)}" for one in written)
            if not any(form.endswith(own) for form in forms):
                yield f"{mention.text!r} is no form of {entity.name!r}"


def _misplaced(event: Event) -> Iterator[str]:
    raw = {"title": event.title, "text": event.text}
    places: list[tuple[bool, int, int]] = []
    for entity in event.entities:
        own = [(mention.field == "text", mention.start, mention.end) for mention in entity.mentions]
        yield from (f"{entity.name!r}: out of order" for one, two in pairwise(own) if one > two)
        places += own
        for mention in entity.mentions:
            field = raw[mention.field]
            if (
                not (0 <= mention.start < mention.end <= len(field))
                or field[mention.start : mention.end] != mention.text
            ):
                yield f"{mention.text!r} is not at {mention.start}:{mention.end}"
    for one, two in pairwise(sorted(places)):
        if one[0] == two[0] and two[1] < one[2]:
            yield f"{one[1]}:{one[2]} and {two[1]}:{two[2]} overlap"


def _key(form: str) -> str:
    """A form as it is compared: a headline's case is its story's, and an entity's name is not left in capitals."""
    return " ".join(form.casefold().split())


@cache
def _tagger() -> EntityTagger:
    return EntityTagger(load(EntitySettings))


def _tag(title: str, text: str) -> Work:
    [work] = _tagger()([make_work("evaluation", Article(title=title, text=text))])
    return work
