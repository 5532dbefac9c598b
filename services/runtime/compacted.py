"""A compacted topic, followed on a thread beside the work: what holds now, key by key, whichever worker asks.

It decides how a topic is read to its end before the work begins, how reading goes on while brokers come and go, and that a
message that says nothing does nothing; what a message means is left to who takes it. Each process reads for itself and in no
group: nothing is committed, nothing is shared, and a process that is started again after a crash has all there is.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from services.runtime.kafka import admitted, client_options
from services.runtime.settings import Settings
from services.runtime.topology import Topic

log = logging.getLogger(__name__)

_START_SECONDS = 120.0
"""Longest reading at the start: a broker that restarts is back in 5 to 20 s. It leaves a minute of the time that a process has to
start (``pool``) for its models."""
_CONNECT_MS = 10_000
_CALL_MS = 15_000
_POLL_MS = 500
"""How long the thread sleeps in the client at most; a message wakes it."""
_AGAIN_SECONDS = 1.0
"""Between two tries to reach a broker that is away."""

Change = tuple[bytes | None, bytes | None]
"""The key and the newest value of a message; no value: the key is deleted."""
_KEY = 100
"""Bytes of a key that a log shows."""


class NotReadError(RuntimeError):
    """The topic could not be read to its end in time; the message says which and why."""


class Follower:
    """Follows ``topic`` from ``start`` to ``stop``, or for as long as the process lives."""

    def __init__(self, settings: Settings, topic: Topic, check: Callable[[bytes | None, bytes | None], object]) -> None:
        """``check`` raises ValueError where a key and a value say nothing: that is logged, and what the key had before stays."""
        self._settings = settings
        self._check = check
        self._topic = settings.prefix + topic.name
        self._lock = threading.Lock()
        self._pending: dict[bytes | None, bytes | None] = {}
        self._caught_up = threading.Event()
        self._ended = threading.Event()
        self._places: dict[TopicPartition, int] = {}
        self._trouble = "the broker does not answer"

    def start(self, seconds: float = _START_SECONDS) -> None:
        """Read to where the topic ends now, and go on from there on a thread.

        Raises:
            NotReadError: it took longer than ``seconds``.
        """
        threading.Thread(target=self._run, name=f"follow {self._topic}", daemon=True).start()
        if not self._caught_up.wait(seconds):
            raise NotReadError(f"{self._topic} could not be read to its end within {seconds:g} s: {self._trouble}")

    def stop(self) -> None:
        """Have the thread end, within a second where the broker answers."""
        self._ended.set()

    def take(self, most: int | None = None) -> list[Change]:
        """What changed since the last call, the newest value of each key, in the order of the keys' first change.

        ``most``: at most so many keys; the others wait for the next call.
        """
        if not self._pending:  # the usual case, at every document
            return []
        with self._lock:
            keys = list(self._pending)[:most]
            return [(key, self._pending.pop(key)) for key in keys]

    def note(self, key: bytes | None, value: bytes | None) -> None:
        """Take a message, for the next ``take``."""
        try:
            self._check(key, value)
        except ValueError as error:
            log.warning("message %s of %s is left out: %s", ascii((key or b"")[:_KEY]), self._topic, error)
            return
        with self._lock:
            self._pending[key] = value

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 - whatever it is, the work goes on with what is known, and we try again
                self._trouble = repr(error)[:300]
                log.warning("%s cannot be read, trying again: %s", self._topic, self._trouble)
            self._ended.wait(_AGAIN_SECONDS)

    def _follow(self) -> None:
        with admitted(self._settings):
            consumer: Any = KafkaConsumer(
                **client_options(self._settings),
                client_id="stancewire-follower",
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",  # also where the place is gone, because the topic was made anew
                allow_auto_create_topics=False,
                bootstrap_timeout_ms=_CONNECT_MS,
            )
        try:
            ends = self._assign(consumer)
            while not self._ended.is_set():
                for messages in consumer.poll(timeout_ms=_POLL_MS).values():
                    for message in messages:
                        self.note(message.key, message.value)
                for partition in ends:
                    self._places[partition] = consumer.position(partition, timeout_ms=_CALL_MS)
                if not self._caught_up.is_set() and all(self._places[one] >= end for one, end in ends.items()):
                    self._caught_up.set()
        finally:
            consumer.close(autocommit=False, timeout_ms=_CALL_MS)

    def _assign(self, consumer: Any) -> dict[TopicPartition, int]:
        """Go to where we were, and return where each partition ends."""
        partitions = [
            TopicPartition(self._topic, number) for number in consumer.partitions_for_topic(self._topic) or ()
        ]
        if not partitions:
            raise KafkaError(f"the topic {self._topic} does not exist: create it with `stancewire topics create`")
        consumer.assign(partitions)
        for partition in partitions:
            if partition in self._places:
                consumer.seek(partition, self._places[partition])
            else:
                consumer.seek_to_beginning(partition)
        ends: dict[TopicPartition, int] = consumer.end_offsets(partitions, timeout_ms=_CALL_MS)
        return ends
