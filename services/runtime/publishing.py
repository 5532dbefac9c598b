"""Publishing: what was made goes out in the order in which it was taken, and only what the broker has counts as finished."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import faust
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from schemas import Reason
from services.runtime import ending
from services.runtime.deadletter import DeadLetterLimitError, DeadLetterPolicy
from services.runtime.flight import Batch, Flight
from services.runtime.gaps import Gaps
from services.runtime.ledger import Ledger
from services.runtime.letters import Letters, Message, Result
from services.runtime.metrics import Metrics
from services.runtime.pool import DroppedError
from services.runtime.records import Failure, Made, Record, about
from services.runtime.spans import Spans
from services.runtime.topology import CANARIES, DEAD_LETTERS, ENRICHED, Stage

log = logging.getLogger(__name__)

_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError)
"""The broker takes no message, or no batch of them, of this size."""


class RefusedLetterError(RuntimeError):
    """The broker does not take a dead letter."""


class Publisher:
    """Sends what was made of batches, counts what failed, and tells the ledger when the broker has it."""

    def __init__(
        self,
        app: faust.App,
        stage: Stage,
        prefix: str,
        letters: Letters,
        policy: DeadLetterPolicy,
        flight: Flight,
        ledger: Ledger,
        gaps: Gaps,
        metrics: Metrics,
        spans: Spans,
    ) -> None:
        self._prefix = prefix
        self._letters = letters
        self._policy = policy
        self._flight = flight
        self._ledger = ledger
        self._gaps = gaps
        self._metrics = metrics
        self._spans = spans
        outputs = {
            *stage.writes,
            *stage.beside,
            ENRICHED,
            CANARIES,
            DEAD_LETTERS,
        }  # what fails has its event, at whatever stage
        self._outputs = {topic.name: _raw_topic(app, prefix + topic.name) for topic in outputs}

    async def run(self) -> None:
        """Publish batches in the order in which they were taken, and tell the ledger when the broker has them."""
        try:
            while True:
                batch = await self._flight.queue.get()
                done: list[Made] | None = None
                with contextlib.suppress(DroppedError):
                    results = await batch.task
                    if not self._flight.dropping:
                        done = await self.publish_batch(batch, results)
                        self._ledger.finish(batch.generation, batch.ends)
                        if batch.generation == self._ledger.generation:
                            for tp, timestamp in batch.reached.items():
                                self._gaps.lag.note(tp, timestamp)
                self._flight.add(-len(batch.records))
                if done is None:
                    self._metrics.dropped(len(batch.records), self._flight.documents)
                else:
                    self._metrics.finished(done, time.monotonic() - batch.started, self._flight.documents)
                self._flight.room.release()
        except asyncio.CancelledError:
            raise
        except RefusedLetterError as error:
            ending.hard_exit(ending.EXIT_UNEXPECTED, f"{error}; nothing of this batch is committed", trace=False)
        except DeadLetterLimitError as error:
            ending.hard_exit(
                ending.EXIT_DEAD_LETTER_LIMIT,
                f"{error}; nothing of this batch is committed. Look at the last dead letters",
            )
        except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
            ending.hard_exit(ending.EXIT_UNEXPECTED, "a batch could not be published")

    async def publish_batch(self, batch: Batch, results: Sequence[Made | Failure]) -> list[Made]:
        """Send what was made and wait until the broker has it. The policy is asked after it, so that the letters are there."""
        now = datetime.now(UTC)
        done = [
            self._letters.finish(record, result, now) for record, result in zip(batch.records, results, strict=True)
        ]
        for run in _apart([one.made.key for one in done]):
            sent = [[await self._send(message) for message in done[number].messages] for number in run]
            answers = [await asyncio.gather(*futures, return_exceptions=True) for futures in sent]
            for number, those in zip(run, answers, strict=True):
                errors = [answer for answer in those if isinstance(answer, BaseException)]
                for error in errors:
                    if not isinstance(error, _REFUSED):
                        raise error
                if errors:
                    done[number] = await self._publish_alone(batch.records[number], done[number], now)
        self._spans.end(batch.spans, done)
        for one in done:
            self._policy.note(one.failed)
        return [one.made for one in done]

    async def _publish_alone(self, record: Record, result: Result, now: datetime) -> Result:
        """Send one result by itself. What the broker refuses for its size becomes a dead letter, at last one without the document.

        Raises:
            RefusedLetterError: the dead letter is refused, too.
        """
        try:
            await self._deliver(result)
            return result
        except _REFUSED:
            size = max(len(message.value or b"") for message in result.messages)
            with about(record, result.made.key.decode()):
                log.error("%s: the broker refused %d bytes on %s", record.position, size, result.made.topic)
            # Without the size, which differs by some bytes each time that it is made: a repeat must be the same event.
            why = f"the broker refused the message on {result.made.topic} for its size: max.message.bytes is lower"
        for message in result.beside:
            await (await self._send(message))
        failure = Failure(Reason.ERROR, "MessageSizeTooLargeError", why, 1)
        failed = self._letters.finish(record, failure, now)
        for one in (failed, self._letters.without_document(record, failure, failed.letter, now)):
            with contextlib.suppress(*_REFUSED):
                await self._deliver(one)
                return one
        assert failed.letter is not None
        raise RefusedLetterError(
            f"{failed.letter.topic} refuses a dead letter of {len(failed.letter.value or b'')} bytes: raise its max.message.bytes"
        )

    async def _deliver(self, result: Result) -> None:
        for message in result.messages:
            await (await self._send(message))

    async def _send(self, message: Message) -> Any:
        channel = self._outputs[message.topic.removeprefix(self._prefix)]
        return await channel.send(key=message.key, value=message.value, headers=list(message.headers))


def _apart(keys: Sequence[bytes]) -> Iterator[range]:
    """The numbers of ``keys`` in runs, in none of which a key is twice.

    What is sent together may be refused in part, and what was refused comes later then. So an event is sent only when the
    one before it of the same id has been taken, and they keep their order.
    """
    start, seen = 0, set[bytes]()
    for number, key in enumerate(keys):
        if key in seen:
            yield range(start, number)
            start, seen = number, set()
        seen.add(key)
    yield range(start, len(keys))


def _raw_topic(app: faust.App, name: str) -> Any:
    return app.topic(
        name, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw", allow_empty=True
    )
