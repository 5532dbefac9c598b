"""The stream of the partitions benchmark, what its oracle makes of an answer that changes, and how long documents waited."""

from collections.abc import Iterator

import pytest

from evaluation.bench.partitions import with_copies
from evaluation.bench.rebalance import waits
from evaluation.data import Article
from evaluation.recorded import Answer, UnsteadyError, _steady
from schemas import Status
from services.runtime.records import ORIGIN, Record

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


def test_runs_of_other_workers_have_ids_of_their_own() -> None:
    one, other = ({sent.id for sent in with_copies(ARTICLES, 100, mark)} for mark in ("-1", "-2"))
    assert not one & other


def test_a_document_has_waited_until_something_was_made_of_it_for_the_first_time() -> None:
    def made(origin: str, at: float) -> Record:
        return Record("news.fingerprints", 0, int(at), b"k", b"", at, ((ORIGIN, origin.encode()),))

    later = [[made("d/0/2", 14.0), made("d/0/1", 19.0), made("d/1/7", 11.0)], [made("d/0/1", 10.5)]]
    read = [made("d/0/1", 10.5), made("d/9/9", 1.0)]
    assert waits({"d/0/1": 10.0, "d/0/2": 10.25}, Often([read, *later])) == [0.5, 3.75]


class Often:
    """Gives what came since it was asked last."""

    def __init__(self, came: list[list[Record]]) -> None:
        self._came = came

    def __iter__(self) -> Iterator[Record]:
        return iter(self._came.pop(0))
