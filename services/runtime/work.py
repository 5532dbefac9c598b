"""Where a stage's documents are worked on: in child processes, or, where it has a table, in the stage's own process.

Each is what the loop gives its records to (``StageWork``), and runs the core that the stage's agent sets up.
"""

import asyncio
import logging
import time
import weakref
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from faust.streams import _current_event
from faust.types import EventT

from services.runtime.agent import agent
from services.runtime.child import Setup
from services.runtime.logs import configure
from services.runtime.metrics import Metrics
from services.runtime.pool import Pool
from services.runtime.records import Failure, Made, Record, StoreError, about, failed, wrap
from services.runtime.settings import Settings
from services.runtime.topology import Stage


class StageWork(Protocol):
    """What a stage does with its records."""

    async def start(self) -> None:
        """Load what is needed, before the first record."""

    async def open(self) -> None:
        """A new generation begins: bring state up to what the broker knows."""

    async def __call__(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """One result for each record, in order. Calls begin in the order of the records.

        Raises:
            DroppedError: ``drop`` was called meanwhile.
        """

    def drop(self) -> None:
        """Nothing of what was given is wanted any more; what takes long is not begun."""

    def watch(self, metrics: Metrics) -> None:
        """Report gauges."""

    @property
    def done(self) -> int:
        """Counts up as documents are worked on."""

    @property
    def starting(self) -> bool:
        """Whether it waits for something that it starts, and that has a time limit of its own."""

    def stop(self) -> None:
        """Let go of what ``start`` took."""


class PooledWork:
    """A stage whose documents are worked on in child processes."""

    def __init__(self, stage: Stage, settings: Settings, version: str) -> None:
        self._pool: Pool[Record, Made | Failure] = Pool(
            Setup(stage.name, settings.prefix, version),
            settings.process_count if stage.heavy else 1,
            settings.document_seconds,
            settings.process_memory_mb,
            partial(configure, logging.WARNING, None, settings.log_format, stage.name),
        )
        self._memory_bytes = settings.process_memory_mb * 1024**2

    async def start(self) -> None:
        """Start the processes and load their models."""
        await self._pool.start()

    async def open(self) -> None:
        """Nothing is kept between generations."""

    async def __call__(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """Work on the records in the children."""
        return await self._pool.run(records)

    def drop(self) -> None:
        """The children begin nothing more of what was given."""
        self._pool.drop()

    def watch(self, metrics: Metrics) -> None:
        """Report how the children are."""
        metrics.children(self._pool.vitals, self._memory_bytes, self._pool.restarts, self._pool.retries)

    @property
    def done(self) -> int:
        """Chunks that the children have worked on."""
        return self._pool.done

    @property
    def starting(self) -> bool:
        """Whether a child loads its models."""
        return self._pool.starting

    def stop(self) -> None:
        """End the children."""
        self._pool.stop()


class TableWork:
    """A stage with a table: it works in the process itself, one document after the other.

    The table's changes are awaited before the outputs count as acknowledged, so that a committed offset is never ahead of it.
    """

    def __init__(self, stage: Stage, prefix: str, table: Any, version: str) -> None:
        self._stage = stage
        self._prefix = prefix
        self._table = table
        self._core = agent(stage).setup(version, table)
        self.done = 0
        self.starting = False  # there are no processes to start

    async def start(self) -> None:
        """Nothing is loaded before the table is there."""

    async def open(self) -> None:
        """Bring the core up to the recovered table; another worker may have written it since."""
        await asyncio.to_thread(self._core.open)

    async def __call__(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """Work in order, write the table, and wait until the broker has its changes.

        Raises:
            StoreError: the table cannot be read or written.
        """
        results = [self._work_on(record, event) for record, event in zip(records, events, strict=True)]
        await self._table.acknowledged()
        self.done += len(results)
        return self._with_changes(results)

    def _with_changes(self, results: list[Made | Failure]) -> list[Made | Failure]:
        """The results, the last with what changed in the topic that the stage keeps: once for a batch, however often it changed."""
        last = max((number for number, one in enumerate(results) if isinstance(one, Made)), default=None)
        if self._stage.keeps is None or last is None:
            return results
        topic, made = self._prefix + self._stage.keeps.name, results[last]
        assert isinstance(made, Made)
        beside = tuple(
            (topic, key.encode(), None if value is None else value.encode()) for key, value in self._core.changes()
        )
        results[last] = replace(made, beside=beside)
        return results

    def _work_on(self, record: Record, event: EventT[Any]) -> Made | Failure:
        started = time.perf_counter()
        # Faust reads and changes the partition of the current event, and only a stream's own iteration sets that.
        _current_event.set(weakref.ref(event))
        try:
            with about(record):
                (work,) = self._core.run([record])
        except StoreError:
            raise  # no document is to blame
        except Exception as error:  # noqa: BLE001 - one document must not stop the only process
            return failed(error)
        return wrap(self._stage, self._prefix, work, record, time.perf_counter() - started)

    def drop(self) -> None:
        """A batch is done in one go: there is nothing that is not begun."""

    def watch(self, metrics: Metrics) -> None:
        """Report what the core tells of itself."""
        metrics.told(self._core.figures())
        metrics.works_with(self._core.model)

    def stop(self) -> None:
        """Nothing is held but the table, which Faust closes."""
