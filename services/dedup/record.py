"""What is remembered of one judgement, and the row of the table that it is kept in.

It says how a judgement is written and read; for how long it is kept is ``window``'s to say.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from pydantic_core import to_json

from schemas.base import Model
from schemas.event import Duplicate, Verdict
from schemas.work import Fingerprint
from services.dedup.fingerprint import decode, kept_shingles
from services.dedup.words import UInt32s

ROW = 2
"""Version of a row's format; it changes when an older judge could not read it."""
_NONE = np.empty(0, np.uint32)


class State(NamedTuple):
    """The state of the window after a judgement.

    Attributes:
        scheme: what rows and fingerprints are made of. clock: its time, microseconds since 1970. written: the
            characters of all fingerprints that were ever put into it. slice: the part of it that the judgement fell
            in, by the number of the first, the time then and the characters before it. floor: the lowest number that
            was still compared with.
    """

    scheme: str
    clock: int
    written: int
    slice: tuple[int, int, int]
    floor: int


class Row(Model):
    """The table's value for one judgement, as JSON: see ``State`` and ``JudgedRecord``. It is never changed once written."""

    scheme: str
    clock: int
    written: int
    slice: tuple[int, int, int]
    floor: int
    number: int
    event: str
    id: str
    revision: int
    received: int
    withdrawal: bool
    overtaken: bool
    indexed: bool
    skipped: bool
    joined: int
    duplicate: Duplicate | None = None
    fingerprint: Fingerprint | None = None
    url: str = ""
    home: str = ""
    beside: bool = False
    replaces: int = 0


@dataclass(slots=True, eq=False)
class JudgedRecord:
    """One judgement: while it is made, and when it is read again from its row.

    Attributes:
        number: counts the works that were judged, from 1.
        event: the work's ``event_id``.
        received: when the broker got it, microseconds since 1970.
        withdrawal: it took its id's document back; otherwise it is a document.
        overtaken: an earlier event of its id had been judged.
        indexed: it was put into the window, as its id's newest revision.
        skipped: its verdict ended it as a duplicate.
        joined: the number under which its id came into its cluster.
        duplicate: the verdict as it stands in the event; none for a withdrawal.
        exact: digest of the words; empty where nothing is compared with it, as is the next.
        shingles: kept shingle hashes, sorted uint32.
        sentences: a hash of each sentence, in order; empty in rows of earlier releases, as are the next three.
        title, lead: hashed stems of the title, hashed facts of the lead (see ``subject``).
        thin: the text is not the story that its title announces.
        url, home: digests of its url, and of its source and title; empty where it has none.
        beside: another document has its id, and stays.
        replaces: the number of the judgement whose document it takes the place of; 0: of all that its id has.
    """

    number: int
    event: str
    id: str
    revision: int
    received: int
    withdrawal: bool
    overtaken: bool
    indexed: bool = False
    skipped: bool = False
    joined: int = 0
    duplicate: Duplicate | None = None
    exact: bytes = b""
    shingles: UInt32s = field(default_factory=lambda: _NONE)
    sentences: UInt32s = field(default_factory=lambda: _NONE)
    title: frozenset[int] = frozenset()
    lead: frozenset[int] = frozenset()
    thin: bool = False
    url: str = ""
    home: str = ""
    beside: bool = False
    replaces: int = 0

    @property
    def cluster(self) -> str:
        """The cluster that its verdict put it in; empty for a withdrawal."""
        return self.duplicate.cluster if self.duplicate is not None else ""

    @property
    def verdict(self) -> Verdict | None:
        """What was found of it; none for a withdrawal."""
        return self.duplicate.verdict if self.duplicate is not None else None

    def compared(self, fingerprint: Fingerprint) -> None:
        """Take up what it is compared by.

        Raises:
            ValueError: the fingerprint is not hexadecimal and base64.
        """
        self.exact = bytes.fromhex(fingerprint.exact)
        self.shingles = kept_shingles(fingerprint)
        self.sentences = decode(fingerprint.sentences)
        self.title = frozenset(decode(fingerprint.title).tolist())
        self.lead = frozenset(decode(fingerprint.lead).tolist())
        self.thin = fingerprint.thin


def write(record: JudgedRecord, state: State, fingerprint: Fingerprint | None) -> str:
    """The row of ``record``. It is not validated, which would take longer than all else that is done with it here."""
    row = {
        **state._asdict(),
        "number": record.number,
        "event": record.event,
        "id": record.id,
        "revision": record.revision,
        "received": record.received,
        "withdrawal": record.withdrawal,
        "overtaken": record.overtaken,
        "indexed": record.indexed,
        "skipped": record.skipped,
        "joined": record.joined,
        "duplicate": record.duplicate,
        "fingerprint": fingerprint,
    }
    rare = {"url": record.url, "home": record.home, "beside": record.beside, "replaces": record.replaces}
    return to_json(row | {name: value for name, value in rare.items() if value}, exclude_none=True).decode()


def read(row: Row) -> JudgedRecord:
    """The record that ``row`` was made of.

    Raises:
        ValueError: the fingerprint is not hexadecimal and base64.
    """
    record = JudgedRecord(
        number=row.number,
        event=row.event,
        id=row.id,
        revision=row.revision,
        received=row.received,
        withdrawal=row.withdrawal,
        overtaken=row.overtaken,
        indexed=row.indexed,
        skipped=row.skipped,
        joined=row.joined,
        duplicate=row.duplicate,
        url=row.url,
        home=row.home,
        beside=row.beside,
        replaces=row.replaces,
    )
    if row.fingerprint is not None:
        record.compared(row.fingerprint)
    return record
