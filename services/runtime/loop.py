"""The loop of a stage: micro-batches in, outputs acknowledged, and only then offsets committed by our own ledger.

The one shape that lost no document in measurements of Faust on a real Kafka: source topic outside Faust's commits, raw
bytes, ``take_events``, nothing escapes, every output awaited, and on the unexpected a hard exit with nothing committed.
Several batches are under work at once, so that the NLP processes never wait for the broker; they are published in order.

What it is made of: ``opening`` opens the books at each new generation, ``taking`` begins work on what is due, ``flight`` is what is
under work, ``publishing`` sends what was made, ``letters`` says what that is, ``gaps`` keeps the books inside the log.
"""

import asyncio
import logging
import time
from typing import Any

import faust
from aiokafka.errors import KafkaError

from services.runtime import ending
from services.runtime.deadletter import DeadLetterPolicy, Maker
from services.runtime.flight import Flight
from services.runtime.gaps import Gaps
from services.runtime.health import Health
from services.runtime.ledger import Ledger
from services.runtime.letters import Letters
from services.runtime.metrics import Metrics
from services.runtime.opening import Opening
from services.runtime.publishing import Publisher
from services.runtime.settings import Settings
from services.runtime.spans import Spans
from services.runtime.taking import Taker
from services.runtime.topics import TopicsError
from services.runtime.topology import Stage
from services.runtime.unpacking import Notes
from services.runtime.work import StageWork

log = logging.getLogger(__name__)

_COMMIT_SECONDS = 0.5
_ASK_SECONDS = 2.0
"""Between two questions to the broker: where each partition ends, and whether it is still the one that was read."""
_BEAT_SECONDS = 0.5


class Loop:
    """Runs one stage inside its Faust app."""

    def __init__(
        self,
        app: faust.App,
        stage: Stage,
        settings: Settings,
        work: StageWork,
        metrics: Metrics,
        health: Health,
        configuration: str,
        version: str,
        notes: Notes,
        spans: Spans,
    ) -> None:
        self._app = app
        self._settings = settings
        self._work = work
        self._metrics = metrics
        self._health = health
        self._ledger = Ledger()
        self._flight = Flight(settings.batches_in_flight)
        policy = DeadLetterPolicy(settings.dead_letter_run, settings.dead_letter_ratio)
        source = settings.prefix + stage.reads.name
        self._gaps = Gaps(app, settings.stall_seconds, self._flight, self._ledger, notes, metrics, health)
        self._opening = Opening(app, source, settings, work, policy, self._flight, self._ledger, self._gaps, metrics)
        self._taker = Taker(work, self._opening, self._flight, self._ledger, notes, metrics, health, spans)
        letters = Letters(Maker(stage, version), settings.prefix, configuration)
        self._publisher = Publisher(
            app, stage, settings.prefix, letters, policy, self._flight, self._ledger, self._gaps, metrics, spans
        )
        self._published: asyncio.Task[None] | None = None
        self._places: tuple[int, ...] = ()
        self._drained = False

    async def consume(self, stream: Any) -> None:
        """The agent's body. Nothing escapes it but its own end: anything unexpected ends the process."""
        try:
            await self._work.start()
            self._health.models_loaded = True
            self._published = asyncio.create_task(self._publisher.run())
            async for events in stream.take_events(self._settings.batch_documents, within=self._settings.batch_seconds):
                if not self._health.draining:
                    await self._taker.take(events)
        except asyncio.CancelledError:
            if not self._health.draining:
                log.warning("the agent was cancelled")
            raise
        except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
            ending.hard_exit(ending.EXIT_UNEXPECTED, "the stage's loop failed")

    async def beat(self) -> None:
        """The loop's heartbeat, and what health says of it. It waits for nothing, so that only a blocked loop is silent."""
        while True:
            self._health.beat()
            settled = not self._opening.is_settling() and self._app.consumer is not None
            self._health.recovered = not self._app.in_recovery
            open_ = settled and self._app.consumer_generation_id == self._ledger.generation
            self._health.assigned = open_ and (bool(self._ledger.partitions) or self._opening.spare)
            places = (self._work.done, *self._ledger.places)
            to_do = self._flight.documents or self._ledger.uncommitted(self._gaps.highwaters)
            if places != self._places or not to_do or self._work.starting:
                self._places = places
                self._health.moved()
            await asyncio.sleep(_BEAT_SECONDS)

    async def keep(self) -> None:
        """Keep the books: open them at a new generation, seek back over gaps, commit, watch for standstill."""
        asked_at = 0.0
        while not self._drained:
            await asyncio.sleep(_COMMIT_SECONDS)
            try:
                if self._app.consumer is None:
                    continue
                opened = await self._opening.open()
                if not opened and (self._opening.is_settling() or not self._flight.documents):
                    continue
                if time.monotonic() - asked_at > _ASK_SECONDS:
                    asked_at = time.monotonic()
                    await self._gaps.ask_ends()
                if opened:
                    await self._gaps.heal()
                    await self.commit()
                self._gaps.tell()
                self._work.watch(self._metrics)
            except (KafkaError, OSError, TimeoutError, TopicsError) as error:
                log.warning("the broker did not answer: %r", error)
            except asyncio.CancelledError:
                raise
            except BaseException:  # noqa: BLE001 - whatever it is, nothing may be committed after it
                if self._drained:
                    return  # the consumer is stopped under us: all that could be committed is
                ending.hard_exit(ending.EXIT_UNEXPECTED, "offsets could not be committed")

    async def identify(self) -> None:
        """Ask, now and then, whether the topic is still the one that was read. Beside ``keep``, since a broker that is away lets it
        wait for long."""
        while not self._drained:
            await asyncio.sleep(_ASK_SECONDS)
            await self._opening.identify()

    async def drain(self) -> None:
        """Take nothing more, finish what is under work, commit. Bounded by ``drain_seconds``."""
        self._health.draining = True
        try:
            await asyncio.wait_for(self._flight.idle.wait(), self._settings.drain_seconds)
        except TimeoutError:
            log.warning("%d documents were not finished in time; they will be read again", self._flight.documents)
        await self.commit()
        self._drained = True
        self._work.stop()

    async def commit(self) -> None:
        """Commit what is finished."""
        generation = self._ledger.generation
        assigned = self._app.consumer.assignment()
        offsets = {tp: offset for tp, offset in self._ledger.to_commit().items() if tp in assigned}
        if not offsets or generation is None or generation != self._app.consumer_generation_id or self._app.rebalancing:
            return
        consumer: Any = self._app.consumer
        if await consumer._commit(offsets, self._opening.note):  # commit() would commit what Faust counts, not this
            self._ledger.note_committed(generation, offsets)
            self._metrics.committed()
