"""A document in a message that says that it is a CloudEvent."""

import json
from base64 import b64encode
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas import Document
from schemas.cloudevents import CloudEventError, document_of, is_declared, schema
from schemas.export import schema_of

STORY: dict[str, Any] = {"id": "a-1", "text": "The council voted.", "source": "harbor.example"}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/cms",
    "type": "cms.story.published",
    "time": "2026-04-02T09:00:00Z",
    "datacontenttype": "application/json",
    "data": STORY,
}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in EVENT.items() if name not in names}


@pytest.mark.parametrize(
    "event",
    [
        EVENT,
        without("time", "datacontenttype"),
        EVENT | {"datacontenttype": "application/vnd.cms+json; charset=utf-8"},
        EVENT | {"data": json.dumps(STORY)},
        without("data") | {"data_base64": b64encode(json.dumps(STORY).encode()).decode()},
        EVENT | {"data": None, "data_base64": b64encode(json.dumps(STORY).encode()).decode()},
        EVENT | {"text": "an attribute of the sender's own", "subject": "x", "traceparent": "y"},
    ],
)
def test_the_document_is_what_is_in_data(event: dict[str, Any]) -> None:
    assert document_of(event) == STORY
    document = Document.model_validate_json(json.dumps(event), context={"cloud_event": True})
    assert (document.id, document.text, document.source) == ("a-1", STORY["text"], "harbor.example")
    assert (document.notes, document.metadata) == ((), {})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "specversion: is required in a CloudEvent"),
    (STORY, "specversion: is required in a CloudEvent"),
    (EVENT | {"specversion": "0.3"}, "specversion: should be '1.0', and is '0.3'"),
    (EVENT | {"specversion": 1.0}, "specversion: should be a string, and is 1.0"),
    (without("id"), "id: is required in a CloudEvent"),
    (EVENT | {"id": ""}, "id: should be a string, and is ''"),
    (EVENT | {"source": None}, "source: is required in a CloudEvent"),
    (EVENT | {"source": {}}, "source: should be a string, and is an object"),
    (EVENT | {"type": ["x"]}, "type: should be a string, and is an array"),
    (EVENT | {"type": True}, "type: should be a string, and is True"),
    (EVENT | {"datacontenttype": "text/xml"}, "datacontenttype: should be 'application/json', and is 'text/xml'"),
    (EVENT | {"datacontenttype": 7}, "datacontenttype: should be 'application/json', and is 7"),
    (without("data"), "data: is required, and is the document"),
    (EVENT | {"data_base64": "e30="}, "data_base64: stands beside data; send one of them"),
    (EVENT | {"data": "So " * 20}, "data: should be the document, an object, and is"),
    (EVENT | {"data": [STORY, STORY]}, "data: should be the document, an object, and is an array"),
    (
        without("data") | {"data_base64": "!"},
        "data_base64: should be the document, a JSON object in Base64, and is '!'",
    ),
    (EVENT | {"data": {"title": "x"}}, "data.text: is required"),
]


@pytest.mark.parametrize(("event", "said"), WRONG, ids=[said for _, said in WRONG])
def test_what_is_wrong_names_its_field(event: dict[str, Any], said: str) -> None:
    with pytest.raises(CloudEventError) as raised:
        document_of(event)
    assert str(raised.value).startswith(said)
    assert len(str(raised.value)) < 120


def test_the_content_type_says_so() -> None:
    said = (
        "application/cloudevents+json",
        "Application/CloudEvents+JSON; charset=UTF-8",
        "application/cloudevents+avro",
    )
    assert all(map(is_declared, said))
    assert is_declared("application/cloudevents-batch+json")
    assert not any(map(is_declared, ("", "application/json", "application/cloudeventsx", "x application/cloudevents")))


def test_the_schema_takes_what_is_taken() -> None:
    validator = Draft202012Validator(schema(schema_of(Document)))
    validator.validate(EVENT)
    validator.validate(without("time", "datacontenttype") | {"mine": 1})
    for name in ("specversion", "id", "source", "type", "data"):
        assert not validator.is_valid(without(name)), name
    assert not validator.is_valid(EVENT | {"data": {"title": "x"}})
