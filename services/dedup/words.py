"""Words and their hashes: how a text becomes runs of letters and digits, and these become shingles.

A text becomes words: runs of letters and digits, without case and accents (``fold``). Punctuation and white space
therefore never make a difference: a tokenised copy has the words of its original. Everything is vectorised: a word's
hash is the polynomial of its code points (Karp, Rabin 1987) taken from the text's running sum, a shingle's the
polynomial of its words' hashes, mixed. The time is linear in the text's length whatever is in it; Unicode
normalisation of the text as a whole is not (500,000 combining marks take 260 seconds). All hashes are arithmetic on code
points, the same in every process and on every machine.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.base import MAX_TEXT
from services.dedup.boilerplate import credit_spans

_LETTER_BASE = 0x9E3779B97F4A7C15
_WORD_BASE = 0xC2B2AE3D27D4EB4F
# Odd, so that they have an inverse modulo 2**64; the first is 2**64 over the golden ratio (Knuth, The Art of Computer
# Programming, 6.4), the second a prime of xxHash64.

UInt32s = npt.NDArray[np.uint32]
UInt64s = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


class Words(NamedTuple):
    """The words of a text.

    Attributes:
        codes: the code points that count, ``APART`` between words. starts, ends: of the words in ``codes``. at: for each
            of ``codes`` its offset in the text.
    """

    codes: UInt32s
    starts: Places
    ends: Places
    at: Places


def read_words(text: str) -> Words:
    """The words of ``text``, which may be any string.

    Case folded, without credits, cut at ``MAX_TEXT``; compatibility forms become the letter that they stand for
    and accents are taken off (Unicode NFKD, code point by code point); marks, soft hyphens and other characters that
    are not seen are left out.
    """
    folded = text.casefold()[:MAX_TEXT]
    codes: UInt32s = _letters()[np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4")]
    for start, end in credit_spans(folded):
        codes[start:end] = APART
    seen = np.flatnonzero(codes != _UNSEEN)
    codes = codes[seen]
    starts, ends = word_edges(codes)
    at = seen if len(folded) == len(text) else _origins(text)[seen]
    return Words(codes, starts, ends, at)


def fold(text: str) -> UInt32s:
    """What counts of ``text``: the code points of its letters and digits, ``APART`` for what stands between."""
    return read_words(text).codes


def _origins(text: str) -> Places:
    """For each code point of the case-folded text the offset in the text that it comes from."""
    return np.repeat(np.arange(len(text)), [len(character.casefold()) for character in text])


APART, _UNSEEN = 0, 1
"""In the table of letters: what stands between words, and what is left out. Neither code point is a letter itself."""
_ASSIGNED = ((0, 0x40000), (0xE0000, 0xE1000))
"""Where Unicode has characters. The planes between have none, those above are for private use: no letters, and to ask each of
their 850,000 code points would take most of a stage's start."""


@lru_cache(maxsize=1)
def _letters() -> UInt32s:
    """For each code point the letter or digit that it counts as."""
    letters = np.full(0x110000, APART, np.uint32)
    for start, end in _ASSIGNED:
        letters[start:end] = np.fromiter((_letter(chr(code)) for code in range(start, end)), np.uint32, end - start)
    return letters


def _letter(character: str) -> int:
    if unicodedata.decomposition(character):
        base = [part for part in unicodedata.normalize("NFKD", character) if not _is_unseen(part)]
        if len(base) == 1 and base[0].isalnum():
            return ord(base[0])
    if character.isalnum():
        return ord(character)
    return _UNSEEN if _is_unseen(character) else APART


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


@lru_cache(maxsize=4)
def _powers(base: int, count: int) -> UInt64s:
    """``base**0`` to ``base**count`` modulo 2**64."""
    powers = np.full(count + 1, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def word_edges(codes: UInt32s) -> tuple[Places, Places]:
    """Where the words in ``codes`` start, and where they end."""
    padded = np.zeros(len(codes) + 2, np.bool_)
    padded[1:-1] = codes != APART
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return edges[::2], edges[1::2]


def word_hashes(words: Words) -> UInt64s:
    """A 64-bit hash of each word.

    With S(i) the sum of c(j) * base**j over j < i, the word from s to e has the hash (S(e) - S(s)) * base**-s: the
    same wherever it stands.
    """
    codes = words.codes
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * _powers(_LETTER_BASE, MAX_TEXT)[: len(codes)], out=sums[1:])
    inverses = _powers(pow(_LETTER_BASE, -1, 1 << 64), MAX_TEXT)
    return (sums[words.ends] - sums[words.starts]) * inverses[words.starts]


def run_hashes(words: UInt64s, firsts: Places, lasts: Places) -> UInt32s:
    """A 32-bit hash of each run of words from ``firsts`` to ``lasts`` (half open), by the words' hashes."""
    sums = np.zeros(len(words) + 1, np.uint64)
    np.cumsum(_mix(words) * _powers(_WORD_BASE, MAX_TEXT)[: len(words)], out=sums[1:])
    inverses = _powers(pow(_WORD_BASE, -1, 1 << 64), MAX_TEXT)
    return high(_mix((sums[lasts] - sums[firsts]) * inverses[firsts]))


def shingle_hashes(words: UInt64s, size: int) -> UInt64s:
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


def high(hashes: UInt64s) -> UInt32s:
    """The upper 32 bits of each hash: what is kept of it."""
    return (hashes >> np.uint64(32)).astype("<u4")
