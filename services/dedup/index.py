"""Which documents of the window may be copies of a new one, or may hold it or stand in it.

It finds candidates and estimates; what follows from that is ``core``'s to say, and which documents the window holds
``window``'s.

Of each document the index holds a *sketch*: its smallest shingle hashes. That is MinHash with one permutation and many
minima, the bottom-k sketch of Broder (On the resemblance and containment of documents, 1997). Unlike signatures of many
permutations, sketches of texts of any lengths are comparable, and their values can be looked up one by one: texts that
have much in common, as wholes or one in the other, have values in common, and fall into the same buckets there.

Documents whose values hash to the same bucket form a chain, the newest first: ``_links`` holds the buckets' heads, then
each document's *nodes*, one for each value of its sketch, each with the next node of its chain. A chain ends at a number
that is too old or not below the one before it: that place has been used again. (A head may lead to such a place too, and
on into another chain; what is found there is turned down like all that only shares a bucket, and it comes behind all that
belongs.) Documents that were taken out are cut out on the way, so that none is passed twice; they do not count against
``DEPTH``, which makes the outcome hang on the live documents alone.
"""

import numpy as np

from services.dedup.settings import DOUBT
from services.kept.places import MIX, Int32s, Int64s, Places, UInt32s, bits_for

ASKED = 64
"""The smallest hashes of a text that are looked up in the sketches of others. Where an older text is at least half as long,
which near copies are, all of its sketch that is in the new text is among twice as many as a sketch has."""
DEPTH = 64
"""Documents of a chain that are looked at, the newest. A phrase that everybody uses would otherwise make each text cost
as much as all before it; the newest are as good as any to tell a cluster from."""
_NONE = np.uint32(2**32 - 1)
"""In a sketch of fewer hashes, what stands behind them. It is no hash: one that is the same is left out."""


class SketchIndex:
    """The sketches of the documents in the window.

    Args:
        places: where documents stand. size: values of a sketch.
    """

    def __init__(self, places: Places, size: int) -> None:
        self._places = places
        self._size = size
        self._bits = bits_for(2 * places.capacity * size)  # most chains are of one node or none then
        self._heads = 1 << self._bits
        self._links: Int32s = np.zeros(self._heads + (places.capacity + 1) * size, np.int32)
        self._sketches = np.zeros((places.capacity + 1, size), np.uint32)
        self._nodes = np.arange(size)
        # Reading one value of a view is five times as fast as reading one of the array.
        self._links_view, self._sketches_view = self._links.data, self._sketches.reshape(-1).data

    def add(self, place: int, shingles: UInt32s) -> None:
        """Put in a document by its sorted distinct shingle hashes; its number must be greater than all before it."""
        sketch = shingles[: self._size]
        if sketch[-1] == _NONE:
            sketch = sketch[:-1]
        heads = self._buckets(sketch)
        nodes = place * self._size + self._nodes[: len(sketch)]
        # Of two values in one bucket, the last is in the chain: one in a million documents is looked for in vain there.
        self._links[self._heads + nodes] = self._links[heads]
        self._links[heads] = nodes
        self._sketches[place, len(sketch) :] = _NONE
        self._sketches[place, : len(sketch)] = sketch

    def candidates(self, shingles: UInt32s, least: float) -> dict[int, float]:
        """The places of documents of which one may contain the share ``least`` of the other, with that share estimated.

        Args:
            shingles: the sorted distinct hashes of a text, one or more.
            least: those are left out that have less, with ``DOUBT``.

        The estimate is the share of hashes that both have among those that both would have in their sketch: of the older
        one's sketch all, where it stands in the new one; of the new one's hashes those up to the greatest in that
        sketch, where it is the part. Of each bucket, the newest ``DEPTH`` documents are looked at.
        """
        places = self._walk(shingles[:ASKED])
        if not places:
            return {}
        sketches = self._sketches[places]
        at = np.minimum(shingles.searchsorted(sketches), len(shingles) - 1)
        held = sketches != _NONE
        shared = ((shingles[at] == sketches) & held).sum(axis=1)
        of = np.array((held.sum(axis=1), shingles.searchsorted(sketches[:, -1], "right")))
        shares = shared / np.maximum(of, 1)
        doubts = DOUBT * np.sqrt(least * (1 - least) / np.maximum(of, 1))
        likely = np.flatnonzero(((shares + doubts >= least) & (shares > 0)).any(axis=0)).tolist()
        return {places[one]: float(min(1.0, shares[:, one].max())) for one in likely}

    def estimate(self, place: int, shingles: UInt32s) -> float:
        """The Jaccard similarity to the document at ``place``, as ``estimate`` has it."""
        sketch = self._sketches[place]
        return estimate(shingles[: self._size], sketch[sketch != _NONE], self._size)

    def _buckets(self, hashes: UInt32s) -> Int64s:
        """Where the heads of the hashes' chains stand in ``_links``."""
        mixed = hashes.astype(np.uint64) * np.uint64(MIX)
        buckets: Int64s = (mixed >> np.uint64(64 - self._bits)).astype(np.int64)
        return buckets

    def _walk(self, asked: UInt32s) -> list[int]:
        """The places of the live documents with any of ``asked`` in their sketch.

        Most chains are of one node or none, and are done with at once, in numpy; the others are walked one by one.
        """
        places, heads = self._places, self._buckets(asked)
        nodes = self._links[heads]
        at = nodes // self._size
        numbers = places.numbers[at]
        held = numbers >= places.first
        live = held & places.live[at]
        found = set(at[live & (self._sketches.reshape(-1)[nodes] == asked)].tolist())
        following = places.numbers[self._links[self._heads + nodes] // self._size]
        longer = held & (((following >= places.first) & (following < numbers)) | ~live)
        for wanted, head in zip(asked[longer].tolist(), heads[longer].tolist(), strict=True):
            self._walk_chain(wanted, head, found)
        return sorted(found)

    def _walk_chain(self, wanted: int, at: int, found: set[int]) -> None:
        links, sketches = self._links_view, self._sketches_view
        numbers, live = self._places.numbers_view, self._places.live_view
        first, size, start = self._places.first, self._size, self._heads
        below, left = self._places.last + 1, DEPTH
        while left and first <= (number := numbers[place := (node := links[at]) // size]) < below:
            below = number
            if live[place]:
                if sketches[node] == wanted:
                    found.add(place)
                left -= 1
                at = start + node
            else:
                links[at] = links[start + node]


def estimate(a: UInt32s, b: UInt32s, size: int) -> float:
    """The Jaccard similarity that two sketches tell: of the ``size`` smallest hashes of both together, the share in both.

    Its standard error is sqrt(s(1-s)/size). 0 where a sketch is empty.
    """
    values, counts = np.unique(np.concatenate((a, b)), return_counts=True)
    return float((counts[:size] == 2).mean()) if len(values) else 0.0
