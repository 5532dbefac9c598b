"""From what a model found in the fields of a document to its entities.

It decides the order of the rules: repair the spans, settle the types, spread names over the document, link the mentions,
choose the name. Each rule has a module of its own. Nothing here knows spaCy or raw offsets.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from schemas.base import FieldName
from schemas.event import EntityType
from services.entities.bodies import link_bodies
from services.entities.boundaries import Name, Span, repair
from services.entities.glue import split_glued
from services.entities.inverted import put_inverted
from services.entities.persons import link_persons
from services.entities.spread import drop_common, find_acronyms, find_missed, known_names, settle_speakers
from services.entities.tickers import find_cashtags, put_tickers
from services.entities.types import find_forms, vote
from services.entities.vocabulary import COMPANY_SUFFIXES, NAME_SUFFIXES, STATES
from services.entities.watching import join_watched, overlay
from services.entities.watchlist import Match
from services.entities.words import Word

RULES = "3"
"""Version of the naming rules: raised when the same model's spans give other entities."""
_SHOUTED = 5
"""Letters from which a place or person in capitals is no acronym: ``WASHINGTON``, ``PARIS``, not ``NATO``."""


@dataclass(frozen=True, slots=True)
class Field:
    """A cleaned field, its words with a capital and in lower case, what a model found in it and where it names what is
    watched, in order."""

    field: FieldName
    text: str
    capitals: Sequence[Word]
    small: Set[str]
    spans: Sequence[Span]
    matches: Sequence[Match] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """An entity: its name, its other forms by first use, its mentions in order (title first), its id in the watch list."""

    name: str
    label: EntityType
    aliases: tuple[str, ...]
    names: tuple[Name, ...]
    watched: str | None = None


def find_clusters(fields: Sequence[Field]) -> list[Cluster]:
    """The entities of a document, by first mention. ``fields``: the title first, then the text."""
    texts = {field.field: field.text for field in fields}
    small = frozenset().union(*(field.small for field in fields))
    symbols: dict[str, tuple[str, ...]] = {}
    names: list[Name] = []
    for field in fields:
        repaired = put_inverted(field.field, field.text, repair(field.field, field.text, field.spans), field.spans)
        own, listed = put_tickers(field.text, repaired)
        names += own
        symbols |= listed
    symbols |= find_cashtags(texts, names, symbols)
    names = drop_common(settle_speakers(names, texts), texts, small)
    if any(field.matches for field in fields):
        names = [
            name for field in fields for name in overlay(field.field, field.text, _of(field, names), field.matches)
        ]
    known = {form.tokens: form for form in sorted(find_forms(names), key=lambda form: form.label != "PERSON")}
    spread: list[Name] = []
    meanings: dict[str, tuple[str, ...]] = dict(symbols)
    for field in fields:
        own = split_glued(field.text, _of(field, names), known)
        more, defined = find_acronyms(field.text, own)
        spread += sorted(own + more, key=lambda name: name.start)
        meanings |= defined
    surfaces = known_names(spread, find_forms(spread))
    found: list[Name] = []
    for field in fields:
        own = find_missed(field.field, field.text, field.capitals, small, _of(field, spread), surfaces)
        found += overlay(field.field, field.text, own, field.matches)
    return _link(found, meanings, symbols.keys())


def _of(field: Field, names: Sequence[Name]) -> list[Name]:
    return [name for name in names if name.field == field.field]


def _link(names: Sequence[Name], meanings: dict[str, tuple[str, ...]], symbols: Set[str]) -> list[Cluster]:
    forms = find_forms(names)
    labels = {index: form.label for form in forms for index in form.names}
    persons = [form for form in forms if form.label == "PERSON"]
    people = frozenset(token for form in persons for token in form.tokens)
    groups = link_persons(persons, names)
    groups += link_bodies([form for form in forms if form.label != "PERSON"], meanings, people)
    groups = join_watched(groups, names)
    return [
        make_cluster([names[index] for index in group], vote(labels[index] for index in group), symbols)
        for group in sorted(groups, key=lambda group: group[0])
    ]


def make_cluster(names: Sequence[Name], voted: EntityType, symbols: Set[str] = frozenset()) -> Cluster:
    """The entity whose mentions are ``names``, in order; its type is the watch list's, else the one ``voted``.

    ``symbols`` are words (folded) that it is not called by where it has another name.
    """
    watched = next((name for name in names if name.watched), None)
    label = watched.label if watched else voted
    name = _choose_name([one for one in names if len(one.tokens) > 1 or one.tokens[0] not in symbols] or names, label)
    aliases = dict.fromkeys(form for mention in names if (form := _folded(mention.form)) != name)
    return Cluster(name, label, tuple(aliases), tuple(names), watched.watched if watched else None)


def _choose_name(names: Sequence[Name], label: EntityType) -> str:
    """A form without a possessive: the fullest; of those one that is neither in the capitals of a dateline nor abbreviated,
    then the commonest, then the first."""
    said = [_folded(name.said) for name in names]
    counts = Counter(said)
    order = {form: index for index, form in reversed(list(enumerate(said)))}
    tokens = {form: name.tokens for form, name in zip(said, names, strict=True)}

    def rank(form: str) -> tuple[bool, int, bool, bool, int, int]:
        return (
            "’s" in form or "'s" in form,
            -_fullness(tokens[form], label),
            _is_shouted(form, label),
            tokens[form][0] in STATES and form.endswith("."),
            -counts[form],
            order[form],
        )

    best = min(counts, key=rank)
    return best.title() if _is_shouted(best, label) else best


def _fullness(tokens: Sequence[str], label: EntityType) -> int:
    if label == "PERSON":
        return 10 * sum(len(token) > 1 and token not in NAME_SUFFIXES for token in tokens) + len(tokens)
    return sum(token not in COMPANY_SUFFIXES for token in tokens)


def _is_shouted(form: str, label: EntityType) -> bool:
    return label in ("PERSON", "GPE", "LOC") and form.isupper() and len(form) >= _SHOUTED and "." not in form


def _folded(form: str) -> str:
    return " ".join(form.split())
