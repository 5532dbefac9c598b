"""Which body, place or thing a form of a name is: acronyms and long forms, ``Justice Department`` and ``Department of
Justice``.

It decides only by the words of the names in one document; identities that need knowledge of the world are left to a user's
alias file.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from services.entities.types import Form, clip_place
from services.entities.vocabulary import (
    BRANCHES,
    COMPANY_SUFFIXES,
    CONNECTORS,
    COURTS,
    DEPARTMENTS,
    GROUP_NOUNS,
    NAMED_AFTER,
    PARTIES,
    PEOPLES,
    PLAIN_ADJECTIVES,
    SAME_NAMES,
    SHORT_HEADS,
    STANDALONE,
    STATES,
)

_Key = tuple[str, ...]
_COUNTRY_PREFIXES = frozenset({"us", "american"})
_SHORTENED = frozenset({"ORG", "FAC", "EVENT"})
"""Types whose names lose words at an end: ``Home Office``. A place that does is another place: ``York``, ``New York``."""
_OPPOSITE = {"north": "south", "south": "north", "east": "west", "west": "east"}
_HALVED = ("korea", "vietnam", "yemen", "germany")
"""Lands that were or are two states, called by the point of the compass alone. Of Carolina, nobody says so."""
_NATIONAL = frozenset(tuple(name.split()) for name in SAME_NAMES.values()) | {("white", "house")}
_GROUPS = frozenset({("group",), ("holdings",), ("motors",), ("united",), ("rovers",), ("wanderers",), ("albion",)})
"""What companies and football clubs are called without."""
_SPELLED = frozenset({"us", "uk", "un", "eu"})
_WORDS_TOO = frozenset({"us", "un"})
"""Acronyms that are also words."""
_SWAPPED = frozenset({"department", "ministry"})


def link_bodies(
    forms: Sequence[Form], meanings: Mapping[str, tuple[str, ...]], people: Set[str] = frozenset()
) -> list[list[int]]:
    """The mentions of each entity that is no person: lists of indices of names.

    ``forms`` are by first mention; ``meanings`` gives for an acronym the words that the document explains it by; ``people``
    are the words of the document's persons' names. A short form that may stand for several names is left alone.
    """
    groups: dict[_Key, list[Form]] = defaultdict(list)
    for form in forms:
        groups[canonical(form)].append(form)
    keys = {form.tokens: canonical(form) for form in forms}
    shortened = _index_short_names(groups)
    target: dict[_Key, _Key] = {}
    for key in sorted(groups, key=len, reverse=True):
        meaning = keys.get(meanings.get(key[0], ())) if len(key) == 1 else None
        longer = [
            other for other in shortened.get(key, ()) if _stands_for(key, groups[key], other, groups[other], people)
        ]
        if meaning and meaning != key:
            target[key] = meaning
        elif len({_root(other, target) for other in longer}) == 1:
            target[key] = longer[0]
        elif half := _half(key, groups):
            target[key] = half
    merged: dict[_Key, list[int]] = defaultdict(list)
    for key, members in groups.items():
        root = _root(key, target)
        for form in members:
            merged[root].extend(form.names)
    return [sorted(group) for group in merged.values()]


def canonical(form: Form) -> _Key:
    """The words that two forms of one name share."""
    tokens = form.tokens
    if form.label in ("NORP", "ORG") and (party := PARTIES.get(" ".join(tokens))):
        return (party, "party")
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
    if form.label == "GPE" and len(tokens) > 2 and tokens[1] == "of" and tokens[0] in ("state", "city", "republic"):
        return tokens[2:]
    if form.label == "NORP":
        return (*tokens[:-1], _singular(tokens[-1]))
    if len(tokens) > 1 and tokens[-1] in _SWAPPED:
        return (tokens[-1], "of", *tokens[:-1])
    if len(tokens) > 3 and tokens[0] in _SWAPPED and tokens[1:3] == ("of", "the"):
        return (*tokens[:2], *tokens[3:])
    return tokens


def acronyms(tokens: Sequence[str]) -> set[str]:
    """The acronyms that a name can have: initials with and without its small words, and without the last of four or more
    (``CDC``). What is an acronym already stays whole (``USDA``)."""
    strong = [token for token in tokens if token not in CONNECTORS]
    parts = [part for token in strong for part in token.split("-") if part]
    found = {"".join(token[0] for token in words) for words in (tokens, strong, parts)}
    if len(strong) > 3:
        found.add("".join(token[0] for token in strong[:-1]))
    if len(strong) > 1 and strong[0] in _SPELLED:
        found.add(strong[0] + "".join(token[0] for token in strong[1:]))
    return {acronym for acronym in found if len(acronym) > 1}


def _index_short_names(groups: Mapping[_Key, Sequence[Form]]) -> dict[_Key, list[_Key]]:
    """For each of ``groups`` that may be short for another: those others, by first mention."""
    index: dict[_Key, dict[_Key, None]] = defaultdict(dict)
    for key, members in groups.items():
        if len(key) < 2:
            continue
        spelled = acronyms(key).union(*(acronyms(form.tokens) for form in members))
        short: set[_Key] = {(acronym,) for acronym in spelled}
        short |= {key[at:] for at in range(1, len(key))} | {key[:at] for at in range(1, len(key))}
        if key[0] in _SWAPPED and key[1] == "of":
            short |= {(*key[:2], *key[at:]) for at in range(3, len(key))}
        short.add((_head(key),))
        for name in short & groups.keys():
            index[name][key] = None
    return {short: list(longer) for short, longer in index.items()}


def _stands_for(key: _Key, members: Sequence[Form], longer: _Key, long_forms: Sequence[Form], people: Set[str]) -> bool:
    """Whether ``key``, one of the short names of ``longer``, is used for it."""
    word, label, long_label = key[0], members[0].label, long_forms[0].label
    if len(key) > 1:
        return label in _SHORTENED and long_label in _SHORTENED and _is_part(_spoken(key), _spoken(longer), people)
    if clip_place(longer) == word and long_label in ("GPE", "LOC"):
        return True
    if any(form.acronym for form in members):
        return word in acronyms(longer) or any(word in acronyms(form.tokens) for form in long_forms)
    if label == "PRODUCT":
        return long_label == "PRODUCT" and word == longer[-1]
    if label != "ORG" or long_label not in ("ORG", "FAC") or longer[-1] in GROUP_NOUNS:
        return False
    if word in SHORT_HEADS:
        return word in (longer[0], longer[-1], _head(longer))
    if word in DEPARTMENTS:
        return longer[0] in _SWAPPED and word == longer[-1]
    if word == longer[-1]:
        return word not in STANDALONE and (longer[-2] not in CONNECTORS or longer[0] in NAMED_AFTER)
    if longer[-1] in BRANCHES and members[0].names[0] < long_forms[0].names[0]:
        return False
    return word == longer[0] and word not in PLAIN_ADJECTIVES and word not in STANDALONE


def _spoken(key: _Key) -> _Key:
    """``police department`` for ``department of police``."""
    return (*key[2:], key[0]) if key[0] in _SWAPPED and key[1:2] == ("of",) else key


def _head(key: _Key) -> str:
    """``corps`` of the Army Corps of Engineers: the word before ``of``, else the last."""
    return key[key.index("of") - 1] if "of" in key[1:] else key[-1]


def _half(key: _Key, groups: Mapping[_Key, Sequence[Form]]) -> _Key | None:
    """``North Korea`` for ``the North``, where the document names both halves of a land."""
    other = _OPPOSITE.get(key[0]) if len(key) == 1 else None
    if other is None or groups[key][0].label not in ("GPE", "LOC"):
        return None
    halves = [(key[0], land) for land in _HALVED if (key[0], land) in groups and (other, land) in groups]
    return halves[0] if len(halves) == 1 else None


def _is_part(key: _Key, longer: _Key, people: Set[str]) -> bool:
    """Whether a name of two words or more is the end of a longer one (``Judiciary Committee``), or all that stands before
    what the body is of (``Boy Scouts`` of America) or before ``Group``.

    Courts, universities and what a whole country has are called so of their own (``Supreme Court``, ``Federal Reserve``), and
    so is what is somebody's: the ``Obama White House``.
    """
    if key[0] in CONNECTORS or COURTS.intersection((key[0], key[-1])) or key in _NATIONAL or longer[0] in people:
        return False
    if key[-1] in _SWAPPED and key[0] in DEPARTMENTS:
        return False
    if longer[-len(key) :] == key:
        return longer[-len(key) - 1] not in CONNECTORS or longer[-len(key) - 1] == "the"
    rest = longer[len(key) :]
    return longer[: len(key)] == key and (rest[0] in ("of", "for") or rest in _GROUPS)


def _root(key: _Key, target: Mapping[_Key, _Key]) -> _Key:
    seen = {key}
    while key in target and target[key] not in seen:
        key = target[key]
        seen.add(key)
    return key


def _singular(word: str) -> str:
    word = word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
    return PEOPLES.get(word) or SAME_NAMES.get(word, word)
