"""Training: two rounds on the same encoder, checkpoints after each epoch, and where it was interrupted it goes on.

Round one learns from the annotated sets. It then tags AllSides articles, to which ``en_core_web_md`` adds the types that the
sets hardly have, and round two learns from all of that, from the pretrained encoder again.

A word's loss is minus the logarithm of the summed probability of the tags that its annotation allows: for a place that may
be GPE, LOC or FAC it is lost only what goes to none of the three.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from services.entities.tagger import MOST_PIECES, TAGS, decode, spans
from services.entities.wordpiece import SHAPES, WordPieces
from training.entities.data import ALLSIDES, BTC, CONLL, WNUT, WORLDWIDE, Document
from training.entities.encoder import NO_TAG, Tagger, Window, batches, tensors, windows

log = logging.getLogger(__name__)

_PIECES = 3_000
"""Pieces of a step, some 25 windows."""
_RATE = 1.5e-4
"""Highest learning rate of the encoder; what is not pretrained has five times as much."""
_WARM_UP = 0.1
"""Share of the steps in which the rate rises; then it falls in a straight line."""
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
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    model = Tagger(base)
    checkpoint = work / f"{plan.name}.pt"
    steps = plan.epochs * len(_epoch(plan, documents, pieces, random.Random(seed)))  # noqa: S311
    optimizer = _optimizer(model)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
    done = _resume(checkpoint, model, optimizer, schedule, chance)
    fast = fast_type()
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        model.train()
        losses = []
        for batch in _epoch(plan, documents, pieces, chance):
            *inputs, allowed = tensors(batch)
            with torch.autocast("cpu", fast, enabled=fast is not torch.float32):
                scores = model(*inputs)
            loss = partial_loss(scores.float(), allowed)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(loss.item())
        log.info("%s round, epoch %d of %d: loss %.4f, %s, %.0f s", plan.name, epoch + 1, plan.epochs,
                 sum(losses) / len(losses), score(model), time.monotonic() - started)  # fmt: skip
        _save(checkpoint, epoch + 1, model, optimizer, schedule, chance)
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


def fast_type() -> torch.dtype:
    """bfloat16 where it multiplies faster than float32: it may be twice as fast, or hundreds of times slower."""
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        left, right = torch.ones(512, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        _ = left @ right
        started = time.perf_counter()
        _ = left @ right
        seconds[kind] = time.perf_counter() - started
    return min(seconds, key=lambda kind: seconds[kind])


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


def _rate(done: float) -> float:
    return done / _WARM_UP if done < _WARM_UP else max(0.02, (1 - done) / (1 - _WARM_UP))


def _optimizer(model: Tagger) -> torch.optim.Optimizer:
    pretrained = {id(one) for one in model.encoder.parameters()}
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for one in model.parameters():
        rate = _RATE if id(one) in pretrained else 5 * _RATE
        decay = 0.01 if one.dim() > 1 and id(one) in pretrained else 0.0
        groups.setdefault((rate, decay), []).append(one)
    return torch.optim.AdamW(
        [{"params": own, "lr": rate, "weight_decay": decay} for (rate, decay), own in groups.items()],
        betas=(0.9, 0.98),
        eps=1e-6,
    )


def _save(path: Path, epochs: int, model: Tagger, *parts: Any) -> None:
    optimizer, schedule, chance = parts
    state = {"epochs": epochs, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"schedule": schedule.state_dict(), "chance": chance.getstate(), "torch": torch.get_rng_state()}
    unfinished = path.with_suffix(".new")
    torch.save(state, unfinished)
    unfinished.rename(path)


def _resume(path: Path, model: Tagger, *parts: Any) -> int:
    """How many epochs are done."""
    if not path.exists():
        return 0
    optimizer, schedule, chance = parts
    state = torch.load(path, weights_only=False)  # our own file
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    chance.setstate(state["chance"])
    torch.set_rng_state(state["torch"])
    log.info("%s: goes on after epoch %d", path.name, state["epochs"])
    return int(state["epochs"])
