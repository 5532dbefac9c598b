"""The documents of a run, sent steadily: articles cut short, with copies, revisions and withdrawals among them."""

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from evaluation.data import ARTICLES, Article, rows
from evaluation.made_copies import Copies, document
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS

_CUT = 600
"""Characters of an article that are sent, so that two cores can take some tens a second, faults or not."""
_DELIVERY_SECONDS = 180
"""Longest wait of one document for the broker: far over any of the faults."""


class Load:
    """Sends ``rate`` documents a second until it is closed; the same seed, the same documents."""

    def __init__(self, settings: Settings, seed: int, rate: float) -> None:
        self.data = str(ARTICLES) if ARTICLES.exists() else "made up"
        self.failed: list[str] = []
        self._copies = Copies(seed, _texts())
        self._alone = Copies(-1 - seed)  # of another thread, and never in the stream
        self._numbers = itertools.count()
        self._topic = settings.prefix + DOCUMENTS.name
        self._rate = rate
        self._ended = threading.Event()
        self._producer: Any = KafkaProducer(
            **client_options(settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=DOCUMENTS.max_bytes,
            max_block_ms=_DELIVERY_SECONDS * 1000,
            delivery_timeout_ms=_DELIVERY_SECONDS * 1000,
            request_timeout_ms=30_000,
        )
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    def send(self, name: str, words: int = 120) -> Any:
        """Send one document of its own, that no other is a copy of; its key begins with ``name``, and its text has the word.

        Returns: the future of its place.
        """
        text = " ".join(self._alone.text() for _ in range(-(-words // 120)))
        key, value = document(f"{name}-{next(self._numbers)}", f"{name} {text}")
        return self._producer.send(self._topic, key=key, value=value)

    def close(self) -> None:
        """Send no more, and wait until the broker has what was sent."""
        self._ended.set()
        self._thread.join(_DELIVERY_SECONDS)
        self._producer.flush(_DELIVERY_SECONDS)
        self._producer.close(timeout=5)

    def _run(self) -> None:
        started = time.monotonic()
        for number in itertools.count(1):
            ((key, value),) = self._copies.take(1)
            try:
                self._producer.send(self._topic, key=key, value=value).add_errback(self._note)
            except KafkaError as error:
                self._note(error)
            if self._ended.wait(max(0.0, started + number / self._rate - time.monotonic())):
                return

    def _note(self, error: Exception) -> None:
        self.failed.append(repr(error))


def _texts() -> Iterator[str]:
    if ARTICLES.exists():
        yield from (one.text[:_CUT] for one in rows(ARTICLES, Article) if len(one.text) >= _CUT)
