"""The document's id in a message's key.

Decides what of a key is an id: text as it is; a JSON string, a number or a struct of one field that connectors' converters wrote,
without the quotation marks and the name. A struct of several fields and binary keys (Avro, Protobuf, numbers) are none.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from schemas.base import Identifier

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
_LONGEST_READ = 4_096
"""Bytes of a key that is read as JSON. An id has at most 1,024."""


@dataclass(frozen=True)
class Key:
    """``id`` is None where the key has none; ``fault`` then says why, and is None where there is no key."""

    id: str | None = None
    fault: str | None = None


def read_key(key: bytes | None) -> Key:
    """What ``key`` says of the document's id."""
    if not key:
        return Key()
    if b"\x00" in key:
        return Key(fault="is binary, and so no id")
    try:
        written = key.decode()
    except UnicodeDecodeError:
        return Key(fault="is not UTF-8, and so no id")
    value: Any = written
    if len(key) <= _LONGEST_READ and written[0] in '"{[':
        try:
            value = from_json(key)
        except ValueError:
            value = written  # it only begins like JSON
    value = _inner(value)
    if isinstance(value, dict | list):
        return Key(fault="is a struct of several fields, and so no id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    try:
        return Key(_IDENTIFIER.validate_python(value, strict=True))
    except ValidationError:
        return Key(
            fault="is not an id: an id is a string of 1 to 256 characters in one line, without white space at its ends"
        )


def _inner(value: Any) -> Any:
    """The value in a struct of one field, such as Debezium's of a primary key, with or without Kafka Connect's schema."""
    for _ in range(3):
        if isinstance(value, dict) and value.keys() == {"schema", "payload"}:
            value = value["payload"]
        elif isinstance(value, dict):
            fields = [
                inner for name, inner in value.items() if not name.startswith("__")
            ]  # Debezium's routing adds such
            if len(fields) != 1:
                break
            value = fields[0]
        else:
            break
    return value
