"""From the body of a request to messages: all documents in it, or what is wrong with each that is. Knows no HTTP and no Kafka."""

import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from schemas.cloudevents import BATCH, STRUCTURED, CloudEventError, document_of
from services.intake.settings import IntakeSettings
from services.producer.check import Judge
from services.producer.fields import to_json
from services.producer.item import Item, Origin, Problem, Skipped
from services.producer.maker import Made, Maker
from services.producer.objects import read_json, read_json_lines

JSON = ("application/json",)
LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json-lines")
"""JSON Lines has no registered type; these are in use."""
EVENTS = (STRUCTURED, BATCH)
"""CloudEvents, each with a document in it."""
KINDS = (*JSON, *LINES, *EVENTS)
_NAMED = 100
"""Problems that are named; one sender's mistake is in every document."""
_BODY = "body"


@dataclass(frozen=True)
class Wrong:
    """A document that cannot be taken: where it stands, such as "entry 3" or "line 3", and why."""

    at: str
    message: str


@dataclass(frozen=True)
class Taken:
    """The messages of a body, and the ids that their events will have."""

    items: tuple[Item, ...]
    ids: tuple[str, ...]


class BadBodyError(ValueError):
    """Nothing of the body can be taken. ``wrong``: the documents at fault, the first hundred."""

    def __init__(self, message: str, wrong: Iterable[Wrong] = ()) -> None:
        super().__init__(message)
        self.wrong = tuple(wrong)


class TooLargeError(ValueError):
    """The body has more bytes or documents than one request may have."""


class EncodingError(ValueError):
    """The body is packed in a way that is not known."""


def unpack(body: bytes, encoding: str, most: int) -> bytes:
    """A body as it was before its Content-Encoding; it may then have ``most`` bytes.

    Raises:
        BadBodyError, EncodingError, TooLargeError.
    """
    if encoding in ("gzip", "x-gzip", "deflate"):
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: it looks whether it is gzip or zlib
        try:
            body = unpacking.decompress(body, most + 1)
        except zlib.error:
            raise BadBodyError("the body cannot be unpacked") from None
        if len(body) <= most and (not unpacking.eof or unpacking.unused_data):
            raise BadBodyError("the body cannot be unpacked: it ends early, or something follows it")
    elif encoding not in ("", "identity"):
        raise EncodingError("the Content-Encoding must be gzip or deflate, or be left out")
    if len(body) > most:
        raise TooLargeError(f"the body may have at most {most} bytes, unpacked")
    return body


class _Opener(Maker):
    """Takes the document out of each CloudEvent."""

    def from_value(self, origin: Origin, value: Any, form: str, content: bytes) -> Iterator[Made]:
        """The message for the document in ``value``, or what is wrong with the event."""
        if not isinstance(value, dict):
            yield Problem(origin, "message: should be a CloudEvent, an object")
            return
        try:
            document = document_of(value)
        except CloudEventError as error:
            yield Problem(origin, str(error))
            return
        yield from super().from_value(origin, document, form, to_json(document))


class Reader:
    """Reads bodies. It is safe in several threads. ``most``: documents of one body."""

    def __init__(self, settings: IntakeSettings, most: int) -> None:
        self._judge = Judge(settings)
        self._most = most

    def __call__(self, body: bytes, kind: str) -> Taken:
        """The documents of ``body``, whose media type is one of ``KINDS``, judged as the service will.

        Raises:
            BadBodyError: at least one of them would be rejected, or there is none. TooLargeError.
        """
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise BadBodyError(f"the body is not UTF-8 at byte {error.start}") from None
        stream = io.BytesIO(body)
        read = read_json_lines if kind in LINES else read_json
        items: list[Item] = []
        ids: list[str] = []
        wrong: list[Wrong] = []
        maker = _Opener() if kind in EVENTS else Maker()
        for made in islice(read(stream, _BODY, maker), self._most + 1):
            at = f"{made.origin.unit} {made.origin.number}" if made.origin.number is not None else _BODY
            if isinstance(made, Skipped):
                continue
            if isinstance(made, Problem):
                wrong.append(Wrong(at, made.message))
                continue
            event = self._judge(made)
            if event.rejection is not None:
                wrong.append(Wrong(at, event.rejection.message))
                continue
            items.append(made)
            ids.append(event.id)
        if len(items) + len(wrong) > self._most:
            raise TooLargeError(f"more than {self._most} documents; send them in several requests")
        if wrong:
            said = f"{len(wrong)} of {len(items) + len(wrong)} documents would be rejected, so none was taken"
            raise BadBodyError(f"{said}; correct these, or leave them out", wrong[:_NAMED])
        if not items:
            raise BadBodyError("there is no document in the body")
        return Taken(tuple(items), tuple(ids))
