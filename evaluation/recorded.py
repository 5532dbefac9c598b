"""What the judge, and the stories stage, should have said: the pure core, alone, over the works in the order in which they came.

Verdicts are a function of that order. So whatever happened to workers, partitions and tables while the real judge was
at work, what came out must carry exactly what is said here. Works that intake wrote twice stand in that order twice; they
are left in, since it is the judge's to know them again.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from itertools import chain

from schemas import Event, Status, Story, StoryRecord, Work
from schemas.event import Duplicate, document_part
from services.consumer.tail import Tail
from services.dedup.core import Judge
from services.dedup.settings import DedupSettings
from services.runtime.records import Record, decode
from services.runtime.settings import Settings, load
from services.runtime.topology import ENRICHED, FINGERPRINTS, STANCES, UNIQUE, Topic, named
from services.stories.keeper import Keeper
from services.stories.settings import StoriesSettings

_DEDUP = named("dedup")


@dataclass(frozen=True)
class Answer:
    """What the judge said of one work, and the name of the topic that it sent it to (without the settings' prefix).

    ``event_id``: the work's, which is the first part of the event's.
    """

    topic: str
    event_id: str
    status: Status
    duplicate: Duplicate | None

    def is_in(self, event: Event) -> bool:
        """Whether the event says the same, whatever way it took."""
        return (self.event_id, self.status, self.duplicate) == (
            document_part(event.event_id),
            event.status,
            event.duplicate,
        )


@dataclass(frozen=True)
class Told:
    """What the stories stage said of one work: its story, and the key of each of its entities."""

    story: Story | None
    keys: tuple[str | None, ...]


def told(event: Event) -> Told:
    """What the stories stage said in an event."""
    return Told(event.story, tuple(entity.key for entity in event.entities))


class UnsteadyError(ValueError):
    """The same work was answered in two ways; the message says which."""


def expected(settings: Settings) -> dict[str, Answer]:
    """What the judge should have said of each work that the intake stage has handed to it, by the work's origin.

    Raises:
        UnsteadyError: the pure judge did not know a work again. ConsumeError: the topic cannot be read.
    """
    judge = judge_alone(load(DedupSettings))
    return _steady((record.origin, _answer(judge(decode(record)))) for record in _records(settings, FINGERPRINTS))


def given(settings: Settings) -> dict[str, Answer]:
    """What the judge has said of each work, by its origin, where no stage after it is at work: read from both its outputs.

    What the intake stage rejected is left out, since the judge has not seen it.

    Raises:
        UnsteadyError: a repeat says something else, or took another way. ConsumeError: a topic cannot be read.
    """
    passed = ((record.origin, _answered(UNIQUE, decode(record).event)) for record in _records(settings, UNIQUE))
    ended = (
        (record.origin, _answered(ENRICHED, Event.read(record.value or b""))) for record in _records(settings, ENRICHED)
    )
    both = chain(passed, ended)
    return _steady((origin, answer) for origin, answer in both if answer.status is not Status.REJECTED)


def expected_stories(settings: Settings) -> tuple[dict[str, Told], dict[str, StoryRecord]]:
    """What is to be said of each work that the stance stage has handed on, by the work's origin, and the records of the stories
    that live at the end, as they were at each story's last change.

    Raises:
        UnsteadyError: the keeper did not know a work again. ConsumeError: the topic cannot be read.
    """
    rows: dict[str, str] = {}
    keeper = Keeper(load(StoriesSettings), rows)
    found: dict[str, Told] = {}
    records: dict[str, StoryRecord] = {}
    for message in _records(settings, STANCES):
        placement = keeper.place(decode(message))
        placement.write(rows)
        said = told(placement.work.event)
        if found.setdefault(message.origin, said) != said:
            raise UnsteadyError(f"{message.origin}: first {found[message.origin]}, then {said}")
        for name, record in keeper.changes():
            if record is None:
                records.pop(name, None)
            else:
                records[name] = record
    return found, records


def judge_alone(settings: DedupSettings, table: MutableMapping[str, str] | None = None) -> Callable[[Work], Work]:
    """A judge in this process, whose rows go to ``table``: from a work to what the stage makes of it."""
    rows: MutableMapping[str, str] = {} if table is None else table
    judge = Judge(settings, rows)

    def judged(work: Work) -> Work:
        judgement = judge.judge(work)
        judgement.write(rows)
        return judgement.work

    return judged


def reloaded(settings: DedupSettings, table: Mapping[str, str]) -> Judge:
    """A judge that takes up where the one stopped that wrote ``table``."""
    judge = Judge(settings, table)
    judge.load()
    return judge


def _records(settings: Settings, topic: Topic) -> Iterable[Record]:
    with Tail(settings, topic, to_end=True) as tail:
        yield from tail


def _answer(work: Work) -> Answer:
    return _answered(ENRICHED if _DEDUP.leaves(work) else UNIQUE, work.event)


def _answered(topic: Topic, event: Event) -> Answer:
    return Answer(topic.name, document_part(event.event_id), event.status, event.duplicate)


def _steady(answers: Iterable[tuple[str, Answer]]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for origin, answer in answers:
        if found.setdefault(origin, answer) != answer:
            raise UnsteadyError(f"{origin}: first {found[origin]}, then {answer}")
    return found
