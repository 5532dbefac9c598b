"""``python -m training.stance``: from the development data to the model in ``services/stance/model``, in one go."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from evaluation.data import DATA
from evaluation.scores import macro_f1
from evaluation.stance import SETS
from services.stance.questions import Asked, spell
from services.text.wordpiece import WordPieces
from training.kept import kept, pretrained
from training.loop import Plan, batches, faster, run
from training.stance.data import Ask, Example, Shares, gwsd, news, sentences, sentfin, vast
from training.stance.export import export
from training.stance.student import Student, tensors
from training.stance.teacher import Cutter, Teacher, unpack
from training.stance.teacher import tensors as teacher_tensors

log = logging.getLogger(__name__)

TEACHER = Plan("teacher", epochs=3, rate=3e-5, head=5, pieces=2_000, enough=2)
STUDENT = Plan("student", epochs=4, rate=1.2e-4, head=5, pieces=2_500, enough=4, average=0.5)
_ARTICLES = 800
"""AllSides articles whose sentences the teacher reads for the student."""
_TEACHING = 3_000
"""Pieces that the teacher reads at once."""
_SMOOTHING = 0.05
"""So much of an annotated label's probability is spread over the three classes."""
_TRUST = 0.5
"""How much of an annotated label the teacher's answer is, for the student: annotators slip too."""


def main() -> None:
    """Train and export; what was done before an interruption is kept in ``--work`` and not done again."""
    parser = argparse.ArgumentParser(prog="python -m training.stance", description=__doc__)
    parser.add_argument("--base", type=Path, default=None, help="folder of the student's pretrained encoder")
    parser.add_argument("--teacher", type=Path, default=None, help="folder of all-mpnet-base-v2")
    parser.add_argument("--work", type=Path, default=Path(".stancewire/training/stance"), help="checkpoints")
    parser.add_argument("--output", type=Path, default=Path("services/stance/model"), help="the model's folder")
    parser.add_argument("--seed", type=int, default=1)
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    call.work.mkdir(parents=True, exist_ok=True)
    base = call.base or pretrained()
    call.teacher = call.teacher or unpack(call.work / "mpnet")
    annotated = sentences(DATA / "newsmtsc" / "train.jsonl")
    devs = {name: sentences(path) for name, path in SETS.items()}
    seen = [one.text for own in (annotated, *devs.values()) for one in own]
    unread = kept(call.work / "news.pickle", lambda: news(_ARTICLES, seen))
    taught = kept(call.work / "taught.pickle", lambda: teach(call, annotated, unread, devs))
    own = [*taught, *sentfin(held=False), *vast("train"), *gwsd(held=False)]
    devs |= {"sentfin": sentfin(held=True), "vast": vast("dev"), "gwsd": gwsd(held=True)}
    pieces = WordPieces.load(base / "vocab.txt")
    model = learn(call, base, pieces, own, devs)
    named = [one for name in SETS for one in devs[name]]
    export(model, pieces, named, [*devs["vast"], *devs["gwsd"]], call.output)
    log.info("written to %s", call.output)


def teach(
    call: argparse.Namespace, annotated: Sequence[Example], unread: Sequence[Example], devs: dict[str, list[Example]]
) -> list[Example]:
    """Train the teacher on ``annotated``; it then reads all of both."""
    cutter = Cutter(call.teacher)
    torch.manual_seed(call.seed)
    model = Teacher(call.teacher)
    rows = [(cutter(one.text, ask.target), _smooth(ask.shares)) for one in annotated for ask in one.asks]

    def read(examples: Sequence[Example]) -> list[Shares]:
        cut = [cutter(one.text, ask.target) for one in examples for ask in one.asks]
        found: list[Shares] = [(0.0, 0.0, 0.0)] * len(cut)
        with torch.inference_mode(), faster():
            for batch in batches(range(len(cut)), lambda at: len(cut[at].pieces), _TEACHING, None):
                scores = model(*teacher_tensors([cut[at] for at in batch], cutter.padding))
                for at, shares in zip(batch, torch.softmax(scores.float(), -1).tolist(), strict=True):
                    found[at] = tuple(shares)
        return found

    run(
        TEACHER,
        model,
        model.encoder,
        lambda chance: batches(rows, lambda row: len(row[0].pieces), TEACHER.pieces, chance),
        lambda batch: loss(
            model(*teacher_tensors([row for row, _ in batch], cutter.padding)),
            torch.tensor([shares for _, shares in batch]),
        ),
        call.work,
        call.seed,
        lambda: scores_of(devs, read),
    )
    model.eval()
    examples = [*annotated, *unread]
    answers = iter(read(examples))
    made = []
    for number, one in enumerate(examples):
        asks = []
        for ask in one.asks:
            shares = next(answers)
            if number < len(annotated):
                shares = _mix(_smooth(ask.shares), shares)
            asks.append(Ask(ask.target, shares, ask.topic))
        made.append(Example(one.text, tuple(asks)))
    return made


def learn(
    call: argparse.Namespace, base: Path, pieces: WordPieces, own: Sequence[Example], devs: dict[str, list[Example]]
) -> Student:
    """Train the student."""
    torch.manual_seed(call.seed)
    model = Student(base)

    def cut(one: Example) -> tuple[Asked, list[Shares]]:
        return spell(one.text, [ask.topic or ask.target for ask in one.asks], pieces), [ask.shares for ask in one.asks]

    rows = [cut(one) for one in own]

    def read(examples: Sequence[Example]) -> list[Shares]:
        asked = [cut(one)[0] for one in examples]
        found: list[list[Shares]] = [[] for _ in asked]
        with torch.inference_mode(), faster():
            for batch in batches(range(len(asked)), lambda at: len(asked[at].pieces), 2 * STUDENT.pieces, None):
                shares = iter(torch.softmax(model(*tensors([asked[at] for at in batch])).float(), -1).tolist())
                for at in batch:
                    found[at] = [tuple(next(shares)) for _ in asked[at].places]
        return [shares for own in found for shares in own]

    run(
        STUDENT,
        model,
        model.pretrained(),
        lambda chance: batches(rows, lambda row: len(row[0].pieces), STUDENT.pieces, chance),
        lambda batch: loss(
            model(*tensors([asked for asked, _ in batch])),
            torch.tensor([shares for _, own in batch for shares in own]),
        ),
        call.work,
        call.seed,
        lambda: scores_of(devs, read),
    )
    return model


def scores_of(devs: dict[str, list[Example]], read: Callable[[Sequence[Example]], list[Shares]]) -> str:
    """The macro F1 on each development set, for the log."""
    found = []
    for name, examples in devs.items():
        given = [max(range(3), key=lambda kind: shares[kind]) for shares in read(examples)]
        gold = [max(range(3), key=lambda kind: ask.shares[kind]) for one in examples for ask in one.asks]
        found.append(f"{name} {macro_f1(given, gold, (0, 1, 2)):.4f}")
    return ", ".join(found)


def loss(scores: Tensor, shares: Tensor) -> Tensor:
    """The cross entropy of ``scores`` (asks, 3) against ``shares`` (asks, 3)."""
    return -(functional.log_softmax(scores.float(), dim=-1) * shares).sum(-1).mean()


def _smooth(shares: Shares) -> Shares:
    return tuple((1 - _SMOOTHING) * share + _SMOOTHING / 3 for share in shares)  # type: ignore[return-value]


def _mix(label: Shares, taught: Shares) -> Shares:
    return tuple((1 - _TRUST) * one + _TRUST * other for one, other in zip(label, taught, strict=True))  # type: ignore[return-value]


if __name__ == "__main__":
    main()
