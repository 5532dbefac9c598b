import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dedup.boilerplate import MAX_LINE, strip_boilerplate

STORY = "the harbour board met on monday and chose a new chair.\nit was the third vote this year."


@pytest.mark.parametrize(
    "line",
    [
        "reporting by ann example in oslo; editing by bo sample",
        "(reporting by ann example; editing by bo sample)",
        "additional reporting by cy placeholder",
        "writing and editing by ann example",
        "copyright © 2031 the example courier. click here for reprints.",
        "© 2031 example media",
        "copyright 2031 by example media, all rights reserved",
        "this material may not be published, broadcast or rewritten.",
        "photo by ann example",
        "photograph: bo sample/example pictures",
        "(photo: bo sample)",
        "image copyright example agency image caption boats in the harbour",
        "boats in the harbour on monday. bo sample/afp",
        "boats in the harbour. | ap photo",
        "cy placeholder and the example press contributed to this report.",
        "ap photo",
        "file photo: boats lie in the harbour of exampleton, march 3, 2031. reuters/ann example/file photo",
        "boats lie in the harbour of exampleton. reuters/ann example",
        "file - in this march 3, 2031 file photo, boats lie in the harbour. (ap photo/bo sample)",
        "boats lie in the harbour (ann o’example/getty images)",
    ],
)
def test_credit_lines_are_left_out(line: str) -> None:
    before, after = STORY.split("\n")
    assert strip_boilerplate(f"{before}\n{line}\n{after}").split() == STORY.split()
    assert strip_boilerplate(f"{STORY}\n\n{line}").split() == STORY.split()


@pytest.mark.parametrize(
    "line",
    [
        "the reporting by the harbour board was praised.",
        "copyright law is what the board argued about.",
        "a photo of the harbour hung on the wall of the board's room.",
        "the image caption was wrong, the chair said",
        "she said the story had been contributed to this week by many.",
        "(c) was the third of the options",
        "the file - a thick one - lay on the table of the board.",
        "the board asked reuters/ap to send a reporter for the vote on the harbour and the old pier.",
        "photo by photo" + ", the board looked at the harbour" * 12,
    ],
)
def test_other_lines_stay(line: str) -> None:
    text = f"{STORY}\n{line}"
    assert strip_boilerplate(text) == text


def test_credit_at_the_end_of_a_text_without_lines() -> None:
    story = STORY.replace("\n", " ")
    assert strip_boilerplate(story + " reporting by ann example; editing by bo sample") == story
    assert strip_boilerplate(story + " (reporting by ann example) the end.") == story + "   the end."


def test_boilerplate_alone_is_kept() -> None:
    assert strip_boilerplate("© 2031 example media") == "© 2031 example media"


@given(st.text(alphabet=st.sampled_from("reporting by ©(c)photo:\n. copyright2031"), max_size=3 * MAX_LINE))
def test_nothing_is_added(text: str) -> None:
    stripped = strip_boilerplate(text)
    assert len(stripped) <= len(text)
    assert not text.strip() or stripped.strip()
