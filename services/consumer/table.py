"""Events as Parquet columns, and back again.

One row an event. Text, numbers and times are columns of their own, times in UTC to the microsecond; ``entities`` and
``stances`` are lists of structs with the same names as in the event; ``duplicate``, ``rejection`` and ``processing`` are
structs, null where the event has none. ``metadata`` is its JSON, because its shape is the sender's. Offsets are code
points, as in the event. The schema's own metadata names the version of the event's schema.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from schemas import Event
from schemas.base import SCHEMA_VERSION

_TIME = pa.timestamp("us", tz="UTC")
_SPAN = [("field", pa.string()), ("start", pa.int32()), ("end", pa.int32())]

SCHEMA: Any = pa.schema(
    [
        pa.field("schema_version", pa.string(), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("revision", pa.int32(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("published_at", _TIME),
        pa.field("language", pa.string()),
        pa.field("metadata", pa.string(), nullable=False),
        pa.field(
            "duplicate",
            pa.struct(
                [
                    ("verdict", pa.string()),
                    ("cluster", pa.string()),
                    ("of", pa.string()),
                    ("updates", pa.int64()),
                    ("similarity", pa.float64()),
                    ("containment", pa.float64()),
                    ("estimated", pa.float64()),
                    ("rule", pa.string()),
                    ("seconds_after", pa.float64()),
                ]
            ),
        ),
        pa.field(
            "entities",
            pa.list_(
                pa.struct(
                    [
                        ("id", pa.string()),
                        ("name", pa.string()),
                        ("type", pa.string()),
                        ("watched", pa.string()),
                        ("salience", pa.float64()),
                        ("aliases", pa.list_(pa.string())),
                        ("mentions", pa.list_(pa.struct([*_SPAN, ("text", pa.string())]))),
                    ]
                )
            ),
            nullable=False,
        ),
        pa.field(
            "stances",
            pa.list_(
                pa.struct(
                    [
                        ("holder", pa.struct([("kind", pa.string()), ("entity", pa.string()), ("name", pa.string())])),
                        ("target", pa.struct([("kind", pa.string()), ("entity", pa.string()), ("topic", pa.string())])),
                        ("stance", pa.string()),
                        ("confidence", pa.float64()),
                        (
                            "probabilities",
                            pa.struct([("favor", pa.float64()), ("against", pa.float64()), ("neutral", pa.float64())]),
                        ),
                        ("mixed", pa.bool_()),
                        ("evidence", pa.list_(pa.struct([*_SPAN, ("stance", pa.string())]))),
                    ]
                )
            ),
            nullable=False,
        ),
        pa.field("rejection", pa.struct([("reason", pa.string()), ("field", pa.string()), ("message", pa.string())])),
        pa.field(
            "processing",
            pa.struct(
                [
                    ("pipeline", pa.string()),
                    ("models", pa.map_(pa.string(), pa.string())),
                    ("received_at", _TIME),
                    ("enriched_at", _TIME),
                    ("stage_seconds", pa.map_(pa.string(), pa.float64())),
                ]
            ),
            nullable=False,
        ),
    ],
    metadata={"stancewire.schema_version": SCHEMA_VERSION},
)


def to_batch(events: Sequence[Event]) -> Any:
    """``events`` as a record batch of ``SCHEMA``."""
    return pa.RecordBatch.from_pylist([_row(event) for event in events], schema=SCHEMA)


def from_batch(batch: Any) -> Iterable[Event]:
    """The events of a record batch of ``SCHEMA``. Raises pydantic.ValidationError where one is none."""
    for row in batch.to_pylist(maps_as_pydicts="strict"):
        yield Event.model_validate(row | {"metadata": json.loads(row["metadata"])})


def _row(event: Event) -> dict[str, Any]:
    row = event.model_dump()
    processing = row["processing"]
    row["status"] = event.status.value
    row["metadata"] = json.dumps(row["metadata"], ensure_ascii=False)
    row["published_at"] = _utc(event.published_at)
    processing["received_at"] = _utc(event.processing.received_at)
    processing["enriched_at"] = _utc(event.processing.enriched_at)
    if event.rejection is not None:
        row["rejection"]["reason"] = event.rejection.reason.value
    return row


def _utc(moment: datetime | None) -> datetime | None:
    """A time without a zone is UTC, as in documents."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
