"""What connectors wrap documents in, and what only looks like it."""

import json
from base64 import b64encode
from typing import Any

import pytest

from schemas import Document
from schemas.envelopes import unwrap

STORY: dict[str, Any] = {"text": "The council voted.", "title": "Pools", "published_at": "2024-03-05T14:22:10Z"}
WRITTEN = json.dumps(STORY)
SCHEMA = {"type": "struct", "fields": [{"field": "text", "type": "string"}], "optional": False}
CHANGE = {"before": None, "after": STORY, "source": {"connector": "postgresql"}, "op": "c", "ts_ms": 1709648530000}


def wrapped(times: int) -> dict[str, Any]:
    return {"schema": SCHEMA, "payload": wrapped(times - 1)} if times else STORY


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ({"schema": SCHEMA, "payload": STORY}, ["Kafka Connect"]),
        ({"schema": None, "payload": WRITTEN}, ["Kafka Connect"]),
        (CHANGE, ["Debezium"]),
        ({"before": {"text": "old"}, "after": STORY, "source": {}}, ["Debezium"]),
        ({"after": WRITTEN, "op": "r"}, ["Debezium"]),  # MongoDB's
        ({"schema": SCHEMA, "payload": CHANGE}, ["Kafka Connect", "Debezium"]),
        ({"specversion": "1.0", "id": "e-1", "type": "story", "source": "/cms", "data": STORY}, ["CloudEvents"]),
        ({"specversion": "1.0", "id": "e-1", "data_base64": b64encode(WRITTEN.encode()).decode()}, ["CloudEvents"]),
        (
            {"specversion": "1.0", "id": "e", "data": {"schema": 0, "payload": CHANGE}},
            ["CloudEvents", "Kafka Connect", "Debezium"],
        ),
        ({"_index": "news", "_id": "a1", "_score": 1, "_source": STORY}, ["Elasticsearch"]),
        ({"_id": "a1", "_type": "_doc", "_source": STORY, "sort": [1]}, ["Elasticsearch"]),
        ({"database": "cms", "table": "news", "type": "insert", "ts": 1, "data": STORY}, ["Maxwell"]),
        ({"database": "cms", "table": "news", "isDdl": False, "data": [STORY]}, ["Maxwell"]),
        ({"_id": {"_data": "82"}, "operationType": "insert", "fullDocument": STORY}, ["a MongoDB change stream"]),
        ({"Type": "Notification", "TopicArn": "arn", "Message": WRITTEN}, ["Amazon SNS"]),
        ({"version": "0", "detail-type": "story", "detail": STORY}, ["Amazon EventBridge"]),
        ({"topic": "t", "partition": 0, "offset": 1, "payload": WRITTEN}, ["kcat"]),
    ],
)
def test_envelopes_are_taken_off(message: dict[str, Any], names: list[str]) -> None:
    document = Document.model_validate_json(json.dumps(message))
    assert (document.text, document.title, document.metadata) == ("The council voted.", "Pools", {})
    assert document.published_at is not None
    assert document.notes == tuple(f"message: was in an envelope of {name}" for name in names)


def test_an_id_of_elasticsearch_is_the_documents_and_that_of_an_event_is_not() -> None:
    hit = {"_index": "news", "_id": "a1", "_source": STORY}
    assert Document.model_validate(hit).id == "a1"
    assert Document.model_validate(hit | {"_source": STORY | {"id": 7}}).id == "7"
    assert Document.model_validate({"specversion": "1.0", "id": "e-1", "data": STORY}).id is None


@pytest.mark.parametrize(
    "message",
    [
        STORY | {"schema": SCHEMA, "payload": {"text": "another"}},
        STORY | {"after": {"text": "another"}, "op": "c"},
        STORY | {"_source": {"text": "another"}, "_id": "a1"},
        STORY | {"articles": []},
    ],
)
def test_a_message_with_a_text_is_no_envelope(message: dict[str, Any]) -> None:
    document = Document.model_validate(message)
    assert document.text == "The council voted."
    assert document.notes == ()


@pytest.mark.parametrize(
    "message",
    [
        {"payload": STORY, "schema": SCHEMA, "other": 1},
        {"data": STORY},
        {"_source": STORY},
        wrapped(5),
        {"schema": SCHEMA, "payload": [STORY, STORY]},
        {"specversion": "1.0", "data_base64": "!"},
        {"specversion": "1.0", "data_base64": "\u00e9"},
        {"after": "{", "op": "c"},
        {},
    ],
)  # fmt: skip
def test_what_is_not_clear_stays_as_it_is(message: dict[str, Any]) -> None:
    assert unwrap(message).fields == message
    with pytest.raises(ValueError, match="required"):
        Document.model_validate(message)
