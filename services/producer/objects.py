"""JSON: values one after the other, an array of them, or (JSON Lines) one a line. The bytes of a document stay as they are.

What is read is never held whole but for one value, so that an array or a file may have any size.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.fields import to_json
from services.producer.item import Item, Origin, Problem
from services.producer.key import NotADocumentError, key_of, key_of_anything
from services.producer.lines import BROKEN, LONGEST, BrokenStreamError, decode, explain, lines, whole
from services.producer.maker import Made, Maker

MAX_JSON_BYTES = 64 * 1024 * 1024
"""One value, such as the whole answer of an interface, is read whole, which takes up to five times its size."""

_SPACE = re.compile(r"[ \t\r\n\x1e]*+")
_BLANK = b" \t\r\n\x1e"
"""White space, and what stands before each value of a JSON text sequence (RFC 7464)."""
_DECODER = json.JSONDecoder()
_CHUNK = 256 * 1024
_NEAR_THE_END = 32
"""Code points before the end of what is read: a value that is broken there may go on in what is not."""


def read_json_lines(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    """One document a line, or one answer of an interface; blank lines are none. Raises BrokenStreamError.

    Where a line tells Elasticsearch what to do with the next one (a bulk request), the id in it is the next one's.
    """
    identity = None
    for line in lines(stream):
        origin = Origin(file, "line", line.number)
        if line.content is None:
            yield Problem(origin, f"longer than {LONGEST} bytes")
        elif content := line.content.strip(_BLANK):
            if (action := _bulk_action(content)) is not None:
                identity = action.get("_id")
                continue
            yield from maker.from_json(
                origin, content if identity is None else _with_id(content, identity), "JSON Lines"
            )
            identity = None


def _bulk_action(content: bytes) -> dict[str, Any] | None:
    if not _BULK.match(content):
        return None
    try:
        (action,) = json.loads(content).values()
    except (ValueError, RecursionError):
        return None
    return action if isinstance(action, dict) and all(name.startswith("_") for name in action) else None


_BULK = re.compile(rb'\{\s*"(?:index|create)"\s*:\s*\{')


def _with_id(content: bytes, identity: Any) -> bytes:
    """The document in ``content`` under ``identity``, where it has no id of its own."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return content  # it is named where it is read
    return to_json({"id": identity, **found}) if isinstance(found, dict) else content


def read_json(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    """Documents, arrays of documents, or answers of interfaces, one after the other. Raises BrokenStreamError."""
    if maker.raw:
        yield from _read_raw_json(stream, file, maker)
        return
    cursor = _Cursor(stream)
    number = 0
    try:
        while (first := cursor.peek()) or number == 0:
            number += 1
            if first == "," and number > 1:
                cursor.skip()  # objects one after the other, as they stand in an array
                number -= 1
                continue
            if first == "[":
                yield from _read_array(cursor, file, maker)
                if number == 1 and cursor.peek():
                    yield Problem(Origin(file), "not JSON: something follows the array")
                    return
                continue
            yield from _read_value(cursor, file, number, maker)
    except BROKEN as error:
        raise BrokenStreamError(0, explain(error)) from error
    except _NotUtf8Error as error:
        yield Problem(Origin(file), str(error))


def read_raw(stream: BinaryIO, file: str) -> Iterator[Item | Problem]:
    """The whole stream is one message, whatever it is, to the byte. Raises BrokenStreamError."""
    content = stream.read(MAX_MESSAGE_BYTES + 1)
    try:
        yield Item(Origin(file), content, key_of_anything(content))
    except NotADocumentError:
        yield Problem(Origin(file), f"larger than {MAX_MESSAGE_BYTES} bytes")


def _read_raw_json(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    origin = Origin(file)
    content = whole(stream, MAX_JSON_BYTES)
    if content is None:
        yield Problem(origin, f"larger than {MAX_JSON_BYTES} bytes; without --raw it may have any size")
        return
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list):
        for number, record in enumerate(found, 1):
            at = Origin(file, "entry", number)
            yield from maker.from_value(
                at, record, "JSON", json.dumps(record, ensure_ascii=False).encode("utf-8", "replace")
            )
    else:
        yield from maker.from_json(origin, content.strip(b" \t\r\n"), "JSON")


def _read_value(cursor: "_Cursor", file: str, number: int, maker: Maker) -> Iterator[Made]:
    try:
        value, content = cursor.take()
    except _TooLargeError:
        yield from _read_large(cursor, file, maker)
        cursor.end()
    except (ValueError, RecursionError) as error:
        rest = cursor.rest()
        found = cursor.skip_to_object()
        origin = Origin(file, "entry", number) if number > 1 or found else Origin(file)
        yield Problem(origin, _why(rest, error) + ("; what follows is read from the next line with {" if found else ""))
    else:
        origin = Origin(file, "entry", number) if number > 1 or cursor.peek() else Origin(file)
        yield from maker.from_value(origin, value, "JSON", content)


def _why(rest: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    try:
        key_of(rest)  # says it as it says it of a line
    except NotADocumentError as found:
        return str(found) if str(found).startswith("not JSON") else f"not JSON: {error}"
    return f"not JSON: {error}"


def _read_array(cursor: "_Cursor", file: str, maker: Maker) -> Iterator[Made]:
    """The documents of an array whose ``[`` is next. What follows a broken one is not read."""
    cursor.skip()
    number = 0
    while cursor.peek() != "]":
        number += 1
        entry = Origin(file, "entry", number)
        try:
            value, content = cursor.take()
        except (ValueError, RecursionError, _TooLargeError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
            yield Problem(entry, f"not JSON, what follows is not read: {reason}")
            cursor.end()
            return
        yield from maker.from_value(entry, value, "JSON, an array", content)
        if cursor.peek() == ",":
            cursor.skip()
            cursor.peek()
        elif cursor.peek() != "]":
            yield Problem(entry, "not JSON after it, what follows is not read: a comma or ] is missing")
            cursor.end()
            return
    cursor.skip()


def _read_large(cursor: "_Cursor", file: str, maker: Maker) -> Iterator[Made]:
    """An object that is not held whole: its array at ``--records`` is read as a stream."""
    if maker.records is None:
        yield Problem(
            Origin(file),
            f"an object of more than {MAX_JSON_BYTES} bytes; say where its articles are with --records PATH",
        )
        return
    try:
        for name in maker.records.split("."):
            _enter(cursor, name)
        if cursor.peek() != "[":
            raise ValueError("is not a list")
    except (ValueError, RecursionError, _TooLargeError) as error:
        yield Problem(Origin(file), f"--records {maker.records[:100]}: no list of articles was found: {error}")
        return
    inner = Maker(maker.columns, maker.dropped, None, maker.tool)
    yield from _read_array(cursor, file, inner)


def _enter(cursor: "_Cursor", name: str) -> None:
    """Go to the value of ``name`` in the object that is next."""
    if cursor.peek() != "{":
        raise ValueError(f"{name[:50]} is looked for in something that is not an object")
    cursor.skip()
    while cursor.peek() == '"':
        key, _ = cursor.take()
        if cursor.peek() != ":":
            raise ValueError("not JSON: a colon is missing")
        cursor.skip()
        cursor.peek()
        if key == name:
            return
        cursor.take()
        if cursor.peek() == ",":
            cursor.skip()
    raise ValueError(f"there is no field {name[:50]}")


class _TooLargeError(Exception):
    pass


class _NotUtf8Error(Exception):
    pass


class _Cursor:
    """A place in a stream of JSON, of which so much is held as the value that is read needs."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._bytes = 0
        self._ended = False
        self._started = False

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go on by one character."""
        self._at += 1

    def take(self) -> tuple[Any, bytes]:
        """The value that is next, and its bytes.

        Raises:
            ValueError, RecursionError: it is none. _TooLargeError: it is longer than ``MAX_JSON_BYTES``.
        """
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                near = error.pos >= len(self._text) - _NEAR_THE_END or error.msg.startswith("Unterminated")
                if not near or not self._more():
                    raise
            else:
                if end < len(self._text) or not self._more():
                    content = self._text[self._at : end].encode()
                    self._at = end
                    return value, content
            if len(self._text) > MAX_JSON_BYTES:
                raise _TooLargeError(f"longer than {MAX_JSON_BYTES} bytes")

    def rest(self) -> bytes:
        """What is held from here on, as far as a message could be."""
        return self._text[self._at : self._at + MAX_MESSAGE_BYTES // 4].encode("utf-8", "replace").strip(b" \t\r\n")

    def skip_to_object(self) -> bool:
        """Go to the next line that begins with ``{``; whether there is one."""
        while True:
            at = self._text.find("\n{", self._at + 1)
            if at >= 0:
                self._at = at + 1
                return True
            self._at = max(self._at, len(self._text) - 1)
            if not self._more():
                self.end()
                return False

    def end(self) -> None:
        """Read no more."""
        self._text, self._at, self._ended = "", 0, True

    def _more(self) -> bool:
        """Read on, as much again as is held; whether there was more."""
        if self._ended:
            return False
        held = self._text[self._at :]
        content = self._stream.read(max(_CHUNK, len(held)))
        self._ended = not content
        pending = len(self._decoder.getstate()[0])
        try:
            found = self._decoder.decode(content, final=self._ended)
        except UnicodeDecodeError as error:
            raise self._not_utf8(content, self._bytes - pending + error.start) from None
        self._bytes += len(content)
        if not self._started and found:
            found = found.removeprefix("\ufeff")
            self._started = True
        self._text, self._at = held + found, 0
        return bool(content)

    def _not_utf8(self, content: bytes, at: int) -> _NotUtf8Error:
        try:
            decode(content if self._bytes == 0 else b"\xff")
        except ValueError as error:
            return _NotUtf8Error(f"not UTF-8 at byte {at}{_after_number(str(error))}")
        return _NotUtf8Error(f"not UTF-8 at byte {at}")


def _after_number(message: str) -> str:
    """What a message says after the number of the byte."""
    _, semicolon, hint = message.partition(";")
    return semicolon + hint
