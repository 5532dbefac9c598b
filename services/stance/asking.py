"""The method that asks: whom a sentence names is asked about with the whole sentence, and a reader answers.

Puts the steps together for each document: the questions (``candidates``), their answers (a ``reader``), one stance for each pair
(``aggregation``).
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from schemas import Event, Evidence, Holder, Issue, Mention, Probabilities, Stance, Target, Work
from schemas.base import MAX_MENTIONS, FieldName
from schemas.event import Basis
from services.stance.aggregation import DIGITS, SURE, likeliest, pool
from services.stance.candidates import Candidate, Toward, find_candidates
from services.stance.encoder import StanceEncoder
from services.stance.fields import Field, fields_of
from services.stance.holders import Source, holder_of
from services.stance.issues import Named, issues_of
from services.stance.quotations import attributions_of
from services.stance.reader import LexiconReader, Reader, Voice
from services.stance.settings import LEXICON, StanceSettings
from services.stance.trained import TrainedReader
from services.stance.watched import IssueList, Place

_Span = tuple[FieldName, int, int]
"""Field, and the place there as received (code points)."""
_Place = tuple[str, int]
"""Field and start of the sentence that a stance was read in."""
_Key = tuple[str, str, Toward]
"""Holder's entity, holder's name in lower case, target; both of the first empty for the article's own voice."""
_BASES: dict[Voice, Basis] = {
    "speech": "speech",
    "call": "speech",
    "act": "act",
    "author": "article",
    "text": "article",
}


class AskingMethod:
    """Reads documents by a reader's answers."""

    def __init__(self, settings: StanceSettings, reader: Reader) -> None:
        self._settings = settings
        self._reader = reader
        self.name = reader.name

    def __call__(self, works: Sequence[Work], issues: IssueList) -> list[tuple[tuple[Issue, ...], tuple[Stance, ...]]]:
        """For each document its issues and stances."""
        asked = _ask(works, issues)
        found = [[(candidate, span) for candidate, span in one.questions if self._is_asked(candidate)] for one in asked]
        answers = self._reader.read([[candidate.passage for candidate, _ in own] for own in found])
        stances = map(self._aggregate, [one.issues for one in asked], found, answers)
        return list(zip([one.issues for one in asked], stances, strict=True))

    def _is_asked(self, candidate: Candidate) -> bool:
        return candidate.holder is not None or self._settings.author

    def _aggregate(
        self,
        issues: Sequence[Issue],
        found: Sequence[tuple[Candidate, _Span]],
        answers: Sequence[Probabilities | None],
    ) -> tuple[Stance, ...]:
        """One stance for each pair, in the order in which the pairs were first read."""
        ids = {issue.watched: issue.id for issue in issues}
        holders: dict[_Key, Source | None] = {}
        read: dict[_Key, dict[_Place, _Read]] = {}
        for (candidate, span), answer in zip(found, answers, strict=True):
            if answer is None or (candidate.target.kind == "issue" and candidate.target.id not in ids):
                continue
            holder = candidate.holder or Source()
            key = (holder.entity, holder.name.casefold(), candidate.target)
            holders.setdefault(key, candidate.holder)
            places = read.setdefault(key, {})
            known = places.get(span[:2])
            if known is None or _sureness(answer) > _sureness(known.answer):
                places[span[:2]] = _Read(span, answer, _BASES[candidate.passage.voice])
        stances = [
            self._stance(_target(key[2], ids), holder_of(holders[key]), list(places.values()))
            for key, places in read.items()
        ]
        kept = [stance for stance in stances if stance.confidence >= self._settings.minimum_confidence]
        surest = sorted(range(len(kept)), key=lambda i: (-kept[i].confidence, i))[: self._settings.stances]
        return tuple(kept[i] for i in sorted(surest))

    def _stance(self, target: Target, holder: Holder, read: Sequence["_Read"]) -> Stance:
        read = [one for one in read if _sureness(one.answer) >= SURE] or read
        sides = [one for one in read if likeliest(one.answer) != "neutral"] or read
        label, probabilities = pool([one.answer for one in sides])
        surest = max(sides, key=lambda one: (likeliest(one.answer) == label, _sureness(one.answer)))
        evidence = [
            Evidence(
                field=one.span[0],
                start=one.span[1],
                end=one.span[2],
                stance=likeliest(one.answer),
                confidence=round(_sureness(one.answer), DIGITS),
            )
            for one in read
        ]
        return Stance(
            holder=holder,
            target=target,
            stance=label,
            basis=surest.basis,
            confidence=getattr(probabilities, label),
            probabilities=probabilities,
            mixed={"favor", "against"} <= {one.stance for one in evidence},
            evidence=tuple(evidence[: self._settings.evidence]),
        )


class _Read(NamedTuple):
    """What was read in one place, and what it was read from."""

    span: _Span
    answer: Probabilities
    basis: Basis


def make_reader(model: str) -> Reader:
    """The reader that ``StanceSettings.model`` names. Raises ValueError where there is none."""
    return LexiconReader() if model == LEXICON else TrainedReader(StanceEncoder(model))


def _sureness(answer: Probabilities) -> float:
    return max(answer.favor, answer.against, answer.neutral)


def _target(toward: Toward, issues: Mapping[str | None, str]) -> Target:
    """``issues``: the ids in the event by those of the list."""
    if toward.kind == "issue":
        return Target(kind="issue", issue=issues[toward.id])
    return Target(kind="entity", entity=toward.id)


class _Asked(NamedTuple):
    """What a document is asked: its issues, and the candidates with their evidence in the field as received."""

    issues: tuple[Issue, ...]
    questions: list[tuple[Candidate, _Span]]


def questions(works: Sequence[Work], issues: IssueList) -> list[list[tuple[Candidate, _Span]]]:
    """For each work the candidates of title and text, with their evidence in the field as received."""
    return [one.questions for one in _ask(works, issues)]


def _ask(works: Sequence[Work], issues: IssueList) -> list[_Asked]:
    fields = [fields_of(work) for work in works]
    attributions = iter(attributions_of([field.page for own in fields for field in own]))
    asked = []
    for work, own in zip(works, fields, strict=True):
        places = [issues.find(field.cleaned.text) for field in own]
        asked.append(
            _Asked(
                _issues(work.event, own, places),
                [
                    (candidate, (field.name, *field.cleaned.span(*candidate.evidence)))
                    for field, named in zip(own, places, strict=True)
                    for candidate in find_candidates(field.page, named, next(attributions))
                ],
            )
        )
    return asked


def _issues(event: Event, fields: Sequence[Field], places: Sequence[Sequence[Place]]) -> tuple[Issue, ...]:
    """The watched issues that a document names, in the order of first mention; of more than ``MAX_ISSUES`` the most salient."""
    names: dict[str, str] = {}
    mentions: dict[str, list[Mention]] = {}
    every = ((field, place) for field, own in zip(fields, places, strict=True) for place in own)
    for field, place in islice(every, MAX_MENTIONS):
        start, end = field.cleaned.span(place.start, place.end)
        words = getattr(event, field.name)[start:end]
        names.setdefault(place.id, field.cleaned.text[place.start : place.end])
        mentions.setdefault(place.id, []).append(Mention(field=field.name, start=start, end=end, text=words))
    named = {
        watched: Named(names[watched], watched, sorted(own, key=lambda one: (one.field != "title", one.start)))
        for watched, own in mentions.items()
    }
    return tuple(issues_of(named).values())
