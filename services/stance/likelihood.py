"""How likely something that could be an attribution is one: a logistic regression over its traits, learnt on PolNeAR.

Each trait is hashed to one of ``2 ** BITS`` weights (Weinberger et al., Feature Hashing for Large Scale Multitask Learning,
2009), so that the table needs no words: it is numbers only, without any text of the articles that they were learnt from. How
it was learnt is written in ``training/holders``; what a trait is, in ``traits``.
"""

import math
from base64 import b85decode, b85encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BITS = 18
"""262,144 weights: 328 KB as text. With 17 bits more traits share a weight, for 0.1 to 0.2 of a point less of source F1; with 16
for 0.6 less again."""
SCALE = 16
"""A weight is a whole number of sixteenths, of -127 to 127; the largest that is learnt is some 1.5."""
ZERO = 128
"""The byte of a weight of nothing."""
_TABLE = Path(__file__).with_name("weights.txt")


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """``table`` holds the weight of each bucket, and ``bias`` that of everything, both in sixteenths of log odds."""

    bias: int
    table: NDArray[np.int8]

    def of(self, buckets: NDArray[np.uint32]) -> NDArray[np.int64]:
        """The sums of the weights of traits, (things) for the buckets (traits, things), in sixteenths, without the bias."""
        sums: NDArray[np.int64] = self.table[buckets].sum(axis=0, dtype=np.int64)
        return sums

    def written(self) -> str:
        """The text that ``weights`` reads again, without a comment."""
        table = b85encode((self.table.astype(np.int16) + ZERO).astype(np.uint8).tobytes()).decode()
        return "\n".join([str(self.bias), *(table[at : at + 120] for at in range(0, len(table), 120))]) + "\n"


def log_odds(probability: float) -> int:
    """A probability as log odds in sixteenths, rounded."""
    return round(SCALE * math.log(probability / (1 - probability)))


@cache
def weights() -> Weights:
    """The weights of ``weights.txt``: a comment, the bias, then the table in base85, a byte a weight."""
    lines = [line for line in _TABLE.read_text(encoding="ascii").splitlines() if not line.startswith("#")]
    table = np.frombuffer(b85decode("".join(lines[1:])), np.uint8).astype(np.int16) - ZERO
    if len(table) != 1 << BITS:
        raise ValueError(f"{_TABLE.name}: {len(table)} weights, not {1 << BITS}")
    return Weights(int(lines[0]), table.astype(np.int8))
