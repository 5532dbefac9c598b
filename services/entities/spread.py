"""Names that the model missed or cut here, and found whole elsewhere in the same document.

It decides which words of a text are a name because the document uses them as one in another place, because an honorific
stands before them, or because they are an acronym in brackets after its long form. Whose name it is, ``clusters`` decides.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from schemas.base import FieldName
from schemas.event import EntityType
from services.entities.bodies import acronyms, canonical
from services.entities.boundaries import Name, make_name, make_person
from services.entities.titles import find_title, is_honorific
from services.entities.types import Form, last_name
from services.entities.vocabulary import (
    CALENDAR,
    FUNCTION_WORDS,
    NOT_NAMES,
    PARTICLES,
    PLAIN_ADJECTIVES,
    TITLES,
    is_police,
)
from services.entities.words import LONGEST_WORD, Word, find_words, fold, is_acronym, starts_sentence, word_before

_DEFINITION = re.compile(r" \((?:the |or )?([^\W\d_][\w.&-]{1,9})\)")
_LABEL = re.compile(r"(?: ?\([^()\n]{1,40}\))?(?:, [^:\n]{1,60})? ?:")
_HONORIFIC_REACH = 48
"""Characters after an honorific in which the name is looked for, and"""
_HONORIFIC_WORDS = 3
"""the most words of it."""
_LINKING = frozenset("/%_@=")
"""Next to one of these a word is part of a link or an address."""
_MOST_ALIKE = 32
"""Known names that begin with one word: a text with more is a list, and is not searched for the shorter ones."""

_SHORTEST_ACRONYM = 3
"""Letters of an acronym that is taken for a body's without being explained; two letters are too many things."""

_SHORTEST_LABEL = 4
"""Letters of a surname that is known again in capitals, as in ``RUIZ: Thank you.``; shorter ones may be acronyms."""

Known = Mapping[str, Sequence[tuple[str, EntityType]]]
"""First word -> the names that begin with it and their types, the longest first."""


def drop_common(names: Sequence[Name], texts: Mapping[FieldName, str], small: Set[str]) -> list[Name]:
    """``names`` without words that only have a capital because a sentence begins, and are written small in the same document."""
    firm = {
        name.tokens[0]
        for name in names
        if len(name.tokens) > 1 or name.title or name.acronym or not starts_sentence(texts[name.field], name.start)
    }
    return [name for name in names if len(name.tokens) > 1 or name.tokens[0] in firm or name.text.lower() not in small]


def settle_speakers(names: Sequence[Name], texts: Mapping[FieldName, str]) -> list[Name]:
    """``names``; those in capitals that label a speech (``HARTWELL: …``) are persons where the document has one called so."""
    persons = {
        last_name(name.tokens) for name in names if name.label == "PERSON" and (name.title or len(name.tokens) > 1)
    }
    return [
        replace(name, label="PERSON", acronym=False, shares=())
        if name.label != "PERSON"
        and name.text.isupper()
        and name.tokens[-1] in persons
        and _is_label(texts[name.field], name)
        else name
        for name in names
    ]


def _is_label(text: str, name: Name) -> bool:
    return text[max(0, name.start - 1) : name.start] in ("", "\n") and bool(_LABEL.match(text, name.end))


def find_acronyms(text: str, names: Sequence[Name]) -> tuple[list[Name], dict[str, tuple[str, ...]]]:
    """Acronyms in brackets after a body's name in ``text``: those that are no names yet, and what each stands for (folded)."""
    starts = {name.start for name in names}
    found: list[Name] = []
    meanings: dict[str, tuple[str, ...]] = {}
    for name in names:
        if name.label in ("PERSON", "GPE", "NORP") or len(name.tokens) < 2:
            continue
        match = _DEFINITION.match(text, name.end)
        if match and is_acronym(match[1].rstrip("s")):
            meanings.setdefault(fold(match[1]), name.tokens)
            if match.start(1) not in starts:
                found.append(make_name(name.field, text, match.start(1), match.end(1), name.label))
    return found, meanings


def known_names(names: Sequence[Name], forms: Sequence[Form]) -> Known:
    """The names of a document that are looked for where the model found none; surnames of full names among them."""
    known: dict[str, dict[str, EntityType]] = defaultdict(dict)
    for form in forms:
        for surface in dict.fromkeys(names[index].text for index in form.names):
            words = find_words(surface)
            if len(words) > 1 or _is_distinctive(words[0].text):
                known[words[0].text].setdefault(surface, form.label)
            if form.label == "PERSON" and len(words) > 1:
                last = next((word.text for word in reversed(words) if fold(word.text) == last_name(form.tokens)), "")
                if len(last) > 2 and _is_distinctive(last):
                    known[last].setdefault(last, "PERSON")
                    if last.isupper() and any(names[index].spoken for index in form.names):
                        known[last.title()].setdefault(last.title(), "PERSON")
                    if len(last) >= _SHORTEST_LABEL:
                        known[last.upper()].setdefault(last.upper(), "PERSON")
                known[words[0].text.upper()].setdefault(surface.upper(), "PERSON")
    for acronym, bodies in _unexplained(forms).items():
        if len(bodies) == 1 and acronym not in known:
            known[acronym][acronym] = bodies[0].label
    return {
        first: sorted(surfaces.items(), key=lambda item: (-len(item[0]), item[0]))[:_MOST_ALIKE]
        for first, surfaces in known.items()
    }  # fmt: skip


def _unexplained(forms: Sequence[Form]) -> Mapping[str, Sequence[Form]]:
    """Acronym in capitals, undotted -> the bodies of the document whose initials it is."""
    found: dict[str, dict[tuple[str, ...], Form]] = defaultdict(dict)
    for form in forms:
        if form.label == "ORG" and len(form.tokens) >= _SHORTEST_ACRONYM:
            key = canonical(form)
            for acronym in acronyms(key) | acronyms(form.tokens):
                if len(acronym) >= _SHORTEST_ACRONYM:
                    found[acronym.upper()].setdefault(key, form)
    return {acronym: list(bodies.values()) for acronym, bodies in found.items()}


def find_missed(
    field: FieldName, text: str, capitals: Sequence[Word], small: Set[str], names: Sequence[Name], known: Known
) -> list[Name]:
    """``names`` and what they miss in ``text``; in order, without overlaps. A longer known name takes the place of those
    within it.

    ``capitals`` and ``small`` are the words of the text with a capital and in lower case.
    """
    kept: list[Name] = []
    at = reached = 0
    for word in capitals:
        while at < len(names) and names[at].end <= word.start:
            if names[at].start >= reached:
                kept.append(names[at])
            at += 1
        if word.start < reached or len(word.text) > LONGEST_WORD:
            continue
        found = _longest(field, text, word, names, at, known)
        if found is None and not (at < len(names) and names[at].start < word.end):
            found = _uncovered(field, text, word, small, known)
            if found and at < len(names) and names[at].start < found.end:
                found = None
        if found:
            kept.append(found)
            reached = found.end
    return kept + [name for name in names[at:] if name.start >= reached]


def _longest(field: FieldName, text: str, word: Word, names: Sequence[Name], at: int, known: Known) -> Name | None:
    """The known name of two words or more at ``word``, where it is more than the names there and cuts none of them."""
    for surface, label in known.get(word.text, ()):
        end = word.start + len(surface)
        if " " not in surface or not text.startswith(surface, word.start) or text[end : end + 1].isalnum():
            continue
        over = at
        while over < len(names) and names[over].start < end:
            over += 1
        if over > at and (names[at].start < word.start or names[over - 1].end > end or names[at].text == surface):
            return None
        return _made(field, text, word.start, end, label)
    return None


def _uncovered(field: FieldName, text: str, word: Word, small: Set[str], known: Known) -> Name | None:
    """The name at a word with a capital that is in no name yet: after an honorific, or one known word."""
    if text[max(0, word.start - 1) : word.start] in _LINKING or text[word.end : word.end + 1] in _LINKING:
        return None
    if is_honorific(word.text):
        return _after_honorific(field, text, word)
    if is_acronym(word.text) and is_police(fold(word.text)):
        return make_name(field, text, word.start, word.end, "ORG")
    if is_acronym(word.text) and word.text.replace(".", "") in known:
        for surface, label in known[word.text.replace(".", "")]:
            if surface == word.text.replace(".", ""):
                name = make_name(field, text, word.start, word.end, label)
                return replace(name, acronym=False) if label == "PERSON" else name
    for surface, label in known.get(word.text, ()):
        if surface == word.text and _stands_alone(text, word, small):
            return _made(field, text, word.start, word.end, label)
    return None


def _after_honorific(field: FieldName, text: str, honorific: Word) -> Name | None:
    start = honorific.end + 1
    end, taken = honorific.end, 0
    for word in find_words(text, start, min(len(text), start + _HONORIFIC_REACH)):
        folded = fold(word.text)
        if text[end : word.start] != " " or (word.lower and folded not in PARTICLES) or taken == _HONORIFIC_WORDS:
            break
        if not word.lower and (folded in TITLES or folded in FUNCTION_WORDS):
            break
        taken += not word.lower
        end = word.end
    if not taken or text[:end].endswith(tuple(f" {particle}" for particle in PARTICLES)):
        return None
    return make_person(field, text, start, end, find_title(text, start))


def _made(field: FieldName, text: str, start: int, end: int, label: EntityType) -> Name:
    if label == "PERSON":
        return make_person(field, text, start, end, find_title(text, start))
    return make_name(field, text, start, end, label)


def _is_distinctive(word: str) -> bool:
    folded = fold(word)
    plain = (
        folded in FUNCTION_WORDS
        or folded in CALENDAR
        or folded in PLAIN_ADJECTIVES
        or folded in TITLES
        or folded in NOT_NAMES
    )
    return len(folded) > 1 and not word.islower() and not plain


def _stands_alone(text: str, word: Word, small: Set[str]) -> bool:
    """Whether a word with a capital is a name by itself, rather than part of a longer one or the start of a sentence."""
    if word.text.lower() in small and starts_sentence(text, word.start):
        return False
    if text[word.end : word.end + 1] == " " and text[word.end + 1 : word.end + 2].isupper():
        return False
    before = word_before(text, word.start)
    if before[:1].isupper():
        folded = fold(before)
        return is_honorific(before) or folded in TITLES or folded in FUNCTION_WORDS or before.endswith(".")
    return True
