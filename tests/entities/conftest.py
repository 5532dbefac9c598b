"""One tagger for all tests of the stage, and works to give it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from schemas import Event, Processing, Status, Work
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings


@pytest.fixture(scope="session")
def tagger() -> EntityTagger:
    return EntityTagger(EntitySettings())


@pytest.fixture(scope="session")
def make_work() -> Callable[..., Work]:
    """A work with ``text`` and ``title`` as the judge hands it on."""

    def make(text: str, title: str = "", done: bool = False) -> Work:
        processing = Processing(
            pipeline="test", models={"dedup": "minhash"}, received_at=datetime(2024, 3, 1, tzinfo=UTC)
        )
        status = Status.DUPLICATE if done else Status.ENRICHED
        event = Event(event_id="0", id="a", status=status, title=title, text=text, processing=processing)
        return Work(event=event, done=done)

    return make
