"""The OpenAPI document of the HTTP service: made from the document's model, so that both say the same."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from schemas import Document
from schemas.base import MAX_ID
from schemas.cloudevents import BATCH, STRUCTURED
from schemas.cloudevents import schema as cloud_event
from schemas.export import schema_of
from services.runtime.trace import TRACEPARENT, TRACESTATE
from services.serve.core import JSON, LINES
from services.serve.settings import ServeSettings

_TAKEN = {
    "type": "object",
    "required": ["ids"],
    "properties": {
        "ids": {
            "type": "array",
            "items": {"type": "string"},
            "description": "The ids that the documents' events will have, in the order of the documents.",
        }
    },
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "What is wrong, and what to do."},
        "problems": {
            "type": "array",
            "description": "The documents at fault, the first hundred.",
            "items": {
                "type": "object",
                "required": ["at", "message"],
                "properties": {
                    "at": {"type": "string", "description": "Where it stands: entry 3, line 3, or body."},
                    "message": {"type": "string", "description": "The field at fault, and what is wrong."},
                },
            },
        },
    },
}
_TRACE = [
    {
        "name": name,
        "in": "header",
        "schema": {"type": "string"},
        "description": "Of W3C Trace Context. The documents' events have it, too. What is not valid is left out.",
    }
    for name in (TRACEPARENT, TRACESTATE)
]
_REFUSALS = {
    "400": "The body has no document, or a document that would be rejected. Nothing was taken.",
    "401": "The token is missing or wrong.",
    "408": "The request took too long to arrive.",
    "413": "The body is too large, or has too many documents.",
    "415": "The body is of another media type or encoding.",
    "503": "The broker did not acknowledge all documents, or too much is going on. Send the same request again; documents that did "
    "arrive are known again.",
}


def describe(settings: ServeSettings) -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    document = schema_of(Document)
    parts = {name: _moved(part) for name, part in document.pop("$defs", {}).items()}
    document.pop("$schema")
    one = {"$ref": "#/components/schemas/Document"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": settings.documents}
    event = {"$ref": "#/components/schemas/CloudEvent"}
    content: dict[str, Any] = {kind: {"schema": {"oneOf": [one, many]}} for kind in JSON} | {
        kind: {"schema": {"type": "string", "description": "One document a line."}} for kind in LINES
    }
    content[STRUCTURED] = {"schema": event}
    content[BATCH] = {"schema": {**many, "items": event}}
    try:
        release = version("stancewire")
    except PackageNotFoundError:
        release = "unknown"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Stancewire: documents in",
            "version": release,
            "description": "Takes news documents, and answers when Kafka has them. What is found in them comes out on Kafka.",
        },
        "security": [{"token": []}],
        "paths": {
            "/documents": {
                "post": {
                    "operationId": "sendDocuments",
                    "summary": "Send documents",
                    "description": f"A document, an array, JSON Lines or CloudEvents; at most {settings.documents} documents and "
                    f"{settings.megabytes} MiB. All are taken, or none.",
                    "parameters": _TRACE,
                    "requestBody": {"required": True, "content": content},
                    "responses": _answers("202", "The broker has acknowledged all documents."),
                }
            },
            "/documents/{id}": {
                "delete": {
                    "operationId": "withdrawDocument",
                    "summary": "Take a document back",
                    "description": "An event with the status withdrawn follows.",
                    "parameters": [
                        {
                            "name": "id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ID},
                        },
                        *_TRACE,
                    ],
                    "responses": _answers("202", "The broker has acknowledged the withdrawal."),
                }
            },
        },
        "components": {
            "schemas": {
                "Document": _moved(document),
                "CloudEvent": cloud_event(one),
                "Taken": _TAKEN,
                "Error": _ERROR,
                **parts,
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _answers(status: str, means: str) -> dict[str, Any]:
    def answer(words: str, name: str) -> dict[str, Any]:
        schema = {"schema": {"$ref": f"#/components/schemas/{name}"}}
        return {"description": words, "content": {"application/json": schema}}

    return {status: answer(means, "Taken")} | {code: answer(words, "Error") for code, words in _REFUSALS.items()}


def _moved(part: Any) -> Any:
    """A part of the JSON Schema, with its references to where the parts stand here."""
    if isinstance(part, dict):
        return {
            name: value.replace("#/$defs/", "#/components/schemas/") if name == "$ref" else _moved(value)
            for name, value in part.items()
        }
    return [_moved(one) for one in part] if isinstance(part, list) else part
