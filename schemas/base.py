"""What every contract shares: frozen models, the size limits, the closed vocabularies."""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION: Final = "2.1"
"""Version of the event's JSON Schema. The minor part changes when fields are added, which a reader is to ignore where it does not
know them; the major part when a consumer would break: a field is gone, or means something else, or a vocabulary has a new word."""

# Limits, in Unicode code points unless they say bytes. Each is a bound on what one hostile document can cost.
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""A document message. The longest text in JSON is at most this, even where characters are escaped as \\uXXXX pairs of UTF-8."""
MAX_TEXT = 500_000
"""A text: some 80,000 words, longer than any news item, and under spaCy's own limit of 1,000,000 characters."""
MAX_TITLE = 2_000
MAX_ID = 256
MAX_SOURCE = 256
MAX_URL = 2_048
MAX_METADATA_BYTES = 16 * 1024
MAX_METADATA_DEPTH = 8
MAX_EXPLANATION = 500
"""A message that explains a rejection or a dead letter; longer ones are cut."""
MAX_NOTES = 32
"""Of one event. A document of nine fields, in three envelopes, has at most 20."""
MAX_NOTE = 200
MAX_ENTITIES = 2_000
MAX_MENTIONS = 50_000
"""Of all entities: some 5 MB of an event. A story of 1,000 words has 100; of more than these the first stay."""
MAX_STANCES = 2_000
MAX_ISSUES = 50
"""Of one document: four times what an analyst would name, for a user whose own list has many of them."""
MAX_CUE = 100
"""The words that tell that something is said or done: a verb or a noun with its particles."""
MAX_KEY = 600
"""Characters of an entity's key: the longest id of a watch list, and what is written before it."""
MAX_CHANGES = 100
"""Stretches in which a document differs from the one that it is compared with; of more than these the first stay."""

CANARY_PREFIX: Final = "stancewire-canary:"
"""What the ids of canaries begin with, and no other document's should: their events go to ``news.canaries``."""


class Model(BaseModel):
    """A frozen contract: nothing is added to it or changed in it after it is made."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    @classmethod
    def read(cls, written: str | bytes) -> Self:
        """What another version wrote, perhaps a newer one: fields that are not known here are ignored, at every depth.

        What users send is not read like this: there an unknown field is a mistake, and said to be one.

        Raises:
            pydantic.ValidationError: a field that is known has a value that it cannot have, or one that is needed is missing.
        """
        return cls.model_validate_json(written, extra="ignore")


class Status(StrEnum):
    """How one input ended. Each input ends in exactly one."""

    ENRICHED = "enriched"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DEAD_LETTERED = "dead_lettered"


class Reason(StrEnum):
    """Why a document was rejected (its sender can mend it) or dead-lettered (we must)."""

    NOT_JSON = "not_json"
    SCHEMA = "schema"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    ERROR = "error"

    @property
    def status(self) -> Status:
        """The disposition that this reason leads to."""
        return Status.DEAD_LETTERED if self in _OUR_FAULT else Status.REJECTED


_OUR_FAULT = frozenset({Reason.CRASHED, Reason.TIMED_OUT, Reason.ERROR})

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=r"^\S(.*\S)?$")]
"""A document's id: no white space at its ends."""
FieldName = Literal["title", "text"]
Share = Annotated[float, Field(ge=0, le=1)]


class Span(Model):
    """A stretch of the document as received.

    Offsets count Unicode code points in the field as received, half open: ``document[field][start:end]``.
    """

    field: Annotated[FieldName, Field(description="Where it is: in the title or in the text.")]
    start: Annotated[int, Field(ge=0, description="The first character, counted from 0.")]
    end: Annotated[int, Field(ge=0, description="The first character behind it.")]
