"""Reads a topic's messages from a start on, as they are; says where it is, and commits what it is told to.

With a group the partitions are shared with its other members, and reading goes on where the group is; the start counts
where it has been nowhere. kafka-python runs a rebalance on its own thread, where nothing may block, so new partitions
are paused there and positioned here. What was read and not committed when a partition moves is read again by its next
owner.
"""

import heapq
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaError
from kafka.structs import MemberState, OffsetAndMetadata

from services.consumer.client import ConsumeError, connect, partitions_of
from services.consumer.start import Start
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import Topic

_POLL_SECONDS = 0.5
_JOIN_SECONDS = 45.0
"""Longest wait for partitions: a broker waits 3 s for more members, sessions of 10 s may have to end first, and it may be busy."""
_STALL_SECONDS = 30.0
"""A broker that gives nothing for so long, though there is more, is away."""
_CALL_MS = 15_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class GroupOffset:
    """Where a group is in a partition: the offset of the next message, and a note that was committed with it."""

    offset: int
    note: str = ""


class Tail:
    """An open reader of one topic; use it in a ``with`` statement, then iterate.

    Entering finds the start, so that ``end`` means the end at that moment.

    Args:
        settings: where the brokers are.
        topic: of the topology; its name gets the settings' prefix.
        start: where to start; a number: so many messages before the end of each partition.
        group: the consumer group, with its prefix, or None.
        idle: seconds without a message after which iteration ends; None: never.
        to_end: end where the topic ended when its partitions were positioned.
        clock: seconds of a monotonic clock.
    """

    def __init__(
        self,
        settings: Settings,
        topic: Topic,
        *,
        start: Start | int = "beginning",
        group: str | None = None,
        idle: float | None = None,
        to_end: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self.topic = settings.prefix + topic.name
        self._start = start
        self._group = group
        self._idle = idle
        self._to_end = to_end
        self._clock = clock
        self._ends: dict[TopicPartition, int] = {}
        self._fresh: set[TopicPartition] = set()
        self.placed: dict[int, GroupOffset] = {}
        self._waiting: deque[Record] = deque()

    def __enter__(self) -> Self:
        """Connect and find the start.

        Raises:
            ConsumeError: no broker, no topic, or no partition is given to us. SettingsError: no broker is named.
        """
        self._consumer: Any = connect(self._settings, self._group)
        try:
            if self._group is not None:  # before the topic is asked about, or the group shares it out twice
                self._consumer.subscribe([self.topic], listener=_Listener(self._consumer, self._fresh, self._ends))
            partitions = [TopicPartition(self.topic, number) for number in partitions_of(self._consumer, self.topic)]
            if self._group is None:
                self._consumer.assign(partitions)
                self._fresh.update(partitions)
                self._position()
            else:
                self._join()
        except BaseException as error:
            self._consumer.close(autocommit=False, timeout_ms=_CALL_MS)
            if isinstance(error, KafkaError):
                raise ConsumeError(f"the topic {self.topic} cannot be read: {error}") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the group and close. Nothing is committed."""
        self._consumer.close(autocommit=False, timeout_ms=_CALL_MS)

    def __iter__(self) -> Iterator[Record]:
        """The messages, in order within a partition. One that is broken off can be begun again, and goes on where it was.

        Raises:
            ConsumeError: the broker stopped answering (seen only with ``to_end``), or refuses us.
        """
        quiet_since = self._clock()
        while self._waiting or not (self._to_end and self._at_end()):
            if not self._waiting:
                self._waiting.extend(self._poll())
            came = bool(self._waiting)
            while self._waiting:
                yield self._waiting.popleft()
            now = self._clock()
            if came:
                quiet_since = now
            quiet = now - quiet_since
            if self._idle is not None and quiet >= self._idle:
                return
            if self._to_end and quiet >= _STALL_SECONDS:
                raise ConsumeError(
                    f"{self.topic} has more messages, but the broker has sent nothing for {quiet:.0f} s; check the broker"
                )

    def commit(self, places: Mapping[int, GroupOffset]) -> bool:
        """Commit for the group; False where it failed: a rebalance is under way, or the broker is away.

        Partitions that are no longer ours are left out, and so are places before the one that a partition came to us at:
        another member has been further meanwhile.
        """
        ours = {partition.partition for partition in self._consumer.assignment()}
        wanted = {
            TopicPartition(self.topic, number): OffsetAndMetadata(place.offset, place.note, -1)
            for number, place in places.items()
            if number in ours and place.offset >= self.placed[number].offset
        }
        if not wanted:
            return True
        try:
            self._consumer.commit(wanted, timeout_ms=_CALL_MS)
        except KafkaError:
            return False
        return True

    def behind(self) -> int:
        """Messages that are on our partitions and were not given yet, as far as the last answers of the broker tell."""
        assigned = [at for at in self._consumer.assignment() if at not in self._fresh]
        places = [(self._consumer.highwater(at), self._consumer.position(at, timeout_ms=_CALL_MS)) for at in assigned]
        return sum(max(0, (end or 0) - (place or 0)) for end, place in places)

    def _join(self) -> None:
        end = self._clock() + _JOIN_SECONDS
        while not self.placed:
            self._consumer.poll(timeout_ms=100)
            self._position()
            if not self.placed and self._clock() > end:
                if self._consumer.group_metadata().state == MemberState.STABLE:
                    raise ConsumeError(
                        f"other members of the group {self._group} have all partitions of {self.topic}; "
                        "end one of them or choose another group"
                    )
                raise ConsumeError(
                    f"the group {self._group} did not let us in within {_JOIN_SECONDS:.0f} s; the broker may be busy, or another "
                    "member may have stopped answering: try again or choose another group"
                )

    def _poll(self) -> list[Record]:
        wait = _POLL_SECONDS if self._idle is None else min(_POLL_SECONDS, max(self._idle, 0.01))
        try:
            polled = self._consumer.poll(timeout_ms=round(wait * 1000))
            self._position()
        except KafkaError as error:
            raise ConsumeError(f"the topic {self.topic} cannot be read: {error}") from error
        batches = ([_record(message) for message in messages] for messages in polled.values())
        return list(heapq.merge(*batches, key=lambda record: record.timestamp))

    def _position(self) -> None:
        """Seek partitions that were newly given to us to where we or their group start, and let them flow."""
        fresh = sorted(self._fresh & self._consumer.assignment())
        self._fresh.difference_update(fresh)
        if not fresh:
            return
        starts = self._starts(fresh)
        begun: dict[int, GroupOffset] = {}
        for partition in fresh:
            place = self._committed(partition)
            if place is None:
                place = begun[partition.partition] = GroupOffset(starts[partition])
            self._consumer.seek(partition, place.offset)
            self.placed[partition.partition] = place
        if self._group is not None:
            self.commit(begun)  # so that a group that began at the end goes on from there, whenever it comes back
        if self._to_end:
            self._ends.update(self._consumer.end_offsets(fresh, timeout_ms=_CALL_MS))
        self._consumer.resume(*fresh)

    def _committed(self, partition: TopicPartition) -> GroupOffset | None:
        if self._group is None:
            return None
        found = self._consumer.committed(partition, metadata=True, timeout_ms=_CALL_MS)
        first = self._consumer.beginning_offsets([partition], timeout_ms=_CALL_MS)[partition]
        return GroupOffset(max(found.offset, first), found.metadata or "") if found is not None else None

    def _starts(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        if self._start == "beginning":
            return dict(self._consumer.beginning_offsets(partitions, timeout_ms=_CALL_MS))
        ends: dict[TopicPartition, int] = dict(self._consumer.end_offsets(partitions, timeout_ms=_CALL_MS))
        if isinstance(self._start, int):
            first = self._consumer.beginning_offsets(partitions, timeout_ms=_CALL_MS)
            return {at: max(first[at], end - self._start) for at, end in ends.items()}
        if not isinstance(self._start, datetime):
            return ends
        milliseconds = -((_EPOCH - self._start) // timedelta(milliseconds=1))  # rounded up, without a float's error
        found = self._consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds), timeout_ms=_CALL_MS)
        return ends | {partition: at.offset for partition, at in found.items() if at is not None}

    def _at_end(self) -> bool:
        ends = list(self._ends.items())
        try:
            return bool(ends) and all(
                (self._consumer.position(at, timeout_ms=_CALL_MS) or 0) >= end for at, end in ends
            )
        except KafkaError:
            return False  # a partition was taken from us meanwhile; the next poll tells


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python has no types
    """Runs on the client's own thread: it only notes what changed."""

    def __init__(self, consumer: Any, fresh: set[TopicPartition], ends: dict[TopicPartition, int]) -> None:
        self._consumer = consumer
        self._fresh = fresh
        self._ends = ends

    def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        self._consumer.pause(*assigned)
        self._fresh.update(assigned)

    def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        self._fresh.difference_update(revoked)
        for partition in revoked:
            self._ends.pop(partition, None)
        # kafka-python forgets a rebalance that news of the topic's partitions began and that outlasts a poll: it never takes the
        # outcome, and the broker drops us. It does not forget one that was asked for (Kafka's own client asks too: KAFKA-9815).
        self._consumer._coordinator.request_rejoin()


def fetch(settings: Settings, topic: Topic, partition: int, offset: int) -> Record:
    """The one message at a position.

    Raises:
        ConsumeError: no broker or no topic. LookupError: there is no such message (any more); the message says what there is.
    """
    name = settings.prefix + topic.name
    consumer = connect(settings, None)
    try:
        numbers = partitions_of(consumer, name)
        if partition not in numbers:
            raise LookupError(f"{name} has no partition {partition}; it has {numbers[0]} to {numbers[-1]}")
        at = TopicPartition(name, partition)
        consumer.assign([at])
        first = consumer.beginning_offsets([at], timeout_ms=_CALL_MS)[at]
        end = consumer.end_offsets([at], timeout_ms=_CALL_MS)[at]
        if not first <= offset < end:
            there = f"it has {first} to {end - 1}" if first < end else "it is empty"
            raise LookupError(f"partition {partition} of {name} has no message at offset {offset}; {there}")
        consumer.seek(at, offset)
        messages = consumer.poll(timeout_ms=_CALL_MS, max_records=1).get(at, [])
        if not messages or messages[0].offset != offset:
            raise LookupError(f"partition {partition} of {name} has no message at offset {offset}")
        return _record(messages[0])
    except KafkaError as error:
        raise ConsumeError(f"the topic {name} cannot be read: {error}") from error
    finally:
        consumer.close(autocommit=False, timeout_ms=_CALL_MS)


def _record(message: Any) -> Record:
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        timestamp=message.timestamp / 1000,
        headers=tuple((name, value if value is not None else b"") for name, value in message.headers or ()),
    )
