"""Puts events that a sink refuses on the dead-letter topic, and waits for the broker's acknowledgement."""

from datetime import UTC, datetime

from schemas import DeadLetter, Event, Reason
from schemas.base import MAX_EXPLANATION
from services.producer.client import DELIVERY_SECONDS, FAILURES, Producer, PublishError, close, connect, explain
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS
from services.sinks.sink import Row

_PATIENCE_SECONDS = DELIVERY_SECONDS + 5


class Letterbox:
    """Sends the dead letters of one sink; it connects with the first one."""

    def __init__(self, row: Row, settings: Settings) -> None:
        self._row = row
        self._settings = settings
        self._producer: Producer | None = None

    def send(self, record: Record, event: Event | None, reason: Reason, why: str) -> None:
        """Send the message as it was, with headers that say why it was refused.

        Raises:
            PublishError: the broker did not acknowledge it; the event must be read again.
        """
        letter = DeadLetter(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            origin=record.origin,
            stage=self._row.stage,
            status=reason.status,
            reason=reason,
            document=event.id if event is not None else None,
            message=why[:MAX_EXPLANATION],
            pipeline=self._row.stage,
            configuration="",
            failed_at=datetime.now(UTC),
        )
        topic = self._settings.prefix + DEAD_LETTERS.name
        self._producer = self._producer or connect(self._settings)
        try:
            headers = [*letter.to_headers(), *record.trace]
            self._producer.send(topic, record.value, record.key, headers).get(timeout=_PATIENCE_SECONDS)
        except FAILURES as error:
            self.close()
            raise PublishError(
                f"the dead letter of {record.position} was not acknowledged: {explain(error)}"
            ) from error

    def close(self) -> None:
        """End the connection."""
        if self._producer is not None:
            close(self._producer)
            self._producer = None
