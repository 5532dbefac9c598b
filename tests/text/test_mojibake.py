"""Wrong decodings: what is repaired, with exact offsets around it, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.clean import clean
from services.text.mojibake import compositions, repairs
from services.text.offsets import apply, untouched


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("I donâ€™t know", "I don’t know"),
        ("â€œYes,â€\x9d she said", "“Yes,” she said"),
        ("â€œYes,â€ she said", "“Yes,” she said"),
        ("the presidentâ\x80\x99s plan â\x80\x93 again", "the president’s plan – again"),
        ("a cafÃ© in KÃ¶ln", "a café in Köln"),
        ("voilÃ  quoi", "voilà quoi"),
        ("twice: ÃƒÂ©, Ã¢â‚¬â„¢", "twice: é, ’"),
        ("itâ€™s Â£5 orÂ 6", "it’s £5 or 6"),
        ("from a Mac: don‚Äôt", "from a Mac: don’t"),
        ("happy ðŸ˜€", "happy 😀"),
        ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"),
        ("re\u0301sume\u0301 of Bjo\u0308rk", "résumé of Björk"),
    ],
)
def test_wrong_decodings_are_undone(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "“Naïve,” she said — ‘très’ naïve…",
        "Beyoncé, Zoë, São Paulo, Ångström, Łódź, Đặng",
        "Привет, мир. 日本語の文章です。 مرحبا بالعالم",
        "€5, £6, ¥7, 20°, §3, ½, ×",
        "AÇÃO NÃO É IRMÃ",
        "“Oui”é, 5»é, ”£, —“, cœéa",
    ],
)
def test_right_text_in_many_scripts_stays(text: str) -> None:
    assert clean(text).text == text


def test_only_the_characters_that_change_lose_their_own_offsets() -> None:
    raw = "Annâ€™s caféâ€™s"
    cleaned = apply(untouched(raw), repairs(raw))
    assert cleaned.text == "Ann’s café’s"
    assert raw[slice(*cleaned.span(3, 4))] == "â€™"
    assert raw[slice(*cleaned.span(9, 10))] == "é"
    assert raw[slice(*cleaned.span(0, 12))] == raw


@pytest.mark.parametrize(("raw", "expected"), [("GÃ1⁄4nter", "Günter"), ("3 1⁄4 of SÃ3⁄4", "3 1⁄4 of Sþ")])
def test_a_byte_that_passed_for_a_fraction(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


def test_an_accent_joins_its_letter() -> None:
    raw = "Bjo\u0308rk"
    cleaned = apply(untouched(raw), compositions(raw))
    assert cleaned.text == "Björk"
    assert cleaned.span(2, 3) == (2, 4)


@given(st.lists(st.sampled_from(["“Yes,”", "café", "it’s", "Zoë—so", "‘piñata’…", "no", "£5", "€"])).map(" ".join))
def test_what_was_decoded_wrongly_comes_back(right: str) -> None:
    """UTF-8 read as Latin-1, once and twice: the commonest errors."""
    wrong = right.encode().decode("latin-1")
    assert clean(wrong).text == right
    assert clean(wrong.encode().decode("latin-1")).text == right
