"""Entries of a list: reading one, and saying of one that is none which field is at fault."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from schemas.listed import Listed

E = TypeVar("E", bound=Listed)


@dataclass(frozen=True)
class Kind(Generic[E]):
    """A kind of list: what its entries are, how many forms a whole list may have, and what one entry and several are called."""

    model: type[E]
    most: int
    one: str
    several: str


def read_change(kind: Kind[E], key: bytes | None, value: bytes | None) -> tuple[str, E | None]:
    """The id and the new entry (None: it is deleted) in a message of the list's topic.

    Raises:
        ValueError: it is neither; the message says what is wrong.
    """
    if not key:
        raise ValueError("it has no key")
    identity = key.decode("utf-8", "replace")
    if value is None:
        return identity, None
    try:
        entry = kind.model.model_validate_json(value)
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    if entry.id != identity:
        raise ValueError("id: is not the message's key")
    return identity, entry


def explain(error: ValidationError) -> str:
    """The first fault of an entry in one line: its field and what is wrong with it; nothing of what it holds."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = "".join(c if c.isprintable() else "\ufffd" for c in ".".join(map(str, first["loc"]))[:50])
    return f"{field}: {first['msg']}" if field else first["msg"]
