"""The figures of stories, on news that we wrote and on the development data."""

from pathlib import Path

import pytest

from evaluation.data import DataError
from evaluation.siblings import Document as Sibling
from evaluation.stories import DEFAULT, apart, choose, evaluate, figures, place, read, split
from tests.evaluation.made_data import write_lines
from tests.stories.news import STREAM

GOLD = ("ferry", "bees", "ferry", "strike", "ferry", "strike", "chess")


def written(folder: Path) -> Path:
    days = ("2023-11-14", "2023-11-14T23:13:20", "2023-11-15T00:13:20Z", "2023-11-16 00:13:20", "2023-11-16T01:13:20")
    times = (*days, "2023-11-16T02:13:20", "2023-11-16T04:13:20")
    rows = [
        {"id": one.id, "story": story, "published_at": time, "title": one.title, "text": one.text, "source": one.source}
        for one, story, time in zip(STREAM, GOLD, times, strict=True)
    ]
    return write_lines(folder / "news.jsonl.gz", *reversed(rows))


def test_the_figures_of_a_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    made = evaluate(path)
    assert (made["data"], made["documents"], made["stories"]) == (str(path), 7, 4)
    assert made["bcubed_f1"] == made["precision"] == made["recall"] == made["as_shipped"]["bcubed_f1"] == 1
    assert made["ami"] == pytest.approx(1)
    assert made["alone"]["recall"] == pytest.approx((3 * 1 / 3 + 2 * 1 / 2 + 2) / 7)
    assert 0 < made["tfidf"]["bcubed_f1"] <= 1
    assert "siblings" not in made


def test_documents_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    documents, gold = read(written(tmp_path))
    assert [document.title for document in documents] == [one.title for one in STREAM]
    assert tuple(gold) == GOLD
    assert documents[2].received - documents[1].received == 3_600


@pytest.mark.parametrize(
    ("rows", "wrong"), [([], "there are no documents"), ([{"title": "A"}], "line 1.story: Field required")]
)
def test_what_is_wrong_with_a_file(tmp_path: Path, rows: list[object], wrong: str) -> None:
    with pytest.raises(DataError, match=wrong):
        evaluate(write_lines(tmp_path / "news.jsonl", *rows))


def test_a_story_is_of_the_half_that_it_began_in() -> None:
    assert split(GOLD) == [True, True, True, True, True, True, False]
    assert split(["a", "b", "c", "a"]) == [True, True, False, True]


def test_each_half_has_the_value_that_is_best_on_the_other() -> None:
    right, wrong = ["a", "a", "c", "c"], ["a", "b", "c", "d"]
    tried = {1.0: right[:2] + wrong[2:], 2.0: wrong[:2] + right[2:]}
    best, chosen = choose(tried.__getitem__, (1.0, 2.0), right, [True, True, False, False])
    assert best == [1.0, 2.0]
    assert figures(chosen, right)["recall"] == 0.5  # what is best on one half is worst on the other


def test_two_events_of_one_topic_in_one_story_are_a_false_merge() -> None:
    text = STREAM[0].text
    two = [Sibling(id="1", topic="1", event="1a", text=text), Sibling(id="2", topic="1", event="1b", text=text)]
    other = Sibling(id="3", topic="2", event="2a", text=STREAM[1].text)
    made = apart([*two, other])
    assert (made["pairs_apart"], made["false_merges"], made["found"]) == (1, 1, 2)


@pytest.mark.skipif(not DEFAULT.exists(), reason=f"the development data is not there: {DEFAULT}")
def test_stories_of_the_development_data() -> None:
    """With the settings as they are, on its first 300 articles: no worse than in the table of how good it is."""
    documents, gold = read(DEFAULT)
    assert figures(place(documents[:300], 0.3), gold[:300])["bcubed_f1"] > 0.9
