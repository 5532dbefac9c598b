"""From news with known stories to what is learnt from: pairs of documents as the clusterer compares them, and whether they are
of one story.

What a document is compared with, and what both have in common, does not depend on verdicts, so that one pass over a stream gives
all pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.stories.core import Document
from services.stories.terms import Floats, read_terms
from services.stories.weighing import Weighing
from services.stories.window import TRAITS, Int64s, Window

_DAY = 86_400


@dataclass(frozen=True)
class Pairs:
    """Compared documents: ``traits[i]`` of the i-th pair, of the documents ``later[i]`` and ``earlier[i]``, by their place in
    the stream from 0."""

    traits: Floats
    later: Int64s
    earlier: Int64s

    def compared(self) -> npt.NDArray[np.float64]:
        """With how many documents the later one of each pair was compared."""
        return np.bincount(self.later)[self.later].astype(np.float64)

    def same(self, stories: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Whether each pair is of one story; ``stories`` of each document."""
        named = np.unique(np.array(stories), return_inverse=True)[1]
        return np.asarray(named[self.later] == named[self.earlier])


def pairs(documents: Sequence[Document], days: float = 7.0) -> Pairs:
    """The pairs that a stream of ``documents`` gives, in its order."""
    window, weighing = Window(len(documents) + 1), Weighing()
    first = 1
    traits: list[Floats] = [np.empty((0, len(TRAITS)), np.float32)]
    later: list[Int64s] = [np.empty(0, np.int64)]
    earlier: list[Int64s] = [np.empty(0, np.int64)]
    for place, document in enumerate(documents):
        while documents[first - 1].received < document.received - days * _DAY:
            weighing.remove(window.remove(first))
            first += 1
        vector = weighing.weigh(read_terms(document.title, document.text))
        numbers = window.candidates(vector)
        traits.append(window.traits(vector, document.published, numbers))
        later.append(np.full(len(numbers), place, np.int64))
        earlier.append(numbers - 1)
        window.add(vector, document.published)
        weighing.add(vector.hashes)
    return Pairs(np.concatenate(traits), np.concatenate(later), np.concatenate(earlier))
