"""Entries of a list: reads one, or says which field makes it invalid."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from schemas.listed import Listed
from services.text.safe import safe

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
        ValueError: the message is invalid; the text says why.
    """
    if not key:
        raise ValueError("the message has no key; its key must be the entry's id")
    identity = key.decode("utf-8", "replace")
    if value is None:
        return identity, None
    try:
        entry = kind.model.model_validate_json(value)
    except ValidationError as error:
        raise ValueError(explain(error)) from None
    if entry.id != identity:
        raise ValueError("id: is not the same as the message's key")
    return identity, entry


def explain(error: ValidationError) -> str:
    """The first fault of an entry in one line: its field and what is wrong with it; nothing of what it holds."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = safe(".".join(map(str, first["loc"])), 50)
    message = first["msg"].removeprefix("Value error, ")
    return f"{field}: {message}" if field else message
