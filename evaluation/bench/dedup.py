"""The judge with a full window on one core: judgements a second, memory and disk a document, and how long it takes to
come back; beside the indexes of datasketch and rensa.

The documents are made up, and one in ten is a copy with a twentieth of its words changed. The table is RocksDB with the
options, keys and values that Faust gives it in the stage, in a temporary folder; not measured is what goes to Kafka. What
is timed comes after the window is full, and is CPU time. Memory is what the process grew by (Linux: resident pages).
``hot_id`` is a judge with the settings as they are, to which every document comes under one id, as from a sender that
calls them all "unknown".

The other two get MinHash signatures of 128 values of the same shingles, ready made, one document after the other: look it
up, put it in. They verify nothing, keep nothing and forget nothing; ``index`` is our part that does as much as they do. Each
fills a process of its own, with ``_BESIDE`` documents, since a million would take them more than ten gigabytes.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import rensa
from datasketch import LeanMinHash, MinHashLSH

from evaluation.bench.works import RECEIVED, Table, cpu_seconds, make_work, resident_bytes
from evaluation.data import Article
from schemas import Work
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter, kept_shingles
from services.dedup.index import SketchIndex
from services.dedup.settings import DedupSettings
from services.dedup.words import UInt32s
from services.kept.places import Places

DOCUMENTS = 1_000_000
_TIMED = 5_000
"""Documents that are timed: about a second."""
_PORTIONS = 10
"""In so many portions, of which the median counts: another process may be at work in some."""
_BESIDE = 50_000
_HOT_TIMED = 1_000
"""Of the documents of one id, the first and the last so many are timed."""
_PERMUTATIONS = 128
_BANDS = 32
"""Of 4 values: with 64 of 2, the other way to cut 128 for half alike, it is slower and larger."""
_WORDS = 400
"""Of a document: some 2,800 characters, a wire story; AllSides articles have 810 in the median."""
_VOCABULARY = 50_000
_CHUNK = 500


def measure(documents: int) -> dict[str, Any]:
    """Rates on one core with a full window of ``documents``, and bytes a document in it."""
    settings = DedupSettings(window_documents=documents, window_hours=24 * 366, window_bytes=10**13)
    fingerprinter = Fingerprinter(settings)
    texts = _texts(np.random.default_rng(1))
    with tempfile.TemporaryDirectory(prefix="stancewire-bench-") as folder:
        table = Table(Path(folder))
        before = resident_bytes()
        judge = Judge(settings, table)
        for number in range(documents):
            work = _work(number, next(texts), fingerprinter)
            judge.judge(work).write(table)
        grown = resident_bytes() - before
        held, written = len(judge), table.written
        fresh = [next(texts) for _ in range(_TIMED)]
        fingerprinting = _median_seconds(fresh, fingerprinter)
        works = [_work(documents + number, text, fingerprinter) for number, text in enumerate(fresh)]
        copies = 0

        def judge_one(work: Work) -> None:
            nonlocal copies
            judgement = judge.judge(work)
            judgement.write(table)
            found = judgement.work.event.duplicate
            copies += found is not None and found.verdict != "unique"

        judging = _median_seconds(works, judge_one)
        loading = cpu_seconds(judge.load)
    beside = min(documents, _BESIDE)
    shingles = [kept_shingles(fingerprinter(next(texts))) for _ in range(beside + _TIMED)]
    return {
        "data": f"made up: {_WORDS} words each",
        "documents": documents,
        "judgements_per_second": 1 / judging,
        "bytes_per_document": grown / held,
        "fingerprints_per_second": 1 / fingerprinting,
        "both_per_second": 1 / (fingerprinting + judging),
        "table_bytes_per_document": written / documents,
        "load_seconds": loading,
        "copies_found": copies / _TIMED,
        "beside_documents": beside,
        **_hot_id(max(2 * _HOT_TIMED, documents // 10), texts),
        **_beside("index", _Ours, shingles, settings),
        **_beside("datasketch", _Datasketch, shingles, settings),
        **_beside("rensa", _Rensa, shingles, settings),
    }


def _hot_id(documents: int, texts: Iterator[str]) -> dict[str, float]:
    """Milliseconds of a judgement where ``documents`` of one id come: the first ``_HOT_TIMED``, and the last."""
    settings = DedupSettings()
    fingerprinter = Fingerprinter(settings)
    rows: dict[str, str] = {}
    judge = Judge(settings, rows)
    seconds: list[float] = []
    for number in range(documents):
        revision = _work(number, next(texts), fingerprinter)
        event = revision.event.model_copy(update={"id": "unknown"})
        work = revision.model_copy(update={"event": event})
        started = time.process_time()
        judgement = judge.judge(work)
        seconds.append(time.process_time() - started)
        judgement.write(rows)
    first, last = seconds[:_HOT_TIMED], seconds[-_HOT_TIMED:]
    return {
        "hot_id_documents": documents,
        "hot_id_first_ms": 1000 * sum(first) / len(first),
        "hot_id_last_ms": 1000 * sum(last) / len(last),
    }


class _Ours:
    """Look up, put in: what the window's index does."""

    def __init__(self, settings: DedupSettings, documents: int) -> None:
        self._places = Places(documents)
        self._index = SketchIndex(self._places, settings.sketch)
        self._least = settings.least

    def prepared(self, shingles: UInt32s) -> UInt32s:
        return shingles

    def step(self, number: int, shingles: UInt32s) -> None:
        self._index.candidates(shingles, self._least)
        place = self._places.take(number + 1)
        self._places.live[place] = True
        self._index.add(place, shingles)


class _Datasketch:
    def __init__(self, settings: DedupSettings, documents: int) -> None:
        self._index = MinHashLSH(threshold=settings.near_similarity, num_perm=_PERMUTATIONS)

    def prepared(self, shingles: UInt32s) -> LeanMinHash:
        tokens, ends = shingles.astype(np.uint64), np.array((0, len(shingles)), np.uint64)
        values = rensa.RMinHash.digest_matrix_from_flat_token_hashes(tokens, ends, _PERMUTATIONS, 1).to_rows()[0]
        return LeanMinHash(seed=1, hashvalues=np.array(values, np.uint64), scheme="legacy")

    def step(self, number: int, signature: LeanMinHash) -> None:
        self._index.query(signature)
        self._index.insert(number, signature)


class _Rensa:
    def __init__(self, settings: DedupSettings, documents: int) -> None:
        self._index = rensa.RMinHashLSH(settings.near_similarity, _PERMUTATIONS, _BANDS)

    def prepared(self, shingles: UInt32s) -> rensa.RMinHash:
        made = rensa.RMinHash(_PERMUTATIONS, 1)
        made.update([str(value) for value in shingles.tolist()])
        return made

    def step(self, number: int, signature: rensa.RMinHash) -> None:
        self._index.query(signature)
        self._index.insert(number, signature)


def _beside(
    name: str, make: Callable[[DedupSettings, int], Any], shingles: list[UInt32s], settings: DedupSettings
) -> dict[str, float]:
    """Documents a second and bytes a document of one index, filled and timed in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        rate, size = pool.apply(_fill, (make, shingles[:-_TIMED], shingles[-_TIMED:], settings))
    return {f"{name}_per_second": rate, f"{name}_bytes_per_document": size}


def _fill(
    make: Callable[[DedupSettings, int], Any], filling: list[UInt32s], timed: list[UInt32s], settings: DedupSettings
) -> tuple[float, float]:
    index = make(settings, len(filling) + len(timed))
    before = resident_bytes()
    for number, one in enumerate(filling):
        index.step(number, index.prepared(one))
    grown = resident_bytes() - before
    prepared = [(number, index.prepared(one)) for number, one in enumerate(timed, start=len(filling))]
    return 1 / _median_seconds(prepared, lambda one: index.step(*one)), grown / len(filling)


def _median_seconds(items: Sequence[Any], step: Callable[[Any], object]) -> float:
    """CPU seconds of ``step`` on one of ``items``: the median of ``_PORTIONS`` means."""
    size = len(items) // _PORTIONS
    portions = [items[at : at + size] for at in range(0, _PORTIONS * size, size)]
    return median(cpu_seconds(partial(_do, step, portion)) / size for portion in portions)


def _do(step: Callable[[Any], object], items: Sequence[Any]) -> None:
    for one in items:
        step(one)


def _work(number: int, text: str, fingerprinter: Fingerprinter) -> Work:
    work = make_work(f"{number}", Article(title="", text=text), RECEIVED + timedelta(seconds=number))
    return work.model_copy(update={"fingerprint": fingerprinter(text)})


def _texts(random: np.random.Generator) -> Iterator[str]:
    """Texts without end, one in ten a changed copy of one before it."""
    vocabulary = np.array([f"{number:x}" for number in random.integers(16**4, 16**6, _VOCABULARY)])
    while True:
        words = random.integers(0, _VOCABULARY, (_CHUNK, _WORDS))
        copies = np.arange(_CHUNK - _CHUNK // 10, _CHUNK)
        words[copies] = words[: len(copies)]
        changed = random.random((len(copies), _WORDS)) < 0.05
        words[copies] = np.where(changed, random.integers(0, _VOCABULARY, changed.shape), words[copies])
        for row in vocabulary[words]:
            yield " ".join(row)
