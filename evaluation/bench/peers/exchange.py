"""Documents in, events out, through Kafka."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kafka import KafkaProducer, TopicPartition

from evaluation.bench import BenchError
from evaluation.bench.partitions import Sent
from evaluation.bench.stages import PATIENCE
from services.consumer.client import connect, partitions_of
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, ENRICHED


class Passed(NamedTuple):
    """What became of documents.

    Attributes:
        seconds: from the first due to the last event. latencies: of each, in seconds from when it was due. statuses: of each event.
    """

    seconds: float
    latencies: Mapping[str, float]
    statuses: Mapping[str, str]


class Exchange:
    """The topics of ``settings``, open to send and to read. Nothing waits for company: each document is sent at once."""

    def __init__(self, settings: Settings) -> None:
        self._source = settings.prefix + DOCUMENTS.name
        self._producer = KafkaProducer(**client_options(settings), acks="all", linger_ms=0)
        self._consumer = connect(settings, None)
        target = settings.prefix + ENRICHED.name
        self._consumer.assign([TopicPartition(target, number) for number in partitions_of(self._consumer, target)])
        self._consumer.seek_to_beginning()

    def close(self) -> None:
        """Let go of the broker."""
        self._producer.close(10)
        self._consumer.close(autocommit=False)

    def __call__(self, documents: Sequence[Sent], check: Callable[[], None], due: Sequence[float] = ()) -> Passed:
        """Send documents, each when it is ``due`` (seconds from now; empty: all at once), whatever has come out by then, and wait.

        Raises:
            BenchError: nothing came for too long, or ``check`` raised it.
        """
        wanted = {one.id: at for one, at in zip(documents, due or [0.0] * len(documents), strict=True)}
        began = last = time.monotonic()
        sender = threading.Thread(target=self._send, args=(documents, began, wanted), daemon=True)
        sender.start()
        latencies: dict[str, float] = {}
        statuses: dict[str, str] = {}
        while len(latencies) < len(wanted):
            check()
            for messages in self._consumer.poll(timeout_ms=50).values():
                last = time.monotonic()
                for message in messages:
                    key = (message.key or b"").decode()
                    if key in wanted and key not in latencies:  # at least once: it may come again
                        latencies[key] = last - began - wanted[key]
                        statuses[key] = json.loads(message.value)["status"]
            if time.monotonic() - max(last, began + max(wanted.values())) > PATIENCE:
                raise BenchError(f"{len(wanted) - len(latencies)} of {len(wanted)} documents have no event")
        sender.join()
        return Passed(last - began, latencies, statuses)

    def _send(self, documents: Sequence[Sent], began: float, due: Mapping[str, float]) -> None:
        for one in documents:
            time.sleep(max(0.0, began + due[one.id] - time.monotonic()))
            self._producer.send(self._source, json.dumps(_fields(one)).encode(), one.id.encode())
        self._producer.flush()


def _fields(one: Sent) -> dict[str, Any]:
    return {"id": one.id, "title": one.article.title, "text": one.article.text}
