"""Stance in what somebody says, on 189 pairs of a speaker's words and a name in them, from 90 AllSides articles, which we judged
ourselves: does the speaker take sides toward the named?

Whoever is quoted seldom speaks in whole sentences with one target, and what is bad news for somebody need not be held against
them ("the attack on B killed three"): so this is harder than the sets that the model learnt from, and shows what users get. The
pairs are a random sample of all that the stage asks there, judged by one person who saw the words, not the answers. Texts are
known by a digest (``speech.txt``); a pair that the stage no longer asks is ``missing``.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.bench.works import make_work
from evaluation.data import ARTICLES, DataError, articles, reading
from evaluation.judged import judge, polarity
from evaluation.stance import shipped
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance.asking import questions
from services.stance.reader import Passage
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList

LABELS = Path(__file__).with_name("speech.txt")
_FIRST, _LAST = 1060, 1150
"""The articles."""
_POLARITIES = {"favor": 1, "against": -1, "neutral": 0}


def evaluate(path: Path | None) -> dict[str, Any]:
    """The figures on the judged pairs, or on those of the file ``path``, in the format of ``speech.txt``.

    ``precision`` and ``recall`` are those of stances for and against that are as sure as the settings ask, ``opposite`` the
    share of them that is the contrary.

    Raises:
        DataError: the articles or the file are missing, or it is not in the format. SettingsError: the model is not there.
    """
    gold = read(path or LABELS)
    reader, sure = shipped(), load(StanceSettings).minimum_confidence
    asked = pairs(gold)
    if not asked:
        raise DataError(f"{path or LABELS}: none of its pairs is asked")
    answers = [reader([passage])[0] for passage, _ in asked]
    labels = [label for _, label in asked]
    given = [
        (polarity(answer), label)
        for answer, label in zip(answers, labels, strict=True)
        if answer is not None and polarity(answer) and max(answer.favor, answer.against) >= sure
    ]
    right = sum(found == label for found, label in given)
    sides = sum(label != 0 for label in labels)
    judged = judge(answers, labels)
    return {
        "data": str(ARTICLES),
        **judged.figures(),
        "missing": len(gold) - len(asked),
        "given": len(given),
        "precision": right / len(given) if given else 0.0,
        "recall": right / sides if sides else 0.0,
        "opposite": sum(found == -label for found, label in given) / len(given) if given else 0.0,
    }


def read(path: Path) -> dict[str, int]:
    """The polarities by digest."""
    with reading(path):
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        gold = {key: _POLARITIES[label] for key, label in rows}
    if not gold:
        raise DataError(f"{path}: no pair in it")
    return gold


def pairs(gold: dict[str, int]) -> list[tuple[Passage, int]]:
    """What the stage asks of ``gold`` now, with its polarity."""
    return [(passage, gold[key]) for key, passage in dict(_asked()).items() if key in gold]


def _asked() -> Iterator[tuple[str, Passage]]:
    """What speakers are asked in the articles, by digest."""
    tagger = EntityTagger(load(EntitySettings))
    for number, article in enumerate(articles(_LAST)[_FIRST:], _FIRST):
        work = tagger([make_work(str(number - _FIRST), article)])[0]
        for candidate, _ in questions([work], IssueList(()))[0]:
            passage = candidate.passage
            if passage.voice == "speech":
                words = f"{number}\n{passage.target[0]}\n{passage.text}"
                yield hashlib.sha256(words.encode()).hexdigest()[:16], passage
