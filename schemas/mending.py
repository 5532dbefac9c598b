"""The optional fields of a document as senders fill them: what fits is taken, what can be understood is made to fit, the rest goes.

Decides what becomes of each value. What does not fit is kept in ``metadata`` where there is room, and a note says so. Notes are
made of the words of this module and the names of a document's fields, never of what was sent.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from schemas.base import (
    MAX_METADATA_BYTES,
    MAX_METADATA_DEPTH,
    MAX_SOURCE,
    MAX_TITLE,
    MAX_URL,
    Identifier,
)
from schemas.languages import read_language
from schemas.times import TimeError, read_time

Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
LARGEST_REVISION: Final = 2**31 - 1

_MAY_BE_BLANK = frozenset({"text", "title", "source", "url"})
"""Of the others white space alone is as good as null."""
_MAX_INSIDE = 3
"""Extended JSON has a time as ``{"$date": {"$numberLong": "1709648530000"}}``."""
_LARGEST_EXACT = 2**53
"""Whole numbers from here on have neighbours that a float cannot tell from them."""
_LONGEST_NUMBER = 10**256

_INSIDE: Mapping[str, tuple[str, ...]] = {
    "id": ("$oid", "$uuid", "$numberLong", "$numberInt", "id", "_id", "value", "#text", "rendered", "string", "long", "int"),
    "url": ("href", "url", "link", "canonical", "@id", "value", "#text", "rendered", "string"),
    "source": ("name", "title", "domain", "host", "hostname", "uri", "id", "url", "value", "#text", "string"),
    "title": ("rendered", "main", "text", "value", "#text", "title", "name", "string"),
    "published_at": ("$date", "$numberLong", "iso", "@value", "value", "#text", "date", "seconds", "_seconds", "string", "long"),
    "language": ("code", "iso", "id", "name", "value", "#text", "string"),
    "revision": ("$numberInt", "$numberLong", "value", "#text", "int", "long"),
}  # fmt: skip
"""Of an object the first of these that it has stands for it: extended JSON of MongoDB, XML and Avro as JSON, WordPress, NewsAPI."""

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
_REVISION: TypeAdapter[int] = TypeAdapter(Revision)


class _UnfitError(ValueError):
    """A value that cannot be the field's; ``str`` of it says why."""


def mend(found: Mapping[str, Any], names: frozenset[str], latest: int) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a document, of which only ``text`` may still be wrong, and notes on what did not fit.

    Args:
        found: a JSON object.
        names: of all fields of a document. Other members of ``found`` become members of ``metadata``.
        latest: the last year of a time of publication.
    """
    fields: dict[str, Any] = {}
    notes: dict[str, str] = {}
    spare: dict[str, Any] = {}
    for name in sorted(names & found.keys()):
        value = found[name]
        if value is None or (name not in _MAY_BE_BLANK and isinstance(value, str) and not value.strip()):
            continue
        if name == "text":
            fields[name] = value
        elif isinstance(value, float) and not math.isfinite(value):
            notes[name] = "is not a number; left out"
        elif name != "metadata":
            taken, note = _take(name, value, latest)
            if taken is not None:
                fields[name] = taken
            if note:
                notes[name] = note
            if note and note not in _NOTHING_LOST:
                spare[name] = value
        elif isinstance(value, dict):
            fields[name] = value
        else:
            notes[name] = "is not an object; kept under its own name"
            spare[name] = value
    unknown = {name: value for name, value in found.items() if name not in names}
    metadata, complaints = _fit(spare | unknown | fields.get("metadata", {}))
    if metadata or "metadata" in fields:
        fields["metadata"] = metadata
    said = [f"{name}: {note}{_where(name, found, spare, metadata)}" for name, note in notes.items()]
    return fields, (*said, *(f"metadata: {complaint}" for complaint in complaints))


def _where(name: str, found: Mapping[str, Any], spare: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    if name not in spare or name == "metadata":
        return ""
    own = found.get("metadata")
    kept = name in metadata and not (isinstance(own, dict) and name in own)
    return "; as sent in metadata" if kept else "; what was sent is not kept"


def _take(name: str, value: Any, latest: int) -> tuple[Any, str | None]:
    """The value of a field, or None, and a note if it is not what was sent."""
    try:
        inner = value
        for _ in range(_MAX_INSIDE):
            inner = _inside(name, inner)
        taken, note = _READERS[name](inner, latest)
    except _UnfitError as error:
        return None, str(error)
    return taken, note or (None if inner is value else "was an object or a list, of which one value was taken")


def _inside(name: str, value: Any) -> Any:
    """What stands for an object or for a list of one; ``value`` itself where it is neither."""
    match value:
        case dict():
            inner = next((value[key] for key in _INSIDE[name] if value.get(key) not in (None, "")), None)
            if inner is None:
                raise _UnfitError("is an object without a value that could be used")
            return inner
        case [one]:
            return one
        case _:
            return value


def _id(value: Any, _: int) -> tuple[str, str | None]:
    note = None
    if isinstance(value, int | float):
        value, note = _number(value), _NUMBER
    for written, said in ((value, note), (value.strip() if isinstance(value, str) else value, _TRIMMED)):
        try:
            return _IDENTIFIER.validate_python(written, strict=True), said
        except ValidationError:
            continue
    raise _UnfitError("is not a string of 1 to 256 characters in one line")


def _string(limit: int, cut: bool = False) -> Callable[[Any, int], tuple[str, str | None]]:
    def read(value: Any, _: int) -> tuple[str, str | None]:
        note = None
        if isinstance(value, int | float):
            value, note = _number(value), _NUMBER
        if not isinstance(value, str):
            raise _UnfitError("is not a string")
        value = _whole(value)
        if len(value) <= limit:
            return value, note
        if not cut:
            raise _UnfitError(f"is longer than {limit} characters")
        return value[:limit], f"is cut to {limit} characters"

    return read


_NUMBER = "was a number, and is now a string"
_TRIMMED = "had white space around it"
_NOTHING_LOST = frozenset({_NUMBER, _TRIMMED})


def _number(value: float) -> str:
    if isinstance(value, bool):
        raise _UnfitError("is not a string")
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT:
        value = int(value)  # pandas makes floats of a column of numbers that has a gap
    if isinstance(value, float) and (not math.isfinite(value) or abs(value) >= _LARGEST_EXACT):
        raise _UnfitError("is a number that cannot be read exactly")
    if abs(value) >= _LONGEST_NUMBER:
        raise _UnfitError("is a number with too many digits")
    return str(value)


def _language(value: Any, _: int) -> tuple[str, str | None]:
    language = read_language(value) if isinstance(value, str) else None
    if language is None:
        raise _UnfitError("names no known language; the language is detected from the text")
    return language, None


def _revision(value: Any, _: int) -> tuple[int, str | None]:
    try:
        return _REVISION.validate_python(value), None
    except ValidationError:
        raise _UnfitError(f"is not a whole number from 1 to {LARGEST_REVISION}") from None


def _time(value: Any, latest: int) -> tuple[Any, str | None]:
    try:
        return read_time(value, latest), None
    except TimeError as error:
        raise _UnfitError(str(error)) from None


_READERS: Mapping[str, Callable[[Any, int], tuple[Any, str | None]]] = {
    "id": _id,
    "url": _string(MAX_URL),
    "source": _string(MAX_SOURCE),
    "title": _string(MAX_TITLE, cut=True),
    "published_at": _time,
    "language": _language,
    "revision": _revision,
}


# metadata


def _fit(members: dict[str, Any]) -> tuple[dict[str, JsonValue], list[str]]:
    """``members`` within the bounds of metadata: of what is too much the largest go first. Also what was done."""
    said = []
    fitting = {name: value for name, value in members.items() if _depth(value) < MAX_METADATA_DEPTH}
    if len(fitting) < len(members):
        said.append(f"what is nested deeper than {MAX_METADATA_DEPTH} was left out")
    try:
        size = len(_written(fitting))
    except ValueError:
        fitting = {_whole(name): _sound(value) for name, value in fitting.items()}
        said.append("numbers and halves of characters that JSON does not have were replaced")
        size = len(_written(fitting))
    except TypeError:
        return members, []  # it did not come from JSON, and the document's own check says what is wrong with it
    if size > MAX_METADATA_BYTES:
        said.append(f"the largest fields were left out, as all have more than {MAX_METADATA_BYTES} bytes")
        sizes = {name: len(_written({name: value})) for name, value in fitting.items()}
        for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
            del fitting[name]
            size -= sizes[name]  # with its braces, which are as long as the comma and the space beside it
            if size <= MAX_METADATA_BYTES:
                break
    return fitting, said


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def _sound(value: Any) -> Any:
    match value:
        case str():
            return _whole(value)
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {_whole(name): _sound(inner) for name, inner in value.items()}
        case list():
            return [_sound(inner) for inner in value]
        case _:
            return value


_HALVES = re.compile("[\ud800-\udfff]")


def _whole(text: str) -> str:
    """``text`` with U+FFFD for halves of surrogate pairs, which UTF-8 cannot say."""
    return _HALVES.sub("\ufffd", text)


def _depth(value: JsonValue) -> int:
    """How deep ``value`` is nested: 1 where it holds nothing; counted no further than one past the bound of metadata."""
    level: list[JsonValue] = [value]
    found = 0
    while level and found <= MAX_METADATA_DEPTH:
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        found += 1
    return found
