"""The Kafka consumer as Stancewire's commands use it: nothing is committed unless they say so."""

from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings

_CONNECT_SECONDS = 10
"""Longest wait for a broker at the start."""
_SESSION_SECONDS = 10
"""After so long without a sign of life a group's other members take over; the smallest that brokers allow is 6."""
_FETCH_BYTES = 16 * 1024 * 1024
"""Most bytes of a fetch, and so of what waits in memory: one largest event, or a thousand usual ones."""
_POLL_RECORDS = 200


class ConsumeError(RuntimeError):
    """Reading failed: no broker, no topic or no permission. The message says which and what to do."""


def connect(settings: Settings, group: str | None) -> Any:
    """A kafka-python consumer with no topic yet.

    Raises:
        ConsumeError: no broker answers. SettingsError: no broker is named, or those that answer refuse us.
    """
    options = client_options(settings)
    try:
        with admitted(settings):
            return KafkaConsumer(
                **options,
                client_id="stancewire-consumer",
                group_id=group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=_CONNECT_SECONDS * 1000,
                session_timeout_ms=_SESSION_SECONDS * 1000,
                fetch_max_bytes=_FETCH_BYTES,
                max_poll_records=_POLL_RECORDS,
            )
    except (KafkaError, OSError) as error:
        raise ConsumeError(f"no Kafka broker answers at {', '.join(options['bootstrap_servers'])}: {error}") from error


def partitions_of(consumer: Any, topic: str) -> list[int]:
    """The topic's partitions.

    Raises:
        ConsumeError: there is no such topic, or it is not ours to read.
    """
    try:
        partitions = consumer.partitions_for_topic(topic)
    except KafkaError as error:
        raise ConsumeError(f"the topic {topic} cannot be read: {error}") from error
    if not partitions:
        raise ConsumeError(f"the topic {topic} does not exist; create it with `stancewire topics create`")
    return sorted(partitions)
