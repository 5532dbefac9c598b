"""Edits: each is a function of the article, the material and the seed, and changes what it says."""

from random import Random

import pytest

from evaluation import overlap
from evaluation.data import Article
from evaluation.edits import EDITS, Edit, change, excerpt, gather, sentences

PARAGRAPHS = [
    " ".join(f"Word{number}x{place} said it, didn’t he, in “town” number {place}." for place in range(4))
    for number in range(10)
]
STORY = Article(title="Ferry line opens", text="\n\n".join(PARAGRAPHS))
OTHERS = [
    Article(title=f"Other {n}", text=f"Nobody{n} came. Some{n} went away.\n\n“Why{n}?” asked one.") for n in range(9)
]
MATERIAL = gather(OTHERS)


def edited(edit: Edit, seed: str = "one") -> str:
    return edit(STORY, MATERIAL, Random(seed)).text  # noqa: S311 - no secrets


def words(text: str) -> list[str]:
    return overlap.WORD.findall(text)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_the_same_with_the_same_seed_and_leaves_the_article_alone(name: str) -> None:
    before = STORY.model_copy()
    assert edited(EDITS[name]) == edited(EDITS[name])
    assert before == STORY
    assert edited(EDITS[name]).strip()


@pytest.mark.parametrize("name", ["reordered", "links", "within_50"])
def test_another_seed_is_another_copy(name: str) -> None:
    assert edited(EDITS[name]) != edited(EDITS[name], "two")


def test_sentences_are_the_text_in_pieces() -> None:
    text = "One came. “Two went!” Three?\n\nA headline\nFour … five"
    assert "".join(sentences(text)) == text
    assert [piece.strip() for piece in sentences(text)] == [
        "One came.",
        "“Two went!”",
        "Three?",
        "A headline",
        "Four … five",
    ]
    assert sentences("") == []


def test_material_is_of_the_others() -> None:
    assert MATERIAL.titles[0] == "Other 0"
    assert MATERIAL.sentences[:3] == ["Nobody0 came. ", "Some0 went away. ", "“Why0?” "]
    assert MATERIAL.words[:2] == ["Nobody0", "came"]


def test_a_headline_is_swapped_and_the_text_stays() -> None:
    copy = EDITS["headline"](STORY, MATERIAL, Random(1))  # noqa: S311
    assert copy.text == STORY.text
    assert copy.title in MATERIAL.titles


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("A short lead. Of two.\n\nThe rest.\n\nAnd more.", "The rest.\n\nAnd more."),
        ("(Ann Roe/Reuters)\n\nA caption\n\n“A lead.”\n\nThe rest.", "The rest."),
        ("One. Two. Three. The rest. And more.", "The rest. And more."),
        ("No end\n\nThe rest", "The rest"),
    ],
)
def test_the_lead_is_cut(text: str, rest: str) -> None:
    assert EDITS["lead_cut"](Article(title="", text=text), MATERIAL, Random(1)).text == rest  # noqa: S311


def test_what_is_added_stands_around_and_between() -> None:
    assert edited(EDITS["caption"]).endswith(STORY.text)
    assert edited(EDITS["credits"]).split("\n\n")[1:-2] == PARAGRAPHS
    linked = edited(EDITS["links"]).split("\n\n")
    assert [line for line in linked if line in PARAGRAPHS] == PARAGRAPHS
    assert len(linked) == len(PARAGRAPHS) + 4
    assert edited(EDITS["links"]).count("Follow us") == 1


def test_sentences_are_reordered() -> None:
    copy = edited(EDITS["reordered"])
    assert sorted(words(copy)) == sorted(words(STORY.text))
    assert words(copy) != words(STORY.text)


def test_a_tokenised_copy_has_spaces_around_punctuation() -> None:
    assert edited(EDITS["tokenised"]).startswith("Word0x0 said it , did n’t he , in “ town ” number 0 .")


def test_capitals() -> None:
    assert edited(EDITS["capitals"]).startswith("WORD0X0 SAID IT, DIDN’T HE")


@pytest.mark.parametrize("run", [1, 10])
@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_so_many_words_are_changed_and_all_between_stays(share: float, run: int) -> None:
    before, after = words(STORY.text), words(edited(change(share, run)))
    assert len(before) == len(after)
    changed = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert abs(len(changed) - share * len(before)) <= run
    assert {place // run * run for place in changed} <= set(changed)
    assert overlap.WORD.sub("", edited(change(share, run))) == overlap.WORD.sub("", STORY.text)


def test_at_least_one_word_is_changed() -> None:
    assert edited(change(0.0001)) != STORY.text


def test_excerpts_are_passages() -> None:
    assert edited(EDITS["excerpt_50"]) == "\n\n".join(PARAGRAPHS[:5])
    middle = edited(EDITS["middle_30"])
    assert middle in STORY.text
    assert not STORY.text.startswith(middle)
    assert len(sentences(middle)) == 12
    assert edited(excerpt(0.001)) == sentences(STORY.text)[0].strip()


@pytest.mark.parametrize("share", [50, 30, 20, 10])
def test_a_longer_text_holds_the_article(share: int) -> None:
    longer = edited(EDITS[f"within_{share}"])
    assert STORY.text in longer
    assert not longer.startswith(STORY.text)
    assert not longer.endswith(STORY.text)
    assert len(STORY.text) / len(longer) == pytest.approx(share / 100, abs=0.02)
