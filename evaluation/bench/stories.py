"""The clusterer with a full window on one core: documents a second, and bytes a document.

The documents are made up of words as frequent as those of news (Zipf), 300 each and 10 in the title; three of four tell one of
the last thousand events over again with half of its words. What is timed comes after the window is full and moves on, and is
CPU time. Memory is what the process grew by (Linux: resident pages); ids of 40 characters are part of it.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from evaluation.bench.works import cpu_seconds, resident_bytes
from services.stories.core import Clusterer, Document
from services.stories.settings import StoriesSettings
from services.stories.terms import read_terms

DOCUMENTS = 200_000
_TIMED = 5_000
_PORTIONS = 10
"""In so many portions, of which the median counts: another process may be at work in some."""
_VOCABULARY = 300_000
_WORDS, _TITLE = 300, 10
_EVENTS = 1_000
_TOLD_AGAIN = 0.75
_CHUNK = 500


def measure(documents: int) -> dict[str, Any]:
    """Rates on one core with a full window of ``documents``, and bytes a document in it."""
    stream = _documents(np.random.default_rng(1))
    clusterer = Clusterer(StoriesSettings(window_documents=documents, window_days=366))
    clusterer.place(next(stream))
    before = resident_bytes()
    for _ in range(documents):
        clusterer.place(next(stream))
    grown = resident_bytes() - before
    timed = [next(stream) for _ in range(_TIMED)]
    joined = 0

    def place(these: list[Document]) -> None:
        nonlocal joined
        for one in these:
            joined += clusterer.place(one).of is not None

    def read(these: list[Document]) -> None:
        for one in these:
            read_terms(one.title, one.text)

    size = _TIMED // _PORTIONS
    portions = [timed[at : at + size] for at in range(0, _TIMED, size)]
    reading = median(cpu_seconds(partial(read, one)) for one in portions) / size
    placing = median(cpu_seconds(partial(place, one)) for one in portions) / size
    return {
        "data": f"made up: {_WORDS} words each",
        "documents": len(clusterer),
        "stories": clusterer.stories,
        "documents_per_second": 1 / placing,
        "reading_per_second": 1 / reading,
        "bytes_per_document": grown / documents,
        "joined": joined / _TIMED,
    }


def _documents(random: np.random.Generator) -> Iterator[Document]:
    """Documents without end."""
    vocabulary = np.array([f"w{number:x}" for number in range(_VOCABULARY)])
    shares = 1 / np.arange(10, _VOCABULARY + 10)
    ends = np.cumsum(shares / shares.sum())
    size = _WORDS + _TITLE
    events = np.searchsorted(ends, random.random((_EVENTS, size)))
    number = 0
    while True:
        words = np.searchsorted(ends, random.random((_CHUNK, size)))
        told = np.flatnonzero(random.random(_CHUNK) < _TOLD_AGAIN)
        which = random.integers(0, _EVENTS, len(told))
        kept = random.random((len(told), size)) < 0.5
        words[told] = np.where(kept, events[which], words[told])
        fresh = np.setdiff1d(np.arange(_CHUNK), told)[: _EVENTS // 100]
        events[random.integers(0, _EVENTS, len(fresh))] = words[
            fresh
        ]  # some events are new, and take the place of others
        for row in vocabulary[words]:
            time = number // 2
            yield Document(
                f"{number:040d}", " ".join(row[:_TITLE]), " ".join(row[_TITLE:]), time, time, f"s{number % 97}"
            )
            number += 1
