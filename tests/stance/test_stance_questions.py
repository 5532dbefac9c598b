"""Texts and their questions in pieces: what stands where, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stance.encoder import FOLDERS, OWN
from services.stance.loading import VOCABULARY
from services.stance.questions import ENTITY, ISSUE, MOST_PIECES, MOST_QUESTION, Asked, spell
from services.text.wordpiece import WordPieces

PIECES = WordPieces.load(FOLDERS[OWN] / VOCABULARY)
TEXT = "Ana Brandt's rivals say Carl Novak lied."


def words(asked: Asked) -> list[str]:
    """The pieces as they are spelled."""
    vocabulary = (FOLDERS[OWN] / VOCABULARY).read_text(encoding="utf-8").split("\n")
    return [vocabulary[piece] for piece in asked.pieces]


def test_a_text_stands_once_before_its_questions() -> None:
    asked = spell(TEXT, [(0, 10), (24, 34), "tax cuts"], PIECES)
    assert "".join(words(asked)).replace("##", "") == (
        "[CLS]anabrandt'srivalssaycarlnovaklied.[SEP][unused1]anabrandt[unused1]carlnovak[unused2]taxcuts"
    )
    assert [asked.pieces[place] for place in asked.places] == [ENTITY, ENTITY, ISSUE]
    assert [asked.questions[place] for place in asked.places] == [1, 2, 3]


def test_a_name_is_asked_about_at_its_own_positions() -> None:
    asked = spell(TEXT, [(24, 34)], PIECES)
    (place,) = asked.places
    name = asked.pieces[place + 1 :]
    first = asked.positions[place + 1]
    assert asked.pieces[first : first + len(name)] == name
    assert asked.positions[place] == first


def test_a_name_inside_a_word_is_cut_out_of_it() -> None:
    asked = spell("the Brandt-led council", [(4, 10)], PIECES)
    (place,) = asked.places
    assert "".join(words(asked)[place + 1 :]).replace("##", "") == "brandt"


@pytest.mark.parametrize("at", [0, 300, 598])
def test_a_long_text_is_cut_around_its_name(at: int) -> None:
    parts = ["word"] * 600
    parts[at] = "Novak"
    text = " ".join(parts)
    start = text.index("Novak")
    asked = spell(text, [(start, start + 5)], PIECES)
    (place,) = asked.places
    assert place == MOST_PIECES
    first = asked.positions[place + 1]
    assert asked.pieces[first] == asked.pieces[place + 1]


def test_a_long_wording_is_cut() -> None:
    asked = spell("Nothing.", ["tax " * 500], PIECES)
    assert len(asked.pieces) - asked.places[0] == 1 + MOST_QUESTION


@given(
    st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=4), st.text(max_size=20)
)
def test_any_text_with_any_targets_can_be_asked(text: str, spans: list[tuple[int, int]], issue: str) -> None:
    targets = [(min(span), max(span)) for span in spans]
    asked = spell(text, [*targets, issue], PIECES)
    size = len(asked.pieces)
    assert len(asked.positions) == len(asked.questions) == size
    assert len(asked.places) == len(targets) + 1
    assert all(0 <= position < MOST_PIECES for position in asked.positions)
    assert asked.questions == sorted(asked.questions)
