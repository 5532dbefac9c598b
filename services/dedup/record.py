"""What is remembered of one judgement: in memory, and as the row of the table that it is rebuilt from.

It says how a judgement is kept; for how long is ``window``'s to say.
"""

import base64
from dataclasses import dataclass

from schemas.base import Model
from schemas.event import Duplicate, Verdict
from schemas.work import Fingerprint

ROW = 1
"""Version of a row's format; it changes when an older judge could not read it."""


class Row(Model):
    """The table's value for one judgement, as JSON. It is never changed once written.

    All times are microseconds since 1970, UTC. ``clock`` to ``floor`` are the state of the window after this
    judgement: its time, the slice that the judgement fell in (the number of the slice's first, and the time then),
    and the lowest number that was still compared with.
    """

    scheme: str
    number: int
    clock: int
    slice: int
    opened: int
    floor: int
    event: str
    id: str
    revision: int
    received: int
    withdrawal: bool
    overtaken: bool
    indexed: bool
    skipped: bool
    joined: int
    duplicate: Duplicate | None
    fingerprint: Fingerprint | None


@dataclass(slots=True, eq=False)
class Record:
    """One judgement in memory; plain fields, because there are hundreds of thousands.

    Attributes:
        number: counts the works that were judged, from 1.
        event: the work's ``event_id``.
        received: when the broker got it, microseconds since 1970.
        withdrawal: it took its id's document back; otherwise it is a document.
        overtaken: an earlier event of its id had been judged.
        indexed: it was put into the window, as its id's newest revision.
        skipped: its verdict ended it as a duplicate.
        joined: the number under which its id came into its cluster.
        verdict to seconds_after: see ``schemas.event.Duplicate``; a withdrawal has no verdict.
        exact, shingles: digest of the words and kept shingle hashes (little-endian uint32); empty unless it is live.
        live: it is in the window now.
        recalled: when a withdrawal of its id was received, the last one since.
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
    verdict: Verdict | None = None
    cluster: str = ""
    of: str | None = None
    similarity: float | None = None
    estimated: float | None = None
    rule: str = ""
    seconds_after: float | None = None
    exact: bytes = b""
    shingles: bytes = b""
    live: bool = False
    recalled: int | None = None

    @property
    def duplicate(self) -> Duplicate | None:
        """The verdict as it stands in the event; none for a withdrawal."""
        if self.verdict is None:
            return None
        return Duplicate(
            verdict=self.verdict,
            cluster=self.cluster,
            of=self.of,
            similarity=self.similarity,
            estimated=self.estimated,
            rule=self.rule,
            seconds_after=self.seconds_after,
        )


def read(row: Row) -> Record:
    """The record that ``row`` was made of, as if it had just been judged.

    Raises:
        ValueError: the fingerprint is not hexadecimal and base64.
    """
    record = Record(
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
    )
    if row.duplicate is not None:
        for name in Duplicate.model_fields:
            setattr(record, name, getattr(row.duplicate, name))
        if record.cluster == record.id:
            record.cluster = record.id  # one string in memory, not two
    if row.fingerprint is not None:
        record.exact = bytes.fromhex(row.fingerprint.exact)
        record.shingles = base64.b64decode(row.fingerprint.shingles, validate=True)
    return record
