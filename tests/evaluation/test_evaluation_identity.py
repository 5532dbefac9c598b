"""The figures of keys and links, on the judged pairs and on the development data."""

import hashlib
import json
from pathlib import Path

import pytest

from evaluation import identity, linking
from evaluation.data import ARTICLES, DataError, objects, rows
from tests.evaluation.made_data import write_lines

needs_articles = pytest.mark.skipif(not ARTICLES.exists(), reason="the development data is not there")
needs_gum = pytest.mark.skipif(not linking.DEFAULT.exists(), reason="the development data is not there")


def test_precision_and_recall_of_pairs() -> None:
    told = [(True, True), (True, False), (False, True), (False, False), (True, True)]
    assert identity.figures(told) == {"precision": 2 / 3, "recall": 2 / 3, "pairs": 5}
    assert identity.figures([]) == {"precision": 0, "recall": 0, "pairs": 0}


def test_the_judged_pairs_are_many_and_hard() -> None:
    pairs = list(rows(identity.PAIRS, identity.Pair))
    assert len(pairs) >= 300
    assert sum(pair.same for pair in pairs) > 150
    assert {pair.half for pair in pairs} == {"tune", "held"}
    known = {one["id"] for one in objects(identity.PAIRS.with_name("articles.jsonl"))}
    assert known == {place.article for pair in pairs for place in (pair.one, pair.other)}


@needs_articles
def test_the_judged_articles_are_those_of_the_development_data() -> None:
    read = list(objects(ARTICLES))
    for one in objects(identity.PAIRS.with_name("articles.jsonl")):
        article = read[int(one["id"].removeprefix("allsides-"))]
        assert one["url"] == article["url"]
        assert one["sha256"] == hashlib.sha256(article["text"].encode()).hexdigest()


@needs_articles
def test_the_figures_of_articles_with_entities_that_were_found_before(tmp_path: Path) -> None:
    read = list(objects(ARTICLES))
    pairs = list(rows(identity.PAIRS, identity.Pair))
    tagged: dict[str, list[dict[str, object]]] = {}
    for place in (place for pair in pairs for place in (pair.one, pair.other)):
        field, start, end = place.at.split(":")
        name = read[int(place.article.removeprefix("allsides-"))][field][int(start) : int(end)]
        mention = {"field": field, "start": int(start), "end": int(end), "text": name}
        entity = {"id": "e1", "name": name, "type": "PERSON", "salience": 0.1, "mentions": [mention]}
        tagged.setdefault(place.article, []).append(entity)
    lines = [{"id": article, "entities": own, "status": "enriched"} for article, own in tagged.items()]
    made = identity.evaluate(write_lines(tmp_path / "tagged.jsonl", *lines))
    assert (made["pairs"], made["lost"], made["documents"]) == (len(pairs), 0, len(tagged)), made
    assert made["tune"]["pairs"] + made["held"]["pairs"] == len(pairs)
    assert made["precision"] > 0.8
    assert made["recall"] >= made["document_alone"]["recall"] > 0.2
    assert sum(kind["pairs"] for kind in made["kinds"].values()) == len(pairs)


@needs_articles
def test_an_id_that_is_no_articles_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'story-1' is no article's id"):
        identity.evaluate(write_lines(tmp_path / "wrong.jsonl", {"id": "story-1", "entities": []}))


@needs_gum
def test_the_links_of_gum() -> None:
    made = linking.evaluate(None)
    assert made["kinds"]["all"]["known"] > 100
    assert made["kinds"]["place"]["right"] > 0.9
    assert made["kinds"]["person"]["none_right"] > 0.95
    assert json.dumps(made)
