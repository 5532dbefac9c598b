"""The formulas, on cases worked out by hand."""

import pytest

from evaluation.dedup import Item, Pair, Replay
from evaluation.entities import Gold, chunks, score
from evaluation.scores import (
    Score,
    adjusted_mutual_information,
    calibration_error,
    compare,
    macro_f1,
    pair,
    reliability,
)
from schemas.event import Duplicate


def test_precision_recall_and_f1() -> None:
    one = compare([1, 2, 3, 4], [3, 4, 5])
    assert one == Score(2, 4, 3)
    assert (one.precision, one.recall, one.f1) == (0.5, 2 / 3, 4 / 7)
    assert (one + Score(1, 0, 3)).recall == 0.5
    assert Score().figures() == {"f1": 0, "precision": 0, "recall": 0}


def test_spans_are_paired_one_to_one() -> None:
    gold = [[(0, 10)], [(20, 30), (40, 50)]]
    assert pair([[(5, 6)], [(7, 8)], [(45, 60)]], gold) == Score(2, 3, 2)
    assert pair([[(10, 20)]], gold) == Score(0, 1, 2)
    assert pair([[(0, 10)], [(20, 30)], [(20, 30), (40, 50)]], gold, exact=True) == Score(2, 3, 2)


def test_macro_f1_is_the_mean_of_the_classes() -> None:
    # right: 1 of class 0 (given twice, there once), 1 of class 1 (given once, there twice), none of class -1
    assert macro_f1([0, 0, 1], [0, 1, 1], (-1, 0, 1)) == pytest.approx((0 + 2 / 3 + 2 / 3) / 3)


def test_calibration_error_is_the_distance_by_bin() -> None:
    answers = [(0.9, True), (0.9, True), (0.6, True), (0.6, False)]
    assert calibration_error(answers) == pytest.approx(0.1)
    assert [(round(confidence, 6), accuracy, count) for confidence, accuracy, count in reliability(answers)] == [
        (0.6, 0.5, 2),
        (0.9, 1.0, 2),
    ]
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([]) == 0


def test_chunks_of_every_labelling() -> None:
    def found(*labels: str) -> list[tuple[int, int, str]]:
        return list(chunks([(10 * n, 10 * n + 5, label) for n, label in enumerate(labels)]))

    assert found("B-Person", "I-Person", "O") == [(0, 15, "person")]
    assert found("O", "I-Person", "I-Org") == [(10, 15, "person"), (20, 25, "org")]
    assert found("B-LOC", "B-LOC") == [(0, 5, "loc"), (10, 15, "loc")]
    assert found("S-LOC", "B-LOC", "E-LOC", "I-LOC") == [(0, 5, "loc"), (10, 25, "loc"), (30, 35, "loc")]


def test_entities_are_scored_by_coarse_type_without_the() -> None:
    text = "the Danes met Ada at the Hall"
    gold = Gold(text, [(0, 9, "norp"), (14, 17, "person"), (25, 29, "facility"), (10, 13, "date")])
    scores = score([gold], [[(4, 9, "NORP"), (14, 17, "ORG"), (21, 29, "GPE"), (10, 13, "DATE")]])
    assert scores == {"LOCATION": Score(1, 1, 1), "NORP": Score(1, 1, 1), "PERSON": Score(0, 0, 1)}


def test_recall_counts_items_and_precision_verdicts() -> None:
    story = " ".join(f"w{number}" for number in range(30))
    texts = {"1": story, "2": story, "3": story + " x", "4": "nothing of that"}
    stream = [Item(id=name, date="", text=text) for name, text in texts.items()]
    pairs = [Pair(a=["2"], b=["1"], jaccard5=1.0), Pair(a=["3"], b=["1"], jaccard5=0.6)]
    near = Duplicate(verdict="near", cluster="1", of="1", rule="minhash-5w-128/jaccard>=0.50")
    done = Replay(stream, pairs, {"2": near, "4": near})
    assert (done.recall(0.5), done.recall(0.8), done.recall(1.1)) == (0.5, 1.0, None)
    assert done.wrong() == [("4", "1")]


def test_adjusted_mutual_information() -> None:
    gold = ["a", "a", "b", "b", "c", "c"]
    assert adjusted_mutual_information([1, 1, 2, 2, 3, 3], gold) == pytest.approx(1)
    assert adjusted_mutual_information([1, 2, 3, 4, 5, 6], gold) == pytest.approx(0)
    assert adjusted_mutual_information([1] * 6, gold) == pytest.approx(0)
    assert adjusted_mutual_information([1] * 6, ["a"] * 6) == 1
    # whichever item stands alone, its half tells as much: all that there is is what chance gives
    assert adjusted_mutual_information([1, 1, 2, 2], ["a", "a", "a", "b"]) == pytest.approx(0, abs=1e-9)
