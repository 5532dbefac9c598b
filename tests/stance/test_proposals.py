"""What could be an attribution, what speaks for it, and how likely that makes it."""

import pytest

from services.stance.acts import actor
from services.stance.choices import choose
from services.stance.likelihood import BITS, ZERO, Weights, bucket, log_odds, weights
from services.stance.page import Page, make_page
from services.stance.proposals import Place, is_speech, noun_phrases, places, proposals, stem
from services.stance.traits import cue_traits, setting, source_traits

NOTHING = bytes([ZERO]) * (1 << BITS)


def words(page: Page, span: tuple[int, int]) -> str:
    return page.text[slice(*page.span(*span))]


def all_proposals(text: str, cue: str) -> dict[str, str]:
    """Order -> source, for the cue that is a word of the text."""
    page = make_page(text)
    first, last = page.sentences[0]
    place = next(place for place in places(page, first, last) if page.lows[place.at] == cue)
    phrases = noun_phrases(page, first, last)
    return {one.order: words(page, one.source) for one in proposals(page, place, phrases)}


@pytest.mark.parametrize("low", ["claim", "claims", "claimed", "claiming"])
def test_forms_of_a_word_share_their_stem(low: str) -> None:
    assert stem(low) == "claim"


@pytest.mark.parametrize(
    ("low", "expected"), [("denied", "deny"), ("denies", "deny"), ("urging", "urg"), ("planned", "plan"), ("is", "is")]
)
def test_stems(low: str, expected: str) -> None:
    assert stem(low) == expected


@pytest.mark.parametrize(
    ("text", "cue", "order", "source"),
    [
        ("“We won,” said Ana Brandt.", "said", "inverted", "Ana Brandt"),
        ("The plan was criticized by Ana Brandt.", "criticized", "by", "Ana Brandt"),
        ("He fears her claim that it is over.", "claim", "owner", "her"),
        ("He fears the mayor’s claim that it is over.", "claim", "owner", "the mayor’s"),
        ("Ana Brandt said it was over.", "said", "subject", "Ana Brandt"),
        ("Ana Brandt, who runs the harbor, said it was over.", "said", "phrase1", "the harbor"),
        ("There was criticism from Ana Brandt.", "criticism", "after_from", "Ana Brandt"),
        ("Ana Brandt: It is over.", ":", "label", "Ana Brandt"),
    ],
)
def test_sources_that_a_cue_may_have(text: str, cue: str, order: str, source: str) -> None:
    assert all_proposals(text, cue)[order] == source


def test_a_source_is_proposed_once() -> None:
    page = make_page("Ana Brandt said it was over, and she said so twice.")
    for place in places(page, *page.sentences[0]):
        found = [one.source for one in proposals(page, place, noun_phrases(page, *page.sentences[0]))]
        assert len(found) == len(set(found))


def test_no_cue_in_direct_speech() -> None:
    page = make_page("“They said that we won it,” Ana Brandt said.")
    first, last = page.sentences[0]
    assert not any(is_speech(page, place.at) for place in places(page, first, last))


@pytest.mark.parametrize("text", ["The price: ten dollars.", "It was over: We won.", "Ana Brandt left late: We won."])
def test_a_colon_that_ends_no_label(text: str) -> None:
    page = make_page(text)
    assert ":" not in {page.words[place.at] for place in places(page, *page.sentences[0])}


def test_traits_are_as_many_whatever_the_place() -> None:
    page = make_page("Ana Brandt said “no.” Claims: said")
    counts = set()
    for first, last in page.sentences:
        for place in places(page, first, last):
            cue = cue_traits(page, place, setting(page, first, last))
            for one in proposals(page, place, noun_phrases(page, first, last)):
                counts.add((len(cue.all), len(source_traits(page, place, cue, one))))
    assert len(counts) == 1


def test_weights_are_read_as_they_were_written() -> None:
    shipped = weights()
    bias, *table = shipped.written().splitlines()
    assert int(bias) == shipped.bias
    assert len(shipped.table) == 1 << BITS
    assert max(map(len, table)) <= 120


def test_traits_add_up() -> None:
    table = bytearray(NOTHING)
    table[bucket("asaid")] += 5
    table[bucket("bsaid")] -= 2
    assert Weights(7, bytes(table)).of(("asaid", "bsaid", "cnone")) == 3


@pytest.mark.parametrize(("probability", "expected"), [(0.5, 0), (0.9, 35), (0.1, -35)])
def test_log_odds_are_in_sixteenths(probability: float, expected: int) -> None:
    assert log_odds(probability) == expected


def test_nothing_is_chosen_where_nothing_is_likely() -> None:
    page = make_page("Ana Brandt said it was over.")
    assert choose(page, *page.sentences[0], Weights(-1000, NOTHING)) == []


def test_one_cue_of_a_group_of_verbs_is_chosen() -> None:
    page = make_page("Ana Brandt said it was over.")
    everything = Weights(1000, NOTHING)
    assert len(choose(page, *page.sentences[0], everything)) == 1


@pytest.mark.parametrize(
    ("text", "verb", "expected"),
    [
        ("Ana Brandt denounced the plan.", "denounced", "Ana Brandt"),
        ("The plan was attacked by Ana Brandt.", "attacked", "Ana Brandt"),
        ("The attack came at noon.", "attack", None),
    ],
)
def test_who_does_an_act(text: str, verb: str, expected: str | None) -> None:
    page = make_page(text)
    at = page.lows.index(verb)
    source = actor(page, (at, at + 1), ())
    assert (words(page, source) if source else None) == expected


def test_a_place_is_where_its_sentence_is() -> None:
    page = make_page("Rain fell. Ana Brandt has often said it was over.")
    [place] = [
        place for first, last in page.sentences for place in places(page, first, last) if page.lows[place.at] == "said"
    ]
    assert place == Place(at=7, start=5, first=3, last=12)
