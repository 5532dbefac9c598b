"""Fingerprints and judgements a second on one core, and memory, on made-up documents.

The window holds as many as ``documents``; what is timed comes after it is full. One document in ten is a copy with a
twentieth of its words changed. Memory is what the process grew by while the window filled (Linux: resident pages).
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from evaluation.bench.works import RECEIVED, cpu_seconds, make_work, resident_bytes
from evaluation.data import Article
from schemas import Work
from services.dedup.core import Judge
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings

DOCUMENTS = 50_000
_TIMED = 3_000
"""Documents that are timed: about a second of each."""
_WORDS = 400
"""Of a document: some 2,800 characters, a wire story; AllSides articles have 810 in the median."""
_VOCABULARY = 50_000
_CHUNK = 500


def measure(documents: int) -> dict[str, Any]:
    """Rates on one core with a full window of ``documents``, and bytes a document in it."""
    settings = DedupSettings(window_documents=documents, window_hours=24 * 366)
    fingerprinter = Fingerprinter(settings)
    texts = _texts(np.random.default_rng(1))
    before = resident_bytes()
    judge = Judge(settings)
    for number in range(documents):
        judge.judge(_work(number, next(texts), fingerprinter))
    grown = resident_bytes() - before
    fresh = [next(texts) for _ in range(_TIMED)]
    works: list[Work] = []
    fingerprinting = cpu_seconds(lambda: [fingerprinter(text) for text in fresh])
    works = [_work(documents + number, text, fingerprinter) for number, text in enumerate(fresh)]
    verdicts: list[str] = []

    def judge_all() -> None:
        for work in works:
            duplicate = judge.judge(work).work.event.duplicate
            verdicts.append(duplicate.verdict if duplicate else "")

    judging = cpu_seconds(judge_all)
    return {
        "data": f"made up: {_WORDS} words each",
        "documents": documents,
        "fingerprints_per_second": _TIMED / fingerprinting,
        "judgements_per_second": _TIMED / judging,
        "both_per_second": _TIMED / (fingerprinting + judging),
        "bytes_per_document": grown / len(judge),
        "copies_found": sum(verdict != "unique" for verdict in verdicts) / _TIMED,
    }


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
