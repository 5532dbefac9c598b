"""Puts dead letters back on the topic that they failed on, each once: key and value to the byte, one attempt more.

A letter says where it came from, and only a topic that a stage reads is taken for an answer. What was put back is in the
books (``book``) when the broker has acknowledged it; a crash between the two makes a letter go back twice, which the stages
bear: a document is never its own copy, and its event has the same id.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from schemas import DeadLetter
from services.consumer.tail import GroupOffset, Tail
from services.deadletters.book import Book, read_book
from services.deadletters.letters import Letter, Which, read_letter
from services.producer.client import DELIVERY_SECONDS, FAILURES, Producer, close, connect, ends_run, explain
from services.runtime.records import ATTEMPT, ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, STAGES
from services.sinks.sink import SINKS

_BATCH = 100
"""Letters sent before their answers are awaited and the offsets committed: at most these are repeated after a crash."""
_OF_SINKS = frozenset(sink.stage for sink in SINKS)
"""Their letters hold events, which others have read already: `stancewire sink NAME --again` writes them."""
_NAMED = 100
_PATIENCE_SECONDS = DELIVERY_SECONDS + 5


@dataclass(frozen=True)
class Failed:
    """A letter that was not put back, and why."""

    position: str
    reason: str


@dataclass(frozen=True)
class ReplayReport:
    """How a replay ended.

    ``replayed`` were put back (in a dry run: would be), ``by_topic`` says where to. ``passed_over`` did not match and stay for
    another replay. ``before`` were put back by an earlier one, or stand beside a letter of the same message that this one puts
    back (a stage that was killed and began again writes a second). ``unusable`` are no letters, or name no topic of ours: they
    are left for good. ``undelivered`` the broker did not take: the next replay tries again. The last two name the first 100.
    """

    dry_run: bool
    replayed: int
    by_topic: Mapping[str, int]
    passed_over: int
    before: int
    unusable_count: int
    unusable: tuple[Failed, ...]
    undelivered_count: int
    undelivered: tuple[Failed, ...]
    stopped: str | None

    @property
    def ok(self) -> bool:
        """Whether every letter that was meant was put back: the exit status."""
        return not self.unusable_count and not self.undelivered_count and self.stopped is None


@dataclass
class _Sent:
    letter: Letter
    topic: str
    future: Any


@dataclass
class _Run:
    tail: Tail
    producer: Producer | None
    replayed: int = 0
    passed_over: int = 0
    before: int = 0
    unusable_count: int = 0
    undelivered_count: int = 0
    stopped: str | None = None
    by_topic: Counter[str] = field(default_factory=Counter)
    unusable: list[Failed] = field(default_factory=list)
    undelivered: list[Failed] = field(default_factory=list)
    sent: list[_Sent] = field(default_factory=list)
    books: dict[int, tuple[GroupOffset, Book]] = field(default_factory=dict)
    _messages: set[tuple[str, int, int, bytes]] = field(default_factory=set)

    def is_repeat(self, letter: Letter, said: DeadLetter) -> bool:
        """Whether a letter of the same message was sent already in this run; notes it where not.

        Content counts beside the place: a topic that is made anew begins its offsets again.
        """
        record = letter.record
        content = hashlib.sha256(repr((record.key, record.value)).encode()).digest()
        message = (said.topic, said.partition, said.offset, content)
        if message in self._messages:
            return True
        self._messages.add(message)
        return False

    def book(self, partition: int) -> Book:
        """The books of a partition, read anew when it was given to us anew."""
        place = self.tail.placed[partition]
        kept = self.books.get(partition)
        if kept is None or kept[0] is not place:
            kept = self.books[partition] = (place, read_book(place.offset, place.note))
        return kept[1]

    def send(self, letter: Letter, said: DeadLetter) -> None:
        """Put a letter back, or name why not."""
        record = letter.record
        if self.producer is None:
            self._count(said.topic)
            return
        try:
            future = self.producer.send(said.topic, record.value, record.key, headers(letter, said))
        except FAILURES as error:
            self._fail(letter, error)
            return
        self.sent.append(_Sent(letter, said.topic, future))
        if len(self.sent) >= _BATCH:
            self.settle()

    def settle(self) -> None:
        """Await the answers to what was sent, and commit the offsets."""
        sent, self.sent = self.sent, []
        for one in sent:
            try:
                one.future.get(timeout=_PATIENCE_SECONDS)
            except FAILURES as error:
                self._fail(one.letter, error)
                continue
            self._count(one.topic)
            self.book(one.letter.record.partition).add(one.letter.record.offset)
        self.commit()

    def commit(self) -> None:
        if self.producer is None:
            return
        notes = {partition: (book.next, book.note()) for partition, (_, book) in self.books.items()}
        if any(note is None for _, note in notes.values()):
            self.stopped = "too many separate letters were left out to note what was put back; put those back first"
        places = {
            partition: GroupOffset(offset, note) for partition, (offset, note) in notes.items() if note is not None
        }
        if not self.tail.commit(places):
            self.stopped = "the offsets could not be committed; the next replay may put the same letters back again"

    def reject(self, letter: Letter, reason: str) -> None:
        """Name a letter that cannot be put back, and leave it for good."""
        self.unusable_count += 1
        if len(self.unusable) < _NAMED:
            self.unusable.append(Failed(letter.position, reason))
        self.book(letter.record.partition).add(letter.record.offset)

    def _fail(self, letter: Letter, error: Exception) -> None:
        self.undelivered_count += 1
        if len(self.undelivered) < _NAMED:
            self.undelivered.append(Failed(letter.position, explain(error)))
        if ends_run(error):
            self.stopped = self.stopped or f"the broker takes no messages: {explain(error)}"

    def _count(self, topic: str) -> None:
        self.replayed += 1
        self.by_topic[topic] += 1


def replay(
    settings: Settings,
    take: Which | None = None,
    *,
    limit: int | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
    producer: Producer | None = None,
) -> ReplayReport:
    """Put back the letters that are on the topic now and were not put back before.

    Args:
        settings: where the brokers are.
        take: which letters; None: all.
        limit: most letters to put back.
        dry_run: only count.
        progress: called with the number of letters put back (or sent) so far.
        producer: to send with, and left open; None: one of our own.

    Raises:
        ConsumeError, PublishError: no broker or no topic. SettingsError: no broker is named.
    """
    group = f"{settings.prefix}stancewire-replay"
    with (
        _sending(settings, producer, dry_run) as sender,
        Tail(settings, DEAD_LETTERS, group=group, to_end=True) as tail,
    ):
        run = _Run(tail, sender)
        try:
            _replay_all(run, take or Which(), targets(settings.prefix), limit, progress)
        except KeyboardInterrupt:
            run.stopped = "ended by Ctrl-C"
        run.settle()
    return ReplayReport(
        dry_run=dry_run,
        replayed=run.replayed,
        by_topic=dict(run.by_topic),
        passed_over=run.passed_over,
        before=run.before,
        unusable_count=run.unusable_count,
        unusable=tuple(run.unusable),
        undelivered_count=run.undelivered_count,
        undelivered=tuple(run.undelivered),
        stopped=run.stopped,
    )


def targets(prefix: str) -> frozenset[str]:
    """The topics that a letter may go back to: those that stages read."""
    return frozenset(prefix + stage.reads.name for stage in STAGES)


def headers(letter: Letter, said: DeadLetter) -> list[tuple[str, bytes]]:
    """The headers of a letter that is put back: the original's own, its origin, and one attempt more."""
    ours = [(ORIGIN, said.origin.encode()), (ATTEMPT, str(said.attempt + 1).encode())]
    return [header for header in letter.record.headers if not header[0].startswith("stancewire.")] + ours


def _replay_all(
    run: _Run, take: Which, allowed: frozenset[str], limit: int | None, progress: Callable[[int], None] | None
) -> None:
    if limit is not None and limit <= 0:
        return
    for record in run.tail:
        letter = read_letter(record)
        said = letter.letter
        if record.offset in run.book(record.partition):
            run.before += 1
        elif said is None:
            run.reject(letter, letter.problem or "the message is unreadable")
        elif not take(said) or said.stage in _OF_SINKS:
            run.passed_over += 1
        elif said.topic not in allowed:
            run.reject(letter, f"it names the topic {said.topic[:100]!r}, which no stage reads")
        elif record.key is None and record.value is None:
            run.reject(letter, "it has neither a key nor a value")
        elif run.is_repeat(letter, said):
            run.before += 1
            run.book(record.partition).add(record.offset)
        else:
            run.send(letter, said)
            if progress is not None:
                progress(run.replayed + len(run.sent))
        if run.stopped or run.replayed + len(run.sent) == limit:
            return


@contextmanager
def _sending(settings: Settings, producer: Producer | None, dry_run: bool) -> Iterator[Producer | None]:
    if dry_run or producer is not None:
        yield None if dry_run else producer
        return
    ours = connect(settings)
    try:
        yield ours
    finally:
        close(ours)
