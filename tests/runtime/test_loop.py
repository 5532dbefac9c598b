"""The loop's books are opened on a table that is whole, whatever was still in hand when partitions were handed out anew."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from faust.types import TP

from services.runtime.health import Health
from services.runtime.loop import Loop
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings
from services.runtime.topology import FINGERPRINTS, STAGES

DEDUP = STAGES[1]


class Work:
    """Notes when it was opened, and never gets a record: the partition is not ours."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.opened_while: list[tuple[bool, bool]] = []

    async def start(self) -> None:
        pass

    async def open(self) -> None:
        self.opened_while.append((self.app.rebalancing, self.app.in_recovery))

    async def __call__(self, records: Any, events: Any) -> list[Any]:
        return []

    def watch(self, metrics: Metrics) -> None:
        pass

    def stop(self) -> None:
        pass


class Stream:
    """Gives one event that was fetched before the rebalance."""

    async def take_events(self, most: int, within: float) -> AsyncIterator[list[Any]]:
        yield [SimpleNamespace(message=SimpleNamespace(tp=TP(FINGERPRINTS.name, 0), offset=7))]


def test_what_was_in_hand_waits_until_the_table_is_read_back() -> None:
    async def run() -> list[tuple[bool, bool]]:
        app: Any = SimpleNamespace(
            topic=lambda name, **_: name,
            consumer=SimpleNamespace(assignment=set),
            consumer_generation_id=2,
            rebalancing=True,
            in_recovery=False,
        )
        work = Work(app)
        loop = Loop(app, DEDUP, Settings(brokers="nowhere:1"), work, Metrics(DEDUP), Health(30.0), "test")
        consuming = asyncio.ensure_future(loop.consume(Stream()))
        for app.rebalancing, app.in_recovery in ((True, False), (True, True), (False, True)):
            await asyncio.sleep(0.15)
            assert work.opened_while == []
        app.in_recovery = False
        await asyncio.wait_for(consuming, 5)
        return work.opened_while

    assert asyncio.run(run()) == [(False, False)]
