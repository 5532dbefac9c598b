"""Language detection: sure of a paragraph, and honest about a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.language import detect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The council voted on Tuesday to close two of the city's five swimming pools by the end of the year.", "en"),
        (
            "Der Stadtrat hat am Dienstag beschlossen, zwei der fünf Schwimmbäder bis Ende des Jahres zu schließen.",
            "de",
        ),
        (
            "Le conseil municipal a décidé mardi de fermer deux des cinq piscines de la ville avant la fin de l'année.",
            "fr",
        ),
        ("El ayuntamiento decidió el martes cerrar dos de las cinco piscinas de la ciudad antes de fin de año.", "es"),
        ("Городской совет решил во вторник закрыть два из пяти бассейнов города до конца года.", "ru"),
        ("市議会は火曜日、年末までに市内の五つのプールのうち二つを閉鎖することを決めた。", "ja"),
    ],
)
def test_a_sentence_is_enough(text: str, expected: str) -> None:
    code, probability = detect(text)
    assert code == expected
    assert probability > 0.9


@pytest.mark.parametrize("text", ["", " ", "1,234.5 – 2017 ?!", "\u200b", "🙂"])
def test_a_text_without_letters_is_undetermined(text: str) -> None:
    assert detect(text) == ("und", 0.0)


def test_a_name_gets_a_low_probability() -> None:
    assert detect("Ann Roe")[1] < 0.5


def test_only_the_beginning_counts() -> None:
    english = "The council voted on Tuesday to close two of the city's five swimming pools. " * 40
    assert len(english) > 2_000
    assert detect(english + "Der Stadtrat hat am Dienstag beschlossen. " * 1_000) == detect(english)


@given(st.text())
def test_any_text_gives_a_code_and_a_probability(text: str) -> None:
    code, probability = detect(text)
    assert code.isalpha()
    assert 0 <= probability <= 1
    assert detect(text) == (code, probability)
