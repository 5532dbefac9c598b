"""Whom a bare surname means, by what the stream has told so far: which people of that name it named in full, how often, how they
were titled and in what company.

A deterministic function of the documents in the order they come. Its state is rows, one for each word that is somebody's surname
or first name, and is bounded: of more words than ``words`` those go that no document has named for longest.

For a bare name the candidates are those whom the stream knows by that word. Their odds are how many documents have named them,
those long ago counting less, times how well title and company fit. Beside them stands somebody who has not been named yet: with
odds that grow with the number of different people of that name. The likeliest gets it if it is likely enough; else the name has
no key, since a wrong one would join two people for good.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.event import Entity
from services.entities.titles import gender_of
from services.entities.vocabulary import FEMALE_NAMES, MALE_NAMES
from services.entities.words import fold
from services.identity.names import read_person

WORDS = 50_000
"""Words that are remembered: some 60 MB with all their people at the most, 10 in a stream as AllSides'."""
_PEOPLE = 16
"""People of one word; of more the one named least goes."""
_COMPANY = 64
"""Keys that are remembered of the company of one person, and"""
_LOOKED_AT = 24
"""that are looked at in one document, the most salient."""
_TITLES = 8
_HALF_LIFE = 4_000
"""Documents after which one counts half: some days of a stream."""
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
_PRIOR = 3.0
"""Documents that a share is estimated with beside those there were."""
_MOST, _MOST_TITLE, _MOST_COMPANION = 3.0, 1.5, 0.7
"""Bounds on what titles, and on what company, may add to somebody's log odds: all, one title, one companion."""
_INDEPENDENT = 4
"""So many companions are evidence each for itself; more say the same again."""
_KNOWN_WELL = 5.0
"""Documents from which what they tell of somebody counts in full."""
_NO_TITLE = frozenset({"mr", "mrs", "ms", "miss", "dr", "former", "then", "the", "sir"})


class _Seen(NamedTuple):
    """Somebody as the stream has named them under one word.

    Attributes:
        weight: documents, as weighed at ``last``, the number of the last one. company: key -> documents. titles: word -> documents.
        gender: ``m``, ``f`` or empty. first: whether the word is the first name.
    """

    weight: float
    last: int
    gender: str
    first: bool
    company: dict[str, int]
    titles: dict[str, int]


class _Known(NamedTuple):
    """What is counted of somebody, in how many documents, and how often what is not counted may have been there."""

    counts: Mapping[str, int]
    weight: float
    absent: float


class Register:
    """The memory of a stream.

    Args:
        rows: what ``changes`` has given in an earlier life, by word.
        words: most words to remember. likely: least probability, 0 to 1, with which a bare name is resolved.
    """

    def __init__(self, rows: Mapping[str, str] | None = None, words: int = WORDS, likely: float = LIKELY) -> None:
        self._words, self._likely = words, likely
        self._people: dict[str, dict[str, _Seen]] = {}
        self._changed: dict[str, None] = {}
        self._number = 0
        read = {word: _read(row) for word, row in (rows or {}).items()}
        for word, people in sorted(read.items(), key=lambda item: (_last(item[1]), item[0])):
            self._people[word] = people
            self._number = max(self._number, _last(people))

    def __len__(self) -> int:
        """Words that are remembered."""
        return len(self._people)

    def resolve(self, entities: Sequence[Entity]) -> list[str | None]:
        """The key of each entity of the next document: its own, or for a bare name that of whom it means. The document is
        remembered."""
        self._number += 1
        keys = [entity.key for entity in entities]
        ranked = sorted(range(len(entities)), key=lambda at: (-entities[at].salience, at))
        company = [key for at in ranked if (key := keys[at])][:_LOOKED_AT]
        named = {key for key in keys if key}
        found = [
            key or (self._meant(entity, company, named) if entity.type == "PERSON" else None)
            for entity, key in zip(entities, keys, strict=True)
        ]
        touched: set[str] = set()
        for entity, key in zip(entities, keys, strict=True):
            if key and entity.type == "PERSON":
                touched |= self._note(entity, key, company)
        for word in sorted(touched):  # at the end: named last; in an order that the rows tell, too
            self._people[word] = self._people.pop(word)
            self._changed[word] = None
        while len(self._people) > self._words:
            word = next(iter(self._people))
            del self._people[word]
            self._changed[word] = None
        return found

    def changes(self) -> dict[str, str | None]:
        """The rows that have changed since the last call, by word; None for one that is to be deleted."""
        changed = {word: _write(people) if (people := self._people.get(word)) else None for word in self._changed}
        self._changed.clear()
        return changed

    def _meant(self, entity: Entity, company: Sequence[str], named: set[str]) -> str | None:
        name = read_person(entity.name)
        word = name.last
        people = {key: one for key, one in self._people.get(word, {}).items() if key not in named}
        if name.first:  # a letter
            people = {key: one for key, one in people.items() if key.rpartition(":")[2].startswith(name.first)}
        if not people:
            return None
        titles, gender = _titles(entity)
        weights = {key: self._weight(one) for key, one in people.items()}
        family = {key.rpartition(" ")[2] for key in named if key.startswith(_PERSON)}
        titled = _fits(titles, {key: _Known(one.titles, weights[key], 0) for key, one in people.items()}, _MOST_TITLE)
        escorted = _fits(
            company,
            {key: _Known(one.company, weights[key], _absent(one.company)) for key, one in people.items()},
            _MOST_COMPANION,
        )
        odds = {
            key: _FAME * math.log(weights[key]) + _called(key, one, family) + titled[key] + escorted[key]
            for key, one in people.items()
            if not (gender and one.gender and gender != one.gender)
        }
        if not odds:
            return None
        best = max(odds, key=lambda key: (odds[key], key))
        stranger = math.log(_STRANGER + _STRANGER_PER_PERSON * len(people))
        share = 1 / (sum(math.exp(one - odds[best]) for one in odds.values()) + math.exp(stranger - odds[best]))
        return best if share >= self._likely else None

    def _weight(self, one: _Seen) -> float:
        return float(one.weight * 0.5 ** ((self._number - one.last) / _HALF_LIFE))

    def _note(self, entity: Entity, key: str, company: Sequence[str]) -> set[str]:
        """Remember who was named in full; the words that it is remembered under."""
        name = read_person(entity.name)
        if not name.last:
            return set()
        words = {name.last: False} if not name.full else {name.first: True, name.last: False}
        titles, gender = _titles(entity)
        gender = gender or ("m" if name.first in MALE_NAMES else "f" if name.first in FEMALE_NAMES else "")
        for word, first in words.items():
            people = self._people.setdefault(word, {})
            before = people.get(key) or _Seen(0.0, self._number, gender, first, {}, {})
            people[key] = _Seen(
                round(self._weight(before) + 1, 6),
                self._number,
                before.gender or gender,
                before.first and first,
                _counted(before.company, (one for one in company if one != key), _COMPANY),
                _counted(before.titles, titles, _TITLES),
            )
            if len(people) > _PEOPLE:
                del people[min(people, key=lambda one: (self._weight(people[one]), one))]
        return set(words)


def _called(key: str, one: _Seen, family: set[str]) -> float:
    """Log odds of the word as this person's name: a first name is seldom alone but beside one of the family (``Joe Biden and his
    son Hunter``)."""
    if not one.first:
        return 0.0
    return math.log(_FIRST_NAME) + _RELATIVE * (key.startswith(_PERSON) and key.rpartition(" ")[2] in family)


def _titles(entity: Entity) -> tuple[list[str], str]:
    """The words of the titles that the document gives a person, and the gender that they tell."""
    words: dict[str, None] = {}
    gender = ""
    for alias in entity.aliases:
        before = alias.split()[:-1]
        gender = gender or gender_of(" ".join(before[:3]))
        words |= dict.fromkeys(fold(word) for word in before)
    own = {fold(word) for word in entity.name.split()}
    return [word for word in words if word not in own and word not in _NO_TITLE][:_TITLES], gender


def _fits(told: Iterable[str], people: Mapping[str, _Known], most_each: float) -> dict[str, float]:
    """How much better what a document tells fits each person than all of a word: the logarithms of ratios summed, bounded by
    ``_MOST`` in all and ``most_each`` for one thing told, and by less for somebody who was named seldom.

    A share is estimated as if ``_PRIOR`` more documents had been as those of all together: who was named once is no surprise.
    """
    total = sum(one.weight for one in people.values())
    shares = [(word, sum(one.counts.get(word, 0) for one in people.values()) / total) for word in told]
    shares = [(word, share) for word, share in shares if share]
    scale = min(1.0, _INDEPENDENT / max(1, len(shares)))
    fits: dict[str, float] = {}
    for key, one in people.items():
        fit = 0.0
        for word, share in shares:
            ratio = (one.counts.get(word, one.absent) + _PRIOR * share) / (one.weight + _PRIOR) / share
            fit += max(-most_each, min(most_each, math.log(ratio)))
        fits[key] = max(-_MOST, min(_MOST * min(1.0, one.weight / _KNOWN_WELL), scale * fit))
    return fits


def _absent(company: Mapping[str, int]) -> float:
    """Of a list that is full what came less often than its least is not in it."""
    return min(company.values()) / 2 if len(company) >= _COMPANY else 0.0


def _counted(before: Mapping[str, int], more: Iterable[str], most: int) -> dict[str, int]:
    """Counts with one more for each of ``more``; of more than ``most`` the highest stay."""
    counts = dict(before)
    for one in more:
        counts[one] = counts.get(one, 0) + 1
    if len(counts) > most:
        kept = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
        counts = dict(kept)
    return counts


def _last(people: Mapping[str, _Seen]) -> int:
    return max((one.last for one in people.values()), default=0)


def _write(people: Mapping[str, _Seen]) -> str:
    return json.dumps(people, separators=(",", ":"))


def _read(row: str) -> dict[str, _Seen]:
    return {key: _Seen(*values) for key, values in json.loads(row).items()}
