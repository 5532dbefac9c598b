"""The rule that makes one stance of several answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import Probabilities
from services.stance.aggregation import pool

FAVOR = Probabilities(favor=0.8, against=0.1, neutral=0.1)
AGAINST = Probabilities(favor=0.1, against=0.8, neutral=0.1)


@st.composite
def answers(draw: st.DrawFn) -> Probabilities:
    cuts = sorted(draw(st.tuples(st.integers(0, 1000), st.integers(0, 1000))))
    return Probabilities(favor=cuts[0] / 1000, against=(cuts[1] - cuts[0]) / 1000, neutral=(1000 - cuts[1]) / 1000)


def test_one_answer_stays_as_it_is() -> None:
    assert pool([FAVOR]) == ("favor", FAVOR)


def test_agreement_makes_surer() -> None:
    label, probabilities = pool([AGAINST] * 3)
    assert label == "against"
    assert AGAINST.against < probabilities.against < 0.99


def test_equal_weight_on_both_sides_is_neutral() -> None:
    assert pool([FAVOR, AGAINST])[0] == "neutral"


def test_majority_keeps_its_say_with_less_certainty() -> None:
    label, probabilities = pool([FAVOR, FAVOR, AGAINST])
    assert label == "favor"
    assert probabilities.favor < pool([FAVOR, FAVOR])[1].favor


def test_nothing_cannot_be_pooled() -> None:
    with pytest.raises(ValueError, match="no answers"):
        pool([])


@given(st.lists(answers(), min_size=1, max_size=20))
def test_probabilities_sum_to_one(given_answers: list[Probabilities]) -> None:
    label, probabilities = pool(given_answers)
    values = [probabilities.favor, probabilities.against, probabilities.neutral]
    assert round(sum(round(value * 10_000) for value in values)) == 10_000
    assert getattr(probabilities, label) == max(values)


@given(st.lists(answers(), min_size=1, max_size=6))
def test_order_changes_little(given_answers: list[Probabilities]) -> None:
    turned = list(reversed(given_answers))
    assert pool(turned)[1].favor == pytest.approx(pool(given_answers)[1].favor, abs=2e-4)
