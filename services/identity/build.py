"""Builds a knowledge base: entries of several files that have an id in common become one.

It decides what becomes of two sources that know the same: the name of the first, the names, ids and words of both, the greater
weight.
"""

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from services.identity.kb import Entry, KnowledgeBase, forms_of, hash_form, read_record, write, write_record
from services.identity.sources import read

_MOST = 32
"""Places, words and relations of one entry."""


class Built(NamedTuple):
    """What was built: entries, names, and the digest of the file."""

    entries: int
    names: int
    digest: str


class Builder:
    """Gathers entries. Of each it keeps some hundred bytes, so that millions fit into memory."""

    def __init__(self) -> None:
        self._records: list[bytes] = []
        self._by_id: dict[str, int] = {}
        self._hashes = array("Q")
        self._rows = array("I")

    def add(self, entry: Entry) -> None:
        """Add an entry, or what it says to one that has an id in common with it."""
        row = next((self._by_id[one] for one in entry.own if one in self._by_id), None)
        if row is None:
            row = len(self._records)
            self._records.append(write_record(entry))
        else:
            self._records[row] = write_record(_merged(read_record(self._records[row]), entry))
        for one in entry.own:
            self._by_id.setdefault(one, row)
        for name in (entry.name, *entry.aliases):
            for form in forms_of(name, entry.kind):
                self._name(hash_form(form), row)

    def add_base(self, base: KnowledgeBase) -> None:
        """Add all of a knowledge base that was built before, to a builder that is still empty."""
        for entry in base.entries():
            row = len(self._records)
            self._records.append(write_record(entry))
            for one in entry.own:
                self._by_id.setdefault(one, row)
        for hashed, row in base.names():
            self._name(hashed, row)

    def _name(self, hashed: int, row: int) -> None:
        self._hashes.append(hashed)
        self._rows.append(row)

    def write(self, path: Path) -> Built:
        """Write the file; one that is there is replaced.

        Raises:
            OSError: it cannot be written.
        """
        pairs = set(zip(self._hashes, self._rows, strict=True))
        return Built(len(self._records), len(pairs), write(path, self._records, pairs))


def build(out: Path, inputs: Sequence[Path], base: Path | None, least_sitelinks: int = 0) -> Built:
    """Build the knowledge base ``out`` from ``base``, a knowledge base, and the files ``inputs``.

    Raises:
        KnowledgeBaseError: a file cannot be read. OSError: ``out`` cannot be written.
    """
    builder = Builder()
    if base is not None:
        builder.add_base(KnowledgeBase(base))
    for path in inputs:
        for entry in read(path, least_sitelinks):
            builder.add(entry)
    return builder.write(out)


def _merged(one: Entry, other: Entry) -> Entry:
    return one._replace(
        weight=max(one.weight, other.weight),
        ids={**other.ids, **one.ids},
        within=_joined(one.within, other.within),
        context=_joined(one.context, other.context),
        related=_joined(one.related, other.related),
    )


def _joined(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))[:_MOST]
