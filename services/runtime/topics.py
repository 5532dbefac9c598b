"""Creating the topics of the topology, and checking those that are there. A step of its own: no worker creates a topic."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from services.runtime.demands import Fault, demands, faults
from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings
from services.runtime.topology import STAGES, TOPICS, Stage, Topic, changelog

log = logging.getLogger(__name__)

_CONNECT_MS = 20_000
KNOWN_SECONDS = 20
"""Within which all brokers of a cluster know a new topic: usually well under one."""


class TopicsError(RuntimeError):
    """The topics are not what the topology asks for, or the broker cannot be asked; the message says which and why."""


class BrokerAwayError(TopicsError):
    """No broker answers; it may be back in a while."""


@dataclass(frozen=True)
class Found:
    """A topic of the topology: its full name, how many partitions it has (0: missing), and what is wrong with it."""

    topic: Topic
    name: str
    partitions: int
    faults: tuple[Fault, ...]


def every_topic(prefix: str) -> list[Topic]:
    """The topology's topics and the changelogs of its tables."""
    return [*TOPICS, *filter(None, (changelog(prefix, stage) for stage in STAGES))]


def create(settings: Settings) -> list[Found]:
    """Create the topics that are missing, and check all. Topics that are there are left as they are.

    Raises:
        TopicsError: the broker does not answer or refuses, or a topic that is there has a fatal fault.
    """
    with Admin(settings) as admin:
        for topic in look_with(admin, settings):
            if topic.partitions:
                continue
            try:
                admin.create_topics([_describe(topic, settings)], wait_for_metadata=True)
            except TopicAlreadyExistsError:
                continue  # another worker was quicker
        found = look_with(admin, settings)
        deadline = time.monotonic() + KNOWN_SECONDS
        while not all(topic.partitions for topic in found) and time.monotonic() < deadline:
            time.sleep(0.2)  # we asked a broker that has not heard yet of what another one made
            found = look_with(admin, settings)
    check(found)
    return found


def look(settings: Settings) -> list[Found]:
    """The topology's topics as they are on the broker.

    Raises:
        TopicsError: the broker does not answer.
    """
    with Admin(settings) as admin:
        return look_with(admin, settings)


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
    """Raise TopicsError where a topic has a fatal fault; the message has the commands that mend it."""
    fatal = [fault for topic in topics for fault in topic.faults if fault.fatal]
    if fatal:
        mends = dict.fromkeys(fault.mend for fault in fatal)
        raise TopicsError("; ".join(fault.what for fault in fatal) + f". To mend it: {'; '.join(mends)}")


def warn(topics: Sequence[Found], stage: Stage) -> None:
    """Log the faults that are not fatal: each stage those of what it reads, the last one also those of what users read."""
    told = {stage.reads, stage.guide}
    if stage == STAGES[-1]:
        told |= set(TOPICS) - {topic for other in STAGES for topic in (other.reads, other.guide)}
    for found in topics:
        if found.topic in told or (stage.table and found.topic not in TOPICS):
            for fault in found.faults:
                if not fault.fatal:
                    log.warning("%s. To mend it: %s", fault.what, fault.mend)


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
            raise (BrokerAwayError if away else TopicsError)(f"the broker refused the request: {error!r}") from error


def look_with(admin: KafkaAdminClient, settings: Settings) -> list[Found]:
    """As ``look``, in the context of an ``Admin``."""
    wanted = {settings.prefix + topic.name: topic for topic in every_topic(settings.prefix)}
    names = sorted(wanted.keys() & set(admin.list_topics()))
    partitions = {one["name"]: one["partitions"] for one in admin.describe_topics(names)}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs = admin.describe_configs(asked, config_filter="all").get("topic", {}) if asked else {}
    return [
        _judge(topic, name, partitions.get(name, []), configs.get(name, {}), settings) for name, topic in wanted.items()
    ]


def _judge(topic: Topic, name: str, partitions: list[Any], configs: dict[str, Any], settings: Settings) -> Found:
    create = "stancewire topics create"
    if not partitions:
        return Found(topic, name, 0, (Fault(f"{name} is missing", create, fatal=True),))
    replicas = min(len(one["replica_nodes"]) for one in partitions)
    values = {setting: config["value"] for setting, config in configs.items()}
    found = faults(topic, name, replicas, values, settings)
    if topic.partitions is not None and len(partitions) != topic.partitions:
        what = f"{name} has {len(partitions)} partitions and must have {topic.partitions}"
        found.insert(0, Fault(f"{what}: delete it with all its records, and create it again", create, fatal=True))
    return Found(topic, name, len(partitions), tuple(found))


def _describe(found: Found, settings: Settings) -> NewTopic:
    partitions = found.topic.partitions or settings.partitions
    configs = demands(found.topic, settings.replication)
    return NewTopic(found.name, partitions, settings.replication, topic_configs=configs)
