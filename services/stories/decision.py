"""How likely two documents, and a document and a story, are to tell of the same event.

Of two documents: logistic regression on what they have in common (``window.TRAITS``), with weights learnt by
``training/stories`` and kept in ``weights.json``. The more documents it is compared with, the more of them are alike by
chance: the log odds are less by the logarithm of their number, as if one of them were the right one. Of a document and a
story: the mean of the log odds of its ``NEAREST`` most similar members, so that one document that is alike by chance does not
pull it in. Members that were not compared count with the least there is.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from services.stories.terms import Floats
from services.stories.window import TRAITS

NEAREST = 3
LEAST = -6.0
"""Log odds of two documents that have nothing in common: one in 400."""

Doubles = npt.NDArray[np.float64]


class Decision:
    """The learnt weights.

    Args:
        weights: of each of ``TRAITS``. bias: added to their sum. Both in log odds.
    """

    def __init__(self, weights: Sequence[float], bias: float) -> None:
        if len(weights) != len(TRAITS):
            raise ValueError(f"there are {len(weights)} weights for {len(TRAITS)} traits")
        self.weights: Doubles = np.array(weights, np.float64)
        self.bias = bias

    def log_odds(self, traits: Floats) -> Doubles:
        """Of each row of traits, one for each document that a new one is compared with, at least ``LEAST``; to the fourth
        decimal, so that the last bits of a sum never decide."""
        found: Doubles = np.maximum(traits @ self.weights + self.bias - math.log(max(1, len(traits))), LEAST)
        return np.asarray(found.round(4), np.float64)


def of_story(log_odds: Sequence[float], members: int) -> float:
    """The log odds that a document is of a story.

    Args:
        log_odds: those of the members that were compared, the highest first. members: all that the story has in the window.
    """
    counted = min(members, NEAREST)
    best = log_odds[:counted]
    return (sum(best) + LEAST * (counted - len(best))) / counted


def probability(log_odds: float) -> float:
    """Between 0 and 1."""
    return 1 / (1 + math.exp(-log_odds))


def odds(probability: float) -> float:
    """Log odds of a probability; without end at 0 and 1."""
    if 0 < probability < 1:
        return math.log(probability / (1 - probability))
    return math.inf if probability else -math.inf


@lru_cache(1)
def shipped() -> Decision:
    """The weights that come with the project.

    Raises:
        ValueError: the file is of other traits.
    """
    read = json.loads(resources.files("services.stories").joinpath("weights.json").read_text("utf-8"))
    if set(read["weights"]) != set(TRAITS):
        raise ValueError("services/stories/weights.json has the weights of other traits: run `make train TASK=stories`")
    return Decision([read["weights"][name] for name in TRAITS], read["bias"])
