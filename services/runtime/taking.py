"""Taking: which of the records that arrive are due, and the work on them begun, a few batches at once."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from faust.types import EventT

from schemas import Reason
from services.runtime.flight import Batch, Flight
from services.runtime.health import Health
from services.runtime.ledger import Ledger, Place
from services.runtime.metrics import Metrics
from services.runtime.opening import Opening
from services.runtime.records import Failure, Made, Record
from services.runtime.spans import Spans
from services.runtime.unpacking import Notes
from services.runtime.work import StageWork

_SETTLE_SECONDS = 0.05


class Taker:
    """Takes what is due while the books are open, and lets the rest come again."""

    def __init__(
        self,
        work: StageWork,
        opening: Opening,
        flight: Flight,
        ledger: Ledger,
        notes: Notes,
        metrics: Metrics,
        health: Health,
        spans: Spans,
    ) -> None:
        self._work = work
        self._opening = opening
        self._flight = flight
        self._ledger = ledger
        self._notes = notes
        self._metrics = metrics
        self._health = health
        self._spans = spans

    async def take(self, events: Sequence[EventT[Any]]) -> None:
        while not await self._opening.open():
            await asyncio.sleep(_SETTLE_SECONDS)
            if self._health.draining:
                return
        generation = self._ledger.generation
        assert generation is not None
        for tp in {event.message.tp for event in events} & set(self._ledger.partitions):
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
        places = [(event, self._take_one(event)) for event in events]
        due = [event for event, place in places if place is Place.DUE]
        gaps = sum(place is Place.GAP for _, place in places)
        self._metrics.irregular(len(places) - len(due) - gaps, gaps)
        if not due:
            return
        await self._flight.room.acquire()
        moved = self._flight.dropping or not self._opening.is_open_for(generation)
        if self._health.draining or moved:
            self._flight.room.release()  # they were not worked on, so they are not committed, and will come again
            return
        records, spans = self._spans.begin([_record(event) for event in due])
        self._flight.add(len(records))
        self._metrics.began(records, self._flight.documents)
        task = asyncio.create_task(self._worked(records, due))
        ends = {event.message.tp: event.message.offset + 1 for event in due}
        reached = {event.message.tp: min(event.message.timestamp, time.time()) for event in due}
        self._flight.queue.put_nowait(Batch(generation, ends, reached, records, task, time.monotonic(), spans))

    def _take_one(self, event: EventT[Any]) -> Place:
        tp, offset = event.message.tp, event.message.offset
        place = self._ledger.take(tp, offset)
        if place is Place.DUE:  # what is behind it may be known to hold nothing
            self._ledger.pass_over(tp, partial(self._notes.behind_holes, tp))
        return place

    async def _worked(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """What the stage makes of the records; those that could not be read have failed already."""
        faults = [
            self._notes.fault_of(event.message.tp, record.offset) for record, event in zip(records, events, strict=True)
        ]
        good = [number for number, fault in enumerate(faults) if fault is None]
        made = iter(await self._work([records[at] for at in good], [events[at] for at in good]) if good else ())
        return [
            next(made) if fault is None else Failure(Reason.ERROR, "UnreadableRecord", fault, 1) for fault in faults
        ]


def _record(event: EventT[Any]) -> Record:
    message = event.message
    headers = message.headers.items() if isinstance(message.headers, Mapping) else message.headers or ()
    return Record(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        timestamp=message.timestamp,
        headers=tuple((str(name), bytes(value)) for name, value in headers if value is not None),
    )
