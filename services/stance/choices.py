"""Which of the things in a sentence that could be attributions are some, and with which source.

Decides by the odds of ``likelihood``: for each cue the likeliest source, if that is likely enough, and one cue of a group of
verbs. Where attributions stand within each other, all of them are kept; which words are whose is for ``quotations``.
"""

from collections.abc import Sequence
from typing import NamedTuple

from services.stance.grammar import noun_phrases
from services.stance.likelihood import SCALE, Weights, log_odds
from services.stance.page import Page, Range
from services.stance.proposals import Place, places, proposals
from services.stance.traits import CUE, SOURCE, Beside

LIKELY = 0.36
"""From this probability on something is an attribution. Source F1 in cross-validation on PolNeAR's training part is 77.2 with 0.36,
77.1 with 0.40, 77.0 with 0.44; precision is 83, 85 and 86."""
LIKELY_NESTED = 0.15
"""The same within what another one attributes: PolNeAR annotates none there, so what was learnt is too low there."""
_LEAST, _LEAST_NESTED = log_odds(LIKELY), log_odds(LIKELY_NESTED)
HOPELESS = -2.0
"""Log odds of a cue without its source below which no source is looked for: two thirds of the words that may be cues. With -2.5
recall is 0.7 higher, F1 the same (77.1 in cross-validation), and sources are looked for a fifth more often. "Was denounced by" has
its source right there, and is no such word."""
MAX_GROUP = 3
"""Tokens between two cues that may still be one cue: "made it clear", "took a shot at"."""


class Choice(NamedTuple):
    """An attribution's cue and source, how they stand to each other (see ``proposals``), and log odds in sixteenths."""

    place: Place
    source: Range
    order: str
    odds: int

    @property
    def likely(self) -> bool:
        """Whether it is an attribution wherever it stands, not only within another one."""
        return self.odds > _LEAST


def choose(pages: Sequence[Page], learnt: Weights) -> list[list[Choice]]:
    """The attributions of each page, by their cue's place, with those that may be nested."""
    found = [places(page) for page in pages]
    likeliest = _likeliest(pages, found, learnt) if any(found) else [[] for _ in pages]
    return [_without_repeats(page, own) for page, own in zip(pages, likeliest, strict=True)]


def _likeliest(pages: Sequence[Page], found: Sequence[Sequence[Place]], learnt: Weights) -> list[list[Choice]]:
    """For each place of each page that may be a cue its likeliest source, where that is likely enough."""
    beside = Beside(pages, found)
    odds = learnt.of(CUE(beside.cues)) + learnt.bias
    asked = ((odds >= round(SCALE * HOPELESS)) | beside.has_agent()).tolist()
    flat = [(number, place) for number, own in enumerate(found) for place in own]
    owners: list[int] = []
    sources: list[Range] = []
    orders: list[str] = []
    phrases: dict[tuple[int, int], list[Range]] = {}
    for owner, (number, place) in enumerate(flat):
        if asked[owner]:
            sentence = number, place.first
            if sentence not in phrases:
                phrases[sentence] = noun_phrases(pages[number], place.first, place.last)
            proposed = proposals(pages[number], place, phrases[sentence])
            owners += [owner] * len(proposed)
            sources += proposed
            orders += proposed.values()
    totals = (learnt.of(SOURCE(beside.of_sources(owners, sources, orders))) + odds[owners]).tolist() if owners else []
    best: dict[int, int] = {}
    for at, (owner, total) in enumerate(zip(owners, totals, strict=True)):
        if total > _LEAST_NESTED and (owner not in best or total > totals[best[owner]]):
            best[owner] = at
    chosen: list[list[Choice]] = [[] for _ in pages]
    for owner, at in best.items():
        number, place = flat[owner]
        chosen[number].append(Choice(place, sources[at], orders[at], totals[at]))
    return chosen


def _without_repeats(page: Page, found: Sequence[Choice]) -> list[Choice]:
    """The choices of a page, of those that are one cue the likeliest."""
    kept: list[Choice] = []
    for choice in found:
        before = kept[-1] if kept and kept[-1].place.first == choice.place.first else None
        if before is not None and _same_cue(page, before, choice):
            if choice.odds <= before.odds:
                continue
            kept.pop()
            before = kept[-1] if kept and kept[-1].place.first == choice.place.first else None
        kept.append(_joined(page, before, choice) if before is not None else choice)
    return kept


def _joined(page: Page, before: Choice, choice: Choice) -> Choice:
    """``…, said X, adding that``: a participle behind an inverted verb has its source, and all the doubt was which it has."""
    place = choice.place
    participle = page.lows[place.at].endswith("ing") and page.kinds[place.start - 1] == ","
    if participle and before.likely and before.order == "inverted":
        return Choice(place, before.source, before.order, max(choice.odds, _LEAST + 1))
    return choice


def _same_cue(page: Page, one: Choice, other: Choice) -> bool:
    """Whether two cues, the first one before the other, are parts of one."""
    if one.place.at >= other.place.start:
        return True
    near = other.place.at - one.place.at <= MAX_GROUP and one.source == other.source
    return near and not any(kind in ",C" for kind in page.kinds[one.place.at : other.place.at])
