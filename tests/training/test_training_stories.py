"""What the stories' weights and background are learnt from, and that learning learns."""

import json

import numpy as np
import pytest

from evaluation.data import Article
from services.stories.window import TRAITS
from tests.stories.news import STREAM
from training.stories.__main__ import as_json, learn
from training.stories.background import written
from training.stories.examples import pairs
from training.stories.fit import fit

GOLD = ("ferry", "bees", "ferry", "strike", "ferry", "strike", "chess")


def test_pairs_are_those_that_the_clusterer_compares() -> None:
    made = pairs(STREAM)
    found = set(zip(made.later.tolist(), made.earlier.tolist(), strict=True))
    assert {(2, 0), (4, 0), (4, 2), (5, 3)} <= found
    assert all(later > earlier for later, earlier in found)
    assert made.traits.shape == (len(found), len(TRAITS))
    same = dict(
        zip(zip(made.later.tolist(), made.earlier.tolist(), strict=True), made.same(GOLD).tolist(), strict=True)
    )
    assert same[4, 2]
    assert not any(gold for (later, earlier), gold in same.items() if GOLD[later] != GOLD[earlier])
    assert made.compared().tolist() == [sum(later == one for later, _ in found) for one in made.later.tolist()]


def test_documents_that_have_left_the_window_are_not_compared() -> None:
    late = [one._replace(received=one.received + (number > 3) * 8 * 86_400) for number, one in enumerate(STREAM)]
    made = pairs(late)
    assert not (made.earlier[made.later > 3] <= 3).any()


def test_the_background_says_in_how_many_articles_a_stem_is() -> None:
    articles = [Article(title="Votes", text="They voted on a ferry.")] * 5 + [Article(title="Bees", text="")]
    assert written(articles) == "documents 6\n5 ferry vot\n"


def test_what_is_separable_is_learnt() -> None:
    random = np.random.default_rng(0)
    traits = random.random((4_000, len(TRAITS)))
    odds = 8 * traits[:, 0] - 4 * traits[:, 3] - 2
    same = random.random(4_000) < 1 / (1 + np.exp(-odds))
    learnt = fit(traits, same, np.ones(4_000))
    assert learnt.weights[0] == pytest.approx(8, abs=1)
    assert learnt.weights[3] == pytest.approx(-4, abs=1)
    assert np.abs(np.delete(learnt.weights, [0, 3])).max() < 0.7
    crowded = fit(traits, same, np.full(4_000, 10.0))
    assert crowded.bias == pytest.approx(learnt.bias + np.log(10), abs=0.05)


def test_the_file_of_the_weights() -> None:
    learnt = learn(STREAM, GOLD, np.ones(len(STREAM), bool))
    read = json.loads(as_json(learnt))
    assert set(read["weights"]) == set(TRAITS)
    assert read["weights"]["whole"] > 0
