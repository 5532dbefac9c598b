"""The entities stage: who and what a document names, each once, with all its mentions.

It decides how a document becomes an event with entities: cleaned, read, named, and every offset led back to the text as
received. What a model finds is in ``reading``, what an entity is in ``clusters``, how much it matters in ``salience``.

A mention covers the name alone: in ``Attorney General Jeff Sessions said`` it is ``Jeff Sessions``, and the form with the
title is among the aliases. Aliases and names are as cleaned, a mention's text is as received.
"""

from collections.abc import Iterator, Sequence

from schemas.base import MAX_ENTITIES, MAX_MENTIONS, FieldName
from schemas.event import Entity, Event, Mention
from schemas.work import Work
from services.entities.boundaries import Span
from services.entities.casing import settle_case
from services.entities.clusters import RULES, Cluster, Field, find_clusters
from services.entities.credits import find_credits, is_credit
from services.entities.plain import PLAIN_RULES, find_plain_clusters
from services.entities.reading import PipelineReader
from services.entities.settings import EntitySettings
from services.entities.watching import keep_case
from services.entities.watchlist import KIND, WatchList
from services.entities.words import find_capitals, find_small
from services.identity.core import Identifier
from services.lists.file import read_list_file
from services.text.clean import Cleaned, clean_story
from services.text.language import is_english, primary
from services.text.salience import Presence, share


class EntityTagger:
    """Finds the entities of documents. One for each process: spaCy is not safe for threads."""

    def __init__(self, settings: EntitySettings) -> None:
        """Load the models, the knowledge base, and the watch list of the file in ``settings``; ``watch`` is the list, to be changed
        between calls.

        Raises:
            ValueError: a model in ``settings`` cannot be used, or a file (then ListFileError, KnowledgeBaseError).
        """
        self._identify = Identifier(settings)
        self.watch = WatchList(read_list_file(KIND, settings.watch_file) if settings.watch_file else ())
        self._reader = PipelineReader(settings.model, settings.piece_characters)
        self._readers = {
            language: PipelineReader(model, settings.piece_characters, "STANCEWIRE_ENTITIES_MODELS")
            for language, model in settings.models.items()
        }

    @property
    def version(self) -> str:
        """Model and naming rules for English, as they are written into ``processing.models``."""
        return f"{self._reader.version}, names {RULES}"

    @property
    def string_store_size(self) -> int:
        """Strings that spaCy holds, for a metric: flat over any number of documents."""
        return sum(reader.string_store_size for reader in (self._reader, *self._readers.values()))

    def __call__(self, works: Sequence[Work]) -> list[Work]:
        """``works`` with entities and sentences, one for each, in order. Those that are done are returned as they are."""
        return [work if work.done else self._enrich(work) for work in works]

    def _enrich(self, work: Work) -> Work:
        event = work.event
        reader = self._readers.get(primary(event.language or ""), self._reader)
        title, text = clean_story(event.title), clean_story(event.text)
        reading = reader.read(text.text)
        if is_english(event.language):
            fields = self._fields(reader, title.text, text.text, reading.spans)
            rules, clusters = RULES, find_clusters(fields)
        else:
            fields = [
                self._field("title", title.text, reader.read(title.text).spans),
                self._field("text", text.text, reading.spans),
            ]
            rules, clusters = PLAIN_RULES, find_plain_clusters(fields, event.language or "")
        entities = _entities(clusters, event, {"title": title, "text": text})
        entities = self._identify(entities, title.text, text.text)
        models = event.processing.models | {"entities": f"{reader.version}, names {rules}", "kb": self._identify.digest}
        if self.watch.digest:
            models |= {"watched": self.watch.digest}
        processing = event.processing.model_copy(update={"models": models})
        return work.model_copy(
            update={
                "event": event.model_copy(update={"entities": entities, "processing": processing}),
                "sentences": tuple(_raw_sentences(text, reading.sentences)),
            }
        )

    def _fields(self, reader: PipelineReader, title: str, text: str, spans: Sequence[Span]) -> list[Field]:
        """The two fields of an English document; the headline is read in the case of its story."""
        story = self._field("text", text, spans)
        headline = keep_case(title, settle_case(title, text, story.capitals, story.small), self.watch)
        return [self._field("title", headline, reader.read(headline).spans), story]

    def _field(self, name: FieldName, text: str, spans: Sequence[Span]) -> Field:
        return Field(name, text, find_capitals(text), find_small(text), spans, self.watch.find(text))


def _entities(clusters: Sequence[Cluster], event: Event, cleaned: dict[str, Cleaned]) -> tuple[Entity, ...]:
    """The entities of an event; of more than ``MAX_ENTITIES`` those that are watched, and then the most salient."""
    mentions = _raw_mentions(clusters, event, cleaned)
    found = [(cluster, own) for cluster, own in zip(clusters, mentions, strict=True) if own]
    credited = find_credits(event.text)
    presences = [find_presence(own, credited) for _, own in found]
    saliences = share(presences)
    if len(found) > MAX_ENTITIES:
        best = sorted(range(len(found)), key=lambda index: (not found[index][0].watched, -saliences[index], index))
        best = best[:MAX_ENTITIES]
        found = [found[index] for index in sorted(best)]
        saliences = share([presences[index] for index in sorted(best)])
    return tuple(
        Entity(
            id=f"e{number}",
            name=cluster.name,
            type=cluster.label,
            watched=cluster.watched,
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
    for _, _, index, name in sorted(places, key=lambda place: place[:3])[:MAX_MENTIONS]:
        start, end = cleaned[name.field].span(name.start, name.end)
        if start >= reached[name.field]:
            mentions[index].append(Mention(field=name.field, start=start, end=end, text=raw[name.field][start:end]))
            reached[name.field] = end
    return [tuple(own) for own in mentions]


def find_presence(mentions: Sequence[Mention], credited: Sequence[tuple[int, int]] = ()) -> Presence:
    """What salience is made of, from an entity's mentions in order, the title's first; those of the text that stand in
    ``credited`` (``credits.find_credits``) do not count where there are others."""
    told = [
        mention
        for mention in mentions
        if mention.field == "title" or not is_credit(credited, mention.start, mention.end)
    ]
    in_passing = not told
    mentions = told or mentions
    first = next((mention.start for mention in mentions if mention.field == "text"), None)
    return Presence(len(mentions), first, mentions[0].field == "title", in_passing)


def _raw_sentences(text: Cleaned, sentences: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The sentences in the text as received, in order, without overlaps."""
    reached = 0
    for start, end in sentences:
        first, last = text.span(start, end)
        first = max(first, reached)
        if first < last:
            yield first, last
            reached = last
