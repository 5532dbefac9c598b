"""What of a text is compared: its words in lower case, as the hashes of overlapping shingles.

It decides what two texts must share to be alike, and measures how much they do; which texts are compared, and what
follows from it, is ``core``'s to say. What a word is, and how words are hashed, is in ``words``.
"""

import base64
import hashlib
from collections.abc import Set
from typing import NamedTuple

import numpy as np

from schemas.work import Fingerprint
from services.dedup.page import Page
from services.dedup.settings import DedupSettings
from services.dedup.subject import is_thin, lead_facts, stems, title_words
from services.dedup.words import APART, UInt32s, UInt64s, Words, high, read_words, shingle_hashes

KEPT = 4096
"""Shingle hashes kept for verification: all of them for news items of up to some 4,000 words (the median has 810, one in
130 is longer). See ``overlap``."""
MIN_WORDS = 20
"""Texts with fewer words are compared exactly only: a word changed in 20 takes the Jaccard similarity of 5-word
shingles down to a half."""
SCHEME = 2
"""Counts the changes of folding, boilerplate, hashes and ``KEPT``. It is part of the stamp."""


class Fingerprinter:
    """Makes fingerprints of cleaned texts."""

    def __init__(self, settings: DedupSettings) -> None:
        self.stamp = stamp(settings)
        self._words = settings.shingle_words

    def __call__(self, text: str, title: str = "") -> Fingerprint:
        """The fingerprint of ``text`` under ``title``, which may be any strings.

        It has no shingles where the text has fewer than ``MIN_WORDS`` words.
        """
        words = read_words(text)
        page = Page(text, words)
        shingles = shingle_hashes(page.hashes, self._words)
        long_enough = len(words.starts) >= MIN_WORDS and len(shingles) > 0
        return Fingerprint(
            stamp=self.stamp,
            exact=_digest(words) if len(words.starts) else _digest_raw(text),
            shingles=_encode(_kept(shingles)) if long_enough else "",
            sentences=_encode(page.sentence_hashes()[:KEPT]),
            title=_encode(_sorted(stems(title_words(title)))),
            lead=_encode(_sorted(lead_facts(page))),
            thin=is_thin(title, page),
        )


def stamp(settings: DedupSettings) -> str:
    """The name of how fingerprints are made, such as ``minhash-5w-v2``: words of a shingle, and the scheme's version."""
    return f"minhash-{settings.shingle_words}w-v{SCHEME}"


class Overlap(NamedTuple):
    """What two texts have in common.

    Attributes:
        jaccard: the Jaccard similarity of their shingle sets, |A and B| / |A or B|. inside: the containment of the
            first in the second, |A and B| / |A|. around: that of the second in the first. All are 0 where a text has
            no shingle.
    """

    jaccard: float
    inside: float
    around: float


def overlap(a: UInt32s, b: UInt32s) -> Overlap:
    """What two texts have in common, from their kept shingle hashes: sorted, distinct, made under one stamp.

    Exact while both have fewer than ``KEPT`` distinct shingles. From there on each keeps its ``KEPT`` smallest
    hashes, the bottom-k sketch of Broder (On the resemblance and containment of documents, 1997): of the k smallest
    hashes of the union, all of which are kept, the share that is in both is an unbiased estimate of the similarity,
    with the standard error sqrt(s(1-s)/k), at most 0.008 for k = 4096. The containment is then that of the hashes up
    to the greatest that both would have kept: a random sample, unbiased, whose size shrinks as the other text grows.
    """
    if not len(a) or not len(b):
        return Overlap(0.0, 0.0, 0.0)
    merged = np.concatenate((a, b))
    merged.sort()
    repeated = merged[1:] == merged[:-1]
    shared = int(np.count_nonzero(repeated))
    if max(len(a), len(b)) < KEPT:
        return Overlap(shared / (len(merged) - shared), shared / len(a), shared / len(b))
    # Each hash of the union stands once or twice in a row; that of the union's k-th is the last that counts.
    new = np.concatenate(([True], ~repeated))
    last = np.flatnonzero(new)[KEPT - 1]
    jaccard = int(np.count_nonzero(repeated[: last + 1])) / KEPT
    limit = min(int(kept[-1]) for kept in (a, b) if len(kept) >= KEPT)
    a, b = (kept[: np.searchsorted(kept, limit, "right")] for kept in (a, b))
    shared = count_shared(a, b)
    return Overlap(jaccard, shared / len(a) if len(a) else 0.0, shared / len(b) if len(b) else 0.0)


def count_shared(a: UInt32s, b: UInt32s) -> int:
    """How many hashes are in both of two sorted arrays of distinct hashes."""
    merged = np.concatenate((a, b))
    merged.sort()
    return int(np.count_nonzero(merged[1:] == merged[:-1]))


def kept_shingles(fingerprint: Fingerprint) -> UInt32s:
    """The kept shingle hashes, sorted.

    Raises:
        ValueError: they are not base64 of uint32 values.
    """
    return decode(fingerprint.shingles)


def _sorted(values: Set[int]) -> UInt32s:
    return np.array(sorted(values), np.uint32)


def _encode(values: UInt32s) -> str:
    return base64.b64encode(values.astype("<u4", copy=False).tobytes()).decode("ascii")


def decode(text: str) -> UInt32s:
    """Hashes as a fingerprint has them.

    Raises:
        ValueError: they are not base64 of uint32 values.
    """
    return np.frombuffer(base64.b64decode(text, validate=True), "<u4")


def _kept(shingles: UInt64s) -> UInt32s:
    """The ``KEPT`` smallest distinct values of the shingles' upper 32 bits, sorted."""
    if not len(shingles):
        return np.empty(0, np.uint32)
    values = high(shingles)
    values.sort()
    first = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    kept: UInt32s = values[first][:KEPT]
    return kept


def _digest(words: Words) -> str:
    """SHA-256, cut to 128 bits, of the words: how many, how long each, then their code points without anything between."""
    lengths = words.ends - words.starts
    parts = (np.array([len(lengths)]), lengths, words.codes[words.codes != APART])
    return hashlib.sha256(b"".join(part.astype("<u4").tobytes() for part in parts)).hexdigest()[:32]


def _digest_raw(text: str) -> str:
    """The digest of a text without words: two such are the same only where they are letter for letter."""
    return hashlib.sha256(b"raw\0" + text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
