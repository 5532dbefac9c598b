"""The training of both models: what the teachers answer, and the student that learns from their mean.

Decides what a model reads in a step and what is lost on it. Needs torch and transformers and nothing that the services need, so
that it can run on a machine with a GPU that has no more than these.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from evaluation.scores import macro_f1
from services.stance.questions import ISSUE, Asked, spell
from services.text.wordpiece import WordPieces
from training.loop import Plan, batches, best_device, device_of, faster, move, run
from training.stance.examples import Example, Shares
from training.stance.student import LARGE, SMALL, Shape, Student
from training.stance.student import tensors as student_tensors
from training.stance.teacher import Cutter, Row, Teacher
from training.stance.teacher import tensors as teacher_tensors

log = logging.getLogger(__name__)

TEACHER = Plan("teacher", epochs=4, rate=3e-5, head=5, pieces=2_000, enough=4)
_READING = 32_000
"""Pieces that a model reads at once, where it does not learn."""
_SMOOTHING = 0.05
"""So much of an annotated label's probability is spread over the three classes."""
_TRUST = 0.5
"""How much of an annotated label the teachers' answer is, for the student: annotators slip too."""
_KEPT_BACK = 2_000
"""Unlabelled sentences, the last ones, that show how near the student comes to its teachers."""
ANNOTATED, UNREAD, GOLD = "annotated", "unread", "gold"

Answers = dict[str, list[Shares]]
"""By part, for each target."""
One = TypeVar("One")


@dataclass(frozen=True)
class Course:
    """How a student learns. An epoch has all that is annotated, of texts with issues the share ``issues``, and of unlabelled
    sentences the share ``single`` of those with one target, ``several`` of those with more: they are what a student that
    reads a sentence once finds hard."""

    plan: Plan
    shape: Shape = SMALL
    dropout: float = 0.0
    single: float = 0.15
    several: float = 0.5
    issues: float = 1.0


COURSES = (
    Course(Plan("student-1", epochs=18, rate=1.2e-4, head=5, pieces=10_000, enough=18, average=0.5), issues=0.35),
    Course(
        Plan("student-2", epochs=4, rate=1.2e-4, head=5, pieces=2_500, enough=4, average=0.5),
        dropout=0.1, single=0.12, several=0.12,
    ),
)  # fmt: skip
"""Of the students whose mean is shipped. The second learns for a shorter time, and less from the teachers, and keeps more of what
it knew of issues."""
LARGE_COURSES = (
    Course(
        Plan("large", epochs=4, rate=4e-5, head=5, pieces=3_000, enough=4, average=0.5),
        shape=LARGE, dropout=0.1, single=0.3, several=0.8, issues=0.5,
    ),
)  # fmt: skip
"""Of the stronger, slower model: one student, for as many sentences as a processor reads in an hour."""


@dataclass(frozen=True)
class Material:
    """Texts as the models read them, by part: ``ANNOTATED`` and ``UNREAD`` (news without annotations) for both, ``GOLD`` for the
    student alone; the other parts are for development. A row has one target for the teacher, all of a text's for the student."""

    teacher: dict[str, list[tuple[Row, Shares]]]
    student: dict[str, list[tuple[Asked, list[Shares]]]]


def cut(parts: dict[str, list[Example]], cutter: Cutter, pieces: WordPieces) -> Material:
    """The texts of all parts in pieces; the teacher has those that name their targets."""
    teacher: dict[str, list[tuple[Row, Shares]]] = {}
    student: dict[str, list[tuple[Asked, list[Shares]]]] = {}
    for name, examples in parts.items():
        student[name] = [
            (spell(one.text, [ask.issue or ask.target for ask in one.asks], pieces), [ask.shares for ask in one.asks])
            for one in examples
        ]
        if name != GOLD and not any(ask.issue for one in examples for ask in one.asks):
            teacher[name] = [(cutter(one.text, ask.target), ask.shares) for one in examples for ask in one.asks]
    return Material(teacher, student)


def teach(material: Material, folder: Path, work: Path, seed: int) -> Answers:
    """Train a teacher on what is annotated; its answers to all that it can read."""
    torch.manual_seed(seed)
    model = Teacher(folder).to(best_device())
    padding = model.encoder.config.pad_token_id
    own = [(row, _smooth(shares)) for row, shares in material.teacher[ANNOTATED]]
    devs = [name for name in material.teacher if name not in (ANNOTATED, UNREAD)]

    def scores_for(rows: Sequence[Row]) -> Tensor:
        scores: Tensor = model(*move(teacher_tensors(rows, padding), device_of(model)))
        return scores

    def read(name: str) -> list[Shares]:
        rows = [row for row, _ in material.teacher[name]]
        return [shares for (shares,) in _read(rows, lambda row: len(row.pieces), scores_for, lambda row: 1, model)]

    run(
        _named(TEACHER, seed),
        model,
        model.encoder,
        lambda chance: batches(own, lambda row: len(row[0].pieces), TEACHER.pieces, chance),
        lambda batch: loss(scores_for([row for row, _ in batch]), [shares for _, shares in batch]),
        work,
        seed,
        lambda: scores_of(material, {name: read(name) for name in devs}),
    )
    answers = {name: read(name) for name in material.teacher}
    log.info("teacher %d has read %d targets", seed, sum(map(len, answers.values())))
    return answers


def together(answers: Sequence[Answers]) -> Answers:
    """The mean of the teachers' answers."""
    return {name: [_mean(own) for own in zip(*(one[name] for one in answers), strict=True)] for name in answers[0]}


def learn(material: Material, answers: Answers, base: Path, work: Path, seed: int, course: Course) -> dict[str, Tensor]:
    """The weights of a student, trained from the pretrained encoder in ``base``; those of the same ``seed`` have the same head to
    begin with, so that their mean is a student, too (``averaged``)."""
    torch.manual_seed(seed)
    model = Student(base, course.shape, course.dropout).to(best_device())
    gold = [(asked, [_smooth(one) for one in shares]) for asked, shares in material.student[GOLD]]
    unread = _answered(material.student[UNREAD], answers[UNREAD])
    unread, back = unread[:-_KEPT_BACK], unread[-_KEPT_BACK:]
    for (asked, labels), (_, taught) in zip(
        material.student[ANNOTATED], _answered(material.student[ANNOTATED], answers[ANNOTATED]), strict=True
    ):
        gold.append((asked, [_mix(_smooth(one), other) for one, other in zip(labels, taught, strict=True)]))
    devs = [name for name in material.student if name not in (ANNOTATED, UNREAD, GOLD)]

    def epoch(chance: random.Random) -> list[list[tuple[Asked, list[Shares]]]]:
        some = [row for row in unread if chance.random() < (course.single if len(row[1]) == 1 else course.several)]
        some += [row for row in gold if not _is_issue(row[0]) or chance.random() < course.issues]
        return batches(some, lambda row: len(row[0].pieces), course.plan.pieces, chance)

    def scores_for(asked: Sequence[Asked]) -> Tensor:
        scores: Tensor = model(*move(student_tensors(asked), device_of(model)))
        return scores

    def read(rows: Sequence[tuple[Asked, list[Shares]]]) -> list[list[Shares]]:
        asked = [one for one, _ in rows]
        return _read(asked, lambda one: len(one.pieces), scores_for, lambda one: len(one.places), model)

    def score() -> str:
        given = {name: [one for own in read(material.student[name]) for one in own] for name in devs}
        return f"{scores_of(material, given)}, news kept back: {distance(read(back), [own for _, own in back])}"

    run(
        course.plan,
        model,
        model.pretrained(),
        epoch,
        lambda batch: loss(scores_for([one for one, _ in batch]), [shares for _, own in batch for shares in own]),
        work,
        seed,
        score,
    )
    return model.cpu().state_dict()


def averaged(students: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of students' weights, which reads better than each of them (Wortsman et al. 2022, Model soups)."""
    return {name: torch.stack([one[name] for one in students]).mean(0) for name in students[0]}


def scores_of(material: Material, given: Answers) -> str:
    """The macro F1 on each part in ``given``, for the log."""
    found = []
    for name, answers in given.items():
        gold = [shares for _, own in material.student[name] for shares in own]
        found.append(f"{name} {macro_f1([_best(one) for one in answers], [_best(one) for one in gold], (0, 1, 2)):.4f}")
    return ", ".join(found)


def distance(given: Sequence[list[Shares]], wanted: Sequence[list[Shares]]) -> str:
    """The mean Kullback-Leibler divergence of what was ``given`` from the teachers' answers, for sentences with one target and
    with several, for the log."""
    found = []
    for name, is_in in (("one target", lambda own: len(own) == 1), ("several", lambda own: len(own) > 1)):
        rows = [row for row in zip(given, wanted, strict=True) if is_in(row[1])]
        if rows:
            here = torch.tensor([shares for own, _ in rows for shares in own]).clamp(min=1e-6).log()
            there = torch.tensor([shares for _, own in rows for shares in own])
            found.append(f"{name} {functional.kl_div(here, there, reduction='sum').item() / len(there):.4f}")
    return ", ".join(found)


def loss(scores: Tensor, shares: Sequence[Shares]) -> Tensor:
    """The cross entropy of ``scores`` (asks, 3) against ``shares``."""
    (wanted,) = move([torch.tensor(shares)], scores.device)
    return -(functional.log_softmax(scores.float(), dim=-1) * wanted).sum(-1).mean()


def _read(
    rows: Sequence[One],
    size: Callable[[One], int],
    scores_for: Callable[[list[One]], Tensor],
    asks: Callable[[One], int],
    model: torch.nn.Module,
) -> list[list[Shares]]:
    """What ``model`` answers to each of ``rows``, which has so many ``asks``."""
    model.eval()
    found: list[list[Shares]] = [[] for _ in rows]
    with torch.inference_mode(), faster(device_of(model)):
        for batch in batches(range(len(rows)), lambda at: size(rows[at]), _READING, None):
            shares = iter(torch.softmax(scores_for([rows[at] for at in batch]).float(), -1).tolist())
            for at in batch:
                found[at] = [tuple(next(shares)) for _ in range(asks(rows[at]))]
    return found


def _answered(
    rows: Sequence[tuple[Asked, list[Shares]]], answers: Sequence[Shares]
) -> list[tuple[Asked, list[Shares]]]:
    given = iter(answers)
    return [(asked, [next(given) for _ in own]) for asked, own in rows]


def _is_issue(asked: Asked) -> bool:
    return asked.pieces[asked.places[0]] == ISSUE


def _named(plan: Plan, seed: int) -> Plan:
    return Plan(**{**vars(plan), "name": f"{plan.name}-{seed}"})


def _best(shares: Shares) -> int:
    return max(range(3), key=lambda kind: shares[kind])


def _mean(answers: Sequence[Shares]) -> Shares:
    return tuple(sum(column) / len(answers) for column in zip(*answers, strict=True))  # type: ignore[return-value]


def _smooth(shares: Shares) -> Shares:
    return tuple((1 - _SMOOTHING) * share + _SMOOTHING / 3 for share in shares)  # type: ignore[return-value]


def _mix(label: Shares, taught: Shares) -> Shares:
    return tuple((1 - _TRUST) * one + _TRUST * other for one, other in zip(label, taught, strict=True))  # type: ignore[return-value]
