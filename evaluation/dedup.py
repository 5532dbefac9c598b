"""Copies: against every pair of Reuters items with its exact Jaccard similarity over 5-word shingles, replayed by time.

A folder holds ``articles.jsonl.gz`` (id, date, text) and ``neardup_pairs.jsonl.gz`` (a, b: lists that begin with an id;
jaccard5). The oracle leaves out very common shingles. The window is as long as the stream: what the window forgets is not
measured here. Recall counts items: of those that are that similar to an earlier one, the share that was found to be a
copy of something. Precision counts verdicts: of those found to be copies, the share where the oracle, or sets of 5 words
compared here in plain Python, give 0.5 or more with the very item that the verdict names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from evaluation.data import DATA, DataError, objects, reading
from schemas import Event, Processing, Status, Work
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings

DEFAULT = DATA / "reuters21578"
_WORD = re.compile(r"[^\W_]+")
_DATE = re.compile(r"(\d{1,2}-[A-Za-z]{3}-\d{4})(?:\s+(\d{1,2}:\d\d:\d\d\.\d{1,6}))?")
"""One date of Reuters in 60 has a code stuck to it, one a time with an hour of 605."""
_HOURS = 24 * 366
"""The longest window that there is."""


class Item(BaseModel):
    """A wire item; ``date`` such as 26-FEB-1987 15:01:01.79, what stands behind is passed over."""

    id: str
    date: str
    text: str

    @property
    def time(self) -> datetime | None:
        """The date, UTC, at midnight where its time is damaged; None where there is no date in it."""
        match = _DATE.match(self.date.strip())
        if match is None:
            return None
        try:
            return datetime.strptime(f"{match[1]} {match[2] or '0:0:0.0'}", "%d-%b-%Y %H:%M:%S.%f").replace(tzinfo=UTC)
        except ValueError:
            return None


class Pair(BaseModel):
    """Two items that the oracle compared."""

    a: list[Any] = Field(min_length=1)
    b: list[Any] = Field(min_length=1)
    jaccard5: float

    @property
    def ids(self) -> tuple[str, str]:
        """The two items' ids."""
        return str(self.a[0]), str(self.b[0])


@dataclass(frozen=True)
class Replay:
    """A stream in order of time, the pairs within it, and for each item found to be a copy what it was called a copy of."""

    stream: list[Item]
    pairs: list[Pair]
    copies: dict[str, str]

    def recall(self, similarity: float) -> float | None:
        """Of the items that are so similar to an earlier one, the share found to be copies; None where there are none."""
        place = {item.id: at for at, item in enumerate(self.stream)}
        wanted = {max(pair.ids, key=place.__getitem__) for pair in self.pairs if pair.jaccard5 >= similarity}
        return len(wanted & self.copies.keys()) / len(wanted) if wanted else None

    def wrong(self) -> list[tuple[str, str]]:
        """The copies that are none, with what they were called copies of."""
        oracle = {frozenset(pair.ids) for pair in self.pairs if pair.jaccard5 >= 0.5}
        texts = {item.id: item.text for item in self.stream}
        return [
            (one, other)
            for one, other in self.copies.items()
            if frozenset((one, other)) not in oracle and similarity(texts[one], texts[other]) < 0.5
        ]


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures of the folder ``path``.

    Raises:
        DataError: it is missing or not in the format.
    """
    folder = path or DEFAULT
    done = replay(*read(folder))
    if not done.stream:
        raise DataError(f"{folder}: no dated item in it")
    found = len(done.copies)
    return {
        "data": str(folder),
        "documents": len(done.stream),
        "pairs": sum(pair.jaccard5 >= 0.5 for pair in done.pairs),
        "recall_j50": done.recall(0.5),
        "recall_j80": done.recall(0.8),
        "precision": 1 - len(done.wrong()) / found if found else None,
        "copies_found": found,
    }


def read(folder: Path, limit: int | None = None) -> tuple[list[Item], list[Pair]]:
    """The dated items in order of time, the first ``limit``, and the oracle's pairs among them.

    Raises:
        DataError: a file is missing or not in the format.
    """
    articles, oracle = folder / "articles.jsonl.gz", folder / "neardup_pairs.jsonl.gz"
    with reading(articles):
        items = [Item.model_validate(value) for value in objects(articles)]
    with reading(oracle):
        pairs = [Pair.model_validate(value) for value in objects(oracle)]
    dated = [(time, item) for item in items if (time := item.time) is not None]
    stream = [item for _, item in sorted(dated, key=lambda one: (one[0], one[1].id.zfill(20)))][:limit]
    known = {item.id for item in stream}
    return stream, [pair for pair in pairs if known.issuperset(pair.ids)]


def replay(stream: Sequence[Item], pairs: Sequence[Pair]) -> Replay:
    """Judge the items of ``stream`` one after the other."""
    settings = DedupSettings(window_hours=_HOURS)
    table: dict[str, str] = {}
    fingerprinter, judge = Fingerprinter(settings), Judge(settings, table)
    copies = {}
    for item in stream:
        event = Event(
            event_id=item.id,
            id=item.id,
            status=Status.ENRICHED,
            processing=Processing(pipeline="evaluation", received_at=item.time or datetime(1987, 1, 1, tzinfo=UTC)),
        )
        judgement = judge.judge(Work(event=event, fingerprint=fingerprinter(item.text)))
        judgement.write(table)
        judged = judgement.work.event.duplicate
        if judged is not None and judged.of is not None:
            copies[item.id] = judged.of
    return Replay(list(stream), list(pairs), copies)


def similarity(one: str, other: str) -> float:
    """The Jaccard similarity of two texts' sets of five words in a row (all words, where there are fewer)."""
    a, b = _shingles(one), _shingles(other)
    return len(a & b) / len(a | b) if a | b else 1.0


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + 5]) for at in range(max(1, len(words) - 4))}
