"""Memory over many documents through one ``EntityTagger`` in one process: is it flat?

The documents are Reuters items, over and over, each with words and names in it that no document before had: real text alone
would repeat its strings, and hide a store that grows. After every thousandth document the strings that spaCy holds and the
memory of the process (Linux: resident pages) are read; ``growth_percent`` is from the end of the warm-up, a tenth of the
documents, to the end.
"""

import gc
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

from pydantic import BaseModel

from evaluation.bench.works import make_work, resident_bytes
from evaluation.data import DATA, Article, DataError, objects, reading
from services.entities import agent
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load

DOCUMENTS = 100_000
ITEMS = DATA / "reuters21578" / "articles.jsonl.gz"
_LONGEST = 2_000
"""Characters of an item that is taken; most have fewer, and 100,000 of them are read in an hour or two."""
_STEPS = 100
"""Readings at most: a plot's worth, each after a thousand documents or more."""
_EVERY = 1_000
_WARM_UP = 0.1
"""Share of the documents in which caches fill and the allocator finds its size."""
_SYLLABLES = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "za"]
_MB = 1_000_000


class _Item(BaseModel):
    title: str
    text: str


def measure(documents: int) -> dict[str, Any]:
    """Strings and megabytes at the start, after the warm-up and at the end, and ``curve``: documents, strings, MB of each step.

    Raises:
        DataError: the Reuters items are not there. SettingsError: the model is not.
    """
    agent.check()
    short = items()
    tagger = EntityTagger(load(EntitySettings))
    every = max(1, min(_EVERY, documents // 10), documents // _STEPS)
    warm = max(1, round(_WARM_UP * documents / every)) * every
    curve = [_step(0, tagger)]
    for number, article in enumerate(islice(salted(short), documents), start=1):
        tagger([make_work(f"{number}", article)])
        if number % every == 0 or number == documents:
            curve.append(_step(number, tagger))
    after = next(step for step in curve if step[0] >= min(warm, documents))
    return {
        "data": str(ITEMS),
        "documents": documents,
        "strings_start": curve[0][1],
        "strings_warm": after[1],
        "strings_end": curve[-1][1],
        "rss_start_mb": curve[0][2],
        "rss_warm_mb": after[2],
        "rss_end_mb": curve[-1][2],
        "growth_percent": 100 * (curve[-1][2] / after[2] - 1),
        "curve": curve,
    }


def items() -> list[_Item]:
    """The short Reuters items. Raises DataError: they are not there."""
    with reading(ITEMS):
        read = [_Item.model_validate(value) for value in objects(ITEMS)]
    short = [item for item in read if 0 < len(item.text) <= _LONGEST]
    if not short:
        raise DataError(f"{ITEMS}: no item of at most {_LONGEST} characters in it")
    return short


def salted(repeated: list[_Item]) -> Iterator[Article]:
    """The items over and over, for ever, each with words and names that none before had."""
    for number, item in enumerate(cycle(repeated)):
        first, last, town, body = (_coined(4 * number + at).capitalize() for at in range(4))
        salt = (
            f"{first} {last} of {town} said that {body} Corp would {_coined(4 * number)}ate the {last.lower()}ing of "
            f"{town}. Mr. {last} left."
        )
        yield Article(title=f"{item.title} - {last}", text=f"{salt}\n\n{item.text}")


def _coined(number: int) -> str:
    """A word that no other number has."""
    word = ""
    for digit in f"{number:06}":
        word += _SYLLABLES[int(digit)]
    return word


def _step(number: int, tagger: EntityTagger) -> tuple[int, int, float]:
    gc.collect()  # what only waits to be collected is no growth
    return number, tagger.string_store_size, round(resident_bytes() / _MB, 1)
