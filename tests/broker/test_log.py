"""A log that does not hold what the group has committed: its end is lost, its beginning deleted, its partitions grown."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from evaluation.bench.stages import read_gauge
from evaluation.faults.worker import Worker, asleep, worker
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, FINGERPRINTS, STAGES, group
from tests.broker.cluster import put
from tests.broker.test_worker import document

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]


class Output:
    """The origins of all that intake has put out, from the topic's beginning."""

    def __init__(self, settings: Settings) -> None:
        self._consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        partition = TopicPartition(settings.prefix + FINGERPRINTS.name, 0)
        self._consumer.assign([partition])
        self._consumer.seek_to_beginning(partition)
        self._seen: set[str] = set()

    def until(self, origins: list[str], seconds: float = 60) -> None:
        """Follow until each origin was put out."""
        deadline = time.monotonic() + seconds
        while missing := set(origins) - self._seen:
            assert time.monotonic() < deadline, f"{len(missing)} of {len(origins)} never taken: {sorted(missing)[:5]}"
            for records in self._consumer.poll(timeout_ms=500).values():
                self._seen |= {dict(record.headers)[ORIGIN].decode() for record in records}

    def close(self) -> None:
        """Let go of the connection."""
        self._consumer.close()


def figure(one: Worker, name: str) -> float:
    return read_gauge(one.port_of("intake"), name)


def commit(settings: Settings, partition: TopicPartition, offset: int) -> None:
    """Commit for intake's group, as if it had read so far."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap, group_id=group(settings.prefix, STAGES[0]), enable_auto_commit=False
    )
    consumer.assign([partition])
    consumer.commit({partition: OffsetAndMetadata(offset, "", -1)})
    consumer.close()


def some(count: int, name: str) -> list[tuple[bytes, bytes]]:
    return [document(f"{name}-{number}") for number in range(count)]


def test_what_the_log_does_not_hold_is_said_and_all_that_it_holds_is_taken(
    fresh: Callable[..., Settings], tmp_path: Path
) -> None:
    settings = fresh(partitions=1, session_seconds=6, processes=1)
    name = settings.prefix + DOCUMENTS.name
    partition = TopicPartition(name, 0)
    log = tmp_path / "worker.log"
    commit(settings, partition, 40)  # the log is empty: it has lost its end
    output = Output(settings)
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    with worker(settings, log, "--stages", "intake") as one:
        deadline = time.monotonic() + 90
        while "offset 40 was due, and the log ends at 0" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        output.until(put(settings, some(60, "rewound")))
        assert figure(one, "offsets_rewound_total") == 1

        with asleep([one.pid_of("intake")]):
            put(settings, some(2, "on-their-way"))  # a fetch that is under way brings these
            put(settings, some(20, "expired"))
            end = int(put(settings, some(1, "kept"))[0].rpartition("/")[2])
            admin.delete_records({partition: end})
        output.until([f"{name}/0/{end}"])
        assert 20 <= figure(one, "documents_expired_total") <= 22
        assert f"to {end - 1} were deleted before they were read; going on at {end}" in log.read_text()

        admin.create_partitions({name: 2})
        producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
        key, value = document("grown")
        producer.send(name, key=key, value=value, partition=1).get(30)
        producer.close()
        output.until([f"{name}/1/0"], 100)  # 281 s with the client's default
    admin.close()
    output.close()
