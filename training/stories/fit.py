"""Logistic regression by Newton's method, in numpy: from pairs to the weights of ``services.stories.decision``.

Decides how much a large weight costs; what is learnt from is ``examples``' to say.
"""

import numpy as np
import numpy.typing as npt

from services.stories.decision import Decision

Doubles = npt.NDArray[np.float64]

PENALTY = 1e-3
"""Of the mean square of the weights, beside the mean loss, where each trait is scaled to a deviation of 1: it decides nothing but
which of two traits that say the same has the weight."""
_STEPS = 30
"""Each changes a weight by at most 1."""


def fit(traits: Doubles, same: npt.NDArray[np.bool_], compared: Doubles) -> Decision:
    """The weights under which pairs are most likely.

    Args:
        traits: a row a pair. same: whether it is of one story. compared: with how many documents the later one was compared.
    """
    mean, deviation = traits.mean(axis=0), traits.std(axis=0) + 1e-9
    rows = np.column_stack([(traits - mean) / deviation, np.ones(len(traits))])
    offset = -np.log(compared)
    ridge = np.append(np.full(traits.shape[1], 2 * PENALTY), 1e-12)
    weights = np.zeros(rows.shape[1])
    weights[-1] = -offset.mean()  # where the first step is short enough to be one down
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-rows @ weights - offset))
        slope = rows.T @ (likely - same) / len(rows) + ridge * weights
        curve = (rows * (likely * (1 - likely) / len(rows))[:, None]).T @ rows + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step / max(1.0, float(np.abs(step).max()))
    scaled = weights[:-1] / deviation
    return Decision([float(one) for one in scaled], float(weights[-1] - scaled @ mean))
