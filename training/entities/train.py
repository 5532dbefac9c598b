"""Training: two rounds on the same encoder.

Round one learns from the annotated sets. It then tags AllSides articles, to which ``en_core_web_md`` adds the types that the
sets hardly have, and round two learns from all of that, from the pretrained encoder again.

A word's loss is minus the logarithm of the summed probability of the tags that its annotation allows: for a place that may
be GPE, LOC or FAC it is lost only what goes to none of the three.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from services.entities.tagger import MOST_PIECES, TAGS, decode, spans
from services.text.wordpiece import SHAPES, WordPieces
from training.entities.data import ALLSIDES, BTC, CONLL, WNUT, WORLDWIDE, Document
from training.entities.encoder import NO_TAG, Tagger, Window, batches, tensors, windows
from training.loop import Plan, run

_PIECES = 3_000
"""Pieces of a step, some 25 windows."""
_RATE = 1.5e-4
"""Highest learning rate of the encoder; what is not pretrained has five times as much."""
_SMALLER = (48, 80)
"""Half of the time a document is cut into smaller windows than the service does, so that no place in a window is special."""
_SHOUTED = 0.06
"""Share of documents that are read as if in capitals or in title case, half each: the pieces are in lower case anyway."""


@dataclass(frozen=True)
class Round:
    """Epochs, and which share of the documents of each source an epoch has."""

    name: str
    epochs: int
    shares: dict[int, float]


FIRST = Round("first", 3, {WORLDWIDE: 1, CONLL: 1})
SECOND = Round("second", 5, {WORLDWIDE: 1, CONLL: 1, WNUT: 0.5, BTC: 0.2, ALLSIDES: 0.3})


def train(
    plan: Round,
    base: Path,
    pieces: WordPieces,
    documents: Sequence[Document],
    work: Path,
    seed: int,
    score: Callable[[Tagger], str],
) -> Tagger:
    """The encoder in ``base`` trained by ``plan``; ``work`` keeps its checkpoint. ``score`` says how good it is, for the log."""
    torch.manual_seed(seed)
    model = Tagger(base)

    def loss_of(batch: list[Window]) -> Tensor:
        *inputs, allowed = tensors(batch)
        return partial_loss(model(*inputs).float(), allowed)

    run(
        Plan(plan.name, plan.epochs, rate=_RATE, head=5, pieces=_PIECES, enough=plan.epochs),
        model,
        model.encoder,
        lambda chance: _epoch(plan, documents, pieces, chance),
        loss_of,
        work,
        seed,
        lambda: score(model),
    )
    return model


def partial_loss(scores: Tensor, allowed: Tensor) -> Tensor:
    """The mean over words of minus the logarithm of what their allowed tags sum to.

    ``scores`` (batch, pieces, tags); ``allowed`` (batch, pieces), bit masks over the tags, ``NO_TAG`` where there is no word.
    """
    words = allowed != NO_TAG
    shares = functional.log_softmax(scores[words], dim=-1)
    masks = ((allowed[words][:, None] >> torch.arange(len(TAGS))) & 1).bool()
    return -torch.logsumexp(shares.masked_fill(~masks, -1e4), dim=-1).mean()


def predict(model: Tagger, document: Document, pieces: WordPieces) -> list[tuple[int, int, str]]:
    """The names in ``document``, read as of Worldwide: first word, last + 1, type."""
    model.eval()
    found: list[tuple[int, int, str]] = []
    made = list(windows(document, pieces, MOST_PIECES))
    with torch.inference_mode():
        for batch in batches(made, _PIECES):
            inputs = list(tensors(batch)[:4])
            inputs[2] = torch.zeros_like(inputs[2])
            for window, scores in zip(batch, model(*inputs).numpy(), strict=True):
                tags = decode(scores[window.firsts])
                found += ((window.word + first, window.word + last, kind) for first, last, kind in spans(tags))
    return sorted(found)


def _epoch(plan: Round, documents: Sequence[Document], pieces: WordPieces, chance: random.Random) -> list[list[Window]]:
    made: list[Window] = []
    for document in documents:
        if chance.random() >= plan.shares.get(document.source, 0):
            continue
        most = chance.choice((*_SMALLER, MOST_PIECES, MOST_PIECES))
        own = list(windows(document, pieces, most))
        if chance.random() < _SHOUTED:
            written = SHAPES.index(chance.choice(("upper", "title")))
            for window in own:
                window.shapes = [_shouted(shape, written) for shape in window.shapes]
        made += own
    return batches(made, _PIECES, chance)


def _shouted(shape: int, written: int) -> int:
    rest = shape // len(SHAPES) * len(SHAPES)
    return shape if SHAPES[shape - rest] in ("none", "other", "digits") else rest + written
