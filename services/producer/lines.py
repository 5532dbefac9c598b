"""Lines of a byte stream, each bounded, so that a stream of any length takes little memory."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from schemas.base import MAX_MESSAGE_BYTES

LONGEST = MAX_MESSAGE_BYTES
"""Bytes of a line. A longer one could not be published."""
_BOM = b"\xef\xbb\xbf"
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
"""What reading a damaged file or archive raises."""


@dataclass(frozen=True)
class Line:
    """A line with its line end, counted from 1. ``content`` None: it was longer than ``LONGEST``."""

    number: int
    content: bytes | None


class BrokenStreamError(OSError):
    """The stream ended in an error after ``line`` whole lines."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def lines(stream: BinaryIO) -> Iterator[Line]:
    """The lines of ``stream``. A byte order mark at its start is dropped.

    Raises:
        BrokenStreamError: it cannot be read on (damaged archive, disk error).
    """
    number = 0
    try:
        while content := stream.readline(LONGEST + 2):
            number += 1
            if number == 1:
                content = content.removeprefix(_BOM)
            if len(content.rstrip(b"\r\n")) > LONGEST:
                _skip(stream, content)
                yield Line(number, None)
            else:
                yield Line(number, content)
    except BROKEN as error:
        raise BrokenStreamError(number, explain(error)) from error


def whole(stream: BinaryIO, limit: int) -> bytes | None:
    """All of ``stream`` without a byte order mark, or None where it has more than ``limit`` bytes.

    Raises:
        BrokenStreamError: it cannot be read.
    """
    try:
        content = stream.read(limit + len(_BOM) + 1).removeprefix(_BOM)
    except BROKEN as error:
        raise BrokenStreamError(0, explain(error)) from error
    return content if len(content) <= limit else None


def explain(error: BaseException) -> str:
    """Why reading failed, without the path, which is named beside it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"damaged archive: {error}"


def decode(content: bytes) -> str:
    """Decode UTF-8.

    Raises:
        ValueError: it is not; the message names the byte, counted from 0, and what it looks like instead.
    """
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        hint = next((hint for mark, hint in _LOOKS_LIKE if content.startswith(mark)), _OTHERWISE)
        raise ValueError(f"not UTF-8 at byte {error.start}{hint}") from None


_LOOKS_LIKE = (
    (b"\xff\xfe", "; it looks like UTF-16, say so with --encoding utf-16"),
    (b"\xfe\xff", "; it looks like UTF-16, say so with --encoding utf-16"),
    (b"\x1f\x8b", "; it looks gzipped, its name should end in .gz"),
    (b"BZh", "; it looks packed with bzip2, its name should end in .bz2"),
    (b"\xfd7zXZ", "; it looks packed with xz, its name should end in .xz"),
    (b"\x28\xb5\x2f\xfd", "; it looks packed with zstd, its name should end in .zst"),
    (b"PK\x03\x04", "; it looks like a zip archive, its name should end in .zip"),
    (b"%PDF", "; it looks like a PDF"),
)
_OTHERWISE = "; say how it is written with --encoding, such as cp1252"


def _skip(stream: BinaryIO, content: bytes) -> None:
    """Read on to the end of a line of which ``content`` is the start."""
    while content and not content.endswith(b"\n"):
        content = stream.readline(LONGEST)
