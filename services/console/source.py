"""Reads a topic for the console, on a thread: the newest messages first of all, then what comes.

It belongs to no group and commits nothing. Where the broker goes away it is sought again, and what was read stays.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas import Event
from services.consumer.client import ConsumeError
from services.consumer.follow import read_event
from services.consumer.tail import Tail
from services.runtime.records import Record
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import Topic

log = logging.getLogger(__name__)

_BATCH = 100
_FLUSH_SECONDS = 0.1
"""A batch is handed on when it is full or so old: ten times a second, which a reader sees as at once."""
_AGAIN_SECONDS = 2.0


@dataclass(frozen=True)
class Arrival:
    """An event, its JSON, and the broker's time of its message in seconds since 1970."""

    event: Event
    raw: bytes
    at: float


T = TypeVar("T")


def read_arrival(record: Record) -> Arrival | None:
    """The event in a message; None where there is none."""
    received = read_event(record)
    if received.event is None or record.value is None:
        return None
    return Arrival(received.event, record.value, record.timestamp)


@dataclass(frozen=True)
class Position:
    """How reading goes: the messages that are still to be read, or why none can be."""

    lag: int | None = None
    caught_up: bool = False
    problem: str = "starting"


class Source(Generic[T]):
    """Follows the topic from ``newest`` messages before each partition's end, and calls ``take`` with what ``read`` makes of each.

    Messages of which it makes None are left out.

    ``take`` is called on the source's own thread, one call at a time, also without arrivals, about once a second; while it
    works nothing more is read.
    """

    def __init__(
        self,
        settings: Settings,
        topic: Topic,
        newest: int,
        read: Callable[[Record], T | None],
        take: Callable[[Sequence[T], Position], None],
    ) -> None:
        self._settings = settings
        self._topic = topic
        self._newest = newest
        self._read = read
        self._take = take
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"console-{topic.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stopped.set()
        self._thread.join(20)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with Tail(self._settings, self._topic, start=self._newest, idle=0.3) as tail:
                    self._follow(tail)
            except (ConsumeError, SettingsError, OSError) as error:
                log.warning("the console cannot read events and tries again: %s", error)
                self._take((), Position(problem=str(error)[:300]))
                self._stopped.wait(_AGAIN_SECONDS)
            except Exception:
                log.exception("the console's reader failed and is started again")
                self._take((), Position(problem="reading failed; the console's log says why"))
                self._stopped.wait(_AGAIN_SECONDS)

    def _follow(self, tail: Tail) -> None:
        caught_up = False
        waiting: list[T] = []
        handed = time.monotonic()
        while not self._stopped.is_set():
            for record in tail:
                if (came := self._read(record)) is not None:
                    waiting.append(came)
                if len(waiting) >= _BATCH or time.monotonic() - handed > _FLUSH_SECONDS:
                    self._take(waiting, Position(tail.behind(), caught_up, ""))
                    waiting, handed = [], time.monotonic()
                if self._stopped.is_set():
                    break
            lag = tail.behind()
            caught_up = caught_up or lag == 0
            self._take(waiting, Position(lag, caught_up, ""))
            waiting, handed = [], time.monotonic()
