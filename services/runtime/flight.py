"""The batches that are under work at once, in the order in which they were taken."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faust.types import TP

from services.runtime.records import Failure, Made, Record

if TYPE_CHECKING:
    from opentelemetry.trace import Span


@dataclass(frozen=True)
class Batch:
    generation: int
    ends: Mapping[TP, int]
    reached: Mapping[TP, float]
    """The broker's time of the last record of each partition."""
    records: Sequence[Record]
    task: "asyncio.Task[list[Made | Failure]]"
    started: float
    spans: "Sequence[Span]" = ()
    """Those of the records, where there are any."""


class Flight:
    """What is under work. ``most``: batches at once."""

    def __init__(self, most: int) -> None:
        self.room = asyncio.Semaphore(most)
        self.queue: asyncio.Queue[Batch] = asyncio.Queue()
        self.documents = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.dropping = False
        """A generation has ended: what is in flight is dropped until the books are opened anew."""

    def add(self, documents: int) -> None:
        """So many documents more, or less, are under work."""
        self.documents += documents
        if self.documents:
            self.idle.clear()
        else:
            self.idle.set()
