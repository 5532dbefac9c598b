"""The loop's books are opened on a table that is whole and works begun only then, whatever moves meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from services.runtime.health import Health
from services.runtime.loop import Loop
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings
from services.runtime.topology import FINGERPRINTS, STAGES

DEDUP = STAGES[1]
SOURCE = TP(FINGERPRINTS.name, 0)
CHANGELOG = TP("window-changelog", 0)
TURN = 0.15
"""Seconds in which the loop, that looks twenty times a second, has done what it will do."""


class Faust:
    """As much of an app as the loop looks at: its partitions, its generation, how far its table is and its changelog."""

    def __init__(self) -> None:
        self.consumer_generation_id = 1
        self.rebalancing = self.in_recovery = False
        self.here: int | None = 9
        self.end = 10
        table = SimpleNamespace(changelog_topic_name=CHANGELOG.topic, persisted_offset=lambda _: self.here)
        self.tables = {"window": table}
        self.assignor = SimpleNamespace(assigned_actives=lambda: {SOURCE, CHANGELOG})
        self.consumer = SimpleNamespace(
            assignment=lambda: {SOURCE, CHANGELOG}, earliest_offsets=self._firsts, highwaters=self._ends
        )

    def topic(self, name: str, **_: object) -> str:
        return name

    async def _firsts(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 0)

    async def _ends(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, self.end)


class Work:
    """Notes what it is called for; ``open`` waits while ``shut``."""

    def __init__(self) -> None:
        self.opened = 0
        self.taken: list[int] = []
        self.shut = asyncio.Event()
        self.shut.set()

    async def start(self) -> None:
        """Nothing to load."""

    async def open(self) -> None:
        self.opened += 1
        await self.shut.wait()

    async def __call__(self, records: Any, events: Any) -> list[Any]:
        self.taken += [record.offset for record in records]
        await asyncio.Event().wait()  # for ever under work
        return []

    def watch(self, metrics: Metrics) -> None:
        """Nothing to tell."""

    def stop(self) -> None:
        """Nothing to let go of."""


class Stream:
    """Gives one event, which stood in hand when the partitions were handed out anew."""

    async def take_events(self, most: int, within: float) -> AsyncIterator[list[Any]]:
        message = SimpleNamespace(
            tp=SOURCE, topic=SOURCE.topic, partition=0, offset=7, key=b"", value=b"", timestamp=0.0, headers=()
        )
        yield [SimpleNamespace(message=message)]
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _committed_to_7(monkeypatch: pytest.MonkeyPatch) -> None:
    async def starts(_: Loop, assigned: set[TP]) -> dict[TP, int]:
        return dict.fromkeys(assigned, 7)

    monkeypatch.setattr(Loop, "_starts", starts)


def running(app: Any, work: Work) -> "asyncio.Task[None]":
    loop = Loop(app, DEDUP, Settings(brokers="nowhere:1"), work, Metrics(DEDUP), Health(30.0), "test")
    return asyncio.ensure_future(loop.consume(Stream()))


def test_what_was_in_hand_waits_until_the_table_is_read_back() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.rebalancing = True
        task = running(app, work)
        for app.rebalancing, app.in_recovery in ((True, False), (True, True), (False, True)):
            await asyncio.sleep(TURN)
            assert (work.opened, work.taken) == (0, [])
        app.in_recovery = False
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())


def test_a_table_that_was_read_while_partitions_moved_is_read_again() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        work.shut.clear()
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert work.opened == 1
        app.rebalancing, app.consumer_generation_id = True, 2
        work.shut.set()
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [])
        app.rebalancing = False
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (2, [7])
        task.cancel()

    asyncio.run(run())


@pytest.mark.parametrize("here", [None, 3, 8])
def test_a_table_that_lacks_what_its_changelog_has_is_waited_for(here: int | None) -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.here = here  # and Faust says that it has recovered
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (0, [])
        app.here = 9
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())


def test_a_new_table_is_whole() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.here, app.end = None, 0
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())
