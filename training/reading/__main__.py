"""``python -m training.reading``: from the judged articles to the model in ``services/stance/reading/model``, in one go.

What a step makes is kept in ``--work``, and what is there is not made again. The fifth of the articles that is held out is never
read here. Of the others a sixth is kept back: on it the confidence is fitted.
"""

import argparse
import hashlib
import json
import logging
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evaluation.analyst import AUTHOR, FOLDER, Judged, alike, is_held_out, read, read_own, together
from evaluation.bench.works import make_work
from evaluation.data import Article
from evaluation.directed import SENTENCES
from schemas import Work
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.stance import encoder as sentences
from services.stance.loading import ABOUT, VOCABULARY
from services.stance.reading.encoder import MODEL, OWN, PairEncoder
from services.stance.reading.findings import AUTHOR as NOBODY
from services.stance.reading.findings import findings
from services.stance.reading.method import PairMethod, known_of, sheets_of
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList
from services.text.wordpiece import WordPieces
from training.kept import kept, pretrained
from training.loop import Plan, batches, run
from training.reading.begin import encoder_weights, reader_weights
from training.reading.composed import compose
from training.reading.confidence import fit
from training.reading.examples import Example, of_article, of_composed, of_sentences
from training.reading.export import export
from training.reading.model import PairReader

log = logging.getLogger(__name__)
NAME = "stancewire-pairs-3"
"""The number goes up with each model that is shipped."""
_PLAN = Plan("reading", epochs=5, rate=1e-4, head=5, pieces=3_000, enough=5, average=0.4)
_MORE = replace(_PLAN, epochs=3, enough=3, rate=7e-5)
_SIDED = 3.0
"""What a pair that takes a side weighs, beside one that takes none."""
_SENTENCES = 0.33
"""Share of the sentences of DSE that an epoch has."""
_COMPOSED = 8_000
"""Composed texts."""
_WAYS = 0.33
"""Share of the windows of composed texts that an epoch has."""
_UNREAD = 0.35
"""What a finding that nobody has read counts as: of those that were read later half were right, of the unsure ones fewer."""
_UNSURE = -2.5
"""Log odds of the best reading below which findings are left out of the fit: they are a flood, and none is ever given."""
_KEPT_BACK = 6
"""One article of so many, of those not held out, fits the confidence and is not learnt from."""


def main() -> None:
    """Train, export and fit; what was done before an interruption is kept in ``--work`` and not done again."""
    parser = argparse.ArgumentParser(prog="python -m training.reading", description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path(".stancewire/training/reading"), help="folder of what is kept"
    )
    parser.add_argument("--output", type=Path, default=OWN, help="folder of the model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--earlier", type=Path, help="folder of the model shipped last: begin with its weights, and take three epochs"
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    args.work.mkdir(parents=True, exist_ok=True)
    known = together(read(FOLDER, every=True), read_own(every=True))
    pieces = WordPieces.load(sentences.FOLDERS[sentences.OWN] / VOCABULARY)
    works = kept(args.work / "works.pickle", lambda: _works(known))
    learnt = {name: work for name, work in works.items() if not is_kept_back(name)}
    judged = kept(
        args.work / "examples.pickle",
        lambda: [one for name, work in learnt.items() for one in of_article(name, work, known, pieces)],
    )
    single = kept(args.work / "sentences.pickle", lambda: of_sentences(SENTENCES.with_name("train.tsv.gz"), pieces))
    ways = kept(args.work / "composed.pickle", lambda: _composed(args.seed, pieces))
    log.info("%d articles, %d windows, %d sentences, %d composed", len(learnt), len(judged), len(single), len(ways))
    reader = learn(judged, single, ways, args.work, args.seed, args.earlier)
    export(reader, args.output)
    shutil.copy(sentences.FOLDERS[sentences.OWN] / VOCABULARY, args.output / VOCABULARY)
    write_confidence(args.output, known, [work for name, work in works.items() if is_kept_back(name)])


def is_kept_back(article: str) -> bool:
    """Whether the confidence is fitted on an article; of those held out none is read here at all."""
    return hashlib.sha256(article.encode()).digest()[1] % _KEPT_BACK == 0


def learn(
    judged: Sequence[Example],
    single: Sequence[Example],
    ways: Sequence[Example],
    work: Path,
    seed: int,
    earlier: Path | None = None,
) -> PairReader:
    """The trained reader; with ``earlier`` it begins as the model in that folder, adds to what that one learnt, and is the
    mean of both in the end (model soups, Wortsman et al. 2022)."""
    torch.manual_seed(seed)
    reader = PairReader(pretrained())
    begin = encoder_weights(sentences.FOLDERS[sentences.OWN] / sentences.MODEL)
    reader.encoder.load_state_dict(begin, strict=False)
    known = reader_weights(earlier / MODEL) if earlier is not None else {}
    if known:
        reader.load_state_dict(known)

    def epoch(chance: random.Random) -> list[list[Example]]:
        own = [*judged]
        for others, share in ((single, _SENTENCES), (ways, _WAYS)):
            own += chance.sample(list(others), int(share * len(others)))
        return batches(own, lambda one: len(one.window.pieces), _PLAN.pieces, chance)

    plan = _MORE if known else _PLAN
    run(plan, reader, reader.encoder, epoch, lambda batch: loss(reader, batch), work, seed, lambda: "")
    if known:
        reader.load_state_dict({name: (known[name] + new) / 2 for name, new in reader.state_dict().items()})
    return reader


def loss(reader: PairReader, batch: Sequence[Example]) -> Tensor:
    """Cross entropy over all pairs, a window."""
    scores = reader([one.window for one in batch]).float()
    classes = torch.from_numpy(np.concatenate([one.classes.ravel() for one in batch])).long()
    weights = torch.from_numpy(np.concatenate([one.weights.ravel() for one in batch]))
    weights = weights * torch.where(classes > 0, _SIDED, 1.0)
    return (functional.cross_entropy(scores, classes, reduction="none") * weights).sum() / (6 * len(batch))


def write_confidence(folder: Path, known: Judged, works: Sequence[Work]) -> None:
    """Fit the confidence on these articles and write it beside the model."""
    about: dict[str, object] = {"name": NAME, "weights": {"one": 0.0}}
    (folder / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")
    method = PairMethod(PairEncoder(folder), StanceSettings())
    rows, right = [], []
    for work in works:
        for traits, good in judged_findings(method, work, known):
            rows.append(traits)
            right.append(good)
    weights = fit(rows, right)
    log.info("%d findings, %.0f of them right: %s", len(rows), sum(right), weights)
    about["weights"] = weights
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def judged_findings(method: PairMethod, work: Work, known: Judged) -> Iterator[tuple[dict[str, float], float]]:
    """What is known of each finding of an article, and how right it is: 1, 0, or ``_UNREAD``."""
    (sheets,) = sheets_of([work], IssueList())
    event = work.event
    about = known_of(event, sheets)
    read = method.read(event, [sheet for _, sheet in sheets])
    for one in findings(read, about, {}):
        holder = (AUTHOR,) if one.holder == NOBODY else tuple(about.of(one.holder))
        target = tuple(about.of(one.target))
        verdicts = {
            side
            for row in known.gold[event.id]
            if alike(holder, row.holder) and alike(target, row.target)
            for side in row.stance
        } | {row.gold for row in known.pairs[event.id] if alike(holder, row.holder) and alike(target, row.target)}
        if one.traits["sure"] > _UNSURE:
            yield dict(one.traits), float(one.side in verdicts) if verdicts else _UNREAD


def _composed(seed: int, pieces: WordPieces) -> list[Example]:
    """The windows of composed texts, as the entities stage reads them."""
    tagger = EntityTagger(EntitySettings())
    found = []
    for number, one in enumerate(compose(_COMPOSED, seed)):
        (work,) = tagger([make_work(str(number), Article(title="", text=one.text))])
        found += of_composed(work, one.gold, pieces)
    return found


def _works(known: Judged) -> dict[str, Work]:
    """The articles as the entities stage gives them, but for those held out."""
    tagger = EntityTagger(EntitySettings())
    own = [one for one in known.articles if not is_held_out(one.id)]
    return {one.id: work for one in own for work in tagger([make_work(one.id, one)])}


if __name__ == "__main__":
    main()
