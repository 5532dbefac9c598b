"""What is fetched while partitions move, from a real Kafka: nothing that is not wanted is lost to whoever wants it later."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP

from services.runtime.fetching import Fetching
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS
from tests.broker.cluster import put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]


class Wanted(SimpleNamespace):
    """Faust's consumer, as far as a fetch asks it: which partitions are wanted, in a set that changes under the fetch."""

    def __init__(self) -> None:
        super().__init__(active=set[TP](), _buffered_partitions=set[TP](), flow_active=True)

    def _get_active_partitions(self) -> set[TP]:
        active: set[TP] = self.active
        return active


@pytest.mark.parametrize("stopped", [False, True], ids=["paused", "flow stopped"])
def test_what_comes_when_it_is_not_wanted_comes_again(fresh: Callable[..., Settings], stopped: bool) -> None:
    settings = fresh(partitions=1)
    topic = settings.prefix + DOCUMENTS.name
    partition = TP(topic, 0)

    async def fetched() -> tuple[list[int], list[int]]:
        consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(topic, 0)])
            consumer.seek(TopicPartition(topic, 0), 0)
            wanted = Wanted()
            wanted.active.add(partition)
            thread: Any = Fetching.__new__(Fetching)
            thread.consumer = wanted

            async def fetch() -> list[int]:
                records = await thread._fetch_records(consumer, wanted.active, timeout=20, max_records=500)
                return [record.offset for records in records.values() for record in records]

            waiting = asyncio.ensure_future(fetch())
            await asyncio.sleep(0.5)  # the topic is empty: it waits
            wanted.active.clear()  # as Faust does, in place
            wanted.flow_active = not stopped
            await asyncio.to_thread(put, settings, [(b"a", b"{}"), (b"b", b"{}"), (b"c", b"{}")])
            unwanted = await waiting
            wanted.active.add(partition)
            wanted.flow_active = True
            found: list[int] = []
            while len(found) < 3:
                found += await fetch()
            return unwanted, found
        finally:
            await consumer.stop()

    assert asyncio.run(fetched()) == ([], [0, 1, 2])


def test_a_partition_that_went_away_before_its_transactions_are_asked_for_ends_nothing(
    fresh: Callable[..., Settings],
) -> None:
    settings = fresh(partitions=2)
    topic = settings.prefix + DOCUMENTS.name

    async def unstable() -> int:
        consumer = AIOKafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(topic, 0)])
            await asyncio.sleep(0.1)  # aiokafka's own task begins; stopped before that, it raises
            thread: Any = Fetching.__new__(Fetching)
            thread._ensure_consumer = lambda: consumer
            thread.call_thread = lambda ask: ask()  # we are on its thread
            return int(await thread.unstable([TP(topic, 0), TP(topic, 1)]))
        finally:
            await consumer.stop()

    assert asyncio.run(unstable()) == 0
