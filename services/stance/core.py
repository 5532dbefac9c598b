"""The stance stage: who stands where toward whom, with the words that say so.

Puts the steps together for each document: the clean page (``page``), the questions (``candidates``), their answers (a
``reader``), one stance for each pair (``aggregation``). A document that is ``done`` passes unchanged.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from schemas import Entity, Evidence, Holder, Probabilities, Stance, Target, Work
from schemas.base import FieldName
from services.lists.file import read_list_file
from services.stance.aggregation import SURE, likeliest, pool
from services.stance.candidates import Candidate, Toward, find_candidates
from services.stance.encoder import StanceEncoder
from services.stance.holders import Source
from services.stance.page import Mark, Page, make_page
from services.stance.quotations import attributions_of
from services.stance.reader import LexiconReader, Reader
from services.stance.settings import LEXICON, StanceSettings
from services.stance.topics import KIND, TopicList
from services.stance.trained import TrainedReader
from services.text.clean import Cleaned, clean
from services.text.language import is_english

_Span = tuple[FieldName, int, int]
"""Field, and the place there as received (code points)."""
_Place = tuple[str, int]
"""Field and start of the sentence that a stance was read in."""
_Key = tuple[str, str, Toward]
"""Holder's entity, holder's name in lower case, target; both of the first empty for the article's own voice."""


class StanceTagger:
    """Adds the stances to documents. The same documents give the same stances, whatever batch they come in.

    Readers and grammar know English. A document of another language gets no stance, and no method under
    ``processing.models`` that would say that it was read for one.
    """

    def __init__(self, settings: StanceSettings, reader: Reader | None = None) -> None:
        """``reader`` judges the passages; by default the one that the settings name. ``topics``, of the file in ``settings``, is
        the list of topics, to be changed between calls.

        Raises:
            ListFileError: the file has a fault. ValueError: there is no such model.
        """
        self._settings = settings
        self.topics = TopicList(read_list_file(KIND, settings.topics_file) if settings.topics_file else ())
        self._reader = reader if reader is not None else make_reader(settings.model)

    @property
    def version(self) -> str:
        """What reads, as it is written into ``processing.models``."""
        return self._reader.name

    def __call__(self, works: Sequence[Work]) -> list[Work]:
        """The same works, in order, with their stances, and done."""
        is_read = [not work.done and is_english(work.event.language) for work in works]
        asked = questions([work for work, read in zip(works, is_read, strict=True) if read], self.topics)
        found = [[(candidate, span) for candidate, span in own if self._is_asked(candidate)] for own in asked]
        answers = self._reader.read([[candidate.passage for candidate, _ in own] for own in found])
        stances = map(self._aggregate, found, answers)
        return [
            self._tagged(work, next(stances)) if read else work.model_copy(update={"done": True})
            for work, read in zip(works, is_read, strict=True)
        ]

    def _tagged(self, work: Work, stances: tuple[Stance, ...]) -> Work:
        event = work.event
        models = event.processing.models | {"stance": self.version}
        if self.topics.digest:
            models |= {"topics": self.topics.digest}
        processing = event.processing.model_copy(update={"models": models})
        event = event.model_copy(update={"stances": stances, "processing": processing})
        return work.model_copy(update={"event": event, "done": True})

    def _is_asked(self, candidate: Candidate) -> bool:
        return candidate.holder is not None or self._settings.author

    def _aggregate(
        self, found: Sequence[tuple[Candidate, _Span]], answers: Sequence[Probabilities | None]
    ) -> tuple[Stance, ...]:
        """One stance for each pair, in the order in which the pairs were first read."""
        holders: dict[_Key, Source | None] = {}
        read: dict[_Key, dict[_Place, tuple[_Span, Probabilities]]] = {}
        for (candidate, span), answer in zip(found, answers, strict=True):
            if answer is None:
                continue
            holder = candidate.holder or Source()
            key = (holder.entity, holder.name.casefold(), candidate.target)
            holders.setdefault(key, candidate.holder)
            places = read.setdefault(key, {})
            known = places.get(span[:2])
            if known is None or _sureness(answer) > _sureness(known[1]):
                places[span[:2]] = (span, answer)
        stances = [self._stance(key[2], holders[key], list(places.values())) for key, places in read.items()]
        kept = [stance for stance in stances if stance.confidence >= self._settings.minimum_confidence]
        surest = sorted(range(len(kept)), key=lambda i: (-kept[i].confidence, i))[: self._settings.stances]
        return tuple(kept[i] for i in sorted(surest))

    def _stance(self, target: Toward, holder: Source | None, read: Sequence[tuple[_Span, Probabilities]]) -> Stance:
        read = [(span, answer) for span, answer in read if _sureness(answer) >= SURE] or read
        sides = [answer for _, answer in read if likeliest(answer) != "neutral"]
        label, probabilities = pool(sides or [answer for _, answer in read])
        evidence = [
            Evidence(field=field, start=start, end=end, stance=likeliest(answer))
            for (field, start, end), answer in read
        ]
        return Stance(
            holder=_holder(holder),
            target=_target(target),
            stance=label,
            confidence=getattr(probabilities, label),
            probabilities=probabilities,
            mixed={"favor", "against"} <= {one.stance for one in evidence},
            evidence=tuple(evidence[: self._settings.evidence]),
        )


def make_reader(model: str) -> Reader:
    """The reader that ``StanceSettings.model`` names. Raises ValueError where there is none."""
    return LexiconReader() if model == LEXICON else TrainedReader(StanceEncoder(model))


def _sureness(answer: Probabilities) -> float:
    return max(answer.favor, answer.against, answer.neutral)


def _holder(source: Source | None) -> Holder:
    if source is None:
        return Holder(kind="author")
    if source.entity:
        return Holder(kind="entity", entity=source.entity)
    return Holder(kind="speaker", name=source.name)


def _target(toward: Toward) -> Target:
    if toward.kind == "topic":
        return Target(kind="topic", topic=toward.id)
    return Target(kind="entity", entity=toward.id)


class _Field(NamedTuple):
    """A title or text as received, clean, and cut into tokens."""

    name: FieldName
    cleaned: Cleaned
    page: Page


def questions(works: Sequence[Work], topics: TopicList) -> list[list[tuple[Candidate, _Span]]]:
    """For each work the candidates of title and text, with their evidence in the field as received."""
    fields = [_fields(work) for work in works]
    attributions = iter(attributions_of([field.page for own in fields for field in own]))
    return [
        [
            (candidate, (field.name, *field.cleaned.span(*candidate.evidence)))
            for field in own
            for candidate in find_candidates(field.page, topics.find(field.cleaned.text), next(attributions))
        ]
        for own in fields
    ]


def _fields(work: Work) -> list[_Field]:
    event = work.event
    fields: tuple[tuple[FieldName, str, Sequence[tuple[int, int]]], ...] = (
        ("title", event.title, ((0, len(event.title)),)),
        ("text", event.text, work.sentences),
    )
    found = []
    for name, raw, sentences in fields:
        if raw:
            cleaned = clean(raw)
            inner = [span for span in to_clean(cleaned, sentences) if span is not None]
            page = make_page(cleaned.text, inner, clean_marks(event.entities, name, cleaned))
            found.append(_Field(name, cleaned, page))
    return found


def clean_marks(entities: Sequence[Entity], field: FieldName, cleaned: Cleaned) -> list[Mark]:
    """The mentions of a field where they stand in its clean text; those of which nothing is left are dropped."""
    named = [
        (entity, (mention.start, mention.end))
        for entity in entities
        for mention in entity.mentions
        if mention.field == field
    ]
    placed = zip(named, to_clean(cleaned, [span for _, span in named]), strict=True)
    return [Mark(span[0], span[1], entity.id, entity.type) for (entity, _), span in placed if span is not None]


def to_clean(cleaned: Cleaned, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """For each raw span the clean span of what it became, or None where nothing of it is left."""
    if isinstance(cleaned.starts, range):  # nothing was mended
        size = len(cleaned.text)
        bounds = [(start, min(end, size)) for start, end in spans]
    else:
        bounds = [(bisect_right(cleaned.ends, start), bisect_left(cleaned.starts, end)) for start, end in spans]
    return [span if span[0] < span[1] else None for span in bounds]
