"""Copies: against every pair of Reuters items with its exact Jaccard similarity over 5-word shingles, replayed by time.

A folder holds ``articles.jsonl.gz`` (id, date, text) and ``neardup_pairs.jsonl.gz`` (a, b: lists that begin with an id;
jaccard5). The oracle leaves out very common shingles. The window is as long as the stream: what the window forgets is not
measured here. Recall counts items: of those that are that similar to an earlier one, the share that was found to be a
copy of something. Precision counts verdicts: of those found to be copies, the share where the oracle gives 0.5 or more with
the very item that the verdict names, or ``overlap`` what the verdict's rule asks for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from evaluation import overlap
from evaluation.data import DATA, DataError, rows
from evaluation.stream import Stream
from schemas.event import Duplicate

DEFAULT = DATA / "reuters21578"
_DATE = re.compile(r"(\d{1,2}-[A-Za-z]{3}-\d{4})(?:\s+(\d{1,2}:\d\d:\d\d\.\d{1,6}))?")
"""One date of Reuters in 60 has a code stuck to it, one a time with an hour of 605."""
_UNKNOWN = datetime(1987, 1, 1, tzinfo=UTC)
"""The time of an item without one, which ``read`` leaves out."""


class Item(BaseModel):
    """A wire item; ``date`` such as 26-FEB-1987 15:01:01.79, what stands behind is passed over."""

    id: str
    date: str
    text: str
    title: str | None = None

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
    """A stream in order of time, the pairs within it, and for each item found to be a copy its verdict."""

    stream: list[Item]
    pairs: list[Pair]
    copies: Mapping[str, Duplicate]

    def recall(self, similarity: float) -> float | None:
        """Of the items that are so similar to an earlier one, the share found to be copies; None where there are none."""
        place = {item.id: at for at, item in enumerate(self.stream)}
        wanted = {max(pair.ids, key=place.__getitem__) for pair in self.pairs if pair.jaccard5 >= similarity}
        return len(wanted & self.copies.keys()) / len(wanted) if wanted else None

    def wrong(self) -> list[tuple[str, str]]:
        """The copies that are none, with what they were called copies of."""
        oracle = {frozenset(pair.ids) for pair in self.pairs if pair.jaccard5 >= 0.5}
        texts = {item.id: item.text for item in self.stream}
        named = [(name, str(verdict.of), verdict) for name, verdict in self.copies.items()]
        return [
            (one, other)
            for one, other, verdict in named
            if frozenset((one, other)) not in oracle
            and not overlap.bears_out(verdict, overlap.shingles(texts[one]), overlap.shingles(texts[other]))
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
    items = list(rows(articles, Item))
    pairs = list(rows(oracle, Pair))
    dated = [(time, item) for item in items if (time := item.time) is not None]
    stream = [item for _, item in sorted(dated, key=lambda one: (one[0], one[1].id.zfill(20)))][:limit]
    known = {item.id for item in stream}
    return stream, [pair for pair in pairs if known.issuperset(pair.ids)]


def replay(stream: Sequence[Item], pairs: Sequence[Pair]) -> Replay:
    """Judge the items of ``stream`` one after the other."""
    judge = Stream()
    verdicts = {item.id: judge.read(item.id, item.text, item.time or _UNKNOWN, item.title or "") for item in stream}
    return Replay(list(stream), list(pairs), {name: made for name, made in verdicts.items() if made.of is not None})
