"""``python -m training.stance``: from the development data to the model in ``services/stance/model``, in one go.

What a step makes is kept in ``--work``, and what is there is not made again. So the long steps can be done on another machine:
``--until read`` here; ``--until learn`` on one with a GPU, which needs ``--work``, the folders ``training``, ``services`` and
``evaluation``, torch and transformers; then the rest here.

``--large`` makes the stronger, slower model instead, in ``services/stance/model-large``. With ``--articles 800 --teachers 1``, as
that one was made, it takes under two hours on two cores with fast bfloat16.
"""

import argparse
import logging
import sys
from functools import partial
from pathlib import Path

from services.text.wordpiece import WordPieces
from training.kept import kept, pretrained
from training.stance.examples import Example
from training.stance.student import Student
from training.stance.teacher import Cutter, unpack
from training.stance.train import (
    ANNOTATED,
    COURSES,
    GOLD,
    LARGE_COURSES,
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
_NAMES = {False: "stancewire-minilm-2", True: "stancewire-mpnet-1"}
"""Of the small and the large model; the number goes up with each that is shipped."""
_ARTICLES = 6_526
"""AllSides articles whose sentences the teachers read for the students: as many as were read in 22 minutes."""


def main() -> None:
    """Train and export; what was done before an interruption is kept in ``--work`` and not done again."""
    parser = argparse.ArgumentParser(prog="python -m training.stance", description=__doc__)
    parser.add_argument("--base", type=Path, default=None, help="folder of the student's pretrained encoder")
    parser.add_argument("--teacher", type=Path, default=None, help="folder of all-mpnet-base-v2")
    parser.add_argument("--large", action="store_true", help="the stronger, slower model")
    parser.add_argument("--articles", type=int, default=_ARTICLES, help="whose sentences the teachers read")
    parser.add_argument(
        "--work", type=Path, default=None, help="checkpoints; .stancewire/training/stance, or stance-large"
    )
    parser.add_argument(
        "--output", type=Path, default=None, help="the model's folder; services/stance/model, or model-large"
    )
    parser.add_argument("--teachers", type=int, nargs="+", default=[1, 2, 3, 4], help="seeds, a teacher for each")
    parser.add_argument("--seed", type=int, default=1, help="of the students")
    parser.add_argument("--until", choices=("read", "teach", "learn", "export"), default="export", help="the last step")
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    kind = "-large" if call.large else ""
    call.work = call.work or Path(f".stancewire/training/stance{kind}")
    call.output = call.output or Path(f"services/stance/model{kind}")
    call.work.mkdir(parents=True, exist_ok=True)
    base = pretrained()
    teacher = call.teacher or unpack(call.work / "mpnet")
    encoder = teacher if call.large else call.base or base
    courses = LARGE_COURSES if call.large else COURSES
    pieces = WordPieces.load(base / "vocab.txt")

    material: Material = kept(
        call.work / "material.pickle", lambda: cut(read(call.work, call.articles), Cutter(teacher), pieces)
    )
    log.info("read: %s", ", ".join(f"{name} {len(own)}" for name, own in material.student.items()))
    if call.until == "read":
        return

    answers = [
        kept(call.work / f"answers-{seed}.pickle", partial(teach, material, teacher, call.work, seed))
        for seed in call.teachers
    ]
    mean = together(answers)
    log.info(
        "teachers together: %s", scores_of(material, {n: a for n, a in mean.items() if n not in (ANNOTATED, UNREAD)})
    )
    if call.until == "teach":
        return

    students = [
        kept(call.work / f"{one.plan.name}.pickle", partial(learn, material, mean, encoder, call.work, call.seed, one))
        for one in courses
    ]
    if call.until == "learn":
        return
    student = Student(encoder, courses[0].shape)
    student.load_state_dict(averaged(students))
    write(_NAMES[call.large], student, pieces, call.output)


def read(work: Path, articles: int) -> dict[str, list[Example]]:
    """All texts with their targets, by part; of unlabelled ones the sentences of so many ``articles``."""
    from evaluation.data import DATA
    from evaluation.stance import SETS
    from training.stance.data import gwsd, news, sentences, sentfin, vast

    annotated = sentences(DATA / "newsmtsc" / "train.jsonl")
    parts = {name: sentences(path) for name, path in SETS.items()}
    seen = [one.text for own in (annotated, *parts.values()) for one in own]
    parts |= {"sentfin": sentfin(held=True), "vast": vast("dev"), "gwsd": gwsd(held=True)}
    parts[ANNOTATED] = annotated
    parts[UNREAD] = kept(work / "news.pickle", lambda: news(articles, seen))
    parts[GOLD] = [*sentfin(held=False), *vast("train"), *gwsd(held=False)]
    return parts


def write(name: str, student: Student, pieces: WordPieces, output: Path) -> None:
    """Write the model's folder."""
    from evaluation.stance import SETS
    from training.stance.data import gwsd, sentences, vast
    from training.stance.export import export

    named = [one for path in SETS.values() for one in sentences(path)]
    export(name, student, pieces, named, [*vast("dev"), *gwsd(held=True)], output)
    log.info("written to %s", output)


if __name__ == "__main__":
    main()
