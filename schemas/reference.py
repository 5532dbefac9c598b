"""The event's reference, ``docs/event.md``: every field with its type and meaning, written from the models.

A test holds that it is current.
"""

import re
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.event import Event

FILE = Path(__file__).parent.parent / "docs" / "event.md"
_HEAD = """# The event

One JSON object on `news.enriched` for each document. Written from `schemas/event.py` by `make schemas`; the JSON Schema is
[event.schema.json](../schemas/json/event.schema.json). A field whose type ends in `?` may be null. What changed between versions is
in the [changelog](../CHANGELOG.md).
"""


def render() -> str:
    """The whole file."""
    return "\n".join([_HEAD, *map(_section, _models(Event))])


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
        f"| `{name}` | {_type(field.annotation)} | {_line(field.description or '')} |"
        for name, field in model.model_fields.items()
    ]
    said = _line(model.__doc__ or "")
    return "\n".join(
        [f"## {model.__name__}", "", said, "", "| field | type | meaning |", "| --- | --- | --- |", *rows, ""]
    )


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin in (Union, UnionType):
        kinds = [_type(one) for one in arguments if one is not NoneType]
        return (kinds[0] if len(kinds) == 1 else "any JSON") + ("?" if NoneType in arguments else "")
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"object of {_type(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(f"`{one.value}`" for one in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "datetime": "time"}.get(
        getattr(annotation, "__name__", ""), "any JSON"
    )


def _line(words: str) -> str:
    """A docstring or description as one line of Markdown."""
    return re.sub(r"\s+", " ", words.replace("``", "`").replace("|", "\\|")).strip()
