"""Events as Parquet columns, and back again.

One row an event, and one column a field of ``schemas.Event``, with the same name (of stories: ``schemas.StoryRecord``): the columns
are made from the model, so that a field that is added to it is in every export.
Models within it are structs, tuples lists, dicts maps; what the event may lack is
null. Times are UTC to the microsecond. ``metadata`` is its JSON, because its shape is the sender's. Offsets are code points, as in
the event. The schema's own metadata names the version of the event's schema.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa
from pydantic import BaseModel, JsonValue

from schemas import Event, StoryRecord
from schemas.base import SCHEMA_VERSION

_PLAIN = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def _column(annotation: Any) -> tuple[Any, bool]:
    """The Arrow type of an annotation of the contract, and whether a value may be None.

    Raises:
        TypeError: there is no column for such a field yet; add it here.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _column(arguments[0])
    if origin in (Union, UnionType):
        [kind] = [one for one in arguments if one is not NoneType]
        return _column(kind)[0], NoneType in arguments
    if annotation in _PLAIN:
        return _PLAIN[annotation], False
    if origin is Literal:
        [kind] = {type(one) for one in arguments}
        return _column(kind)
    if origin is tuple and arguments[1:] == (...,):
        return pa.list_(_column(arguments[0])[0]), False
    if origin is dict and arguments[1] is JsonValue:
        return pa.string(), False
    if origin is dict:
        return pa.map_(_column(arguments[0])[0], _column(arguments[1])[0]), False
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return pa.string(), False
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct([(name, column) for name, column, _ in _columns(annotation)]), False
    raise TypeError(f"no Parquet column for a field of type {annotation}")


def _columns(model: type[BaseModel]) -> list[tuple[str, Any, bool]]:
    return [(name, *_column(field.annotation)) for name, field in model.model_fields.items()]


def _schema(model: type[BaseModel]) -> Any:
    return pa.schema(
        [pa.field(name, column, nullable=nullable) for name, column, nullable in _columns(model)],
        metadata={"stancewire.schema_version": SCHEMA_VERSION},
    )


SCHEMA: Any = _schema(Event)
STORIES: Any = _schema(StoryRecord)


def to_batch(events: Sequence[Event]) -> Any:
    """``events`` as a record batch of ``SCHEMA``."""
    return pa.RecordBatch.from_pylist([_row(event) for event in events], schema=SCHEMA)


def to_stories(stories: Sequence[StoryRecord]) -> Any:
    """``stories`` as a record batch of ``STORIES``."""
    return pa.RecordBatch.from_pylist([story.model_dump() for story in stories], schema=STORIES)


def from_batch(batch: Any) -> Iterable[Event]:
    """The events of a record batch of ``SCHEMA``. Raises pydantic.ValidationError if a row is not a valid event."""
    for row in batch.to_pylist(maps_as_pydicts="strict"):
        yield Event.model_validate(_filled(row) | {"metadata": json.loads(row["metadata"])})


def _filled(value: Any) -> Any:
    """A value without the fields that are empty: those have their default, also where an event leaves it out."""
    if isinstance(value, dict):
        return {name: _filled(inner) for name, inner in value.items() if inner is not None}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value


def _row(event: Event) -> dict[str, Any]:
    return event.model_dump() | {"metadata": json.dumps(event.metadata, ensure_ascii=False)}
