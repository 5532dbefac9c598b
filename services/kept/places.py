"""Where judgements stand in the flat arrays that a window is kept in, and which of them a key was given to.

Everything is in arrays that are allocated at once (the system gives the memory as it is written to): Python's own objects
and dictionaries would take ten times as much for a document. What is remembered of a judgement beside, and for how long,
is ``window``'s to say.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
UInt32s = npt.NDArray[np.uint32]
Bools = npt.NDArray[np.bool_]

MIX = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd: the high bits of a product with it hang on all bits


def bits_for(items: int) -> int:
    """So many bits number the buckets for ``items`` keys: of two thirds to four thirds as many buckets."""
    return max(4, (items * 2 // 3).bit_length())


class Places:
    """The numbers of the judgements that are held, and which of them are in the window.

    Numbers grow by one; number ``n`` takes the place ``n % capacity + 1``, which it must have left when the number
    ``n + capacity`` comes. Place 0 means none.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.numbers: Int64s = np.zeros(capacity + 1, np.int64)
        self.live: Bools = np.zeros(capacity + 1, np.bool_)
        self.numbers_view, self.live_view = self.numbers.data, self.live.data
        """The same arrays: reading one value of a view is five times as fast as reading one of the array."""
        self.first = 1
        """The lowest number that may be in the window."""
        self.last = 0
        """The highest number that was given a place."""

    def of(self, number: int) -> int:
        """The place that ``number`` takes."""
        return number % self.capacity + 1

    def take(self, number: int) -> int:
        """Give ``number`` its place; it is not in the window yet."""
        place = self.of(number)
        self.numbers_view[place] = number
        self.live_view[place] = False
        self.last = number
        return place

    def holds(self, number: int) -> bool:
        """Whether ``number`` is in the window."""
        place = self.of(number)
        return self.numbers_view[place] == number and bool(self.live_view[place])


class Groups:
    """Places by a key of 64 bits, those of one key in the order that they came in.

    The places of a key form a ring, ``_after`` and ``_before`` each; its first one stands in the chain of the key's
    bucket. So the first is found, and any is taken out, in a time that does not grow with the ring: a text that came
    a hundred thousand times costs no more than one that came twice.
    """

    def __init__(self, capacity: int) -> None:
        self._bits = bits_for(capacity)
        self._keys = np.zeros(capacity + 1, np.uint64).data
        self._heads = np.zeros(1 << self._bits, np.int32).data
        self._chain = np.zeros(capacity + 1, np.int32).data
        self._after = np.zeros(capacity + 1, np.int32).data
        self._before = np.zeros(capacity + 1, np.int32).data

    def __contains__(self, place: int) -> bool:
        """Whether ``place`` is in a group."""
        return bool(self._after[place])

    def add(self, place: int, key: int) -> None:
        """Put ``place``, which must be in no group, behind all others of ``key``."""
        self._keys[place] = key
        first = self.first(key)
        if not first:
            bucket = self._bucket(key)
            self._chain[place] = self._heads[bucket]
            self._heads[bucket] = place
            self._after[place] = self._before[place] = place
            return
        last = self._before[first]
        self._after[last] = self._before[first] = place
        self._after[place], self._before[place] = first, last

    def remove(self, place: int) -> None:
        """Take out ``place``, which must be in a group; the next of its group is the first then, where it was that."""
        after, before = self._after[place], self._before[place]
        bucket = self._bucket(self._keys[place])
        previous, at = 0, self._heads[bucket]
        while at and at != place:
            previous, at = at, self._chain[at]
        if at:  # it was the first
            following = self._chain[place]
            if after != place:
                self._chain[after] = following
                following = after
            if previous:
                self._chain[previous] = following
            else:
                self._heads[bucket] = following
        self._after[before], self._before[after] = after, before
        self._after[place] = 0

    def first(self, key: int) -> int:
        """The place of ``key`` that came first, or 0 without one."""
        keys, chain = self._keys, self._chain
        at: int = self._heads[self._bucket(key)]
        while at and keys[at] != key:
            at = chain[at]
        return at

    def last(self, key: int) -> int:
        """The place of ``key`` that came last, or 0 without one."""
        return self._before[self.first(key)]

    def newest(self, key: int) -> Iterator[int]:
        """The places of ``key``, the last first. Nothing may be added or removed meanwhile."""
        first = self.first(key)
        at = self._before[first]
        while at:
            yield at
            if at == first:
                return
            at = self._before[at]

    def members(self, key: int) -> Iterator[int]:
        """The places of ``key`` in the order that they came in. Nothing may be added or removed meanwhile."""
        at = first = self.first(key)
        while at:
            yield at
            at = self._after[at]
            if at == first:
                return

    def _bucket(self, key: int) -> int:
        return (key * MIX & 0xFFFFFFFFFFFFFFFF) >> (64 - self._bits)
