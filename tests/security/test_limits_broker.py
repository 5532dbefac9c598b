"""The largest messages that the broker lets in: none stops its stage, none is unpacked to more than a message may be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError

from evaluation.faults.worker import worker
from schemas import Status
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS
from tests.broker.cluster import Watcher

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]


def test_a_message_as_large_as_the_topic_takes_is_rejected_and_the_next_one_is_not(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = fresh(partitions=1)
    topic = settings.prefix + DOCUMENTS.name
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, max_request_size=2 * DOCUMENTS.max_bytes)
    packed = KafkaProducer(
        bootstrap_servers=settings.bootstrap, compression_type="gzip", max_request_size=2 * DOCUMENTS.max_bytes
    )
    huge = b'{"text": "' + b" " * (DOCUMENTS.max_bytes - 200) + b'"}'
    sent = [producer.send(topic, huge, b"huge").get(30), producer.send(topic, b'{"text": ', b"small").get(30)]
    with pytest.raises(MessageSizeTooLargeError):
        packed.send(topic, b" " * (DOCUMENTS.max_bytes + 1_000), b"bomb").get(30)
    producer.close()
    packed.close()
    with worker(settings, tmp_path / "log", "--stages", "intake"):
        watcher = Watcher(settings)
        seen = watcher.until([f"{one.topic}/{one.partition}/{one.offset}" for one in sent], 90)
        while len(seen.letters) < 2:
            watcher.poll()
        watcher.close()
    assert seen.statuses == {Status.REJECTED: 2}
    assert {letter.key: letter.value for letter in seen.letters}[b"huge"] == huge
