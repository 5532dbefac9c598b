"""What of a text is compared: its words in lower case, as the hashes of overlapping shingles.

It decides what two texts must share to be alike, and measures how much they do; which texts are compared, and what
follows from it, is ``core``'s to say. All hashes are arithmetic on code points, the same in every process and on
every machine.

A text becomes words: runs of letters and digits, without case and accents (``fold``). Punctuation and white space
therefore never make a difference: a tokenised copy has the words of its original. Everything is vectorised: a word's
hash is the polynomial of its code points (Karp, Rabin 1987) taken from the text's running sum, a shingle's the
polynomial of its words' hashes, mixed. The time is linear in the text's length whatever is in it; Unicode
normalisation of the text as a whole is not (500,000 combining marks take 260 seconds).
"""

import base64
import hashlib
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.base import MAX_TEXT
from schemas.work import Fingerprint
from services.dedup.boilerplate import strip_boilerplate
from services.dedup.settings import DedupSettings

KEPT = 4096
"""Shingle hashes kept for verification: all of them for news items of up to some 4,000 words (the median has 810, one in
130 is longer). See ``overlap``."""
MIN_WORDS = 20
"""Texts with fewer words are compared exactly only: a word changed in 20 takes the Jaccard similarity of 5-word
shingles down to a half."""
SCHEME = 2
"""Counts the changes of folding, boilerplate, hashes and ``KEPT``. It is part of the stamp."""

_MASK = (1 << 64) - 1
_LETTER_BASE = 0x9E3779B97F4A7C15
_WORD_BASE = 0xC2B2AE3D27D4EB4F
# Odd, so that they have an inverse modulo 2**64; the first is 2**64 over the golden ratio (Knuth, The Art of Computer
# Programming, 6.4), the second a prime of xxHash64.

UInt32s = npt.NDArray[np.uint32]
UInt64s = npt.NDArray[np.uint64]


class Fingerprinter:
    """Makes fingerprints of cleaned texts."""

    def __init__(self, settings: DedupSettings) -> None:
        self.stamp = stamp(settings)
        self._words = settings.shingle_words

    def __call__(self, text: str) -> Fingerprint:
        """The fingerprint of ``text``, which may be any string.

        It has no shingles where the text has fewer than ``MIN_WORDS`` words.
        """
        codes = fold(text)
        inside = codes != _APART
        edges = _edges(inside)
        shingles = _shingles(_word_hashes(codes, edges), self._words)
        long_enough = len(edges) >= 2 * MIN_WORDS and len(shingles) > 0
        return Fingerprint(
            stamp=self.stamp,
            exact=_digest(codes[inside], edges[1::2] - edges[::2]) if len(edges) else _digest_raw(text),
            shingles=_encode(_kept(shingles)) if long_enough else "",
        )


def stamp(settings: DedupSettings) -> str:
    """The name of how fingerprints are made, such as ``minhash-5w-v2``: words of a shingle, and the scheme's version."""
    return f"minhash-{settings.shingle_words}w-v{SCHEME}"


def fold(text: str) -> UInt32s:
    """What counts of ``text``: the code points of its letters and digits, 0 for everything between.

    Case folded, without boilerplate, cut at ``MAX_TEXT``; compatibility forms become the letter that they stand for
    and accents are taken off (Unicode NFKD, code point by code point); marks, soft hyphens and other characters that
    are not seen are left out.
    """
    folded = strip_boilerplate(text.casefold()[:MAX_TEXT])
    codes: UInt32s = _letters()[np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4")]
    unseen = codes == _UNSEEN
    return codes[~unseen] if unseen.any() else codes


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
    return _decode(fingerprint.shingles)


def _encode(values: UInt32s) -> str:
    return base64.b64encode(values.astype("<u4", copy=False).tobytes()).decode("ascii")


def _decode(text: str) -> UInt32s:
    return np.frombuffer(base64.b64decode(text, validate=True), "<u4")


_APART, _UNSEEN = 0, 1
"""In the table of letters: what stands between words, and what is left out. Neither code point is a letter itself."""


@lru_cache(maxsize=1)
def _letters() -> UInt32s:
    """For each code point the letter or digit that it counts as."""
    return np.fromiter((_letter(chr(code)) for code in range(0x110000)), np.uint32, 0x110000)


def _letter(character: str) -> int:
    if unicodedata.decomposition(character):
        base = [part for part in unicodedata.normalize("NFKD", character) if not _is_unseen(part)]
        if len(base) == 1 and base[0].isalnum():
            return ord(base[0])
    if character.isalnum():
        return ord(character)
    return _UNSEEN if _is_unseen(character) else _APART


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


@lru_cache(maxsize=2)
def _powers(base: int, count: int) -> UInt64s:
    """``base**0`` to ``base**count`` modulo 2**64."""
    powers = np.full(count + 1, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _edges(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Where the words start and end, in turn, given for each code point whether it is in a word."""
    padded = np.zeros(len(inside) + 2, np.bool_)
    padded[1:-1] = inside
    return np.flatnonzero(padded[1:] != padded[:-1])


def _word_hashes(codes: npt.NDArray[np.uint32], edges: npt.NDArray[np.intp]) -> UInt64s:
    """A 64-bit hash of each word; ``edges`` are the words' starts and ends in turn.

    With S(i) the sum of c(j) * base**j over j < i, the word from s to e has the hash (S(e) - S(s)) * base**-s: the
    same wherever it stands.
    """
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * _powers(_LETTER_BASE, MAX_TEXT)[: len(codes)], out=sums[1:])
    inverses = _powers(pow(_LETTER_BASE, -1, 1 << 64), MAX_TEXT)
    hashes: UInt64s = (sums[edges[1::2]] - sums[edges[::2]]) * inverses[edges[::2]]
    return hashes


def _shingles(words: UInt64s, size: int) -> UInt64s:
    """The 64-bit hashes of all shingles of ``size`` words, in the text's order, repeats included."""
    count = len(words) - size + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    words = _mix(words)
    total = words[:count].copy()
    for position in range(1, size):
        total += words[position : position + count] * np.uint64(pow(_WORD_BASE, position, 1 << 64))
    return _mix(total)


def _mix(values: UInt64s) -> UInt64s:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit of the result hangs on every bit of the value."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _kept(shingles: UInt64s) -> UInt32s:
    """The ``KEPT`` smallest distinct values of the shingles' upper 32 bits, sorted."""
    if not len(shingles):
        return np.empty(0, np.uint32)
    values = (shingles >> np.uint64(32)).astype("<u4")
    values.sort()
    first = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    kept: UInt32s = values[first][:KEPT]
    return kept


def _digest(letters: npt.NDArray[np.uint32], lengths: npt.NDArray[np.intp]) -> str:
    """SHA-256, cut to 128 bits, of the words: how many, how long each, then their code points without anything between."""
    parts = (np.array([len(lengths)]), lengths, letters)
    return hashlib.sha256(b"".join(part.astype("<u4").tobytes() for part in parts)).hexdigest()[:32]


def _digest_raw(text: str) -> str:
    """The digest of a text without words: two such are the same only where they are letter for letter."""
    return hashlib.sha256(b"raw\0" + text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
