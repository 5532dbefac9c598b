"""The document that users put on ``news.documents``: only ``text`` is required."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, JsonValue, field_validator, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import (
    MAX_METADATA_BYTES,
    MAX_METADATA_DEPTH,
    MAX_SOURCE,
    MAX_TEXT,
    MAX_TITLE,
    MAX_URL,
    Identifier,
    Model,
)


class Document(Model):
    """A news document as received.

    Fields that are null count as absent. Fields that this model does not know are kept under ``metadata``
    (where ``metadata`` itself has the name already, its own value stays).
    """

    text: Annotated[str, Field(max_length=MAX_TEXT, description="The story, as published. Not blank.")]
    id: Annotated[
        Identifier | None,
        Field(description="The sender's id, also the message's key. Derived from source, url and content when absent."),
    ] = None
    url: Annotated[str, Field(max_length=MAX_URL, description="Where it was published.")] = ""
    source: Annotated[str, Field(max_length=MAX_SOURCE, description="Who published it: a domain or an outlet.")] = ""
    title: Annotated[str, Field(max_length=MAX_TITLE, description="The headline, apart from the text.")] = ""
    published_at: Annotated[
        AwareDatetime | None,
        Field(description="When it was published, ISO 8601. A time without a zone is taken as UTC."),
    ] = None
    language: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$",
            max_length=35,
            description="BCP 47. Detected when absent.",
        ),
    ] = None
    revision: Annotated[
        int, Field(ge=1, le=2**31 - 1, description="Counts the versions of one id; a later one supersedes.")
    ] = 1
    metadata: Annotated[
        dict[str, JsonValue],
        Field(description="Anything else; handed through untouched. At most 16 KiB as JSON, nested at most 8 deep."),
    ] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        known = {name: value for name, value in data.items() if name in cls.model_fields and value is not None}
        unknown = {name: value for name, value in data.items() if name not in cls.model_fields}
        metadata = known.get("metadata", {})
        if unknown and isinstance(metadata, dict):
            known["metadata"] = unknown | metadata
        return known

    @field_validator("published_at", mode="before")
    @classmethod
    def _assume_utc(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
        if isinstance(value, datetime) and value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.text.strip():
            raise PydanticCustomError("blank_text", "text: is blank")
        if _depth(self.metadata) > MAX_METADATA_DEPTH:
            raise PydanticCustomError(
                "metadata_depth", "metadata: is nested deeper than {limit}", {"limit": MAX_METADATA_DEPTH}
            )
        try:
            size = len(json.dumps(self.metadata, ensure_ascii=False, allow_nan=False).encode())
        except ValueError:
            raise PydanticCustomError("metadata_number", "metadata: holds a number that JSON does not have") from None
        if size > MAX_METADATA_BYTES:
            raise PydanticCustomError(
                "metadata_size",
                "metadata: is {size} bytes as JSON, {limit} are allowed",
                {"size": size, "limit": MAX_METADATA_BYTES},
            )
        return self


def _depth(value: JsonValue) -> int:
    level: list[JsonValue] = [value]
    depth = 0
    while level and depth <= MAX_METADATA_DEPTH:
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        depth += 1
    return depth
