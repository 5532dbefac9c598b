"""What every program does to a document: entities and stances by the models that the stages use, without looking for copies."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from schemas import Document, Event, Processing, Status, Work
from services.entities.core import EntityTagger
from services.entities.settings import EntitySettings
from services.runtime.settings import load
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings


class Enricher:
    """The models, loaded: a document's JSON in, its event's JSON out."""

    def __init__(self) -> None:
        self._entities = EntityTagger(load(EntitySettings))
        self._stances = StanceTagger(load(StanceSettings))

    def __call__(self, value: bytes) -> bytes:
        document = Document.model_validate_json(value)
        event = Event(
            event_id=document.id or "",
            id=document.id or "",
            status=Status.ENRICHED,
            title=document.title,
            text=document.text,
            processing=Processing(pipeline="peer", received_at=datetime.now(UTC)),
        )
        (work,) = self._stances(self._entities([Work(event=event)]))
        return work.event.model_dump_json().encode()


_enricher: Enricher | None = None


def pool(processes: int) -> ProcessPoolExecutor:
    """Processes for ``enrich``, all of them started: by itself a pool starts one only when a document finds none idle."""
    made = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _load)
    for answer in [made.submit(os.getpid) for _ in range(processes)]:
        answer.result()
    return made


def _load() -> None:
    global _enricher
    _enricher = Enricher()


def enrich(value: bytes) -> bytes:
    """The event of a document, in a process of a pool."""
    assert _enricher is not None
    return _enricher(value)
