"""Which of the things in a sentence that could be attributions are some, and with which source.

Decides by the odds of ``likelihood``: for each cue the likeliest source, if that is likely enough, and one cue of a group of
verbs. Where attributions stand within each other, all of them are kept; which words are whose is for ``quotations``.
"""

from dataclasses import dataclass

from services.stance.likelihood import SCALE, Weights, log_odds
from services.stance.page import Page
from services.stance.proposals import Place, Proposal, noun_phrases, places, proposals
from services.stance.traits import CueTraits, cue_traits, setting, source_traits

LIKELY = 0.36
"""From this probability on something is an attribution. Source F1 in cross-validation on PolNeAR's training part is 76.7 with 0.30,
76.8 with 0.34 and with 0.38; precision is 80, 82 and 84."""
LIKELY_NESTED = 0.15
"""The same within what another one attributes: PolNeAR annotates none there, so what was learnt is too low there."""
_LEAST, _LEAST_NESTED = log_odds(LIKELY), log_odds(LIKELY_NESTED)
_CLEAR = log_odds(0.9)
"""A source that is likelier needs no comparison: the likeliest orders come first."""
HOPELESS = -2.5
"""Log odds of a cue without its source below which no source is looked for: more than half of the words that may be cues. With
-3 it takes a third longer and finds no more that is right, with -2 recall falls by a point."""
MAX_GROUP = 3
"""Tokens between two cues that may still be one cue: "made it clear", "took a shot at"."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An attribution's cue and source; ``odds`` are log odds in sixteenths."""

    place: Place
    proposal: Proposal
    odds: int

    @property
    def likely(self) -> bool:
        """Whether it is an attribution wherever it stands, not only within another one."""
        return self.odds > _LEAST


def choose(page: Page, first: int, last: int, learnt: Weights) -> list[Choice]:
    """The attributions of a sentence, the tokens ``first`` to ``last``, by their cue's place, with those that may be nested."""
    kept: list[Choice] = []
    around = phrases = None
    for place in places(page, first, last):
        around = around or setting(page, first, last)
        cue = cue_traits(page, place, around)
        odds = learnt.of(cue.all) + learnt.bias
        if odds < round(SCALE * HOPELESS):
            continue
        if phrases is None:
            phrases = noun_phrases(page, first, last)
        choice = _likeliest(page, place, cue, odds, proposals(page, place, phrases), learnt)
        if choice is None:
            continue
        if kept and _same_cue(page, kept[-1], choice):
            if choice.odds <= kept[-1].odds:
                continue
            kept.pop()
        kept.append(_joined(page, kept[-1], choice) if kept else choice)
    return kept


def _likeliest(
    page: Page, place: Place, cue: CueTraits, odds: int, sources: list[Proposal], learnt: Weights
) -> Choice | None:
    """The likeliest source of a cue, where it is likely enough."""
    best, proposal = _LEAST_NESTED, None
    for one in sources:
        total = odds + learnt.of(source_traits(page, place, cue, one))
        if total > best:
            best, proposal = total, one
            if total > _CLEAR:
                break
    return Choice(place, proposal, best) if proposal is not None else None


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
