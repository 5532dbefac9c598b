"""Finding the files of a path, and opening them, unpacked. Links that lead out of a folder are not followed."""

import bz2
import codecs
import errno
import gzip
import io
import lzma
import os
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from services.producer.item import Origin, Problem, Skipped
from services.producer.recognise import FORMATS, HEAD_BYTES, Format

__all__ = [
    "FORMATS",
    "Format",
    "Found",
    "Meter",
    "find",
    "in_utf8",
    "members",
    "open_bytes",
    "peek",
    "total_bytes",
    "unpacked",
]

_SUFFIXES: dict[str, Format] = {
    ".txt": "txt",
    ".md": "txt",
    ".markdown": "txt",
    ".json": "json",
    ".jsonl": "jsonl",
    ".jsonlines": "jsonl",
    ".ndjson": "jsonl",
    ".jl": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".nitf": "wire",
    ".newsml": "wire",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".warc": "warc",
    ".wet": "warc",
    ".parquet": "parquet",
    ".malformed": "raw",
}
_PACKED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".lzma": "xz", ".zst": "zstd", ".zstd": "zstd", ".tgz": "gzip"}
_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_ZIP = ".zip"
_TARS = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tgz")
_USTAR = slice(257, 262)
_ABOUT = frozenset(("readme", "license", "licence", "changelog", "copying", "contributing"))
"""Names, without suffix, of text files that tell about a folder."""


@dataclass(frozen=True)
class Found:
    """A file to read. ``name`` is its path inside the folder that was given, or its own name, without the suffixes. A bare
    number has the name of its folder before it, whatever was given: ``business/001``.

    ``format``: what its name says; None where only its content can.
    """

    path: Path
    name: str
    format: Format | None


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
    yield Found(path, _numbered(_name(path.name), path.absolute().parent), format or _format_of(path.name))


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
def open_bytes(path: Path, meter: Meter) -> Iterator[io.BufferedReader]:
    """Open ``path`` for reading, packed as it is. Raises OSError."""
    with path.open("rb", buffering=0) as raw:
        yield io.BufferedReader(_Metered(raw, meter), _BUFFER)


@contextmanager
def unpacked(stream: io.BufferedReader, name: str, sniff: bool) -> Iterator[io.BufferedReader]:
    """``stream`` unpacked, as its name or (with ``sniff``) its first bytes say.

    Args:
        name: whose suffix says how it is packed, whatever its bytes are.

    Raises OSError, EOFError and others of ``lines.BROKEN``.
    """
    packing = _PACKED.get(PurePosixPath(name).suffix.lower())
    if packing is None and sniff:
        head = peek(stream)
        packing = next((found for magic, found in _MAGIC.items() if head.startswith(magic)), None)
    with ExitStack() as stack:
        if packing is not None:
            stream = io.BufferedReader(cast("io.RawIOBase", stack.enter_context(_unpack(stream, packing))), _BUFFER)
        yield stream


def in_utf8(stream: io.BufferedReader, sniff: bool, encoding: str | None) -> io.BufferedReader:
    """A stream of text in UTF-8.

    Args:
        encoding: of text that is not UTF-8; None: UTF-16 is understood by itself (with ``sniff``), without a byte order mark
            where it begins with letters of ASCII.

    Raises OSError where it is read: the encoding cannot be that of the text.
    """
    if encoding is None and sniff:
        encoding = next((found for form, found in _WIDE.items() if form.match(peek(stream))), None)
    return io.BufferedReader(_Transcoded(stream, encoding), _BUFFER) if encoding else stream


_WIDE = {
    re.compile(rb"\xff\xfe|\xfe\xff"): "utf-16",
    re.compile(rb"(?:[\t\r\n -~]\x00){4}"): "utf-16-le",
    re.compile(rb"(?:\x00[\t\r\n -~]){4}"): "utf-16-be",
}


def tar_members(
    stream: BinaryIO, name: str, format: Format | None
) -> Iterator[tuple[str, str, Format | None, BinaryIO] | Problem | Skipped]:
    """The files in a tar archive, as ``members`` has those of a zip archive. Links in it are passed over.

    Raises tarfile.TarError.
    """
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None or _is_hidden(member.name):
                continue
            where, told = f"{name}/{member.name}", format or _format_of(PurePosixPath(member.name).name)
            if told is None:
                yield Skipped(Origin(where), _unknown(PurePosixPath(member.name).name))
            else:
                yield where, _numbered(_name(member.name), _name(name)), told, cast("BinaryIO", content)


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a tar archive."""
    return head[_USTAR] == b"ustar"


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != "." for part in PurePosixPath(name).parts)


def members(
    file: BinaryIO, name: str, format: Format | None
) -> Iterator[tuple[str, str, Format | None, BinaryIO] | Problem | Skipped]:
    """The files in a zip archive: (where it is, its name without suffixes, its kind, its bytes), in the archive's order.

    Archives inside of archives are not opened. Raises zipfile.BadZipFile.
    """
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            path = PurePosixPath(member.filename)
            where = f"{name}/{member.filename}"
            if member.is_dir() or _is_hidden(member.filename):
                continue
            told = format or _format_of(path.name)
            if told is None:
                yield Skipped(Origin(where), _unknown(path.name))
                continue
            try:
                with archive.open(member) as content:
                    inside = _numbered(_name(member.filename), _name(name))
                    yield where, inside, told, cast("BinaryIO", content)
            except (RuntimeError, NotImplementedError) as error:  # it is encrypted, or packed in a rare way
                yield Problem(Origin(where), f"cannot be unpacked: {error}")


def is_zip(name: str, head: bytes) -> bool:
    """Whether a file is a zip archive; other files that are zip archives inside (.docx) are none here."""
    return head.startswith(b"PK\x03\x04") and PurePosixPath(name).suffix.lower() in (_ZIP, "")


def peek(stream: io.BufferedReader) -> bytes:
    """The first bytes of ``stream``, up to ``HEAD_BYTES``, which are still to be read; of a pipe what is there by now."""
    return stream.peek(HEAD_BYTES)[:HEAD_BYTES]


_BUFFER = 256 * 1024
"""Bytes of a read: a dozen articles, few system calls."""


def _unpack(stream: io.BufferedReader, packing: str) -> Any:
    match packing:
        case "gzip":
            return gzip.GzipFile(fileobj=stream)
        case "bzip2":
            return bz2.BZ2File(stream)
        case "xz":
            return lzma.LZMAFile(stream)
    import pyarrow  # costs 0.1 s, and few files need it

    return _Arrow(pyarrow.CompressedInputStream(pyarrow.PythonFile(stream, mode="r"), "zstd"))


class _Arrow(io.RawIOBase):
    """A stream of Arrow as one of Python's."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


class _Transcoded(io.RawIOBase):
    """A stream in another encoding as UTF-8; bytes that the encoding does not have are replaced."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        while not self._left and not self._ended:
            found = self._stream.read(len(buffer))
            self._ended = not found
            try:
                text = self._decoder.decode(found, final=not found)
            except UnicodeError:  # of UTF-16 and UTF-32; wrong bytes inside are replaced
                name = self._encoding
                told = f"no byte order mark, as {name} has; say {name}-le or {name}-be with --encoding"
                raise OSError(errno.EILSEQ, told) from None
            self._left = text.encode("utf-8", "replace")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


class _Metered(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase | io.FileIO, meter: Meter) -> None:
        self._raw = raw
        self._meter = meter

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._raw.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

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
    told = format or _format_of(path.name)
    if format is None and told == "txt" and path.name.partition(".")[0].lower() in _ABOUT:
        return Skipped(Origin(str(path)), "tells about the folder; name it to publish it")
    if told is None and not path.name.lower().endswith((_ZIP, *_TARS)):
        return Skipped(Origin(str(path)), _unknown(path.name))
    return Found(path, _numbered(_name(path.relative_to(folder).as_posix()), folder.absolute()), told)


def _unknown(name: str) -> str:
    suffix = PurePosixPath(_without_packing(name)).suffix
    return f"unknown kind of file ({suffix[:20] if suffix else 'its name has no suffix'}); --format says what all files are"


def _name_problems(problems: list[OSError]) -> Iterator[Problem]:
    for error in problems:
        yield Problem(Origin(os.fsdecode(error.filename or "?")), error.strerror or str(error))
    problems.clear()


def _format_of(name: str) -> Format | None:
    return _SUFFIXES.get(PurePosixPath(_without_packing(name)).suffix.lower())


def _without_packing(name: str) -> str:
    for suffix in (*_PACKED, _ZIP):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _name(name: str) -> str:
    """``name`` without the suffix that says what kind of file it is."""
    name = _without_packing(name)
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in _SUFFIXES else name


def _numbered(name: str, folder: str | Path) -> str:
    """``name``, after that of its folder where it is a number, as files of other folders have it, too."""
    return f"{Path(os.path.normpath(folder)).name}/{name}" if name.isdecimal() else name
