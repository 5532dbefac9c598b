"""The type of each form of a name, by all its mentions in the document.

It decides what a form such as ``Sessions`` is, where the model calls it a person here and a company there. Mentions vote;
honorifics, acronyms, the last word of the name and full names found elsewhere in the document overrule them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from schemas.event import EntityType
from services.entities.boundaries import Name
from services.entities.titles import is_honorific
from services.entities.vocabulary import (
    COMPANY_SUFFIXES,
    FIRST_NAMES,
    GROUP_NOUNS,
    HEADS,
    NAME_SUFFIXES,
    OWN_PLACES,
    PEOPLES_TOO,
    PHRASE_TYPES,
    PLACE_PREFIXES,
    PLACES_TOO,
    SHORT_TYPES,
    WORD_TYPES,
    is_police,
)

_PLACES: frozenset[EntityType] = frozenset({"GPE", "LOC", "FAC"})
_ORDER: tuple[EntityType, ...] = (
    "PERSON", "GPE", "ORG", "NORP", "LOC", "FAC", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART",
)  # fmt: skip
"""Which type wins a tied vote: the commoner one in news (OntoNotes, newswire part)."""

_TYPES: tuple[EntityType, ...] = get_args(EntityType)
_DECIMALS = 6
"""Of a sum of shares: what differs less is a tie, so that the order of adding decides nothing."""
_LONGEST_ACRONYM = 4
"""Letters up to which a word in capitals is rather a body than a person who is written so: ``PACE``, ``TRUMP``."""


@dataclass(frozen=True, slots=True)
class Form:
    """All mentions of one document that are written alike but for case, full stops and title."""

    tokens: tuple[str, ...]
    label: EntityType
    names: tuple[int, ...]
    """Indices of the mentions, in order."""
    acronym: bool
    """Whether all of them are written as an acronym."""


def find_forms(names: Sequence[Name]) -> list[Form]:
    """The forms of ``names``, by first mention, each with one type.

    A word that is a place here and follows an honorific there (``Washington``, ``Mr. Washington``) is two forms.
    """
    groups: dict[tuple[tuple[str, ...], bool], list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        groups[name.tokens, False].append(index)
    for key, members in list(groups.items()):
        titled = [index for index in members if names[index].title and names[index].label == "PERSON"]
        others = [index for index in members if index not in titled]
        if titled and others and all(names[index].label in _PLACES for index in others):
            groups[key] = others
            groups[key[0], True] = titled
    context = _read_context(names)
    forms = [
        Form(tokens, _type_of(tokens, [names[index] for index in members], context), tuple(members),
             all(names[index].acronym for index in members))
        for (tokens, _), members in groups.items()
    ]  # fmt: skip
    return sorted(forms, key=lambda form: form.names[0])


def last_name(tokens: Sequence[str]) -> str:
    """The last word of a person's name that is no ``Jr.`` or the like."""
    for token in reversed(tokens):
        if token not in NAME_SUFFIXES:
            return token
    return tokens[-1]


def vote(labels: Iterable[EntityType]) -> EntityType:
    """The commonest type; of those as common the first in ``_ORDER``."""
    labels = list(labels)
    if labels.count(labels[0]) == len(labels):
        return labels[0]
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], _ORDER.index(label)))


def weigh(names: Iterable[Name]) -> EntityType:
    """The type that the mentions of one form make most probable: each is worth one, shared out as the model was sure of it.

    The types of places count together, until one of them is chosen.
    """
    totals: dict[EntityType, float] = dict.fromkeys(_ORDER, 0.0)
    for name in names:
        for label, share in zip(_TYPES, name.shares, strict=True) if name.shares else ((name.label, 1.0),):
            totals[label] += share
    places = sum(totals[label] for label in _PLACES)
    if places > max(totals[label] for label in _ORDER if label not in _PLACES):
        totals |= {label: 0.0 for label in _ORDER if label not in _PLACES}
    return min(_ORDER, key=lambda label: (-round(totals[label], _DECIMALS), _ORDER.index(label)))


@dataclass(frozen=True, slots=True)
class _Context:
    """What the other names of the document tell of one word: folded."""

    surnames: frozenset[str]
    given: frozenset[str]
    """Last and first names of the persons with a full name."""
    initials: frozenset[str]
    titled: frozenset[str]
    """Last names that follow an honorific."""
    companies: frozenset[tuple[str, ...]]
    """Names that stand before ``Inc.`` or the like."""
    firms: frozenset[str]
    """First words of these, which a founder may be called by too: ``Ford``."""
    bodies: frozenset[str]
    """First words of the names of bodies: what nobody in the document is called in full is short for one of them."""
    peoples: frozenset[str]
    """How the inhabitants of the places that are named can be called."""
    clipped: frozenset[str]
    """The places without their ``New`` or ``San``."""


def _read_context(names: Sequence[Name]) -> _Context:
    full = [
        name.tokens
        for name in names
        if name.label == "PERSON" and len(name.tokens) > 1 and name.tokens[-1] not in HEADS
    ]
    leaders = [name.tokens[-2] for name in names if len(name.tokens) > 1 and name.tokens[-1] in GROUP_NOUNS]
    places = {name.tokens for name in names if name.label in _PLACES}
    companies = {name.tokens[:-1] for name in names if name.tokens[-1] in COMPANY_SUFFIXES and len(name.tokens) > 1}
    return _Context(
        frozenset([*map(last_name, full), *leaders]),
        frozenset(tokens[0] for tokens in full if len(tokens[0]) > 2),
        frozenset("".join(token[0] for token in tokens) for tokens in full),
        frozenset(last_name(name.tokens) for name in names if name.title and is_honorific(name.title.split()[-1])),
        frozenset(companies),
        frozenset(tokens[0] for tokens in companies),
        frozenset(name.tokens[0] for name in names if name.label == "ORG" and _may_be_shortened(name.tokens)),
        frozenset(people for tokens in places if len(tokens) == 1 for people in _peoples(tokens[0])),
        frozenset(clip_place(tokens) for tokens in places) - {""},
    )


def _may_be_shortened(tokens: tuple[str, ...]) -> bool:
    """Whether a body can be called by its first word alone: not one that is called after whoever runs it."""
    return len(tokens) > 1 and tokens[-1] not in GROUP_NOUNS and tokens[1:] != ("white", "house")


def clip_place(tokens: Sequence[str]) -> str:
    """``york`` for New York: a place's last word, where that is no place of its own; else empty."""
    return tokens[1] if len(tokens) == 2 and tokens[0] in PLACE_PREFIXES and tokens[1] not in OWN_PLACES else ""


def _peoples(place: str) -> set[str]:
    """Words in ``n`` and ``ns`` made from a place: Ukrainian, Crimeans, Chileans, Iraqi."""
    if len(place) < 4:
        return set()
    stems = {place + "n", place + "an", place + "ian", place[:-1] + "ian", place[:-1] + "an", place + "i"}
    return stems | {stem + "s" for stem in stems}


def _type_of(tokens: tuple[str, ...], names: Sequence[Name], context: _Context) -> EntityType:
    if any(name.watched for name in names):
        return next(name.label for name in names if name.watched)
    voted = weigh(names)
    if tokens in PHRASE_TYPES:
        return PHRASE_TYPES[tokens]
    if tokens in context.companies:
        return "ORG"
    if len(tokens) == 1:
        return _type_of_word(tokens[0], voted, names, context)
    if any(name.title for name in names):
        return "PERSON"
    head = HEADS.get(tokens[-1]) or (HEADS.get(tokens[0]) if tokens[1] in ("of", "for") else None)
    if head and (voted in ("PERSON", "NORP", "GPE") or (head in ("FAC", "LOC", "LAW") and voted == "ORG")):
        return head
    if voted == "ORG" and not head and len(tokens) < 4 and last_name(tokens) in context.titled:
        return "PERSON"
    return voted


def _type_of_word(word: str, voted: EntityType, names: Sequence[Name], context: _Context) -> EntityType:
    acronym = all(name.acronym for name in names)
    if acronym and word in SHORT_TYPES:
        return SHORT_TYPES[word]
    if acronym and is_police(word):
        return "ORG"
    if any(name.title for name in names):
        return "PERSON"
    if word in WORD_TYPES:
        return WORD_TYPES[word]
    if acronym and voted == "PERSON" and (len(word) <= _LONGEST_ACRONYM or "." in names[0].text):
        return "PERSON" if word in context.initials else "ORG"
    if word in context.firms and all(name.label == "ORG" for name in names):
        return "ORG"
    if voted == "PERSON" and word in context.bodies and word not in context.surnames | context.given | FIRST_NAMES:
        return "ORG"
    if word in context.surnames and not _is_firm(word, voted, names):
        return "PERSON"
    if word in context.given and voted not in _PLACES and voted != "NORP":
        return "PERSON"
    if word in context.peoples:
        return "NORP"
    return "GPE" if word in context.clipped else voted


def _is_firm(word: str, voted: EntityType, names: Sequence[Name]) -> bool:
    """Whether a place or a people stays one although somebody in the document is called so."""
    if voted in _PLACES:
        return word in PLACES_TOO or (len(names) > 2 and all(name.label in _PLACES for name in names))
    return voted == "NORP" and word in PEOPLES_TOO
