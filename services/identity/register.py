"""Whom a bare surname means, by what the stream has told so far: which people of that name it named in full, how often, how they
were titled and in what company.

A function of the notes of the last ``span`` documents and of nothing else: whoever adds these again, in order, gets the same
answers from there on. So a stage that keeps a note in the row of each document has the register back after a crash.

For a bare name the candidates are those whom the stream knows by that word. Their odds are how many documents have named them,
those long ago counting less, times how well title and company fit. Beside them stands somebody who has not been named yet: with
odds that grow with the number of different people of that name. The likeliest gets it if it is likely enough; else the name has
no key, since a wrong one would join two people for good.
"""

import math
from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from schemas.event import Entity
from services.identity.names import read_person
from services.identity.notes import Bearer, Note, titles_of

SPAN = 10_000
"""Documents that are remembered: of a large stream those of some days."""
_AGES = (1, 2, 4, 8)
"""Eighths of the span: a document counts a quarter for each that it is younger than."""
_PEOPLE = 16
"""People of one word that may be meant, those named most."""
_LOOKED_AT = 64
"""Documents of one person, the newest, whose titles and company are looked at."""
LIKELY = 0.8
_FIRST_NAME = 0.25
"""A bare word is a surname that much more often than a first name."""
_FAME = 2.0
"""Power of the documents that named somebody: who is called by a bare name without an introduction is known to all."""
_RELATIVE = 2.0
"""Added to the log odds of a first name where the document names somebody of the same surname in full."""
_PERSON = "person:"
_STRANGER, _STRANGER_PER_PERSON = 0.25, 0.05
"""Odds, in documents, of somebody who was not named yet."""
_TOGETHER, _SHARED = 1.0, 3
"""What somebody new is less likely by, in log odds, where a document has named the likeliest one beside so many of those whom
this one names."""
_PRIOR = 3.0
"""Documents that a share is estimated with beside those there were."""
_MOST, _MOST_TITLE, _MOST_COMPANION = 3.0, 1.5, 0.7
"""Bounds on what titles, and on what company, may add to somebody's log odds: all, one title, one companion."""
_INDEPENDENT = 4
"""So many companions are evidence each for itself; more say the same again."""
_KNOWN_WELL = 5.0
"""Documents from which what they tell of somebody counts in full."""

_Word = TypeVar("_Word", str, int)


class _Named(NamedTuple):
    """The documents that have named somebody under one word, in order."""

    numbers: list[int]
    told: list[tuple[Bearer, Note]]


class _Candidate(NamedTuple):
    """Somebody who may be meant: the key, how many documents have named them, and what the newest of these tell."""

    key: str
    weight: float
    newest: list[tuple[Bearer, Note]]
    first: bool

    @property
    def gender(self) -> str:
        return next((bearer.gender for bearer, _ in reversed(self.newest) if bearer.gender), "")


class Register:
    """The memory of a stream.

    Args:
        span: documents that are remembered. likely: least probability, 0 to 1, with which a bare name is resolved.
    """

    def __init__(self, span: int = SPAN, likely: float = LIKELY) -> None:
        self._span, self._likely = span, likely
        self._ages = tuple(span * age // _AGES[-1] for age in _AGES)
        self._notes: deque[tuple[int, Note]] = deque()
        self._people: dict[str, dict[str, _Named]] = {}

    def __len__(self) -> int:
        """Words that are remembered."""
        return len(self._people)

    def add(self, number: int, note: Note) -> None:
        """Remember the document ``number``, which is greater than all before, and forget those that are ``span`` back."""
        while self._notes and self._notes[0][0] <= number - self._span:
            self._forget(self._notes.popleft()[1])
        if not note.bearers:
            return
        self._notes.append((number, note))
        for bearer in note.bearers:
            for word in _words(bearer):
                named = self._people.setdefault(word, {}).setdefault(bearer.key, _Named([], []))
                named.numbers.append(number)
                named.told.append((bearer, note))

    def meant(self, number: int, entities: Sequence[Entity], note: Note) -> dict[str, str]:
        """The keys of the bare names of the document ``number``, which is not remembered yet, by the ids of the entities; those
        that are not sure are left out. ``note``: that of the document."""
        bare = [one for one in entities if one.type == "PERSON" and one.key is None]
        if not bare:
            return {}
        named = {one.key for one in entities if one.key}
        found: dict[str, str] = {}
        for entity in bare:
            key = self._meant(number, entity, note, named)
            if key:
                found[entity.id] = key
        return found

    def _meant(self, number: int, entity: Entity, note: Note, named: set[str]) -> str | None:
        name = read_person(entity.name)
        people = self._candidates(number, name.last, name.first, named)
        if not people:
            return None
        titles, gender = titles_of(entity)
        family = {key.rpartition(" ")[2] for key in named if key.startswith(_PERSON)}
        titled = _fits(titles, people, _titles, _MOST_TITLE)
        escorted = _fits(note.company, people, _company, _MOST_COMPANION)
        odds = {
            one.key: _FAME * math.log(one.weight) + _called(one, family) + title + company
            for one, title, company in zip(people, titled, escorted, strict=True)
            if not (gender and one.gender and gender != one.gender)
        }
        if not odds:
            return None
        best = max(odds, key=lambda key: (odds[key], key))
        stranger = math.log(_STRANGER + _STRANGER_PER_PERSON * len(people))
        stranger -= _TOGETHER * _is_together(note, next(one for one in people if one.key == best))
        share = 1 / (sum(math.exp(one - odds[best]) for one in odds.values()) + math.exp(stranger - odds[best]))
        return best if share >= self._likely else None

    def _candidates(self, number: int, word: str, initial: str, named: set[str]) -> list[_Candidate]:
        """Those who may be meant, in an order that does not tell who was remembered first."""
        found = []
        for key, one in self._people.get(word, {}).items():
            if key not in named and key.rpartition(":")[2].startswith(initial):
                bearer = one.told[-1][0]
                found.append(
                    _Candidate(key, self._weight(number, one.numbers), one.told[-_LOOKED_AT:], word == bearer.first)
                )
        return sorted(found, key=lambda one: (-one.weight, one.key))[:_PEOPLE]

    def _weight(self, number: int, numbers: list[int]) -> float:
        return sum(len(numbers) - bisect_left(numbers, number - age) for age in self._ages) / len(self._ages)

    def _forget(self, note: Note) -> None:
        for bearer in note.bearers:
            for word in _words(bearer):
                people = self._people[word]
                numbers, told = people[bearer.key]
                del numbers[0], told[0]
                if not numbers:
                    del people[bearer.key]
                if not people:
                    del self._people[word]


def _words(bearer: Bearer) -> set[str]:
    """The words that somebody may be called by."""
    return {bearer.first, bearer.last} - {""}


def _called(one: _Candidate, family: set[str]) -> float:
    """Log odds of the word as this person's name: a first name is seldom alone but beside one of the family (``Joe Biden and his
    son Hunter``)."""
    if not one.first:
        return 0.0
    return math.log(_FIRST_NAME) + _RELATIVE * (one.key.startswith(_PERSON) and one.key.rpartition(" ")[2] in family)


def _is_together(note: Note, one: _Candidate) -> bool:
    """Whether one of the documents that have named somebody names ``_SHARED`` of those that this one names."""
    wanted = frozenset(note.company)
    return any(len(wanted.intersection(company)) >= _SHARED for company in _company(one))


def _titles(one: _Candidate) -> list[tuple[str, ...]]:
    return [bearer.titles for bearer, _ in one.newest]


def _company(one: _Candidate) -> "list[array[int]]":
    return [note.company for _, note in one.newest]


def _fits(
    told: Sequence[_Word],
    people: Sequence[_Candidate],
    of: Callable[[_Candidate], Sequence[Sequence[_Word]]],
    most_each: float,
) -> list[float]:
    """How much better what a document tells fits each person than all of a word: the logarithms of ratios summed, bounded by
    ``_MOST`` in all and ``most_each`` for one thing told, and by less for somebody who was named seldom.

    A share is estimated as if ``_PRIOR`` more documents had been as those of all together: who was named once is no surprise.
    """
    if len(people) < 2 or not told:
        return [0.0] * len(people)
    wanted = frozenset(told)
    rates: list[dict[_Word, float]] = []
    for one in people:
        documents = of(one)
        counts = Counter(chain.from_iterable(map(wanted.intersection, documents)))
        rates.append({word: one.weight * count / len(documents) for word, count in counts.items()})
    total = sum(one.weight for one in people)
    shares = [(word, sum(own.get(word, 0.0) for own in rates) / total) for word in told]
    shares = [(word, share) for word, share in shares if share]
    scale = min(1.0, _INDEPENDENT / max(1, len(shares)))
    fits: list[float] = []
    for one, own in zip(people, rates, strict=True):
        fit = 0.0
        for word, share in shares:
            ratio = (own.get(word, 0.0) + _PRIOR * share) / (one.weight + _PRIOR) / share
            fit += max(-most_each, min(most_each, math.log(ratio)))
        fits.append(max(-_MOST, min(_MOST * min(1.0, one.weight / _KNOWN_WELL), scale * fit)))
    return fits
