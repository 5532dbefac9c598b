"""Against an oracle: every pair of Reuters items with its exact Jaccard similarity (which leaves out very common shingles, and so
is a lower bound of ours), replayed as a stream."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas import Event, Processing, Status, Work
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings

ITEMS = 6_000
"""The first third of the stream, about a month of 1987."""


def lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def time_of(article: dict[str, Any]) -> datetime | None:
    try:
        return datetime.strptime(article["date"].strip(), "%d-%b-%Y %H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:  # two of the dates are damaged
        return None


def test_recall_against_the_oracle(shared: Path) -> None:
    folder = shared / "data" / "reuters21578"
    dated = [
        (time, article) for article in lines(folder / "articles.jsonl.gz") if (time := time_of(article)) is not None
    ]
    stream = sorted(dated, key=lambda one: (one[0], int(one[1]["id"])))[:ITEMS]
    place = {article["id"]: at for at, (_, article) in enumerate(stream)}
    settings = DedupSettings(window_hours=24 * 365)
    fingerprinter, judge = Fingerprinter(settings), Judge(settings)
    unique = set()
    for time, article in stream:
        event = Event(
            event_id=article["id"],
            id=article["id"],
            status=Status.ENRICHED,
            processing=Processing(pipeline="test", received_at=time),
        )
        judged = judge.judge(Work(event=event, fingerprint=fingerprinter(article["text"]))).work.event.duplicate
        assert judged is not None
        if judged.verdict == "unique":
            unique.add(article["id"])

    def recall(similarity: float) -> float:
        """Of the items that are that similar to an earlier one, the share that was found to be copies."""
        copies = {
            max(pair["a"][0], pair["b"][0], key=place.__getitem__)
            for pair in lines(folder / "neardup_pairs.jsonl.gz")
            if pair["jaccard5"] >= similarity and pair["a"][0] in place and pair["b"][0] in place
        }
        assert len(copies) > 50
        return len(copies - unique) / len(copies)

    assert recall(0.5) >= 0.99
    assert recall(0.8) == 1.0
