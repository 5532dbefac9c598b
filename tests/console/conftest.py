"""Events of the project's own stories, and a console that is fed by hand."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import Event
from services.console.server import Console, hosting
from services.console.settings import ConsoleSettings
from services.console.source import Arrival, Position
from services.pipeline import Pipeline
from services.producer.item import Item
from services.producer.read import read

SEEDS = Path(__file__).parent.parent.parent / "seeds"
Feed = Callable[[Iterable[Event]], None]


@pytest.fixture(scope="session")
def stories() -> Sequence[Event]:
    """The events of ``seeds/``."""
    documents = [(item.key, item.value) for item in read(str(SEEDS)) if isinstance(item, Item)]
    return Pipeline()(documents, datetime.now(UTC))


@contextmanager
def fed(**settings: int) -> Iterator[tuple[str, Feed]]:
    """A console on a free port, and how to give it events."""
    console = Console(ConsoleSettings.model_validate({"port": 0} | settings))
    with hosting(console) as (address, loop):

        def feed(events: Iterable[Event]) -> None:
            arrivals = [Arrival(event, event.model_dump_json().encode(), time.time()) for event in events]

            async def take() -> None:
                console.take(arrivals, Position(lag=0, caught_up=True, problem=""))

            asyncio.run_coroutine_threadsafe(take(), loop).result(30)

        feed([])
        yield address, feed
