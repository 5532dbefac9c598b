"""Aliases: which mentions the entities stage says are one entity's, on GUM's news and on our own marked stories.

The figure is B-cubed (``scores.b_cubed``), pooled over all mentions of a data set, of the stage run on headline and text.

* ``f1``, ``precision``, ``recall``: of the mentions that both sides have, so of the grouping alone. What the tagger misses or
  invents does not count.
* ``all_…``: end to end. A found mention that gold lacks costs precision as a wrong one does, a missed one costs recall.
* ``exact_…``: the floor, on the mentions that both have: a cluster is what is spelled alike but for case.

On our stories (``made_…``) a mention is one that both have where its offsets are the same. There, ``type`` is the share of
mentions that both have whose entity has the right type, and ``given_…`` are the naming rules alone: spans and types are those of
gold, no model runs. On GUM, whose mentions are noun phrases (see ``gum``), a found mention is that of the smallest phrase that
holds it, if it holds this one's head; what is found as NORP and is no phrase's head is an adjective, which GUM does not annotate,
and is not scored.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation import gum, marked
from evaluation.bench.works import make_work
from evaluation.data import DATA, Article, reading
from evaluation.scores import Share, b_cubed
from schemas.base import FieldName
from schemas.event import Entity
from services.entities import agent
from services.entities.boundaries import Span
from services.entities.clusters import Field, find_clusters
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.entities.words import find_capitals, find_small
from services.runtime.settings import load

DEFAULT = DATA / "gum_news" / "gum_news.tar.gz"
MADE = Path(__file__).parents[1] / "tests" / "entities" / "aliases.txt"

Place = tuple[str, int, int]
"""A field and half-open offsets in it."""
Tag = Callable[[str, str], Sequence[Entity]]
"""Title and text -> entities."""


@dataclass
class Scores:
    """The sums over documents, and the mentions of the right type among those that both have."""

    both: Share = field(default_factory=Share)
    all: Share = field(default_factory=Share)
    exact: Share = field(default_factory=Share)
    typed: int = 0

    def add(self, found: Mapping[Any, Hashable], gold: Mapping[Any, Hashable], spelled: Mapping[Any, str]) -> None:
        """Add a document: mention -> cluster, found and of gold, and mention -> spelling."""
        common = found.keys() & gold.keys()
        known = {mention: gold[mention] for mention in common}
        self.both += b_cubed({mention: found[mention] for mention in common}, known)
        self.exact += b_cubed({mention: spelled[mention].casefold() for mention in common}, known)
        self.all += b_cubed(found, gold)

    def figures(self) -> dict[str, Any]:
        """All shares, with how many mentions both have, were found and are in gold."""
        return {
            **self.both.figures(),
            **{f"all_{name}": value for name, value in self.all.figures().items()},
            **{f"exact_{name}": value for name, value in self.exact.figures().items()},
            "mentions_both": self.both.gold,
            "mentions_found": self.all.found,
            "mentions": self.all.gold,
        }


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the archive ``path`` in GUM's format, and of our own stories.

    Raises:
        DataError: it is missing or not in the format. SettingsError: the model is not there.
    """
    archive = path or DEFAULT
    documents = gum.read(archive)
    with reading(MADE):
        stories = marked.read(MADE)
    agent.check()
    tagger = EntityTagger(load(EntitySettings))

    def tag(title: str, text: str) -> Sequence[Entity]:
        return find_entities(tagger, title, text)

    made = score_stories(stories, tag)
    return {
        "data": str(archive),
        "model": tagger.version,
        "documents": len(documents),
        **score_documents(documents, tag).figures(),
        "made_documents": len(stories),
        **{f"made_{name}": value for name, value in made.figures().items()},
        "made_type": made.typed / made.both.gold if made.both.gold else 0.0,
        **{f"made_given_{name}": value for name, value in score_given(stories).both.figures().items()},
    }


def find_entities(tagger: EntityTagger, title: str, text: str) -> Sequence[Entity]:
    """What the entities stage makes of a document."""
    [work] = tagger([make_work("evaluation", Article(title=title, text=text))])
    return work.event.entities


def score_documents(documents: Iterable[gum.Document], tag: Tag) -> Scores:
    """The scores of what ``tag`` finds in GUM's documents."""
    scores = Scores()
    for document in documents:
        entities = tag(document.title, document.text)
        matched = match(document, entities)
        found: dict[gum.Gold | Place, str] = {}
        spelled: dict[gum.Gold | Place, str] = {}
        for entity in entities:
            for mention in entity.mentions:
                place = mention.field, mention.start, mention.end
                gold = matched.get(place)
                if gold is None and entity.type == "NORP":
                    continue
                key = gold if gold is not None else place
                found[key], spelled[key] = entity.id, mention.text
        scores.add(found, {mention: mention.entity for mention in document.mentions}, spelled)
    return scores


def match(document: gum.Document, entities: Iterable[Entity]) -> dict[Place, gum.Gold]:
    """The gold mention of each found one that has one; each gold mention goes to the first that holds its head."""
    matched: dict[Place, gum.Gold] = {}
    taken: set[gum.Gold] = set()
    by_size = sorted(document.mentions, key=lambda gold: gold.end - gold.start)
    for entity in entities:
        for mention in entity.mentions:
            own = (gold for gold in by_size if gold.field == mention.field)
            held = [gold for gold in own if mention.start <= gold.head < mention.end and gold not in taken]
            around = [gold for gold in held if gold.start <= mention.start and mention.end <= gold.end]
            last = [gold for gold in held if gold.head == mention.end - 1]
            for gold in (around or last)[:1]:
                matched[mention.field, mention.start, mention.end] = gold
                taken.add(gold)
    return matched


def score_stories(stories: Iterable[marked.Story], tag: Tag) -> Scores:
    """The scores of what ``tag`` finds in marked stories."""
    scores = Scores()
    for story in stories:
        entities = tag(story.title, story.text)
        found = {
            (mention.field, mention.start, mention.end): entity for entity in entities for mention in entity.mentions
        }
        _add(scores, story, {place: entity.id for place, entity in found.items()})
        types = {(one.field, one.start, one.end): story.types[one.entity] for one in story.mentions}
        scores.typed += sum(types[place] == found[place].type for place in found.keys() & types.keys())
    return scores


def score_given(stories: Iterable[marked.Story]) -> Scores:
    """The scores of the naming rules, given gold's spans and types in the story as it stands, uncleaned."""
    scores = Scores()
    for story in stories:
        clusters = find_clusters([_given(story, "title", story.title), _given(story, "text", story.text)])
        found = {
            (name.field, name.start, name.end): str(number)
            for number, cluster in enumerate(clusters)
            for name in cluster.names
        }
        _add(scores, story, found)
    return scores


def _add(scores: Scores, story: marked.Story, found: Mapping[Any, str]) -> None:
    texts = {"title": story.title, "text": story.text}
    scores.add(
        found,
        {(one.field, one.start, one.end): one.entity for one in story.mentions},
        {place: texts[place[0]][place[1] : place[2]] for place in found},
    )


def _given(story: marked.Story, name: FieldName, text: str) -> Field:
    spans = [Span(one.start, one.end, story.types[one.entity]) for one in story.mentions if one.field == name]
    return Field(name, text, find_capitals(text), find_small(text), spans)
