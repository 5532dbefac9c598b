"""The document that users put on ``news.documents``: only ``text`` is required."""

from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    ConfigDict,
    Field,
    JsonValue,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas.base import MAX_ID, MAX_SOURCE, MAX_TEXT, MAX_TITLE, MAX_URL, Identifier, Model
from schemas.cloudevents import CloudEventError, document_of
from schemas.envelopes import unwrap
from schemas.mending import LARGEST_REVISION, Revision, mend
from schemas.repair import may_help, repair
from schemas.times import RELEASED


def _as_sent(schema: dict[str, Any]) -> None:
    """The JSON Schema of messages. What it accepts is never rejected for its form. Of what it refuses ``notes`` speak, or it is
    rejected, or it is in an envelope."""
    del schema["additionalProperties"]
    fields = schema["properties"]
    fields["text"]["pattern"] = r"\S"
    for name, kinds, rules in (
        ("id", ("string",), {"maxLength": MAX_ID, "pattern": r"^(\s*|\S(.*\S)?)$"}),
        ("url", ("string",), {"maxLength": MAX_URL}),
        ("source", ("string",), {"maxLength": MAX_SOURCE}),
        ("title", ("string",), {"maxLength": MAX_TITLE}),
        ("published_at", ("string", "number", "array"), {}),
        ("language", ("string",), {}),
        ("revision", ("integer", "string", "boolean"), {"minimum": 1, "maximum": LARGEST_REVISION}),
        ("metadata", ("object",), {}),
    ):
        fields[name] = {"type": [*kinds, "null"], **rules, "description": fields[name]["description"]}


class Document(Model):
    """A news document as received.

    Only ``text`` can be wrong. What another field cannot hold is absent and, where there is room, kept under ``metadata``; so are
    fields that this model does not know (where ``metadata`` itself has the name already, its own value stays). ``notes`` says what
    was not taken as it was sent. Null counts as absent, and so does white space alone in an id, a time, a language or a revision.
    The envelopes of connectors are taken off (``schemas.envelopes``).
    """

    model_config = ConfigDict(json_schema_extra=_as_sent)

    text: Annotated[str, Field(max_length=MAX_TEXT, description="The story, as published. Not blank.")]
    id: Annotated[
        Identifier | None,
        Field(
            description="The sender's id, also the message's key. Derived from source, url and content when absent. A number "
            "becomes a string."
        ),
    ] = None
    url: Annotated[str, Field(max_length=MAX_URL, description="Where it was published.")] = ""
    source: Annotated[str, Field(max_length=MAX_SOURCE, description="Who published it: a domain or an outlet.")] = ""
    title: Annotated[
        str, Field(max_length=MAX_TITLE, description="The headline, apart from the text. A longer one is cut.")
    ] = ""
    published_at: Annotated[
        AwareDatetime | None,
        Field(
            description="When it was published, best as ISO 8601. RFC 822, digits without separators (20240305142210), month "
            "names, and seconds since 1970 with their thousandths, millionths and so on are read, too. A time without a zone is "
            "taken as UTC. What can be read as two days (03/04/2024), names no day, or lies outside of 1900 to the next year, "
            "counts as absent."
        ),
    ] = None
    language: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$",
            max_length=35,
            description="BCP 47; other codes of ISO 639 and names of languages are understood, too. Detected when absent.",
        ),
    ] = None
    revision: Annotated[Revision, Field(description="Counts the versions of one id; a later one supersedes.")] = 1
    metadata: Annotated[
        dict[str, JsonValue],
        Field(
            description="Anything else; handed through untouched. At most 16 KiB as JSON, nested at most 8 deep: what is too much "
            "is left out, the largest first."
        ),
    ] = {}

    _notes: tuple[str, ...] = PrivateAttr(())

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not taken as it was sent, in short sentences that begin with the name of a field, or ``message``."""
        return self._notes

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The document in a message.

        ``context={"latest": 2027}``: the last year of a time of publication. ``{"cloud_event": True}``: the message says that it is
        a CloudEvent.

        Raises:
            pydantic.ValidationError: it is no JSON object, or has no text.
        """
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            if first["type"] != "json_invalid" or not may_help(first["msg"]):
                raise
            message = json_data.encode("utf-8", "replace") if isinstance(json_data, str) else bytes(json_data)
            mended, notes = repair(message)
            if not notes:
                raise
            try:
                document = super().model_validate_json(mended, **options)
            except ValidationError as other:
                raise (error if other.errors(include_url=False)[0]["type"] == "json_invalid" else other) from None
        document._notes = notes + document._notes
        return document

    @model_validator(mode="wrap")
    @classmethod
    def _mend(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        context = info.context or {}
        if context.get("cloud_event"):
            try:
                data = document_of(data)
            except CloudEventError as error:
                raise PydanticCustomError("cloud_event", "{problem}", {"problem": str(error)}) from None
        unwrapped = unwrap(data)
        latest = context.get("latest", RELEASED + 1)
        fields, notes = mend(unwrapped.fields, frozenset(cls.model_fields), latest)
        if unwrapped.complaint is not None and fields.get("text") is None:
            raise PydanticCustomError(
                "wrapped", "text: is required; the message looks like {what}", {"what": unwrapped.complaint}
            )
        document = handler(fields)
        document._notes = (*(f"message: was in an envelope of {name}" for name in unwrapped.names), *notes)
        return document

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.text.strip():
            raise PydanticCustomError("blank_text", "text: is blank")
        return self


NOTED = (*Document.model_fields, "key", "message")
"""What ``Document.notes`` and an event's ``processing.notes`` begin with."""
