"""What the model that is asked about sentences finds in plain cases, through the whole stage: our own sentences."""

import pytest

from schemas import Event
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings
from tests.stance.cast import work_of

TAGGER = StanceTagger(StanceSettings(model="stancewire-sentences"))


def tagged(text: str) -> Event:
    return TAGGER([work_of(text)])[0].event


def stances(text: str) -> set[tuple[str, str, str]]:
    return {
        (stance.holder.entity or stance.holder.name or "author", stance.target.entity or "", stance.stance)
        for stance in tagged(text).stances
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Brandt denounced Carl Novak on Monday.", ("Brandt", "Novak", "against")),
        ("Carl Novak praised the Harbor Union.", ("Novak", "Union", "favor")),
        ("The Senate backed the Clean Water Act.", ("Senate", "Water Act", "favor")),
        (
            "“Carl Novak lied to all of us, stole our money and ruined this town,” said Ana Brandt.",
            ("Brandt", "Novak", "against"),
        ),
        (
            "“Ruth Ellery has been a wonderful friend, and nobody did more for this town,” Sam Okafor said.",
            ("Okafor", "Ellery", "favor"),
        ),
        ("Carl Novak’s disgraceful speech went on for an hour.", ("author", "Novak", "against")),
    ],
)
def test_plain_stances(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in stances(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Brandt met Carl Novak in Westland on Monday.",
        "Carl Novak was arrested in Westland on Monday.",
        "Storms hit Westland, a crisis for its farmers.",
        "The Senate will vote on the Clean Water Act next week.",
    ],
)
def test_the_article_takes_no_side_by_telling_news(text: str) -> None:
    assert stances(text) == set()


def test_words_of_a_speaker_are_not_the_article_s() -> None:
    event = tagged("“Delmar poisoned our harbor and lied about it,” Sam Okafor said. Delmar opened in May.")
    assert {(stance.holder.kind, stance.stance) for stance in event.stances} == {("entity", "against")}


def test_evidence_says_what_it_shows_and_mixed_is_mixed() -> None:
    (stance,) = tagged("Ana Brandt praised Carl Novak in May. Ana Brandt denounced Carl Novak in June.").stances
    assert stance.mixed
    assert [span.stance for span in stance.evidence] == ["favor", "against"]


def test_the_method_is_named() -> None:
    assert tagged("Ana Brandt met Carl Novak.").processing.models["stance"] == "stancewire-minilm-2+lexicon-1"


def test_same_documents_in_any_batch() -> None:
    works = [
        work_of(f"“Carl Novak {verb} this town,” Ana Brandt said.") for verb in ("ruined", "saved", "left", "loves")
    ]
    assert TAGGER(works) == [TAGGER([work])[0] for work in works]
