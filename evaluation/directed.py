"""Who takes which side toward whom within one sentence: DSE (Bai et al. 2021), two entities, five classes.

The classes are 0 (neither takes a side), 1 and 2 (the first toward the second in favor, the second toward the first), 3 and 4 (the
same, against). A sentence is given to the stance stage with its two entities as the only ones; of the stances between them the
surest side is the answer. The marks were found by a machine, and some are cut.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evaluation.bench.works import RECEIVED
from evaluation.data import DATA, DataError, lines, reading
from evaluation.scores import macro_f1
from schemas import Entity, Event, Mention, Processing, Status, Work
from services.runtime.settings import load
from services.stance import agent
from services.stance.core import StanceTagger, make_method
from services.stance.reading.method import PairMethod, sheets_of
from services.stance.reading.windows import Window
from services.stance.settings import StanceSettings
from services.stance.watched import IssueList

SENTENCES = DATA / "dse" / "valid.tsv.gz"
CLASSES = (0, 1, 2, 3, 4)
_FIRST, _SECOND = "e1", "e2"
_ANSWERS = {(_FIRST, "favor"): 1, (_SECOND, "favor"): 2, (_FIRST, "against"): 3, (_SECOND, "against"): 4}
_BRACKETS = re.compile(r"\[([^\[\]]+)\]")
_CHUNK = 200


@dataclass(frozen=True)
class Row:
    """A sentence, where its two entities stand in it (code points), and its class."""

    text: str
    first: tuple[int, int]
    second: tuple[int, int]
    label: int


def evaluate(path: Path | None) -> dict[str, Any]:
    """The macro F1 over the five classes, on the file ``path`` or the development part; beside it that of giving all rows the
    class that most have.

    Raises:
        DataError: the file is missing or not in the format. SettingsError: the model is not there.
    """
    source = path or SENTENCES
    found = list(read(source))
    if not found:
        raise DataError(f"{source}: no sentence with two entities in brackets is in it")
    agent.check()
    given = list(answers(found, load(StanceSettings)))
    gold = [row.label for row in found]
    most = Counter(gold).most_common(1)[0][0]
    return {
        "data": str(source),
        "n": len(gold),
        "macro_f1": macro_f1(given, gold, CLASSES),
        "accuracy": sum(a == b for a, b in zip(given, gold, strict=True)) / len(gold),
        "sides": sum(label != 0 for label in given),
        "floor_macro_f1": macro_f1([most] * len(gold), gold, CLASSES),
    }


def read(path: Path) -> Iterator[Row]:
    """The sentences of a file of four columns: the sentence, both names, the class. Sentences without two places in brackets
    are passed over.

    Raises:
        DataError: it is missing or not in the format.
    """
    with reading(path):
        for line in lines(path):
            sentence, _, _, label = line.split("\t")
            parts = _BRACKETS.split(sentence)
            if len(parts) != 5:
                continue
            first = (len(parts[0]), len(parts[0]) + len(parts[1]))
            second = (first[1] + len(parts[2]), first[1] + len(parts[2]) + len(parts[3]))
            if int(label) not in CLASSES:
                raise DataError(f"{path}: the class {label!r} is not one of 0 to 4")
            yield Row("".join(parts), first, second, int(label))


def answers(found: Sequence[Row], settings: StanceSettings) -> Iterator[int]:
    """The class of each sentence as the stage reads it, by the method that the settings name."""
    method = make_method(settings)
    if isinstance(method, PairMethod):
        yield from map(partial(_read, method), found)
        return
    tagger = StanceTagger(settings, method)
    for at in range(0, len(found), _CHUNK):
        for work in tagger([_work(row) for row in found[at : at + _CHUNK]]):
            stances = [
                (stance.confidence, _ANSWERS[stance.holder.entity, stance.stance])
                for stance in work.event.stances
                if stance.holder.entity in (_FIRST, _SECOND)
                and stance.target.entity in (_FIRST, _SECOND)
                and stance.stance != "neutral"
            ]
            yield max(stances, key=lambda one: one[0])[1] if stances else 0


def _read(method: PairMethod, row: Row) -> int:
    """The likeliest class by the model alone: what an event leaves out as too unsure counts here, too."""
    work = _work(row)
    (sheets,) = sheets_of([work], IssueList())
    likely: dict[int, float] = {}
    for window, shares in method.read(work.event, [sheet for _, sheet in sheets]):
        pairs = pairs_of(window)
        if pairs is not None:
            one, other = (shares[pair] for pair in pairs)
            found = {0: min(one[0], other[0]), 1: one[1], 2: other[1], 3: one[2], 4: other[2]}
            likely |= {label: max(share, likely.get(label, 0.0)) for label, share in found.items()}
    return max(likely, key=lambda label: likely[label]) if likely else 0


def pairs_of(window: Window) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Where the first entity of a sentence toward the second one stands in a window, and the second toward the first: holder and
    target. None where one of them does not."""
    held, aimed = (
        [
            next((i for i, at in enumerate(own) if window.spans[at].party.entity == entity), -1)
            for entity in (_FIRST, _SECOND)
        ]
        for own in (window.holders, window.targets)
    )
    return None if min(*held, *aimed) < 0 else ((held[0], aimed[1]), (held[1], aimed[0]))


def _work(row: Row) -> Work:
    event = Event(
        event_id="directed",
        id="directed",
        status=Status.ENRICHED,
        text=row.text,
        language="en",
        entities=(_entity(_FIRST, row.text, row.first), _entity(_SECOND, row.text, row.second)),
        processing=Processing(pipeline="directed", received_at=RECEIVED),
    )
    return Work(event=event, sentences=((0, len(row.text)),))


def _entity(id: str, text: str, place: tuple[int, int]) -> Entity:
    name = text[place[0] : place[1]]
    mention = Mention(field="text", start=place[0], end=place[1], text=name)
    return Entity(id=id, name=name, type="PERSON", salience=0.5, mentions=(mention,))
