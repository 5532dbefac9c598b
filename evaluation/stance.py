"""Stance toward a marked target of a news sentence, on NewsMTSC (Hamborg and Donnay, EACL 2021).

The sentence is read as a whole (voice ``text``) toward the target, with the file's other targets of the sentence as names.
What an answer counts as is in ``judged``. Without a file it measures both development sets; the figures at the top are then
their means.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from evaluation.data import DATA, DataError, objects, reading
from evaluation.judged import POLARITIES, Judged, judge
from evaluation.scores import macro_f1
from services.stance.reader import LexiconReader, Passage, Reader

SETS = {"dev_rw": DATA / "newsmtsc" / "dev_rw.jsonl", "dev_mt": DATA / "newsmtsc" / "dev_mt.jsonl"}
PUBLISHED = {"word_list_test_rw": 0.496, "word_list_test_mt": 0.447, "gru_tsc_test_rw": 0.831, "gru_tsc_test_mt": 0.825}
"""Macro F1 on the official test as published with the data set: a word list, and RoBERTa-base with GRU-TSC."""


class Row(BaseModel):
    """A sentence with a target at ``start:end`` (code points), and the polarity toward it."""

    sentence: str
    start: int = Field(alias="from", ge=0)
    end: int = Field(alias="to")
    polarity: Literal[-1, 0, 1]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.start < self.end <= len(self.sentence):
            raise ValueError("the target is not in the sentence")
        return self

    @property
    def span(self) -> tuple[int, int]:
        """The target's place."""
        return self.start, self.end


@dataclass(frozen=True)
class Measured(Judged):
    """``mixed`` is the macro F1 of the sentences with several polarities alone, ``floor`` that of always neutral."""

    mixed: float
    mixed_n: int

    @property
    def floor(self) -> float:
        """What calling everything neutral gets."""
        return macro_f1([0] * len(self.gold), self.gold, POLARITIES)

    def figures(self) -> dict[str, float]:
        """All figures by name."""
        return {**super().figures(), "mixed_n": self.mixed_n, "mixed_macro_f1": self.mixed}


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of ``path``, or of both development sets and their means.

    Raises:
        DataError: a file is missing or not in the format.
    """
    if path is not None:
        return {"data": str(path), **measure(read(path)).figures(), "published_macro_f1": PUBLISHED}
    sets = {name: measure(read(file)).figures() for name, file in SETS.items()}
    names = next(iter(sets.values()))
    means = {name: sum(one[name] for one in sets.values()) / len(sets) for name in names}
    means |= {name: sum(one[name] for one in sets.values()) for name in ("n", "mixed_n")}
    return {"data": str(SETS["dev_rw"].parent), **means, **sets, "published_macro_f1": PUBLISHED}


def read(path: Path) -> list[Row]:
    """The rows of a file in the format of NewsMTSC.

    Raises:
        DataError: it is missing, empty or not in the format.
    """
    with reading(path):
        rows = [Row.model_validate(value) for value in objects(path)]
    if not rows:
        raise DataError(f"{path}: no sentence in it")
    return rows


def measure(rows: Sequence[Row], reader: Reader | None = None) -> Measured:
    """What ``reader``, by default the shipped one, makes of ``rows``."""
    judged = judge((reader or LexiconReader())(_passages(rows)), [row.polarity for row in rows])
    polarities: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        polarities[row.sentence].add(row.polarity)
    mixed = [index for index, row in enumerate(rows) if len(polarities[row.sentence]) > 1]
    return Measured(**vars(judged), mixed=judged.on(mixed), mixed_n=len(mixed))


def _passages(rows: Sequence[Row]) -> list[Passage]:
    spans: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for row in rows:
        spans[row.sentence].add(row.span)
    return [
        Passage(row.sentence, row.span, (0, len(row.sentence)), "text", tuple(sorted(spans[row.sentence] - {row.span})))
        for row in rows
    ]
