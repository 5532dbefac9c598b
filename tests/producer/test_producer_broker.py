"""The producer on a real Kafka."""

import io
import json
from collections.abc import Callable

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from services.consumer.tail import Tail
from services.producer import client
from services.producer.item import Item, Origin
from services.producer.publish import PublishError, publish, withdraw
from services.producer.read import Reading, read
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS

pytestmark = pytest.mark.broker


def everything(settings: Settings) -> list[Record]:
    with Tail(settings, DOCUMENTS, to_end=True) as tail:
        return list(tail)


def test_what_is_published_is_there_to_the_byte_at_the_places_reported(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=3)
    lines = [
        json.dumps({"text": f"Story {n} about the ferry. “É”", "n": n}, ensure_ascii=False).encode() for n in range(500)
    ]
    content = b"\n".join([*lines, b"{broken", lines[7]])
    report = publish(read("-", Reading(), io.BytesIO(content)), settings)
    assert (report.read, report.delivered, report.problem_count, report.undelivered_count) == (501, 501, 1, 0)
    found = everything(settings)
    assert sorted(record.value or b"" for record in found) == sorted([*lines, lines[7]])
    assert {(record.topic, record.partition, record.offset) for record in found} == set(report.positions)
    places = [record.partition for record in found if record.value == lines[7]]
    assert len(places) == 2
    assert len(set(places)) == 1, "the same document goes to the same partition"
    withdraw(["x"], settings)
    (tombstone,) = (record for record in everything(settings) if record.value is None)
    assert tombstone.key == b"x"


def test_a_message_that_the_topic_refuses_takes_no_other_with_it(fresh: Callable[..., Settings]) -> None:
    settings = fresh().model_copy(update={"prefix": "small-"})
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    name = settings.prefix + DOCUMENTS.name
    admin.create_topics([NewTopic(name, 1, 1, topic_configs={"max.message.bytes": "50000"})], wait_for_metadata=True)
    admin.close()
    large = {5, 50, 51, 99}
    items = [Item(Origin("f", "line", n), b"x" * (200_000 if n in large else 5_000), b"%d" % n) for n in range(100)]
    report = publish(items, settings)
    assert {lost.origin.number for lost in report.undelivered} == large
    assert (report.delivered, report.stopped) == (96, None)
    assert [record.key for record in everything(settings)] == [b"%d" % n for n in range(100) if n not in large]


def test_without_a_topic_or_a_broker_it_says_so(
    fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "METADATA_SECONDS", 1)
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1)
    settings = fresh()
    with pytest.raises(
        PublishError,
        match=r"the topic nowhere-news\.documents does not exist; create it with `stancewire topics create`",
    ):
        publish([], settings.model_copy(update={"prefix": "nowhere-"}))
    with pytest.raises(PublishError, match=r"no Kafka broker answers at 127\.0\.0\.1:1"):
        publish([], settings.model_copy(update={"brokers": "127.0.0.1:1"}))
