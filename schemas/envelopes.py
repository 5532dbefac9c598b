"""What connectors, databases and event buses wrap a document in.

Decides when a message is an envelope: only where it has no text of its own, has the envelope's fields, and what lies in it has a
text. Anything else stays as it is, and is named as what it looks like.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

_MAX_DEPTH = 4
"""Debezium's events inside CloudEvents inside Kafka Connect's JSON are three envelopes."""
_MAX_EMBEDDED = 4 * 1024 * 1024


@dataclass(frozen=True)
class _Envelope:
    name: str
    fields: frozenset[str]
    """All of these are there."""
    content: str
    """The field that has the document: an object, a list of one, or JSON in a string."""
    only: bool = False
    """Whether no other field may be there."""


def _envelope(name: str, fields: str, content: str, only: bool = False) -> _Envelope:
    return _Envelope(name, frozenset(fields.split()), content, only)


_ENVELOPES = (
    _envelope("Kafka Connect", "schema payload", "payload", only=True),
    _envelope("Debezium", "after op", "after"),
    _envelope("Debezium", "before after source", "after"),
    _envelope("CloudEvents", "specversion data", "data"),
    _envelope("CloudEvents", "specversion data_base64", "data_base64"),
    _envelope("Elasticsearch", "_index _source", "_source"),
    _envelope("Elasticsearch", "_id _source", "_source"),
    _envelope("Oracle GoldenGate", "op_type after", "after"),
    _envelope("Maxwell", "database table data", "data"),
    _envelope("a MongoDB change stream", "operationType fullDocument", "fullDocument"),
    _envelope("CouchDB", "seq changes doc", "doc"),
    _envelope("Amazon EventBridge", "detail-type detail", "detail"),
    _envelope("Amazon SNS", "TopicArn Message", "Message"),
    _envelope("kcat", "topic partition offset payload", "payload"),
)
_DELETIONS = frozenset({"d", "t", "delete", "truncate", "D", "remove"})
_MANY = {
    "an Elasticsearch search response; send the _source of each of its hits": frozenset({"hits", "took"}),
    "an Elasticsearch bulk action; send the documents without these lines": frozenset({"index"}),
    "an API's response; send each of its articles": frozenset({"articles"}),
    "a JSON Feed; send each of its items, with its text as text": frozenset({"items", "version"}),
}
"""What is no envelope of one document. The words end a sentence that says what the message looks like."""


@dataclass(frozen=True)
class Unwrapped:
    """A message's object without its envelopes, and their names from the outside in.

    ``complaint``: why it is not the document that it should be, where that is known; it ends "the message looks like …".
    """

    fields: dict[str, Any]
    names: tuple[str, ...] = ()
    complaint: str | None = None


def unwrap(message: dict[str, Any]) -> Unwrapped:
    """What ``message`` holds. An id of Elasticsearch becomes the document's where it has none of its own.

    An id that an event bus gives is an event's and no document's, and is not taken.
    """
    fields = message
    names: tuple[str, ...] = ()
    for _ in range(_MAX_DEPTH):
        if fields.get("text") is not None:
            break
        envelope = next((one for one in _ENVELOPES if _fits(one, fields)), None)
        if envelope is None:
            break
        names = (*names, envelope.name)
        content = document_in(fields[envelope.content], envelope.content == "data_base64")
        if content is None:
            return Unwrapped(message, complaint=_why_empty(names, fields, envelope))
        if envelope.name == "Elasticsearch" and content.get("id") in (None, ""):
            content = content | {"id": fields.get("_id")}
        fields = content
    if fields.get("text") is not None:
        return Unwrapped(fields, names)
    if names:
        return Unwrapped(message, complaint=f"{_listed(names)}, and has no text")
    return Unwrapped(message, complaint=next((words for words, all_ in _MANY.items() if all_ <= message.keys()), None))


def _fits(envelope: _Envelope, fields: Mapping[str, Any]) -> bool:
    return envelope.fields <= fields.keys() and (not envelope.only or envelope.fields == fields.keys())


def document_in(value: Any, is_base64: bool = False) -> dict[str, Any] | None:
    """What an envelope's field holds: an object, a list of one, or JSON in a string; None where it is none of these."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str) and len(value) <= _MAX_EMBEDDED:
        try:
            value = from_json(b64decode(value, validate=True) if is_base64 else value)
        except (ValueError, binascii.Error):
            return None
    return value if isinstance(value, dict) else None


def _why_empty(names: tuple[str, ...], fields: Mapping[str, Any], envelope: _Envelope) -> str:
    action = next((fields[name] for name in ("op", "op_type", "operationType", "type") if name in fields), None)
    if isinstance(action, str) and action in _DELETIONS:
        return f"{_listed(names)} of a deletion; a message without a value (a tombstone) withdraws a document"
    return f"{_listed(names)}, and its {envelope.content} is not a JSON object"


def _listed(names: tuple[str, ...]) -> str:
    return f"an envelope of {' in one of '.join(reversed(names))}"
