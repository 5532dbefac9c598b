"""Glue of the dedup stage: the judge in the loop, its window in a changelogged table.

It works in the process itself, not in children: one judge sees everything in one order, and its work on a document is
well under a millisecond. The table is written in the order of judging, and its changes are awaited before the outputs count as
acknowledged, so that a committed offset is never ahead of the table; a record judged again finds its own verdict there.
"""

import asyncio
import logging
import time
import weakref
from collections.abc import Sequence
from typing import Any

from faust.streams import _current_event
from faust.types import EventT

from services.dedup.core import Judge
from services.dedup.settings import DedupSettings
from services.runtime.metrics import Metrics
from services.runtime.pool import Failure
from services.runtime.records import Made, Record, decode, failed, wrap
from services.runtime.settings import load
from services.runtime.table import StoreError
from services.runtime.topology import Stage
from services.runtime.versions import Basis

log = logging.getLogger(__name__)


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong."""
    load(DedupSettings)


def basis() -> Basis:
    """What the results of the stage depend on."""
    return Basis(__name__, (load(DedupSettings),))


class TableWork:
    """The judge and its table."""

    def __init__(self, stage: Stage, prefix: str, table: Any, version: str) -> None:
        self._stage = stage
        self._version = version
        self._prefix = prefix
        self._table = table
        self._settings = load(DedupSettings)
        self._judge = Judge(self._settings, table)
        self._shared = 0  # documents under an id that another one has, since metrics were last reported
        self._all_shared = 0
        self.done = 0
        self.starting = False  # there are no processes to start

    async def start(self) -> None:
        """Nothing is loaded before the table is there."""

    async def open(self) -> None:
        """Rebuild the window from the recovered table; another worker may have judged since."""
        await asyncio.to_thread(self._judge.load)

    async def __call__(self, records: Sequence[Record], events: Sequence[EventT[Any]]) -> list[Made | Failure]:
        """Judge in order, write the table, and wait until the broker has its changes."""
        results = [self._judged(record, event) for record, event in zip(records, events, strict=True)]
        await self._table.acknowledged()
        self.done += len(results)
        return results

    def _judged(self, record: Record, event: EventT[Any]) -> Made | Failure:
        started = time.perf_counter()
        # Faust reads and changes the partition of the current event, and only a stream's own iteration sets that.
        _current_event.set(weakref.ref(event))
        try:
            judgement = self._judge.judge(decode(record).entering(self._stage.name, self._version))
        except StoreError:
            raise  # no document is to blame
        except Exception as error:  # noqa: BLE001 - one document must not stop the only judge
            return failed(error)
        judgement.write(self._table)
        if judgement.beside:
            self._shared += 1
            self._all_shared += 1
            if (
                self._all_shared & (self._all_shared - 1) == 0
            ):  # the 1st, 2nd, 4th, 8th …: a whole feed may be like this
                log.warning(
                    "%.80r is the id of another document, which this one has nothing in common with, and of the same revision: "
                    "both stay (%d like this). Send documents under ids of their own, and a later text with a higher revision",
                    judgement.work.event.id,
                    self._all_shared,
                )
        out = judgement.work.model_copy(update={"follows": judgement.overtaken})
        return wrap(self._stage, self._prefix, out, record, time.perf_counter() - started)

    def drop(self) -> None:
        """A batch is judged in one go: there is nothing that is not begun."""

    def watch(self, metrics: Metrics) -> None:
        """Report the window's size."""
        metrics.window.set(len(self._judge))
        metrics.window_bytes.set(self._judge.characters)
        metrics.shared_ids(self._shared)
        self._shared = 0
        metrics.works_with(self._judge.version)

    def stop(self) -> None:
        """Nothing is held but the table, which Faust closes."""
