"""From a message's bytes to a ``Work``: checked, cleaned, identified and fingerprinted, or rejected with a reason.

Decides what is a document, its id and its language, and which inputs end here: rejected (the sender can mend it) and
withdrawn (a tombstone). Nothing is raised for anything that can arrive. Leaves to others: topics, dead letters, what a
fingerprint is, and whether two documents are copies.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from schemas.base import MAX_EXPLANATION, MAX_MESSAGE_BYTES, MAX_NOTES, MAX_TEXT, Reason, Status
from schemas.cloudevents import STRUCTURED, is_declared, media_type
from schemas.document import Document
from schemas.echo import shown
from schemas.envelopes import document_in, unwrap
from schemas.event import Event, Processing, Rejection, derive_event_id, derive_id, digest
from schemas.languages import read_language
from schemas.times import RELEASED
from schemas.work import Fingerprint, Work
from services.intake.keys import read_key
from services.intake.settings import IntakeSettings
from services.text.clean import clean
from services.text.language import UNDETERMINED, detect, primary

_MAX_PATH = 120
"""Characters of a field's path; names inside ``metadata`` are the sender's."""
_SIGNATURES = {
    b"\xef\xbb\xbf": "starts with a byte order mark",
    b"\xff\xfe": "looks like UTF-16",
    b"\xfe\xff": "looks like UTF-16",
    b"\x1f\x8b": "looks like gzip",
    b"\x28\xb5\x2f\xfd": "looks like Zstandard",
    b"PK\x03\x04": "looks like a zip archive",
    b"\x00": "starts with a zero byte, as schema registries' Avro and Protobuf do",
    b"<": "looks like HTML or XML",
}
"""How what people send in place of JSON begins."""


@dataclass(frozen=True)
class Incoming:
    """A message of the documents topic, and where it stood: "topic/partition/offset"."""

    key: bytes | None
    value: bytes | None
    received_at: datetime
    """The broker's time of the message, in UTC."""
    position: str
    content_type: str | None = None
    """What its header says it is."""

    @property
    def is_cloud_event(self) -> bool:
        """Whether the header says that the document is in a CloudEvent."""
        return self.content_type is not None and is_declared(self.content_type)


@dataclass(frozen=True)
class _Fault:
    reason: Reason
    field: str | None
    """Dotted where nested; None where the message as a whole is at fault."""
    message: str


class Intake:
    """Makes one ``Work`` of each message, in order, with nothing kept from one message to the next.

    An accepted document has ``done=False``, a fingerprint of its cleaned text, and an event with the status
    ``enriched``, which the later stages make true. A rejected or withdrawn one has ``done=True`` and an event without
    title and text.
    """

    def __init__(
        self,
        settings: IntakeSettings,
        pipeline: str,
        fingerprint: Callable[[str, str], Fingerprint],
        beginning: int | None = None,
    ) -> None:
        """``pipeline`` begins what events say of their makers; ``fingerprint`` makes a cleaned text and its title comparable.

        ``beginning``: characters of a text that are cleaned and judged; None: all, as the service does.
        """
        self._settings = settings
        self._pipeline = pipeline
        self._fingerprint = fingerprint
        self._beginning = beginning
        self._languages = frozenset(primary(read_language(tag) or tag) for tag in settings.languages)

    def __call__(self, messages: Sequence[Incoming]) -> list[Work]:
        """One ``Work`` for each of ``messages``, in order. Whatever they hold, nothing is raised."""
        return [self._take(message) for message in messages]

    def _take(self, message: Incoming) -> Work:
        if message.value is None:
            return self._withdraw(message)
        found = _read(message)
        if isinstance(found, _Fault):
            return self._reject_unread(message, message.value, found)
        text = clean(found.text[: self._beginning]).text
        language, fault = self._judge(found, text)
        if fault is not None:
            return self._reject(message, message.value, found, language, fault)
        return self._accept(message, found, language, self._fingerprint(text, found.title))

    def _judge(self, document: Document, text: str) -> tuple[str | None, _Fault | None]:
        """The language as declared, or else as detected where that can be trusted, and why the document is not taken."""
        if not text:
            return document.language, _Fault(Reason.EMPTY, "text", "text: nothing is left of it when it is cleaned")
        if len(text) > MAX_TEXT:  # ligatures and line breaks can grow
            problem = f"text: has {len(text)} characters when it is cleaned, {MAX_TEXT} are allowed"
            return document.language, _Fault(Reason.TOO_LONG, "text", problem)
        accepted = ", ".join(self._settings.languages)
        declared = document.language
        if declared is not None and primary(declared) != UNDETERMINED[0]:  # "und": as good as no declaration
            if primary(declared) in self._languages:
                return declared, None
            problem = f"language: {declared} is declared, {accepted} is taken"
            return declared, _Fault(Reason.UNSUPPORTED_LANGUAGE, "language", problem)
        detected, probability = detect(text)
        if (
            len(text) < self._settings.detection_min_characters
            or probability < self._settings.detection_min_probability
        ):
            return None, None
        if detected in self._languages:
            return detected, None
        problem = f"language: {detected} was detected with a probability of {probability:.2f}, {accepted} is taken"
        return detected, _Fault(Reason.UNSUPPORTED_LANGUAGE, "language", problem)

    def _accept(self, message: Incoming, document: Document, language: str | None, fingerprint: Fingerprint) -> Work:
        identifier, notes = _identify(message, document)
        event = Event(
            event_id=derive_event_id(identifier, document.revision, content_digest(document)),
            id=identifier,
            revision=document.revision,
            status=Status.ENRICHED,
            title=document.title,
            text=document.text,
            source=document.source,
            url=document.url,
            published_at=document.published_at,
            language=language,
            metadata=document.metadata,
            processing=self._processing(message, notes),
        )
        return Work(event=event, fingerprint=fingerprint)

    def _reject(self, message: Incoming, value: bytes, document: Document, language: str | None, fault: _Fault) -> Work:
        """Reject a valid document: its event still says where it came from."""
        identifier, notes = _identify(message, document)
        return self._end(
            message,
            identifier,
            _raw_digest(value),
            fault,
            notes,
            revision=document.revision,
            source=document.source,
            url=document.url,
            published_at=document.published_at,
            language=language,
        )

    def _reject_unread(self, message: Incoming, value: bytes, fault: _Fault) -> Work:
        """Reject bytes that are no document: of an object that was read, a valid id, revision and language are kept."""
        found = _object(value, message.is_cloud_event)
        raw = _raw_digest(value)
        return self._end(
            message,
            _kept(found, "id") or read_key(message.key).id or "sw-" + raw,
            raw,
            fault,
            revision=_kept(found, "revision") or 1,
            language=_kept(found, "language"),
        )

    def _withdraw(self, message: Incoming) -> Work:
        """A tombstone. Its event id holds its position, as the same document can be withdrawn more than once."""
        content = digest("tombstone", message.position)
        key = read_key(message.key)
        if key.id is None:
            problem = "key: a message without a value withdraws a document, and needs its id as the key"
            problem += f"; this one {key.fault}" if key.fault else ""
            return self._end(message, "sw-" + content, content, _Fault(Reason.SCHEMA, "key", problem))
        return self._end(message, key.id, content, None)

    def _end(
        self,
        message: Incoming,
        id: str,
        content: str,
        fault: _Fault | None,
        notes: tuple[str, ...] = (),
        revision: int = 1,
        **fields: Any,
    ) -> Work:
        event = Event(
            event_id=derive_event_id(id, revision, content),
            id=id,
            revision=revision,
            status=fault.reason.status if fault else Status.WITHDRAWN,
            rejection=_rejection(fault) if fault else None,
            processing=self._processing(message, notes),
            **fields,
        )
        return Work(event=event, done=True)

    def _processing(self, message: Incoming, notes: tuple[str, ...]) -> Processing:
        return Processing(pipeline=self._pipeline, received_at=message.received_at, notes=notes[:MAX_NOTES])


def _identify(message: Incoming, document: Document) -> tuple[str, tuple[str, ...]]:
    """The document's id, by what it says, else by its key, else derived; and notes on how it was read."""
    if document.id is not None:
        return document.id, document.notes
    key = read_key(message.key)
    if key.id is not None:
        return key.id, document.notes
    derived = f"key: {key.fault}; the id is derived"
    return derive_id(document), (*document.notes, *((derived,) if key.fault else ()))


def _rejection(fault: _Fault) -> Rejection:
    message = fault.message
    if len(message) > MAX_EXPLANATION:
        message = message[: MAX_EXPLANATION - 1] + "…"
    return Rejection(reason=fault.reason, field=fault.field, message=message)


def content_digest(document: Document) -> str:
    """The digest that an accepted document's event id holds: of all that the sender can change but id and revision.

    Title, text, source, url, time of publication, declared language and metadata, whatever the order of its names.
    """
    published = document.published_at.isoformat() if document.published_at else None
    metadata = json.dumps(document.metadata, sort_keys=True)
    return digest(document.title, document.text, document.source, document.url, published, document.language, metadata)


def _read(message: Incoming) -> Document | _Fault:
    value = message.value or b""
    if len(value) > MAX_MESSAGE_BYTES:
        problem = f"message: is {len(value)} bytes, {MAX_MESSAGE_BYTES} are allowed"
        return _Fault(Reason.TOO_LONG, None, problem)
    try:
        value.decode()
    except UnicodeDecodeError as error:
        problem = f"message: is not JSON, as it is not UTF-8: byte {error.start}{_signature(value)}"
        return _Fault(Reason.NOT_JSON, None, problem)
    kind = message.content_type
    if kind is not None and message.is_cloud_event and media_type(kind) != STRUCTURED:
        problem = (
            f"message: its content-type is {shown(kind)}; send each CloudEvent as a message of its own, as {STRUCTURED}"
        )
        return _Fault(Reason.SCHEMA, None, problem)
    context = {"latest": max(RELEASED, message.received_at.year) + 1, "cloud_event": message.is_cloud_event}
    try:
        return Document.model_validate_json(value, context=context)
    except ValidationError as error:
        return _fault(error.errors(include_url=False, include_context=False)[0], value)


def _fault(error: ErrorDetails, value: bytes) -> _Fault:
    """What pydantic found first, in the order of the document's fields."""
    kind, problem = error["type"], error["msg"]
    if kind == "json_invalid":
        if "recursion limit" in problem:
            return _Fault(Reason.SCHEMA, None, "message: is nested too deep")
        cause = "it is empty" if not value.strip() else problem.removeprefix("Invalid JSON: ")
        return _Fault(Reason.NOT_JSON, None, f"message: is not JSON: {cause}{_signature(value)}")
    if kind == "wrapped":
        return _Fault(Reason.SCHEMA, "text", problem)
    if not error["loc"]:
        if kind == "model_type":
            return _Fault(Reason.SCHEMA, None, f"message: should be an object, and is {shown(error['input'])}")
        # the document's own checks of the whole begin with the field that they mean
        return _Fault(Reason.EMPTY if kind == "blank_text" else Reason.SCHEMA, problem.split(":")[0], problem)
    path = ".".join(map(str, error["loc"]))[:_MAX_PATH]
    if kind == "missing":
        return _Fault(Reason.SCHEMA, path, f"{path}: is required")
    if path == "text" and kind == "string_too_long":
        return _Fault(Reason.TOO_LONG, path, f"{path}: {problem}, and has {len(error['input'])}")
    return _Fault(Reason.SCHEMA, path, f"{path}: {problem}, and is {shown(error['input'])}")


def _signature(value: bytes) -> str:
    return next((f" ({words})" for start, words in _SIGNATURES.items() if value.startswith(start)), "")


def _object(value: bytes, is_cloud_event: bool) -> dict[str, Any]:
    """The JSON object in ``value``, without envelopes; empty if there is none that may be read. An event's id is no document's."""
    if len(value) > MAX_MESSAGE_BYTES:
        return {}
    try:
        found = from_json(value)
    except ValueError:
        return {}
    if is_cloud_event:
        found = document_in(found.get("data")) if isinstance(found, dict) else None
    return unwrap(found).fields if isinstance(found, dict) else {}


def _kept(found: dict[str, Any], field: str) -> Any:
    """``found[field]`` where it is valid as that field of a document, else None."""
    try:
        return getattr(Document.model_validate({"text": "-", field: found.get(field)}), field)
    except ValidationError:
        return None


def _raw_digest(value: bytes) -> str:
    return digest(hashlib.sha256(value).hexdigest())
