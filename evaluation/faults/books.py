"""What a run's topics hold, record by record, and what follows from it. Pure: it is told what was read, so it can be doctored.

Decides what is lost, repeated, out of order or committed too early. Reads nothing itself; when to look is the run's to say.

* **Input**: a record of the documents' topic. **Lost**: an input without an event. **Stray**: an event of no input.
* **Repeat**: an event beyond the first of its input. **Changed**: an input whose events differ in more than the times of their
  making, so that dropping repeats would not leave one disposition.
* **Disordered**: an input whose first event came after the first event of a later input with the same key.
* **Ahead**: an input that a stage had committed while nothing that was made of it was on the stage's output topics.
* **Recovery**: from a fault's end to when each partition has an enriched event of a document sent after that end. Such a
  document passes through all stages, behind all that had piled up, so that this is never less than what any one stage took.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.recorded import Answer, Told, told
from schemas import DeadLetter, Event, Reason, Status
from schemas.event import document_part
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, STAGES, Stage

POISON = {"poisonhang": Reason.TIMED_OUT, "poisoncrash": Reason.CRASHED, "poisoneat": Reason.ERROR}
"""What a document whose key begins so must end with, as a dead letter."""
LARGE = "large"
"""A document whose key begins so may end as a dead letter: a broker may refuse what is made of it, and take it the next time."""
READ = (DOCUMENTS.name, *dict.fromkeys(topic.name for stage in STAGES for topic in stage.writes), DEAD_LETTERS.name)
"""The topics that a run is judged by."""
_NOTHING = Told(None, ())
"""Said of what never comes to the stories stage: of no story, and without entities."""
_MADE_WHEN = ("enriched_at", "stage_seconds")


@dataclass(frozen=True)
class Input:
    """A document as it was sent."""

    partition: int
    offset: int
    key: str
    at: float


@dataclass(frozen=True)
class Outcome:
    """An event, cut down to what is judged. ``made`` has a digest of each of its parts, without the times of its making."""

    at: float
    event_id: str
    id: str
    status: Status
    reason: Reason | None
    answer: Answer
    told: Told
    made: Mapping[str, str]


def outcome(event: Event, at: float) -> Outcome:
    """What is kept of an event that came at ``at``."""
    return Outcome(
        at=at,
        event_id=event.event_id,
        id=event.id,
        status=event.status,
        reason=event.rejection.reason if event.rejection else None,
        answer=Answer("", document_part(event.event_id), event.status, event.duplicate),
        told=told(event),
        made={name: _digest(value) for name, value in content(event).items()},
    )


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=12).hexdigest()


def content(event: Event) -> dict[str, Any]:
    """What must be the same when an event is made again: all but the times of its making."""
    dumped = json.loads(event.model_dump_json())
    for name in _MADE_WHEN:
        del dumped["processing"][name]
    return dict(dumped)


class Books:
    """Everything that was on the topics of a run."""

    def __init__(self) -> None:
        self.inputs: dict[str, Input] = {}
        self.outcomes: dict[str, list[Outcome]] = defaultdict(list)
        self.letters: dict[str, list[DeadLetter]] = defaultdict(list)
        self._read: dict[tuple[str, int], int] = {}
        self._origins: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        self._first: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        self._audited: Counter[tuple[str, int]] = Counter()

    def note(self, topic: str, partition: int, offset: int, origin: str) -> None:
        """A record was read; ``topic`` is without the settings' prefix, ``origin`` the position of the document that it is of."""
        self._read[topic, partition] = offset + 1
        self._origins[topic, partition].append((offset, origin))
        self._first[topic].setdefault(origin, (partition, offset))

    def reached(self, topic: str, partition: int, offset: int) -> None:
        """All before ``offset`` was read; the last of it may be no record but the end of a transaction."""
        self._read[topic, partition] = offset

    def note_input(self, origin: str, one: Input) -> None:
        """A document was read on the topic where it was sent to."""
        self.inputs[origin] = one

    def note_outcome(self, origin: str, one: Outcome) -> None:
        """An event was read on the output topic."""
        self.outcomes[origin].append(one)

    def note_letter(self, origin: str, letter: DeadLetter) -> None:
        """A dead letter was read."""
        self.letters[origin].append(letter)

    def has_read(self, ends: Mapping[tuple[str, int], int]) -> bool:
        """Whether all records before ``ends``, by topic and partition, were noted."""
        return all(self._read.get(place, 0) >= end for place, end in ends.items())

    def waiting(self) -> int:
        """Inputs without an event."""
        return sum(origin not in self.outcomes for origin in list(self.inputs))

    def recovered(self, since: float, partitions: int) -> float | None:
        """When each partition had an enriched event of a document sent at ``since`` or later; None where one has none yet.

        Copies do not count: no model reads them.
        """
        firsts: list[float] = []
        for partition in range(partitions):
            first: float | None = None
            for _, origin in reversed(self._origins[DOCUMENTS.name, partition]):
                if self.inputs[origin].at < since:
                    break
                found = self.outcomes.get(origin)
                if found and found[0].status is Status.ENRICHED:
                    first = min(found[0].at, first or found[0].at)
            if first is None:
                return None
            firsts.append(first)
        return max(firsts)

    def ahead(
        self, stage: Stage, committed: Mapping[int, int], ends: Mapping[tuple[str, int], int]
    ) -> tuple[int, list[str]]:
        """How many offsets of ``stage`` were committed since the last call, and which of them nothing had come of.

        Args:
            stage: whose books are looked at.
            committed: the offset that its group had committed, by partition.
            ends: where the output topics ended at that moment, by topic and partition; all before must have been noted.
        """
        looked, wrong = 0, []
        outputs = [topic.name for topic in (*stage.writes, ENRICHED)]
        for partition, offset in committed.items():
            place = (stage.reads.name, partition)
            records = self._origins[place]
            while self._audited[place] < len(records) and records[self._audited[place]][0] < offset:
                origin = records[self._audited[place]][1]
                self._audited[place] += 1
                looked += 1
                found = (self._first[topic].get(origin) for topic in outputs)
                there = zip(outputs, found, strict=True)
                if not any(at is not None and at[1] < ends.get((topic, at[0]), 0) for topic, at in there):
                    wrong.append(f"{stage.name}: {origin}, committed to {offset}")
        return looked, wrong

    def check(self, right: Mapping[str, Answer], stories: Mapping[str, Told]) -> "Findings":
        """Judge all that was read. ``right``: what the judge should have said, by origin; ``stories``: that of stories."""
        statuses: Counter[str] = Counter()
        wrong, misplaced, unexpected = [], [], []
        for origin, found in self.outcomes.items():
            for status in {one.status for one in found}:
                statuses[status.value] += 1
            if not _is_expected(self.inputs.get(origin), found):
                unexpected.append(origin)
            said = right.get(origin)
            if any(one.status is not Status.DEAD_LETTERED and not _is_right(one, said) for one in found):
                wrong.append(origin)
            if any(
                one.status is not Status.DEAD_LETTERED and one.told != stories.get(origin, _NOTHING) for one in found
            ):
                misplaced.append(origin)
        return Findings(
            inputs=len(self.inputs),
            lost=[origin for origin in self.inputs if origin not in self.outcomes],
            strays=[origin for origin in self.outcomes if origin not in self.inputs],
            repeats=sum(len(found) - 1 for found in self.outcomes.values()),
            changed=[
                f"{origin}: {', '.join(parts)}"
                for origin, found in self.outcomes.items()
                if (parts := _differing(self.inputs.get(origin), found))
            ],
            self_duplicates=[
                origin
                for origin, found in self.outcomes.items()
                if any(one.answer.duplicate is not None and one.answer.duplicate.of == one.id for one in found)
            ],
            disordered=self._disordered(),
            wrong_verdicts=wrong,
            wrong_stories=misplaced,
            unexpected=unexpected,
            without_letter=[
                origin
                for origin, found in self.outcomes.items()
                if any(one.reason is not None for one in found) and origin not in self.letters
            ],
            statuses=dict(statuses),
        )

    def _disordered(self) -> list[str]:
        """Inputs whose first event came after that of a later input with their key. Rejections leave early, and do not count; nor
        does a document that is sent again, whose event is the one that is out already, to be dropped by its id."""
        newest: dict[tuple[str, int], int] = {}  # by key and partition: where partitions are added, keys move
        out = set()
        late = []
        for origin in self._first[ENRICHED.name]:  # in the order in which they were read, and a key has one partition
            one = self.inputs.get(origin)
            first = self.outcomes[origin][0]
            if one is None or first.status is Status.REJECTED or first.event_id in out:
                continue
            out.add(first.event_id)
            before = newest.get((one.key, one.partition), 0)
            if one.offset < before:
                late.append(origin)
            newest[one.key, one.partition] = max(one.offset, before)
        return late


@dataclass(frozen=True)
class Findings:
    """What a run shows. Lists name the inputs; ``changed`` also the parts of the events that differ."""

    inputs: int
    lost: Sequence[str]
    strays: Sequence[str]
    repeats: int
    changed: Sequence[str]
    self_duplicates: Sequence[str]
    disordered: Sequence[str]
    wrong_verdicts: Sequence[str]
    wrong_stories: Sequence[str]
    unexpected: Sequence[str]
    without_letter: Sequence[str]
    statuses: Mapping[str, int]

    @property
    def faults(self) -> dict[str, Sequence[str]]:
        """What must be empty, by name."""
        names = (
            "lost",
            "strays",
            "changed",
            "self_duplicates",
            "disordered",
            "wrong_verdicts",
            "wrong_stories",
            "unexpected",
        )
        return {name: getattr(self, name) for name in (*names, "without_letter")}


def _is_right(one: Outcome, said: Answer | None) -> bool:
    """Whether an event carries what the judge should have said. What intake rejected never came to the judge."""
    if said is None:
        return one.status is Status.REJECTED
    return (said.event_id, said.status, said.duplicate) == (one.answer.event_id, one.status, one.answer.duplicate)


def _differing(one: Input | None, found: Sequence[Outcome]) -> list[str]:
    """The parts in which the events of an input differ. Of what a broker refused and later takes: its id."""
    if one is not None and one.key.partition("-")[0] == LARGE:
        return ["event_id"] if len({event.answer.event_id for event in found}) > 1 else []
    names = dict.fromkeys(name for event in found for name in event.made)
    return [name for name in names if len({event.made.get(name) for event in found}) > 1]


def _is_expected(one: Input | None, found: Sequence[Outcome]) -> bool:
    """Whether a document that must fail did so, for its own reason, and no other did."""
    key = one.key.partition("-")[0] if one is not None else ""
    if key in POISON:
        return all((event.status, event.reason) == (Status.DEAD_LETTERED, POISON[key]) for event in found)
    return key == LARGE or all(event.status is not Status.DEAD_LETTERED for event in found)
