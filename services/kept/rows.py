"""What rows and the keys of ``places`` are made of, and how a judgement's rows are written."""

import hashlib
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(16)  # the same id and event are asked for several times in one judgement
def key_of(text: str) -> int:
    """The key of a text: 64 bits of its hash, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def microseconds(time: datetime) -> int:
    """Microseconds since 1970; a time without a zone is taken as UTC."""
    aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def write_rows(table: MutableMapping[str, str], put: Mapping[str, str], delete: Iterable[str]) -> None:
    """Do to a table what a judgement asks for, before the next one: delete, in order, then put."""
    for key in delete:
        del table[key]
    for key, value in put.items():
        table[key] = value
