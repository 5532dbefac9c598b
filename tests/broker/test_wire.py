"""Whatever lies on a topic that an operator made: intake takes it, and what lies behind it, on a real Kafka."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import NewTopic

from evaluation.faults.books import Books
from evaluation.faults.follower import Follower as FaultsFollower
from evaluation.faults.worker import Worker
from schemas import DeadLetter, Event, Processing, Reason, Status
from services.consumer.tail import Tail
from services.deadletters.letters import letters
from services.deadletters.replay import replay
from services.runtime import topics
from services.runtime.compacted import Follower
from services.runtime.records import ORIGIN, decode
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, FINGERPRINTS, WATCHED_ENTITIES, Topic
from tests.docs.snippets import ROOT, block

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]
CODECS = ("gzip", "snappy", "lz4", "zstd")


class NotUtf8(str):
    """A header's name that is sent as other bytes."""

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"bad\xff\xfe"


def document(id: str) -> bytes:
    return json.dumps({"id": id, "text": f"The council met on Monday in the hall of {id}, and then it left."}).encode()


def test_headers_codecs_and_times_of_any_sender_stop_nothing(brokers: str, tmp_path: Path) -> None:
    settings = Settings(
        brokers=brokers, prefix="wire-", partitions=1, data_dir=tmp_path, session_seconds=6, processes=1
    )
    name = settings.prefix + DOCUMENTS.name
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    # Kafka's defaults but for the limit on times, which brokers before 4.0 do not have.
    admin.create_topics([NewTopic(name, 1, 1, topic_configs={"message.timestamp.after.max.ms": str(2**63 - 1)})])
    admin.close()
    topics.create(settings)

    async def send_compressed() -> None:
        for codec in CODECS:
            async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap, compression_type=codec) as producer:
                await producer.send_and_wait(name, document(codec), key=codec.encode())

    asyncio.run(send_compressed())
    # One batch with a bad name in its midst, compressed and not; then times that are none; then one behind them all.
    expected = list(CODECS)
    for codec in (None, "gzip"):
        producer = KafkaProducer(
            bootstrap_servers=settings.bootstrap, acks="all", linger_ms=1000, compression_type=codec
        )
        for n in range(3):
            headers = [(NotUtf8("bad") if n == 1 else "good", b"v")]
            expected.append(f"header-{codec}-{n}")
            producer.send(name, key=b"k", value=document(expected[-1]), headers=headers)
        producer.flush(30)
        producer.close()
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    for label, at in (("microseconds", int(time.time() * 1e6)), ("behind", None)):
        expected.append(label)
        producer.send(name, key=b"k", value=document(label), timestamp_ms=at).get(30)
    producer.close()

    worker = Worker(settings, tmp_path / "worker.log", "--stages", "intake")
    works: list[Any] = []
    try:
        with Tail(settings, FINGERPRINTS, start="beginning") as tail:
            for record in tail:
                works.append(decode(record))
                if len(works) == len(expected):
                    break
    finally:
        ended = worker.terminate()
    assert ended == 0
    assert [work.event.id for work in works] == expected
    years = {work.event.id: work.event.processing.received_at.year for work in works}
    assert years["microseconds"] == 1970
    with Tail(settings, DEAD_LETTERS, start="beginning", to_end=True) as tail:
        assert list(tail) == []
    said = worker.log.read_text()
    assert f"{name}/0: the message at offset 5 has a header whose name is not UTF-8" in said
    assert said.count(f"{name}: compression.type is producer and must be uncompressed") == 1


def test_a_headers_name_that_is_not_utf8_stops_no_reader(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=1)
    origin = f"{settings.prefix}{DOCUMENTS.name}/0/0"
    processing = Processing(pipeline="test", received_at=datetime(2024, 3, 1, tzinfo=UTC))
    event = Event(event_id="0", id="a", status=Status.ENRICHED, text="x", processing=processing)
    letter = DeadLetter(
        topic=settings.prefix + DOCUMENTS.name, partition=0, offset=0, origin=origin, stage="intake", message="m",
        status=Status.DEAD_LETTERED, reason=Reason.ERROR, pipeline="p", configuration="c", failed_at=processing.received_at,
    )  # fmt: skip
    sent: tuple[tuple[Topic, list[tuple[str, bytes]], bytes], ...] = (
        (ENRICHED, [(ORIGIN, origin.encode())], event.model_dump_json().encode()),
        (DEAD_LETTERS, letter.to_headers(), document("a")),
        (WATCHED_ENTITIES, [], b"1"),
    )
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all", linger_ms=1000)
    for topic, headers, value in sent:
        for key, more in ((b"bad", [(NotUtf8("bad"), b"v")]), (b"behind", [])):
            producer.send(settings.prefix + topic.name, key=key, value=value, headers=[*headers, *more])
    producer.flush(30)
    producer.close()

    with Tail(settings, ENRICHED, start="beginning", to_end=True) as tail:
        first, second = tail
    assert (first.key, second.key) == (b"bad", b"behind")
    assert first.headers == ((ORIGIN, origin.encode()), (r"bad\xff\xfe", b"v"))
    assert [found.letter for found in letters(settings)] == [letter, letter]
    report = replay(settings)
    assert (report.replayed, report.unusable_count) == (2, 0)
    with Tail(settings, DOCUMENTS, start="beginning", to_end=True) as tail:
        assert (r"bad\xff\xfe", b"v") in next(iter(tail)).headers
    followed = Follower(settings, WATCHED_ENTITIES, lambda key, value: None)
    try:
        followed.start(60)
        assert followed.take() == [(b"bad", b"1"), (b"behind", b"1")]
    finally:
        followed.stop()
    books = Books()
    watching = FaultsFollower(settings, books)
    try:
        deadline = time.monotonic() + 60
        while len(books.outcomes[origin]) < 2 or len(books.letters[origin]) < 2:
            watching.check()
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        watching.close()


def test_a_cloud_event_is_taken_and_a_wrong_one_is_told_so_again_when_it_is_put_back(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = fresh(partitions=1, processes=1)
    page = (ROOT / "docs" / "wire.md").read_text()
    said = [("content-type", b"application/cloudevents+json; charset=UTF-8"), ("other", b"x")]
    good, bad = json.loads(block(page, "json cloudevent")), {"specversion": "1.0", "id": "e-2", "type": "story"}
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    for event in (good, bad | {"data": good["data"]}):
        producer.send(settings.prefix + DOCUMENTS.name, value=json.dumps(event).encode(), headers=said).get(30)
    producer.close()
    worker = Worker(settings, tmp_path / "worker.log", "--stages", "intake")
    try:
        with Tail(settings, FINGERPRINTS, start="beginning") as tail:
            work = decode(next(iter(tail)))
        with Tail(settings, ENRICHED, start="beginning") as tail:
            records = iter(tail)
            refused = [Event.read(next(records).value or b"")]
            assert replay(settings).replayed == 1
            refused.append(Event.read(next(records).value or b""))
    finally:
        assert worker.terminate() == 0
    assert (work.event.id, work.event.text) == (good["data"]["id"], good["data"]["text"])
    assert work.event.processing.notes == ()
    for one in refused:
        assert one.rejection is not None
        assert (one.status, one.rejection.field) == (Status.REJECTED, "source")
        assert one.rejection.message == "source: is required in a CloudEvent"
    assert refused[0].event_id == refused[1].event_id
    first, second = letters(settings)
    for letter in (first, second):
        assert letter.letter is not None
        assert (letter.letter.reason, letter.record.header("content-type")) == (Reason.SCHEMA, said[0][1].decode())
        assert letter.record.header("other") is None
