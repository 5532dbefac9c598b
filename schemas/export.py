"""Write the JSON Schemas of the public contracts to ``schemas/json``.

A test checks that they are current.
"""

import json
from pathlib import Path

from pydantic import BaseModel

from schemas.deadletter import DeadLetter
from schemas.document import Document
from schemas.event import Event
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


def render(model: type[BaseModel]) -> str:
    """The JSON Schema of ``model`` (draft 2020-12), with sorted keys."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
    if model in (Event, StoryRecord):  # users read it, and a later minor version has more fields
        for part in (schema, *schema["$defs"].values()):
            part.pop("additionalProperties", None)
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, model in PUBLIC.items():
        (FOLDER / f"{name}.schema.json").write_text(render(model))


if __name__ == "__main__":
    main()
