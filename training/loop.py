"""The loop that trains every encoder: checkpoints after each epoch, and where it was interrupted it goes on.

What a batch is and what is lost on it is the model's to say.
"""

import logging
import random
import time
import timeit
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)

_WARM_UP = 0.1
"""Share of the steps in which the rate rises; then it falls in a straight line."""
_SAID = 50
"""Steps between two lines of the log."""
_PROBES = 20
"""Products of which the fastest counts: on a busy machine one alone says nothing."""
One = TypeVar("One")


@dataclass(frozen=True)
class Plan:
    """``pieces`` of a step, ``rate`` the highest learning rate of what is pretrained; the head has ``head`` times as much.
    ``enough`` are the epochs after which it ends, before the rate has fallen to nothing. With ``average`` the result is the
    exponential average of the weights at the ends of epochs, this share for each new one."""

    name: str
    epochs: int
    rate: float
    head: float
    pieces: int
    enough: int
    average: float = 1.0


def run(
    plan: Plan,
    model: nn.Module,
    pretrained: nn.Module,
    epoch_of: Callable[[random.Random], list[list[One]]],
    loss_of: Callable[[list[One]], Tensor],
    work: Path,
    seed: int,
    score: Callable[[], str],
) -> None:
    """Train ``model``. ``epoch_of`` makes the batches of an epoch, ``loss_of`` the loss of one; ``score`` is for the log.

    The model is trained where its weights are. ``work`` keeps the checkpoint, ``<name>.pt``.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    checkpoint = work / f"{plan.name}.pt"
    steps = plan.epochs * len(epoch_of(random.Random(seed)))  # noqa: S311
    optimizer = _optimizer(plan, model, pretrained)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
    done, kept = _resume(checkpoint, model, optimizer, schedule, chance)
    fast = faster(device_of(model))
    started = time.monotonic()
    log.info("%s: %d steps in all", plan.name, steps)
    for epoch in range(done, plan.enough):
        model.train()
        losses = []
        for batch in epoch_of(chance):
            with fast:
                loss = loss_of(batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(loss.detach())  # a number now would make a GPU wait
            if len(losses) % _SAID == 0:
                log.info("%s: step %d, loss %.4f, %.0f s", plan.name, len(losses), _level(losses[-_SAID:]),
                         time.monotonic() - started)  # fmt: skip
        model.eval()
        with torch.inference_mode():
            log.info("%s, epoch %d of %d: loss %.4f, %s, %.0f s", plan.name, epoch + 1, plan.epochs,
                     _level(losses), score(), time.monotonic() - started)  # fmt: skip
        kept = {name: _mean(kept.get(name, new), new, plan.average) for name, new in model.state_dict().items()}
        _save(checkpoint, epoch + 1, kept, model, optimizer, schedule, chance)
    model.load_state_dict(kept)
    model.eval()
    with torch.inference_mode():
        log.info("%s, in the end: %s", plan.name, score())


def batches(
    rows: Iterable[One], size: Callable[[One], int], most: int, chance: random.Random | None
) -> list[list[One]]:
    """Rows of similar size together, up to ``most`` pieces with padding, in random order."""
    order = list(rows)
    if chance is not None:
        chance.shuffle(order)
    order.sort(key=lambda row: size(row) // 8)  # stable: within eight pieces the order stays random
    made: list[list[One]] = []
    longest = 0
    for row in order:
        longest = max(longest, size(row))
        if not made or (len(made[-1]) + 1) * longest > most:
            made.append([])
            longest = size(row)
        made[-1].append(row)
    if chance is not None:
        chance.shuffle(made)
    return made


def best_device() -> torch.device:
    """A GPU where there is one that torch knows, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where the weights of ``model`` are."""
    return next(model.parameters()).device


def move(inputs: Iterable[Tensor], device: torch.device) -> list[Tensor]:
    """``inputs`` on ``device``, without waiting for a GPU that is still at work."""
    if device.type == "cpu":
        return list(inputs)
    return [one.pin_memory().to(device, non_blocking=True) for one in inputs]


def faster(device: torch.device) -> torch.autocast:
    """The context in which products are in bfloat16, where they take less time than in float32: on a processor it may be half
    of it, or hundreds of times as much; on a GPU it is less."""
    if device.type != "cpu":
        return torch.autocast(device.type, torch.bfloat16)
    seconds = {}
    for kind in (torch.float32, torch.bfloat16):
        left, right = torch.ones(512, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        seconds[kind] = min(timeit.repeat(lambda left=left, right=right: left @ right, number=1, repeat=_PROBES))
    return torch.autocast("cpu", torch.bfloat16, enabled=seconds[torch.bfloat16] < seconds[torch.float32])


def _rate(done: float) -> float:
    return done / _WARM_UP if done < _WARM_UP else max(0.02, (1 - done) / (1 - _WARM_UP))


def _optimizer(plan: Plan, model: nn.Module, pretrained: nn.Module) -> torch.optim.Optimizer:
    known = {id(one) for one in pretrained.parameters()}
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for one in model.parameters():
        if one.requires_grad:
            rate = plan.rate if id(one) in known else plan.head * plan.rate
            groups.setdefault((rate, 0.01 if one.dim() > 1 else 0.0), []).append(one)
    return torch.optim.AdamW(
        [{"params": own, "lr": rate, "weight_decay": decay} for (rate, decay), own in groups.items()],
        betas=(0.9, 0.98),
        eps=1e-6,
        fused=True,
    )


def _level(losses: Sequence[Tensor]) -> float:
    return float(torch.stack(list(losses)).mean())


def _mean(kept: Tensor, new: Tensor, share: float) -> Tensor:
    return torch.lerp(kept, new, share) if new.is_floating_point() else new.clone()


def _save(path: Path, epochs: int, kept: dict[str, Tensor], model: nn.Module, *parts: Any) -> None:
    optimizer, schedule, chance = parts
    state = {"epochs": epochs, "kept": kept, "model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"schedule": schedule.state_dict(), "chance": chance.getstate(), "torch": torch.get_rng_state()}
    state |= {"cuda": torch.cuda.get_rng_state_all()}
    unfinished = path.with_suffix(".new")
    torch.save(state, unfinished)
    unfinished.rename(path)


def _resume(path: Path, model: nn.Module, *parts: Any) -> tuple[int, dict[str, Tensor]]:
    """How many epochs are done, and the average of their weights."""
    if not path.exists():
        return 0, {}
    optimizer, schedule, chance = parts
    state = torch.load(path, map_location="cpu", weights_only=False)  # our own file
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    chance.setstate(state["chance"])
    torch.set_rng_state(state["torch"])
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
    log.info("%s: goes on after epoch %d", path.name, state["epochs"])
    device = device_of(model)
    return int(state["epochs"]), {name: one.to(device) for name, one in state["kept"].items()}
