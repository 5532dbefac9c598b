"""Follows ``news.enriched``: gives each message as an event, or as a problem if it is not a valid one."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from pydantic import ValidationError

from schemas import Event
from services.consumer.seen import Seen
from services.consumer.start import Start
from services.consumer.tail import GroupOffset, Tail
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED

_REMEMBERED = 100_000
"""Events that a repeat is recognised among, in 20 MB. Repeats come from restarts and follow closely: a worker repeats at
most its batches in flight, some hundred."""
_COMMIT_SECONDS = 1.0
"""What a crash makes us read again; each commit is a round trip of some 2 ms."""


@dataclass(frozen=True)
class Received:
    """A message of the topic: its ``event``, or the ``problem`` that makes it unreadable."""

    record: Record
    event: Event | None
    problem: str | None = None


class Follower:
    """An open follower; use it in a ``with`` statement, then iterate. Entering finds the start.

    An item is done with when the next one is asked for (or iteration ends by itself). With a group, what is done with is
    committed about once a second and at the end; with ``commit_by_hand`` only by ``commit()``, for who buffers.

    Args:
        settings: where the brokers are.
        start: where to start; with a group, where it has been nowhere.
        group: name of a consumer group (the settings' prefix is put before it) that remembers the place, or None.
        idle: seconds without a message after which to end; None: never.
        limit: most items to give.
        to_end: end where the topic ended when entered.
        unique: drop events whose ``event_id`` came before, among the last 100,000.
        commit_by_hand: see above.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        start: Start = "end",
        group: str | None = None,
        idle: float | None = None,
        limit: int | None = None,
        to_end: bool = False,
        unique: bool = False,
        commit_by_hand: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        name = f"{settings.prefix}{group}" if group else None
        self._tail = Tail(settings, ENRICHED, start=start, group=name, idle=idle, to_end=to_end, clock=clock)
        self._grouped = name is not None
        self._limit = limit
        self._unique = unique
        self._commit_by_hand = commit_by_hand
        self._clock = clock
        self._done: dict[int, GroupOffset] = {}
        self._seen = Seen(_REMEMBERED)
        self.repeats = 0

    def __enter__(self) -> Self:
        """Connect and find the start. Raises ConsumeError, SettingsError."""
        self._tail.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        """Commit what is done with, and close."""
        try:
            if not self._commit_by_hand:
                self.commit()
        finally:
            self._tail.__exit__(*exception)

    def __iter__(self) -> Iterator[Received]:
        """The messages, in order within a partition. Raises ConsumeError."""
        left = self._limit
        next_commit = self._clock() + _COMMIT_SECONDS
        if left is not None and left <= 0:
            return
        for record in self._tail:
            received = read_event(record)
            if self._unique and received.event is not None and not self._seen.add(received.event.event_id):
                self.repeats += 1
            else:
                yield received
                left = left - 1 if left is not None else None
            self._done[record.partition] = GroupOffset(record.offset + 1)
            if left == 0:
                return
            if not self._commit_by_hand and self._clock() >= next_commit:
                self.commit()
                next_commit = self._clock() + _COMMIT_SECONDS

    def commit(self) -> bool:
        """Commit for the group all that is done with; False where that failed, and it will be read again."""
        if not self._grouped or not self._done:
            return True
        committed = self._tail.commit(self._done)
        if committed:
            self._done = {}
        return committed


def read_event(record: Record) -> Received:
    """The event in a message of ``news.enriched``."""
    if record.value is None:
        return Received(record, None, "the message has no value")
    try:
        return Received(record, Event.read(record.value))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:100]
        return Received(record, None, f"not an event: {where + ': ' if where else ''}{first['msg']}"[:300])
