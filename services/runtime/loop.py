"""The loop of a stage: micro-batches in, outputs acknowledged, and only then offsets committed by our own ledger.

The one shape that lost no document in measurements of Faust on a real Kafka: source topic outside Faust's commits, raw
bytes, ``take_events``, nothing escapes, every output awaited, and on the unexpected a hard exit with nothing committed.
Several batches are under work at once, so that the NLP processes never wait for the broker; they are published in order.
"""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NoReturn

import faust
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP, EventT

from schemas import DeadLetter, Reason
from services.runtime import identity
from services.runtime.deadletter import (
    DeadLetterLimitError,
    DeadLetterPolicy,
    Maker,
    failure_event,
    failure_letter,
    rejection_letter,
)
from services.runtime.health import Health
from services.runtime.kafka import client_options
from services.runtime.lag import Lag
from services.runtime.ledger import Ledger, Place
from services.runtime.metrics import Metrics
from services.runtime.pool import DroppedError
from services.runtime.records import Failure, Made, Record
from services.runtime.settings import Settings
from services.runtime.table import are_whole
from services.runtime.topics import TopicsError
from services.runtime.topology import CANARIES, DEAD_LETTERS, ENRICHED, Stage
from services.runtime.unpacking import Notes
from services.runtime.work import StageWork

log = logging.getLogger(__name__)

EXIT_UNEXPECTED = 70
EXIT_STALLED = 71
EXIT_DEAD_LETTER_LIMIT = 72
"""The supervisor does not restart after this one: somebody must look first."""
EXIT_OTHER_LOG = 76
"""What was read is not what is there: the log was cut, or the topic made anew. The next start begins where nothing is lost."""

_TOPIC = "topic:"
"""How the topic's id begins in a commit's metadata: a commit says nothing of a topic that was made anew under the same name."""
_COMMIT_SECONDS = 0.5
_SETTLE_SECONDS = 0.05
_ASK_SECONDS = 2.0
"""Between two questions to the broker: where each partition ends, and whether it is still the one that was read."""
_IDENTITY_SECONDS = 20.0
"""Between two questions for the topic's id: one that is made anew is taken again within a minute."""
_RPC_SECONDS = 20.0
_BEAT_SECONDS = 0.5
_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError)
"""The broker takes no message, or no batch of them, of this size."""


@dataclass(frozen=True)
class _Batch:
    generation: int
    ends: Mapping[TP, int]
    reached: Mapping[TP, float]
    """The broker's time of the last record of each partition."""
    records: Sequence[Record]
    task: "asyncio.Task[list[Made | Failure]]"
    started: float


@dataclass(frozen=True)
class _Message:
    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class _Result:
    """What came of one record: its message and, where it failed or was rejected, its letter."""

    made: Made
    letter: _Message | None
    failed: bool

    @property
    def messages(self) -> list[_Message]:
        """All that is to be sent; the letter first, so that there is no event of a letter that could not be written."""
        made = _Message(self.made.topic, self.made.key, self.made.value, self.made.headers)
        return [made] if self.letter is None else [self.letter, made]


def _apart(keys: Sequence[bytes]) -> Iterator[range]:
    """The numbers of ``keys`` in runs, in none of which a key is twice.

    What is sent together may be refused in part, and what was refused comes later then. So an event is sent only when the
    one before it of the same id has been taken, and they keep their order.
    """
    start, seen = 0, set[bytes]()
    for number, key in enumerate(keys):
        if key in seen:
            yield range(start, number)
            start, seen = number, set()
        seen.add(key)
    yield range(start, len(keys))


class RefusedLetterError(RuntimeError):
    """The broker does not take a dead letter."""


class Loop:
    """Runs one stage inside its Faust app."""

    def __init__(
        self,
        app: faust.App,
        stage: Stage,
        settings: Settings,
        work: StageWork,
        metrics: Metrics,
        health: Health,
        configuration: str,
        version: str,
        notes: Notes,
    ) -> None:
        self._app = app
        self._stage = stage
        self._settings = settings
        self._work = work
        self._metrics = metrics
        self._health = health
        self._configuration = configuration
        self._maker = Maker(stage, version)
        self._source = settings.prefix + stage.reads.name
        self._ledger = Ledger()
        self._notes = notes
        self._topic_id: str | None = None
        self._identified_at = -_IDENTITY_SECONDS
        self._spare = False  # whether others have all partitions, so that it is right to have none
        self._opening = asyncio.Lock()
        self._room = asyncio.Semaphore(settings.batches_in_flight)
        self._queue: asyncio.Queue[_Batch] = asyncio.Queue()
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._dropping = False
        """A generation has ended: what is in flight is dropped until the books are opened anew."""
        self._policy = DeadLetterPolicy(settings.dead_letter_run, settings.dead_letter_ratio)
        outputs = {*stage.writes, ENRICHED, CANARIES, DEAD_LETTERS}  # what fails has its event, at whatever stage
        self._outputs = {topic.name: _raw_topic(app, settings.prefix + topic.name) for topic in outputs}
        self._highwaters: dict[TP, int] = {}
        self._publisher: asyncio.Task[None] | None = None
        self._unsettled_at: float | None = None
        self._lag = Lag(time.time())
        self._torn_since: float | None = None
        self._places: tuple[int, ...] = ()
        self._drained = False

    async def consume(self, stream: Any) -> None:
        """The agent's body. Nothing escapes it but its own end: anything unexpected ends the process."""
        try:
            await self._work.start()
            self._health.models_loaded = True
            self._publisher = asyncio.create_task(self._publish())
            async for events in stream.take_events(self._settings.batch_documents, within=self._settings.batch_seconds):
                if not self._health.draining:
                    await self._take(events)
        except asyncio.CancelledError:
            if not self._health.draining:
                log.warning("the agent was cancelled")
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
            hard_exit(EXIT_UNEXPECTED, "the stage's loop failed")

    async def beat(self) -> None:
        """The loop's heartbeat, and what health says of it. It waits for nothing, so that only a blocked loop is silent."""
        while True:
            self._health.beat()
            settled = not self._is_settling() and self._app.consumer is not None
            self._health.recovered = not self._app.in_recovery
            open_ = settled and self._app.consumer_generation_id == self._ledger.generation
            self._health.assigned = open_ and (bool(self._ledger.partitions) or self._spare)
            places = (self._work.done, *self._ledger.places)
            to_do = self._in_flight or self._ledger.uncommitted(self._highwaters)
            if places != self._places or not to_do or self._work.starting:
                self._places = places
                self._health.moved()
            await asyncio.sleep(_BEAT_SECONDS)

    async def keep(self) -> None:
        """Keep the books: open them at a new generation, seek back over gaps, commit, watch for standstill."""
        asked_at = 0.0
        while not self._drained:
            await asyncio.sleep(_COMMIT_SECONDS)
            try:
                if self._app.consumer is None:
                    continue
                opened = await self._open()
                if not opened and (self._is_settling() or not self._in_flight):
                    continue
                if time.monotonic() - asked_at > _ASK_SECONDS:
                    asked_at = time.monotonic()
                    await self._ask_ends()
                if opened:
                    await self._heal()
                    await self.commit()
                self._tell()
            except (KafkaError, OSError, TimeoutError, TopicsError) as error:
                log.warning("the broker did not answer: %r", error)
            except asyncio.CancelledError:
                raise
            except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
                if self._drained:
                    return  # the consumer is stopped under us: all that could be committed is
                hard_exit(EXIT_UNEXPECTED, "offsets could not be kept and committed")

    async def identify(self) -> None:
        """Find out, now and then, whether the topic is the one that was read, and, where no partition is ours, whether others have
        them all. Beside ``keep``, since a broker that is away lets it wait for long."""
        while not self._drained:
            await asyncio.sleep(_ASK_SECONDS)
            if self._ledger.generation is None or time.monotonic() - self._identified_at < _IDENTITY_SECONDS:
                continue
            self._identified_at = time.monotonic()
            try:
                found = await asyncio.to_thread(identity.ask, self._settings, [self._source])
                self._topic_id = self._topic_id or found.topics[self._source]
                if found.topics[self._source] != self._topic_id:
                    hard_exit(
                        EXIT_OTHER_LOG,
                        f"{self._source} was deleted and made anew. The next start reads it",
                        trace=False,
                    )
                if not self._ledger.partitions:
                    group = self._app.conf.id
                    self._spare = await asyncio.to_thread(identity.is_taken, self._settings, group, self._source)
            except TopicsError as error:
                log.warning("%s", error)

    async def drain(self) -> None:
        """Take nothing more, finish what is under work, commit. Bounded by ``drain_seconds``."""
        self._health.draining = True
        try:
            await asyncio.wait_for(self._idle.wait(), self._settings.drain_seconds)
        except TimeoutError:
            log.warning("%d documents were still under work; they will be done again", self._in_flight)
        await self.commit()
        self._drained = True
        self._work.stop()

    async def commit(self) -> None:
        """Commit what is finished."""
        generation = self._ledger.generation
        assigned = self._app.consumer.assignment()
        offsets = {tp: offset for tp, offset in self._ledger.to_commit().items() if tp in assigned}
        if not offsets or generation is None or generation != self._app.consumer_generation_id or self._app.rebalancing:
            return
        consumer: Any = self._app.consumer
        note = f"{self._policy.counts} {_TOPIC}{self._topic_id}"
        if await consumer._commit(offsets, note):  # commit() would commit what Faust counts, not this
            self._ledger.note_committed(generation, offsets)
            self._metrics.committed()

    async def _take(self, events: Sequence[EventT[Any]]) -> None:
        while not await self._open():
            await asyncio.sleep(_SETTLE_SECONDS)
            if self._health.draining:
                return
        generation = self._ledger.generation
        assert generation is not None
        for tp in {event.message.tp for event in events} & set(self._ledger.partitions):
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
        places = [(event, self._take_one(event)) for event in events]
        due = [event for event, place in places if place is Place.DUE]
        gaps = sum(place is Place.GAP for _, place in places)
        self._metrics.irregular(len(places) - len(due) - gaps, gaps)
        if not due:
            return
        await self._room.acquire()
        moved = self._dropping or self._is_settling() or self._app.consumer_generation_id != generation
        if self._health.draining or moved:
            self._room.release()  # they were not worked on, so they are not committed, and will come again
            return
        records = [_record(event) for event in due]
        self._now_in_flight(len(records))
        self._metrics.began(records, self._in_flight)
        task = asyncio.create_task(self._worked(records, due))
        ends = {event.message.tp: event.message.offset + 1 for event in due}
        reached = {event.message.tp: min(event.message.timestamp, time.time()) for event in due}
        self._queue.put_nowait(_Batch(generation, ends, reached, records, task, time.monotonic()))

    def _take_one(self, event: EventT[Any]) -> Place:
        tp, offset = event.message.tp, event.message.offset
        place = self._ledger.take(tp, offset)
        if place is Place.DUE:  # what is behind it may be known to hold nothing
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
        return place

    async def _worked(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """What the stage makes of the records; those that could not be read have failed already."""
        faults = [
            self._notes.fault_of(event.message.tp, record.offset) for record, event in zip(records, events, strict=True)
        ]
        good = [number for number, fault in enumerate(faults) if fault is None]
        made = iter(await self._work([records[at] for at in good], [events[at] for at in good]) if good else ())
        return [
            next(made) if fault is None else Failure(Reason.ERROR, "UnreadableRecord", fault, 1) for fault in faults
        ]

    def _is_settling(self) -> bool:
        """Whether partitions are being handed out, or a table is being read back; since when is noted."""
        unsettled = bool(self._app.rebalancing or self._app.in_recovery)
        if unsettled and self._unsettled_at is None:
            self._unsettled_at = time.monotonic()
        return unsettled

    def _now_in_flight(self, more: int) -> None:
        self._in_flight += more
        if self._in_flight:
            self._idle.clear()
        else:
            self._idle.set()

    async def _publish(self) -> None:
        """Publish batches in the order in which they were taken, and tell the ledger when the broker has them."""
        try:
            while True:
                batch = await self._queue.get()
                done: list[Made] | None = None
                with contextlib.suppress(DroppedError):
                    results = await batch.task
                    if not self._dropping:
                        done = await self._publish_batch(batch, results)
                        self._ledger.finish(batch.generation, batch.ends)
                        if batch.generation == self._ledger.generation:
                            for tp, timestamp in batch.reached.items():
                                self._lag.note(tp, timestamp)
                self._now_in_flight(-len(batch.records))
                if done is None:
                    self._metrics.dropped(len(batch.records), self._in_flight)
                else:
                    self._metrics.finished(done, time.monotonic() - batch.started, self._in_flight)
                self._room.release()
        except asyncio.CancelledError:
            raise
        except RefusedLetterError as error:
            hard_exit(EXIT_UNEXPECTED, f"{error}; nothing of this batch is committed", trace=False)
        except DeadLetterLimitError as error:
            hard_exit(
                EXIT_DEAD_LETTER_LIMIT, f"{error}; nothing of this batch is committed. Look at the last dead letters"
            )
        except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
            hard_exit(EXIT_UNEXPECTED, "a batch could not be published")

    async def _publish_batch(self, batch: _Batch, results: Sequence[Made | Failure]) -> list[Made]:
        """Send what was made and wait until the broker has it. The policy is asked after it, so that the letters are there."""
        now = datetime.now(UTC)
        done = [self._finish(record, result, now) for record, result in zip(batch.records, results, strict=True)]
        for run in _apart([one.made.key for one in done]):
            sent = [[await self._send(message) for message in done[number].messages] for number in run]
            answers = [await asyncio.gather(*futures, return_exceptions=True) for futures in sent]
            for number, those in zip(run, answers, strict=True):
                errors = [answer for answer in those if isinstance(answer, BaseException)]
                for error in errors:
                    if not isinstance(error, _REFUSED):
                        raise error
                if errors:
                    done[number] = await self._publish_alone(batch.records[number], done[number], now)
        for one in done:
            self._policy.note(one.failed)
        return [one.made for one in done]

    def _finish(self, record: Record, result: Made | Failure, now: datetime) -> _Result:
        """The messages of what a stage made of a record."""
        if isinstance(result, Failure):
            made = failure_event(self._maker, record, result, self._settings.prefix, now)
            letter = failure_letter(self._maker, record, result, made.key.decode(), self._configuration, now)
            log.error("%s: document dead-lettered: %s: %s", record.position, result.reason, result.exception)
            return _Result(made, self._letter(record, letter), failed=True)
        rejection = result.rejection
        if rejection is None or rejection.reason.status is not result.status:
            return _Result(result, None, failed=False)
        letter = rejection_letter(self._maker, record, rejection, result.key.decode(), self._configuration, now)
        return _Result(result, self._letter(record, letter), failed=False)

    def _letter(self, record: Record, letter: DeadLetter) -> _Message:
        topic = self._settings.prefix + DEAD_LETTERS.name
        return _Message(topic, record.key, record.value, tuple(letter.to_headers()))

    async def _publish_alone(self, record: Record, result: _Result, now: datetime) -> _Result:
        """Send one result by itself. What the broker refuses for its size becomes a dead letter, at last one without the document.

        Raises:
            RefusedLetterError: the dead letter is refused, too.
        """
        try:
            await self._deliver(result)
            return result
        except _REFUSED:
            size = max(len(message.value or b"") for message in result.messages)
            log.error("%s: the broker refused %d bytes on %s", record.position, size, result.made.topic)
            # Without the size, which differs by some bytes each time that it is made: a repeat must be the same event.
            why = f"the broker refused the message on {result.made.topic} for its size: max.message.bytes is lower"
        failure = Failure(Reason.ERROR, "MessageSizeTooLargeError", why, 1)
        failed = self._finish(record, failure, now)
        for bare in (False, True):
            made = failure_event(self._maker, record, failure, self._settings.prefix, now, bare=bare)
            failed = _Result(made, failed.letter, failed=True)
            with contextlib.suppress(*_REFUSED):
                await self._deliver(failed)
                return failed
        assert failed.letter is not None
        raise RefusedLetterError(
            f"{failed.letter.topic} takes no letter of {len(failed.letter.value or b'')} bytes: raise its max.message.bytes"
        )

    async def _deliver(self, result: _Result) -> None:
        for message in result.messages:
            await (await self._send(message))

    async def _send(self, message: _Message) -> Any:
        channel = self._outputs[message.topic.removeprefix(self._settings.prefix)]
        return await channel.send(key=message.key, value=message.value, headers=list(message.headers))

    async def _open(self) -> bool:
        """Open the books where a new generation has begun. Whether they are open for the one in force.

        What is read of the table while partitions are handed out may be half of it; and what was read before may be old by
        then. So the books are opened only where nothing has moved from the beginning to the end. Works are begun only where
        the books are open, so that none meets another generation's state.
        """
        async with self._opening:
            if self._is_settling():
                return False
            generation = self._app.consumer_generation_id
            if generation == self._ledger.generation and not self._dropping:
                return True
            if self._in_flight:  # no batch of an older generation meets the state of the new one
                self._drop()
                return False
            started = self._unsettled_at or time.monotonic()
            assigned = {tp for tp in self._app.consumer.assignment() if tp.topic == self._source}
            starts = await asyncio.wait_for(self._starts(assigned), _RPC_SECONDS)
            if not await asyncio.wait_for(are_whole(self._app), _RPC_SECONDS):
                self._note_torn()
                return False
            self._torn_since = None
            await self._work.open()
            if self._is_settling() or generation != self._app.consumer_generation_id:
                return False
            self._ledger.open(generation, starts)
            self._dropping = False
            self._spare, self._identified_at = False, -_IDENTITY_SECONDS
            self._highwaters = {}
            self._lag = Lag(time.time())
            await self._ask_ends()
            self._metrics.partitions.set(len(starts))
            self._metrics.recovery.set(time.monotonic() - started)
            self._unsettled_at = None
            log.info("generation %s: %s", generation, {tp.partition: offset for tp, offset in sorted(starts.items())})
            return True

    def _drop(self) -> None:
        """Give up what is in flight of a generation that has ended: the broker takes none of its commits, so all of it comes again.

        All of it, so that the events of one id stay in order: none is published after one before it was dropped.
        """
        if not self._dropping:
            log.info("partitions moved: %d documents in flight are dropped and come again", self._in_flight)
            self._dropping = True
            self._work.drop()

    def _note_torn(self) -> None:
        """A table lacks what its changelog has: not read yet, or written by another worker since. A restart reads it."""
        now = time.monotonic()
        self._torn_since = self._torn_since or now
        if now - self._torn_since > self._settings.stall_seconds:
            hard_exit(EXIT_STALLED, "a table lacks what its changelog has", trace=False)

    async def _starts(self, assigned: set[TP]) -> dict[TP, int]:
        """Where each partition starts: at its committed offset, or at its first record where none is committed."""
        if not assigned:
            return {}
        admin = AIOKafkaAdminClient(**client_options(self._settings))
        await admin.start()
        try:
            committed = await admin.list_consumer_group_offsets(self._app.conf.id)
        finally:
            await admin.close()
        firsts = await self._app.consumer.earliest_offsets(*assigned)
        if self._topic_id is None:
            known = await asyncio.to_thread(identity.ask, self._settings, [self._source])
            self._topic_id = known.topics[self._source]
        for tp in assigned - set(self._ledger.partitions):  # of those that it had already, it knows better itself
            if (found := committed.get(_plain(tp))) is not None:
                self._policy.take_up(found.metadata)
        return {tp: self._start(tp, committed.get(_plain(tp)), firsts[_plain(tp)]) for tp in assigned}

    def _start(self, tp: TP, found: OffsetAndMetadata | None, first: int) -> int:
        """Where to begin a partition: where it was committed, or at its first record where that says nothing of this topic."""
        if found is None or found.offset < 0:
            return first
        if _topic_of(found.metadata) in (None, self._topic_id):
            return int(found.offset)
        log.error("%s/%d: the topic was deleted and made anew; it is read from %d on", tp.topic, tp.partition, first)
        self._metrics.rewound()
        return first

    async def _ask_ends(self) -> None:
        """Ask where each partition's log begins and ends, and go on inside it where what is due lies outside."""
        assigned = self._app.consumer.assignment()  # not all of the books, while these wait to be opened anew
        if partitions := [tp for tp in self._ledger.partitions if tp in assigned]:
            asked_at = time.time()
            generation = self._ledger.generation
            due = {tp: self._ledger.due(tp) for tp in partitions}  # before the question: the log only grows after it
            consumer: Any = self._app.consumer
            earliest = await asyncio.wait_for(consumer.earliest_offsets(*partitions), _RPC_SECONDS)
            answer = await asyncio.wait_for(consumer.highwaters(*partitions), _RPC_SECONDS)
            if generation != self._ledger.generation:
                return
            self._highwaters = {tp: answer[_plain(tp)] for tp in partitions}
            for tp in partitions:
                await self._stay_inside(tp, due[tp], earliest[_plain(tp)], self._highwaters[tp])
            for tp, waiting in self._ledger.lag(self._highwaters).items():
                if not waiting:
                    self._lag.note(tp, asked_at)
            self._metrics.unstable.set(await consumer.unstable(partitions))

    async def _stay_inside(self, tp: TP, due: int | None, first: int, end: int) -> None:
        """Go on at the first record that is there, where ``due`` lies before it or behind the log's end.

        What is still under work is let finish first; the next question finds the same.
        """
        if due is None or first <= due <= end or due != self._ledger.due(tp) or self._ledger.is_under_work(tp):
            return
        place = f"{tp.topic}/{tp.partition}"
        if due < first:
            log.error(
                "%s: offsets %d to %d were deleted before they were read; going on at %d. Send those documents again, "
                "and raise the topic's retention.ms or add workers",
                *(place, due, first - 1, first),
            )
            self._metrics.expired(first - due)
        else:
            log.error(
                "%s: offset %d was due, and the log ends at %d: the broker lost what was behind it, or the topic was made "
                "anew; reading again from %d. Have senders send again what came last before the broker's failure",
                *(place, due, end, first),
            )
            self._metrics.rewound()
        self._notes.forget(tp)
        self._ledger.go_on_at(tp, first)
        await self._app.consumer.seek(tp, first)

    async def _heal(self) -> None:
        """Seek back over gaps; end the process where a partition with lag stands still and nothing is under work."""
        now = time.monotonic()
        longest = 0.0
        for tp in self._ledger.partitions:
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
            self._notes.forget(tp, self._ledger.finished(tp))
            still = self._ledger.still(tp, self._highwaters.get(tp, 0), now)
            if self._in_flight or self._health.draining or not self._health.models_loaded:
                continue
            longest = max(longest, still)
            if still > self._settings.stall_seconds:
                hard_exit(EXIT_STALLED, f"{tp} has stood still at {self._ledger.due(tp)} for {still:.0f} s")
            if self._ledger.wants_seek(tp, now):
                due = self._ledger.due(tp)
                assert due is not None
                log.info("seeking %s/%d back to %d", tp.topic, tp.partition, due)
                await self._app.consumer.seek(tp, due)
                self._ledger.note_sought(tp, now)
        self._health.still_seconds = longest
        self._metrics.still.set(longest)

    def _tell(self) -> None:
        """Report gauges, also while batches of an older generation are waited for."""
        lag = self._ledger.lag(self._highwaters)
        self._metrics.lag.set(sum(lag.values()))
        self._metrics.lag_seconds.set(self._lag.seconds((tp for tp, waiting in lag.items() if waiting), time.time()))
        self._work.watch(self._metrics)


def hard_exit(code: int, why: str, trace: bool = True) -> NoReturn:
    """End the process at once, so that nothing more is committed; the supervisor starts another.

    ``trace``: log the exception that is being handled, too.
    """
    log.critical("%s; exit %d", why, code, exc_info=trace and sys.exc_info()[0] is not None)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def _raw_topic(app: faust.App, name: str) -> Any:
    return app.topic(
        name, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw", allow_empty=True
    )


def _record(event: EventT[Any]) -> Record:
    message = event.message
    headers = message.headers.items() if isinstance(message.headers, Mapping) else message.headers or ()
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        timestamp=message.timestamp,
        headers=tuple((str(name), bytes(value)) for name, value in headers if value is not None),
    )


def _plain(tp: TP) -> TopicPartition:
    return TopicPartition(tp.topic, tp.partition)


def _topic_of(metadata: str) -> str | None:
    """The id of the topic that an offset was committed for, or None where it was not said."""
    return next((word.removeprefix(_TOPIC) for word in metadata.split() if word.startswith(_TOPIC)), None)
