"""A sender that uses transactions beside one that does not, through intake on a real Kafka.

Both send the same number of made-up documents at the same pace, in turns; one commits once a second. Seconds run from the first
document sent to the last one out of intake, so that a sender which intake keeps up with comes out at its own pace, and ``ratio`` at
1. Each commit writes a marker to each partition that it touched: an offset at which no document ever comes.

``each``: so many documents sent one at a time, each in a transaction of its own or acknowledged before the next is sent.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import count
from typing import Any

from aiokafka import AIOKafkaProducer

from evaluation.bench.stages import await_out, kafka, workers
from services.consumer.tail import Tail
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.supervisor import Supervisor
from services.runtime.topology import DOCUMENTS as SENT
from services.runtime.topology import FINGERPRINTS, select

DOCUMENTS = 1_600
_TURNS = 4
"""Of each sender, so that a slower minute of the machine hits both."""
_PER_SECOND = 40
"""Documents a second, a pace that intake keeps up with on a busy machine: what is measured is waiting, not work."""
_EACH = 12
_STORY = (
    "The harbor board voted on Monday to close the old pier. Mayor Ana Reyes praised the vote. "
    "“The board has failed this town,” said Leon Katz, who runs a boat yard next to the pier and employs forty people. "
) * 8


def measure(documents: int) -> dict[str, Any]:
    """Documents a second of both senders and their ratio, and the seconds of a dozen documents sent one at a time.

    Raises:
        BenchError: intake did not get the documents done.
    """
    per_turn = max(1, documents // (2 * _TURNS))
    seconds, each = dict.fromkeys((False, True), 0.0), dict.fromkeys((False, True), 0.0)
    with kafka() as settings, workers(select("intake"), settings) as running:
        intake = _Intake(settings, running)
        for transactional in (False, True):
            intake.seconds(_PER_SECOND, transactional)  # the first ones find cold caches
        for turn in range(_TURNS):
            for transactional in (turn % 2 == 0, turn % 2 == 1):
                seconds[transactional] += intake.seconds(per_turn, transactional)
        for transactional in (False, True):
            each[transactional] = intake.seconds(_EACH, transactional, alone=True)
    rates = {transactional: _TURNS * per_turn / took for transactional, took in seconds.items()}
    return {
        "data": "made up",
        "documents": 2 * _TURNS * per_turn,
        "documents_per_second": rates[True],
        "plain_documents_per_second": rates[False],
        "ratio": rates[True] / rates[False],
        "each": _EACH,
        "each_seconds": each[True],
        "plain_each_seconds": each[False],
    }


class _Intake:
    """The running stage, and how much has come out of it."""

    def __init__(self, settings: Settings, running: Sequence[Supervisor]) -> None:
        self._settings = settings
        self._running = running
        self._numbers = count()
        self._out = 0

    def seconds(self, documents: int, transactional: bool, alone: bool = False) -> float:
        """From the first of so many documents sent to the last one out. ``alone``: one at a time, as fast as they are taken."""
        started = asyncio.run(self._send(documents, transactional, alone))
        self._out += documents
        await_out(self._settings, self._running, [FINGERPRINTS], self._out)
        with Tail(self._settings, FINGERPRINTS, start=1, to_end=True) as tail:
            return next(iter(tail)).timestamp - started

    async def _send(self, documents: int, transactional: bool, alone: bool) -> float:
        """Send so many, and return when the first was sent."""
        name = f"bench-{next(self._numbers)}" if transactional else None
        producer = AIOKafkaProducer(**client_options(self._settings), transactional_id=name, acks="all")
        transaction: Callable[[], Any] = producer.transaction if transactional else nullcontext
        portion = 1 if alone else _PER_SECOND
        await producer.start()
        try:
            started = time.time()
            for first in range(0, documents, portion):
                async with transaction():
                    for number in range(first, min(documents, first + portion)):
                        if not alone:
                            await asyncio.sleep(started + number / _PER_SECOND - time.time())
                        await producer.send(self._settings.prefix + SENT.name, *_document(next(self._numbers)))
                    await producer.flush()
            return started
        finally:
            await producer.stop()


def _document(number: int) -> tuple[bytes, bytes]:
    """The value and key of a document that no other is a copy of."""
    key = f"document-{number}"
    return json.dumps({"id": key, "text": f"{_STORY} It was vote number {number}."}).encode(), key.encode()
