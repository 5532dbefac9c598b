"""JSON: one document, an array of documents, or (JSON Lines) one a line. The bytes of a document stay as they are."""

import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.fields import Columns, rename, to_json
from services.producer.item import Item, Origin, Problem
from services.producer.key import NotADocumentError, check_size, key_of, key_of_anything
from services.producer.lines import LONGEST, decode, lines, whole

MAX_JSON_BYTES = 64 * 1024 * 1024
"""A JSON file is read whole, which takes up to five times its size; JSON Lines has no such bound."""

_SPACE = re.compile(r"[ \t\r\n]*+")
_DECODER = json.JSONDecoder()


def read_json_lines(stream: BinaryIO, file: str, raw: bool, columns: Columns) -> Iterator[Item | Problem]:
    """One document a line; blank lines are none. Raises BrokenStreamError."""
    for line in lines(stream):
        origin = Origin(file, "line", line.number)
        if line.content is None:
            yield Problem(origin, f"longer than {LONGEST} bytes")
        elif content := line.content.strip(b" \t\r\n"):
            yield make(origin, content, raw, columns)


def read_json(stream: BinaryIO, file: str, raw: bool, columns: Columns) -> Iterator[Item | Problem]:
    """A document or an array of documents. Raises BrokenStreamError."""
    origin = Origin(file)
    content = whole(stream, MAX_JSON_BYTES)
    if content is None:
        yield Problem(origin, f"larger than {MAX_JSON_BYTES} bytes; JSON Lines (--format jsonl) may have any size")
        return
    try:
        text = decode(content)
    except ValueError as error:
        yield make(origin, content, raw, columns) if raw else Problem(origin, str(error))
        return
    if text[_space(text, 0) :].startswith("["):
        yield from _read_array(text, origin, raw, columns)
    else:
        made = make(origin, content.strip(b" \t\r\n"), raw, columns)
        yield Problem(origin, _HINT) if isinstance(made, Problem) and _is_json_lines(text) else made


def read_raw(stream: BinaryIO, file: str) -> Iterator[Item | Problem]:
    """The whole stream is one message, whatever it is, to the byte. Raises BrokenStreamError."""
    content = stream.read(MAX_MESSAGE_BYTES + 1)
    try:
        yield Item(Origin(file), content, key_of_anything(content))
    except NotADocumentError:
        yield Problem(Origin(file), f"larger than {MAX_MESSAGE_BYTES} bytes")


def make(origin: Origin, content: bytes, raw: bool, columns: Columns) -> Item | Problem:
    """The message for the JSON in ``content``; with ``raw`` also where it is none."""
    try:
        if columns:
            content = _renamed(content, raw, columns)
        return Item(origin, content, key_of_anything(content) if raw else key_of(content))
    except NotADocumentError as error:
        return Problem(origin, str(error))


def _renamed(content: bytes, raw: bool, columns: Columns) -> bytes:
    check_size(len(content))
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return content  # the key's check says what is wrong with it
    return to_json(rename(fields, columns)) if isinstance(fields, dict) else content


def _read_array(text: str, origin: Origin, raw: bool, columns: Columns) -> Iterator[Item | Problem]:
    at = _space(text, _space(text, 0) + 1)
    number = 0
    while not text.startswith("]", at):
        number += 1
        entry = Origin(origin.file, "entry", number)
        try:
            _, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
            yield Problem(entry, f"not JSON, what follows is not read: {reason}")
            return
        yield make(entry, text[at:end].encode(), raw, columns)
        at = _space(text, end)
        if text.startswith(",", at):
            at = _space(text, at + 1)
        elif not text.startswith("]", at):
            yield Problem(entry, "not JSON after it, what follows is not read: a comma or ] is missing")
            return
    if _space(text, at + 1) != len(text):
        yield Problem(origin, "not JSON: something follows the array")


def _space(text: str, at: int) -> int:
    """Where the white space from ``at`` on ends."""
    match = _SPACE.match(text, at)
    return match.end() if match else at


_HINT = "more than one JSON value; one a line is JSON Lines, --format jsonl"


def _is_json_lines(text: str) -> bool:
    try:
        first, end = _DECODER.raw_decode(text, _space(text, 0))
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and text.startswith("{", _space(text, end))
