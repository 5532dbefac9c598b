"""The documents that a new one is compared with: what is kept of each, and which of them come into question.

Everything is in arrays of one row a document, allocated at once; the system gives the memory as it is written to. Documents are
numbered from 1; number ``n`` has the row ``n % capacity``. Which story a document is in is ``catalog``'s to say.

A document that leaves before its time (it was withdrawn, or revised) keeps its row, and its places in the index, until the window
has passed it: so what is found depends on the documents of the window alone, not on what was there before it.

Each document stands under its heaviest terms in an index. Under a term are the last ``_DEPTH`` documents, so that a word of
everybody costs no more than a rare one; terms that share a bucket cost a look at a document in vain.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.stories.terms import Bools, Floats, UInt32s
from services.stories.weighing import KEPT, SCALE, Vector

Int64s = npt.NDArray[np.int64]
UInt8s = npt.NDArray[np.uint8]

POSTED = 16
"""Terms, the heaviest, that a document is found by. Of two documents of one story some of the 16 are the same."""
SOUGHT = 32
"""Terms, the heaviest, of a new document that others are looked up by."""
_DEPTH = 32
"""Documents under a term, the newest."""
COMPARED = 64
"""Documents that a new one is compared with, those under the heaviest terms in common."""
SHORT = 25
"""A document of fewer terms is a title with little text, or none: it has less to share."""
TRAITS = ("whole", "whole squared", "title", "days apart", "short", "terms", "terms in common")
"""What two documents have in common, in the order of the columns: the cosine of their vectors, and its square; that of their
titles; ``ln(1 + days)`` between them; whether one is short; ``ln`` of the terms of the shorter one; ``ln(1 + terms in
common)``."""
_DAY = 86_400
_SLOTS = 1 << 16
_SLOT_BITS = np.uint32(_SLOTS - 1)


class Window:
    """Vectors, times and an index of the last documents.

    Args:
        capacity: most documents that are held; the next one takes the row of the oldest, which must have left.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.last = 0
        """The number given last."""
        self._numbers: Int64s = np.zeros(capacity, np.int64)
        self._live: Bools = np.zeros(capacity, np.bool_)
        self._hashes: UInt32s = np.zeros((capacity, KEPT), np.uint32)
        self._weights = np.zeros((capacity, KEPT), np.uint16)
        self._titled: Bools = np.zeros((capacity, KEPT), np.bool_)
        self._titles: Floats = np.zeros(capacity, np.float32)
        self._sizes: UInt8s = np.zeros(capacity, np.uint8)
        self._times: Int64s = np.zeros(capacity, np.int64)
        self._bits = max(8, (capacity * POSTED // _DEPTH * 2).bit_length())
        self._index: UInt32s = np.zeros((1 << self._bits, _DEPTH), np.uint32)
        self._cursors: UInt8s = np.zeros(1 << self._bits, np.uint8)
        self._found: UInt8s = np.zeros(_SLOTS, np.uint8)  # of the lower bits of a hash: its place in a vector

    def row(self, number: int) -> int:
        """The row of ``number``."""
        return number % self.capacity

    def number(self, row: int) -> int:
        """The number that has ``row``."""
        return int(self._numbers[row])

    def holds(self, number: int) -> bool:
        """Whether ``number`` is in the window, and has not left before its time."""
        row = number % self.capacity
        return number > 0 and bool(self._numbers[row] == number and self._live[row])

    def add(self, vector: Vector, time: int) -> int:
        """Put a document in; ``time`` in seconds. Returns its number."""
        self.last += 1
        row, size = self.row(self.last), len(vector.hashes)
        self._numbers[row], self._live[row] = self.last, True
        self._hashes[row, :size] = vector.hashes
        self._weights[row, :size] = np.round(vector.weights * SCALE)
        self._weights[row, size:] = 0
        self._titled[row, :size] = vector.titled
        self._titles[row], self._sizes[row], self._times[row] = vector.title, size, time
        buckets = self._buckets(vector.hashes[vector.heaviest[:POSTED]])
        self._index[buckets, self._cursors[buckets] % _DEPTH] = self.last
        self._cursors[buckets] += 1
        return self.last

    def leave(self, number: int) -> None:
        """Let a document be found no more, before the window has passed it."""
        self._live[self.row(number)] = False

    def remove(self, number: int) -> UInt32s:
        """Take a document out that the window has passed; returns the hashes of its terms."""
        row = self.row(number)
        size = int(self._sizes[row]) if self._numbers[row] == number else 0
        self._numbers[row], self._live[row] = 0, False
        return self._hashes[row, :size].copy()

    def candidates(self, vector: Vector) -> Int64s:
        """The numbers of the ``COMPARED`` documents that share the heaviest terms with ``vector``, in the order that they
        came."""
        sought = vector.heaviest[:SOUGHT]
        found = self._index[self._buckets(vector.hashes[sought])].astype(np.int64)
        rows = found % self.capacity
        live = (found > 0) & (self._numbers[rows] == found) & self._live[rows]
        weights = np.broadcast_to((vector.weights[sought] ** 2)[:, None], found.shape)[live]
        numbers, places = np.unique(found[live], return_inverse=True)
        shared = np.bincount(places, weights, len(numbers))
        best = np.lexsort((-numbers, -shared))[:COMPARED]
        return np.sort(numbers[best])

    def traits(self, vector: Vector, time: int, numbers: Sequence[int] | Int64s) -> Floats:
        """What ``vector`` and each of ``numbers`` have in common: a row of ``TRAITS`` each."""
        rows = np.asarray(numbers, np.int64) % self.capacity
        if not len(vector.hashes):
            return np.zeros((len(rows), len(TRAITS)), np.float32)
        hashes = self._hashes[rows]
        places = self._places(vector.hashes, hashes)
        weights = self._weights[rows]
        same = (vector.hashes[places] == hashes) & (weights > 0)
        products = np.where(same, vector.weights[places] * (weights / np.float32(SCALE)), np.float32(0))
        whole = products.sum(axis=1)
        in_titles = (products * (self._titled[rows] & vector.titled[places])).sum(axis=1)
        lengths = self._titles[rows] * np.float32(vector.title)
        title = np.divide(in_titles, lengths, out=np.zeros_like(in_titles), where=lengths > 0)
        least = np.minimum(self._sizes[rows], len(vector.hashes))
        days = np.abs(self._times[rows] - time) / _DAY
        columns = (
            whole,
            whole * whole,
            title,
            np.log1p(days),
            least < SHORT,
            np.log(np.maximum(least, 1)),
            np.log1p(same.sum(axis=1)),
        )
        return np.column_stack(columns).astype(np.float32)

    def _places(self, those: UInt32s, sought: UInt32s) -> npt.NDArray[np.intp]:
        """For each hash that is ``sought``, its place in ``those``, which are sorted; any place where it is not there."""
        slots, own = those & _SLOT_BITS, np.arange(len(those), dtype=np.uint8)
        self._found[slots] = own
        places = self._found[sought & _SLOT_BITS].astype(np.intp)
        apart = bool((self._found[slots] == own).all())
        self._found[slots] = 0
        # A table is looked at in a third of the time; where two hashes share a slot one of them is not found.
        return places if apart else np.minimum(np.searchsorted(those, sought), len(those) - 1)

    def _buckets(self, hashes: UInt32s) -> Int64s:
        mixed = hashes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> np.uint64(64 - self._bits)).astype(np.int64)
