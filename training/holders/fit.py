"""Logistic regression over hashed traits, by AdaGrad (Duchi, Hazan and Singer, 2011), in numpy.

Decides how the weights are learnt: first those of the cues by themselves, so that a hopeless one is known before its sources
are looked for; then those of the sources, given the cue; then all together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.stance.likelihood import BITS
from training.holders.data import Examples

RATE = 0.15
"""Step of AdaGrad."""
DECAY = 1e-6
"""Pull of a weight to zero, a step."""
BATCH = 1024
EPOCHS = (4, 4, 1)
"""Of cues, of sources, of both. More make what is seen likelier and what is held out less likely."""
REPEATS = 4
"""Fits, each in an order of its own, that are averaged: one by itself is up to 0.4 of a point of source F1 off."""
_STEPPED = 0.05
"""Squared gradients that every weight is taken to have seen, so that its first step is no leap."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """The weights of the buckets and the bias, in log odds."""

    weights: Floats
    bias: float


def fit(examples: Examples, kept: NDArray[np.bool_], seed: int) -> Fit:
    """The weights learnt from the cues that are ``kept`` and their sources."""
    fits = [_once(examples, kept, np.random.default_rng((seed, number))) for number in range(REPEATS)]
    weights: Floats = np.mean([one.weights for one in fits], axis=0)
    return Fit(weights, float(np.mean([one.bias for one in fits])))


def _once(examples: Examples, kept: NDArray[np.bool_], rng: np.random.Generator) -> Fit:
    weights = np.zeros(1 << BITS)
    cues, is_cue = examples.cues[kept], examples.is_cue[kept].astype(float)
    cue_bias = _descend(weights, cues, is_cue, np.zeros(len(cues)), EPOCHS[0], rng)
    rows = kept[examples.cue_of]
    sources, is_source = examples.sources[rows], examples.is_source[rows].astype(float)
    above = examples.cues[examples.cue_of[rows]]
    odds = weights[above].sum(axis=1) + cue_bias
    bias = cue_bias + _descend(weights, sources, is_source, odds, EPOCHS[1], rng)
    both = np.concatenate([above, sources], axis=1)
    bias += _descend(weights, both, is_source, np.full(len(both), bias), EPOCHS[2], rng, start=0.0)
    return Fit(weights, bias)


def _descend(
    weights: Floats,
    rows: NDArray[np.int32],
    labels: Floats,
    offset: Floats,
    epochs: int,
    rng: np.random.Generator,
    start: float | None = None,
) -> float:
    """Change ``weights`` so that each row's, with its offset, are the log odds of its label; returns the bias."""
    steps = np.full(len(weights), _STEPPED)
    share = labels.mean()
    bias = float(np.log(share / (1 - share)) - offset.mean()) if start is None else start
    for _ in range(epochs):
        order = rng.permutation(len(rows))
        for begin in range(0, len(order), BATCH):
            batch = order[begin : begin + BATCH]
            odds = weights[rows[batch]].sum(axis=1) + offset[batch] + bias
            miss = 1 / (1 + np.exp(-odds)) - labels[batch]
            pull = np.bincount(rows[batch].ravel(), np.repeat(miss, rows.shape[1]), len(weights)) / 32
            pull += DECAY * 32 * weights
            steps += pull * pull
            weights -= RATE * pull / np.sqrt(steps)
            bias -= 0.02 * float(miss.mean())
    return bias
