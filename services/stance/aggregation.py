"""From what was read in the passages of a document to one stance for each holder and target.

The rule, for the answers p1 … pn about one pair, each (favor, against, neutral). One sentence gives one answer: where it names
a target twice, or holds two cues, the surest one (the first of equally sure ones). Answers that are less sure than ``SURE`` are
no evidence beside others that are, and are left out before; so are neutral ones beside others that take sides: who tells
something plain of somebody takes back nothing that was said of them elsewhere.

1. They are pooled in the logarithm, and divided by the square root of n: log q = (log p1 + … + log pn) / sqrt(n), normalised.
   Agreeing answers make it surer, but less than if they were independent, which sentences of one story are not.
2. Where some answers favour and some are against, q moves toward neutral by r squared, where r is the smaller side's summed
   probability over the larger one's: q = (1 - r^2) q + r^2 (0.15, 0.15, 0.70). Equal weight on both sides is a mixed
   stance, given as neutral; one voice against two still leaves the two their say.
3. The stance is the likeliest of the three, its confidence that probability; equal ones go to neutral, then to against.
"""

import math
from collections.abc import Sequence

from schemas.event import Label, Probabilities

_LABELS: tuple[Label, Label, Label] = ("favor", "against", "neutral")
_MIXED = (0.15, 0.15, 0.70)
"""As sure as the words of outright neutrality, see ``reader``."""
SURE = 0.5
"""From here on an answer's stance is likelier than both others together."""
_FLOOR = 1e-3
"""A probability of zero in one sentence must not silence all others."""
DIGITS = 4
"""Places of the probabilities: more would claim a precision that no stance has."""


def pool(answers: Sequence[Probabilities]) -> tuple[Label, Probabilities]:
    """The stance of the answers about one pair, by the module's rule, and its probabilities, which sum to 1.

    Raises:
        ValueError: there are no answers.
    """
    if not answers:
        raise ValueError("no answers to pool")
    rows = [(answer.favor, answer.against, answer.neutral) for answer in answers]
    logs = [sum(math.log(max(row[i], _FLOOR)) for row in rows) / math.sqrt(len(rows)) for i in range(3)]
    top = max(logs)
    shares = [math.exp(value - top) for value in logs]
    total = sum(shares)
    shares = [share / total for share in shares]
    favor = sum(row[0] for row in rows if row[0] > max(row[1], row[2]))
    against = sum(row[1] for row in rows if row[1] > max(row[0], row[2]))
    if favor and against:
        mixed = (min(favor, against) / max(favor, against)) ** 2
        shares = [(1 - mixed) * share + mixed * even for share, even in zip(shares, _MIXED, strict=True)]
    probabilities = _rounded(shares)
    return likeliest(probabilities), probabilities


def _rounded(shares: Sequence[float]) -> Probabilities:
    """Rounded so that they sum to 1: whole ten-thousandths by largest remainder, ties to the earlier one."""
    units = 10**DIGITS
    scaled = [share * units for share in shares]
    whole = [math.floor(value) for value in scaled]
    order = sorted(range(3), key=lambda i: (whole[i] - scaled[i], i))
    for i in order[: units - sum(whole)]:
        whole[i] += 1
    return Probabilities(favor=whole[0] / units, against=whole[1] / units, neutral=whole[2] / units)


def likeliest(probabilities: Probabilities) -> Label:
    """The stance that an answer gives; equal ones go to neutral, then to against."""
    best = max(probabilities.favor, probabilities.against, probabilities.neutral)
    if probabilities.neutral == best:
        return "neutral"
    return "against" if probabilities.against == best else "favor"
