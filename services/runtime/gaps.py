"""Gaps: where each partition's log begins and ends, what lies outside of it, and what was skipped and is sought back."""

import asyncio
import logging
import time
from functools import partial
from typing import Any

import faust
from aiokafka import TopicPartition
from faust.types import TP

from services.runtime import ending
from services.runtime.flight import Flight
from services.runtime.health import Health
from services.runtime.lag import Lag
from services.runtime.ledger import Ledger
from services.runtime.metrics import Metrics
from services.runtime.unpacking import Notes

log = logging.getLogger(__name__)

RPC_SECONDS = 20.0
"""Longest wait for an answer of the broker."""


class Gaps:
    """Keeps the ledger inside the log, and the partitions going."""

    def __init__(
        self,
        app: faust.App,
        stall_seconds: float,
        flight: Flight,
        ledger: Ledger,
        notes: Notes,
        metrics: Metrics,
        health: Health,
    ) -> None:
        self._app = app
        self._stall_seconds = stall_seconds
        self._flight = flight
        self._ledger = ledger
        self._notes = notes
        self._metrics = metrics
        self._health = health
        self.begin()

    def begin(self) -> None:
        """A generation begins: what was known of its partitions is old."""
        self.highwaters: dict[TP, int] = {}
        self.lag = Lag(time.time())

    async def ask_ends(self) -> None:
        """Ask where each partition's log begins and ends, and go on inside it where what is due lies outside."""
        assigned = self._app.consumer.assignment()  # not all of the books, while these wait to be opened anew
        if partitions := [tp for tp in self._ledger.partitions if tp in assigned]:
            asked_at = time.time()
            generation = self._ledger.generation
            due = {tp: self._ledger.due(tp) for tp in partitions}  # before the question: the log only grows after it
            consumer: Any = self._app.consumer
            earliest = await asyncio.wait_for(consumer.earliest_offsets(*partitions), RPC_SECONDS)
            answer = await asyncio.wait_for(consumer.highwaters(*partitions), RPC_SECONDS)
            if generation != self._ledger.generation:
                return
            self.highwaters = {tp: answer[plain(tp)] for tp in partitions}
            for tp in partitions:
                await self._stay_inside(tp, due[tp], earliest[plain(tp)], self.highwaters[tp])
            for tp, waiting in self._ledger.lag(self.highwaters).items():
                if not waiting:
                    self.lag.note(tp, asked_at)
            self._metrics.unstable.set(await consumer.unstable(partitions))

    async def _stay_inside(self, tp: TP, due: int | None, first: int, end: int) -> None:
        """Go on at the first record that is there, where ``due`` lies before it or behind the log's end.

        What is still under work is let finish first; the next question finds the same.
        """
        if due is None or first <= due <= end or due != self._ledger.due(tp) or self._ledger.is_under_work(tp):
            return
        place = f"{tp.topic}/{tp.partition}"
        if due < first:
            log.error(
                "%s: offsets %d to %d were deleted before they were read; going on at %d. Send those documents again, "
                "and raise the topic's retention.ms or add workers",
                *(place, due, first - 1, first),
            )
            self._metrics.expired(first - due)
        else:
            log.error(
                "%s: offset %d was due, and the log ends at %d: the broker lost what was behind it, or the topic was "
                "created again; reading starts again at %d. Have senders send again what they sent last before the broker failed",
                *(place, due, end, first),
            )
            self._metrics.rewound()
        self._notes.forget(tp)
        self._ledger.go_on_at(tp, first)
        await self._app.consumer.seek(tp, first)

    async def heal(self) -> None:
        """Seek back over gaps; end the process where a partition with lag stands still and nothing is under work."""
        now = time.monotonic()
        longest = 0.0
        for tp in self._ledger.partitions:
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
            self._notes.forget(tp, self._ledger.finished(tp))
            still = self._ledger.still(tp, self.highwaters.get(tp, 0), now)
            if self._flight.documents or self._health.draining or not self._health.models_loaded:
                continue
            longest = max(longest, still)
            if still > self._stall_seconds:
                ending.hard_exit(
                    ending.EXIT_STALLED, f"{tp} has stood still at {self._ledger.due(tp)} for {still:.0f} s"
                )
            if self._ledger.wants_seek(tp, now):
                due = self._ledger.due(tp)
                assert due is not None
                log.info("seeking %s/%d back to %d", tp.topic, tp.partition, due)
                await self._app.consumer.seek(tp, due)
                self._ledger.note_sought(tp, now)
        self._health.still_seconds = longest
        self._metrics.still.set(longest)

    def tell(self) -> None:
        """Report gauges, also while batches of an older generation are waited for."""
        lag = self._ledger.lag(self.highwaters)
        self._metrics.lag.set(sum(lag.values()))
        self._metrics.lag_seconds.set(self.lag.seconds((tp for tp, waiting in lag.items() if waiting), time.time()))


def plain(tp: TP) -> TopicPartition:
    """As aiokafka names it."""
    return TopicPartition(tp.topic, tp.partition)
