"""CSV and tab-separated tables: the header names the fields, each row is a document."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from schemas import Document
from schemas.base import MAX_MESSAGE_BYTES
from services.producer.fields import Columns, rename, to_json
from services.producer.item import Item, Origin, Problem
from services.producer.key import NotADocumentError, key_of
from services.producer.lines import decode, lines

_DELIMITERS = (",", ";", "\t", "|")


class _EndlessRowError(csv.Error):
    pass


class _BadLineError(csv.Error):
    pass


class _Feed:
    """Hands lines to the csv module, and holds what a row may take in all."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = lines(stream)
        self.row_bytes = 0
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number = line.number
            self.row_bytes += len(line.content or b"")
            if line.content is None or self.row_bytes > MAX_MESSAGE_BYTES:
                raise _EndlessRowError(f"a row of more than {MAX_MESSAGE_BYTES} bytes; is a quote not closed?")
            try:
                yield decode(line.content)
            except ValueError as error:
                raise _BadLineError(str(error)) from None


def read_table(stream: BinaryIO, file: str, delimiter: str | None, columns: Columns) -> Iterator[Item | Problem]:
    """One document a row. Columns that are no field of a document go into its ``metadata``; empty cells are absent.

    Args:
        delimiter: None: the first of comma, semicolon, tab and bar under which the header has the text's column.

    Raises BrokenStreamError. What follows a row that cannot be bounded is not read, and the problem says so.
    """
    csv.field_size_limit(MAX_MESSAGE_BYTES)  # the process's own; the default of 128 KiB is a short novel
    feed = _Feed(stream)
    source = iter(feed)
    text_column = columns.get("text", "text")
    try:
        header, delimiter = _header(source, delimiter, text_column)
    except csv.Error as error:
        yield Problem(Origin(file, "line", max(feed.number, 1)), str(error))
        return
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        feed.row_bytes = 0
        origin = Origin(file, "line", feed.number + 1)
        try:
            row = next(rows)
        except StopIteration:
            return
        except (_EndlessRowError, _BadLineError) as error:
            yield Problem(origin, f"{error}; what follows is not read")
            return
        except csv.Error as error:
            hint = "; is a quote not closed?" if str(error) == "unexpected end of data" else ""
            yield Problem(origin, f"{error}{hint}")
            continue
        if any(cell.strip() for cell in row):
            yield _document(origin, header, row, columns)


def _header(source: Iterator[str], delimiter: str | None, text_column: str) -> tuple[list[str], str]:
    line = next(source, "")
    for candidate in [delimiter] if delimiter else _DELIMITERS:
        names = [name.strip() for name in next(csv.reader([line], delimiter=candidate, strict=True), [])]
        if text_column in names:
            repeated = sorted(name for name, count in Counter(names).items() if name and count > 1)[:5]
            if repeated:
                raise csv.Error(f"the header has {', '.join(repeated)} more than once")
            return names, candidate
    raise csv.Error(f"the header has no column {text_column!r}; say which holds the text with --text-column")


def _document(origin: Origin, header: list[str], row: list[str], columns: Columns) -> Item | Problem:
    if len(row) > len(header):
        return Problem(origin, f"{len(row)} cells, the header has {len(header)}")
    cells: dict[str, Any] = {name: cell for name, cell in zip(header, row, strict=False) if name and cell.strip()}
    fields = rename(cells, columns)
    metadata = fields.pop("metadata", None)
    known = {name: value for name, value in fields.items() if name in Document.model_fields}
    others = {name: value for name, value in fields.items() if name not in known} | _metadata(metadata)
    if others:
        known["metadata"] = others
    try:
        value = to_json(known)
        return Item(origin, value, key_of(value))
    except NotADocumentError as error:
        return Problem(origin, str(error))


def _metadata(cell: str | None) -> dict[str, Any]:
    """A cell of a column ``metadata``: a JSON object's members, else the cell as it is."""
    if cell is None:
        return {}
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"metadata": cell}
