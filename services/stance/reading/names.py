"""When two names or wordings are one: they share at least half of their words, without titles, articles and prepositions."""

import re
from collections.abc import Sequence
from functools import lru_cache

from services.stance.words import INNER_PREPOSITIONS
from services.text.words import word_set

Names = Sequence[str]
SHARED = 0.5
"""Twice the shared words over those of both."""
_EMPTY = word_set(
    "the a an of to for in on at by and or his her its their our my your this that these those with from as mr mrs ms sen rep "
    "gov president"
)
_CACHED = 2048
"""Names that are kept: some documents' worth. Few names of one document come again in another, and 16,000 of them are 12 MB."""
_OWNER = re.compile(r"['’]s\b")
_WORD = re.compile(r"[\w$%]+")


def alike(one: Names, other: Names, least: float = SHARED) -> bool:
    """Whether two holders or targets are the same, by any of their names: they share at least this part of their words."""
    return any(_shared(words_of(a), words_of(b)) >= least for a in one for b in other)


def is_one(one: str, other: str) -> bool:
    """Whether two wordings are of one issue: they have the same head ("the ban", "Harlan's travel ban"), and are alike."""
    a, b = words_of(one), words_of(other)
    return a == b or (_head(one) == _head(other) and _shared(a, b) >= SHARED)


def is_named(name: str, names: Names) -> bool:
    """Whether a wording is one of the names of an entity, word for word."""
    own = words_of(name)
    return any(own == words_of(other) for other in names)


@lru_cache(_CACHED)
def _head(name: str) -> str:
    """The last word of a noun phrase before its first preposition."""
    words = _WORD.findall(_OWNER.sub("", name.lower()))
    end = next((at for at, word in enumerate(words) if at and word in INNER_PREPOSITIONS), len(words))
    return _singular(words[end - 1]) if words else ""


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


@lru_cache(_CACHED)
def words_of(name: str) -> frozenset[str]:
    """The words that tell a name from others; all of them where none does."""
    found = [_singular(word) for word in _WORD.findall(_OWNER.sub("", name.lower()))]
    return frozenset([word for word in found if word not in _EMPTY] or found)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
