"""The references of the event and of the story, ``docs/event.md`` and ``docs/story.md``.

Every field with its type and meaning, written from the models. ``docs/reference.py`` writes them; a test holds that they are
current.
"""

import re
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.event import Event
from schemas.story import StoryRecord

_PLAIN = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "datetime": "time",
    "Path": "path",
    "SecretStr": "secret",
}
_HEAD = """# The event

One JSON object on `news.enriched` for each document. Written from `schemas/event.py` by `make reference`; the JSON Schema is
[event.schema.json](../schemas/json/event.schema.json). A field whose type ends in `?` may be null. What changed between versions is
in the [changelog](../CHANGELOG.md).
"""
_STORY_HEAD = """# The story

One JSON object for each story, what its documents have in common, on `news.stories` (compacted; the key is its id). Written from
`schemas/story.py` by `make reference`; the JSON Schema is [story.schema.json](../schemas/json/story.schema.json). A field whose
type ends in `?` may be null.
"""


def render() -> str:
    """The event's whole file."""
    return "\n".join([_HEAD, *map(_section, _models(Event))])


def render_story() -> str:
    """The story's whole file."""
    return "\n".join([_STORY_HEAD, *map(_section, _models(StoryRecord))])


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and all that it is made of, each once, in the order in which they are first named."""
    found: dict[type[BaseModel], None] = {model: None}
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found.update(dict.fromkeys(_models(part)))
    return list(found)


def _parts(annotation: Any) -> list[Any]:
    arguments = get_args(annotation)
    if not arguments or get_origin(annotation) is Literal:
        return [annotation]
    return [part for argument in arguments for part in _parts(argument)]


def _section(model: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {kind(field.annotation)} | {line(field.description or _said(field.annotation))} |"
        for name, field in model.model_fields.items()
    ]
    said = line(model.__doc__ or "")
    return "\n".join(
        [f"## {model.__name__}", "", said, "", "| field | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _said(annotation: Any) -> str:
    """Of a field that is a model, or several of one: what the model is, its docstring's first sentence."""
    models = [one for one in _parts(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
    return re.split(r"(?<=[.])\s", (models[0].__doc__ or "").strip())[0] if models else ""


def kind(annotation: Any) -> str:
    """The type of a field in plain words; ``?`` at its end: it may be null."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(arguments[0])
    if origin in (Union, UnionType):
        kinds = [kind(one) for one in arguments if one is not NoneType]
        return (kinds[0] if len(kinds) == 1 else "any JSON") + ("?" if NoneType in arguments else "")
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin in (tuple, list):
        return f"list of {kind(arguments[0])}"
    if origin is dict:
        return f"object of {kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return _PLAIN.get(getattr(annotation, "__name__", ""), "any JSON")


def line(words: str) -> str:
    """A docstring or description as one line of Markdown."""
    return re.sub(r"\s+", " ", words.replace("``", "`").replace("|", "\\|")).strip()
