"""The dead letter: the original key and bytes untouched, and headers that say who, when, what and where."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from schemas.base import MAX_EXPLANATION, Model, Reason, Status

_PREFIX = "stancewire."


class DeadLetter(Model):
    """The headers of a message on ``news.deadletter``; its key and value are those of the message that failed.

    On the wire each field is one Kafka header named ``stancewire.<field>``, in UTF-8; a field that is null has none.
    """

    topic: Annotated[str, Field(description="The topic that it was read from, and that replay puts it back on.")]
    partition: int
    offset: int
    origin: Annotated[str, Field(description="The document's own message: topic/partition/offset.")]
    stage: str
    status: Status
    reason: Reason
    document: Annotated[str | None, Field(description="The document's id, where it was known.")] = None
    field: Annotated[str | None, Field(description="The field at fault.")] = None
    exception: Annotated[str | None, Field(max_length=200, description="The exception's class.")] = None
    message: Annotated[str, Field(max_length=MAX_EXPLANATION)]
    attempt: Annotated[int, Field(ge=1, description="1 for the first failure; replay adds one.")] = 1
    pipeline: Annotated[str, Field(description="The stage with the version of its results.")]
    configuration: Annotated[str, Field(description="Digest of the settings that were in force.")]
    failed_at: datetime

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers."""
        return [
            (_PREFIX + name, str(value).encode())
            for name, value in self.model_dump(mode="json").items()
            if value is not None
        ]

    @classmethod
    def from_headers(cls, headers: list[tuple[str, bytes]]) -> Self:
        """Read the headers of a dead letter; others are left alone.

        Raises:
            pydantic.ValidationError: a header of ours is missing or malformed.
        """
        ours = {
            name.removeprefix(_PREFIX): value.decode("utf-8", "replace")
            for name, value in headers
            if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) in cls.model_fields
        }
        return cls.model_validate(ours)
