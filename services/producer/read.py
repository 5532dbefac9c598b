"""From a path to messages: finds the files, reads each by its kind, and names what cannot be read.

=========  ============================================================================================================
txt        one document: first line the title where it reads like one, the rest the text; id: the file's name (also .md)
json       documents, arrays of documents, or what an interface answered, with its articles in some list
jsonl      one of these a line, of any length in all (also .ndjson, .jl)
csv, tsv   one document a row under a header
gkg        GDELT's Global Knowledge Graph, one document a row
feed       RSS or Atom (.rss, .atom, .xml), one document an entry
wire       NITF, NewsML-G2 or NewsML (.xml), one document a story
html       a web page, whose article is the document
warc       a web archive, one document a page
parquet    one document a row
raw        the whole file is one message to the byte, JSON or not (.malformed): what does the service do with it?
=========  ============================================================================================================

A file's name says its kind, and its beginning whether that is so. ``.gz``, ``.bz2``, ``.xz``, ``.zst``, ``.zip`` and ``.tar`` are
unpacked. Text is UTF-8, with or without a byte order mark, or what ``encoding`` says. ``-`` is standard input. What tools
call the fields of an article is known (``shapes``).

Ids: JSON and tables say their own, or have none and the service derives one from source, url and content. A text file
has nothing but its name, by which its user knows it: its path inside the folder that was given, without the suffix. So
a corrected file is the same document again. Numbers that count the files of a folder, or the rows of a table, have the
name of that folder or table before them, as the next one has the same numbers. With ``ids="content"`` text files have no
id either, for folders whose names say nothing. A feed's entry has its guid, so that an entry that its publisher edits
stays the same document.
"""

import codecs
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.archive import read_warc
from services.producer.columnar import read_parquet
from services.producer.feed import MAX_FEED_BYTES, NotAFeedError
from services.producer.fields import Columns
from services.producer.files import (
    FORMATS,
    Format,
    Found,
    Meter,
    find,
    in_utf8,
    is_tar,
    is_zip,
    members,
    open_bytes,
    peek,
    tar_members,
    unpacked,
)
from services.producer.guard import FeedReader
from services.producer.item import Item, Origin, Problem, Skipped
from services.producer.key import key_of_id
from services.producer.lines import BROKEN, BrokenStreamError, decode, explain, whole
from services.producer.maker import Made, Maker
from services.producer.objects import MAX_JSON_BYTES, read_json, read_json_lines, read_raw
from services.producer.page import MAX_PAGE_BYTES, NotAPageError
from services.producer.plain import split_front_matter, split_title
from services.producer.recognise import recognise
from services.producer.shapes import SHAPE_OPTIONS
from services.producer.table import read_gkg, read_table

Read = Item | Problem | Skipped
STDIN = "-"
_BINARY = ("warc", "parquet", "raw")
"""What ``encoding`` says nothing of, so that a folder with text in it may have these, too."""


@dataclass(frozen=True)
class Reading:
    """How to read.

    ``format`` overrides what files' names and beginnings say; ``tool`` (of ``SHAPE_OPTIONS``) what their fields' names say.
    ``raw`` publishes JSON files and lines also where they are no JSON. ``columns``: document field -> the input's name for
    it. ``drop``: fields that are left out. ``records``: where the articles are in what an interface answered, dotted.
    ``encoding``: of text that is not UTF-8. ``ids``: where a text file's id comes from.
    """

    format: Format | None = None
    raw: bool = False
    columns: Columns = field(default_factory=dict)
    ids: Literal["name", "content"] = "name"
    tool: str | None = None
    drop: tuple[str, ...] = ()
    records: str | None = None
    encoding: str | None = None

    def maker(self, name: str) -> Maker:
        """What makes messages of the records of the file ``name``, which is without its suffix."""
        return Maker(self.columns, self.drop, self.records, self.tool, self.raw, name)


def read(
    path: str, reading: Reading | None = None, stdin: BinaryIO | None = None, meter: Meter | None = None
) -> Iterator[Read]:
    """Read all messages of ``path``, a file, a folder or ``-``. Never raises for what it reads: that is a Problem.

    Args:
        stdin: what ``-`` reads.
        meter: counts the bytes that were read from files.

    Raises:
        ValueError: at once, for an unknown format, tool or encoding, or ``-`` without ``stdin``.
    """
    reading = reading or Reading()
    if reading.format is not None and reading.format not in FORMATS:
        raise ValueError(f"unknown format {reading.format!r}; choose one of {', '.join(FORMATS)}")
    if reading.tool is not None and reading.tool not in SHAPE_OPTIONS:
        raise ValueError(f"unknown tool {reading.tool!r}; choose one of {', '.join(SHAPE_OPTIONS)}")
    if reading.encoding is not None:
        _check_encoding(reading.encoding)
    if path == STDIN and stdin is None:
        raise ValueError("no standard input was given to read")
    return _read(path, reading, stdin, meter or Meter())


def _check_encoding(name: str) -> None:
    try:
        codecs.getincrementaldecoder(name)(errors="replace").decode(b"", final=True)
    except (LookupError, ValueError, TypeError):
        raise ValueError(
            f"--encoding: unknown encoding {name[:50]!r}; give a name such as utf-8, utf-16 or cp1252"
        ) from None


def _read(path: str, reading: Reading, stdin: BinaryIO | None, meter: Meter) -> Iterator[Read]:
    with closing(FeedReader()) as feeds:
        if path == STDIN and stdin is not None:
            stream = stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stdin))
            yield from _named(_read_file(stream, STDIN, "", reading.format, reading, feeds), STDIN)
            return
        for found in find(Path(path), reading.format):
            if isinstance(found, Found):
                yield from _named(_read_found(found, reading, feeds, meter), str(found.path))
            else:
                yield found


def _read_found(found: Found, reading: Reading, feeds: FeedReader, meter: Meter) -> Iterator[Read]:
    with open_bytes(found.path, meter) as stream:
        if reading.format != "raw" and is_zip(found.path.name, peek(stream)):
            yield from _read_members(members(stream, str(found.path), reading.format), reading, feeds)
            return
        yield from _read_file(stream, str(found.path), found.name, found.format, reading, feeds)


def _read_members(
    found: Iterator[tuple[str, str, Format | None, BinaryIO] | Problem | Skipped], reading: Reading, feeds: FeedReader
) -> Iterator[Read]:
    for member in found:
        if isinstance(member, Problem | Skipped):
            yield member
            continue
        where, name, told, content = member
        inner = io.BufferedReader(cast("Any", content))
        yield from _named(_read_file(inner, where, name, told, reading, feeds, inside=True), where)


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


def _read_file(
    packed: io.BufferedReader,
    file: str,
    name: str,
    told: Format | None,
    reading: Reading,
    feeds: FeedReader,
    inside: bool = False,
) -> Iterator[Read]:
    """Read one file. ``told``: its kind, as its name or ``--format`` says; ``inside``: it is in an archive."""
    sniff = told != "raw" and reading.format is None

    def kind_of(stream: io.BufferedReader) -> Format | None:
        return recognise(peek(stream), told) if sniff else told

    with unpacked(packed, file, sniff) as stream:
        if told != "raw" and not inside and is_tar(peek(stream)):
            yield from _read_members(tar_members(stream, file, reading.format), reading, feeds)
            return
        kind = kind_of(stream)
        if kind not in _BINARY:
            stream = in_utf8(stream, sniff, reading.encoding)
            kind = kind_of(stream)
        if kind is None and file == STDIN:
            kind = "jsonl"
        if kind is None:
            yield Problem(Origin(file), f"unknown kind of file; say which with --format ({', '.join(FORMATS)})")
            return
        yield from _read_stream(stream, file, name, kind, reading, feeds)


def _read_stream(
    stream: io.BufferedReader, file: str, name: str, format: Format, reading: Reading, feeds: FeedReader
) -> Iterator[Read]:
    maker = reading.maker(name)
    match format:
        case "jsonl":
            yield from read_json_lines(stream, file, maker)
        case "json":
            yield from read_json(stream, file, maker)
        case "csv" | "tsv":
            yield from read_table(stream, file, "\t" if format == "tsv" else None, maker)
        case "gkg":
            yield from read_gkg(stream, file, maker)
        case "txt":
            yield _read_text(stream, file, name if reading.ids == "name" else "", maker)
        case "feed":
            yield from _read_feed(stream, file, feeds, maker)
        case "wire":
            yield from _read_wire(stream, file, maker)
        case "html":
            yield _read_page(stream, file, feeds, maker)
        case "warc":
            yield from read_warc(stream, file, feeds, maker)
        case "parquet":
            yield from _read_parquet(stream, file, maker)
        case "raw":
            yield from read_raw(stream, file)


def _read_text(stream: BinaryIO, file: str, name: str, maker: Maker) -> Made:
    origin = Origin(file)
    content = whole(stream, MAX_MESSAGE_BYTES)
    if content is None:
        return Problem(origin, f"larger than {MAX_MESSAGE_BYTES} bytes")
    try:
        said, body = split_front_matter(decode(content))
    except ValueError as error:
        return Problem(origin, str(error))
    title, text = split_title(body)
    if not text.strip():
        return Problem(origin, "empty")
    fields = {"id": _usable(name), "title": title, "text": text}
    found = {field: value for field, value in fields.items() if value}
    if said:
        return maker.from_cells(origin, {**found, **said, "text": text}, "Markdown with front matter")
    return maker.from_fields(origin, found, "plain text")


def _usable(name: str) -> str | None:
    try:
        return key_of_id(name).decode()
    except ValueError:
        return None


def _read_feed(stream: BinaryIO, file: str, feeds: FeedReader, maker: Maker) -> Iterator[Made]:
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
        if entry.passed:
            yield Skipped(origin, entry.passed)
        elif entry.fault:
            yield Problem(origin, entry.fault)
        else:
            yield maker.from_fields(origin, entry.fields, "feed")


def _read_wire(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    from services.producer.wire import MAX_WIRE_BYTES, NotAWireError, stories  # lxml costs 0.1 s, and few runs need it

    content = whole(stream, MAX_WIRE_BYTES)
    if content is None:
        yield Problem(Origin(file), f"larger than {MAX_WIRE_BYTES} bytes")
        return
    try:
        kind, found = stories(content)
    except NotAWireError as error:
        yield Problem(Origin(file), str(error))
        return
    for story in found:
        origin = Origin(file, "entry", story.number) if len(found) > 1 else Origin(file)
        if story.fault and any(not one.fault for one in found):
            yield Skipped(origin, story.fault)  # a picture, or a list of the others
        else:
            yield Problem(origin, story.fault) if story.fault else maker.from_fields(origin, story.fields, kind)


def _read_page(stream: BinaryIO, file: str, feeds: FeedReader, maker: Maker) -> Made:
    origin = Origin(file)
    content = whole(stream, MAX_PAGE_BYTES)
    if content is None:
        return Problem(origin, f"larger than {MAX_PAGE_BYTES} bytes")
    try:
        return maker.from_fields(origin, feeds.page(content, "")().fields, "web page")
    except NotAPageError as error:
        return Problem(origin, str(error))


def _read_parquet(stream: io.BufferedReader, file: str, maker: Maker) -> Iterator[Made]:
    if stream.seekable():
        yield from read_parquet(stream, file, maker)
        return
    content = whole(stream, MAX_JSON_BYTES)  # of an archive, or from a pipe
    if content is None:
        yield Problem(
            Origin(file), f"Parquet of more than {MAX_JSON_BYTES} bytes in a pipe or archive; unpack it to a file"
        )
        return
    yield from read_parquet(io.BytesIO(content), file, maker)
