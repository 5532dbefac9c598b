"""``python -m training.stance``: from the development data to the model in ``services/stance/model``, in one go.

What a step makes is kept in ``--work``, and what is there is not made again. So the long steps can be done on another machine:
``--until read`` here; ``--until learn`` on one with a GPU, which needs ``--work``, the folders ``training``, ``services`` and
``evaluation``, torch and transformers; then the rest here.
"""

import argparse
import logging
import sys
from functools import partial
from pathlib import Path

from services.text.wordpiece import WordPieces
from training.kept import kept, pretrained
from training.stance.student import Student
from training.stance.teacher import Cutter, unpack
from training.stance.train import (
    ANNOTATED,
    COURSES,
    GOLD,
    UNREAD,
    Material,
    averaged,
    cut,
    learn,
    scores_of,
    teach,
    together,
)

log = logging.getLogger(__name__)
_ARTICLES = 6_526
"""AllSides articles whose sentences the teachers read for the students: as many as were read in 22 minutes."""


def main() -> None:
    """Train and export; what was done before an interruption is kept in ``--work`` and not done again."""
    parser = argparse.ArgumentParser(prog="python -m training.stance", description=__doc__)
    parser.add_argument("--base", type=Path, default=None, help="folder of the student's pretrained encoder")
    parser.add_argument("--teacher", type=Path, default=None, help="folder of all-mpnet-base-v2")
    parser.add_argument("--work", type=Path, default=Path(".stancewire/training/stance"), help="checkpoints")
    parser.add_argument("--output", type=Path, default=Path("services/stance/model"), help="the model's folder")
    parser.add_argument("--teachers", type=int, nargs="+", default=[1, 2, 3, 4], help="seeds, a teacher for each")
    parser.add_argument("--seed", type=int, default=1, help="of the students")
    parser.add_argument("--until", choices=("read", "teach", "learn", "export"), default="export", help="the last step")
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    call.work.mkdir(parents=True, exist_ok=True)
    base = call.base or pretrained()
    folder = call.teacher or unpack(call.work / "mpnet")

    material: Material = kept(call.work / "material.pickle", lambda: read(call.work, base, folder))
    log.info("read: %s", ", ".join(f"{name} {len(own)}" for name, own in material.student.items()))
    if call.until == "read":
        return

    answers = [
        kept(call.work / f"answers-{seed}.pickle", partial(teach, material, folder, call.work, seed))
        for seed in call.teachers
    ]
    mean = together(answers)
    log.info(
        "teachers together: %s", scores_of(material, {n: a for n, a in mean.items() if n not in (ANNOTATED, UNREAD)})
    )
    if call.until == "teach":
        return

    students = [
        kept(call.work / f"{one.plan.name}.pickle", partial(learn, material, mean, base, call.work, call.seed, one))
        for one in COURSES
    ]
    if call.until == "learn":
        return
    student = Student(base)
    student.load_state_dict(averaged(students))
    write(student, base, call.output)
    log.info("written to %s", call.output)


def read(work: Path, base: Path, folder: Path) -> Material:
    """All texts, in the pieces of both models."""
    from evaluation.data import DATA
    from evaluation.stance import SETS
    from training.stance.data import gwsd, news, sentences, sentfin, vast

    annotated = sentences(DATA / "newsmtsc" / "train.jsonl")
    parts = {name: sentences(path) for name, path in SETS.items()}
    seen = [one.text for own in (annotated, *parts.values()) for one in own]
    parts |= {"sentfin": sentfin(held=True), "vast": vast("dev"), "gwsd": gwsd(held=True)}
    parts[ANNOTATED] = annotated
    parts[UNREAD] = kept(work / "news.pickle", lambda: news(_ARTICLES, seen))
    parts[GOLD] = [*sentfin(held=False), *vast("train"), *gwsd(held=False)]
    return cut(parts, Cutter(folder), WordPieces.load(base / "vocab.txt"))


def write(student: Student, base: Path, output: Path) -> None:
    """Write the model's folder."""
    from evaluation.stance import SETS
    from training.stance.data import gwsd, sentences, vast
    from training.stance.export import export

    named = [one for path in SETS.values() for one in sentences(path)]
    export(student, WordPieces.load(base / "vocab.txt"), named, [*vast("dev"), *gwsd(held=True)], output)


if __name__ == "__main__":
    main()
