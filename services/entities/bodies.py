"""Which body, place or thing a form of a name is: acronyms and long forms, ``Justice Department`` and ``Department of
Justice``.

It decides only by the words of the names in one document; identities that need knowledge of the world are left to a user's
alias file.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from services.entities.types import Form, clip_place
from services.entities.vocabulary import (
    COMPANY_SUFFIXES,
    CONNECTORS,
    DEPARTMENTS,
    GROUP_NOUNS,
    PLAIN_ADJECTIVES,
    SAME_NAMES,
    SHORT_HEADS,
    STANDALONE,
    STATES,
)

_Key = tuple[str, ...]
_COUNTRY_PREFIXES = frozenset({"us", "american"})
_COMMITTEES = frozenset({"committee", "subcommittee", "commission"})
"""``Judiciary Committee`` is short for ``House Judiciary Committee``; not so with courts and universities."""
_WORDS_TOO = frozenset({"us", "un"})
"""Acronyms that are also words."""
_SWAPPED = frozenset({"department", "ministry"})


def link_bodies(forms: Sequence[Form], meanings: Mapping[str, tuple[str, ...]]) -> list[list[int]]:
    """The mentions of each entity that is no person: lists of indices of names.

    ``forms`` are by first mention; ``meanings`` gives for an acronym the words that the document explains it by. A short
    form that may stand for several names is left alone.
    """
    groups: dict[_Key, list[Form]] = defaultdict(list)
    for form in forms:
        groups[canonical(form)].append(form)
    keys = {form.tokens: canonical(form) for form in forms}
    shortened = _index_short_names(groups)
    target: dict[_Key, _Key] = {}
    for key in groups:
        meaning = keys.get(meanings.get(key[0], ())) if len(key) == 1 else None
        longer = [other for other in shortened.get(key, ()) if _stands_for(key, groups[key], other, groups[other])]
        if meaning and meaning != key:
            target[key] = meaning
        elif len(longer) == 1:
            target[key] = longer[0]
    merged: dict[_Key, list[int]] = defaultdict(list)
    for key, members in groups.items():
        root = _root(key, target)
        for form in members:
            merged[root].extend(form.names)
    return [sorted(group) for group in merged.values()]


def canonical(form: Form) -> _Key:
    """The words that two forms of one name share."""
    tokens = form.tokens
    if form.acronym or len(tokens) > 1 or tokens[0] not in _WORDS_TOO or form.label in ("GPE", "ORG"):
        tokens = tuple(SAME_NAMES.get(" ".join(tokens), " ".join(tokens)).split())
    if form.label == "GPE" and len(tokens) == 1:
        tokens = tuple(STATES.get(tokens[0], tokens[0]).split())
    if len(tokens) > 1 and tokens[-1] in GROUP_NOUNS:
        return tokens[-2:]
    if len(tokens) > 1 and tokens[0] in _COUNTRY_PREFIXES and form.label in ("ORG", "LAW"):
        tokens = tokens[1:]
    while len(tokens) > 1 and tokens[-1] in COMPANY_SUFFIXES:
        tokens = tokens[:-1]
    if form.label == "NORP":
        return (*tokens[:-1], _singular(tokens[-1]))
    if len(tokens) > 1 and tokens[-1] in _SWAPPED:
        return (tokens[-1], "of", *tokens[:-1])
    if len(tokens) > 3 and tokens[0] in _SWAPPED and tokens[1:3] == ("of", "the"):
        return (*tokens[:2], *tokens[3:])
    return tokens


def acronyms(tokens: Sequence[str]) -> set[str]:
    """The acronyms that a name can have: initials with and without its small words, and without the last of four or more
    (``CDC``)."""
    strong = [token for token in tokens if token not in CONNECTORS]
    parts = [part for token in strong for part in token.split("-") if part]
    found = {"".join(token[0] for token in words) for words in (tokens, strong, parts)}
    if len(strong) > 3:
        found.add("".join(token[0] for token in strong[:-1]))
    return {acronym for acronym in found if len(acronym) > 1}


def _index_short_names(groups: Mapping[_Key, Sequence[Form]]) -> dict[_Key, list[_Key]]:
    """For each of ``groups`` that may be short for another: those others, by first mention."""
    index: dict[_Key, dict[_Key, None]] = defaultdict(dict)
    for key, members in groups.items():
        if len(key) < 2:
            continue
        spelled = acronyms(key).union(*(acronyms(form.tokens) for form in members))
        short: set[_Key] = {(key[0],), (key[-1],), *((acronym,) for acronym in spelled)}
        if key[-1] in _COMMITTEES:
            short |= {key[at:] for at in range(1, len(key) - 1)}
        for name in short & groups.keys():
            index[name][key] = None
    return {short: list(longer) for short, longer in index.items()}


def _stands_for(key: _Key, members: Sequence[Form], longer: _Key, long_forms: Sequence[Form]) -> bool:
    """Whether ``key``, one of the short names of ``longer``, is used for it."""
    if len(key) > 1:
        return True
    word = key[0]
    if clip_place(longer) == word and long_forms[0].label in ("GPE", "LOC"):
        return True
    if any(form.acronym for form in members):
        return word in acronyms(longer) or any(word in acronyms(form.tokens) for form in long_forms)
    if members[0].label != "ORG" or long_forms[0].label not in ("ORG", "FAC"):
        return False
    if longer[-1] in GROUP_NOUNS:
        return False
    if word in SHORT_HEADS:
        return word in (longer[0], longer[-1])
    if word in DEPARTMENTS:
        return longer[0] in _SWAPPED and word == longer[-1]
    return word == longer[0] and word not in PLAIN_ADJECTIVES and word not in STANDALONE


def _root(key: _Key, target: Mapping[_Key, _Key]) -> _Key:
    seen = {key}
    while key in target and target[key] not in seen:
        key = target[key]
        seen.add(key)
    return key


def _singular(word: str) -> str:
    word = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 4 else word
    return SAME_NAMES.get(word, word)
