"""How much each term of a document tells of its story, learnt from the window and from a background of news.

A term's weight is ``(1 + ln count) * -ln p``. ``p`` is the share of documents that have the term: of the background
(``background.txt``, made by ``training/stories``) or of the window, whichever is more. So a word of everyday news is common
from the first document on, and a word that a running affair has brought up is common while it runs.
"""

import base64
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.stories.terms import Bools, Floats, Terms, UInt16s, UInt32s, hashed

KEPT = 64
"""Terms of a document that are kept, the heaviest. The others are words of everyday news."""
_CELLS = 1 << 20
"""Counters of terms, by the lower bits of the hash. A window of 200,000 documents has some 500,000 different terms; those that
share a cell are taken for a little more common than they are."""
SCALE = 1 << 15
"""Weights are whole numbers of 16 bits, divided by this: what is compared is what is kept, to the last bit."""
_CALM = 200
"""Documents without any term that the window is taken to have beside its own: a term of the only one is not common yet."""


class Vector(NamedTuple):
    """What a document is compared by.

    Attributes:
        hashes: of its terms, sorted. weights: of each, whole numbers over ``SCALE``; their squares sum to 1. titled: whether it
            is in the title. title: the length of the part of the vector that is in the title.
        heaviest: the places of the terms in ``hashes``, the heaviest first.
    """

    hashes: UInt32s
    weights: Floats
    titled: Bools
    title: float
    heaviest: npt.NDArray[np.intp]


class Weighing:
    """Counts the terms of the documents in the window."""

    def __init__(self) -> None:
        self._background = background()
        self._counts = np.zeros(_CELLS, np.int32)
        self._documents = 0

    def weigh(self, terms: Terms) -> Vector:
        """The vector of a document, by what was counted so far."""
        cells = terms.hashes & np.uint32(_CELLS - 1)
        share = np.maximum(self._background[cells], self._counts[cells] / (self._documents + _CALM))
        weights = ((1 + np.log(terms.counts)) * -np.log(np.minimum(share, 0.95))).astype(np.float32)
        kept = np.lexsort((terms.hashes, -weights))[:KEPT]
        order = kept[np.argsort(terms.hashes[kept])]
        return vector(terms.hashes[order], weights[order], terms.titled[order])

    def add(self, hashes: UInt32s) -> None:
        """Count a document that enters the window, by its kept terms."""
        self._count(hashes, 1)

    def remove(self, hashes: UInt32s) -> None:
        """Take out of the count what ``add`` has counted."""
        self._count(hashes, -1)

    def _count(self, hashes: UInt32s, by: int) -> None:
        self._counts[hashes & np.uint32(_CELLS - 1)] += by  # of two in one cell one is counted, and taken out again
        self._documents += by if len(hashes) else 0


def vector(hashes: UInt32s, weights: Floats, titled: Bools) -> Vector:
    """The vector of the terms ``hashes``, sorted; ``weights`` may have any length."""
    length = float((weights.astype(np.float64) ** 2).sum()) ** 0.5 or 1.0
    return scaled(hashes, np.round(weights * (SCALE / length)).astype(np.uint16), titled)


def scaled(hashes: UInt32s, whole: UInt16s, titled: Bools) -> Vector:
    """The vector of the terms ``hashes``, sorted, whose weights are ``whole`` over ``SCALE``."""
    title = float((whole[titled].astype(np.float64) ** 2).sum()) ** 0.5 / SCALE
    return Vector(
        hashes,
        (whole / np.float32(SCALE)).astype(np.float32),
        titled,
        title,
        np.lexsort((hashes, -whole.astype(np.int32))),
    )


NOTHING = scaled(np.empty(0, np.uint32), np.empty(0, np.uint16), np.empty(0, np.bool_))
"""Of a document without words."""


def packed(one: Vector) -> str:
    """A vector as text, for ``unpacked``: 9 bytes of base64 for each term."""
    whole = np.round(one.weights * SCALE).astype("<u2")
    raw = one.hashes.astype("<u4").tobytes() + whole.tobytes() + np.packbits(one.titled).tobytes()
    return base64.b64encode(raw).decode()


def unpacked(text: str) -> Vector:
    """The vector that ``packed`` was given, to the last bit.

    Raises:
        ValueError: the text is none of ``packed``.
    """
    raw = base64.b64decode(text, validate=True)
    terms = len(raw) * 8 // 49  # 4 + 2 bytes and a bit each
    if len(raw) != 6 * terms + (terms + 7) // 8:
        raise ValueError("these are no terms")
    hashes = np.frombuffer(raw, "<u4", terms).astype(np.uint32)
    whole = np.frombuffer(raw, "<u2", terms, 4 * terms).astype(np.uint16)
    titled = np.unpackbits(np.frombuffer(raw, np.uint8, offset=6 * terms), count=terms).astype(np.bool_)
    return scaled(hashes, whole, titled)


@lru_cache(1)
def background() -> Floats:
    """For each cell the share of documents of the background that have its terms: at least that of half a document."""
    counts = np.zeros(_CELLS, np.float32)
    first, *lines = resources.files("services.stories").joinpath("background.txt").read_text("utf-8").splitlines()
    documents = int(first.split()[1])
    for line in lines:
        count, *stems = line.split()
        for stem in stems:
            counts[hashed(stem) & (_CELLS - 1)] += float(count)
    return (np.maximum(counts, 0.5) / documents).astype(np.float32)
