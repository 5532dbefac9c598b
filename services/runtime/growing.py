"""More partitions for a topic, so that more workers share it: what is refused, and what must not wait while keys move.

A key's partition follows from their number. So when a topic grows, the newer revisions of a document may go to another partition
than those that wait, and overtake them. Nothing is lost, but the events of that document come in another order. It cannot happen
where nothing waits.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from kafka import IsolationLevel, KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from services.runtime.settings import Settings
from services.runtime.topics import KNOWN_SECONDS, Admin, Found, TopicsError, look_with
from services.runtime.topology import STAGES, Stage, group


@dataclass(frozen=True)
class Growth:
    """What becomes of a topic. ``waiting``: its messages that the stage behind it has still to do."""

    name: str
    before: int
    after: int
    waiting: int


def plan(settings: Settings, partitions: int, names: Sequence[str] = ()) -> list[Growth]:
    """Which topics would get more partitions; ``names``: full names of those that are meant, or all that may have several.

    Raises:
        TopicsError: a topic is not of the topology, is missing, must have one partition, or has more than ``partitions``.
    """
    with Admin(settings) as admin:
        topics = {found.name: found for found in look_with(admin, settings)}
        for name in names:
            _refuse(name, topics.get(name), partitions)
        growing = [
            found
            for found in topics.values()
            if found.topic.partitions is None
            and 0 < found.partitions < partitions
            and (not names or found.name in names)
        ]
        readers = {settings.prefix + stage.reads.name: stage for stage in STAGES}
        return [
            Growth(
                found.name,
                found.partitions,
                partitions,
                _waiting(admin, settings, found, readers[found.name]) if found.name in readers else 0,
            )
            for found in growing
        ]


def grow(settings: Settings, growths: Sequence[Growth]) -> None:
    """Make the partitions of a plan, and wait until the brokers know them. Running stages read them within half a minute.

    Raises:
        TopicsError: the broker refuses, or does not answer.
    """
    with Admin(settings) as admin:
        admin.create_partitions({one.name: one.after for one in growths})
        deadline = time.monotonic() + KNOWN_SECONDS
        names = [one.name for one in growths]
        while any(len(topic["partitions"]) < one.after for topic, one in zip(_of(admin, names), growths, strict=True)):
            if time.monotonic() > deadline:
                raise TopicsError(
                    f"the brokers do not show the new partitions of {', '.join(names)} yet; look again later"
                )
            time.sleep(0.2)


def _of(admin: KafkaAdminClient, names: Sequence[str]) -> list[dict[str, list[object]]]:
    found = {one["name"]: one for one in admin.describe_topics(list(names))}
    return [found[name] for name in names]


def _refuse(name: str, found: Found | None, partitions: int) -> None:
    if found is None:
        raise TopicsError(f"{name[:249]} is no topic of Stancewire; `stancewire topics list` shows them")
    if found.partitions == 0:
        raise TopicsError(f"{name} is missing; `stancewire topics create` creates it")
    if found.topic.partitions is not None:
        raise TopicsError(
            f"{name} must have {found.topic.partitions} partition: whoever reads it needs all of it, in one order. "
            "docs/dedup/scale.md says how far one partition goes"
        )
    if found.partitions > partitions:
        raise TopicsError(
            f"{name} has {found.partitions} partitions, and Kafka cannot take any away. To have fewer, create the topics anew "
            "under another STANCEWIRE_PREFIX"
        )


def _waiting(admin: KafkaAdminClient, settings: Settings, found: Found, stage: Stage) -> int:
    at = [TopicPartition(found.name, number) for number in range(found.partitions)]
    isolation = IsolationLevel.READ_COMMITTED if settings.read_committed else IsolationLevel.READ_UNCOMMITTED
    ends = admin.list_partition_offsets(dict.fromkeys(at, OffsetSpec.LATEST), isolation)
    firsts = admin.list_partition_offsets(dict.fromkeys(at, OffsetSpec.EARLIEST))
    committed = _committed(admin, group(settings.prefix, stage), at)
    return sum(
        max(0, ends[one].offset - max(committed[one].offset if one in committed else 0, firsts[one].offset))
        for one in at
    )


def _committed(
    admin: KafkaAdminClient, readers: str, at: list[TopicPartition]
) -> dict[TopicPartition, OffsetAndMetadata]:
    deadline = time.monotonic() + KNOWN_SECONDS
    while True:
        try:
            return dict(admin.list_group_offsets({readers: at}).get(readers, {}))
        except KafkaError as error:  # a new cluster makes its topic of offsets when it is first asked for one
            if not error.retriable or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
