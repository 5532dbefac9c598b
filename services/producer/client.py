"""The Kafka producer as Stancewire uses it, and which of its errors end a run."""

from contextlib import suppress
from typing import Any, Protocol

from kafka import KafkaAdminClient, KafkaProducer
from kafka import errors as kafka_errors
from kafka.admin import ConfigResource, ConfigResourceType

from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import DOCUMENTS

CONNECT_SECONDS = 10
"""Longest wait for a broker at the start. A local one answers in 0.1 s, one behind a slow VPN in 2 s."""
METADATA_SECONDS = 5
"""Longest wait for a topic to be known: one that was just made takes some 0.1 s."""
DELIVERY_SECONDS = 25
"""Longest time from sending to acknowledgement, with all retries: a broker that restarts is back in 5 to 20 s."""
_REQUEST_SECONDS = 10
LINGER_MS = 100
"""Longest time in which a batch fills: documents that are checked come one in 2 ms. Processor time of sending one every 3 ms: 20 ms
0.45 ms, 100 ms 0.23, 300 ms 0.17."""
BATCH_BYTES = 256 * 1024
"""With a linger of 20 ms, 8,000 articles: 16 KiB 429 docs/s, 64 KiB 745, 256 KiB 1,036, 1 MiB 1,140 (pure-Python CRC);
with the C one 4,712, 8,731, 11,155 and 16,290. gzip saves 62 % of the log, costs 0.5 ms of CPU a document here and more in
every reader: 1,117 and 1,793 docs/s. So there is no compression, and batches stay well under a broker's usual limit of 1 MB."""

_REQUEST_BYTES = DOCUMENTS.max_bytes
"""The largest message that the topics take: a dead letter of a late stage carries all that was made of its document."""


class PublishError(RuntimeError):
    """Nothing can be published: no broker, no topic, no permission. The message says which and what to do."""


class Producer(Protocol):
    """The part of kafka-python's producer that is used."""

    def send(self, topic: str, value: bytes | None, key: bytes | None, headers: list[tuple[str, bytes]]) -> Any:
        """Put a message in the buffer; returns a future with ``is_done`` and ``get(timeout)``."""

    def partitions_for(self, topic: str) -> set[int]:
        """The topic's partitions; waits for them."""

    def close(self, timeout: float) -> None:
        """Send what is buffered, and end."""


def connect(settings: Settings) -> Producer:
    """A producer whose deliveries are acknowledged by all replicas, idempotent, in order within a partition.

    Raises:
        PublishError: no broker answers. SettingsError: no broker is named, or those that answer refuse us.
    """
    try:
        with admitted(settings):
            producer: Producer = KafkaProducer(
                **client_options(settings),
                client_id="stancewire-producer",
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                batch_size=BATCH_BYTES,
                linger_ms=LINGER_MS,
                max_request_size=_REQUEST_BYTES,
                bootstrap_timeout_ms=CONNECT_SECONDS * 1000,
                max_block_ms=METADATA_SECONDS * 1000,
                request_timeout_ms=_REQUEST_SECONDS * 1000,
                delivery_timeout_ms=DELIVERY_SECONDS * 1000,
            )
    except (kafka_errors.KafkaError, OSError) as error:
        raise _no_broker(settings, error) from error
    return producer


def _no_broker(settings: Settings, error: Exception) -> PublishError:
    why = "" if isinstance(error, kafka_errors.KafkaTimeoutError) else f": {explain(error)}"
    return PublishError(f"no Kafka broker answers at {', '.join(settings.bootstrap)}{why}")


def close(producer: Producer) -> None:
    """End a producer whose answers have all been asked for; what is still in its buffer is dropped, not sent later.

    kafka-python's own ``close`` raises where the buffer is not empty and the broker away, and leaves its thread trying.
    """
    sender = getattr(producer, "_sender", None)
    if sender is not None:
        sender.force_close()
    with suppress(kafka_errors.KafkaError):
        producer.close(timeout=_CLOSE_SECONDS)


_CLOSE_SECONDS = 5


def check_topic(producer: Producer, topic: str) -> None:
    """Raise PublishError where the topic is not there or not ours to write."""
    try:
        producer.partitions_for(topic)
    except kafka_errors.KafkaTimeoutError:
        raise PublishError(f"the topic {topic} does not exist; create it with `stancewire topics create`") from None
    except kafka_errors.KafkaError as error:
        raise PublishError(f"the topic {topic}: {explain(error)}") from error


def largest_message(settings: Settings, topic: str) -> int | None:
    """Most bytes of a batch that the topic takes (``max.message.bytes``); None where the broker does not say.

    To be asked before sending: after one refusal an idempotent kafka-python producer fails all that is in flight.

    Raises:
        PublishError: no broker answers. SettingsError: no broker is named, or those that answer refuse us.
    """
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, [_LARGEST])
    try:
        with admitted(settings):
            admin = KafkaAdminClient(**client_options(settings), bootstrap_timeout_ms=CONNECT_SECONDS * 1000)
        try:
            found = admin.describe_configs([resource], config_filter="all")
        finally:
            admin.close()
        return int(found["topic"][topic][_LARGEST]["value"])
    except SettingsError:
        raise
    except (KeyError, TypeError, ValueError, kafka_errors.BrokerResponseError):
        return None  # it may not be ours to ask
    except (kafka_errors.KafkaError, OSError) as error:
        raise _no_broker(settings, error) from error


_LARGEST = "max.message.bytes"
BATCH_OVERHEAD = 128
"""Bytes of a batch around the key and the value of its one message: a header of 61, lengths, our few headers."""


def ends_run(error: Exception) -> bool:
    """Whether what follows would fail too: all but a message that never left, because it is too large for a request."""
    return isinstance(error, kafka_errors.KafkaError) and not isinstance(error, kafka_errors.MessageSizeTooLargeError)


def explain(error: Exception) -> str:
    """An error of Kafka in a line, without the class's name twice."""
    if isinstance(error, kafka_errors.KafkaTimeoutError):
        return "the broker gave no answer in time"
    name = type(error).__name__
    text = str(error).removeprefix(name).lstrip(": ").removeprefix(f"[Error {getattr(error, 'errno', '')}] ")
    return f"{name.removesuffix('Error')}: {text}"[:300] if text else name


FAILURES = (kafka_errors.KafkaError, ValueError, TypeError, AssertionError)
"""What sending one message or waiting for it may raise."""
