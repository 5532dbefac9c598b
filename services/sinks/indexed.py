"""What OpenSearch is given of an event: the mapping, made from the columns of the Parquet export, and a document's body. Pure.

One rule: the body is the event, field for field. Three things are added, since an index cannot join: ``stands``, who stands where,
with names in place of ids and the words of the first evidence; ``metadata_terms``, so that metadata can be asked for; and
``withdrawn``, when the document was last withdrawn.

How fields are mapped:

* A text is ``text``; a name is ``keyword``, to be counted, with ``.words`` to be searched; any other string is ``keyword``.
* ``entities``, ``issues`` and ``stands`` are ``nested``. Flattened, an article in which Voss is for the tunnel and Ito against the
  bridge would be found as one in which Voss is against the bridge.
* What nobody searches by is kept and not indexed: mentions, changes, and ``stances``, whose ids mean nothing outside of the event.
* ``metadata`` is as its senders like. As fields, each of its names would be one of the index for ever, and the first value's type
  would refuse all others; the types for such objects have different names in OpenSearch and Elasticsearch. So it is kept, and each
  of its values is a term, such as ``desk=city``.
* A field that a newer release brings is kept, and not indexed, until this release's successor maps it (``dynamic: false``).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from schemas import Event, Status
from schemas.event import digest
from services.consumer.table import SCHEMA
from services.sinks.plan import FAILED, Order, Standing

_LONGEST_TERM = 8_191
"""Characters: as many have at most 32,764 bytes in UTF-8, and Lucene refuses a document with a term over 32,766. What is longer is
kept, and not found by this field."""
_LONGEST_ID = 512
"""Bytes that an id may have there; a document's may have 1,024."""
_KEYWORD = {"type": "keyword", "ignore_above": _LONGEST_TERM}
_TEXT = {"type": "text"}
_NAME = _KEYWORD | {"fields": {"words": _TEXT}}
_DATE = {"type": "date"}
_KEPT = {"type": "object", "enabled": False}
_PLAIN: dict[Any, dict[str, Any]] = {
    pa.string(): _KEYWORD,
    pa.bool_(): {"type": "boolean"},
    pa.int64(): {"type": "long"},
    pa.float64(): {"type": "double"},
    pa.timestamp("us", tz="UTC"): _DATE,
}
_OTHERS = {
    "title": _TEXT,
    "text": _TEXT,
    "metadata": _KEPT,
    "duplicate.changes": _KEPT,
    "entities.name": _NAME,
    "entities.aliases": _NAME,
    "entities.mentions": _KEPT,
    "issues.name": _NAME,
    "issues.mentions": _KEPT,
    "stances": _KEPT,
    "rejection.message": _TEXT,
}
"""Fields that are not mapped as their type says."""
_TIMES = {"received_at": _DATE, "enriched_at": _DATE}


def _mapped(fields: Iterable[Any], above: str = "") -> dict[str, Any]:
    return {field.name: _OTHERS.get(above + field.name) or _of(field.type, above + field.name) for field in fields}


def _of(kind: Any, path: str) -> dict[str, Any]:
    if pa.types.is_struct(kind):
        return {"properties": _mapped(kind, f"{path}.")}
    if pa.types.is_list(kind):
        inside = _of(kind.value_type, path)
        return {"type": "nested"} | inside if "properties" in inside else inside
    return _KEPT if pa.types.is_map(kind) else _PLAIN[kind]


PROPERTIES: dict[str, Any] = _mapped(SCHEMA) | {
    "metadata_terms": _KEYWORD,
    "stands": {
        "type": "nested",
        "properties": {
            "holder": _NAME,
            "holder_kind": _KEYWORD,
            "holder_key": _KEYWORD,
            "holder_watched": _KEYWORD,
            "target": _NAME,
            "target_kind": _KEYWORD,
            "target_key": _KEYWORD,
            "target_watched": _KEYWORD,
            "stance": _KEYWORD,
            "basis": _KEYWORD,
            "confidence": {"type": "double"},
            "quote": _TEXT,
        },
    },
    "withdrawn": {"properties": _TIMES},
}
"""The mapping's ``properties``."""


def template(pattern: str, alias: str) -> dict[str, Any]:
    """The index template: of the indexes called ``pattern``, which are searched as ``alias``, without what was withdrawn."""
    hidden = {"bool": {"must_not": {"term": {"status": Status.WITHDRAWN.value}}}}
    return {
        "index_patterns": [pattern],
        "priority": 200,  # over those that match all names
        "template": {
            "mappings": {"dynamic": False, "properties": PROPERTIES},
            "aliases": {alias: {"filter": hidden}},
        },
    }


def missing(properties: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``properties`` that an index does not map yet. What it maps in another way is its owner's to say."""
    found = {}
    for name, one in properties.items():
        if name not in there:
            found[name] = one
        elif "properties" in one and (inside := missing(one["properties"], there[name].get("properties", {}))):
            found[name] = {key: value for key, value in one.items() if key == "type"} | {"properties": inside}
    return found


STATE = ("event_id", "status", "revision", "processing.received_at", "processing.enriched_at", "withdrawn")
"""The fields that ``state`` reads."""


def state(source: Mapping[str, Any]) -> tuple[Standing | None, Order | None]:
    """What stands of a document, and when it was last withdrawn, as the index has it."""
    gone = source.get("withdrawn")
    withdrawn = (_time(gone["received_at"]), _time(gone["enriched_at"])) if gone else None
    if source["status"] == Status.WITHDRAWN.value:
        return None, withdrawn
    received = source["processing"]["received_at"]
    order = (_time(received), _time(source["processing"].get("enriched_at") or received))
    return Standing(source["event_id"], source["status"] in FAILED, source["revision"], order), withdrawn


def identity(id: str) -> str:
    """The ``_id`` of a document: its own, or a digest where that is too long."""
    return id if len(id.encode()) <= _LONGEST_ID else f"sha256-{digest(id)}"


def body(event: Event, withdrawn: Order | None) -> dict[str, Any]:
    """The document of ``event``. ``withdrawn``: when it was withdrawn before it was sent again."""
    found = event.model_dump(mode="json")
    found["metadata_terms"] = sorted(set(_terms(event.metadata)))
    found["stands"] = list(_stands(event))
    return found | _gone(withdrawn)


def tombstone(id: str, withdrawn: Order) -> dict[str, Any]:
    """What is left of a withdrawn document."""
    return {"id": id, "status": Status.WITHDRAWN.value} | _gone(withdrawn)


def _gone(withdrawn: Order | None) -> dict[str, Any]:
    if withdrawn is None:
        return {}
    return {"withdrawn": dict(zip(_TIMES, (one.isoformat() for one in withdrawn), strict=True))}


def _stands(event: Event) -> Iterator[dict[str, Any]]:
    subjects = {one.id: one for one in event.subjects}
    for stance in event.stances:
        holder = subjects.get(stance.holder.entity or "")
        target = subjects.get(stance.target.entity or stance.target.issue or "")
        place = stance.evidence[0]
        named = {"author": "the author", "speaker": stance.holder.name, "entity": holder.name if holder else None}
        yield {
            "holder": named[stance.holder.kind],
            "holder_kind": stance.holder.kind,
            "holder_key": getattr(holder, "key", None),
            "holder_watched": holder.watched if holder else None,
            "target": target.name if target else None,
            "target_kind": stance.target.kind,
            "target_key": getattr(target, "key", None),
            "target_watched": target.watched if target else None,
            "stance": stance.stance,
            "basis": stance.basis,
            "confidence": stance.confidence,
            "quote": (event.title if place.field == "title" else event.text)[place.start : place.end],
        }


def _terms(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _terms(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _terms(inner, path)
    elif value is not None:
        yield f"{path}={str(value).lower() if isinstance(value, bool) else value}"


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)
