"""What the trained reader asks its encoder, and what it makes of the answers. The encoder here answers what a test says."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from schemas import Probabilities
from services.stance.encoder import About, Question
from services.stance.reader import Passage, Voice
from services.stance.trained import TrainedReader


class Encoder:
    """Gives the same shares to every question, and keeps what it was asked."""

    about = About(name="made-1", temperature=1.0, topic_temperature=1.0)

    def __init__(self, *shares: float) -> None:
        self.shares = shares
        self.asked: list[Question] = []

    def __call__(self, questions: Sequence[Question]) -> list[NDArray[np.float64]]:
        self.asked += questions
        return [np.array([self.shares] * len(targets)) for _, targets in questions]


def reader(encoder: Encoder) -> TrainedReader:
    return TrainedReader(encoder)  # type: ignore[arg-type]


def passage(text: str, name: str, voice: Voice, scope: str = "", issue: str = "") -> Passage:
    start = text.index(name)
    begin = text.index(scope or text)
    return Passage(text, (start, start + len(name)), (begin, begin + len(scope or text)), voice, issue=issue)


AGAINST = (0.1, 0.7, 0.2)


def test_speech_is_read_in_the_words_of_its_speaker_alone() -> None:
    encoder = Encoder(*AGAINST)
    text = "A terrific day, and “Novak broke the town,” Brandt said."
    (answer,) = reader(encoder)([passage(text, "Novak", "speech", "Novak broke the town,")])
    assert encoder.asked == [("Novak broke the town,", ((0, 5),))]
    assert answer == Probabilities(favor=0.1, against=0.7, neutral=0.2)


def test_a_text_is_asked_once_for_all_of_its_targets() -> None:
    encoder = Encoder(*AGAINST)
    text = "Brandt met Novak."
    passages = [passage(text, "Novak", "text"), passage(text, "Brandt", "text"), passage(text, "Novak", "text")]
    assert len(reader(encoder)(passages)) == 3
    assert encoder.asked == [(text, ((11, 16), (0, 6)))]


def test_documents_are_read_together_as_each_alone() -> None:
    encoder = Encoder(*AGAINST)
    one = [passage("Brandt met Novak.", "Novak", "text"), passage("Brandt met Novak.", "Novak", "act")]
    other = [passage("Brandt met Novak.", "Brandt", "text"), passage("Novak accused Brandt.", "Brandt", "act")]
    made = reader(encoder)
    assert made.read([one, [], other]) == [made(one), [], made(other)]
    together = [
        ("Brandt met Novak.", ((11, 16),)),
        ("Brandt met Novak.", ((0, 6),)),
        ("Novak accused Brandt.", ((14, 20),)),
    ]
    assert encoder.asked == 2 * together  # a text of two documents is asked for each by itself


def test_an_issue_is_asked_by_its_wording() -> None:
    encoder = Encoder(*AGAINST)
    text = "We must tax carbon, Brandt said."
    reader(encoder)([passage(text, "tax carbon", "speech", "We must tax carbon", issue="a carbon tax")])
    assert encoder.asked == [("We must tax carbon", ("a carbon tax",))]


@pytest.mark.parametrize(
    ("text", "asked"),
    [("Brandt denounced Novak.", True), ("Brandt met Novak.", False), ("Brandt did not criticize Novak.", False)],
)
def test_an_act_is_one_where_the_lexicon_knows_it(text: str, asked: bool) -> None:
    encoder = Encoder(*AGAINST)
    (answer,) = reader(encoder)([passage(text, "Novak", "act")])
    assert bool(encoder.asked) is asked
    assert (answer is not None) is asked


def test_both_answers_to_an_act_count() -> None:
    text = "Brandt denounced Novak."
    (sure,) = reader(Encoder(0.01, 0.98, 0.01))([passage(text, "Novak", "act")])
    (torn,) = reader(Encoder(0.6, 0.2, 0.2))([passage(text, "Novak", "act")])
    assert sure is not None
    assert torn is not None
    assert sure.against > torn.against > torn.favor


@pytest.mark.parametrize("shares", [(0.1, 0.2, 0.7), (0.4, 0.2, 0.4)])
def test_the_article_is_never_found_neutral(shares: tuple[float, ...]) -> None:
    text = "Novak’s disgraceful speech went on."
    assert reader(Encoder(*shares))([passage(text, "Novak", "author")]) == [None]


def test_the_article_is_read_only_where_a_word_judges() -> None:
    encoder = Encoder(*AGAINST)
    first, second = reader(encoder)(
        [
            passage("Novak was arrested on Monday.", "Novak", "author"),
            passage("Novak’s disgraceful speech went on.", "Novak", "author"),
        ]
    )
    assert first is None
    assert second is not None
    assert second.against > 0.7
    assert len(encoder.asked) == 1


def test_method_is_named_with_both_parts() -> None:
    assert reader(Encoder(*AGAINST)).name == "made-1+lexicon-1"
