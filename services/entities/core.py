"""The entities stage: who and what a document names, each once, with all its mentions.

It decides how a document becomes an event with entities: cleaned, read, named, and every offset led back to the text as
received. What a model finds is in ``reading``, what an entity is in ``clusters``, how much it matters in ``salience``.

A mention covers the name alone: in ``Attorney General Jeff Sessions said`` it is ``Jeff Sessions``, and the form with the
title is among the aliases. Aliases and names are as cleaned, a mention's text is as received.
"""

from collections.abc import Iterator, Sequence

from schemas.base import MAX_ENTITIES
from schemas.event import Entity, Event, Mention
from schemas.work import Work
from services.entities.casing import settle_case
from services.entities.clusters import RULES, Cluster, Field, find_clusters
from services.entities.reading import Reader
from services.entities.salience import Presence, share
from services.entities.settings import EntitySettings
from services.entities.words import find_capitals, find_small
from services.text.clean import Cleaned, clean


class EntityTagger:
    """Finds the entities of documents. One for each process: spaCy is not safe for threads."""

    def __init__(self, settings: EntitySettings) -> None:
        """Load the model.

        Raises:
            ValueError: the model in ``settings`` cannot be used.
        """
        self._reader = Reader(settings.model, settings.piece_characters)

    @property
    def version(self) -> str:
        """Model and naming rules, as they are written into ``processing.models``."""
        return f"{self._reader.version}, names {RULES}"

    @property
    def string_store_size(self) -> int:
        """Strings that spaCy holds, for a metric: flat over any number of documents."""
        return self._reader.string_store_size

    def __call__(self, works: Sequence[Work]) -> list[Work]:
        """``works`` with entities and sentences, one for each, in order. Those that are done are returned as they are."""
        return [work if work.done else self._enrich(work) for work in works]

    def _enrich(self, work: Work) -> Work:
        event = work.event
        title, text = clean(event.title), clean(event.text)
        reading = self._reader.read(text.text)
        capitals, small = find_capitals(text.text), find_small(text.text)
        headline = settle_case(title.text, text.text, capitals, small)
        fields = [
            Field("title", headline, find_capitals(headline), find_small(headline), self._reader.read(headline).spans),
            Field("text", text.text, capitals, small, reading.spans),
        ]
        entities = _entities(find_clusters(fields), event, {"title": title, "text": text})
        models = event.processing.models | {"entities": self.version}
        processing = event.processing.model_copy(update={"models": models})
        return work.model_copy(
            update={
                "event": event.model_copy(update={"entities": entities, "processing": processing}),
                "sentences": tuple(_raw_sentences(text, reading.sentences)),
            }
        )


def _entities(clusters: Sequence[Cluster], event: Event, cleaned: dict[str, Cleaned]) -> tuple[Entity, ...]:
    """The entities of an event; of more than ``MAX_ENTITIES`` the most salient."""
    mentions = _raw_mentions(clusters, event, cleaned)
    found = [(cluster, own) for cluster, own in zip(clusters, mentions, strict=True) if own]
    saliences = share([find_presence(own) for _, own in found])
    if len(found) > MAX_ENTITIES:
        best = sorted(range(len(found)), key=lambda index: (-saliences[index], index))[:MAX_ENTITIES]
        found = [found[index] for index in sorted(best)]
        saliences = share([find_presence(own) for _, own in found])
    return tuple(
        Entity(
            id=f"e{number}",
            name=cluster.name,
            type=cluster.label,
            salience=salience,
            aliases=cluster.aliases,
            mentions=own,
        )
        for number, ((cluster, own), salience) in enumerate(zip(found, saliences, strict=True), start=1)
    )


def _raw_mentions(clusters: Sequence[Cluster], event: Event, cleaned: dict[str, Cleaned]) -> list[tuple[Mention, ...]]:
    """The mentions of each cluster in the fields as received.

    Two that cleaning made out of the same raw characters would overlap: of these the first stays.
    """
    raw = {"title": event.title, "text": event.text}
    reached = {"title": 0, "text": 0}
    mentions: list[list[Mention]] = [[] for _ in clusters]
    places = [
        (name.field != "title", name.start, index, name)
        for index, cluster in enumerate(clusters)
        for name in cluster.names
    ]
    for _, _, index, name in sorted(places, key=lambda place: place[:3]):
        start, end = cleaned[name.field].span(name.start, name.end)
        if start >= reached[name.field]:
            mentions[index].append(Mention(field=name.field, start=start, end=end, text=raw[name.field][start:end]))
            reached[name.field] = end
    return [tuple(own) for own in mentions]


def find_presence(mentions: Sequence[Mention]) -> Presence:
    """What salience is made of, from an entity's mentions in order, the title's first."""
    first = next((mention.start for mention in mentions if mention.field == "text"), None)
    return Presence(len(mentions), first, mentions[0].field == "title")


def _raw_sentences(text: Cleaned, sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences in the text as received, in order, without overlaps."""
    reached = 0
    for start, end in sentences:
        first, last = text.span(start, end)
        first = max(first, reached)
        if first < last:
            yield first, last
            reached = last
