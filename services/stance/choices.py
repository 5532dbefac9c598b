"""Which of the things in a sentence that could be attributions are some, and with which source.

Decides by the odds of ``likelihood``: for each cue the likeliest source, if that is likely enough, and one cue of a group of
verbs. Where attributions stand within each other, all of them are kept; which words are whose is for ``quotations``.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from services.stance.likelihood import SCALE, Weights, log_odds
from services.stance.page import Page, Range
from services.stance.proposals import Place, Proposal, noun_phrases, places, proposals
from services.stance.traits import CUE, SOURCE, Beside

LIKELY = 0.36
"""From this probability on something is an attribution. Source F1 in cross-validation on PolNeAR's training part is 77.2 with 0.36,
77.1 with 0.40, 77.0 with 0.44; precision is 83, 85 and 86."""
LIKELY_NESTED = 0.15
"""The same within what another one attributes: PolNeAR annotates none there, so what was learnt is too low there."""
_LEAST, _LEAST_NESTED = log_odds(LIKELY), log_odds(LIKELY_NESTED)
HOPELESS = -2.5
"""Log odds of a cue without its source below which no source is looked for: more than half of the words that may be cues. With
-3 it takes longer and finds no more that is right, with -2 recall falls by a point. "Was denounced by" has its source right there,
and is no such word."""
MAX_GROUP = 3
"""Tokens between two cues that may still be one cue: "made it clear", "took a shot at"."""


class Choice(NamedTuple):
    """An attribution's cue and source; ``odds`` are log odds in sixteenths."""

    place: Place
    proposal: Proposal
    odds: int

    @property
    def likely(self) -> bool:
        """Whether it is an attribution wherever it stands, not only within another one."""
        return self.odds > _LEAST


def choose(page: Page, learnt: Weights) -> list[Choice]:
    """The attributions of a page, by their cue's place, with those that may be nested."""
    kept: list[Choice] = []
    for choice in _likeliest(page, places(page), learnt):
        before = kept[-1] if kept and kept[-1].place.first == choice.place.first else None
        if before is not None and _same_cue(page, before, choice):
            if choice.odds <= before.odds:
                continue
            kept.pop()
            before = kept[-1] if kept and kept[-1].place.first == choice.place.first else None
        kept.append(_joined(page, before, choice) if before is not None else choice)
    return kept


def _likeliest(page: Page, found: list[Place], learnt: Weights) -> Iterator[Choice]:
    """For each place that may be a cue its likeliest source, where that is likely enough."""
    if not found:
        return
    beside = Beside(page, found)
    odds = learnt.of(CUE(beside.cues)) + learnt.bias
    owners: list[int] = []
    asked: list[Proposal] = []
    phrases: dict[int, list[Range]] = {}
    for owner in np.flatnonzero((odds >= round(SCALE * HOPELESS)) | beside.has_agent()).tolist():
        place = found[owner]
        if place.first not in phrases:
            phrases[place.first] = noun_phrases(page, place.first, place.last)
        own = proposals(page, place, phrases[place.first])
        asked += own
        owners += [owner] * len(own)
    if not asked:
        return
    totals = (learnt.of(SOURCE(beside.of_sources(owners, asked))) + odds[owners]).tolist()
    for owner, sources in groupby(zip(owners, totals, asked, strict=True), key=itemgetter(0)):
        best, proposal = _LEAST_NESTED, None
        for _, total, one in sources:
            if best < total:
                best, proposal = total, one
        if proposal is not None:
            yield Choice(found[owner], proposal, best)


def _joined(page: Page, before: Choice, choice: Choice) -> Choice:
    """``…, said X, adding that``: a participle behind an inverted verb has its source, and all the doubt was which it has."""
    place = choice.place
    participle = page.lows[place.at].endswith("ing") and page.kinds[place.start - 1] == ","
    if participle and before.likely and before.proposal.order == "inverted":
        return Choice(place, before.proposal, max(choice.odds, _LEAST + 1))
    return choice


def _same_cue(page: Page, one: Choice, other: Choice) -> bool:
    """Whether two cues, the first one before the other, are parts of one."""
    if one.place.at >= other.place.start:
        return True
    near = other.place.at - one.place.at <= MAX_GROUP and one.proposal.source == other.proposal.source
    return near and not any(kind in ",C" for kind in page.kinds[one.place.at : other.place.at])
