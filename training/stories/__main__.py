"""``python -m training.stories``: from news to ``background.txt`` and ``weights.json`` of ``services/stories``.

* Data: the words of 8,000 AllSides articles, of which only counts are kept; 1,576 articles in 674 stories that AllSides'
  editors have grouped, each once with its text and once as a title alone.
* Command: ``make train TASK=stories``; half a minute on one core. The same data give the same files.
* What is learnt from are the pairs that the clusterer compares: 6,400 with texts, 4,800 of titles; one in five or six is of
  one story.
* Scores: see ``services/stories/README.md``.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

import services.stories
from evaluation.data import ARTICLES, Article, rows
from evaluation.stories import DEFAULT, figures, read, split
from services.stories.core import Clusterer, Document
from services.stories.decision import Decision
from services.stories.settings import StoriesSettings
from services.stories.terms import Floats
from services.stories.window import TRAITS
from training.stories.background import written
from training.stories.examples import pairs
from training.stories.fit import fit

log = logging.getLogger(__name__)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(prog="python -m training.stories", description=__doc__)
    parser.add_argument("--articles", type=Path, default=ARTICLES)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    parser.add_argument("--output", type=Path, default=Path(services.stories.__path__[0]))
    call = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    (call.output / "background.txt").write_text(written(rows(call.articles, Article)), encoding="utf-8")
    documents, stories = read(call.data)
    halves = np.array(split(stories))
    placed = [""] * len(documents)
    for half in (True, False):  # each half with what the other one has taught
        decision = learn(documents, stories, halves != half)
        clusterer = Clusterer(StoriesSettings(), decision)
        for number, document in enumerate(documents):
            story = clusterer.place(document).story
            if halves[number] == half:
                placed[number] = f"{half} {story}"
    log.info("learnt on one half, scored on the other: %s", figures(placed, stories))
    learnt = learn(documents, stories, np.ones(len(documents), bool))
    (call.output / "weights.json").write_text(as_json(learnt), encoding="utf-8")
    log.info("%s", as_json(learnt))


def learn(documents: Sequence[Document], stories: Sequence[str], taught: npt.NDArray[np.bool_]) -> Decision:
    """The weights learnt from a stream of news with known stories, from the pairs of the documents that are ``taught``."""
    traits: list[Floats] = []
    same: list[npt.NDArray[np.bool_]] = []
    compared: list[npt.NDArray[np.float64]] = []
    for one in (documents, [document._replace(text="") for document in documents]):
        found = pairs(one)
        kept = taught[found.later] & taught[found.earlier]
        traits.append(found.traits[kept])
        same.append(found.same(stories)[kept])
        compared.append(found.compared()[kept])
    log.info("%d pairs", sum(map(len, traits)))
    return fit(np.concatenate(traits).astype(np.float64), np.concatenate(same), np.concatenate(compared))


def as_json(decision: Decision) -> str:
    """As the service reads it."""
    weights = {name: round(float(weight), 4) for name, weight in zip(TRAITS, decision.weights, strict=True)}
    return json.dumps({"weights": weights, "bias": round(decision.bias, 4)}, indent=1) + "\n"


if __name__ == "__main__":
    main()
