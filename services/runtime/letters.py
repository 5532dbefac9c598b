"""What is sent for a record: its event or work, and a dead letter where the stage failed or rejected the document."""

import logging
from dataclasses import dataclass
from datetime import datetime

from schemas import DeadLetter
from services.runtime.deadletter import Maker, failure_event, failure_letter, rejection_letter
from services.runtime.records import Failure, Made, Record, about
from services.runtime.topology import DEAD_LETTERS

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Result:
    """What came of one record: its message and, where it failed or was rejected, its letter."""

    made: Made
    letter: Message | None
    failed: bool

    @property
    def messages(self) -> list[Message]:
        """All that is to be sent; the letter first, so that there is no event of a letter that could not be written."""
        made = Message(self.made.topic, self.made.key, self.made.value, self.made.headers)
        return [made, *self.beside] if self.letter is None else [self.letter, made, *self.beside]

    @property
    def beside(self) -> list[Message]:
        """What goes to the topic that the stage keeps."""
        return [Message(topic, key, value, ()) for topic, key, value in self.made.beside]


class Letters:
    """Makes the messages of a stage.

    Args:
        maker: the stage and its version.
        prefix: of the topics' names.
        configuration: the digest of the settings in force, which letters name.
    """

    def __init__(self, maker: Maker, prefix: str, configuration: str) -> None:
        self._maker = maker
        self._prefix = prefix
        self._configuration = configuration

    def finish(self, record: Record, result: Made | Failure, now: datetime) -> Result:
        """The messages of what a stage made of a record: with a letter where it failed, or rejected the document."""
        if isinstance(result, Failure):
            made = failure_event(self._maker, record, result, self._prefix, now)
            letter = failure_letter(self._maker, record, result, made.key.decode(), self._configuration, now)
            with about(record, letter.document):
                log.error("%s: document dead-lettered: %s: %s", record.position, result.reason, result.exception)
            return Result(made, self._letter(record, letter), failed=True)
        rejection = result.rejection
        if rejection is None or rejection.reason.status is not result.status:
            return Result(result, None, failed=False)
        letter = rejection_letter(self._maker, record, rejection, result.key.decode(), self._configuration, now)
        return Result(result, self._letter(record, letter), failed=False)

    def _letter(self, record: Record, letter: DeadLetter) -> Message:
        topic = self._prefix + DEAD_LETTERS.name
        return Message(topic, record.key, record.value, (*letter.to_headers(), *record.format, *record.trace))

    def without_document(self, record: Record, failure: Failure, letter: Message | None, now: datetime) -> Result:
        """The same letter, and an event that does not repeat the document."""
        made = failure_event(self._maker, record, failure, self._prefix, now, bare=True)
        return Result(made, letter, failed=True)
