"""What reading gives: a document to publish, a problem to name, or a file that was passed over."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["line", "entry"]


@dataclass(frozen=True)
class Origin:
    """Where something was read: a file (``-``: standard input), and the line or entry in it, counted from 1."""

    file: str
    unit: Unit | None = None
    number: int | None = None

    def __str__(self) -> str:
        name = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in self.file)
        return name if self.number is None else f"{name}, {self.unit} {self.number}"


@dataclass(frozen=True)
class Item:
    """A message to publish: ``value`` is a document's JSON (None: a tombstone), ``key`` its id in UTF-8 if it has one."""

    origin: Origin
    value: bytes | None
    key: bytes | None


@dataclass(frozen=True)
class Problem:
    """Something that could not be read, and why."""

    origin: Origin
    message: str


@dataclass(frozen=True)
class Skipped:
    """A file of a folder that was passed over on purpose, and why."""

    origin: Origin
    reason: str
