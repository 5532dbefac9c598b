"""Reads ``news.deadletter``: gives each message as a letter, or as a problem if its headers are not those of a dead letter."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import ValidationError

from schemas import DeadLetter, Reason
from services.consumer.start import Start
from services.consumer.tail import Tail, fetch
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, STAGES
from services.sinks.sink import SINKS

_POSITION = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")


@dataclass(frozen=True)
class Letter:
    """A message of the dead-letter topic: ``letter`` is what its headers say, or else ``problem`` why they say nothing.

    Its key and value are those of the message that failed.
    """

    record: Record
    letter: DeadLetter | None
    problem: str | None = None

    @property
    def position(self) -> str:
        """partition:offset in the dead-letter topic, the name that ``find`` takes."""
        return f"{self.record.partition}:{self.record.offset}"


@dataclass(frozen=True)
class Which:
    """Which letters to take; an empty option asks for nothing."""

    reasons: frozenset[Reason] = field(default_factory=frozenset)
    stages: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether ``letter`` is one of them."""
        return (not self.reasons or letter.reason in self.reasons) and (not self.stages or letter.stage in self.stages)


def which(reasons: Iterable[str] = (), stages: Iterable[str] = ()) -> Which:
    """Read what a user typed.

    Raises:
        ValueError: an unknown reason or stage; the message lists the known ones.
    """
    known = (*(stage.name for stage in STAGES), *(sink.stage for sink in SINKS))
    wanted = frozenset(stages)
    for stage in wanted.difference(known):
        raise ValueError(f"--stage: unknown stage {stage[:50]!r}; choose one of {', '.join(known)}")
    return Which(frozenset(_reason(reason) for reason in reasons), wanted)


def letters(
    settings: Settings, take: Which | None = None, *, start: Start = "beginning", newest: int | None = None
) -> Iterator[Letter]:
    """The letters that are on the topic now, oldest first within a partition; unreadable ones only without ``take``.

    Args:
        settings: where the brokers are.
        take: which letters.
        start: where to start.
        newest: only so many, the last that came.

    Raises:
        ConsumeError: no broker or no topic. SettingsError: no broker is named.
    """
    found = _letters(settings, take or Which(), start)
    return found if newest is None else iter(deque(found, newest))


def find(settings: Settings, position: str) -> Letter:
    """The letter at ``position``, partition:offset.

    Raises:
        ValueError: not a position. LookupError: no letter is there. ConsumeError: no broker or no topic.
    """
    match = _POSITION.fullmatch(position)
    if match is None:
        raise ValueError(f"{position[:50]!r} is not a position; give partition:offset, such as 0:17")
    return read_letter(fetch(settings, DEAD_LETTERS, int(match[1]), int(match[2])))


def read_letter(record: Record) -> Letter:
    """The letter in a message of the dead-letter topic."""
    try:
        return Letter(record, DeadLetter.from_headers(list(record.headers)))
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)[:3]
        ]
        return Letter(record, None, f"its headers are not a dead letter's: {'; '.join(faults)}"[:300])


def _letters(settings: Settings, take: Which, start: Start) -> Iterator[Letter]:
    with Tail(settings, DEAD_LETTERS, start=start, to_end=True) as tail:
        for record in tail:
            letter = read_letter(record)
            if (letter.letter is None and take == Which()) or (letter.letter is not None and take(letter.letter)):
                yield letter


def _reason(words: str) -> Reason:
    try:
        return Reason(words.strip().casefold().replace("-", "_"))
    except ValueError:
        raise ValueError(f"--reason: unknown reason {words[:50]!r}; choose one of {', '.join(Reason)}") from None
