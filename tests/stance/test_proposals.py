"""What could be an attribution, what speaks for it, and how likely that makes it."""

from base64 import b85encode

import numpy as np
import pytest

from services.stance.acts import actor
from services.stance.choices import choose
from services.stance.grammar import noun_phrases
from services.stance.likelihood import BITS, ZERO, Weights, log_odds, weights
from services.stance.page import Page, make_page
from services.stance.proposals import Place, is_speech, places, proposals
from services.stance.stems import stem
from services.stance.traits import CUE, SOURCE, Beside, Columns

NOTHING = np.zeros(1 << BITS, np.int8)


def words(page: Page, span: tuple[int, int]) -> str:
    return page.text[slice(*page.span(*span))]


def all_proposals(text: str, cue: str) -> dict[str, str]:
    """Order -> source, for the cue that is a word of the text."""
    page = make_page(text)
    place = next(place for place in places(page) if page.lows[place.at] == cue)
    phrases = noun_phrases(page, place.first, place.last)
    return {order: words(page, source) for source, order in proposals(page, place, phrases).items()}


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
    for place in places(page):
        found = list(proposals(page, place, noun_phrases(page, *page.sentences[0])))
        assert len(found) == len(set(found))


def test_no_cue_in_direct_speech() -> None:
    page = make_page("“They said that we won it,” Ana Brandt said.")
    assert not any(is_speech(page, place.at) for place in places(page))


@pytest.mark.parametrize("text", ["The price: ten dollars.", "It was over: We won.", "Ana Brandt left late: We won."])
def test_a_colon_that_ends_no_label(text: str) -> None:
    page = make_page(text)
    assert ":" not in {page.words[place.at] for place in places(page)}


def columns(text: str) -> tuple[Page, Columns]:
    """The columns of the cues of a text."""
    page = make_page(text)
    return page, Beside([page], [places(page)]).cues


def test_a_cue_is_seen_with_the_words_around_it() -> None:
    page, cues = columns("Ana Brandt has said “no” today. Carl Novak said that.")
    number = dict(zip(page.lows, page.numbers, strict=True))
    assert [place.at for place in places(page)] == [3, 11]
    assert cues["low"].tolist() == [number["said"]] * 2
    assert cues["before"].tolist() == [number["has"], number["novak"]]
    assert cues["one_kind"].tolist() == [ord('"'), ord("C")]
    assert cues["follows"].tolist() == [ord('"'), number["that"]]
    assert cues["two_kind"].tolist() == [ord(page.kinds[5]), ord(".")]
    assert (cues["group"] > 0).tolist() == [True, False]
    assert cues["last_root"].tolist() == cues["next_root"].tolist() == [0, 0]  # each is alone in its sentence
    assert (cues["ahead"] > 0).all()


def test_a_sentence_ends_what_is_seen() -> None:
    _, one = columns("Ana Brandt said.")
    _, two = columns("Ana Brandt said. That was it, they claimed.")
    assert [one[name].tolist() for name in one] == [two[name][:1].tolist() for name in one]


def test_traits_do_not_depend_on_the_rest_of_the_page() -> None:
    text = "Ana Brandt, who runs the harbor, said it was over."
    page = make_page(text)
    longer = make_page(f"{text}\n\nCarl Novak claimed that it rained, “all day,” he added.")
    found, more = places(page), places(longer)
    assert more[: len(found)] == found
    beside, wider = Beside([page], [found]), Beside([longer], [more])
    assert (CUE(beside.cues) == CUE(wider.cues)[:, : len(found)]).all()
    asked = [(0, *one) for one in proposals(page, found[0], noun_phrases(page, *page.sentences[0])).items()]
    assert len(asked) > 2
    one, other = (SOURCE(each.of_sources(*zip(*asked, strict=True))) for each in (beside, wider))
    assert (one == other).all()


@pytest.mark.parametrize("word", ["\ud800", "na\u00efve", "\U0001f600", "x" * 500])
def test_any_word_has_a_number(word: str) -> None:
    page, cues = columns(f"{word} said {word} was over.")
    assert len(page.numbers) == len(page.words)
    assert len(CUE(cues).T) == len(places(page)) == 1


def test_traits_have_buckets_of_their_own() -> None:
    _, cues = columns("Ana Brandt said it was over.")
    made = CUE(cues)
    assert made.max() < 1 << BITS
    assert len(np.unique(made)) == made.size


def test_weights_are_read_as_they_were_written() -> None:
    shipped = weights()
    bias, *table = shipped.written().splitlines()
    assert int(bias) == shipped.bias
    assert len(shipped.table) == 1 << BITS
    assert max(map(len, table)) <= 120
    assert "".join(table) == b85encode((shipped.table.astype(int) + ZERO).astype(np.uint8).tobytes()).decode()


def test_traits_add_up() -> None:
    table = NOTHING.copy()
    table[[3, 5]] = 5, -2
    assert Weights(7, table).of(np.array([[3, 3, 0], [5, 4, 1]], np.uint32)).tolist() == [3, 5, 0]


@pytest.mark.parametrize(("probability", "expected"), [(0.5, 0), (0.9, 35), (0.1, -35)])
def test_log_odds_are_in_sixteenths(probability: float, expected: int) -> None:
    assert log_odds(probability) == expected


def test_nothing_is_chosen_where_nothing_is_likely() -> None:
    page = make_page("Ana Brandt said it was over.")
    assert choose([page], Weights(-1000, NOTHING)) == [[]]


def test_one_cue_of_a_group_of_verbs_is_chosen() -> None:
    page = make_page("Ana Brandt said it was over.")
    everything = Weights(1000, NOTHING)
    assert [len(own) for own in choose([page], everything)] == [1]


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
    [place] = [place for place in places(page) if page.lows[place.at] == "said"]
    assert place == Place(at=7, start=5, first=3, last=12)
