"""The stream of the partitions benchmark, and what its oracle makes of an answer that changes."""

import pytest

from evaluation.bench.partitions import with_copies
from evaluation.data import Article
from evaluation.recorded import Answer, UnsteadyError, _steady
from schemas import Status

ARTICLES = [Article(title=f"{number}", text=" ".join([f"story {number}"] * 200)) for number in range(70)]


def test_copies_come_after_what_they_copy_and_the_stream_is_the_same_each_time() -> None:
    made = with_copies(ARTICLES, 100)
    assert made == with_copies(ARTICLES, 100)
    assert len({one.id for one in made}) == 100
    assert [one.article for one in made if one.of is None] == ARTICLES
    seen: dict[str, str] = {}
    exact = 0
    for one in made:
        if one.of is not None:
            assert sum(a != b for a, b in zip(one.article.text.split(), seen[one.of].split(), strict=True)) in (0, 4)
            exact += one.article.text == seen[one.of]
        seen[one.id] = one.article.text
    assert 0 < exact < 30


def test_a_work_that_is_answered_in_two_ways_is_named() -> None:
    first = Answer("news.unique", "e", Status.ENRICHED, None)
    assert _steady([("a/0/1", first), ("a/0/2", first), ("a/0/1", first)]) == {"a/0/1": first, "a/0/2": first}
    with pytest.raises(UnsteadyError, match="a/0/1"):
        _steady([("a/0/1", first), ("a/0/1", Answer("news.enriched", "e", Status.DUPLICATE, None))])
