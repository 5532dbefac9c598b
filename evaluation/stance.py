"""Stance toward a marked target of a news sentence, on NewsMTSC (Hamborg and Donnay, EACL 2021), and of a headline, on SEntFiN
(Sinha, Kedas, Kumar and Malo, JASIST 2022).

The sentence is read as a whole (voice ``text``) toward the target, with the file's other targets of the sentence as names.
What an answer counts as is in ``judged``. Without a file it measures both development sets of NewsMTSC, whose means stand at the
top, and the fifth of SEntFiN's headlines that is held out.
"""

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from evaluation.data import DATA, DataError, objects, reading, table
from evaluation.judged import POLARITIES, Judged, judge
from evaluation.scores import macro_f1, reliability
from services.runtime.settings import load
from services.stance import agent
from services.stance.asking import make_reader
from services.stance.encoder import OWN
from services.stance.reader import Passage, Reader
from services.stance.settings import PAIRS, StanceSettings

SETS = {"dev_rw": DATA / "newsmtsc" / "dev_rw.jsonl", "dev_mt": DATA / "newsmtsc" / "dev_mt.jsonl"}
SENTFIN = DATA / "sentfin" / "SEntFiN.csv"
_HELD_OUT = 5
"""One headline of SEntFiN in so many is for evaluation, by a digest of its letters: some 2,100."""
_WORDS = {"positive": 1, "negative": -1, "neutral": 0}
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
    """The figures of ``path``, in the format of NewsMTSC or (``.csv``) of SEntFiN, or of the development sets.

    Raises:
        DataError: a file is missing or not in the format.
    """
    if path is not None:
        return {"data": str(path), **measure(read(path)).figures(), "published_macro_f1": PUBLISHED}
    measured = {name: measure(read(file)) for name, file in SETS.items()}
    sets = {name: one.figures() for name, one in measured.items()}
    names = next(iter(sets.values()))
    means = {name: sum(one[name] for one in sets.values()) / len(sets) for name in names}
    means |= {name: sum(one[name] for one in sets.values()) for name in ("n", "mixed_n")}
    sets["sentfin_held_out"] = measure([row for row in read(SENTFIN) if is_held_out(row.sentence)]).figures()
    curve = reliability([answer for one in measured.values() for answer in one.answers])
    return {
        "data": str(SETS["dev_rw"].parent),
        **means,
        **sets,
        "reliability": [[round(confidence, 3), round(accuracy, 3), count] for confidence, accuracy, count in curve],
        "published_macro_f1": PUBLISHED,
    }


def read(path: Path) -> list[Row]:
    """The rows of a file in the format of NewsMTSC, or of SEntFiN where its name ends in ``.csv``.

    Raises:
        DataError: it is missing, empty or not in the format.
    """
    with reading(path):
        if path.suffix == ".csv":
            rows = [row for cells in table(path) for row in _headline(cells)]
        else:
            rows = [Row.model_validate(value) for value in objects(path)]
    if not rows:
        raise DataError(f"{path}: no sentence in it")
    return rows


def _headline(cells: dict[str, str]) -> Iterator[Row]:
    """The companies of a headline that stand in it as they are written. Some decisions are no literal, and are passed over."""
    try:
        decisions = ast.literal_eval(cells["Decisions"])
    except (SyntaxError, ValueError):
        return
    for name, word in decisions.items() if isinstance(decisions, dict) else ():
        at = cells["Title"].lower().find(name.lower())
        if at >= 0 and word in _WORDS:
            place = {"from": at, "to": at + len(name)}
            yield Row.model_validate({"sentence": cells["Title"], "polarity": _WORDS[word], **place})


def is_held_out(headline: str) -> bool:
    """Whether a headline of SEntFiN is for evaluation, not for training."""
    return hashlib.sha256(letters(headline).encode()).digest()[0] % _HELD_OUT == 0


def letters(text: str) -> str:
    """A text by which copies are known: letters and digits, in lower case."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def measure(rows: Sequence[Row], reader: Reader | None = None) -> Measured:
    """What ``reader``, by default the shipped one, makes of ``rows``."""
    judged = judge((reader or shipped())(_passages(rows)), [row.polarity for row in rows])
    polarities: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        polarities[row.sentence].add(row.polarity)
    mixed = [index for index, row in enumerate(rows) if len(polarities[row.sentence]) > 1]
    return Measured(**vars(judged), mixed=judged.on(mixed), mixed_n=len(mixed))


def shipped() -> Reader:
    """The reader of marked sentences that the settings name, by default the small one. Raises SettingsError where there is none."""
    agent.check()
    model = load(StanceSettings).model
    return make_reader(OWN if model == PAIRS else model)


def _passages(rows: Sequence[Row]) -> list[Passage]:
    spans: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for row in rows:
        spans[row.sentence].add(row.span)
    return [
        Passage(row.sentence, row.span, (0, len(row.sentence)), "text", tuple(sorted(spans[row.sentence] - {row.span})))
        for row in rows
    ]
