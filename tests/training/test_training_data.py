"""What the encoder is trained on: what an annotation allows of each word. Training itself needs torch, and runs by hand."""

import pytest

from evaluation.entities import Gold
from services.entities.tagger import TAGS
from training.entities.data import BTC, CONLL, SOURCES, WORLDWIDE, Reader, allow, held_out


def names(mask: int) -> set[str]:
    """The tags in a mask."""
    return {tag for number, tag in enumerate(TAGS) if mask >> number & 1}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_a_word_outside_names_may_be_what_the_set_does_not_annotate() -> None:
    [plain] = allow(1, [], SOURCES[WORLDWIDE].silent)
    assert names(plain) == {"O"}
    [open_] = allow(1, [], SOURCES[BTC].silent)
    assert {"O", "B-NORP", "I-NORP", "B-LAW"} <= names(open_)
    assert not names(open_) & {"B-PERSON", "B-ORG", "B-GPE"}


def test_a_place_may_be_of_any_kind_of_place_until_its_name_is_known(reader: Reader) -> None:
    text = "Maria Lopez flew to Utopia in May."
    gold = Gold(text, [(0, 11, "per"), (20, 26, "loc")])
    document = reader.annotated(CONLL, "made", gold, {})
    assert document.words == ["Maria", "Lopez", "flew", "to", "Utopia", "in", "May", "."]
    assert names(document.allowed[0]) == {"B-PERSON"}
    assert names(document.allowed[1]) == {"I-PERSON"}
    assert names(document.allowed[4]) == {"B-GPE", "B-LOC", "B-FAC"}
    votes = reader.vote(["She lives in France.", "France won.", "He came from France."])
    settled = reader.annotated(CONLL, "made", Gold("In France", [(3, 9, "loc")]), votes)
    assert names(settled.allowed[1]) == {"B-GPE"}


def test_mentions_keep_their_words_when_the_text_is_cleaned(reader: Reader) -> None:
    text = "The  U . S .  envoy met the <b>Maria&nbsp;Lopez</b> Fund ."
    start = text.index("Maria")
    gold = Gold(text, [(5, 12, "location"), (text.index("the <b>"), text.index("Fund") + 4, "organization")])
    document = reader.annotated(WORLDWIDE, "made", gold, {})
    found = [" ".join(document.words[first:last]) for first, last, _ in document.mentions]
    assert found == ["U.S.", "Maria Lopez Fund"]
    assert start > 0


def test_sentences_begin_at_words(reader: Reader) -> None:
    text = "Officials met in Oslo on Monday.  Nobody spoke to reporters. They meet again in May."
    document = reader.annotated(WORLDWIDE, "made", Gold(text), {})
    assert [document.words[at] for at in document.sentences] == ["Officials", "Nobody", "They"]


def test_one_of_five_articles_is_held_out() -> None:
    articles = [f"{country}_{number}" for country in ("chile", "ghana") for number in range(5)]
    assert held_out(articles) == {"chile_0", "ghana_0"}
    assert held_out(reversed(articles)) == held_out(articles)
