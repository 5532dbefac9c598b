"""Terms, their weights, what two documents have in common, and the learnt decision."""

import numpy as np
import pytest

from services.stories.decision import LEAST, Decision, odds, of_story, probability, shipped
from services.stories.terms import WORDS, first_words, read_terms, stem
from services.stories.weighing import KEPT, Vector, Weighing
from services.stories.window import TRAITS, Window
from tests.stories.news import FERRY, OTHERS


def vector(told: tuple[str, str], weighing: Weighing | None = None) -> Vector:
    return (weighing or Weighing()).weigh(read_terms(*told))


@pytest.mark.parametrize(
    ("forms", "one"),
    [
        (("vote", "votes", "Voted", "VOTING"), "vot"),
        (("party", "parties"), "party"),
        (("Café", "cafe"), "caf"),
        (("1,200", "1,200"), "1,200"),
        (("the", "Said", "s"), ""),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...], one: str) -> None:
    assert {stem(form) for form in forms} == {one}


def test_only_the_first_words_of_a_text_count() -> None:
    lead = " ".join(f"word{number}" for number in range(WORDS))
    assert len(read_terms("", f"{lead} further").hashes) == WORDS


def test_the_first_words_are_found_however_long_they_are() -> None:
    long = [f"{'a' * 40}{number}" for number in range(WORDS + 50)]
    assert first_words(" ".join(long)) == long[:WORDS]
    assert first_words("a" * 5_000 + " b") == ["a" * 5_000, "b"]


def test_a_word_of_the_title_counts_twice() -> None:
    terms = read_terms("Ferry", "ferry rock")
    assert sorted(zip(terms.counts.tolist(), terms.titled.tolist(), strict=True)) == [(1, False), (3, True)]


def test_a_word_that_a_running_affair_has_brought_up_tells_less() -> None:
    weighing = Weighing()
    before = vector(FERRY[0], weighing)
    for _ in range(500):
        weighing.add(read_terms("Marigold", "").hashes)
    after = vector(FERRY[0], weighing)
    marigold = read_terms("Marigold", "").hashes[0]
    weight = [float(one.weights[one.hashes == marigold][0]) for one in (before, after)]
    assert weight[1] < weight[0] / 2
    for _ in range(500):
        weighing.remove(read_terms("Marigold", "").hashes)
    assert (vector(FERRY[0], weighing).weights == before.weights).all()


def test_a_vector_has_the_length_of_one_and_a_bounded_number_of_terms() -> None:
    long = " ".join(f"word{number}" for number in range(WORDS))
    made = vector(("A title of its own", long))
    assert len(made.hashes) == KEPT
    assert float((made.weights**2).sum()) == pytest.approx(1, abs=1e-5)
    assert (np.diff(made.hashes.astype(np.int64)) > 0).all()
    assert (np.diff(made.weights[made.heaviest]) <= 0).all()


def test_what_two_documents_have_in_common() -> None:
    window = Window(10)
    same, other = vector(FERRY[0]), vector(OTHERS[0])
    numbers = [window.add(same, 0), window.add(other, 0)]
    traits = window.traits(same, 2 * 86_400, numbers)
    by_name = [dict(zip(TRAITS, row.tolist(), strict=True)) for row in traits]
    assert by_name[0]["whole"] == pytest.approx(1, abs=1e-3)
    assert by_name[0]["title"] == pytest.approx(1, abs=1e-3)
    assert by_name[0]["days apart"] == pytest.approx(np.log(3))
    assert by_name[0]["terms in common"] == pytest.approx(np.log1p(len(same.hashes)))
    assert by_name[1]["whole"] < 0.1
    assert by_name[1]["title"] == 0


def test_candidates_share_a_heavy_term_and_are_in_the_window() -> None:
    window = Window(4)
    first = window.add(vector(FERRY[0]), 0)
    window.add(vector(OTHERS[0]), 0)
    second = window.add(vector(FERRY[1]), 0)
    assert window.candidates(vector(FERRY[2])).tolist() == [first, second]
    assert sorted(window.remove(first).tolist()) == vector(FERRY[0]).hashes.tolist()
    assert window.candidates(vector(FERRY[2])).tolist() == [second]


def test_one_member_that_is_alike_does_not_pull_a_document_in() -> None:
    assert of_story([2.0], 1) == 2
    assert of_story([2.0], 2) == (2 + LEAST) / 2
    assert of_story([2.0, 1.0, 0.0, -3.0], 9) == 1


def test_the_more_are_compared_the_less_likely_is_each() -> None:
    decision = Decision([1.0] + [0.0] * (len(TRAITS) - 1), 0.0)
    row = np.zeros((1, len(TRAITS)), np.float32)
    row[0, 0] = 0.5
    assert decision.log_odds(row).tolist() == [0.5]
    assert decision.log_odds(np.repeat(row, 3, axis=0)).tolist() == pytest.approx([0.5 - np.log(3)] * 3, abs=1e-4)


def test_probabilities_and_odds() -> None:
    assert probability(odds(0.3)) == pytest.approx(0.3)
    assert odds(1.0) == -odds(0.0) == np.inf


def test_the_weights_that_come_with_the_project() -> None:
    weights = dict(zip(TRAITS, shipped().weights.tolist(), strict=True))
    assert weights["whole"] > 0 > weights["days apart"]
    with pytest.raises(ValueError, match="3 weights for 7 traits"):
        Decision([1, 2, 3], 0)
