"""Words as the encoder reads them. The pieces were made with the library that the encoder was pretrained with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.entities.settings import OWN_FOLDER
from services.text.wordpiece import MAX_PIECES, SHAPES, WordPieces, shape

VOCABULARY = OWN_FOLDER / "news_tagger" / "vocab.txt"
PIECES = WordPieces.load(VOCABULARY)
NAMES = VOCABULARY.read_text().split("\n")


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("Reykjavík", "reykjavik"),
        ("Al-Sabah", "al - sabah"),
        ("U.S.", "u . s ."),
        ("naïve", "naive"),
        ("Nusantara", "nu ##sant ##ara"),
        ("don’t", "don ’ t"),
        ("£4.1bn", "£ ##4 . 1b ##n"),
        ("İstanbul", "istanbul"),
        ("Straße", "st ##raße"),
        ("東京", "東 京"),
        ("R&D", "r & d"),
        ("e-mail@x.org", "e - mail @ x . org"),
        ("COVID-19", "co ##vid - 19"),
        ("…", "…"),
        ("\u200b", ""),
        ("\ufffd", ""),
        ("x" * 101, "[UNK]"),
        ("\U0001f600", "[UNK]"),
    ],
)
def test_pieces_are_those_of_bert(word: str, pieces: str) -> None:
    assert " ".join(NAMES[number] for number in PIECES.pieces(word)) == pieces


@given(st.text(max_size=80))
def test_any_text_has_pieces_of_the_vocabulary_and_not_too_many(word: str) -> None:
    made = PIECES.pieces(word)
    assert len(made) <= MAX_PIECES
    assert all(0 <= number < len(NAMES) for number in made)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_the_pieces_of_a_word_spell_it(word: str) -> None:
    made = [NAMES[number] for number in PIECES.pieces(word)]
    assert "".join(piece.removeprefix("##") for piece in made) == word
    assert not made[0].startswith("##")
    assert all(piece.startswith("##") for piece in made[1:])


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Lisbon", "title"),
        ("lisbon", "lower"),
        ("NATO", "upper"),
        ("U.S.", "upper"),
        ("McDonald", "mixed"),
        ("iPhone", "mixed"),
        ("T.", "letter"),
        ("2024", "digits"),
        ("—", "other"),
        ("東京", "lower"),
    ],
)
def test_how_a_word_is_written(word: str, name: str) -> None:
    assert SHAPES[shape(word)] == name


@given(st.text(min_size=1, max_size=20))
def test_any_word_is_written_somehow_but_not_like_none(word: str) -> None:
    assert 0 < shape(word) < len(SHAPES)
