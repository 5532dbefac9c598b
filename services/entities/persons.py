"""Which person a form of a name is: full names, surnames, first names, initials.

It decides that ``Eric T. Schneiderman`` and ``Mr. Schneiderman`` are one and that ``Bill Clinton`` and ``Hillary Clinton``
are two. Persons with the same surname: an honorific that tells the gender excludes those of the other, ``the elder`` the
younger; of the rest the one who was last called by a full name, or by a surname with an honorific, is meant (or, before the first
full name, the next one), and is of that gender from then on. Who was called by the bare surname twice before the others came in
keeps it: ``Rice`` is Ray Rice behind ``his wife, Janay Rice``, who is called by her full name again, or by her first.

An Arabic article says nothing: ``al-Assad`` and ``Assad`` are one. A nickname in quotation marks is a name of its bearer's.
A lone surname that is one letter away from that of somebody who was introduced is misspelled, or spelled in another way
(``Zelensky``).
"""

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.entities.boundaries import Name
from services.entities.titles import gender_of
from services.entities.types import Form, last_name
from services.entities.vocabulary import FEMALE_NAMES, MALE_NAMES, NAME_SUFFIXES, NICKNAMES, PARTICLES
from services.entities.words import fold

_MOST_NAMESAKES = 64
"""Persons of one document that share a word of their names and are compared; a text with more is a list of names, in which
the others are who they are called."""
_SHORTEST_SLIP = 6
"""Letters of a name that may be misspelled: of shorter ones too many differ by one letter (``Chan``, ``Chen``)."""
_SETTLED = 2
"""Times that somebody is called by a bare surname until it is theirs."""
_ARTICLE = re.compile(r"(?:al|el|as|ash|ad|ar|an|at|az)-(?=\w{3})")
"""The Arabic article before a surname, also assimilated (``ash-Sharif``)."""
_NICKNAME = re.compile(r"\s[\"“‘'(]([^\W\d_]{2,})[\"”’')]\s")


@dataclass(slots=True)
class _Person:
    """A person known by a full name."""

    tokens: tuple[str, ...]
    bare: tuple[str, ...]
    gender: str
    nicknames: frozenset[str] = frozenset()
    age: str = ""
    names: list[int] = field(default_factory=list)
    full: list[int] = field(default_factory=list)
    lone: list[int] = field(default_factory=list)


class _Persons:
    """The persons of a document, found by any word of their names."""

    def __init__(self) -> None:
        self.all: list[_Person] = []
        self._by_word: dict[str, list[_Person]] = defaultdict(list)

    def add(self, person: _Person) -> None:
        self.all.append(person)
        words = set(person.bare) | {NICKNAMES[word] for word in person.bare[:1] if word in NICKNAMES} | person.nicknames
        for word in words:
            if len(self._by_word[word]) < _MOST_NAMESAKES:
                self._by_word[word].append(person)

    def with_word(self, word: str) -> Sequence[_Person]:
        return self._by_word.get(word, ())


def link_persons(forms: Iterable[Form], names: Sequence[Name]) -> list[list[int]]:
    """The mentions of each person: lists of indices in ``names``. ``forms`` are the forms of persons."""
    persons = _Persons()
    fullest_first = sorted(forms, key=lambda form: (-_fullness(form.tokens), form.names[0]))
    partial = [form for form in fullest_first if len(form.tokens) == 1 or not _join_full(form, persons, names)]
    for person in persons.all:
        person.full.sort()
    groups = [person.names for person in persons.all]
    candidates = {form.tokens: _candidates(form.tokens, persons) or _misspelled(form, persons) for form in partial}
    parts = sorted((index, form.tokens) for form in partial for index in form.names)
    left: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, tokens in parts:
        chosen = _choose(names[index], index, candidates[tokens])
        if chosen is None:
            left[tokens].append(index)
            continue
        if not chosen.gender:
            chosen.gender = gender_of(names[index].title)
        chosen.names.append(index)
        if names[index].title or names[index].age:
            insort(chosen.full, index)
        elif tokens == chosen.bare[-1:]:
            chosen.lone.append(index)
    return [sorted(group) for group in (*groups, *left.values())]


def _fullness(tokens: Sequence[str]) -> int:
    """Words of a name that are not mere initials or suffixes."""
    return sum(len(token) > 1 and token not in NAME_SUFFIXES for token in tokens)


def _join_full(form: Form, persons: _Persons, names: Sequence[Name]) -> bool:
    """Give a name of two words or more to the person who has it, or to a new one; false where it is part of a longer name."""
    same = [person for person in persons.with_word(_surname(form.tokens)) if _same_person(form.tokens, person.tokens)]
    if len(same) > 1 or (not same and (_is_surname(form.tokens) or _candidates(form.tokens, persons))):
        return False
    gender, age = _gender(form, names), _age(form, names)
    if same and gender and same[0].gender and gender != same[0].gender:
        same = []
    if not same:
        same = [_Person(form.tokens, _bare(form.tokens), gender, _nicknames(form, names))]
        persons.add(same[0])
    same[0].gender = same[0].gender or gender
    same[0].age = same[0].age or age
    same[0].names.extend(form.names)
    same[0].full.extend(form.names)
    return True


def _bare(tokens: Sequence[str]) -> tuple[str, ...]:
    """The words of a name that are compared: without suffixes and articles."""
    bare = [_without_article(token) for token in tokens if token not in NAME_SUFFIXES]
    return tuple(bare) or tuple(tokens)


def _without_article(token: str) -> str:
    return _ARTICLE.sub("", token, count=1) if "-" in token[:4] else token


def _surname(tokens: Sequence[str]) -> str:
    return _without_article(last_name(tokens))


def _nicknames(form: Form, names: Sequence[Name]) -> frozenset[str]:
    """``buddy`` of Charles “Buddy” Rourke."""
    found = (_NICKNAME.search(names[index].text) for index in form.names)
    return frozenset(fold(match[1]) for match in found if match)


def _is_surname(tokens: Sequence[str]) -> bool:
    """Whether a name is a surname with its particle only: ``de Blasio``. Arabic ones are often whole names."""
    return tokens[0] in PARTICLES and len(tokens) == 2 and tokens[0] not in ("al", "el", "abu")


def _gender(form: Form, names: Sequence[Name]) -> str:
    for index in form.names:
        gender = gender_of(names[index].title)
        if gender:
            return gender
    first = form.tokens[0]
    if first.startswith("jean"):
        return "m" if "-" in first else ""  # a woman in the United States, a man in France
    first = first.partition("-")[0]
    return "m" if first in MALE_NAMES else "f" if first in FEMALE_NAMES else ""


def _age(form: Form, names: Sequence[Name]) -> str:
    """Whether a full name is the elder's or the younger's of two: ``Tom Hale Sr.``, ``his father, Tom Hale``; else empty."""
    if NAME_SUFFIXES.intersection(form.tokens) & {"sr", "jr", "ii", "iii"}:
        return "elder" if "sr" in form.tokens else "younger"
    ages = {names[index].age for index in form.names} - {""}
    return ages.pop() if len(ages) == 1 else ""


def _parts(tokens: Sequence[str]) -> tuple[str, ...]:
    """The words of a full name; given names are the same with and without their hyphen (``Jean-Marie``)."""
    return (*(part for token in tokens[:-1] for part in token.split("-") if part), tokens[-1])


def _same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two full names can be the same person's: same surname, first names that agree, no middle names that differ."""
    one, other = _parts(one), _parts(other)
    if _surname(one) != _surname(other) or not _agree(one[0], other[0]) or _differ_in_suffix(one, other):
        return False
    middles = [_bare(tokens)[1:-1] for tokens in (one, other)]
    return all(_agree(a, b) for a, b in zip(*middles, strict=False))


def _differ_in_suffix(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one is ``Jr.`` and the other ``Sr.``."""
    suffixes = [NAME_SUFFIXES.intersection(tokens) for tokens in (one, other)]
    return bool(suffixes[0] and suffixes[1] and suffixes[0] != suffixes[1])


def _agree(one: str, other: str) -> bool:
    if one == other or NICKNAMES.get(one, one) == NICKNAMES.get(other, other):
        return True
    return ((len(one) == 1 or len(other) == 1) and one[0] == other[0]) or _is_slip(one, other)


def _is_slip(one: str, other: str) -> bool:
    """Whether two first names differ by a slip: ``Kristen`` and ``Kristin``, not ``Mario`` and ``Maria``."""
    return one[-1] == other[-1] and is_near(one, other)


def is_near(one: str, other: str) -> bool:
    """Whether two words of six letters and more begin alike and differ by one letter that is another, missing or too many."""
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST_SLIP or len(long) - len(short) > 1 or short[0] != long[0]:
        return False
    same = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return long[same + 1 :] in (short[same:], short[same + 1 :])


def _candidates(tokens: Sequence[str], persons: _Persons) -> list[_Person]:
    """Who may be meant by part of a name: by the surname, else by the first name, else by a middle name."""
    bare = _bare(tokens)
    size = len(bare)
    by_last: list[_Person] = []
    by_first: list[_Person] = []
    by_middle: list[_Person] = []
    for person in persons.with_word(bare[-1]):
        full = person.bare
        if (len(full) <= size and full != bare) or _differ_in_suffix(tokens, person.tokens):
            continue
        if full[-size:] == bare:
            by_last.append(person)
        elif full[:size] == bare or (size == 1 and NICKNAMES.get(full[0]) == bare[0]):
            by_first.append(person)
        elif size == 1 and (bare[0] in person.nicknames or _is_middle_name(bare[0], full)):
            by_middle.append(person)
    return by_last or by_first or by_middle


def _misspelled(form: Form, persons: _Persons) -> list[_Person]:
    """The person introduced before whose surname a lone one spells with one letter wrong; none where several are near."""
    word = form.tokens[0]
    if len(form.tokens) > 1 or len(persons.all) > _MOST_NAMESAKES:
        return []
    near = [person for person in persons.all if person.full[0] < form.names[0] and is_near(word, person.bare[-1])]
    return near if len(near) == 1 else []


def _is_middle_name(word: str, full: Sequence[str]) -> bool:
    return len(word) > 2 and word in full[1:-1] and word not in PARTICLES


def _of_age(age: str, persons: Sequence[_Person]) -> list[_Person]:
    """Of persons who share a surname those of an age; where nobody's is told, the elder is the one who was introduced first."""
    if not any(person.age for person in persons):
        first, *others = sorted(persons, key=lambda person: person.full[0])
        return [first] if age == "elder" else others
    return [person for person in persons if person.age == age] or [person for person in persons if not person.age]


def _choose(name: Name, index: int, candidates: Sequence[_Person]) -> _Person | None:
    """The person meant by ``name``, mention ``index``; none where there is no candidate of that gender, or of that age."""
    gender = gender_of(name.title)
    fitting = [person for person in candidates if not (gender and person.gender and gender != person.gender)]
    if name.age and len(fitting) > 1:
        fitting = _of_age(name.age, fitting)
    sure = [person for person in fitting if gender and person.gender == gender]
    fitting = sure or fitting
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    if not name.title and not name.age:
        owner = min(fitting, key=lambda person: person.full[0])
        others = min(person.full[0] for person in fitting if person is not owner)
        if bisect_left(owner.lone, others) >= _SETTLED:
            return owner
    before = [
        (person.full[at - 1], order) for order, person in enumerate(fitting) if (at := bisect_left(person.full, index))
    ]
    if before:
        return fitting[max(before)[1]]
    return min(fitting, key=lambda person: person.full[0])
