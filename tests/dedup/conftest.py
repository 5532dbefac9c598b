"""Works as the intake stage hands them to the judge, from sentences made up here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest

from schemas import Event, Fingerprint, Processing, Status, Work
from schemas.event import digest
from services.dedup.fingerprint import Fingerprinter
from services.dedup.settings import DedupSettings

START = datetime(2024, 3, 1, tzinfo=UTC)


@lru_cache(maxsize=2000)
def fingerprinted(text: str) -> Fingerprint:
    return Fingerprinter(DedupSettings())(text)


@pytest.fixture(scope="session")
def make_work() -> Callable[..., Work]:
    """A work of document ``id`` with ``text``, received ``hours`` after a fixed time."""

    def make(id: str, text: str, hours: float = 0.0, revision: int = 1, status: Status = Status.ENRICHED) -> Work:
        event = Event(
            event_id=digest("event", id, revision, text, "withdrawn" if status is Status.WITHDRAWN else "document"),
            id=id,
            revision=revision,
            status=status,
            text=text,
            processing=Processing(pipeline="test", received_at=START + timedelta(hours=hours)),
        )
        done = status is not Status.ENRICHED
        return Work(event=event, done=done, fingerprint=None if done else fingerprinted(text))

    return make


@pytest.fixture(scope="session")
def make_text() -> Callable[..., str]:
    """A text of ``words`` words of its own, with some of them changed."""

    def make(name: str, words: int = 100, changed: tuple[int, ...] = (), mark: str = "x") -> str:
        return " ".join(f"{mark}{place}" if place in changed else f"{name}{place}" for place in range(words))

    return make
