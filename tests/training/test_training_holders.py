"""What the weights of attributions are learnt from, and that learning learns."""

import numpy as np

from evaluation.holders import Attributions
from services.stance.likelihood import BITS
from services.stance.page import make_page
from training.holders.__main__ import as_weights
from training.holders.data import Examples, examples, mined_stems
from training.holders.fit import Fit, fit

TEXT = "Ana Brandt said it was over. Carl Novak left. Ana Brandt said it was late."
GOLD = Attributions(sources=[[(0, 10)], [(46, 56)]], cues=[[(11, 15)], [(57, 61)]], contents=[[(16, 27)], [(62, 73)]])


def test_words_that_are_cues_more_than_once_are_mined() -> None:
    assert mined_stems([make_page(TEXT)], [GOLD]) == ["said"]


def test_a_source_is_right_where_it_overlaps_that_of_its_cue() -> None:
    made = examples([make_page(TEXT)], [GOLD])
    said = [int(cue) for cue in np.flatnonzero(made.is_cue)]
    assert len(said) == 2
    for cue in said:
        assert made.is_source[made.cue_of == cue].sum() >= 1
    assert not made.is_source[~made.is_cue[made.cue_of]].any()
    assert set(made.article.tolist()) == {0}


def test_a_page_may_have_no_cue_and_a_cue_no_source() -> None:
    pages = [make_page(""), make_page("Said."), make_page(TEXT)]
    nothing = Attributions(sources=[], cues=[], contents=[])
    made, alone = examples(pages, [nothing, nothing, GOLD]), examples([make_page(TEXT)], [GOLD])
    assert len(made.cues) == len(alone.cues) + 1
    assert (made.sources == alone.sources).all()
    assert set(made.article.tolist()) == {1, 2}


def test_what_is_separable_is_learnt() -> None:
    rng = np.random.default_rng(0)
    is_cue = rng.random(400) < 0.3
    cues = np.where(is_cue[:, None], [1, 2], [3, 4]).astype(np.int32)
    right = rng.random(400) < 0.5
    sources = np.where(right[:, None], [5], [6]).astype(np.int32)
    made = Examples(cues, is_cue, np.zeros(400, np.int32), sources, np.arange(400, dtype=np.int32), is_cue & right)
    learnt = fit(made, np.ones(400, bool), seed=1)
    weighed = learnt.weights
    assert weighed[[1, 2, 5]].min() > 0 > weighed[[3, 4, 6]].max()
    again = fit(made, np.ones(400, bool), seed=1)
    assert (again.weights == weighed).all()


def test_weights_are_whole_numbers_of_a_byte() -> None:
    weights = np.zeros(1 << BITS)
    weights[:3] = 99.0, -99.0, 0.5
    shipped = as_weights(Fit(weights, -2.0))
    assert shipped.table[:4].tolist() == [127, -127, 8, 0]
    assert shipped.bias == -32
