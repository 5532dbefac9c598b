"""Write the JSON Schemas of the public contracts to ``schemas/json``.

They are made for validators and for generators of code. A document's says what is taken as it is sent. Those of events and stories
say what is there when they are read, so that fields that are always there are required. Every enum has a name, and stands once in
``$defs``.
Run ``python -m schemas.export`` after a change of a model; a test holds that the files are current.
"""

import json
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel

from schemas.base import FieldName
from schemas.deadletter import DeadLetter
from schemas.document import Document
from schemas.event import Basis, EntityType, Event, Label, Verdict
from schemas.issue import WatchedIssue
from schemas.story import StoryRecord
from schemas.watched import WatchedEntity

FOLDER = Path(__file__).parent / "json"
PUBLIC: dict[str, type[BaseModel]] = {
    "document": Document,
    "event": Event,
    "deadletter": DeadLetter,
    "story": StoryRecord,
    "watched_entity": WatchedEntity,
    "watched_issue": WatchedIssue,
}
_READ: tuple[type[BaseModel], ...] = (Event, StoryRecord)
"""What users read: it says what is there."""
SINCE = "x-since"
"""In the ``json_schema_extra`` of an event's field: the minor version that brought it. Events of before, which topics still hold,
lack it, so it is not required."""

_NAMES = {
    frozenset(get_args(one)): name
    for one, name in (
        (EntityType, "EntityType"),
        (Label, "StanceLabel"),
        (Basis, "StanceBasis"),
        (Verdict, "DuplicateVerdict"),
        (FieldName, "DocumentField"),
    )
}
"""Of closed vocabularies that several fields share; one that a single field has is named after it: HolderKind."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of ``model`` (draft 2020-12)."""
    mode: Literal["validation", "serialization"] = "serialization" if model in _READ else "validation"
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema(mode=mode)
    definitions: dict[str, Any] = schema.get("$defs", {})
    for name, part in [(model.__name__, schema), *definitions.items()]:
        if "properties" in part:
            _name_parts(name, part, definitions)
    if model in _READ:
        for part in (schema, *definitions.values()):
            _always(part)
    definitions.pop("JsonValue", None)
    if not definitions:
        schema.pop("$defs", None)
    return schema


def _name_parts(owner: str, part: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Take the titles off plain fields, which generators would make a type of, and give each enum its name."""
    for field, value in part["properties"].items():
        value.pop("title", None)
        if value.get("additionalProperties") == {"$ref": "#/$defs/JsonValue"}:
            value["additionalProperties"] = True
        for place in (value, *value.get("anyOf", ())):
            if "enum" in place:
                words = place.pop("enum")
                name = _NAMES.get(frozenset(words), owner + field.title().replace("_", ""))
                definitions[name] = {"enum": words, "title": name, "type": place.pop("type")}
                place["$ref"] = f"#/$defs/{name}"
        if "$ref" in value and "description" in value:
            # Beside a $ref it would make each place a type of its own: DocumentField, DocumentField1.
            definitions[value["$ref"].rpartition("/")[2]].setdefault("description", value.pop("description"))
        _join_null(value)


def _join_null(value: dict[str, Any]) -> None:
    """``{"type": ["string", "null"]}`` for a choice of the two, as generators make no union of that."""
    match value.get("anyOf"):
        case [{"type": str(kind)} as one, {"type": "null"}]:
            del value["anyOf"]
            value.update(one, type=[kind, "null"])


def _always(part: dict[str, Any]) -> None:
    """What is read has all its fields; a later minor version has more, and other vocabularies do not change."""
    part.pop("additionalProperties", None)
    properties = part.get("properties", {})
    late = {name for name, value in properties.items() if SINCE in value}
    if "required" in part:
        part["required"] = [name for name in part["required"] if name not in late]
    for name in part.get("required", ()):
        properties[name].pop("default", None)


def render(model: type[BaseModel]) -> str:
    """``schema_of`` as it is written, with sorted keys."""
    return json.dumps(schema_of(model), indent=2, sort_keys=True) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, model in PUBLIC.items():
        (FOLDER / f"{name}.schema.json").write_text(render(model))


if __name__ == "__main__":
    main()
