"""Faust's consumer as it has to be for nothing that was fetched to be dropped while partitions move.

A fetch waits up to a second for records, over a rebalance, too. Faust hands it the very set of partitions that are wanted, which
it empties and fills meanwhile; while it is empty, aiokafka takes it to mean all. So records come back of partitions that are
paused again, where recovery has sought already: Faust drops them, and the place has moved on. What is dropped of a source topic
the ledger seeks back to. What is dropped of a changelog a standby never gets: seen in 1 of 200 faults, as a copy that was not
known when that standby had become the judge. So whatever is not wanted when it arrives is sought back to, in the same breath.
"""

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, ClassVar

import faust
from aiokafka.errors import CommitFailedError, CorruptRecordException
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport, ensure_aiokafka_TP
from faust.types import TP


class Fetching(AIOKafkaConsumerThread):
    """The thread that fetches; it gives back what is not wanted."""

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is Faust's
        max_records: int | None = None,
    ) -> dict[TP, list[Any]]:
        try:
            records = dict(await super()._fetch_records(consumer, active_partitions, timeout, max_records))
        except CorruptRecordException as error:
            self.log.warning("a batch came damaged, and is fetched again: %s", error)
            return {}
        ours: Any = self.consumer
        wanted = {*ours._get_active_partitions(), *ours._buffered_partitions} if ours.flow_active else set()
        for tp in [tp for tp in records if tp not in wanted]:
            first = records.pop(tp)[0].offset
            if tp in consumer.assignment():
                consumer.seek(tp, first)
        return records

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer: Any = super()._create_worker_consumer(transport)
        app: Any = transport.app
        consumer._isolation_level = "read_committed" if app.read_committed else "read_uncommitted"
        return consumer

    async def unstable(self, partitions: Iterable[TP]) -> int:
        """Records behind the first open transaction of these partitions, as the last fetches told; 0 of one that moved away."""

        async def ask() -> int:
            consumer = self._ensure_consumer()
            ours = (
                consumer.assignment()
            )  # asked on its thread, where nothing moves meanwhile; aiokafka asserts that it has them
            ends = [(consumer.highwater(tp), consumer.last_stable_offset(tp)) for tp in partitions if tp in ours]
            return sum(max(0, end - stable) for end, stable in ends if end is not None and stable is not None)

        return int(await self.call_thread(ask))

    async def commit(self, offsets: Mapping[TP, int], metadata: str = "") -> bool:
        """Commit ``offsets``; the broker keeps ``metadata`` with each."""
        return bool(await self.call_thread(self._commit, offsets, metadata))

    async def _commit(self, offsets: Mapping[TP, int], metadata: str = "") -> bool:
        """As Faust's own, which commits no metadata."""
        consumer = self._ensure_consumer()
        noted = {
            ensure_aiokafka_TP(tp): OffsetAndMetadata(offset, metadata)
            for tp, offset in offsets.items()
            if tp in self.assignment()
        }
        try:
            self.tp_last_committed_at.update(dict.fromkeys(noted, monotonic()))
            await consumer.commit(noted)
        except Exception as error:  # whatever it is, Faust ends the process with it
            if isinstance(error, CommitFailedError) and "already rebalanced" in str(error):
                return False
            self.log.exception("Committing raised exception: %r", error)
            await self.crash(error)
            return False
        return True


class _Consumer(Consumer):
    def _new_consumer_thread(self) -> Fetching:
        return Fetching(self, loop=self.loop, beacon=self.beacon)

    async def unstable(self, partitions: Iterable[TP]) -> int:
        """As ``Fetching.unstable``."""
        thread: Any = self._thread
        return int(await thread.unstable(partitions))

    async def _commit(self, offsets: Mapping[TP, int], metadata: str = "") -> bool:
        thread: Any = self._thread
        return bool(await thread.commit(offsets, metadata))


class _Transport(Transport):
    Consumer: ClassVar[Any] = _Consumer


class App(faust.App):
    """A Faust app that fetches like this. ``read_committed``: whether records of transactions wait for their commit."""

    read_committed = True

    def _new_transport(self) -> Transport:
        return _Transport(self.conf.broker_consumer, self)
