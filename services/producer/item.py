"""What reading gives: a document to publish, a problem to name, or something that was passed over."""

from dataclasses import dataclass
from typing import Literal

from services.text.safe import safe

Unit = Literal["line", "entry"]


@dataclass(frozen=True)
class Origin:
    """Where something was read: a file (``-``: standard input), and the line or entry in it, counted from 1."""

    file: str
    unit: Unit | None = None
    number: int | None = None

    def __str__(self) -> str:
        name = safe(self.file, 4096)
        return name if self.number is None else f"{name}, {self.unit} {self.number}"


@dataclass(frozen=True)
class Item:
    """A message to publish: ``value`` is a document's JSON (None: a tombstone), ``key`` its id in UTF-8 if it has one.

    ``form`` says in words as what it was read, such as "NewsAPI response"; None: to the byte, whatever it is.
    """

    origin: Origin
    value: bytes | None
    key: bytes | None
    form: str | None = None


@dataclass(frozen=True)
class Problem:
    """Something that could not be read, and why."""

    origin: Origin
    message: str


@dataclass(frozen=True)
class Rejected:
    """A document that the service would reject: what is wrong with which field, and what helps (may be empty)."""

    origin: Origin
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Skipped:
    """A file of a folder, or a page of an archive, that was passed over on purpose, and why."""

    origin: Origin
    reason: str
