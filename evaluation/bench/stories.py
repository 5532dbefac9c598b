"""The stage of stories with a full window on one core: documents a second, and bytes a document.

The documents are made up, of 300 words each and 10 in the title. Their words are as frequent as in news: small words, those of the
stage's background by the articles that have them, and a few that are hardly ever there again, so that a document has some 200
different words, of which 4 were not in the last thousands (8,000 articles of AllSides: 188 and 4). Three of four tell one of the
last thousand events over again with half of its words. Each has an issue, three sides and twelve entities: six people with full
names, two with surnames alone, four bodies. What is timed comes after
the window is full and moves on, and is CPU time: the verdict and its row, in a RocksDB as Faust has it. ``records_per_second`` is
how many records of stories are made, of those that ten percent of what is timed has changed. Memory is what the process grew by
(Linux: resident pages); ids of 40 characters are part of it. Not measured is what goes to Kafka.
"""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from importlib import resources
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from evaluation.bench.works import RECEIVED, Table, cpu_seconds, resident_bytes
from schemas import (
    Duplicate,
    Entity,
    Event,
    Evidence,
    Holder,
    Issue,
    Mention,
    Probabilities,
    Processing,
    Stance,
    Status,
    Target,
    Work,
)
from schemas.event import EntityType
from services.stories.keeper import Keeper
from services.stories.settings import StoriesSettings
from services.stories.terms import SMALL

DOCUMENTS = 200_000
_TIMED = 5_000
_PORTIONS = 10
"""In so many portions, of which the median counts: another process may be at work in some."""
_SMALL_SHARE, _RARE_SHARE = 0.45, 0.02
_RARE = 300_000
_WORDS, _TITLE = 300, 10
_EVENTS = 1_000
_TOLD_AGAIN = 0.75
_CHUNK = 500
_FIRST_NAMES, _SURNAMES, _BODIES = 40, 400, 3_000
_FULL, _BARE, _NAMED_BODIES = 6, 2, 4


def measure(documents: int) -> dict[str, Any]:
    """Rates on one core with a full window of ``documents``, and bytes a document in it."""
    stream = _documents(np.random.default_rng(1))
    with tempfile.TemporaryDirectory(prefix="stancewire-bench-") as folder:
        table = Table(Path(folder))
        keeper = Keeper(StoriesSettings(window_documents=documents, window_days=366), table)
        keeper.place(next(stream)).write(table)
        before = resident_bytes()
        for _ in range(documents):
            keeper.place(next(stream)).write(table)
        grown, written = resident_bytes() - before, table.written
        keeper.changes()
        timed = [next(stream) for _ in range(_TIMED)]
        joined = keyed = 0

        def place(these: list[Work]) -> None:
            nonlocal joined, keyed
            for one in these:
                placement = keeper.place(one)
                placement.write(table)
                story = placement.work.event.story
                joined += story is not None and story.of is not None
                keyed += sum(entity.key is not None for entity in placement.work.event.entities)

        size = _TIMED // _PORTIONS
        portions = [timed[at : at + size] for at in range(0, _TIMED, size)]
        placing, telling = [], []
        for portion in portions:
            placing.append(cpu_seconds(partial(place, portion)) / size)
            changed: list[object] = []
            telling.append(cpu_seconds(lambda found=changed: found.extend(keeper.changes())) / max(1, len(changed)))  # type: ignore[misc]
        held, stories = len(keeper), keeper.stories
        loading = cpu_seconds(keeper.load)
    return {
        "data": f"made up of news' words, {_WORDS} each",
        "documents": held,
        "stories": stories,
        "documents_per_second": 1 / median(placing),
        "records_per_second": 1 / median(telling),
        "bytes_per_document": grown / documents,
        "table_bytes_per_document": written / documents,
        "load_seconds": loading,
        "joined": joined / _TIMED,
        "bare_names_resolved": (keyed / _TIMED - _FULL - _NAMED_BODIES) / _BARE,
    }


def _documents(random: np.random.Generator) -> Iterator[Work]:
    """Documents without end."""
    vocabulary, shares = _words()
    ends = np.cumsum(shares)
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
        for row, names in zip(vocabulary[words], _names(random), strict=True):
            yield _work(number, " ".join(row[:_TITLE]), " ".join(row[_TITLE:]), names)
            number += 1


def _words() -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float64]]:
    """The words of documents, and the share of each."""
    small = sorted(SMALL)
    _, *lines = resources.files("services.stories").joinpath("background.txt").read_text("utf-8").splitlines()
    counted = [(stem, int(count)) for count, *stems in map(str.split, lines) for stem in stems]
    counts = np.array([count for _, count in counted])
    often = 1 / np.arange(1, len(small) + 1)
    shares = (
        _SMALL_SHARE * often / often.sum(),
        (1 - _SMALL_SHARE - _RARE_SHARE) * counts / counts.sum(),
        np.full(_RARE, _RARE_SHARE / _RARE),
    )
    rare = [f"w{number:x}" for number in range(_RARE)]
    return np.array([*small, *(stem for stem, _ in counted), *rare]), np.concatenate(shares)


def _names(random: np.random.Generator) -> Iterator[list[tuple[str, EntityType, str | None]]]:
    """Names of a chunk of documents, with types and keys: some people and bodies are named often, most seldom."""
    size = (_CHUNK, _FULL + _BARE + _NAMED_BODIES)
    seldom = random.random(size) ** 3
    firsts = random.random(size) ** 2
    for ranks, others in zip(seldom.tolist(), firsts.tolist(), strict=True):
        names: list[tuple[str, EntityType, str | None]] = []
        for at, (rank, other) in enumerate(zip(ranks, others, strict=True)):
            name, first = f"Sur{int(rank * _SURNAMES)}", f"Given{int(other * _FIRST_NAMES)}"
            if at < _FULL:
                names.append((f"{first} {name}", "PERSON", f"person:{first} {name}".casefold()))
            elif at < _FULL + _BARE:
                names.append((name, "PERSON", None))
            else:
                names.append((f"Body {int(rank * _BODIES)}", "ORG", f"body:body {int(rank * _BODIES)}"))
        yield names


def _work(number: int, title: str, text: str, names: list[tuple[str, EntityType, str | None]]) -> Work:
    """A document as the stance stage hands it on."""
    places = [Mention(field="title", start=0, end=len(title), text=title)]
    entities = tuple(
        Entity(id=f"e{at}", name=name, type=kind, key=key, salience=1 / len(names), mentions=tuple(places))
        for at, (name, kind, key) in enumerate(names, 1)
    )
    issue = Issue(id="i1", name=f"plan {number % 3000}", salience=1.0, mentions=tuple(places))
    stances = tuple(
        Stance(
            holder=Holder(kind="speaker", name=f"speaker {(number + other) % 900}"),
            target=Target(kind="issue", issue="i1"),
            stance="favor" if other else "against",
            basis="speech",
            confidence=0.9,
            probabilities=Probabilities(favor=0.9, against=0.05, neutral=0.05),
            evidence=(Evidence(field="text", start=0, end=120, confidence=0.9),),
        )
        for other in range(3)
    )
    name = f"{number:040d}"
    event = Event(
        event_id=name,
        id=name,
        status=Status.ENRICHED,
        title=title,
        text=text,
        source=f"s{number % 97}",
        duplicate=Duplicate(verdict="unique", cluster=name, rule="r"),
        entities=entities,
        issues=(issue,),
        stances=stances,
        processing=Processing(pipeline="bench", received_at=RECEIVED + timedelta(seconds=number // 2)),
    )
    return Work(event=event)
