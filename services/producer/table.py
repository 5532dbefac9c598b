"""CSV and tab-separated tables: the header names the fields, each row is a document. A broken row costs one row.

A row is read as RFC 4180 has it. Where that fails, or gives a row that is none, the same lines are tried with quotes that
are escaped by a backslash (MySQL), then the first line alone with quotes that mean nothing (most .tsv). What can still not
be read is named, and the next line that has the header's number of cells is a row again.
"""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from schemas.base import MAX_MESSAGE_BYTES
from services.producer.files import peek
from services.producer.item import Origin, Problem
from services.producer.lines import decode, lines
from services.producer.maker import Made, Maker
from services.producer.shapes import is_article

_DELIMITERS = (",", ";", "\t", "|")
_SEP = "sep="
"""What Excel writes before the header to say which sign stands between cells."""
_NULL = "\\N"
"""What MySQL and PostgreSQL write for a cell without a value."""
_LEAST_RUN = 64 * 1024
"""Bytes that a row may have after several have run to the bound: what follows a file's odd quotes is read in linear time."""
_PREAMBLE = 10
"""Lines among which the header is looked for: exports say something of themselves before it."""
_NOTHING = frozenset((_NULL, "NULL", "null", "NaN", "nan", "NaT", "<NA>", "None"))
"""What databases and pandas write for a cell without a value."""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_ESCAPED = re.compile(r"\\([nrt\\])")
"""What databases write in a table with tabs for what would end a line or a cell."""
_TABS = "table with tabs"
_AHEAD = 50
"""Lines after a broken row among which its closing quote is looked for."""
_COLUMNS = 2
_NAMED = 12
GKG_COLUMNS = (
    *("id", "date", "collection", "source", "url", "counts", "counts2", "themes", "themes2", "locations", "locations2"),
    *("persons", "persons2", "organizations", "organizations2", "tone", "dates", "gcam", "image", "images", "embeds"),
    *("videos", "quotations", "names", "amounts", "translation", "extras"),
)
"""The 27 columns of GDELT's Global Knowledge Graph 2.1, which has no header."""


class _RowError(csv.Error):
    """The row is none under this dialect."""


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    size: int
    fault: str | None = None


class _Lines:
    """The lines of a table, which can be given back, and read again."""

    def __init__(self, stream: BinaryIO) -> None:
        self._source = lines(stream)
        self._back: deque[_Line] = deque()
        self.header = 0
        """The number of the line that is the header, or should be."""

    def next(self) -> _Line | None:
        """The next line; None at the end. A line that is no UTF-8 or too long has a fault."""
        if self._back:
            return self._back.popleft()
        line = next(self._source, None)
        if line is None:
            return None
        if line.content is None:
            return _Line(line.number, "", MAX_MESSAGE_BYTES, f"a row of more than {MAX_MESSAGE_BYTES} bytes")
        try:
            return _Line(line.number, decode(line.content), len(line.content))
        except ValueError as error:
            return _Line(line.number, line.content.decode("utf-8", "replace"), len(line.content), str(error))

    def give_back(self, taken: list[_Line]) -> None:
        """Put lines before what comes next."""
        self._back.extendleft(reversed(taken))


class _Rows:
    """The rows of a table, each under the dialect that fits it."""

    def __init__(self, source: _Lines, delimiter: str, width: int, spaced: bool = False) -> None:
        """``spaced``: a blank follows each delimiter, before a cell's quote."""
        self._source = source
        self._spaced = spaced
        self._delimiter = delimiter
        self._width = width
        self._literal = False
        self._longest = MAX_MESSAGE_BYTES

    def next(self) -> tuple[int, list[str] | str] | None:
        """The number of the next row's first line, and its cells or what is wrong with it; None at the end."""
        first = self._source.next()
        if first is None:
            return None
        if first.fault and not self._opens(first):
            return first.number, first.fault
        if self._literal and '"' in first.text and (cells := self._split(first)) is not None:
            return first.number, self._good(cells, [first])
        strict, why, ran = self._read(first, None)
        if strict is not None:
            cells, taken = strict
            if (
                len(taken) > 1
                and self._delimiter == "\t"
                and all(self._split(line) and '""' not in line.text for line in taken)
            ):
                self._source.give_back(taken[1:])  # each of its lines is a row: the quote meant nothing
                self._literal = True
                return first.number, self._split(first) or []
            return first.number, self._good(cells, taken)
        escaped = self._read(first, "\\")[0] if "\\" in first.text or ran else None
        if escaped is not None and len(escaped[0]) == self._width:
            return first.number, self._good(*escaped)
        cells_or_none = self._split(first)
        if cells_or_none is not None:
            self._literal = self._literal or self._delimiter == "\t"
            return first.number, self._good(cells_or_none, [first])
        return first.number, first.fault or self._skip(first, why)

    def _opens(self, line: _Line) -> bool:
        return line.size < MAX_MESSAGE_BYTES and '"' in line.text

    def _good(self, cells: list[str], taken: list[_Line]) -> list[str] | str:
        return next((line.fault for line in taken if line.fault), None) or cells

    def _split(self, line: _Line) -> list[str] | None:
        """The cells of a line whose quotes mean nothing, where they are as many as the header has."""
        text = line.text.rstrip("\r\n")
        if self._width < _COLUMNS or text.count(self._delimiter) != self._width - 1:
            return None
        return text.split(self._delimiter)

    def _read(self, first: _Line, escape: str | None) -> tuple[tuple[list[str], list[_Line]] | None, str, bool]:
        """A row that begins with ``first`` and the lines that it took; or None, why it is none, and whether it ran on.

        Of a row that is none all lines but the first are given back.
        """
        taken: list[_Line] = []
        size = 0

        def feed() -> Iterator[str]:
            nonlocal size
            line: _Line | None = first
            while line is not None:
                taken.append(line)
                size += line.size
                if size > self._longest:
                    raise _RowError(f"a row of more than {self._longest} bytes; is a quote not closed?")
                yield line.text
                line = self._source.next()

        try:
            cells = next(
                csv.reader(
                    feed(), delimiter=self._delimiter, escapechar=escape, strict=True, skipinitialspace=self._spaced
                )
            )
        except (csv.Error, StopIteration) as error:
            self._source.give_back(taken[1:])
            unended = str(error) == "unexpected end of data"
            ran = unended or isinstance(error, _RowError)
            if ran:
                self._longest = max(_LEAST_RUN, self._longest // 2)
            return None, f"{error}{'; is a quote not closed?' if unended else ''}", ran
        return (cells, taken), "", False

    def _skip(self, first: _Line, why: str) -> str:
        """Go to where the next row begins; what is wrong with the row before it, and how much was passed."""
        ahead: list[_Line] = []
        while len(ahead) < _AHEAD and (line := self._source.next()) is not None:
            ahead.append(line)
        rest = self._continued(first, ahead)
        self._source.give_back(ahead[rest:])
        passed = sum(bool(line.text.strip()) for line in ahead[:rest])
        while rest == len(ahead) == _AHEAD and (line := self._source.next()) is not None:
            if self._is_row(line):
                self._source.give_back([line])
                break
            passed += bool(line.text.strip())
        return why + (f"; {passed} lines after it are part of it and skipped" if passed else "")

    def _continued(self, first: _Line, ahead: list[_Line]) -> int:
        """How many lines belong to a broken row: up to the quote that closes it, else up to a line that is a row by itself."""
        if first.text.count('"') % 2:
            for index, line in enumerate(ahead):
                quotes = line.text.count('"')
                if quotes % 2:
                    return index + 1
                if quotes and self._is_row(line):
                    return index
        return next((index for index, line in enumerate(ahead) if self._is_row(line)), len(ahead))

    def _is_row(self, line: _Line) -> bool:
        """Whether a line is a row by itself; of a table with one column each is."""
        if self._width < _COLUMNS:
            return not line.fault
        try:
            cells = next(csv.reader([line.text], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            cells = []
        return len(cells) == self._width or self._split(line) is not None


def read_table(stream: BinaryIO, file: str, delimiter: str | None, maker: Maker) -> Iterator[Made]:
    """One document a row. Columns that are no field of a document go into its ``metadata``; empty cells are absent.

    Args:
        delimiter: None: the first of comma, semicolon, tab and bar under which the header has the text's column.

    Raises BrokenStreamError.
    """
    csv.field_size_limit(MAX_MESSAGE_BYTES)  # the process's own; the default of 128 KiB is a short novel
    source = _Lines(_ended_by_line_feeds(stream))
    try:
        header, delimiter, spaced = _header(source, delimiter, maker)
    except csv.Error as error:
        yield Problem(Origin(file, "line", max(source.header, 1)), str(error))
        return
    form = {"\t": _TABS, ",": "CSV"}.get(delimiter, f"CSV with {delimiter}")
    rows = _Rows(source, delimiter, len(header), spaced)
    while (row := rows.next()) is not None:
        number, cells = row
        origin = Origin(file, "line", number)
        if isinstance(cells, str):
            yield Problem(origin, cells)
        elif any(cell.strip() for cell in cells):
            yield _document(origin, header, cells, form, maker)


def read_gkg(stream: BinaryIO, file: str, maker: Maker) -> Iterator[Made]:
    """GDELT's Global Knowledge Graph: an article's headline and what GDELT found in it; the text itself is not in it.

    Raises BrokenStreamError.
    """
    for line in lines(stream):
        origin = Origin(file, "line", line.number)
        cells = (line.content or b"").decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if not any(cells):
            continue
        if len(cells) != len(GKG_COLUMNS):
            yield Problem(origin, f"{len(cells)} cells, a row of GDELT's GKG has {len(GKG_COLUMNS)}")
            continue
        row = dict(zip(GKG_COLUMNS, cells, strict=True))
        title = _between(row["extras"], "<PAGE_TITLE>", "</PAGE_TITLE>")
        kept = {"themes": row["themes"], "quotations": row["quotations"], "tone": row["tone"]}
        kept["author"] = _between(row["extras"], "<PAGE_AUTHORS>", "</PAGE_AUTHORS>")
        fields = {
            "id": row["id"],
            "text": title,
            "title": title,
            "source": row["source"],
            "url": row["url"],
            "published_at": row["date"],
            "metadata": {name: value[:_LONGEST_KEPT] for name, value in kept.items() if value},
        }
        yield maker.from_fields(origin, {name: value for name, value in fields.items() if value}, "GDELT GKG")


_LONGEST_KEPT = 2_000
"""Code points of a cell of GKG that are kept; the themes of one article may be 20 KB."""


def _between(text: str, start: str, end: str) -> str:
    import html

    at = text.find(start)
    stop = text.find(end, at)
    return html.unescape(text[at + len(start) : stop]).strip() if 0 <= at < stop else ""


class _LineFeeds(io.RawIOBase):
    """A stream whose lines end in carriage returns, as those of old Macs do, with line feeds in place of them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        found = self._stream.read(len(buffer)).replace(b"\r", b"\n")
        buffer[: len(found)] = found
        return len(found)


def _ended_by_line_feeds(stream: BinaryIO) -> BinaryIO:
    head = peek(stream) if isinstance(stream, io.BufferedReader) else b""
    return io.BufferedReader(_LineFeeds(stream)) if b"\r" in head[:-1] and b"\n" not in head else stream


def _header(source: _Lines, delimiter: str | None, maker: Maker) -> tuple[list[str], str, bool]:
    """The names, what stands between cells, and whether a blank follows it.

    The header is the first line that is not blank, or one soon after it that names a column for the text.
    """
    ahead: list[_Line] = []
    while len(ahead) < _PREAMBLE and (line := source.next()) is not None:
        ahead.append(line)
    if ahead and ahead[0].text.strip().lower().startswith(_SEP):
        said = ahead[0].text.strip()[len(_SEP) :].strip("\r\n ") or "\t"
        delimiter = said if len(said) == 1 else delimiter
        del ahead[0]
    ahead = ahead[next((index for index, line in enumerate(ahead) if line.text.strip()), len(ahead)) :]
    if not ahead:
        raise csv.Error("empty: a table begins with a header that names its columns, one of them text")
    source.header = ahead[0].number
    if ahead[0].fault:
        raise csv.Error(ahead[0].fault)
    candidates = [delimiter] if delimiter else list(_DELIMITERS)
    for index, line in enumerate(ahead):
        for candidate in candidates:
            try:
                cells = _cells(line.text, candidate)
            except csv.Error:
                if index == 0:
                    raise
                continue
            names = [name.strip() for name in cells]
            if _has_text(names, maker) and (index == 0 or _are_names(names)):
                repeated = sorted(name for name, count in Counter(names).items() if name and count > 1)[:5]
                if repeated:
                    raise csv.Error(f"the header has {', '.join(repeated)} more than once")
                source.give_back(ahead[index + 1 :])
                return names, candidate, len(cells) > 1 and all(cell.startswith(" ") for cell in cells[1:])
    headers = [([name.strip() for name in _cells(ahead[0].text, candidate)], candidate) for candidate in candidates]
    source.give_back(ahead[1:])
    raise csv.Error(_no_text(*max(headers, key=lambda one: len(one[0])), source, maker))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, strict=True), [])


_LONGEST_NAME = 40
_EMPTY = 50
"""Cells without a name that a row may have after the others, all empty: spreadsheets write the columns beside the table, too."""


def _are_names(cells: list[str]) -> bool:
    """Whether a line that is not the first may be the header, and not a row."""
    return len(cells) > 1 and all(len(cell) <= _LONGEST_NAME and not cell.isdecimal() for cell in cells)


def _has_text(names: list[str], maker: Maker) -> bool:
    if (told := maker.columns.get("text")) is not None:
        return told in names
    return is_article(dict.fromkeys(names, "x"))


def _no_text(names: list[str], delimiter: str, source: _Lines, maker: Maker) -> str:
    """That no column holds the text, and which may: the one whose cell in the first row is longest."""
    row = _Rows(source, delimiter, len(names)).next()
    cells = row[1] if row and isinstance(row[1], list) else []
    longest = max(zip(names, cells, strict=False), key=lambda cell: len(cell[1]), default=("COLUMN", ""))[0] or "COLUMN"
    shown = ", ".join(name[:50] for name in names[:_NAMED] if name)
    column = maker.columns.get("text", "text")
    return f"the header has no column {column[:50]!r}; it has {shown}: say which holds the text with --map text={longest[:50]}"


def _document(origin: Origin, header: list[str], row: list[str], form: str, maker: Maker) -> Any:
    if len(row) > len(header) and (len(row) > len(header) + _EMPTY or any(row[len(header) :])):
        return Problem(origin, f"{len(row)} cells, the header has {len(header)}")
    if form == _TABS:
        row = [_ESCAPED.sub(lambda found: _ESCAPES[found[1]], cell) for cell in row]
    cells = {
        name: cell
        for name, cell in zip(header, row, strict=False)
        if name and cell.strip() and cell.strip() not in _NOTHING
    }
    return maker.from_cells(origin, cells, form)
