"""Spaces that tokenisers put: which go in any text, which in a tokenised one, and which are no dirt."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.clean import clean
from services.text.tokenised import looks_tokenised


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("the nation ’s plan", "the nation’s plan"),
        ("It 's July 's turn", "It's July's turn"),
        ("We do n't and ca n’t, we 'll and they ’ve and I 'm", "We don't and can’t, we'll and they’ve and I'm"),
        ("He 'd go and they 'd stay", "He'd go and they'd stay"),
        ("DID N'T", "DIDN'T"),
        ("one , two", "one, two"),
        ("It ended . The rest left .", "It ended. The rest left."),
        ("It ended . “So it did.”", "It ended. “So it did.”"),
        ("about $ 53 a head", "about $53 a head"),
        ("a $ 4 . 1 billion plan", "a $4.1 billion plan"),
        ("rose 3 . 5 percent", "rose 3.5 percent"),
        ("a 7 . 1 - magnitude quake", "a 7.1 - magnitude quake"),
        ("at £ 4 . 50 a pint", "at £4.50 a pint"),
        ("cost $ 1 , 250 , 000", "cost $1,250,000"),
        ("the N. Y. P. D. chief", "the N.Y.P.D. chief"),
        ("the U . S . Senate", "the U.S. Senate"),
        ("J. K. Rowling and J. R. R. Tolkien", "J.K. Rowling and J.R.R. Tolkien"),
        ("on example . com today", "on example.com today"),
        ("at 5 p . m . today, at 6 a. m. too", "at 5 p.m. today, at 6 a.m. too"),
        ("-LRB- so -RRB- a long @-@ term 4 @.@ 5", "( so ) a long-term 4.5"),
        ("``Yes,'' he said. ''No.''", "“Yes,” he said. “No.”"),
        ("he don''t", "he don't"),
    ],
)
def test_patterns_that_only_tokenisers_make_are_mended_anywhere(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Is it , or not ? It is !", "Is it, or not? It is!"),
        ("One ; two : three , four", "One; two: three, four"),
        ("The ( so called ) deal [ sic ] , 5 % off", "The (so called) deal [sic], 5% off"),
        ("Yes , at 4 : 30 p.m.", "Yes, at 4:30 p.m."),
        ("On Jan . 5 , No . 3 won .", "On Jan. 5, No. 3 won."),
        ("Well , he said . . . and left .", "Well, he said... and left."),
        ("€ 5 , € 6", "€5, €6"),
        ("( AP ) — The U.S. , it said", "(AP) — The U.S., it said"),
        ("Yes , the ' 80s and the states ' rights", "Yes, the '80s and the states' rights"),
        ("So , he calls ' safe ' what is not", "So, he calls 'safe' what is not"),
    ],
)
def test_a_tokenised_text_is_mended_in_full(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "It ended in 2014. 3 people left.",
        "Plan B. Then he left.",
        "Qui est là ? Moi ! Il dit : « oui » ; 5 % de plus, peut-être.",
        "Hij komt 's avonds, en 's morgens niet.",
        "Hello :) and ;-) and : ( so",
        "if (x ; y) { a(b) }",
        "wait . . . what, now",
        "Rock 'n' roll of the '80s, O'Neill's",
        "3.5 percent, $4.1 billion, U.S., 4:30 p.m.",
        "The end. . . . Or so they said, at least.",
        "No, see ./run and .NET, file .txt too",
    ],
)
def test_clean_text_stays(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("It ended in 2014 . 3 people left , they said .", "It ended in 2014. 3 people left, they said."),
        ("It cost $ 53 . 3 people paid .", "It cost $53. 3 people paid."),
        ("It was 44 . 3 people saw it .", "It was 44. 3 people saw it."),
        ("He chose plan B. C. D. Smith did not.", "He chose plan B. C.D. Smith did not."),
        ("Vitamin C. A. Smith sells it.", "Vitamin C. A. Smith sells it."),
    ],
)
def test_a_sentence_end_is_never_glued(raw: str, expected: str) -> None:
    assert clean(raw).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Roe , it was said , left .", True),
        ("He did n't", True),
        ("One , two, three, four.", False),
        ("Quoi ? Non !", False),
        ("well . . . yes", False),
        ("", False),
    ],
)
def test_a_text_looks_tokenised_by_its_commas_stops_and_clitics(text: str, expected: bool) -> None:
    assert looks_tokenised(text) is expected


WORDS = ["Ann", "Roe", "talks", "city", "the", "a", "of", "reform", "went", "late", "Paris", "2014", "fifty"]
CLAUSE = st.lists(st.sampled_from(WORDS), min_size=2, max_size=6).map(" ".join)
SENTENCE = st.one_of(
    st.tuples(CLAUSE, CLAUSE).map(lambda c: f"The {c[0]}, {c[1]} so."),
    CLAUSE.map(lambda c: f'"No {c} yet," the mayor said.'),
    CLAUSE.map(lambda c: f"The mayor’s aides didn’t like {c} once: it’s over; they’ll see."),
    CLAUSE.map(lambda c: f"Some $4.1 billion (or 3.5% more) went to {c} there."),
    CLAUSE.map(lambda c: f'Is the "{c}" real? Never!'),
)


def tokenise(text: str) -> str:
    """What a plain tokeniser makes of ``text``: every mark apart, clitics apart."""
    text = re.sub(r"n’t\b", " n’t", text)
    text = re.sub(r"(?<=\w)’(s|ll)\b", r" ’\1", text)
    text = re.sub(r"([\"$%(),.:;?!])", r" \1 ", text)
    return re.sub(" +", " ", text).strip()


@given(st.lists(SENTENCE, max_size=8).map(lambda sentences: " ".join(["So it went, they say.", *sentences])))
def test_what_a_tokeniser_took_apart_comes_together(text: str) -> None:
    cleaned = clean(tokenise(text))
    assert cleaned.text == text
    assert [tokenise(text)[start] for start in cleaned.starts] == list(text)
