"""Finding the files of a path, and opening them. Links that lead out of a folder are not followed."""

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from services.producer.item import Origin, Problem, Skipped

Format = Literal["txt", "json", "jsonl", "csv", "tsv", "feed", "raw"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SUFFIXES: dict[str, Format] = {
    ".txt": "txt",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".malformed": "raw",
}


@dataclass(frozen=True)
class Found:
    """A file to read. ``name`` is its path inside the folder that was given, or its own name, without the suffixes."""

    path: Path
    name: str
    format: Format


@dataclass
class Meter:
    """Bytes read from files so far (of an archive: packed bytes). For progress bars."""

    bytes: int = 0


def find(path: Path, format: Format | None) -> Iterator[Found | Problem | Skipped]:
    """The files of ``path``: itself, or all in it and its folders, in the order of their names.

    Hidden files and folders, links that lead out of ``path``, links to folders and what is no regular file are passed
    over, and files whose suffix is unknown unless ``format`` says what all of them are.
    """
    if path.is_dir():
        yield from _find_in(path, format)
        return
    if not path.exists():
        yield Problem(Origin(str(path)), "no such file or folder")
        return
    told = format or _format_of(path)
    if told is None:
        yield Problem(Origin(str(path)), f"unknown kind of file; say which with --format ({', '.join(FORMATS)})")
        return
    yield Found(path, _name(path.name), told)


def total_bytes(path: Path, format: Format | None = None) -> int:
    """Bytes on disk of the files that ``find`` gives, the total of a progress bar."""
    total = 0
    for found in find(path, format):
        if isinstance(found, Found):
            try:
                total += found.path.stat().st_size
            except OSError:
                continue  # it is named when it is read
    return total


@contextmanager
def open_bytes(path: Path, meter: Meter) -> Iterator[BinaryIO]:
    """Open ``path`` for reading, unpacked where its name ends in ``.gz``. Raises OSError."""
    with path.open("rb", buffering=0) as raw:
        metered = io.BufferedReader(_Metered(raw, meter), _BUFFER)
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=metered) as unpacked:
                yield io.BufferedReader(unpacked, _BUFFER)
        else:
            yield metered


_BUFFER = 256 * 1024
"""Bytes of a read: a dozen articles, few system calls."""


class _Metered(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase | io.FileIO, meter: Meter) -> None:
        self._raw = raw
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int | None:  # type: ignore[override]
        read = self._raw.readinto(buffer)
        self._meter.bytes += read or 0
        return read


def _find_in(folder: Path, format: Format | None) -> Iterator[Found | Problem | Skipped]:
    problems: list[OSError] = []
    root = folder.resolve()
    for here, folders, files in os.walk(folder, onerror=problems.append):
        yield from _name_problems(problems)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield _judge(folder, root, Path(here, name), format)
    yield from _name_problems(problems)


def _judge(folder: Path, root: Path, path: Path, format: Format | None) -> Found | Skipped:
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return Skipped(Origin(str(path)), "a link that leads out of the folder")
    if not path.is_file():
        return Skipped(Origin(str(path)), "not a regular file")
    told = format or _format_of(path)
    if told is None:
        return Skipped(Origin(str(path)), "unknown kind of file")
    return Found(path, _name(path.relative_to(folder).as_posix()), told)


def _name_problems(problems: list[OSError]) -> Iterator[Problem]:
    for error in problems:
        yield Problem(Origin(os.fsdecode(error.filename or "?")), error.strerror or str(error))
    problems.clear()


def _format_of(path: Path) -> Format | None:
    return _SUFFIXES.get(Path(_unpacked(path.name)).suffix.lower())


def _unpacked(name: str) -> str:
    return name[: -len(".gz")] if name.lower().endswith(".gz") else name


def _name(name: str) -> str:
    """``name`` without the suffix that says what kind of file it is."""
    name = _unpacked(name)
    suffix = Path(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in _SUFFIXES else name
