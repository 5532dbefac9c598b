"""The judged pairs of speech: known by a digest, counted where they are asked, missing where not."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from evaluation import speech
from evaluation.data import DataError

SENTENCE = "“Maria Lopez is a disgrace to this town and a liar,” said John Smith, a fisherman from Port Alder."


def key(number: int, start: int, text: str) -> str:
    return hashlib.sha256(f"{number}\n{start}\n{text}".encode()).hexdigest()[:16]


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    articles = tmp_path / "articles.jsonl.gz"
    articles.write_bytes(gzip.compress(json.dumps({"title": "", "text": SENTENCE}).encode() + b"\n"))
    monkeypatch.setattr("evaluation.data.ARTICLES", articles)
    monkeypatch.setattr(speech, "_FIRST", 0)
    return tmp_path / "labels.txt"


def test_a_pair_is_judged_and_another_is_missing(labels: Path) -> None:
    labels.write_text(f"{key(0, 1, SENTENCE)} against\n{key(7, 1, SENTENCE)} favor\n")
    made = speech.evaluate(labels)
    assert (made["n"], made["missing"], made["given"]) == (1, 1, 1)
    assert (made["accuracy"], made["precision"], made["recall"], made["opposite"]) == (1.0, 1.0, 1.0, 0.0)


def test_labels_of_nothing_that_is_asked_are_named(labels: Path) -> None:
    labels.write_text(f"{'0' * 16} neutral\n")
    with pytest.raises(DataError, match="none of its pairs"):
        speech.evaluate(labels)


def test_shipped_labels_are_whole() -> None:
    gold = speech.read(speech.LABELS)
    assert len(gold) == 189
    assert set(gold.values()) == {-1, 0, 1}
