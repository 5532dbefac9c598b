"""The documents of a run, sent steadily: articles cut short, with copies, revisions and withdrawals among them."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from evaluation.data import ARTICLES, Article, rows
from evaluation.faults.follower import METADATA_MS
from evaluation.made_copies import Copies, Message, document
from services.runtime.kafka import client_options
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS

_CUT = 600
"""Characters of an article that are sent, so that two cores can take some tens a second, faults or not."""
_DELIVERY_SECONDS = 180
"""Longest wait of one document for the broker: far over any of the faults."""
_MOST_WAITING = 300
"""Documents on the topic without an event; with more of them nothing is sent: a machine that cannot keep up would never recover."""


class Load:
    """Sends ``rate`` documents a second until it is closed; the same seed, the same documents.

    ``waiting`` says how many have no event yet.
    """

    def __init__(self, settings: Settings, seed: int, rate: float, waiting: Callable[[], int]) -> None:
        self.data = str(ARTICLES) if ARTICLES.exists() else "made up"
        self.failed: list[str] = []
        self._copies = Copies(seed, _texts())
        self._alone = Copies(-1 - seed)  # of another thread, and never in the stream
        self._numbers = itertools.count()
        self._settings = settings
        self._topic = settings.prefix + DOCUMENTS.name
        self._rate = rate
        self._waiting = waiting
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
            metadata_max_age_ms=METADATA_MS,
        )
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    def send(self, name: str, words: int = 120, header: str | None = None) -> Any:
        """Send one document of its own, that no other is a copy of; its key begins with ``name``, and its text has the word.

        ``header``: the name of one that it has.

        Returns: the future of its place.
        """
        key, value = self._document(name, words)
        return self._producer.send(self._topic, key=key, value=value, headers=[(header, b"")] if header else [])

    def transact(self, count: int) -> None:
        """Commit ``count`` transactions of one document each, and abort as many, in turn, one on the heels of the other."""
        producer: Any = KafkaProducer(
            **client_options(self._settings), acks="all", transactional_id=f"faults-{next(self._numbers)}"
        )
        try:
            producer.init_transactions()
            for end in (producer.commit_transaction, producer.abort_transaction) * count:
                name = "committed" if end == producer.commit_transaction else "aborted"
                key, value = self._document(name, 120)
                producer.begin_transaction()
                producer.send(self._topic, key=key, value=value).get(timeout=_DELIVERY_SECONDS)
                end()
        finally:
            producer.close(timeout=5)

    def close(self) -> None:
        """Send no more, and wait until the broker has what was sent."""
        self._ended.set()
        self._thread.join(_DELIVERY_SECONDS)
        self._producer.flush(_DELIVERY_SECONDS)
        self._producer.close(timeout=5)

    def _run(self) -> None:
        while not self._ended.wait(1 / self._rate):
            if self._waiting() > _MOST_WAITING:
                continue
            ((key, value),) = self._copies.take(1)
            try:
                self._producer.send(self._topic, key=key, value=value).add_errback(self._note)
            except KafkaError as error:
                self._note(error)

    def _document(self, name: str, words: int) -> Message:
        text = " ".join(self._alone.text() for _ in range(-(-words // 120)))
        return document(f"{name}-{next(self._numbers)}", f"{name} {text}")

    def _note(self, error: Exception) -> None:
        self.failed.append(repr(error))


def _texts() -> Iterator[str]:
    if ARTICLES.exists():
        yield from (one.text[:_CUT] for one in rows(ARTICLES, Article) if len(one.text) >= _CUT)
