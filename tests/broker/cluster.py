"""What the broker tests put on the topics, and what is on them afterwards."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from evaluation.faults.worker import Worker, asleep
from schemas import Event, Status
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, Topic


def put(
    settings: Settings, messages: Iterable[tuple[bytes | None, bytes | None]], topic: Topic = DOCUMENTS
) -> list[str]:
    """Publish keys and values on a topic, that of documents if no other is named; their positions, topic/partition/offset."""
    producer = KafkaProducer(
        bootstrap_servers=settings.bootstrap, acks="all", max_request_size=DOCUMENTS.max_bytes, linger_ms=5
    )
    try:
        futures = [producer.send(settings.prefix + topic.name, key=key, value=value) for key, value in messages]
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

    def until_count(self, origin: str, events: int, seconds: float) -> Seen:
        """Follow until this origin has so many events, repeats counted. Fails when time is up."""
        deadline = time.monotonic() + seconds
        while (there := len(self.seen.events[origin])) < events:
            assert time.monotonic() < deadline, f"{origin} has {there} events"
            self.poll()
        return self.seen

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


class Workers:
    """Workers of a stage with a table, and of those that it brings, each with a data folder of its own."""

    def __init__(self, settings: Settings, folder: Path, stage: str) -> None:
        self._settings = settings
        self._stage = stage
        self._folder = folder
        self._running: dict[str, Worker] = {}

    def start(self, name: str) -> None:
        """Start a worker, anew on what is in its folder where it ran before."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        settings = self._settings.model_copy(update={"data_dir": folder})
        self._running[name] = Worker(settings, folder / "worker.log", "--stages", self._stage)

    def judge(self, seconds: float = 60) -> str:
        """The name of the worker that holds the judge's partition, when one does."""
        deadline = time.monotonic() + seconds
        while True:
            holders = [name for name, worker in self._running.items() if worker.holds(self._stage)]
            if len(holders) == 1:
                return holders[0]
            assert time.monotonic() < deadline, f"the judge is at {holders or 'no worker'}"
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """kill -9."""
        self._running.pop(name).kill()

    def stop(self, name: str) -> None:
        """SIGTERM."""
        assert self._running.pop(name).terminate() == 0

    @contextmanager
    def sleeping(self, name: str) -> Iterator[None]:
        """The worker's judge stands still, as a virtual machine does that is moved, and wakes with all that it had in hand."""
        with asleep([self._running[name].pid_of(self._stage)]):
            yield

    def stop_all(self) -> None:
        """SIGTERM to all."""
        ends = [self._running.pop(name).terminate() for name in tuple(self._running)]
        assert not any(ends)


class Arrivals:
    """Follows the outputs of the judge, where nothing after it is at work."""

    def __init__(self, settings: Settings, *topics: Topic) -> None:
        self._origins: set[str] = set()
        self._consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        names = [settings.prefix + topic.name for topic in topics]
        partitions = [TopicPartition(name, number) for name in names for number in range(settings.partitions)]
        self._consumer.assign(partitions)
        self._consumer.seek_to_beginning(*partitions)

    def until(self, origins: Sequence[str], share: float = 1.0, seconds: float = 90) -> None:
        """Wait until ``share`` of the documents at ``origins`` have come out."""
        deadline = time.monotonic() + seconds
        while (arrived := len(self._origins.intersection(origins))) < share * len(origins):
            assert time.monotonic() < deadline, f"{arrived} of {len(origins)} have come out"
            for messages in self._consumer.poll(timeout_ms=50).values():
                self._origins.update(dict(message.headers)[ORIGIN].decode() for message in messages)

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


@contextmanager
def judges(settings: Settings, folder: Path, stage: str, *topics: Topic) -> Iterator[tuple[Workers, Arrivals]]:
    """Workers of ``stage``, and what comes out of them on ``topics``."""
    workers, arrivals = Workers(settings, folder, stage), Arrivals(settings, *topics)
    try:
        yield workers, arrivals
    finally:
        arrivals.close()
        workers.stop_all()
