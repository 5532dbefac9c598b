"""From a path to messages: finds the files, reads each by its kind, and names what cannot be read.

=========  ============================================================================================================
txt        one document: first line the title where it reads like one, the rest the text; id: the file's name
json       one document or an array of documents (at most 64 MiB)
jsonl      one document a line, of any length in all (also .ndjson)
csv, tsv   one document a row under a header
feed       RSS or Atom (.rss, .atom, .xml), one document an entry
raw        the whole file is one message to the byte, JSON or not (.malformed): what does the service do with it?
=========  ============================================================================================================

All but feeds are UTF-8, with or without a byte order mark. ``.gz`` after the suffix is unpacked. ``-`` is standard
input.

Ids: JSON and tables say their own, or have none and the service derives one from source, url and content. A text file
has nothing but its name, by which its user knows it: its path inside the folder that was given, without the suffix. So
a corrected file is the same document again. With ``ids="content"`` text files have none either, for folders whose names
say nothing. A feed's entry has its guid, so that an entry that its publisher edits stays the same document.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.feed import MAX_FEED_BYTES, NotAFeedError
from services.producer.fields import Columns, to_json
from services.producer.files import FORMATS, Format, Found, Meter, find, open_bytes
from services.producer.guard import FeedReader
from services.producer.item import Item, Origin, Problem, Skipped
from services.producer.key import NotADocumentError, key_of, key_of_id
from services.producer.lines import BROKEN, BrokenStreamError, decode, explain, whole
from services.producer.objects import read_json, read_json_lines, read_raw
from services.producer.plain import split_title
from services.producer.table import read_table

Read = Item | Problem | Skipped
STDIN = "-"


@dataclass(frozen=True)
class Reading:
    """How to read.

    ``format`` overrides what files' suffixes say; standard input is ``jsonl`` where it is None. ``raw`` publishes JSON
    files and lines also where they are no JSON. ``columns``: document field -> the input's name for it (JSON, tables).
    ``ids``: where a text file's id comes from.
    """

    format: Format | None = None
    raw: bool = False
    columns: Columns = field(default_factory=dict)
    ids: Literal["name", "content"] = "name"


def read(
    path: str, reading: Reading | None = None, stdin: BinaryIO | None = None, meter: Meter | None = None
) -> Iterator[Read]:
    """Read all messages of ``path``, a file, a folder or ``-``. Never raises for what it reads: that is a Problem.

    Args:
        stdin: what ``-`` reads.
        meter: counts the bytes that were read from files.

    Raises:
        ValueError: at once, for an unknown format or ``-`` without ``stdin``.
    """
    reading = reading or Reading()
    if reading.format is not None and reading.format not in FORMATS:
        raise ValueError(f"{reading.format!r} is not a format; there are {', '.join(FORMATS)}")
    if path == STDIN and stdin is None:
        raise ValueError("no standard input was given to read")
    return _read(path, reading, stdin, meter or Meter())


def _read(path: str, reading: Reading, stdin: BinaryIO | None, meter: Meter) -> Iterator[Read]:
    with closing(FeedReader()) as feeds:
        if path == STDIN and stdin is not None:
            yield from _named(_read_stream(stdin, STDIN, "", reading.format or "jsonl", reading, feeds), STDIN)
            return
        for found in find(Path(path), reading.format):
            if isinstance(found, Found):
                yield from _named(_read_file(found, reading, feeds, meter), str(found.path))
            else:
                yield found


def _read_file(found: Found, reading: Reading, feeds: FeedReader, meter: Meter) -> Iterator[Read]:
    with open_bytes(found.path, meter) as stream:
        yield from _read_stream(stream, str(found.path), found.name, found.format, reading, feeds)


def _named(read: Iterator[Read], file: str) -> Iterator[Read]:
    """Turn the errors of a stream into problems."""
    try:
        yield from read
    except BrokenStreamError as error:
        yield Problem(
            Origin(file, "line", error.line) if error.line else Origin(file), f"broken off here: {error.reason}"
        )
    except BROKEN as error:
        yield Problem(Origin(file), explain(error))


def _read_stream(
    stream: BinaryIO, file: str, name: str, format: Format, reading: Reading, feeds: FeedReader
) -> Iterator[Read]:
    match format:
        case "jsonl":
            yield from read_json_lines(stream, file, reading.raw, reading.columns)
        case "json":
            yield from read_json(stream, file, reading.raw, reading.columns)
        case "csv" | "tsv":
            yield from read_table(stream, file, "\t" if format == "tsv" else None, reading.columns)
        case "txt":
            yield _read_text(stream, file, name if reading.ids == "name" else "")
        case "feed":
            yield from _read_feed(stream, file, feeds)
        case "raw":
            yield from read_raw(stream, file)


def _read_text(stream: BinaryIO, file: str, name: str) -> Item | Problem:
    origin = Origin(file)
    content = whole(stream, MAX_MESSAGE_BYTES)
    if content is None:
        return Problem(origin, f"larger than {MAX_MESSAGE_BYTES} bytes")
    try:
        title, text = split_title(decode(content))
    except ValueError as error:
        return Problem(origin, str(error))
    if not text.strip():
        return Problem(origin, "empty")
    fields = {"id": _usable(name), "title": title, "text": text}
    return _item(origin, {field: value for field, value in fields.items() if value})


def _usable(name: str) -> str | None:
    try:
        return key_of_id(name).decode()
    except ValueError:
        return None


def _read_feed(stream: BinaryIO, file: str, feeds: FeedReader) -> Iterator[Item | Problem]:
    content = whole(stream, MAX_FEED_BYTES)
    if content is None:
        yield Problem(Origin(file), f"larger than {MAX_FEED_BYTES} bytes")
        return
    try:
        entries = feeds.read(content)
    except NotAFeedError as error:
        yield Problem(Origin(file), str(error))
        return
    for entry in entries:
        origin = Origin(file, "entry", entry.number)
        yield Problem(origin, entry.fault) if entry.fault else _item(origin, entry.fields)


def _item(origin: Origin, fields: dict[str, object]) -> Item | Problem:
    value = to_json(fields)
    try:
        return Item(origin, value, key_of(value))
    except NotADocumentError as error:
        return Problem(origin, str(error))
