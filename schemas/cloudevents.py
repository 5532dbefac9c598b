"""CloudEvents 1.0 in the structured mode: a document in ``data``, in a message whose content type says that it is one.

Decides what such a message must have (https://github.com/cloudevents/spec, JSON format 1.0.2). A message that only looks like a
CloudEvent, and does not say so, is one of the ``envelopes``, where less is asked of it.
"""

import re
from collections.abc import Mapping
from typing import Any

from schemas.echo import shown
from schemas.envelopes import document_in, unwrap

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
CONTENT_TYPE = "content-type"
"""The header that says so, in Kafka as in HTTP."""
_FAMILY = re.compile(r"application/cloudevents\b", re.IGNORECASE)
_JSON = re.compile(r"(application|text)/json|[^/]+/[^/]+\+json")


class CloudEventError(ValueError):
    """What is wrong with a CloudEvent; the words begin with the field at fault, dotted where nested."""


def is_declared(content_type: str) -> bool:
    """Whether a content type says that a message is a CloudEvent in the structured mode, in whatever format."""
    return _FAMILY.match(content_type.strip()) is not None


def media_type(content_type: str) -> str:
    """The content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a CloudEvent with a document in it. ``document``: the document's schema, or a reference to it."""
    text = {"type": "string", "minLength": 1}
    return {
        "title": "CloudEvent",
        "type": "object",
        "description": "CloudEvents 1.0 in the structured mode. Its attributes are not kept: the id, source and time of the "
        "document are those in data. In place of data there may be data_base64, the same JSON in Base64.",
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": text | {"description": "The id of this CloudEvent, and not of the document."},
            "source": text | {"description": "Who sends it, and not who published the document."},
            "type": text | {"description": "Anything."},
            "datacontenttype": {"type": "string", "description": "application/json, or absent."},
            "data": document,
        },
        "required": ["specversion", "id", "source", "type", "data"],
    }


def document_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The document in a CloudEvent, as it was sent.

    Raises:
        CloudEventError: it is none, or has no document.
    """
    for name in ("specversion", "id", "source", "type"):
        value = event.get(name)
        if value is None:
            raise CloudEventError(f"{name}: is required in a CloudEvent")
        if not isinstance(value, str) or not value:
            raise CloudEventError(f"{name}: should be a string, and is {shown(value)}")
    if event["specversion"] != "1.0":
        raise CloudEventError(f"specversion: should be '1.0', and is {shown(event['specversion'])}")
    kind = event.get("datacontenttype")
    if kind is not None and not (isinstance(kind, str) and _JSON.fullmatch(media_type(kind))):
        raise CloudEventError(f"datacontenttype: should be 'application/json', and is {shown(kind)}")
    return _data(event)


def _data(event: Mapping[str, Any]) -> dict[str, Any]:
    given = [name for name in ("data", "data_base64") if event.get(name) is not None]
    if not given:
        raise CloudEventError("data: is required, and is the document")
    if len(given) > 1:
        raise CloudEventError("data_base64: stands beside data; send one of them")
    (name,) = given
    document = document_in(event[name], name == "data_base64")
    if document is None:
        what = "a JSON object in Base64" if name == "data_base64" else "an object"
        raise CloudEventError(f"{name}: should be the document, {what}, and is {shown(event[name])}")
    if unwrap(document).fields.get("text") is None:
        raise CloudEventError(f"{name}.text: is required")
    return document
