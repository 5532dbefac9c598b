"""What passes between the loop and a stage: a record in, what was made of it out. Plain values, cheap to pickle."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from schemas import Reason, Rejection, Status, Work
from schemas.base import MAX_EXPLANATION, MAX_ID, SCHEMA_VERSION
from schemas.cloudevents import CONTENT_TYPE, is_declared
from services.lists.forms import FormList
from services.runtime import logs
from services.runtime.topology import DOCUMENTS, Counted, Measured, Stage, output
from services.runtime.trace import Headers, carried, trace_id

ORIGIN = "stancewire.origin"
"""Header that follows a document through all topics: the position of its own message, topic/partition/offset."""
ATTEMPT = "stancewire.attempt"
"""Header that replay sets: how often the document has failed before, plus one."""


_LATEST = 4_102_444_800
"""2100, in seconds since 1970. Who sends microseconds for milliseconds is far behind it."""
_POSITION = re.compile(r"[A-Za-z0-9._-]{1,249}/[0-9]{1,9}/[0-9]{1,18}")  # a topic's name is at most 249 characters


@dataclass(frozen=True)
class Record:
    """A Kafka message as a stage sees it. ``timestamp`` is the broker's, seconds since 1970."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: float
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def position(self) -> str:
        """topic/partition/offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    def header(self, name: str) -> str | None:
        """The value of the header ``name``, or None."""
        return next((value.decode("utf-8", "replace") for key, value in self.headers if key == name), None)

    @property
    def origin(self) -> str:
        """The position of the document's own message: as replay or an earlier stage noted it, if that can be one."""
        said = self.header(ORIGIN)
        return said if said and _POSITION.fullmatch(said) else self.position

    @property
    def attempt(self) -> int:
        """1, or what replay said."""
        said = self.header(ATTEMPT)
        return max(1, int(said)) if said and said.isascii() and said.isdigit() and len(said) < 6 else 1

    @property
    def trace(self) -> Headers:
        """The headers of its trace, which go with the document to its event and its dead letter."""
        return carried(self.headers)

    @property
    def format(self) -> Headers:
        """The header that says that the document is in a CloudEvent, where it has it: its dead letter needs it to be put back."""
        said = self.header(CONTENT_TYPE)
        return ((CONTENT_TYPE, said.encode()),) if said is not None and is_declared(said) else ()

    @property
    def document(self) -> str | None:
        """The document's id, where a stage has said it: the key behind the first stage. A sender's key need not be the id."""
        key = (self.key or b"").decode("utf-8", "replace")
        return None if self.topic.endswith(DOCUMENTS.name) else key[:MAX_ID] or None

    @property
    def received_at(self) -> datetime:
        """The broker's time of the message, UTC; 1970 where it is no time, which is the same each time that it is asked.

        On a topic without LogAppendTime the sender's clock says it, and some write microseconds for milliseconds. Long past harms
        nobody; far ahead would empty the window of copies.
        """
        return datetime.fromtimestamp(self.timestamp if 0 <= self.timestamp < _LATEST else 0.0, UTC)


def about(record: Record, document: str | None = None) -> AbstractContextManager[None]:
    """What is logged in this context is about ``record``, and its document of this id where it is known better."""
    return logs.about(document_id=document or record.document, trace_id=trace_id(record.headers))


Facts = Mapping[tuple[str, str], int]
"""Counts for the metrics: (the name of a ``Counted``, one of its values) -> how many."""


@dataclass(frozen=True)
class Made:
    """What a stage made of one record: one message for the next topic or, where ``status`` is set, the final event."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    status: Status | None
    rejection: Rejection | None = None
    seconds: float = 0.0
    age_seconds: float | None = None
    facts: Facts = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)
    """Numbers for the metrics, by the name of a ``Measured``."""
    beside: tuple[tuple[str, bytes, bytes | None], ...] = ()
    """What goes out with it to the topic that the stage keeps: topic, key, value; a value of None is a tombstone."""


@dataclass(frozen=True)
class Failure:
    """A document that could not be worked on."""

    reason: Reason
    exception: str
    message: str
    attempts: int


class StoreError(RuntimeError):
    """A table's rows cannot be read or written: no document is to blame. A restart finds what is damaged, and heals it."""


Run = Callable[[Sequence[Record]], list[Work]]
"""A stage's work as the runtime sees it: one Work for each record, in order. It may raise; then each is tried alone."""


@dataclass(frozen=True)
class Core:
    """A stage that is ready to work, as ``setup`` of its agent gives it.

    Attributes:
        run: does the work.
        model: the model or method that it works with, for the metrics.
        figures: the numbers now of what the stage's row ``tells``, by name.
        follows: the list that the stage's ``guide`` changes while it runs.
        open: brings what is kept beside the table up to the table's rows, where another process may have changed them.
        changes: key and value of what has changed since it was asked last, of the topic that the stage's row ``keeps``.
    """

    run: Run
    model: str = ""
    figures: Callable[[], Mapping[str, float]] = dict
    follows: FormList[Any, Any] | None = None
    open: Callable[[], None] = lambda: None
    changes: Callable[[], Sequence[tuple[str, str | None]]] = tuple


def of_works(name: str, version: str, core: Callable[[Sequence[Work]], list[Work]]) -> Run:
    """``core`` of the stage ``name``, which takes works, on the records that hold them; each is noted to be of ``version``."""
    return lambda records: core([decode(record).entering(name, version) for record in records])


def decode(record: Record) -> Work:
    """The work in a record of a topic between stages; what a newer version has added to it is ignored.

    Raises:
        pydantic.ValidationError: it is none; another major version of the pipeline wrote it, or somebody else.
    """
    return Work.read(record.value or b"")


def work_on(stage: Stage, prefix: str, core: Run, records: Sequence[Record]) -> list[Made | Failure]:
    """Run ``core`` over the records, and each alone where it raises; wrap what comes out for the wire."""
    started = time.perf_counter()
    try:
        with about(records[0]) if len(records) == 1 else nullcontext():
            works = core(records)
    except Exception as error:  # noqa: BLE001 - whatever one document provokes must not take its neighbours down
        if len(records) > 1:
            return [made for record in records for made in work_on(stage, prefix, core, [record])]
        return [failed(error)]
    seconds = (time.perf_counter() - started) / max(1, len(records))
    return [wrap(stage, prefix, work, record, seconds) for work, record in zip(works, records, strict=True)]


def wrap(stage: Stage, prefix: str, work: Work, record: Record, seconds: float) -> Made | Failure:
    """Make the message that a work leaves the stage with."""
    leaves = stage.leaves(work)
    event = work.event
    stage_seconds = event.processing.stage_seconds | {stage.name: round(seconds, 6)}
    now = datetime.now(UTC)
    processing = event.processing.model_copy(
        update={"stage_seconds": stage_seconds, "enriched_at": now if leaves else None}
    )
    event = event.model_copy(update={"processing": processing})
    event = event.settled() if leaves else event
    headers: Headers = ((ORIGIN, record.origin.encode()), *record.trace)
    topic = output(event.id) if leaves else stage.writes[0]
    if leaves:
        value = event.model_dump_json().encode()
        headers += cloud_event_headers(event.event_id, event.status, now)
    else:
        value = work.model_copy(update={"event": event}).write().encode()
    if len(value) > topic.max_bytes - _ROOM:
        return Failure(Reason.ERROR, "TooLarge", f"the result is {len(value)} bytes, {topic.max_bytes} are allowed", 1)
    return Made(
        topic=prefix + topic.name,
        key=event.id.encode(),
        value=value,
        headers=headers,
        status=event.status if leaves else None,
        rejection=event.rejection if leaves else None,
        seconds=seconds,
        age_seconds=max(0.0, (now - event.processing.received_at).total_seconds()),
        facts=_facts(stage, work),
        measures=_measures(stage, work),
    )


SCHEMA_URI = f"urn:stancewire:event:{SCHEMA_VERSION}"
"""A name of the event's JSON Schema that stays; CloudEvents want another one where a consumer would break."""
_ROOM = 64 * 1024
"""Left for a message's key, headers and the batch around it."""


def cloud_event_headers(event_id: str, status: Status, at: datetime) -> tuple[tuple[str, bytes], ...]:
    """The attributes of CloudEvents 1.0 in Kafka's binary mode."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": "/stancewire",
        "ce_type": f"news.{status.value}",
        "ce_time": at.isoformat(),
        "ce_dataschema": SCHEMA_URI,
        "content-type": "application/json",
    }
    return tuple((name, value.encode()) for name, value in attributes.items())


def _facts(stage: Stage, work: Work) -> Facts:
    counted = [one for one in stage.findings if isinstance(one, Counted)]
    return dict(Counter((one.name, value) for one in counted for value in one.of(work)))


def _measures(stage: Stage, work: Work) -> dict[str, float]:
    found = {one.name: one.of(work) for one in stage.findings if isinstance(one, Measured)}
    return {name: value for name, value in found.items() if value is not None}


def failed(error: Exception) -> Failure:
    """The failure of a document that raised ``error``; of what it holds nothing but the name of a field is said."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        message = f"{'.'.join(map(str, first['loc'])) or 'value'}: {first['msg']}"
    else:
        message = str(error)
    return Failure(Reason.ERROR, type(error).__name__[:200], message[:MAX_EXPLANATION], 1)
