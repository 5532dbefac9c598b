"""What the broker tests put on the topics, and what is on them afterwards."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from schemas import Event, Status
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED


def put(settings: Settings, messages: Iterable[tuple[bytes | None, bytes | None]]) -> list[str]:
    """Publish keys and values on the documents' topic; returns their positions, topic/partition/offset."""
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap, acks="all", max_request_size=DOCUMENTS.max_bytes, linger_ms=5
    )
    try:
        futures = [producer.send(settings.prefix + DOCUMENTS.name, key=key, value=value) for key, value in messages]
        producer.flush(30)
        sent = [future.get(30) for future in futures]
    finally:
        producer.close()
    return [f"{one.topic}/{one.partition}/{one.offset}" for one in sent]


@dataclass
class Seen:
    """Everything on the output topic: origin -> its events, in order, and the dead letters."""

    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    order: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    letters: list[Any] = field(default_factory=list)

    @property
    def statuses(self) -> dict[Status, int]:
        """How the inputs ended, repeats dropped."""
        counts: dict[Status, int] = defaultdict(int)
        for events in self.events.values():
            for status in {event.status for event in events}:
                counts[status] += 1
        return dict(counts)

    @property
    def repeats(self) -> int:
        """Events beyond the first of each input."""
        return sum(len(events) - 1 for events in self.events.values())


class Watcher:
    """Follows the output and dead-letter topics from their beginning."""

    def __init__(self, settings: Settings) -> None:
        self.seen = Seen()
        self._letters = settings.prefix + DEAD_LETTERS.name
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=ENRICHED.max_bytes
        )
        names = (settings.prefix + ENRICHED.name, self._letters)
        partitions = [TopicPartition(name, number) for name in names for number in range(settings.partitions)]
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*partitions)

    def poll(self, seconds: float = 0.5) -> None:
        """Take what is there."""
        for partition, messages in self._consumer.poll(timeout_ms=int(seconds * 1000)).items():
            for message in messages:
                if partition.topic == self._letters:
                    self.seen.letters.append(message)
                    continue
                event = Event.model_validate_json(message.value)
                assert message.key.decode() == event.id
                self.seen.events[dict(message.headers)[ORIGIN].decode()].append(event)
                self.seen.order[event.id].append(event)

    def until(self, origins: Iterable[str], seconds: float, each: Callable[[float], None] = lambda share: None) -> Seen:
        """Follow until every origin has an event; ``each`` is told the share of them that has. Fails when time is up."""
        return self._until(origins, self.seen.events, seconds, each)

    def until_ids(self, ids: Iterable[str], seconds: float) -> Seen:
        """Follow until a document of every id has an event. Fails when time is up."""
        return self._until(ids, self.seen.order, seconds)

    def _until(
        self,
        names: Iterable[str],
        found: Mapping[str, object],
        seconds: float,
        each: Callable[[float], None] = lambda share: None,
    ) -> Seen:
        wanted = set(names)
        deadline = time.monotonic() + seconds
        while not wanted <= found.keys():
            missing = sorted(wanted - found.keys())
            assert time.monotonic() < deadline, (
                f"{len(missing)} of {len(wanted)} without an event, such as {missing[:5]}"
            )
            self.poll()
            each(len(wanted & found.keys()) / len(wanted))
        return self.seen

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()
