"""Which holder a source is."""

import pytest

from services.stance.fields import clean_marks
from services.stance.holders import Resolver, Source
from services.stance.page import make_page
from services.stance.quotations import find_attributions
from services.text.clean import clean
from tests.stance.cast import work_of


def holders(text: str) -> list[tuple[str, ...]]:
    """The holders of each attribution of a text: entity ids, or a speaker's name in brackets."""
    cleaned = clean(text)
    page = make_page(cleaned.text, marks=clean_marks(work_of(text).event.entities, "text", cleaned))
    attributions = find_attributions(page)
    resolve = Resolver(page, attributions)

    def show(source: Source) -> str:
        return source.entity or f"[{source.name}]"

    return [tuple(show(source) for source in resolve(a.source)) for a in attributions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Senator Ana Brandt said it was over.", "Brandt"),
        ("Former Westland mayor Ana Brandt said it was over.", "Brandt"),
        ("Ana Brandt, who runs Delmar, said it was over.", "Brandt"),
        ("Ana Brandt (G-Westland) said it was over.", "Brandt"),
        ("The mayor, Ana Brandt, said it was over.", "Brandt"),
        ("“It is over now, friends,” said Ana Brandt, the head of Delmar.", "Brandt"),
        ("Ana Brandt’s lawyer said it was over.", "[Ana Brandt’s lawyer]"),
        ("A spokesman for Ana Brandt said it was over.", "[spokesman for Ana Brandt]"),
        ("Harbor officials said it was over.", "[Harbor officials]"),
        ("Delmar said it was over.", "Delmar"),
        ("Joan Perkins said it was over.", "[Joan Perkins]"),
    ],
)
def test_names(text: str, expected: str) -> None:
    assert holders(text)[0] == (expected,)


@pytest.mark.parametrize(
    "text",
    [
        "The report said it was over.",
        "No officials said it was over.",
        "I said it was over.",
        "He said it was over.",
        "The weather said it was over.",
        "The Clean Water Act says it is over.",
    ],
)
def test_nobody(text: str) -> None:
    assert holders(text)[0] == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Brandt arrived late. She said it was over.", "Brandt"),
        ("Ana Brandt met Carl Novak. She said it was over.", "Brandt"),
        ("Ms. Brandt met Mr. Novak. Mr. Novak left. He said it was over.", "Novak"),
        ("Ana Brandt left. Rain fell. She said it was over.", "Brandt"),
        ("The Greens said it was wrong. They said it was over.", "Greens"),
        ("Sam Okafor, who said it was over, left.", "Okafor"),
    ],
)
def test_pronouns(text: str, expected: str) -> None:
    assert holders(text)[-1] == (expected,)


def test_pronoun_of_the_other_gender_is_nobody() -> None:
    assert holders("Ms. Brandt arrived late. He said it was over.")[-1] == ()


def test_pronoun_too_far_from_its_person_is_nobody() -> None:
    assert holders("Ana Brandt left. Rain fell. Wind rose. Snow came. She said it was over.")[-1] == ()


def test_joined_names_are_each_a_holder() -> None:
    assert holders("Ana Brandt and Carl Novak said it was over.")[0] == ("Brandt", "Novak")


def test_long_names_of_speakers_are_cut() -> None:
    (name,) = holders("Officials of " + "the great harbor of " * 20 + "the north said it was over.")[0] or ("",)
    assert len(name) <= 122
