"""What stands around a story on a page, and how the story reads without it."""

import pytest

from services.text.clean import clean, clean_story
from services.text.furniture import pieces

THE_STORY = "The council backed the toll.\n\nMs. Roe opposed it."


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT:",
        "Story Continued Below",
        "Sign up for Daily Opinion Newsletter Manage Newsletters",
        "Copyright © 2019 The Dunmore Times, LLC. Click here for reprint permission.",
        "CLICK HERE TO GET THE DUNMORE NEWS APP",
        "Read or Share this story: https://news.example/2HQw70F",
        "SEE ALSO: Mayor attacks water company",
        "(RELATED: Poll Shows Mayor Ahead Of Rival)",
        "( PHOTOS: At a glance: the toll)",
        "( Also on POLITICO: Toll talks hang on buses)",
        "Media playback is unsupported on your device",
        "Enlarge this image toggle caption Lena Ortiz/AP Lena Ortiz/AP",
        "JUST WATCHED Pell: 'Toll is theft' Replay More Videos ... MUST WATCH Pell: 'Toll is theft' 03:48",
        "Newsletter Sign Up Continue reading the main story Please verify you're not a robot by clicking the box. Invalid email.",
    ],
)
def test_a_line_that_is_no_story_goes(line: str) -> None:
    first, second = THE_STORY.split("\n\n")
    assert clean_story(f"{first}\n\n{line}\n\n{second}").text == THE_STORY
    assert clean_story(f"{line}\n\n{THE_STORY}\n\n{line}").text == THE_STORY
    assert clean_story(line).text == ""


@pytest.mark.parametrize(
    ("page", "story"),
    [
        (
            "President Harlan Edward (Ted) John HarlanSenators balk at trial Ortiz: 'No deal' Five takeaways MORE’s plan",
            "President Harlan’s plan",
        ),
        ("Sen. Amy Brandt Amy BrandtOrtiz hits Pell over toll MORE (D-Ohio) said", "Sen. Amy Brandt (D-Ohio) said"),
        ("Cal Harlan Jr. Calvin (Cal) John HarlanHouse votes on bill MORE said", "Cal Harlan Jr. said"),
        ("Rep. Tom Pell MORE said", "Rep. Tom Pell said"),
        ("Image copyright Getty Images Image caption Police closed the bridge.", "Police closed the bridge."),
        ("Media playback is unsupported on your device Media caption Pell speaks", "Pell speaks"),
        ("Story highlights Pell opposes the toll", "Pell opposes the toll"),
        ("Toll Begins Listen · 2:40 2:40\n\nCars lined up.", "Toll Begins\n\nCars lined up."),
        ("Cars lined up. Hide Caption 3 of 14 Cars left.", "Cars lined up.\n\nCars left."),
    ],
)
def test_what_is_around_a_name_or_a_caption_goes(page: str, story: str) -> None:
    assert clean_story(page).text == story


@pytest.mark.parametrize(
    "story",
    [
        "An advertisement for the toll was withdrawn.",
        "We need the Council MORE than ever. LEARN MORE here. Read MORE on it.",
        "I have just watched the debate. JUST WATCHED the debate!",
        "Copyright law is old. Copyright © is a sign.",
        "Ann Roe met Ann Lee Roe and wanted no MORE.",
        "The photos:\n\nfirst, second",
    ],
)
def test_words_of_a_story_stay(story: str) -> None:
    assert clean_story(story).text == story
    assert not pieces(story)


def test_what_is_behind_furniture_leads_back_to_its_place() -> None:
    raw = "Sen. Amy Brandt Amy Lee BrandtOrtiz hits Pell MORE praised the toll."
    cleaned = clean_story(raw)
    at = cleaned.text.index("praised")
    start, end = cleaned.span(at, at + len("praised"))
    assert raw[start:end] == "praised"


def test_the_clean_text_itself_keeps_every_word() -> None:
    """Copies are told by all that a page has; what is furniture there the comparison of two pages says."""
    raw = "Sen. Amy Brandt Amy Lee BrandtOrtiz hits Pell MORE praised the toll."
    assert clean(raw).text == raw
