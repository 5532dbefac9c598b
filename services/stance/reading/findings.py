"""From what the model says of the pairs of all windows to the findings of a document: one for each holder and target.

1. A pair counts where none of it is likelier than ``FLOOR``. What several phrases name is one target: an entity, or an issue, whose
   phrases share at least half of their words.
2. The side of a finding is the one that has more: the likeliest places of each side are added up as 1 - (1 - p1)(1 - p2 / 3)
   (1 - p3 / 3), since what one article says twice is said by one writer.
3. Nobody takes a side toward what has their own name. Of findings that say the same with much the same names the surest is kept.
4. A finding's confidence is a logistic regression over that, and over who and what the holder and the target are, fitted on judged
   articles (``training.reading``).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.stance.holders import Source
from services.stance.reading.names import Names, alike, is_named, is_one, words_of
from services.stance.reading.windows import OWN_WORDS, SAME_SENTENCE, Span, Window

Side = Literal["favor", "against"]
Basis = Literal["speech", "act", "article"]
SIDES: tuple[Side, Side] = ("favor", "against")
FLOOR = 0.08
"""Probability of a side from which on a pair is looked at."""
MOST_PAIRS = 1_000
"""Pairs of a document that are looked at: an article of 1,000 words has 50. What follows compares each with each."""
_PLACES = 4
"""Of one side, that count."""
_SHARE = 1 / 3
_CLOSE = 0.6
"""Of the words of two names, in findings that say the same: "Novak" and "Novak administration"."""
_SPOKEN = frozenset({1, OWN_WORDS})
AUTHOR = Source()
LISTED = "#"
"""Before the id of an issue of the user's list, in place of an entity's id."""


class Reading(NamedTuple):
    """What the model says of a pair in one place: indexes of the window and of its holders and targets, the probabilities of favor
    and against."""

    window: int
    holder: int
    target: int
    favor: float
    against: float

    @property
    def side(self) -> int:
        """0 for favor, 1 for against."""
        return int(self.against > self.favor)

    @property
    def sure(self) -> float:
        """The probability of its side."""
        return max(self.favor, self.against)


class Finding(NamedTuple):
    """A side of a holder toward a target. ``places`` are the readings of this side, the surest first, ``others``
    those of the other, ``other`` is the weight of that side, and ``traits`` is what the confidence is reckoned from."""

    holder: Source
    target: Source
    side: Side
    confidence: float
    basis: Basis
    places: tuple[Reading, ...]
    others: tuple[Reading, ...]
    other: float
    traits: Mapping[str, float]


class Known(NamedTuple):
    """What is known of a document's entities, and of listed issues, by id: all names, salience, type."""

    names: Mapping[str, Names]
    salience: Mapping[str, float]
    types: Mapping[str, str]

    def of(self, party: Source) -> Names:
        """The names of a holder or target."""
        return self.names.get(party.entity) or (party.name,)


def findings(
    read: Sequence[tuple[Window, NDArray[np.float32]]], known: Known, weights: Mapping[str, float]
) -> list[Finding]:
    """The findings of a document, the surest first."""
    groups: dict[tuple[Source, Source], list[Reading]] = {}
    for number, (window, shares) in enumerate(read):
        for i, j in np.argwhere(shares[..., 1:].sum(-1) > FLOOR).tolist():
            holder = AUTHOR if i == len(window.holders) else window.spans[window.holders[i]].party
            target = target_of(window.spans[window.targets[j]])
            if holder != target:
                place = Reading(number, i, j, float(shares[i, j, 1]), float(shares[i, j, 2]))
                groups.setdefault((holder, target), []).append(place)
    joined = _joined(_surest(groups), known)
    found = [_finding(holder, target, own, read, known, weights) for (holder, target), own in joined.items()]
    kept: list[Finding] = []
    for one in sorted(found, key=lambda one: -one.confidence):
        if not any(_says(other, one, known) for other in kept):
            kept.append(one)
    return kept


def _surest(groups: Mapping[tuple[Source, Source], list[Reading]]) -> dict[tuple[Source, Source], list[Reading]]:
    """The ``MOST_PAIRS`` groups with the surest places, the surest first."""
    order = sorted(groups, key=lambda key: (-max(one.sure for one in groups[key]), key))
    return {key: groups[key] for key in order[:MOST_PAIRS]}


def _says(one: Finding, other: Finding, known: Known) -> bool:
    """Whether one finding says what the other does: the same side, of holders and toward targets of much the same names."""
    return (
        one.side == other.side
        and (
            one.holder == other.holder
            or (AUTHOR not in (one.holder, other.holder) and _are_alike(one.holder, other.holder, known))
        )
        and (one.target == other.target or _are_alike(one.target, other.target, known))
    )


def _are_alike(one: Source, other: Source, known: Known) -> bool:
    return alike(known.of(one), known.of(other), _CLOSE)


def target_of(span: Span) -> Source:
    """What a span is as a target: an issue of the user's list, which has ``LISTED`` before its id, or what it means."""
    return Source(entity=LISTED + span.listed) if span.listed else span.party


def _joined(
    groups: Mapping[tuple[Source, Source], list[Reading]], known: Known
) -> dict[tuple[Source, Source], list[Reading]]:
    """The groups in which holder and target of the same names are one; they come with the surest first, whose wording stays."""
    holders: list[Source] = []
    targets: list[Source] = []
    joined: dict[tuple[Source, Source], list[Reading]] = {}
    for holder, target in groups:
        pair = _same(holder, holders, known), _same(target, targets, known)
        if pair[0] == AUTHOR or not (pair[0] == pair[1] or _are_alike(*pair, known)):
            joined.setdefault(pair, []).extend(groups[holder, target])
    return joined


def _same(party: Source, seen: list[Source], known: Known) -> Source:
    """That of ``seen`` which has the same name, or the party itself, which is seen then. Entities are what they are."""
    if party == AUTHOR or party in seen:
        return party
    if not party.entity:
        for other in seen:
            if is_named(party.name, known.names[other.entity]) if other.entity else is_one(party.name, other.name):
                return other
    seen.append(party)
    return party


def _finding(
    holder: Source,
    target: Source,
    places: list[Reading],
    read: Sequence[tuple[Window, NDArray[np.float32]]],
    known: Known,
    weights: Mapping[str, float],
) -> Finding:
    strength = [_strength([one.favor for one in places]), _strength([one.against for one in places])]
    side = int(strength[1] > strength[0])
    own = sorted((one for one in places if one.side == side), key=lambda one: -one.sure)
    own = own or sorted(places, key=lambda one: -one.sure)  # the sum of many small ones was larger
    traits = traits_of(holder, target, own, strength, read, known)
    confidence = 1 / (1 + math.exp(-sum(weights.get(name, 0.0) * value for name, value in traits.items())))
    basis = _basis(holder, own[0], read)
    others = tuple(one for one in places if one.side != own[0].side)
    return Finding(holder, target, SIDES[side], confidence, basis, tuple(own), others, strength[1 - side], traits)


def _strength(shares: Sequence[float]) -> float:
    top = sorted(shares, reverse=True)[:_PLACES]
    return 1 - math.prod(1 - share * (1 if at == 0 else _SHARE) for at, share in enumerate(top))


def _basis(holder: Source, place: Reading, read: Sequence[tuple[Window, NDArray[np.float32]]]) -> Basis:
    if holder == AUTHOR:
        return "article"
    window = read[place.window][0]
    return "speech" if int(window.pair[place.holder, place.target, 2]) in _SPOKEN else "act"


def traits_of(
    holder: Source,
    target: Source,
    places: Sequence[Reading],
    strength: Sequence[float],
    read: Sequence[tuple[Window, NDArray[np.float32]]],
    known: Known,
) -> dict[str, float]:
    """What the confidence of a finding is reckoned from. ``places`` are those of its side, the surest first."""
    best = places[0]
    window = read[best.window][0]
    name = words_of(known.of(target)[0])
    pair = window.pair[best.holder, best.target]
    held, aimed = known.types.get(holder.entity, ""), known.types.get(target.entity, "")
    sure = min(max(best.sure, 1e-4), 1 - 1e-4)
    return {
        "one": 1.0,
        "sure": math.log(sure / (1 - sure)),
        "strength": max(strength),
        "other": min(strength),
        "places": math.log(len(places)),
        "author": float(holder == AUTHOR),
        "person": float(held == "PERSON"),
        "body": float(held == "ORG"),
        "place": float(held in ("GPE", "LOC", "FAC", "NORP")),
        "salient_holder": math.sqrt(known.salience.get(holder.entity, 0.0)),
        "toward_person": float(aimed == "PERSON"),
        "toward_body": float(aimed == "ORG"),
        "toward_place": float(aimed in ("GPE", "LOC", "FAC", "NORP")),
        "salient_target": math.sqrt(known.salience.get(target.entity, 0.0)),
        "one_word": float(not target.entity and len(name) <= 1),
        "many_words": float(not target.entity and len(name) >= 4),
        "own_words": float(pair[2] == OWN_WORDS),
        "others_words": float(pair[2] in (3, 4)),
        "same_sentence": float(pair[1] == SAME_SENTENCE),
        "title": float(window.field == "title"),
        "lead": float(window.field == "text" and window.words[0] == 0),
        "against": float(best.side),
    }
