"""How good the answers of a stance reader are: what the data sets of stance share, whatever the target is.

Polarities are -1 (against), 0 (neutral) and 1 (favour). An answer with neutral on top, and none at all, count as neutral; the
calibration error is of the answers that were given.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.scores import calibration_error, macro_f1
from schemas import Probabilities

POLARITIES = (-1, 0, 1)


@dataclass(frozen=True)
class Judged:
    """``labels`` were given, ``gold`` is right; ``answers`` are the confidences of the rows that the reader found evidence for,
    and whether they are right."""

    labels: list[int]
    gold: list[int]
    answers: list[tuple[float, bool]]

    @property
    def answered(self) -> float:
        """The share of rows that the reader found evidence for."""
        return len(self.answers) / len(self.gold)

    @property
    def ece(self) -> float:
        """The expected calibration error of the answers."""
        return calibration_error(self.answers)

    @property
    def accuracy(self) -> float:
        """The share of right labels."""
        return sum(a == b for a, b in zip(self.labels, self.gold, strict=True)) / len(self.gold)

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the three polarities."""
        return macro_f1(self.labels, self.gold, POLARITIES)

    @property
    def floor(self) -> float:
        """The macro F1 of giving every row the polarity that most have; of equals, the lower."""
        counts = Counter(self.gold)
        most = max(POLARITIES, key=lambda polarity: (counts[polarity], -polarity))
        return macro_f1([most] * len(self.gold), self.gold, POLARITIES)

    def on(self, rows: Sequence[int]) -> float:
        """The macro F1 of these rows alone; 0 where there are none."""
        return macro_f1([self.labels[i] for i in rows], [self.gold[i] for i in rows], POLARITIES)

    def figures(self) -> dict[str, float]:
        """All figures by name."""
        return {
            "n": len(self.gold),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "ece": self.ece,
            "answered": self.answered,
            "floor_macro_f1": self.floor,
        }


def judge(answers: Sequence[Probabilities | None], gold: Sequence[int]) -> Judged:
    """What these answers to rows of these polarities are worth; there is at least one."""
    labels = [polarity(answer) for answer in answers]
    given = [
        (max(answer.favor, answer.against, answer.neutral), label == right)
        for answer, label, right in zip(answers, labels, gold, strict=True)
        if answer is not None
    ]
    return Judged(labels, list(gold), given)


def polarity(answer: Probabilities | None) -> int:
    """The polarity that an answer gives."""
    if answer is None or answer.neutral >= max(answer.favor, answer.against):
        return 0
    return 1 if answer.favor > answer.against else -1
