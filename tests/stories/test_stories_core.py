"""Which documents are put together, what the verdict says, and that it is bounded and the same each time."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stories.core import Clusterer, Document, Placed
from services.stories.settings import StoriesSettings
from tests.stories.news import FERRY, HOUR, OTHERS, STREAM, STRIKE, document


def placed(documents: Sequence[Document], **changed: float) -> list[Placed]:
    clusterer = Clusterer(StoriesSettings(window_documents=100).model_copy(update=changed))
    return [clusterer.place(one) for one in documents]


def test_outlets_that_tell_of_one_event_are_one_story() -> None:
    assert [one.story for one in placed(STREAM)] == ["d0", "d1", "d0", "d3", "d0", "d3", "d6"]


def test_the_verdict_says_what_it_was_made_of() -> None:
    made = placed(STREAM)
    opened, joined = made[0], made[4]
    assert (opened.of, opened.similarity, opened.rule) == (None, 0.0, "opened/story<0.3")
    assert (opened.documents, opened.sources) == (1, 1)
    assert joined.of in ("d0", "d2")
    assert joined.rule == "joined/story>=0.3"
    assert 0.3 <= joined.similarity <= 1
    assert (joined.documents, joined.sources) == (3, 2)  # harbor.example told it twice


def test_a_story_without_sources_has_none() -> None:
    assert placed([document(0, FERRY[0], 0), document(1, FERRY[1], 1)])[1].sources == 0


def test_titles_alone_are_enough() -> None:
    titles = [one._replace(text="") for one in (STREAM[0], STREAM[1], document(9, (FERRY[0][0] + " - Reuters", ""), 1))]
    assert [one.story for one in placed(titles)] == ["d0", "d1", "d0"]


def test_the_surer_a_verdict_must_be_the_more_stories_there_are() -> None:
    assert len({one.story for one in placed(STREAM, join=1.0)}) == len(STREAM)
    assert len({one.story for one in placed(STREAM, join=0.0)}) == len({one.saga for one in placed(STREAM, join=0.0)})


def test_a_story_ends_when_its_last_document_has_left_the_window() -> None:
    week = 7 * 24
    assert placed([document(0, FERRY[0], 0), document(1, FERRY[1], week + 1)])[1].of is None
    rolling = [document(0, FERRY[0], 0), document(1, FERRY[1], week - 20), document(2, FERRY[2], week + 1)]
    last = placed(rolling)[2]
    assert (last.story, last.of, last.documents) == ("d0", "d1", 2)  # it keeps its name, and goes on


def test_an_older_event_in_the_same_words_is_another_one() -> None:
    """A backfill arrives at once; what counts is when it was published."""
    first = document(0, FERRY[0], 0)
    again = document(1, FERRY[1], 0)._replace(published=first.published - 300 * 86_400)
    assert placed([first, again])[1].of is None


def test_a_saga_goes_on_where_a_story_opens_near_another() -> None:
    inquiry = (
        "Inquiry opens into ferries",
        "Three weeks of hearings began. Witnesses spoke of money, of staff, of the Marigold.",
    )
    made = placed([document(0, FERRY[0], 0), document(1, OTHERS[0], 1), document(2, inquiry, 96)])
    assert [one.story for one in made] == ["d0", "d1", "d2"]
    assert [one.saga for one in made] == ["d0", "d1", "d0"]


def test_what_has_no_words_is_alone() -> None:
    empty = [document(number, ("", "¡!"), number) for number in range(3)]
    assert [one.story for one in placed(empty)] == ["d0", "d1", "d2"]


def test_the_oldest_leaves_where_there_is_no_room() -> None:
    clusterer = Clusterer(StoriesSettings(window_documents=2))
    for number in range(20):
        clusterer.place(document(number, STRIKE[number % 2], number / 60))
        assert len(clusterer) <= 2
    assert clusterer.stories == 1
    last = clusterer.place(document(20, STRIKE[0], 1))
    assert (last.story, last.documents) == ("d0", 2)


texts = st.sampled_from([*FERRY, *STRIKE, *OTHERS, ("", ""), ("Marigold", "x " * 30)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(texts, st.sampled_from([-30, 0, 0.5, 20, 100]), st.sampled_from(["", "a", "b"])), max_size=40),
    st.sampled_from([1, 3, 40]),
)
def test_verdicts_hold_together_and_are_the_same_again(
    sent: list[tuple[tuple[str, str], float, str]], room: int
) -> None:
    documents, hours = [], 0.0
    for number, (told, gap, source) in enumerate(sent):
        hours += gap
        documents.append(document(number, told, hours, source))
    runs = []
    for _ in range(2):
        clusterer = Clusterer(StoriesSettings(window_documents=room))
        runs.append([clusterer.place(one) for one in documents])
        assert len(clusterer) <= room
        assert clusterer.stories <= len(clusterer)
    assert runs[0] == runs[1]
    story: dict[str, str] = {}
    clock = 0
    for number, (one, made) in enumerate(zip(documents, runs[0], strict=True)):
        stamped = [(clock := max(clock, other.received)) for other in documents[: number + 1]]
        live = [at for at in range(max(0, number + 1 - room), number + 1) if stamped[at] >= stamped[-1] - 7 * 24 * HOUR]
        assert made.documents == sum(runs[0][at].story == made.story for at in live)
        clock = 0
        assert made.sources <= made.documents
        assert (made.of is None) == (made.story == one.id)
        assert made.of is None or story[made.of] == made.story
        story[one.id] = made.story


def test_any_string_is_a_title_and_a_text() -> None:
    clusterer = Clusterer(StoriesSettings(window_documents=10))
    for number, text in enumerate(["\ud800", "́", "ⅷ ½ ²", "a" * 100_000, "İ" * 300, "٣ ٣", "\0"]):
        made = clusterer.place(document(number, (text, text), number))
        assert np.isfinite(made.similarity)
    assert clusterer.place(document(99, ("", ""), 99)).story == "d99"


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_of_one_story_stays_bounded(seed: int) -> None:
    random = np.random.default_rng(seed)
    clusterer = Clusterer(StoriesSettings(window_documents=300))
    for number in range(600):
        told = FERRY[int(random.integers(0, 3))]
        made = clusterer.place(document(number, told, number / 60))
        assert made.story == "d0"
