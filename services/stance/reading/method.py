"""The stances and issues of a document, by the model that reads pairs.

An issue is what a finding is toward that is no entity, or what the user's list names. Evidence is the sentence that a finding was
read in; of a long one, what reaches from the holder, the cue and the target to the end of what is said.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas import Event, Evidence, Issue, Mention, Probabilities, Stance, Target, Work
from schemas.base import FieldName
from services.stance.fields import Field, fields_of
from services.stance.holders import Source, holder_of
from services.stance.issues import Named, issues_of
from services.stance.page import Range
from services.stance.quotations import Attribution, attributions_of
from services.stance.reading.encoder import PairEncoder
from services.stance.reading.findings import AUTHOR, LISTED, SIDES, Finding, Known, Reading, findings, target_of
from services.stance.reading.names import is_one
from services.stance.reading.windows import OWN_WORDS, SAME_SENTENCE, Sheet, Window, windows, wording
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList

Read = Sequence[tuple[Window, NDArray[np.float32]]]
"""Windows with the probabilities of their pairs."""
_LONG = 45
"""Tokens from which on a sentence is cut to what shows the stance."""
_AROUND = 15
_EITHER = 0.5
"""Probability from which on a place of the other side is evidence of its own."""
MOST_ISSUES = 12
"""Of a document, beside those of the user's list."""
_CUE = 100
_DIGITS = 4


class _Place(NamedTuple):
    """A place of the document: the field, and tokens of its page."""

    field: Field
    tokens: Range


class PairMethod:
    """Reads documents. The same document gives the same result, whatever others come with it."""

    def __init__(self, encoder: PairEncoder, settings: StanceSettings) -> None:
        self._encoder = encoder
        self._settings = settings
        self.name = encoder.about.name

    def __call__(self, works: Sequence[Work], listed: IssueList) -> list[tuple[tuple[Issue, ...], tuple[Stance, ...]]]:
        """For each document its issues and stances; ``listed`` are the issues of the user's list."""
        return [self._document(work.event, own) for work, own in zip(works, sheets_of(works, listed), strict=True)]

    def _document(
        self, event: Event, sheets: Sequence[tuple[Field, Sheet]]
    ) -> tuple[tuple[Issue, ...], tuple[Stance, ...]]:
        known = known_of(event, sheets)
        read = self.read(event, [sheet for _, sheet in sheets])
        kept = [one for one in findings(read, known, self._encoder.about.weights) if self._is_kept(one)]
        kept = _with_few_issues(kept)[: self._settings.stances]
        issues = _issues(kept, read, {one.name: (one, sheet) for one, sheet in sheets})
        ids = {source: issue.id for source, issue in issues.items()}
        pages = {one.name: (one, sheet) for one, sheet in sheets}
        kept = [one for one in kept if one.target in ids or not one.target.entity.startswith(LISTED)]
        stances = [self._stance(one, ids, read, pages) for one in kept]
        return tuple(issues.values()), tuple(sorted(stances, key=lambda one: _order(one)))

    def read(self, event: Event, sheets: Sequence[Sheet]) -> Read:
        """What the model says of all windows of a document."""
        salience = {entity.id: entity.salience for entity in event.entities}
        names = {entity.id: entity.name for entity in event.entities}
        found = (window for sheet in sheets for window in windows(sheet, self._encoder.pieces, salience, names))
        return [(window, self._encoder(window)) for window in found if window.targets]

    def _is_kept(self, one: Finding) -> bool:
        if one.holder == AUTHOR and not self._settings.author:
            return False
        return one.confidence >= self._settings.minimum_confidence

    def _stance(
        self,
        one: Finding,
        ids: Mapping[Source, str],
        read: Read,
        pages: Mapping[FieldName, tuple[Field, Sheet]],
    ) -> Stance:
        confidence = round(one.confidence, _DIGITS)
        other = round((1 - confidence) * one.other, _DIGITS)
        neutral = round(1 - confidence - other, _DIGITS)
        shares = {one.side: confidence, SIDES[1 - SIDES.index(one.side)]: other}
        best, *more = _by_holder(one.holder, one.places, read) or one.places
        others = [place for place in _by_holder(one.holder, one.others, read) if place.sure >= _EITHER]
        places = [best, *(place for place in more if place.sure >= _EITHER), *others][: self._settings.evidence]
        evidence = [_evidence(place, read[place.window][0], *pages[read[place.window][0].field]) for place in places]
        kept: dict[tuple[FieldName, int], Evidence] = {}
        for shown in evidence:
            kept.setdefault((shown.field, shown.start), shown)
        evidence = sorted(kept.values(), key=lambda shown: (shown.field != "title", shown.start))
        return Stance(
            holder=holder_of(one.holder),
            target=Target(kind="issue", issue=ids[one.target])
            if one.target in ids
            else Target(kind="entity", entity=one.target.entity),
            stance=one.side,
            confidence=confidence,
            probabilities=Probabilities(neutral=neutral, **shares),
            mixed=bool(others),
            basis=one.basis,
            evidence=tuple(evidence),
        )


def _by_holder(holder: Source, places: Sequence[Reading], read: Read) -> list[Reading]:
    """The places of which the target stands in the holder's own words, or in one sentence with the holder.

    The others are no evidence where there are such: the model says what it knows of a pair at each mention of the target, also
    where somebody else speaks.
    """
    if holder == AUTHOR:
        return list(places)
    found = []
    for place in places:
        _, sentence, words = read[place.window][0].pair[place.holder, place.target].tolist()
        if words == OWN_WORDS or sentence == SAME_SENTENCE:
            found.append(place)
    return found


def sheets_of(works: Sequence[Work], listed: IssueList) -> list[list[tuple[Field, Sheet]]]:
    """The fields of each document, and what is read of them."""
    fields = [fields_of(work) for work in works]
    attributions = iter(attributions_of([one.page for own in fields for one in own]))
    return [[(one, _sheet(one, next(attributions), listed)) for one in own] for own in fields]


def known_of(event: Event, sheets: Iterable[tuple[Field, Sheet]]) -> Known:
    """What findings need to know of the entities and listed issues of a document."""
    names: dict[str, tuple[str, ...]] = {one.id: (one.name, *one.aliases) for one in event.entities}
    listed: dict[str, dict[str, None]] = {}
    for _, sheet in sheets:
        for tokens, identity in sheet.listed:
            listed.setdefault(LISTED + identity, {})[sheet.page.text[slice(*sheet.page.span(*tokens))].casefold()] = (
                None
            )
    return Known(
        names | {identity: tuple(own) for identity, own in listed.items()},
        {one.id: one.salience for one in event.entities},
        {one.id: one.type for one in event.entities},
    )


def _sheet(field: Field, attributions: Sequence[Attribution], listed: IssueList) -> Sheet:
    page = field.page
    places = [(page.tokens_of(one.start, one.end), one.id) for one in listed.find(page.text)]
    return Sheet(field.name, page, attributions, places)


def _with_few_issues(found: Sequence[Finding]) -> list[Finding]:
    """The findings toward entities, listed issues and the first ``MOST_ISSUES`` others."""
    seen: dict[Source, None] = {}
    kept = []
    for one in found:
        if not one.target.entity:
            if one.target not in seen and len(seen) == MOST_ISSUES:
                continue
            seen[one.target] = None
        kept.append(one)
    return kept


def _issues(
    found: Sequence[Finding], read: Read, pages: Mapping[FieldName, tuple[Field, Sheet]]
) -> dict[Source, Issue]:
    """The issues that findings are toward or that the user's list names, in the order of their first mention."""
    places: dict[Source, set[tuple[FieldName, Range]]] = {}
    for name, (_, sheet) in pages.items():
        for tokens, identity in sheet.listed:
            places.setdefault(Source(entity=LISTED + identity), set()).add((name, tokens))
    targets = [one.target for one in found if not one.target.entity]
    for window, _ in read:
        for at in window.targets:
            party = target_of(window.spans[at])
            if not party.entity:
                for target in targets:
                    if is_one(party.name, target.name):
                        places.setdefault(target, set()).add((window.field, window.spans[at].tokens))
    mentions = {
        target: sorted(
            (_mention(*pages[name], tokens) for name, tokens in own), key=lambda one: (one.field != "title", one.start)
        )
        for target, own in places.items()
    }
    named = {
        target: Named(target.name or " ".join(own[0].text.split()), target.entity.removeprefix(LISTED) or None, own)
        for target, own in mentions.items()
    }
    return issues_of(named, {one.target for one in found})


def _mention(field: Field, sheet: Sheet, tokens: Range) -> Mention:
    page = sheet.page
    first, last = wording(page, tokens)
    if first == last:  # the user's phrase may be a verb here
        first, last = tokens
    start, end = field.cleaned.span(*page.span(first, last))
    return Mention(field=field.name, start=start, end=end, text=field.raw[start:end])


def _evidence(place: Reading, window: Window, field: Field, sheet: Sheet) -> Evidence:
    page = sheet.page
    target = window.spans[window.targets[place.target]]
    first, last = page.sentence_at(target.tokens[0])
    number = window.speech[place.target]
    attribution = sheet.attributions[number] if number >= 0 else None
    holder = window.spans[window.holders[place.holder]] if place.holder < len(window.holders) else None
    if attribution is None and holder is not None and holder.source_of >= 0:
        attribution = sheet.attributions[holder.source_of]
    cue = attribution.cue if attribution is not None and attribution.cue[1] > attribution.cue[0] else None
    if last - first > _LONG:
        near = [target.tokens]
        if holder is not None and first <= holder.tokens[0] < last:
            near.append(holder.tokens)
        if cue is not None and first <= cue[0] < last:
            near.append(cue)
        begin, end = min(near)[0], max(own[1] for own in near)
        first, last = begin, min(last, end + _AROUND)
    start, end = field.cleaned.span(*page.span(first, last))
    words = page.text[slice(*page.span(*cue))][:_CUE] if cue is not None else None
    return Evidence(
        field=field.name,
        start=start,
        end=end,
        stance=SIDES[place.side],
        confidence=round(place.sure, _DIGITS),
        cue=words,
    )


def _order(stance: Stance) -> tuple[bool, int, int]:
    first = stance.evidence[0]
    return first.field != "title", first.start, first.end
