"""The knowledge base: a read-only file that says whom a name may mean, mapped into memory.

It decides how the file looks. Where its entries come from is ``sources``' to say, who is meant ``linking``'s.

The file: a line with the format's name; a line of JSON, filled up with spaces to a multiple of eight bytes; the hashes of all
names in ascending order (64 bits each); the entry of each (32 bits, filled up to eight bytes); where each entry ends (64 bits);
the entries as JSON. Numbers are little-endian, as on all machines that we run on. So a look-up is a binary search, all processes
of a machine share one copy, and the same entries give the same bytes.
"""

import hashlib
import json
import mmap
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from schemas.event import EntityType
from services.identity.names import name_key, normalise

PLACES = Path(__file__).with_name("places.kb")
"""The knowledge base that comes with the project: countries, the states of the US, and towns (GeoNames, CC BY 4.0)."""
FORMAT = b"stancewire knowledge base 1\n"
MOST_CANDIDATES = 64
"""Entries of one name that are looked at, the best known: of the Springfields of the world all."""
_CACHED = 16_384
_LABELS: Mapping[str, EntityType] = {"person": "PERSON", "body": "ORG", "place": "GPE"}


class KnowledgeBaseError(ValueError):
    """A file is no knowledge base, or is damaged, or an input of one cannot be read; the message names it."""


class Entry(NamedTuple):
    """Somebody or something that is known.

    Attributes:
        name: the usual name. kind: ``person``, ``body`` or ``place``. weight: how well known, 0 to 10: for a place the decimal
            logarithm of its inhabitants. ids: scheme -> id; at least one. within: the places that it is in, the nearest first, as
            ``scheme:id``. context: folded words that a text about it may have. related: others that a text about it may name,
            as ``scheme:id``. aliases: its other names; not kept in the file but as hashes.
    """

    name: str
    kind: str
    weight: float
    ids: Mapping[str, str]
    within: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def own(self) -> list[str]:
        """Its ids as ``scheme:id``."""
        return [f"{scheme}:{value}" for scheme, value in self.ids.items()]


class KnowledgeBase:
    """An open file. It may be used by many processes at once.

    Raises:
        KnowledgeBaseError: the file is not there, or is no knowledge base.
    """

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is empty"
            raise KnowledgeBaseError(f"{path}: cannot be read: {why}") from None
        try:
            header = self._header()
            entries, names = int(header["entries"]), int(header["names"])
            self.digest = str(header["digest"])
            """Of all that is in it."""
        except (ValueError, KeyError, TypeError):
            raise KnowledgeBaseError(f"{path}: is no knowledge base; make one by `stancewire kb build`") from None
        view = memoryview(self._bytes)
        hashes = self._begin
        rows, ends = hashes + 8 * names, hashes + 8 * names + -(-4 * names // 8) * 8
        self._records = ends + 8 * entries
        if len(view) < self._records or len(view) != self._records + int(header["bytes"]):
            raise KnowledgeBaseError(f"{path}: is cut off or damaged; copy or build it again")
        self._hashes = view[hashes:rows].cast("Q")
        self._rows = view[rows : rows + 4 * names].cast("I")
        self._ends = view[ends : self._records].cast("Q")
        self.candidates = lru_cache(maxsize=_CACHED)(self._candidates)
        """The entries that have a name (a result of ``forms_of``), the best known first."""

    def __len__(self) -> int:
        return len(self._ends)

    def entries(self) -> Iterator[Entry]:
        """All entries, in their order, without their aliases."""
        return map(self._entry, range(len(self)))

    def names(self) -> Iterator[tuple[int, int]]:
        """The hash of each name, and the entry that it is of."""
        return zip(self._hashes, self._rows, strict=True)

    def _header(self) -> Mapping[str, Any]:
        if self._bytes[: len(FORMAT)] != FORMAT:
            raise ValueError
        self._begin = self._bytes.find(b"\n", len(FORMAT)) + 1
        header: Mapping[str, Any] = json.loads(self._bytes[len(FORMAT) : self._begin])
        return header

    def _candidates(self, form: str) -> tuple[Entry, ...]:
        wanted = hash_form(form)
        at = bisect_left(self._hashes, wanted)
        found: list[Entry] = []
        while at < len(self._hashes) and self._hashes[at] == wanted and len(found) < MOST_CANDIDATES:
            found.append(self._entry(self._rows[at]))
            at += 1
        return tuple(found)

    def _entry(self, row: int) -> Entry:
        start = self._ends[row - 1] if row else 0
        return read_record(self._bytes[self._records + start : self._records + self._ends[row]])


def forms_of(name: str, kind: str) -> list[str]:
    """The forms under which a name is looked up: as it is written, and as keys have it."""
    key = name_key(name, _LABELS[kind])
    forms = [normalise(name), *([key.partition(":")[2]] if key else [])]
    return [f"{kind}:{form}" for form in dict.fromkeys(forms) if form]


def hash_form(form: str) -> int:
    """64 bits of a form. Two of a hundred million forms are taken for one once in 3,000 knowledge bases."""
    return int.from_bytes(hashlib.blake2b(form.encode(), digest_size=8).digest())


def read_record(record: bytes) -> Entry:
    """An entry as ``write_record`` wrote it."""
    name, kind, weight, ids, *rest = json.loads(record)
    return Entry(name, kind, weight, ids, *map(tuple, rest))


def write_record(entry: Entry) -> bytes:
    """An entry in JSON, without its aliases."""
    parts: list[object] = [
        entry.name, entry.kind, entry.weight, entry.ids, entry.within, entry.context, entry.related,
    ]  # fmt: skip
    while not parts[-1]:
        parts.pop()
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()


def write(path: Path, records: Iterable[bytes], names: Iterable[tuple[int, int]]) -> str:
    """Write a knowledge base: its entries, and the hash of each name with the entry that it is of. Returns its digest.

    A file that is there is replaced when the new one is whole.
    """
    kept = list(records)
    weights = [read_record(record).weight for record in kept]
    pairs = sorted(set(names), key=lambda pair: (pair[0], -weights[pair[1]], pair[1]))
    hashes, rows = array("Q", (pair[0] for pair in pairs)), array("I", (pair[1] for pair in pairs))
    if len(rows) % 2:
        rows.append(0)
    ends = array("Q")
    end = 0
    for record in kept:
        end += len(record)
        ends.append(end)
    parts = [hashes.tobytes(), rows.tobytes(), ends.tobytes(), *kept]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    known = {"entries": len(kept), "names": len(pairs), "bytes": end, "digest": digest.hexdigest()[:16]}
    header = FORMAT + json.dumps(known).encode()
    header += b" " * (-(len(header) + 1) % 8) + b"\n"
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(header)
        file.writelines(parts)
    fresh.replace(path)
    return str(known["digest"])
