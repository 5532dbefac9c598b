"""Honorifics and titles before a person's name.

It decides which words say what somebody is and are no part of the name: ``Attorney General``, ``Deputy Prime Minister``,
``Mr.``.
"""

import re
from collections.abc import Sequence

from services.entities.vocabulary import (
    DOTTED,
    FEMALE_TITLES,
    HONORIFICS,
    LONE_HONORIFICS,
    MALE_TITLES,
    OFFICES,
    TITLE_MODIFIERS,
    TITLES,
)
from services.entities.words import Word, find_words, fold, word_before

_ELDER = "father|mother|uncle|aunt|grandfather|grandmother"
_YOUNGER = "son|daughter|nephew|niece|grandson|granddaughter"
_AGE_BEFORE = re.compile(
    rf"\b(?:(?P<elder>elder|[Tt]he older|[Tt]he senior|(?:{_ELDER}),?)|younger|[Tt]he junior|(?:{_YOUNGER}),?) $"
)
_AGE_AFTER = re.compile(
    rf",? (?:(?P<elder>the elder|(?:his|her|their|the) (?:late )?(?:{_ELDER}))"
    rf"|the younger|(?:his|her|their|the) (?:eldest |oldest |youngest |only )?(?:{_YOUNGER}))\b"
)
_AGE_REACH = 24
"""Characters around a name in which a word such as ``elder`` is looked for."""
_REACH = 64
"""Characters before a name in which its title is looked for: ``Acting Deputy Assistant Secretary of Homeland Security`` has
53."""


def is_honorific(word: str) -> bool:
    """Whether ``word`` is ``Mr.`` or its like, so that what follows is a person."""
    folded = fold(word)
    return folded in HONORIFICS and word[0].isupper() and (folded not in DOTTED or word.endswith("."))


def is_title(words: Sequence[str]) -> bool:
    """Whether ``words`` are a whole title: ``Deputy Attorney General``, ``Secretary of State``, ``Mr.``."""
    folded = [fold(word) for word in words]
    if not all(map(_may_be_title, words)) or "of" in (folded[0], folded[-1]):
        return False
    if folded[-1] in LONE_HONORIFICS:
        return len(words) == 1
    if "of" in folded:
        return _is_office(words, folded)
    return folded[-1] in TITLES or folded[-2:] == ["attorney", "general"]


def count_title_words(words: Sequence[str]) -> int:
    """How many words at the start of a person's name are its title; never all of them."""
    count = 0
    for index in range(1, len(words)):
        if not _may_be_title(words[index - 1]):
            break
        if is_title(words[:index]):
            count = index
    return count


def find_title(text: str, start: int) -> str:
    """The honorifics and titles that stand directly before ``start``, with one space between; empty if there are no titles."""
    nearest = word_before(text, start)
    if not nearest or not _may_be_title(nearest.rpartition("-")[2] or nearest):
        return ""
    words = _words_before(text, start)
    first = len(words)
    right = start
    while first and text[words[first - 1].end : right] == " " and _may_be_title(words[first - 1].text):
        first -= 1
        right = words[first].start
    while first < len(words) and not is_title([word.text for word in words[first:]]):
        first += 1
    return text[words[first].start : start - 1] if first < len(words) else ""


def find_age(text: str, start: int, end: int) -> str:
    """``elder`` or ``younger`` where the words around a person's name say which of a family is meant; else empty.

    ``the elder Mr. Hale``, ``his father, Tom Hale``, ``Tom Hale, the son of``. ``start`` is where a title begins, if there is one.
    """
    match = _AGE_BEFORE.search(text[max(0, start - _AGE_REACH) : start]) or _AGE_AFTER.match(text, end)
    if match is None:
        return ""
    return "elder" if match["elder"] else "younger"


def gender_of(title: str) -> str:
    """``m`` or ``f`` where a title tells it, else empty."""
    for word in reversed(title.split()):
        folded = fold(word)
        gender = HONORIFICS.get(folded) or ("m" if folded in MALE_TITLES else "f" if folded in FEMALE_TITLES else "")
        if gender:
            return gender
    return ""


def _words_before(text: str, start: int) -> list[Word]:
    reach = max(0, start - _REACH)
    words = find_words(text, reach, start)
    return words[1:] if reach and words and words[0].start == reach else words


def _is_office(words: Sequence[str], folded: Sequence[str]) -> bool:
    """Whether ``words`` are ``Secretary of State``, or ``Chief of Staff Gen.``."""
    at = folded.index("of")
    rest = words[at + 2 :]
    return folded[at - 1] in TITLES and (
        all(word in OFFICES for word in folded[at + 1 :]) or (bool(rest) and is_title(rest))
    )


def _may_be_title(word: str) -> bool:
    folded = fold(word)
    known = folded in TITLES or folded in TITLE_MODIFIERS or folded in OFFICES
    return (known and word[0].isupper()) or word == "of"
