"""Salience: whether the entities stage ranks a document's entities as people do, on GUM's news and on headlines.

* On GUM (see ``gum``): five summaries of each document, one by a person and four by models, tell how many of them name an
  entity. ``order`` is the share of the pairs of a document's entities with different counts that the stage orders alike (a
  tie is half a pair), pooled; ``top`` the share of summaries that name the document's most salient entity. Scored are the
  found entities that gold has (each by most of its mentions).
* On AllSides (``headline_…``): an editor chose whom the headline names. It is hidden, and ``headline_order`` is the share of
  pairs of an entity of the headline and another one that stand in that order; ``headline_top`` how often the first entity is
  one of the headline. Scored are the entities of the text.

``frequency_…`` and ``position_…`` are the floors: by the number of mentions alone, by the first mention alone.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation import gum
from evaluation.aliases import DEFAULT, Tag, find_entities, match
from evaluation.data import articles
from evaluation.scores import well_ordered
from schemas.event import Entity
from services.entities import agent
from services.entities.core import EntityTagger, find_presence
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.text.salience import Presence, share

_ARTICLES = 200
"""AllSides articles: some 5,000 entities, so that a figure is good to about a point."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The entities of a document: what is known of each, and in what share of the summaries (or headlines) it stands."""

    presences: Sequence[Presence]
    gold: Sequence[float]


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the archive ``path`` in GUM's format, and where it is left out those of AllSides' headlines.

    Raises:
        DataError: it is missing or not in the format. SettingsError: the model is not there.
    """
    archive = path or DEFAULT
    documents = gum.read(archive)
    stories = [] if path else articles(_ARTICLES)
    agent.check()
    tagger = EntityTagger(load(EntitySettings))

    def tag(title: str, text: str) -> Sequence[Entity]:
        return find_entities(tagger, title, text)

    ranked = [rank_document(document, tag) for document in documents]
    hidden = [hide_headline(tag(story.title, story.text)) for story in stories]
    return {
        "data": str(archive),
        "model": tagger.version,
        "documents": len(documents),
        **figures(ranked),
        "headlines": len(hidden),
        **{f"headline_{name}": value for name, value in figures(hidden).items()},
    }


def rank_document(document: gum.Document, tag: Tag) -> Ranked:
    """The entities that ``tag`` finds in a document and that gold has."""
    entities = tag(document.title, document.text)
    matched = match(document, entities)
    presences: list[Presence] = []
    gold: list[float] = []
    for entity in entities:
        places = [(mention.field, mention.start, mention.end) for mention in entity.mentions]
        owners = Counter(matched[place].entity for place in places if place in matched)
        if owners:
            presences.append(find_presence(entity.mentions))
            gold.append(document.salience[owners.most_common(1)[0][0]] / gum.SUMMARIES)
    return Ranked(presences, gold)


def hide_headline(entities: Iterable[Entity]) -> Ranked:
    """The entities of a text as they are without its headline; gold is 1 for those that the headline names."""
    presences: list[Presence] = []
    gold: list[float] = []
    for entity in entities:
        within = [mention for mention in entity.mentions if mention.field == "text"]
        if within:
            presences.append(find_presence(within))
            gold.append(float(len(within) < len(entity.mentions)))
    return Ranked(presences, gold)


def figures(ranked: Sequence[Ranked]) -> dict[str, float]:
    """``order`` and ``top`` by the stage's formula and by the two floors."""
    ways: dict[str, Callable[[Sequence[Presence]], Sequence[float]]] = {
        "": share,
        "frequency_": lambda presences: [float(one.mentions) for one in presences],
        "position_": lambda presences: [-float(0 if one.in_title else one.first or 0) for one in presences],
    }
    return {f"{name}{figure}": value for name, way in ways.items() for figure, value in _score(ranked, way).items()}


def _score(ranked: Sequence[Ranked], way: Callable[[Sequence[Presence]], Sequence[float]]) -> dict[str, float]:
    right, pairs, top, tops = 0.0, 0, 0.0, 0
    for document in ranked:
        values = way(document.presences)
        more, all_ = well_ordered(values, document.gold)
        right, pairs = right + more, pairs + all_
        if values and any(document.gold):
            top += document.gold[max(range(len(values)), key=lambda index: values[index])]
            tops += 1
    return {"order": right / pairs if pairs else 0.0, "top": top / tops if tops else 0.0}
