"""How a text is cut: tokens, sentences, quotations, mentions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stance.grammar import noun_phrases
from services.stance.kinds import ACCORDING, ACT, PERSON, SAYING, VERDICT, kinds_of, shape_of
from services.stance.page import Mark, Page, make_page
from services.stance.tokens import TOKEN, forget_words


def quoted(page: Page) -> list[str]:
    return [" ".join(page.words[quote.first : quote.last]) for quote in page.quotes]


def test_tokens() -> None:
    page = make_page("Mr. O’Brien’s U.S. plan didn't fail; J. P. Lee’s did.")
    assert page.words == [
        "Mr.", "O’Brien", "’s", "U.S.", "plan", "did", "n't", "fail", ";", "J.", "P.", "Lee", "’s", "did", ".",
    ]  # fmt: skip


def test_straight_marks_pair_by_their_spaces() -> None:
    assert quoted(make_page('He said "no" and "never." "Why?" she said.')) == ["no", "never .", "Why ?"]


def test_straight_marks_with_spaces_on_both_sides_alternate() -> None:
    assert quoted(make_page('He said " no " and " never . "')) == ["no", "never ."]


def test_apostrophes_are_no_marks() -> None:
    assert quoted(make_page("The Greens' plan and the Liberals' plan.")) == []


def test_single_marks_inside_double_ones_count_as_words() -> None:
    assert quoted(make_page("“She called it ‘a fraud’ twice,” he said.")) == ["She called it ‘ a fraud ’ twice ,"]


def test_double_apostrophes_are_marks() -> None:
    assert quoted(make_page("He said, ''We won at last.''")) == ["We won at last ."]


def test_open_mark_in_a_sentence_ends_with_it() -> None:
    assert quoted(make_page("The “great plan failed. The harbor was closed. ")) == ["great plan failed ."]


def test_next_paragraph_continues_an_open_speech() -> None:
    page = make_page("She said: “We won.\n\n“We will win again.”")
    assert [(quote.balanced, quote.continues) for quote in page.quotes] == [(False, False), (True, True)]


def test_closing_mark_stays_with_its_sentence() -> None:
    text = "“We won.” She left."
    page = make_page(text, [(0, 7), (8, len(text))])
    assert [" ".join(page.words[a:b]) for a, b in page.sentences] == ["“ We won . ”", "She left ."]


def test_a_bracket_belongs_to_the_sentence_that_it_closes() -> None:
    text = "Rep. Ana Brandt (G-Ill.) won again. (She left early.) The harbor is closed."
    cut = [(0, 24), (25, 35), (36, 53), (54, len(text))]
    for page in (make_page(text), make_page(text, cut)):
        sentences = [text[slice(*page.span(a, b))] for a, b in page.sentences]
        assert sentences == ["Rep. Ana Brandt (G-Ill.) won again.", "(She left early.)", "The harbor is closed."]


def test_a_quotation_behind_a_bracket_is_a_sentence_of_its_own() -> None:
    text = "(She left early.) “We won,” he said."
    page = make_page(text, [(0, 17), (18, len(text))])
    assert [text[slice(*page.span(a, b))] for a, b in page.sentences] == ["(She left early.)", "“We won,” he said."]


def test_long_sentences_are_read_in_pieces() -> None:
    page = make_page("word " * 1000)
    assert [last - first for first, last in page.sentences] == [200] * 5


def test_capitals_of_a_headline_say_nothing() -> None:
    page = make_page("Mayor Denounces Harbor Plan Again")
    assert page.kinds[1] == "V"


def test_overlapping_marks_keep_the_longer_one() -> None:
    page = make_page("Ana Brandt left.", marks=[Mark(4, 10, "b", "ORG"), Mark(0, 10, "a", "PERSON")])
    assert page.marks_of[:3] == [0, 0, -1]
    assert page.marks[0].entity == "a"


SPACED = st.sampled_from(
    [
        "the",
        "The",
        "vs.",
        "vs",
        "plan",
        "plan,",
        "plan.",
        "J.",
        "U.S.",
        "don't",
        "it's",
        "3.",
        "Mr.",
        "x.",
        "“",
        ",",
        "\n\n",
        "",
    ]
)


@given(st.lists(SPACED, max_size=12))
def test_common_words_are_cut_like_all_others(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert make_page(text).words == [word for word in TOKEN.findall(text) if word[0] != "\n"]


@given(
    st.sampled_from("MWDSANICRVP#"), st.sampled_from(["monday", "one", "half", "in", "of", "and", "that", "asked", "x"])
)
def test_a_shape_tells_the_kind(kind: str, low: str) -> None:
    assert kinds_of(shape_of(kind, low)) == kind
    assert kinds_of(shape_of("M", low, named=True)) == "M"


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("The mayor of the old port spoke Monday", ["The mayor of the old port", "Monday"]),
        ("all the men in the street and a woman left", ["all the men in the street and a woman"]),
        ("Brandt in the street", ["Brandt", "the street"]),
        ("Brandt and the mayor, who left", ["Brandt and the mayor", "who"]),
        ("the elected mayor says that she won", ["the elected mayor", "that", "she"]),
        ("one of Brandt's sons", ["one of Brandt 's sons"]),
        ("the plan on Monday", ["the plan", "Monday"]),
    ],
)
def test_noun_phrases(text: str, phrases: list[str]) -> None:
    page = make_page(
        text, marks=[Mark(found.start(), found.end(), "e", "PERSON") for found in re.finditer("Brandt", text)]
    )
    assert [" ".join(page.words[first:last]) for first, last in noun_phrases(page, 0, len(page.words))] == phrases


def test_what_a_word_may_be_is_looked_up_again_when_asked() -> None:
    page = make_page("According to Brandt, who said it, he denounced a disgrace.")
    found = {use: [page.lows[at] for at in page.having(use)] for use in (ACCORDING, SAYING, PERSON, VERDICT, ACT)}
    assert (found[ACCORDING], found[SAYING]) == (["according"], ["said"])
    assert (found[PERSON], found[VERDICT]) == (["he"], ["disgrace"])
    assert found[ACT] == ["denounced", "a"]  # "a" begins "a critic of"
    forget_words()
    assert make_page(page.text).uses == page.uses


@given(st.text(alphabet="ab.\"“”'’ \n,A-", max_size=200))
def test_every_token_is_in_one_sentence(text: str) -> None:
    page = make_page(text)
    assert [i for first, last in page.sentences for i in range(first, last)] == list(range(len(page.starts)))
    assert "".join(page.words) == "".join(text.split())
    assert all(0 <= q.first < q.last <= len(page.starts) for q in page.quotes)


@given(st.text(max_size=100), st.lists(st.tuples(st.integers(0, 120), st.integers(0, 120)), max_size=5))
def test_any_text_and_sentences_are_cut(text: str, sentences: list[tuple[int, int]]) -> None:
    page = make_page(text, sentences, [Mark(a, b, "e", "ORG") for a, b in sentences])
    assert len(page.words) == len(page.kinds) == len(page.marks_of) == len(page.quote_of)
