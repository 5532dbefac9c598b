"""Offsets and logs that disagree, on a real Kafka: everything that is there is taken, and what is not there is said."""

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewPartitions
from kafka.structs import OffsetAndMetadata

from evaluation.bench.stages import read_gauge
from evaluation.faults.worker import Worker, asleep
from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, FINGERPRINTS, group, named

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]
INTAKE = named("intake")
SECONDS = 60
"""Longest wait for anything: a busy machine starts a stage in twenty."""


def document(id: str) -> tuple[bytes, bytes]:
    text = (
        f"The harbor board voted on Monday to close pier {id}. Mayor Ana Reyes praised the vote, and Leon Katz did not."
    )
    return id.encode(), json.dumps({"id": id, "text": text}).encode()


class Intake:
    """A worker with the stage ``intake`` alone, on topics of its own, and what comes out of it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.documents = settings.prefix + DOCUMENTS.name
        self.log = settings.data_dir / f"{settings.prefix}intake.log"
        self.admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
        self._consumer = KafkaConsumer(
            bootstrap_servers=settings.bootstrap, enable_auto_commit=False, max_partition_fetch_bytes=16 * 1024**2
        )
        self._seen: dict[str, list[Any]] = {}
        self._follow()
        self.worker: Worker | None = None

    def _follow(self) -> None:
        names = [self.settings.prefix + topic.name for topic in (FINGERPRINTS, ENRICHED, DEAD_LETTERS)]
        found = [TopicPartition(name, at) for name in names for at in self._consumer.partitions_for_topic(name)]
        self._consumer.assign(found)
        self._consumer.seek_to_beginning(*found)

    def start(self) -> None:
        self.worker = Worker(self.settings, self.log, "--stages", "intake")

    def stop(self) -> None:
        if self.worker is not None:
            assert self.worker.terminate() == 0
            self.worker = None

    def close(self) -> None:
        self.stop()
        self._consumer.close()
        self.admin.close()

    def send(self, *ids: str, partition: int | None = None, **options: Any) -> None:
        producer = KafkaProducer(bootstrap_servers=self.settings.bootstrap, acks="all", **options)
        try:
            sent = [
                producer.send(self.documents, key=key, value=value, partition=partition)
                for key, value in map(document, ids)
            ]
            for one in sent:
                one.get(30)
        finally:
            producer.close()

    def commit(self, offset: int) -> None:
        consumer = KafkaConsumer(
            bootstrap_servers=self.settings.bootstrap,
            group_id=group(self.settings.prefix, INTAKE),
            enable_auto_commit=False,
        )
        partition = TopicPartition(self.documents, 0)
        consumer.assign([partition])
        consumer.commit({partition: OffsetAndMetadata(offset, "", -1)})
        consumer.close()

    def out(self, name: str) -> list[Any]:
        """What is on the topic, in order."""
        for partition, messages in self._consumer.poll(timeout_ms=200).items():
            self._seen.setdefault(partition.topic.removeprefix(self.settings.prefix), []).extend(messages)
        return self._seen.get(name, [])

    def taken(self) -> list[str]:
        """The ids of the documents that came out of intake, in order."""
        return [message.key.decode() for message in self.out(FINGERPRINTS.name)]

    def until(self, what: Callable[[], bool], seconds: float = SECONDS) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, (self.taken(), self.log.read_text()[-3000:])
            time.sleep(0.1)

    def until_taken(self, *ids: str, seconds: float = SECONDS) -> None:
        """Wait until all of these documents came out."""
        self.until(lambda: set(ids) <= set(self.taken()), seconds)

    def gauge(self, name: str) -> float:
        assert self.worker is not None
        return read_gauge(self.worker.port_of("intake"), name)

    def is_ready(self) -> bool:
        assert self.worker is not None
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.worker.port_of('intake')}/ready", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except OSError:
            return False


@pytest.fixture
def intake(fresh: Callable[..., Settings]) -> Iterator[Intake]:
    one = Intake(fresh(partitions=1, processes=1, session_seconds=6))
    yield one
    one.close()


def names(kind: str, count: int) -> list[str]:
    return [f"{kind}-{number}" for number in range(count)]


def test_a_commit_past_the_end_of_the_log_hides_nothing(intake: Intake) -> None:
    intake.commit(40)  # as an unclean election or a restored broker leaves it
    intake.start()
    intake.until(intake.is_ready)
    intake.send(*names("first", 30))
    intake.until_taken(*names("first", 30))
    intake.send(*names("second", 30))
    intake.until_taken(*names("second", 30))
    assert "offset 40 was due, and the log ends at " in intake.log.read_text()
    assert intake.gauge("offsets_rewound_total") == 1
    assert len(intake.taken()) == 60


def test_a_topic_that_is_made_anew_is_read_from_its_beginning(intake: Intake) -> None:
    intake.start()
    intake.send(*names("old", 5))
    intake.until_taken(*names("old", 5))
    intake.until(lambda: intake.gauge("lag_documents") == 0)
    intake.admin.delete_topics([intake.documents])
    intake.until(lambda: intake.documents not in intake.admin.list_topics())
    topics.create(intake.settings)
    intake.send(*names("new", 12))  # more than there were: offsets alone would not tell
    intake.until_taken(*names("new", 12), seconds=90)
    intake.until(intake.is_ready)


def test_what_retention_took_is_counted_and_said(intake: Intake) -> None:
    partition = TopicPartition(intake.documents, 0)
    intake.start()
    intake.send(*names("a", 5))
    intake.until_taken(*names("a", 5))
    intake.until(lambda: intake.gauge("lag_documents") == 0)
    assert intake.worker is not None
    with asleep(intake.worker.tree()):
        intake.send("b-0", "b-1")  # the fetch that waits brings them; those behind them it must ask for
        intake.send(*names("b", 10)[2:])
        intake.admin.delete_records({partition: 12})
    intake.until_taken("b-7", "b-8", "b-9")
    intake.until(lambda: intake.gauge("documents_expired_total") == 5)
    intake.stop()
    intake.send(*names("c", 10))
    intake.admin.delete_records({partition: 19})
    intake.start()
    intake.until_taken(*names("c", 10)[4:])
    intake.until(lambda: intake.gauge("documents_expired_total") == 4)
    said = intake.log.read_text()
    assert f"{intake.documents}/0: offsets 7 to 11 were deleted before they were read" in said
    assert f"{intake.documents}/0: offsets 15 to 18 were deleted before they were read" in said
    assert not {"b-2", "b-6", "c-0", "c-3"} & set(intake.taken())


def test_transactions_are_taken_when_they_are_committed_and_only_then(intake: Intake) -> None:
    async def transact() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=intake.settings.bootstrap, transactional_id=intake.documents)
        await producer.start()
        try:
            for number in range(12):
                await producer.begin_transaction()
                key, value = document(f"kept-{number}" if number % 4 else f"dropped-{number}")
                await producer.send_and_wait(intake.documents, key=key, value=value)
                await (producer.commit_transaction() if number % 4 else producer.abort_transaction())
            await asyncio.to_thread(intake.until_taken, *(f"kept-{n}" for n in range(12) if n % 4), seconds=20)
            await asyncio.to_thread(intake.until, lambda: intake.gauge("lag_documents") == 0)
            await producer.begin_transaction()
            await asyncio.gather(*[
                await producer.send(intake.documents, key=key, value=value) for key, value in map(document, names("open", 3))
            ])  # fmt: skip
            await asyncio.to_thread(intake.until, lambda: intake.gauge("open_transaction_documents") == 3)
            assert await asyncio.to_thread(intake.gauge, "lag_documents") == 0
            assert not {"open-0", "open-1", "open-2"} & set(intake.taken())
            await producer.commit_transaction()
            await asyncio.to_thread(intake.until_taken, *names("open", 3), seconds=20)
        finally:
            await producer.stop()

    intake.start()
    intake.until(intake.is_ready)
    asyncio.run(transact())
    assert sorted(intake.taken()) == sorted([f"kept-{n}" for n in range(12) if n % 4] + names("open", 3))
    intake.until(lambda: intake.gauge("open_transaction_documents") == 0)


def test_new_partitions_are_read(intake: Intake) -> None:
    intake.start()
    intake.until(intake.is_ready)
    intake.admin.create_partitions({intake.documents: NewPartitions(3)})
    intake.send(*names("one", 3), partition=1)
    intake.send(*names("two", 3), partition=2)
    intake.until_taken(*names("one", 3), *names("two", 3), seconds=90)
