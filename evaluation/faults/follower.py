"""Reads the topics of a run while it lasts, on a thread of its own, whatever happens to the broker meanwhile."""

import threading
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from evaluation.faults.books import READ, Books, Input, outcome
from schemas import DeadLetter, Event
from services.runtime.kafka import client_options
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED

_POLL_MS = 100
METADATA_MS = 5_000
"""After which a client of ours looks whether there are more partitions."""


class Follower:
    """Keeps ``books`` as the topics are; an error of what was read comes out of ``check``."""

    def __init__(self, settings: Settings, books: Books) -> None:
        self._settings = settings
        self._books = books
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise what ended the reading, if anything did."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """End the reading."""
        self._ended.set()
        self._thread.join(10)

    def _run(self) -> None:
        consumer: Any = KafkaConsumer(
            **client_options(self._settings),
            enable_auto_commit=False,
            max_poll_records=2000,
            isolation_level="read_committed",  # what a sender has aborted was never sent
            metadata_max_age_ms=METADATA_MS,
        )
        try:
            while not self._ended.is_set():
                try:
                    self._assign(consumer)
                    polled = consumer.poll(timeout_ms=_POLL_MS)
                except KafkaError:
                    continue  # the broker is away; that may be the fault of the moment
                for messages in polled.values():
                    for message in messages:
                        self._note(message)
                try:
                    reached = {place: consumer.position(place) for place in consumer.assignment()}
                except KafkaError:
                    continue  # a position may be asked of a leader that has just gone; the next round tells it
                for place, offset in reached.items():
                    self._books.reached(place.topic.removeprefix(self._settings.prefix), place.partition, offset)
        except Exception as error:  # noqa: BLE001 - the run looks at it, and ends
            self._error = error
        finally:
            consumer.close(autocommit=False)

    def _assign(self, consumer: Any) -> None:
        """Read all partitions that there are, those that have come lately from their beginning."""
        names = [self._settings.prefix + name for name in READ]
        places = {
            TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name) or ()
        }
        if new := places - (known := consumer.assignment()):
            read = {place: consumer.position(place) for place in known}
            consumer.assign(sorted(places | known))
            for place, offset in read.items():
                consumer.seek(place, offset)
            consumer.seek_to_beginning(*new)

    def _note(self, message: Any) -> None:
        topic = message.topic.removeprefix(self._settings.prefix)
        at = message.timestamp / 1000
        headers = dict(message.headers)
        origin = f"{message.topic}/{message.partition}/{message.offset}"
        if topic == DOCUMENTS.name:
            key = (message.key or b"").decode()
            self._books.note_input(origin, Input(message.partition, message.offset, key, at))
        elif topic == DEAD_LETTERS.name:
            letter = DeadLetter.from_headers(message.headers)
            origin = letter.origin
            self._books.note_letter(origin, letter)
        else:
            origin = headers[ORIGIN].decode()
            if topic == ENRICHED.name:
                self._books.note_outcome(origin, outcome(Event.model_validate_json(message.value), at))
        self._books.note(topic, message.partition, message.offset, origin)
