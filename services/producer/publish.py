"""Sends messages to a topic, checks every delivery, and reports what arrived, where, and what did not.

kafka-python's ``send`` fails silently unless its future is looked at, and its buffer has no bound; so the futures of
all messages in flight are kept here, oldest first, and sending waits for the oldest when there are too many.
"""

import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.producer.client import (
    BATCH_OVERHEAD,
    DELIVERY_SECONDS,
    FAILURES,
    Producer,
    PublishError,
    check_topic,
    close,
    connect,
    ends_run,
    explain,
    largest_message,
)
from services.producer.item import Item, Origin, Problem, Rejected, Skipped
from services.producer.key import key_of_id
from services.producer.pace import Pace
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, Topic
from services.runtime.trace import Headers

__all__ = ["Progress", "PublishError", "Report", "Undelivered", "publish", "withdraw"]

NAMED = 100
"""Problems and undelivered documents that a report names; all are counted."""
_BYTES_IN_FLIGHT = 16 * 1024 * 1024
_MESSAGES_IN_FLIGHT = 10_000
"""Some 20 MB of futures and buffers in all; a tenth of it already keeps a local broker busy."""
_PATIENCE_SECONDS = DELIVERY_SECONDS + 5
"""The client answers by itself after ``DELIVERY_SECONDS``; this is for the case that it does not."""
_LAST_SECONDS = 2
"""After a delivery failed, or Ctrl-C, the answers that are on their way get so long: thousands of times what one takes."""
_PROGRESS_SECONDS = 0.1
"""As often as an eye follows a bar."""


@dataclass(frozen=True)
class Undelivered:
    """A message that the broker did not acknowledge, and why. It may have arrived all the same, where the answer was lost."""

    origin: Origin
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    read: int
    delivered: int
    problems: int
    undelivered: int
    rejected: int = 0


@dataclass(frozen=True)
class Report:
    """How a run ended. Every document that was sent is delivered or undelivered.

    ``rejected`` are those that were not sent, as the service would reject them. ``problems``, ``rejected``, ``skipped`` and
    ``undelivered`` name the first ``NAMED``; the counts are of all. ``stopped`` says why reading ended before the input did
    (a limit is no reason). ``offsets``: partition -> those of the delivered messages.
    """

    topic: str
    read: int
    delivered: int
    problem_count: int
    problems: tuple[Problem, ...]
    skipped_count: int
    skipped: tuple[Skipped, ...]
    undelivered_count: int
    undelivered: tuple[Undelivered, ...]
    stopped: str | None
    seconds: float
    offsets: Mapping[int, Sequence[int]]
    rejected_count: int = 0
    rejected: tuple[Rejected, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether all that there was to read was read and delivered: the exit status."""
        return not (self.problem_count or self.undelivered_count or self.rejected_count) and self.stopped is None

    @property
    def positions(self) -> list[tuple[str, int, int]]:
        """(topic, partition, offset) of every delivered message, by partition."""
        return [(self.topic, partition, offset) for partition, offsets in self.offsets.items() for offset in offsets]


@dataclass
class _Flight:
    """A message that was sent and not yet answered."""

    origin: Origin
    size: int
    future: Any


@dataclass
class _Run:
    """The books of a run."""

    producer: Producer
    topic: str
    largest: int | None
    headers: Headers = ()
    read: int = 0
    delivered: int = 0
    problem_count: int = 0
    skipped_count: int = 0
    rejected_count: int = 0
    undelivered_count: int = 0
    stopped: str | None = None
    bytes_in_flight: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    flights: "deque[_Flight]" = field(default_factory=deque)
    offsets: "dict[int, array[int]]" = field(default_factory=dict)

    def send(self, item: Item) -> None:
        """Send, and settle what was answered meanwhile; wait where too much is in flight."""
        size = len(item.value or b"") + len(item.key or b"") + sum(len(name) + len(one) for name, one in self.headers)
        if self.largest is not None and size + BATCH_OVERHEAD > self.largest:
            self.fail(item.origin, f"{size} bytes, the topic takes {self.largest} (its max.message.bytes)", False)
            return
        try:
            future = self.producer.send(self.topic, item.value, item.key, list(self.headers))
        except FAILURES as error:
            self.fail(item.origin, explain(error), ends_run(error))
            return
        self.flights.append(_Flight(item.origin, size, future))
        self.bytes_in_flight += size
        while self.flights and (self._too_much or self.flights[0].future.is_done):
            self.settle(_PATIENCE_SECONDS)

    @property
    def _too_much(self) -> bool:
        return self.bytes_in_flight > _BYTES_IN_FLIGHT or len(self.flights) > _MESSAGES_IN_FLIGHT

    def settle(self, patience: float) -> None:
        """Take the oldest message's answer; wait for it up to ``patience`` seconds."""
        flight = self.flights[0]  # taken off once it is answered, so that Ctrl-C while it is awaited loses no count
        try:
            arrived = flight.future.get(timeout=patience)
        except FAILURES as error:
            self.fail(flight.origin, explain(error), True)
        else:
            self.delivered += 1
            self.offsets.setdefault(arrived.partition, array("q")).append(arrived.offset)
        self.flights.popleft()
        self.bytes_in_flight -= flight.size

    def fail(self, origin: Origin, reason: str, stop: bool) -> None:
        """Note an undelivered message; stop where the next would fail too."""
        self.undelivered_count += 1
        if len(self.undelivered) < NAMED:
            self.undelivered.append(Undelivered(origin, reason))
        if stop:
            self.stopped = self.stopped or f"deliveries fail: {reason}"

    def account(self) -> None:
        """At the end: a message whose sending was interrupted is in no other count."""
        missing = self.read - self.delivered - self.undelivered_count
        for _ in range(missing):
            self.undelivered_count += 1
            self.undelivered.append(Undelivered(Origin("the last document"), "interrupted while it was sent"))

    def note(self, read: Problem | Skipped | Rejected) -> None:
        """Note what is not sent."""
        if isinstance(read, Problem):
            self.problem_count += 1
            if len(self.problems) < NAMED:
                self.problems.append(read)
        elif isinstance(read, Rejected):
            self.rejected_count += 1
            if len(self.rejected) < NAMED:
                self.rejected.append(read)
        else:
            self.skipped_count += 1
            if len(self.skipped) < NAMED:
                self.skipped.append(read)

    @property
    def progress(self) -> Progress:
        return Progress(self.read, self.delivered, self.problem_count, self.undelivered_count, self.rejected_count)

    def report(self, seconds: float) -> Report:
        return Report(
            topic=self.topic,
            read=self.read,
            delivered=self.delivered,
            problem_count=self.problem_count,
            problems=tuple(self.problems),
            skipped_count=self.skipped_count,
            skipped=tuple(self.skipped),
            undelivered_count=self.undelivered_count,
            undelivered=tuple(self.undelivered),
            stopped=self.stopped,
            seconds=seconds,
            offsets=self.offsets,
            rejected_count=self.rejected_count,
            rejected=tuple(self.rejected),
        )


def publish(
    items: Iterable[Item | Problem | Skipped | Rejected],
    settings: Settings,
    *,
    topic: Topic = DOCUMENTS,
    headers: Headers = (),
    rate: float | None = None,
    limit: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    flush_seconds: float = 30,
    producer: Producer | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Publish ``items`` on ``news.documents``, or on another ``topic``.

    Ends when they end, after ``limit`` documents, on Ctrl-C (what was sent is still awaited), or when the broker is
    away: no message waits longer than 25 s for its answer.

    Args:
        topic: of the topology; its name gets the settings' prefix.
        headers: of every message, such as those of a trace.
        rate: documents a second; None: as fast as they go.
        limit: most documents to read; problems do not count.
        progress: called about ten times a second, and at the end.
        flush_seconds: longest wait for the last answers.
        producer: to send with, and left open; None: one of our own.
        clock: seconds of a monotonic clock.
        sleep: waits for so many seconds.

    Raises:
        PublishError: no broker or no topic. SettingsError: no broker is named. ValueError: ``rate`` is not above 0.
    """
    pace = Pace(rate, clock, sleep) if rate is not None else None
    started = clock()
    name = settings.prefix + topic.name
    largest = largest_message(settings, name) if producer is None else None
    ours = producer or connect(settings)
    run = _Run(ours, name, largest, headers)
    try:
        check_topic(ours, run.topic)
        try:
            _send_all(run, items, pace, limit, _Ticker(progress, clock))
        except KeyboardInterrupt:
            run.stopped = "interrupted"
        _await_answers(run, flush_seconds, clock)
        run.account()
    finally:
        if producer is None:
            close(ours)
    if progress is not None:
        progress(run.progress)
    return run.report(clock() - started)


def withdraw(ids: Iterable[str], settings: Settings, **options: Any) -> Report:
    """Publish a tombstone for each id, which withdraws its document. ``options`` and errors are those of ``publish``."""
    return publish(_tombstones(ids), settings, **options)


def _tombstones(ids: Iterable[str]) -> Iterator[Item | Problem]:
    for number, identity in enumerate(ids, 1):
        origin = Origin("ids", "entry", number)
        try:
            yield Item(origin, None, key_of_id(identity))
        except ValueError as error:
            yield Problem(origin, f"{identity[:100]!r}: {error}")


class _Ticker:
    """Calls ``progress`` when it is time to."""

    def __init__(self, progress: Callable[[Progress], None] | None, clock: Callable[[], float]) -> None:
        self._progress = progress
        self._clock = clock
        self._next = clock()

    def tick(self, run: _Run) -> None:
        if self._progress is not None and self._clock() >= self._next:
            self._progress(run.progress)
            self._next = self._clock() + _PROGRESS_SECONDS


def _send_all(
    run: _Run,
    items: Iterable[Item | Problem | Skipped | Rejected],
    pace: Pace | None,
    limit: int | None,
    ticker: _Ticker,
) -> None:
    if limit is not None and limit <= 0:
        return
    for item in items:
        if isinstance(item, Item):
            if pace is not None:
                pace.wait()
            run.read += 1
            run.send(item)
        else:
            run.note(item)
        ticker.tick(run)
        if run.stopped or run.read == limit:
            return


def _await_answers(run: _Run, seconds: float, clock: Callable[[], float]) -> None:
    end = clock() + (min(seconds, _LAST_SECONDS) if run.stopped else seconds)
    while run.flights:
        run.settle(max(0.0, end - clock()))
