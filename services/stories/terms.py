"""The terms of a document: what its title and the first words of its text say, as hashed stems.

Decides what a word and a stem are. How much a term tells of a story is ``weighing``'s to say.
"""

import re
import zlib
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.text.words import without_accents

UInt32s = npt.NDArray[np.uint32]
UInt16s = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

WORDS = 300
"""Words of the text that count: the lead and what follows it. What comes later is background, which other stories share."""
LONGEST, LONGEST_TITLE = 20_000, 2_000
"""Characters of the text and of the title that are looked at. 300 words have some 2,000."""
_LONGEST_WORD = 64
_USUAL = 2_400
"""Characters that have ``WORDS`` words nearly always, so that a long text is not read to its end."""
_TITLE_COUNT = 2.0
"""A word of the title counts as so many of the text."""

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_SMALL_TEXT = (
    "a about after again against all also am an and any are as at away be because been before being below between both but by "
    "can could did didn do does doesn doing don down during each even ever every few for from further get gets got had has have "
    "having he her here hers him his how i if in into is isn it its just let ll may me might more most much must my new news no "
    "nor not now of off on once only or other our out over own re s said same say saying says she should so some such t than "
    "that the their them then there these they this those to too under until up us ve very via was wasn we were what when where "
    "which while who whom why will with would you your"
)
SMALL = frozenset(_SMALL_TEXT.split())
"""Words that say nothing of the story."""


class Terms(NamedTuple):
    """The distinct terms of a document; arrays of one length.

    Attributes:
        hashes: 32 bits of each, in no order. counts: how often it is there, in the title twice as much. titled: whether it is in
            the title.
    """

    hashes: UInt32s
    counts: Floats
    titled: Bools


def read_terms(title: str, text: str) -> Terms:
    """The terms of a title and of the first ``WORDS`` words of a text; none where they have no words."""
    counts: dict[int, float] = {}
    _count(counts, words(title[:LONGEST_TITLE]), _TITLE_COUNT)
    in_title = len(counts)
    _count(counts, first_words(text), 1)
    return Terms(
        np.fromiter(counts, np.uint32, len(counts)),
        np.fromiter(counts.values(), np.float32, len(counts)),
        np.arange(len(counts)) < in_title,  # a dictionary keeps the order that its keys came in
    )


def _count(counts: dict[int, float], found: list[str], weight: float) -> None:
    for word, times in Counter(found).items():
        term = _term(word)
        if term is not None:
            counts[term] = counts.get(term, 0) + weight * times


def hashed(stem: str) -> int:
    """32 bits of a stem: the same in every process."""
    return zlib.crc32(stem.encode("utf-8", "surrogatepass"))


def stem(word: str) -> str:
    """What a word and its forms have in common, without case and accents; empty where the word says nothing of a story."""
    low = without_accents(word.casefold())
    if low in SMALL or (len(low) < 2 and not low.isdigit()):
        return ""
    if low[0].isdigit():
        return low
    if len(low) > 4 and low.endswith("ies"):
        low = f"{low[:-3]}y"
    elif len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")):
        low = low[:-1]
    if len(low) > 5 and low.endswith("ing"):
        low = low[:-3]
    elif len(low) > 4 and low.endswith("ed"):
        low = low[:-2]
    return low[:-1] if len(low) > 3 and low.endswith("e") else low


def first_words(text: str) -> list[str]:
    """The first ``WORDS`` words of a text, as they are written."""
    found = words(text[:_USUAL])
    if len(found) <= WORDS and len(text) > _USUAL:
        found = words(text[:LONGEST])
    return found[:WORDS]


def words(text: str) -> list[str]:
    """The words of a text, as they are written."""
    return _WORD.findall(text)


@lru_cache(1 << 16)  # the words of some thousand documents: 10 MB
def _term(word: str) -> int | None:
    """The hash of a word's stem; None where it says nothing."""
    found = stem(word[:_LONGEST_WORD])
    return hashed(found) if found else None
