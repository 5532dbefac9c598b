"""What the broker tests drive: worker processes as a user starts them, and what is on the topics afterwards."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from evaluation.bench.stages import read_gauge
from schemas import Event, Status
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.supervisor import free_base
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, STAGES, group

COMMAND = str(Path(sys.executable).with_name("stancewire"))


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that say what ``settings`` says."""
    values = settings.model_dump(mode="json", exclude_unset=True)
    return {f"STANCEWIRE_{name.upper()}": str(value) for name, value in values.items() if value is not None}


class Worker:
    """``stancewire worker``, as a process that can be killed."""

    def __init__(self, settings: Settings, log: Path, *arguments: str) -> None:
        self.port = free_base("127.0.0.1", 6100)
        self.log = log
        with log.open("ab") as to:
            self.process = subprocess.Popen(
                [COMMAND, "worker", *arguments],
                env=os.environ | environment(settings) | {"STANCEWIRE_HTTP_PORT": str(self.port)},
                stdout=to,
                stderr=to,
                start_new_session=True,
            )

    def holds(self, stage: str) -> int:
        """Partitions that the worker's process of ``stage`` has; 0 also where it does not answer."""
        port = self.port + [one.name for one in STAGES].index(stage)
        try:
            return int(read_gauge(port, "assigned_partitions"))
        except OSError:
            return 0

    def pid_of(self, stage: str) -> int:
        """The process of ``stage``."""
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = command.read_bytes().decode().split("\0")
                parent = int((command.parent / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.process.pid and words[-3:-1] == ["services.runtime.process", stage]:
                return int(command.parent.name)
        raise LookupError(f"the worker has no process of {stage}")

    def kill(self) -> None:
        """kill -9; its stages die with it."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.terminate()
        return self.process.wait(90)


@contextmanager
def worker(settings: Settings, log: Path, *arguments: str) -> Iterator[Worker]:
    """A worker for as long as the context lasts."""
    one = Worker(settings, log, *arguments)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.terminate()


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
        wanted = set(origins)
        deadline = time.monotonic() + seconds
        while not wanted <= self.seen.events.keys():
            missing = sorted(wanted - self.seen.events.keys())
            assert time.monotonic() < deadline, (
                f"{len(missing)} of {len(wanted)} without an event, such as {missing[:5]}"
            )
            self.poll()
            each(len(wanted & self.seen.events.keys()) / len(wanted))
        return self.seen

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


def content(event: Event) -> dict[str, Any]:
    """What must be the same when an event is made again: all but the times of its making."""
    dumped = json.loads(event.model_dump_json())
    del dumped["processing"]["enriched_at"], dumped["processing"]["stage_seconds"]
    return dict(dumped)


def uncommitted(settings: Settings) -> dict[str, int]:
    """Records that are not committed, by stage."""
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap)
    try:
        lags = {}
        for stage in STAGES:
            name = settings.prefix + stage.reads.name
            partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name))]
            offsets = admin.list_group_offsets(group(settings.prefix, stage))
            offsets = offsets.get(group(settings.prefix, stage), offsets)
            committed = {tp: offsets[tp].offset if tp in offsets else 0 for tp in partitions}
            lags[stage.name] = sum(end - max(0, committed[tp]) for tp, end in consumer.end_offsets(partitions).items())
        return lags
    finally:
        consumer.close()
        admin.close()
