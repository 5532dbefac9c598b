"""What the stance models learn from. Training itself needs torch, and runs by hand."""

import gzip
import json
from pathlib import Path

import pytest

from training.stance import data
from training.stance.data import news, sentences, vast
from training.stance.examples import Ask, Example


def test_a_sentence_has_all_of_its_targets(tmp_path: Path) -> None:
    path = tmp_path / "made.jsonl"
    path.write_text(
        '{"sentence": "Berg met Holm.", "from": 0, "to": 4, "polarity": 1}\n'
        '{"sentence": "Holm left.", "from": 0, "to": 4, "polarity": 0}\n'
        '{"sentence": "Berg met Holm.", "from": 9, "to": 13, "polarity": -1}\n'
    )
    assert sentences(path) == [
        Example("Berg met Holm.", (Ask((0, 4), (1.0, 0.0, 0.0)), Ask((9, 13), (0.0, 1.0, 0.0)))),
        Example("Holm left.", (Ask((0, 4), (0.0, 0.0, 1.0)),)),
    ]


def test_a_comment_has_all_of_its_topics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "VAST", tmp_path / "dev.csv.gz")
    rows = "Tweet,Target 1,Stance 1,seen?\nTax them.,a tax,FAVOR,1\nTax them.,the rich,AGAINST,0\n"
    (tmp_path / "train.csv.gz").write_bytes(gzip.compress(rows.encode()))
    (one,) = vast("train")
    assert one.text == "Tax them."
    assert [(ask.issue, ask.shares) for ask in one.asks] == [("a tax", (1.0, 0.0, 0.0)), ("the rich", (0.0, 1.0, 0.0))]


def test_news_has_names_in_sentences_that_were_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = "Maria Lopez said in Lisbon on Monday that nobody had asked her."
    fresh = "Later that day Maria Lopez told the paper that she would not go."
    path = tmp_path / "articles.jsonl.gz"
    body = f"{seen} {fresh} Nobody came. The rain went on for three days and all the roads were closed."
    path.write_bytes(gzip.compress(json.dumps({"title": "", "text": body}).encode() + b"\n"))
    monkeypatch.setattr("evaluation.data.ARTICLES", path)
    (one,) = news(1, [seen.upper()])
    assert one.text == fresh
    assert [fresh[slice(*ask.target)] for ask in one.asks] == ["Maria Lopez"]
    assert [sum(ask.shares) for ask in one.asks] == [pytest.approx(1)]
