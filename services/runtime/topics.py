"""Creating the topics of the topology, and checking those that are there. A step of its own: no worker creates a topic."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, TOPICS, Topic, changelog

_HOUR_MS = 3_600_000
_CONNECT_MS = 20_000
_KNOWN_SECONDS = 20
"""Within which all brokers of a cluster know a new topic: usually well under one."""


class TopicsError(RuntimeError):
    """The topics are not what the topology asks for, or the broker cannot be asked; the message says which and why."""


class BrokerAwayError(TopicsError):
    """No broker answers; it may be back in a while."""


@dataclass(frozen=True)
class Found:
    """A topic of the topology: its full name, how many partitions it has (0: missing), how many it should have."""

    topic: Topic
    name: str
    partitions: int
    wanted: int | None

    @property
    def fault(self) -> str | None:
        """What is wrong with it, or None."""
        if not self.partitions:
            return f"{self.name} is missing"
        if self.wanted is not None and self.partitions != self.wanted:
            return f"{self.name} has {self.partitions} partitions and must have {self.wanted}"
        return None


def every_topic(prefix: str) -> list[Topic]:
    """The topology's topics and the changelogs of its tables."""
    return [*TOPICS, *filter(None, (changelog(prefix, stage) for stage in STAGES))]


def create(settings: Settings) -> list[Found]:
    """Create the topics that are missing, and check all. Topics that are there are left as they are.

    Raises:
        TopicsError: the broker does not answer or refuses, or a topic has the wrong number of partitions.
    """
    with Admin(settings) as admin:
        for topic in _look(admin, settings):
            if topic.partitions:
                continue
            try:
                admin.create_topics([_describe(topic, settings)], wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another worker was quicker
        found = _look(admin, settings)
        deadline = time.monotonic() + _KNOWN_SECONDS
        while not all(topic.partitions for topic in found) and time.monotonic() < deadline:
            time.sleep(0.2)  # we asked a broker that has not heard yet of what another one made
            found = _look(admin, settings)
    check(found)
    return found


def look(settings: Settings) -> list[Found]:
    """The topology's topics as they are on the broker.

    Raises:
        TopicsError: the broker does not answer.
    """
    with Admin(settings) as admin:
        return _look(admin, settings)


def ends(settings: Settings, name: str) -> dict[int, int]:
    """For each partition of the topic of this full name, the offset that its next record will have.

    Raises:
        TopicsError: the broker does not answer (BrokerAwayError; also while a partition has no leader).
    """
    with Admin(settings) as admin:
        (description,) = admin.describe_topics([name])
        partitions = [TopicPartition(name, one["partition_index"]) for one in description["partitions"]]
        found = admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    return {partition.partition: at.offset for partition, at in found.items()}


def check(topics: Sequence[Found]) -> None:
    """Raise TopicsError where a topic is missing or has the wrong number of partitions."""
    faults = [topic.fault for topic in topics if topic.fault]
    if faults:
        raise TopicsError("; ".join(faults) + ". `stancewire topics create` creates what is missing.")


class Admin:
    """An admin client whose errors are ours: TopicsError, and BrokerAwayError where no broker answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> KafkaAdminClient:
        options = client_options(self._settings)
        try:
            with admitted(self._settings):
                self._client = KafkaAdminClient(**options, bootstrap_timeout_ms=_CONNECT_MS)
        except (KafkaError, OSError) as error:
            brokers = ", ".join(options["bootstrap_servers"])
            raise BrokerAwayError(f"no Kafka broker answers at {brokers}: {error}") from error
        return self._client

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._client.close()
        if isinstance(error, KafkaError | OSError):
            away = isinstance(error, OSError) or error.retriable
            raise (BrokerAwayError if away else TopicsError)(f"the broker did not do it: {error!r}") from error


def _look(admin: KafkaAdminClient, settings: Settings) -> list[Found]:
    present = dict.fromkeys(admin.list_topics(), 0)
    wanted = {settings.prefix + topic.name: topic for topic in every_topic(settings.prefix)}
    for description in admin.describe_topics([name for name in wanted if name in present]):
        present[description["name"]] = len(description["partitions"])
    return [Found(topic, name, present.get(name, 0), topic.partitions) for name, topic in wanted.items()]


def _describe(found: Found, settings: Settings) -> NewTopic:
    topic = found.topic
    configs = {"max.message.bytes": str(topic.max_bytes)}
    # When a document was received is the broker's to say: a sender's clock that runs ahead would empty the dedup window.
    configs |= {"message.timestamp.type": "LogAppendTime"}
    if topic.unpacked:
        configs |= {"compression.type": "uncompressed"}
    if topic.compacted:
        configs |= {"cleanup.policy": "compact", "segment.ms": str(6 * _HOUR_MS)}
    else:
        configs |= {"retention.ms": str(topic.retention_hours * _HOUR_MS)}
    return NewTopic(found.name, topic.partitions or settings.partitions, settings.replication, topic_configs=configs)
