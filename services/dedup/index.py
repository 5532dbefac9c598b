"""Which documents of the window may be near copies: locality-sensitive hashing of MinHash signatures.

It finds candidates and estimates how similar they are; what follows from that, and which documents the window holds,
is ``core``'s to say.

Documents are known by the number that they were judged under. Numbers grow; a document takes the place ``number %
capacity``. In each band, documents whose values there hash to the same bucket form a chain, the newest first:
``_links`` holds the buckets' heads, then each document's next in each band. Everything is in flat arrays that are
allocated at once (the system gives the memory as it is written to): with 128 permutations and 42 bands 689 bytes a
document and 168 a bucket, of which there are as many as documents or up to twice that. Dictionaries
of lists take 6,500, measured.
"""

import numpy as np
import numpy.typing as npt

DEPTH = 64
"""Documents of a chain that are looked at, the newest. A wire of many like documents (weather, prices) would
otherwise make each cost as much as all before it; the newest are as good as any to tell its cluster from."""

_MIX = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd

Int64s = npt.NDArray[np.int64]
UInt32s = npt.NDArray[np.uint32]


class SignatureIndex:
    """The signatures of the last ``capacity`` numbers.

    Args:
        capacity: how many numbers in a row may be held; ``drop_before`` must keep to it before ``add``.
        permutations: values of a signature.
        bands: bands of a signature; two documents are candidates when they agree in all values of at least one.
        rows: values of a band; ``bands * rows`` must not be more than ``permutations``.
    """

    def __init__(self, capacity: int, permutations: int, bands: int, rows: int) -> None:
        self._capacity = capacity
        self._bands = bands
        self._rows = rows
        self._bits = max(4, (capacity - 1).bit_length())
        self._first = 1  # the lowest number that is held, and the highest
        self._last = 0
        # Place 0 means none.
        self._numbers = np.zeros(capacity + 1, np.int64)
        self._live = np.zeros(capacity + 1, np.bool_)
        self._signatures = np.zeros((capacity + 1, permutations), np.uint32)
        self._heads = bands << self._bits
        self._links = np.zeros(self._heads + (capacity + 1) * bands, np.int32)
        self._band = np.arange(bands)
        self._factors = np.array([pow(_MIX, row + 1, 1 << 64) for row in range(rows)], np.uint64)

    def add(self, number: int, signature: UInt32s) -> None:
        """Put in a document's signature; ``number`` must be greater than all before it."""
        place = number % self._capacity + 1
        heads = self._buckets(signature[None])[0]
        self._links[self._heads + place * self._bands + self._band] = self._links[heads]
        self._links[heads] = place
        self._numbers[place] = number
        self._signatures[place] = signature
        self._live[place] = True
        self._last = number

    def discard(self, number: int) -> None:
        """Take out a document; one that is not held is no error."""
        place = number % self._capacity + 1
        if self._numbers[place] == number:
            self._live[place] = False

    def drop_before(self, number: int) -> None:
        """Take out all documents whose number is lower, so that their places can be used again."""
        self._first = max(self._first, number)

    def candidates(self, signature: UInt32s, least: float = 0.0) -> list[tuple[int, float]]:
        """The documents that agree with ``signature`` in a band, by number, each with the share of values that are the same.

        Only those with a share of ``least`` or more. Of each bucket, the newest ``DEPTH`` documents are looked at.
        """
        places = np.array(self._walk(self._buckets(signature[None])[0].tolist()), np.intp)
        same = self._signatures[places] == signature
        shares = np.count_nonzero(same, axis=1) / len(signature)
        alike = np.flatnonzero(shares >= least)
        bands = same[alike, : self._bands * self._rows].reshape(len(alike), self._bands, self._rows)
        alike = alike[bands.all(axis=2).any(axis=1)]
        return sorted(zip(self._numbers[places[alike]].tolist(), shares[alike].tolist(), strict=True))

    def _buckets(self, signatures: UInt32s) -> Int64s:
        """Of each signature and band, where the head of its chain stands in ``_links``."""
        used = signatures[:, : self._bands * self._rows].astype(np.uint64).reshape(-1, self._bands, self._rows)
        hashes = used @ self._factors
        hashes ^= hashes >> np.uint64(32)
        hashes *= np.uint64(_MIX)
        buckets = (hashes >> np.uint64(64 - self._bits)).astype(np.int64)
        heads: Int64s = buckets + (self._band << self._bits)
        return heads

    def _walk(self, heads: list[int]) -> list[int]:
        """The places of the live documents in the chains that start at ``heads``, one of each band.

        A chain ends at a number that is too old or not below the one before it: that place has been used again. (A
        head may lead to such a place too, and on into another chain; what is found there is turned down like all
        that only shares a bucket, and it comes behind all that belongs.) Documents that were discarded are cut out on
        the way, so that none is passed twice; they do not count against ``DEPTH``, which makes the outcome hang on
        the live documents alone. A loop over chains of one or two is faster than steps over all bands in numpy, and
        no slower where they are long.
        """
        links, numbers, live = self._links.data, self._numbers.data, self._live.data
        found: set[int] = set()
        for band, at in enumerate(heads):
            below, left = self._last + 1, DEPTH
            while left and self._first <= (number := numbers[place := links[at]]) < below:
                below = number
                following = self._heads + place * self._bands + band
                if live[place]:
                    found.add(place)
                    left -= 1
                    at = following
                else:
                    links[at] = links[following]
        return sorted(found)
