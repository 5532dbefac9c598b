"""``python -m training.holders``: from PolNeAR's training part to ``stems.txt`` and ``weights.txt`` of ``services/stance``.

* Data: PolNeAR (Newell, Margolin, Ruths, An Attribution Relations Corpus for Political News, LREC 2018), training part: 840
  articles with 18,336 attributions. No licence is stated: what is kept are weights and single words, no text.
* Command: ``make train TASK=holders``; a minute on one core. The same data and seed give the same files.
* Before it trains on all of them it says what to expect, by cross-validation over five parts of the articles.
* Scores: cross-validated source F1 77.1 (precision 83.5, recall 71.5; exact 65.1), content F1 79.2 (exact 42.0); the rules of word
  order that stood here before: 69.9 (81.5, 61.1; 59.5), 74.4 (39.8). On the development part 78.2 and 79.7, before 70.8 and 74.9.
  Three other seeds gave 78.0 to 78.2. The stems are those of all articles in each fold, as a word list would be.
* Traits of the cues next to a cue, and of those between it and its source, give 0.2 (content 0.4). Tried without gain: clusters of
  word vectors as traits, more pairs and triples of words (0.1 or nothing), all weights at once in place of cues first (1 less),
  more or fewer epochs, 65,536 weights (0.6 less than 131,072, and these 0.1 to 0.2 less than 262,144), eight fits in place of four,
  half a million weights.
"""

import argparse
import logging
import sys
from pathlib import Path

import numpy as np

import services.stance
from evaluation.data import DATA
from evaluation.holders import Attributions, measure, read
from evaluation.scores import Score
from services.stance.likelihood import BITS, SCALE, Weights
from services.stance.page import make_page
from services.stance.stems import cue_stems
from services.stance.tokens import forget_words
from training.holders.data import Examples, examples, mined_stems
from training.holders.fit import Fit, fit

log = logging.getLogger(__name__)
_STEMS = "# Stems of words that are cues of attributions now and then. Mined from PolNeAR by training/holders: do not edit.\n"
_WEIGHTS = "# What the traits of an attribution weigh. Learnt from PolNeAR by training/holders: do not edit.\n"


def main() -> None:
    """Train and write; ``--folds 0`` leaves the cross-validation out."""
    parser = argparse.ArgumentParser(prog="python -m training.holders", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA / "polnear" / "train.tar.gz")
    parser.add_argument("--output", type=Path, default=Path(services.stance.__path__[0]))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    documents = list(read(call.data))
    pages, gold = [make_page(text) for text, _ in documents], [attributions for _, attributions in documents]
    (call.output / "stems.txt").write_text(_STEMS + _wrapped(mined_stems(pages, gold)), encoding="utf-8")
    cue_stems.cache_clear()
    forget_words()
    pages = [make_page(text) for text, _ in documents]  # with the cues of the new stems
    learnable = examples(pages, gold)
    log.info("%d articles, %d cues, %d sources", len(pages), len(learnable.cues), len(learnable.sources))
    if call.folds:
        log.info("cross-validated: %s", cross_validate(documents, learnable, call.folds, call.seed))
    everything = np.ones(len(learnable.cues), bool)
    shipped = as_weights(fit(learnable, everything, call.seed))
    (call.output / "weights.txt").write_text(_WEIGHTS + shipped.written(), encoding="ascii")


def cross_validate(
    documents: list[tuple[str, Attributions]], learnable: Examples, folds: int, seed: int
) -> dict[str, dict[str, float]]:
    """The figures of ``evaluation.holders``, each article found with weights that were learnt without its fold."""
    totals: dict[str, Score] = {}
    for fold in range(folds):
        learnt = as_weights(fit(learnable, learnable.article % folds != fold, seed))
        for name, score in measure(documents[fold::folds], learnt).items():
            totals[name] = totals.get(name, Score()) + score
    return {name: {key: round(value, 4) for key, value in score.figures().items()} for name, score in totals.items()}


def as_weights(fitted: Fit) -> Weights:
    """As the service reads them: whole numbers."""
    table = np.round(fitted.weights * SCALE).clip(-127, 127).astype(np.int8)
    assert len(table) == 1 << BITS
    return Weights(round(fitted.bias * SCALE), table)


def _wrapped(words: list[str]) -> str:
    """Words in lines of some 120 characters."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > 118:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
