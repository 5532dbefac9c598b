"""Whom the entities of a document are, of those that the knowledge base knows.

It decides between the candidates of a name, and whether it is none of them. A candidate's log odds are a sum: how well known it
is, whether the name is its usual one, the words of the document, the places that it is in and the others that are named with it.
None of them has log odds of its own, ``_NOBODY``, since most people and bodies of the news are in no knowledge base.
"""

import math
import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from schemas.event import Entity
from services.identity.kb import Entry, KnowledgeBase, forms_of
from services.identity.names import kind_of, read_person

_LOOKED_UP = {"person": "person", "body": "body", "place": "place", "group": "body"}
"""What entities of a kind are looked up as: the members of a party as the party."""
_NOBODY = {"person": 1.0, "body": 1.0, "place": 0.5}
_PER_WEIGHT = 2.0
"""For each unit of weight, a power of ten of inhabitants: the larger town of a name is meant some seven times as often."""
_USUAL_NAME = 1.0
_WORD, _MOST_WORDS = 0.7, 3
_NEAREST, _FURTHER = 3.0, 1.0
"""For the state that a town is in, or the country of a party; and for the country of a town, which most of its news names."""
_RELATED, _MOST_RELATED = 1.0, 2
_ALIASES = 8
"""Other forms of a name that are looked up where the name is not known."""
_SURE = 0.9
"""Confidence from which an entity tells who the others are."""
_TEXT = 20_000
"""Characters of a text whose words count."""
_WORD_PATTERN = re.compile(r"[^\W\d_]{3,}")


class Link(NamedTuple):
    """An entity that is known: its ids by scheme, and the probability, 0 to 1, that it is this one."""

    entry: Entry
    confidence: float


class _Text:
    """The words of a document, split when they are first asked for."""

    def __init__(self, title: str, text: str) -> None:
        self._title, self._text = title, text

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_WORD_PATTERN.findall(f"{self._title}\n{self._text[:_TEXT]}".casefold()))


class Linker:
    """Links entities to a knowledge base.

    Args:
        base: the knowledge base. least: the confidence, 0 to 1, below which an entity is not linked.
        prior_alone: take the best known candidate whatever the document says: a floor to measure by.
    """

    def __init__(self, base: KnowledgeBase, least: float, prior_alone: bool = False) -> None:
        self._base, self._least, self._prior_alone = base, least, prior_alone

    def link(self, entities: Sequence[Entity], title: str, text: str) -> list[Link | None]:
        """The link of each entity, None for who is not known."""
        candidates = [self._candidates(entity) for entity in entities]
        if self._prior_alone:
            return [Link(own[0], 1.0) if own else None for own in candidates]
        document = _Text(title, text)
        first = [_choose(own, entity, document, frozenset()) for own, entity in zip(candidates, entities, strict=True)]
        sure = {at: link.entry.own for at, link in enumerate(first) if link and link.confidence >= _SURE}
        everybody = frozenset(one for own in sure.values() for one in own)
        found: list[Link | None] = []
        for at, (own, entity, before) in enumerate(zip(candidates, entities, first, strict=True)):
            link = before
            named = everybody.difference(sure.get(at, ()))  # nobody is evidence for himself
            if any(not named.isdisjoint((*entry.within, *entry.related)) for entry in own):
                link = _choose(own, entity, document, named)
            found.append(link if link and link.confidence >= self._least else None)
        return found

    def _candidates(self, entity: Entity) -> tuple[Entry, ...]:
        kind = _LOOKED_UP.get(kind_of(entity.type))
        if kind is None or entity.type == "FAC":  # no building is a town that is called like it
            return ()
        for name in (entity.name, *entity.aliases[:_ALIASES]):
            if kind == "person" and not read_person(name).full:
                continue
            for form in forms_of(name, kind):
                found = self._base.candidates(form)
                if found:
                    return found
        return ()


def _choose(candidates: Sequence[Entry], entity: Entity, document: _Text, named: frozenset[str]) -> Link | None:
    if not candidates:
        return None
    odds = [_log_odds(entry, entity, document, named) for entry in candidates]
    best = max(range(len(odds)), key=odds.__getitem__)
    shares = sum(math.exp(one - odds[best]) for one in odds)
    nobody = math.exp(_NOBODY[candidates[best].kind] - odds[best])
    return Link(candidates[best], round(1 / (shares + nobody), 4))


def _log_odds(entry: Entry, entity: Entity, document: _Text, named: frozenset[str]) -> float:
    odds = _PER_WEIGHT * (entry.weight - 5)
    odds += _USUAL_NAME * (entry.name == entity.name)
    if entry.context:
        odds += _WORD * min(_MOST_WORDS, len(document.words.intersection(entry.context)))
    for distance, place in enumerate(entry.within):
        if place in named:
            near = not distance and (entry.kind != "place" or len(entry.within) > 1)
            odds += _NEAREST if near else _FURTHER
    if entry.related:
        odds += _RELATED * min(_MOST_RELATED, len(named.intersection(entry.related)))
    return odds
