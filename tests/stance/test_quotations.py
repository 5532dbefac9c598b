"""Who says what: sources, cues and contents in our own sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stance.page import make_page
from services.stance.quotations import attributions_of, find_attributions

Found = tuple[str | None, str, tuple[str, ...]]


def attributions(text: str, *, nested: bool = True) -> list[Found]:
    """(source, cue, contents) as words, in order."""
    page = make_page(text)

    def words(span: tuple[int, int] | None) -> str:
        return "" if span is None or span[0] == span[1] else text[slice(*page.span(*span))]

    return [
        (words(a.source) if a.source else None, words(a.cue), tuple(words(span) for span in a.contents))
        for a in find_attributions(page)
        if nested or not a.nested
    ]


DIRECT = [
    ("“We won,” the mayor said.", ("the mayor", "said", ("“We won,”",))),
    ('"We won," said Ana Brandt.', ("Ana Brandt", "said", ('"We won,"',))),
    ("Ana Brandt said: “We won at last.”", ("Ana Brandt", "said", ("“We won at last.”",))),
    ("Ana Brandt added, “We won at last.”", ("Ana Brandt", "added", ("“We won at last.”",))),
    ("“We won,” she said, “and they lost.”", ("she", "said", ("“We won,”", "“and they lost.”"))),
    ("‘We won,’ Ana Brandt said.", ("Ana Brandt", "said", ("‘We won,’",))),
    ("«We won,» Ana Brandt said.", ("Ana Brandt", "said", ("«We won,»",))),
    ("“Did we win?” she asked.", ("she", "asked", ("“Did we win?”",))),
    (
        "“We won,” said Ana Brandt, the mayor of Northport.",
        ("Ana Brandt, the mayor of Northport", "said", ("“We won,”",)),
    ),
    ("“We won,” Ana Brandt (G-Westland) said.", ("Ana Brandt (G-Westland)", "said", ("“We won,”",))),
    ("“We won at last,” said retired judge Ana Brandt.", ("retired judge Ana Brandt", "said", ("“We won at last,”",))),
    ("“We won at last,” said one unaligned official.", ("one unaligned official", "said", ("“We won at last,”",))),
]
INDIRECT = [
    ("Ana Brandt (G-Ill.) said that it was closed.", ("Ana Brandt (G-Ill.)", "said", ("that it was closed",))),
    ("Ana Brandt said that the harbor was closed.", ("Ana Brandt", "said", ("that the harbor was closed",))),
    ("Ana Brandt said the harbor was closed.", ("Ana Brandt", "said", ("the harbor was closed",))),
    ("The harbor was closed, Ana Brandt said.", ("Ana Brandt", "said", ("The harbor was closed",))),
    ("Now, she said, the harbor was closed.", ("she", "said", ("the harbor was closed",))),
    (
        "Ana Brandt, the mayor of Northport, said the harbor was closed.",
        ("Ana Brandt, the mayor of Northport", "said", ("the harbor was closed",)),
    ),
    (
        "Ana Brandt said in a statement on Monday that the harbor was closed.",
        ("Ana Brandt", "said", ("that the harbor was closed",)),
    ),
    ("Ana Brandt on Monday said the harbor was closed.", ("Ana Brandt", "on Monday said", ("the harbor was closed",))),
    ("Ana Brandt told reporters that the harbor was closed.", ("Ana Brandt", "told", ("that the harbor was closed",))),
    ("According to Ana Brandt, the harbor was closed.", ("Ana Brandt", "According to", ("the harbor was closed",))),
    (
        "The harbor was closed, according to two officials.",
        ("two officials", "according to", ("The harbor was closed",)),
    ),
    ("Ana Brandt has repeatedly refused to say why.", ("Ana Brandt", "has repeatedly refused", ("to say why",))),
    ("Ana Brandt went on to say the harbor was closed.", ("Ana Brandt", "went on to say", ("the harbor was closed",))),
    ("A poll found that most were content.", ("A poll", "found", ("that most were content",))),
    ("A spokesman for the mayor said it was over.", ("A spokesman for the mayor", "said", ("it was over",))),
    ("In a speech on Friday, Ana Brandt said it was over.", ("Ana Brandt", "said", ("it was over",))),
    ("Her claim that the harbor was closed is false.", ("Her", "claim", ("that the harbor was closed",))),
]
MINDS = [
    ("Voters fear that the harbor will close.", ("Voters", "fear", ("that the harbor will close",))),
    (
        "Ana Brandt is confident that the harbor will open.",
        ("Ana Brandt", "is confident", ("that the harbor will open",)),
    ),
    ("Ana Brandt wants to open the harbor.", ("Ana Brandt", "wants", ("to open the harbor",))),
    ("Ana Brandt made clear that it would close.", ("Ana Brandt", "clear", ("that it would close",))),
    (
        "Ana Brandt, who has run the harbor since the spring, said it was over.",
        ("Ana Brandt, who has run the harbor since the spring", "said", ("it was over",)),
    ),
]
LABELS = [
    ("Ana Brandt: The harbor is closed.", ("Ana Brandt", ":", ("The harbor is closed",))),
    ("Ana Brandt: It is over. We lost.", ("Ana Brandt", ":", ("It is over. We lost",))),
]
MIXED = [
    ("Ana Brandt called the plan “draconian.”", ("Ana Brandt", "called", ("the plan “draconian.”",))),
    (
        "Ana Brandt said the plan was “a disgrace to us all.”",
        ("Ana Brandt", "said", ("the plan was “a disgrace to us all.”",)),
    ),
    ("The plan was denounced by Ana Brandt.", ("Ana Brandt", "was denounced", ("The plan",))),
    ("Ana Brandt denounced the plan.", ("Ana Brandt", "denounced", ("the plan",))),
]


@pytest.mark.parametrize(("text", "expected"), [*DIRECT, *INDIRECT, *MINDS, *LABELS, *MIXED])
def test_one_attribution(text: str, expected: Found) -> None:
    assert attributions(text, nested=False) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "The claims were false.",
        "His reported gains were false.",
        "The state of the harbor is poor.",
        "The so-called “great leap” came.",
        "The widely praised bridge fell.",
        "The harbor opened at noon.",
        "The ship carried grain to Eastmark.",
        "The price: ten dollars.",
        "The mayor left at noon with two friends.",
    ],
)
def test_no_attribution(text: str) -> None:
    assert attributions(text) == []


def test_participle_has_the_subject_of_its_sentence() -> None:
    found = attributions("Ana Brandt left early, saying the harbor was closed.")
    assert ("Ana Brandt", "saying", ("the harbor was closed",)) in found


def test_participle_behind_an_inverted_verb_has_its_source() -> None:
    found = attributions("“Carl Novak is brave,” said Ana Brandt, adding that the harbor was closed.")
    assert [source for source, _, _ in found] == ["Ana Brandt", "Ana Brandt"]


def test_clause_before_the_main_one_ends_with_its_comma() -> None:
    found = attributions("While Ana Brandt wants to open the harbor, Carl Novak said it was lost.")
    assert [(source, contents) for source, _, contents in found] == [
        ("Ana Brandt", ("to open the harbor",)),
        ("Carl Novak", ("it was lost",)),
    ]


def test_what_somebody_wants_ends_where_another_clause_begins() -> None:
    found = attributions("Ana Brandt denounced the plan after Carl Novak said it was lost.")
    assert [(source, contents) for source, _, contents in found] == [
        ("Ana Brandt", ("the plan",)),
        ("Carl Novak", ("it was lost",)),
    ]


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        ("Ana Brandt is confident that it will open.", "speech"),
        ("Ana Brandt decided to open the harbor.", "about"),
        ("Ana Brandt wants to open the harbor.", "about"),
        ("Ana Brandt: It is over.", "speech"),
    ],
)
def test_only_what_is_said_or_thought_is_the_sources_own_view(text: str, manner: str) -> None:
    assert [a.manner for a in find_attributions(make_page(text))] == [manner]


def test_naming_that_is_less_likely_than_not_is_doubtful() -> None:
    [found] = find_attributions(make_page("The man who had called Delmar a liar was there."))
    assert (found.manner, found.doubtful) == ("call", True)


def test_two_speakers_share_a_sentence() -> None:
    found = attributions("Ana Brandt said it was over, but Carl Novak said it was not.")
    assert [(source, contents) for source, _, contents in found] == [
        ("Ana Brandt", ("it was over",)),
        ("Carl Novak", ("it was not",)),
    ]


def test_quotation_goes_on_with_its_speaker() -> None:
    found = attributions("“We won,” Ana Brandt said. “It was a long day for us all.”")
    assert found[1] == ("Ana Brandt", "", ("“It was a long day for us all.”",))


def test_speech_over_paragraphs_is_one_speakers() -> None:
    found = attributions("Ana Brandt said: “We won at last.\n\n“And we will win again next year.”")
    assert [source for source, _, _ in found] == ["Ana Brandt", "Ana Brandt"]


def test_quotation_without_a_name_has_no_source() -> None:
    assert attributions("Rain fell all day.\n\n“It was a long day for us all.”") == [
        (None, "", ("“It was a long day for us all.”",))
    ]


def test_unbalanced_mark_ends_with_its_paragraph() -> None:
    found = attributions("Ana Brandt said, “We won at last.\n\nThe harbor was closed on Monday.")
    assert [contents for _, _, contents in found] == [("“We won at last.",)]


def test_attribution_within_a_content_is_nested() -> None:
    page = make_page("Ana Brandt said that Carl Novak denounced Delmar.")
    assert [(a.manner, a.nested) for a in find_attributions(page)] == [("speech", False), ("act", True)]


WORDS = st.sampled_from(
    [
        "said",
        "Ana",
        "Brandt",
        "“",
        "”",
        '"',
        "'",
        ",",
        ".",
        "the",
        "and",
        "by",
        "according",
        "to",
        "who",
        "called",
        "was",
        "\n\n",
        "claim",
    ]
)


@given(st.lists(st.lists(WORDS, max_size=40), max_size=4))
def test_a_page_has_the_same_attributions_in_any_company(texts: list[list[str]]) -> None:
    pages = [make_page(" ".join(words)) for words in texts]
    assert attributions_of(pages) == [find_attributions(page) for page in pages]


@given(st.lists(WORDS, max_size=60))
def test_ranges_are_in_the_page(words: list[str]) -> None:
    page = make_page(" ".join(words))
    size = len(page.starts)
    for attribution in find_attributions(page):
        spans = [*attribution.contents, attribution.cue, *([attribution.source] if attribution.source else [])]
        assert all(0 <= first <= last <= size for first, last in spans)
        assert all(first < last for first, last in attribution.contents)
