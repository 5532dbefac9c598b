"""How long the documents of a partition wait while partitions move from one worker to another.

A document is sent to each partition of ``news.documents`` a few times a second, from before a worker comes or goes until all
partitions are consumed again. The broker's times say how long each waited for its fingerprint, the first thing that intake makes of
it. The longest wait is what a rebalance costs: where a partition stands still, what is sent to it waits for the end of that.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from kafka import KafkaProducer

from evaluation.bench import BenchError
from evaluation.bench.stages import PATIENCE
from evaluation.bench.works import repeating
from services.consumer.tail import Tail
from services.producer.client import DELIVERY_SECONDS
from services.runtime.kafka import client_options
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS, FINGERPRINTS

_EVERY = 0.25
"""Seconds between two documents of a partition, and so the error of what is measured."""
_CALM = 2.0
"""Seconds of sending before the change, and after it."""
_NUMBERS = count()


def longest_wait(settings: Settings, change: Callable[[], object], after: float = _CALM) -> float:
    """Seconds that the document waited which waited longest, of those that were sent while ``change`` was made.

    Args:
        change: lets a worker come or go, and returns when it is there or gone.
        after: seconds for which documents are sent after it.

    Raises:
        BenchError: documents did not come out.
    """
    with Tail(settings, FINGERPRINTS, start="end", idle=1.0) as tail:
        with _sending(settings) as sent:
            time.sleep(_CALM)
            change()
            time.sleep(after)
        answers = [one.get(DELIVERY_SECONDS) for one in sent]
        places = {f"{one.topic}/{one.partition}/{one.offset}": one.timestamp / 1000 for one in answers}
        return max(waits(places, tail))


def waits(sent: Mapping[str, float], out: Iterable[Record]) -> list[float]:
    """Seconds from when something was sent at each of the places until something was made of it for the first time.

    ``out``: gives, each time that it is iterated over, what came since.

    Raises:
        BenchError: of some nothing was made.
    """
    came: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE
    while missing := sent.keys() - came.keys():
        if time.monotonic() > deadline:
            raise BenchError(f"{len(missing)} of {len(sent)} documents were not consumed after workers had changed")
        for record in out:
            came.setdefault(record.origin, record.timestamp)
    return [came[place] - at for place, at in sent.items()]


@contextmanager
def _sending(settings: Settings) -> Iterator[list[Any]]:
    """Send documents for as long as the context lasts; gives the futures of the broker's answers."""
    producer = KafkaProducer(**client_options(settings), acks="all")
    sent: list[Any] = []

    def send() -> None:
        for partition in range(settings.partitions):
            name = f"probe-{next(_NUMBERS)}"
            value = json.dumps({"id": name, "text": f"The {name} was sent to see when somebody reads it."}).encode()
            topic = settings.prefix + DOCUMENTS.name
            sent.append(producer.send(topic, value, name.encode(), partition=partition))

    try:
        with repeating(_EVERY, send):
            yield sent
    finally:
        producer.flush(DELIVERY_SECONDS)
        producer.close(DELIVERY_SECONDS)
