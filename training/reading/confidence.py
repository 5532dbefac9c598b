"""The confidence of findings: a logistic regression on judged articles that the model did not learn from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RIDGE = 2.0
_STEPS = 50


def fit(rows: Sequence[dict[str, float]], right: Sequence[bool]) -> dict[str, float]:
    """The weight of each trait, by Newton's method; all but that of ``one`` are drawn toward nothing."""
    names = sorted({name for row in rows for name in row})
    traits = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    gold = np.array(right, float)
    ridge = np.diag([0.0 if name == "one" else _RIDGE for name in names])
    weights: NDArray[np.float64] = np.zeros(len(names))
    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-traits @ weights))
        slope = traits.T @ (gold - shares) - ridge @ weights
        bend = (traits * (shares * (1 - shares))[:, None]).T @ traits + ridge + 1e-6 * np.eye(len(names))
        weights = weights + np.linalg.solve(bend, slope)
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}
