"""The AsyncAPI 3 document: what others send to Stancewire and read from it.

Made from the contracts, the topology and the demands on topics. ``python -m docs.asyncapi`` prints it, and ``make docs`` puts it on
the site. Topics between stages are left out: what is on them may change in any release.
"""

import json
import sys
from typing import Any

from schemas.base import MAX_ID, SCHEMA_VERSION, Status
from schemas.cloudevents import CONTENT_TYPE, STRUCTURED
from schemas.cloudevents import schema as cloud_event
from schemas.export import PUBLIC, schema_of
from services.runtime.demands import demands
from services.runtime.records import SCHEMA_URI
from services.runtime.topology import (
    CANARIES,
    DEAD_LETTERS,
    DOCUMENTS,
    ENRICHED,
    STORIES,
    WATCHED_ENTITIES,
    WATCHED_ISSUES,
    Topic,
)
from services.runtime.trace import STATE_BYTES, TRACEPARENT, TRACESTATE

_REPLICAS = 3
"""What a cluster for production has."""
_CHANNELS: tuple[tuple[str, Topic, str, tuple[str, ...]], ...] = (
    ("documents", DOCUMENTS, "receive", ("document", "documentEvent", "withdrawal")),
    ("events", ENRICHED, "send", ("event",)),
    ("stories", STORIES, "send", ("story", "storyEnd")),
    ("canaries", CANARIES, "send", ("event",)),
    ("deadLetters", DEAD_LETTERS, "send", ("deadLetter",)),
    ("watchedEntities", WATCHED_ENTITIES, "receive", ("watchedEntity", "removal")),
    ("watchedIssues", WATCHED_ISSUES, "receive", ("watchedIssue", "removal")),
)
"""Name, topic, what Stancewire does with it, its messages."""
_ACTIONS = {"receive": "Stancewire reads it.", "send": "Stancewire writes it."}
_MARKED = 24
"""Characters that may follow a document's id in the id of a story, to tell it from another one."""


def render() -> str:
    """The document as it is written."""
    return json.dumps(document(), indent=2) + "\n"


def document() -> dict[str, Any]:
    """The AsyncAPI document. Names of topics are without ``STANCEWIRE_PREFIX``."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Stancewire",
            "version": SCHEMA_VERSION,
            "description": "News documents in, one enriched event for each out. The version is that of the event's schema.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(topic, messages) for name, topic, _, messages in _CHANNELS},
        "operations": {
            f"{action}{name[0].upper()}{name[1:]}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": f"{_ACTIONS[action]} {topic.holds[0].upper()}{topic.holds[1:]}.",
            }
            for name, topic, action, _ in _CHANNELS
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channel(topic: Topic, messages: tuple[str, ...]) -> dict[str, Any]:
    wanted = demands(topic, _REPLICAS)
    settings: dict[str, Any] = {
        "cleanup.policy": [wanted["cleanup.policy"]],
        "max.message.bytes": int(wanted["max.message.bytes"]),
    }
    if "retention.ms" in wanted:
        settings["retention.ms"] = int(wanted["retention.ms"])
    kafka: dict[str, Any] = {"topic": topic.name, "topicConfiguration": settings, "bindingVersion": "0.5.0"}
    if topic.partitions:
        kafka["partitions"] = topic.partitions
    return {
        "address": topic.name,
        "description": f"{topic.holds[0].upper()}{topic.holds[1:]}.",
        "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in messages},
        "bindings": {"kafka": kafka},
    }


def _messages() -> dict[str, Any]:
    def one(
        title: str, key: str, payload: dict[str, Any], headers: dict[str, Any] | None = None, longest: int = MAX_ID
    ) -> dict[str, Any]:
        made: dict[str, Any] = {"name": title.replace(" ", ""), "title": title, "payload": payload}
        if headers:
            made["headers"] = headers
        return made | {
            "bindings": {
                "kafka": {
                    "key": {"type": "string", "maxLength": longest, "description": key},
                    "bindingVersion": "0.5.0",
                }
            }
        }

    def of(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    own = "The id, or nothing."
    anything = {"description": "The bytes of the message that failed, as they were."}
    return {
        "document": one(
            "Document",
            "The document's id, or nothing. Documents of one key keep their order.",
            of("Document"),
            {"type": "object", "properties": _trace()},
        ),
        "documentEvent": one(
            "Document in a CloudEvent",
            "As that of a document.",
            of("CloudEvent"),
            {
                "type": "object",
                "properties": {CONTENT_TYPE: {"type": "string", "const": STRUCTURED}} | _trace(),
                "required": [CONTENT_TYPE],
            },
        )
        | {"contentType": STRUCTURED},
        "withdrawal": one(
            "Withdrawal",
            "The id of the document that is taken back.",
            {"type": "null"},
            {"type": "object", "properties": _trace()},
        ),
        "event": one("Event", "The document's id.", of("Event"), _cloud_event()),
        "story": one("Story", "The story's id, as in the events.", of("StoryRecord"), longest=MAX_ID + _MARKED),
        "storyEnd": one("Story End", "The id of the story that has ended.", {"type": "null"}, longest=MAX_ID + _MARKED),
        "deadLetter": one("Dead Letter", "The key of the message that failed.", anything, of("DeadLetterHeaders")),
        "watchedEntity": one("Watched Entity", own, of("WatchedEntity")),
        "watchedIssue": one("Watched Issue", own, of("WatchedIssue")),
        "removal": one("Removal", "The id of the entry that is taken off the list.", {"type": "null"}),
    }


def _cloud_event() -> dict[str, Any]:
    """The headers of CloudEvents 1.0 in Kafka's binary mode."""
    words: dict[str, dict[str, Any]] = {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"description": "The event's event_id. A repeat has the same."},
        "ce_source": {"const": "/stancewire"},
        "ce_type": {"enum": [f"news.{status.value}" for status in Status]},
        "ce_time": {"format": "date-time", "description": "When the event was made."},
        "ce_dataschema": {"const": SCHEMA_URI, "description": "The event's schema, with its version."},
        "content-type": {"const": "application/json"},
        "stancewire.origin": {"description": "The position of the document's message: topic/partition/offset."},
    }
    return {
        "type": "object",
        "properties": {name: {"type": "string", **rest} for name, rest in words.items()} | _trace(),
        "required": list(words),
    }


def _trace() -> dict[str, Any]:
    """The headers of W3C Trace Context, which a document may have, and its event and its dead letter then have, too."""
    said = "of W3C Trace Context"
    return {
        TRACEPARENT: {
            "type": "string",
            "description": f"The trace, {said}, as the document's message has it, or, with STANCEWIRE_OTEL, below our own spans.",
            "examples": ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        },
        TRACESTATE: {
            "type": "string",
            "maxLength": STATE_BYTES,
            "description": f"What vendors add to the trace, {said}.",
        },
    }


def _schemas() -> dict[str, Any]:
    """All parts of all contracts beside each other, as AsyncAPI has them."""
    found: dict[str, Any] = {}
    for model in PUBLIC.values():
        schema = schema_of(model)
        parts = schema.pop("$defs", {})
        del schema["$schema"]
        found |= parts | {schema["title"]: schema}
    found["CloudEvent"] = cloud_event({"$ref": "#/$defs/Document"})
    letter = found.pop("DeadLetter")
    found["DeadLetterHeaders"] = letter | {
        "title": "DeadLetterHeaders",
        "properties": {f"stancewire.{name}": value for name, value in letter["properties"].items()} | _trace(),
        "required": [f"stancewire.{name}" for name in letter["required"]],
    }
    return json.loads(json.dumps(found, sort_keys=True).replace("#/$defs/", "#/components/schemas/"))  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.stdout.write(render())
