"""Writes events to files: JSON Lines, to append to for ever, or Parquet, for analysis.

A file says by its suffix what it is. JSON Lines are whole after each event, whatever happens to the process; a Parquet
file is whole when it is closed, also by Ctrl-C, and until then has ``.part`` after its name.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import Event, StoryRecord
from services.consumer.table import SCHEMA, from_batch, to_batch, to_stories

ROWS = 1_000
"""Events of a row group: with those of 20 kB each 20 MB, in the range that readers like."""
ROW_GROUP_BYTES = 32 * 1024 * 1024
"""Texts of a row group are no more than this (code points), so that memory is bounded whatever the events are."""


class WriteError(RuntimeError):
    """The file cannot be written; the message says which and why."""


class Writer(Protocol):
    """Where events go. Use it in a ``with`` statement.

    ``durable``: whether an event is in the file for good when ``write`` returns. Where it is not, offsets are to be
    committed only after the file is closed.
    """

    durable: bool

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    def write(self, event: Event) -> None:
        """Add an event. Raises WriteError."""


def open_writer(path: Path, *, overwrite: bool = False) -> Writer:
    """A writer for ``path``: ``.jsonl`` or ``.ndjson`` is appended to, ``.parquet`` is new.

    Raises:
        WriteError: another suffix, a Parquet file that exists (unless ``overwrite``), or a folder that does not.
    """
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        return JsonLines(path)
    if path.suffix.lower() == ".parquet":
        return Parquet(path, overwrite=overwrite)
    raise WriteError(f"{path}: unknown file type {path.suffix!r}; give a file that ends in .jsonl or .parquet")


class JsonLines:
    """One event a line, appended to what is there.

    Raises:
        WriteError: the file cannot be opened.
    """

    durable = True

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._regular = stat.S_ISREG(os.fstat(self._file).st_mode)
            self._end_torn_line()
        except OSError as error:
            raise WriteError(f"{path}: {_reason(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Bring the file to the disk and close it."""
        try:
            if self._regular:
                os.fsync(self._file)
        except OSError as error:
            raise WriteError(f"{self._path}: {_reason(error)}") from error
        finally:
            os.close(self._file)

    def write(self, event: Event) -> None:
        """Append the event's line, whole or not at all."""
        line = event.model_dump_json().encode() + b"\n"
        try:
            written = os.write(self._file, line)
            while written < len(line) and not self._regular:  # a pipe takes what it has room for
                written += os.write(self._file, line[written:])
            if written < len(line):  # the disk is full: take back what is no whole line
                os.ftruncate(self._file, os.fstat(self._file).st_size - written)
                raise WriteError(f"{self._path}: no space left on the disk for an event of {len(line)} bytes")
        except OSError as error:
            raise WriteError(f"{self._path}: {_reason(error)}") from error

    def _end_torn_line(self) -> None:
        """A process that was killed may have left half a line, which must not swallow the next one."""
        size = os.fstat(self._file).st_size if self._regular else 0
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")


class Parquet:
    """Rows of ``table.SCHEMA``, in row groups of at most ``ROWS`` events; written beside, and renamed when it is closed.

    Raises:
        WriteError: the file exists, or cannot be made.
    """

    durable = False

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        _refuse_existing(path, overwrite)
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._waiting: list[Event] = []
        self._size = 0
        try:
            self._writer: Any = pq.ParquetWriter(self._part, SCHEMA, compression="zstd")
        except (OSError, pa.ArrowException) as error:
            raise WriteError(f"{path}: {_reason(error)}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Write what waits and the footer, and give the file its name; also after an error, with what came before it."""
        try:
            self._flush()
            self._writer.close()
            with self._part.open("rb") as file:
                os.fsync(file.fileno())
            self._part.replace(self._path)
        except (OSError, pa.ArrowException) as error:
            raise WriteError(f"{self._path}: {_reason(error)}") from error

    def write(self, event: Event) -> None:
        """Add an event; it is in the file when the file is closed."""
        self._waiting.append(event)
        self._size += len(event.text) + len(event.title)
        if len(self._waiting) >= ROWS or self._size >= ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._size = self._waiting, [], 0
        if not waiting:
            return
        try:
            self._writer.write_batch(to_batch(waiting))
        except (OSError, pa.ArrowException) as error:
            raise WriteError(f"{self._path}: {_reason(error)}") from error


def write_stories(path: Path, stories: Sequence[StoryRecord], *, overwrite: bool = False) -> None:
    """Write ``stories`` to a Parquet file, a row each; it has its name only when it is whole.

    Raises:
        WriteError: the file exists (unless ``overwrite``), or cannot be written.
    """
    _refuse_existing(path, overwrite)
    part = path.with_name(path.name + ".part")
    try:
        pq.write_table(pa.Table.from_batches([to_stories(stories)]), part, compression="zstd")
        part.replace(path)
    except (OSError, pa.ArrowException) as error:
        raise WriteError(f"{path}: {_reason(error)}") from error


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise WriteError(
            f"{path} exists and a Parquet file cannot be extended; choose another name or give --overwrite"
        )


def read_parquet(path: Path) -> Iterator[Event]:
    """The events of a file that ``Parquet`` wrote.

    Raises:
        WriteError: the file is missing or not such a Parquet file.
    """
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from from_batch(batch)
    except (OSError, pa.ArrowException) as error:
        raise WriteError(f"{path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)[:300]
