"""The score by which epochs are compared: as ``evaluation.entities`` counts, on words in place of characters."""

from collections.abc import Sequence

from evaluation.entities import COARSE
from evaluation.scores import Score, compare
from training.entities.data import Document


def coarse_f1(documents: Sequence[Document], found: Sequence[Sequence[tuple[int, int, str]]]) -> float:
    """Exact-span F1 over PERSON, ORG, NORP and LOCATION of the names ``found`` in each document."""
    total = Score()
    for document, names in zip(documents, found, strict=True):
        gold = [(first, last, {COARSE.get(kind) for kind in kinds}) for first, last, kinds in document.mentions]
        total += compare(
            [(first, last, COARSE[kind]) for first, last, kind in names if kind in COARSE],
            [(first, last, kinds.pop()) for first, last, kinds in gold if len(kinds) == 1 and kinds != {None}],
        )
    return total.f1
