"""The message's key: the document's id, or the one that the service will derive, so that it has one partition."""

from pydantic import BaseModel, TypeAdapter, ValidationError

from schemas import Document
from schemas.base import MAX_MESSAGE_BYTES, Identifier
from schemas.event import derive_id
from services.producer.lines import decode


class NotADocumentError(ValueError):
    """The bytes are no JSON object, or are too many; the message says what they are."""


class _WithId(BaseModel):
    id: Identifier | None = None


_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


def key_of(value: bytes) -> bytes | None:
    """The key of a document's JSON: its own id, else the derived one, else (the service will reject it) none.

    Raises:
        NotADocumentError: ``value`` is not one JSON object, or larger than a message may be.
    """
    check_size(len(value))
    try:
        decode(value)
    except ValueError as error:
        raise NotADocumentError(str(error)) from None
    try:
        document = Document.model_validate_json(value)
    except ValidationError as error:
        _check_object(error)
        return _lone_id(value)
    return (document.id or derive_id(document)).encode()


def key_of_anything(value: bytes) -> bytes | None:
    """The same for bytes that are to be published whatever they are.

    Raises:
        NotADocumentError: larger than a message may be.
    """
    try:
        return key_of(value)
    except NotADocumentError:
        check_size(len(value))
        return None


def check_size(size: int) -> None:
    """Raise NotADocumentError where ``size`` in bytes is more than a message may have."""
    if size > MAX_MESSAGE_BYTES:
        raise NotADocumentError(f"{size} bytes; a document may have at most {MAX_MESSAGE_BYTES}")


def key_of_id(id: str) -> bytes:
    """The key of the document ``id``.

    Raises:
        ValueError: it cannot be an id.
    """
    try:
        return _IDENTIFIER.validate_python(id).encode()
    except (ValidationError, UnicodeEncodeError):
        raise ValueError("not an id: 1 to 256 characters without white space at the ends") from None


def _check_object(error: ValidationError) -> None:
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        raise NotADocumentError(
            "not JSON: " + first["msg"].removeprefix("Invalid JSON: ").replace(" line 1 ", " ")
        ) from None
    if first["type"] in {"model_type", "model_attributes_type"} and not first["loc"]:
        raise NotADocumentError("JSON, but not an object") from None


def _lone_id(value: bytes) -> bytes | None:
    try:
        identity = _WithId.model_validate_json(value).id
    except ValidationError:
        return None
    return identity.encode() if identity is not None else None
