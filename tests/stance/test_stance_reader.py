"""What the lexicon reads in a passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stance.reader import LexiconReader, Passage, Voice

READER = LexiconReader()


def passage(text: str, target: str, voice: Voice = "text", others: tuple[str, ...] = ()) -> Passage:
    at = text.index(target)
    named = tuple((text.index(other), text.index(other) + len(other)) for other in others)
    return Passage(text, (at, at + len(target)), (0, len(text)), voice, named)


def side(text: str, target: str, voice: Voice = "text", others: tuple[str, ...] = ()) -> str:
    answer = READER([passage(text, target, voice, others)])[0]
    if answer is None:
        return ""
    assert answer.favor + answer.against + answer.neutral == pytest.approx(1)
    return max(("favor", "against", "neutral"), key=lambda label: getattr(answer, label))


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("Novak was convicted of fraud.", "Novak", "against"),
        ("Novak won the race.", "Novak", "favor"),
        ("Brandt praised Novak.", "Novak", "favor"),
        ("Brandt did not praise Novak.", "Novak", "against"),
        ("The harbor opens at noon, Novak said.", "Novak", ""),
        ("Novak is a brave man.", "Novak", "favor"),
        ("Novak is never honest.", "Novak", "against"),
        ("Nobody thinks of Novak as honest.", "Novak", "favor"),
        ("Novak is not only honest.", "Novak", "favor"),
        ("Brandt blamed the loss on Novak.", "Novak", "against"),
        ("Brandt supported Novak’s impeachment.", "Novak", "against"),
        ("Brandt condemned the arrest of Novak.", "Novak", "favor"),
    ],
)
def test_tone_of_a_text(text: str, target: str, expected: str) -> None:
    assert side(text, target) == expected


def test_first_name_of_an_object_is_meant() -> None:
    text = "Brandt denounced Novak’s letter to Ellery."
    assert side(text, "Novak", "act", ("Ellery", "Brandt")) == "against"
    assert side(text, "Ellery", "act", ("Novak", "Brandt")) == ""


def test_joined_names_of_an_object_are_all_meant() -> None:
    assert side("Brandt denounced Novak and Ellery.", "Ellery", "act", ("Novak", "Brandt")) == "against"


def test_nearest_name_is_meant() -> None:
    text = "Honest, said Brandt; Novak and the town agreed."
    assert side(text, "Brandt", "speech", ("Novak",)) == ""


@pytest.mark.parametrize(
    ("voice", "text", "expected"),
    [
        ("act", "Brandt denounced Novak.", "against"),
        ("speech", "Brandt denounced Novak.", ""),
        ("speech", "I denounced Novak.", "against"),
        ("author", "Novak is honest.", ""),
        ("author", "Novak is heroic.", "favor"),
        ("author", "Novak is not heroic.", ""),
        ("speech", "Novak lied.", "against"),
        ("act", "Novak lied.", ""),
        ("author", "Novak lied.", ""),
        ("call", "Novak a liar", "against"),
    ],
)
def test_voices_hear_different_words(voice: Voice, text: str, expected: str) -> None:
    assert side(text, "Novak", voice) == expected


def test_scope_bounds_what_is_read() -> None:
    text = "Novak is a liar, and the sun shone."
    assert READER([Passage(text, (0, 5), (16, len(text)), "speech")]) == [None]


def test_surer_with_more_cues() -> None:
    one, two = READER([passage("Novak is a liar.", "Novak"), passage("Novak is a liar and a fraud.", "Novak")])
    assert one is not None
    assert two is not None
    assert two.against > one.against


@given(st.permutations(["Novak is a liar.", "Brandt praised Novak.", "Novak came.", "“Novak is brave,” Brandt said."]))
def test_answers_do_not_depend_on_the_batch(texts: list[str]) -> None:
    passages = [passage(text, "Novak") for text in texts]
    assert READER(passages) == [READER([one])[0] for one in passages]


def test_same_text_with_other_targets_is_read_for_each() -> None:
    text = "Brandt praised Novak and denounced Ellery."
    spans = [(0, 6), (15, 20), (35, 41)]
    passages = [Passage(text, span, (0, len(text)), "act", tuple(s for s in spans if s != span)) for span in spans]
    alone = [READER([one])[0] for one in passages]
    assert READER(passages) == alone
    assert [answer is None for answer in alone] == [True, False, False]


@given(
    st.text(max_size=80),
    st.integers(0, 90),
    st.integers(0, 90),
    st.sampled_from(["text", "speech", "act", "author", "call"]),
)
def test_any_passage_is_read(text: str, start: int, end: int, voice: Voice) -> None:
    READER([Passage(text, (start, end), (0, len(text)), voice, ((end, start),))])
