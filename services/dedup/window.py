"""What is remembered of the works judged before, for how long, and how it comes back from the table.

It decides when a document is too old to be compared with and when a judgement is forgotten; verdicts are ``core``'s.

Works judged are numbered. The *window* is a run of the last numbers: the documents that new ones are compared with.
It is cut into slices, by time and by number, and the oldest slice is dropped whole when all of it is older than
``window_hours``, or more than ``window_documents`` numbers are in the window. Time is the greatest ``received_at``
judged so far. Judgements themselves are remembered longer: the last ``replay_documents`` keep their verdict, so that
works which are read again after a crash get it again, also where the window has moved on.

The table holds a row for each judgement that is remembered, under a key of its own. The last row tells the state of
the whole.
"""

import hashlib
import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from schemas.work import Fingerprint
from services.dedup.fingerprint import UInt32s, signature_values, stamp
from services.dedup.index import SignatureIndex
from services.dedup.record import ROW, Record, Row, read
from services.dedup.settings import DedupSettings

SLICES = 12
"""Parts that a window is dropped in: a document stays up to a twelfth longer than it must."""
DELETED = 64
"""Most rows deleted with one judgement. Thousands fall due when a slice is dropped, and each judgement adds one."""

_HOUR = 3_600_000_000  # microseconds


class _Loaded(NamedTuple):
    """A row that was read: the record, its signature, and the window's state after it."""

    record: Record
    signature: UInt32s | None
    clock: int
    slice: tuple[int, int]
    floor: int


class Window:
    """The judgements that are remembered, and the documents among them that are compared with."""

    def __init__(self, settings: DedupSettings) -> None:
        self.scheme = f"{ROW}/{stamp(settings)}"
        self.stale: tuple[str, ...] = ()
        self._prefix = hashlib.sha256(self.scheme.encode()).hexdigest()[:8]
        self._span = round(settings.window_hours * _HOUR)
        self._limit = settings.window_documents
        self._replay = settings.replay_documents
        self._slice_span = self._span // SLICES
        self._slice_limit = math.ceil(self._limit / SLICES)
        self._permutations = settings.permutations
        self._index = SignatureIndex(self._limit, settings.permutations, settings.bands, settings.rows)
        self._ring: list[Record | None] = [None] * max(self._limit, self._replay)
        self._last = 0
        self._horizon = 1  # the lowest number that is remembered whether it is live or not
        self._floor = 1  # the lowest number that is in the window
        self._clock = -(2**62)  # before any time
        self._slices: deque[tuple[int, int]] = deque()  # number of the first, clock then
        self._live: dict[str, Record] = {}
        self._past: dict[str, list[Record]] = {}
        self._exact: dict[bytes, list[Record]] = {}
        self._due: deque[str] = deque()

    def __len__(self) -> int:
        """Documents that are compared with."""
        return len(self._live)

    def find(self, event: str, id: str, received: int) -> Record | None:
        """The judgement of this very work, if it is remembered.

        A document that is sent again is the same work at whatever time it comes; only what comes after a withdrawal of
        its id is judged again. A withdrawal says nothing of what it withdraws, so it is the same only when it came at
        the same time. (Works of one id come from one partition, so that their times are in their order.)
        """
        same = [record for record in self._past.get(id, ()) if record.event == event]
        if (live := self._live.get(id)) is not None and live.event == event:
            same.append(live)
        for record in same:
            if record.received == received:
                return record
        newest = max(same, key=lambda record: record.number, default=None)
        if newest is None or newest.withdrawal or (newest.recalled is not None and newest.recalled < received):
            return None
        return newest

    def knows(self, id: str) -> bool:
        """Whether any judgement of ``id`` is remembered."""
        return id in self._live or id in self._past

    def standing(self, id: str) -> Record | None:
        """The document of ``id`` that is in the window."""
        return self._live.get(id)

    def exact(self, digest: bytes) -> list[Record]:
        """The documents with the same words, the earliest first."""
        return self._exact.get(digest, [])

    def candidates(self, signature: UInt32s, least: float) -> list[tuple[Record, float]]:
        """Documents that may be near copies, the earliest first, each with its estimated similarity of ``least`` or more."""
        found = self._index.candidates(signature, least)
        return [(record, share) for number, share in found if (record := self._at(number)) is not None]

    def advance(self, received: int) -> int:
        """Begin a judgement: let the time pass, drop what is too old by it, and return the judgement's number."""
        self._last += 1
        self._clock = max(self._clock, received)
        if not self._slices or self._is_full(*self._slices[-1]):
            self._slices.append((self._last, self._clock))
        while self._is_over(*self._slices[0]):
            self._slices.popleft()
        self._drop_before(self._slices[0][0])
        return self._last

    def add(self, record: Record, fingerprint: Fingerprint | None, signature: UInt32s | None) -> tuple[str, str]:
        """Remember a judgement under the number that ``advance`` gave, and return its row, key and value.

        Args:
            record: ``indexed`` says whether the document takes its id's place in the window; a withdrawal empties it.
            fingerprint: what later documents are compared with, and its ``signature`` decoded; None where there is
                nothing to compare.
        """
        number, opened = self._slices[-1]
        row = Row(
            scheme=self.scheme,
            number=record.number,
            clock=self._clock,
            slice=number,
            opened=opened,
            floor=self._slices[0][0],
            event=record.event,
            id=record.id,
            revision=record.revision,
            received=record.received,
            withdrawal=record.withdrawal,
            overtaken=record.overtaken,
            indexed=record.indexed,
            skipped=record.skipped,
            joined=record.joined,
            duplicate=record.duplicate,
            fingerprint=fingerprint if record.indexed else None,
        )
        value = row.model_dump_json(exclude_defaults=True)
        if record.withdrawal or record.indexed:
            self._vacate(record.id)
        if record.withdrawal:
            _recall(self._past.get(record.id, ()), record.received)
        self._forget_to(self._last - self._replay + 1)
        if record.indexed:
            self._enter(record, signature)
        else:
            self._leave(record)
        return self._key(record.number), value

    def due(self) -> tuple[str, ...]:
        """Keys of rows that are not needed any more, to be deleted in this order; each is returned once.

        They fell due at earlier judgements, so that the table is whole wherever a crash comes between deleting and
        putting.
        """
        return tuple(self._due.popleft() for _ in range(min(DELETED, len(self._due))))

    def load(self, rows: Iterable[tuple[str, str]]) -> None:
        """Take up the state that ``rows`` (key and value, in any order) were written in. Only for a window that is new.

        Rows that cannot be read, or were written under another stamp, and rows that are not needed are left out:
        ``stale`` names them, and they fall due.
        """
        stale: list[str] = []
        loaded: list[_Loaded] = []
        for key, value in rows:
            if (one := self._read(key, value)) is None:
                stale.append(key)
            else:
                loaded.append(one)
        stale.sort()
        if loaded:
            loaded.sort(key=lambda one: one.record.number)
            self._restore_state(loaded)
            stale += self._restore_records(loaded)
        self.stale = tuple(stale)
        self._due.extend(stale)

    def _read(self, key: str, value: str) -> _Loaded | None:
        try:
            row = Row.model_validate_json(value)
            signature = None if row.fingerprint is None else signature_values(row.fingerprint)
            record = read(row)
        except ValueError:  # pydantic's errors are of this kind too
            return None
        if row.scheme != self.scheme or key != self._key(row.number):
            return None
        if signature is not None and len(signature) not in (0, self._permutations):
            return None
        return _Loaded(record, signature, row.clock, (row.slice, row.opened), row.floor)

    def _restore_state(self, loaded: list[_Loaded]) -> None:
        newest = loaded[-1]
        self._last = newest.record.number
        self._clock = newest.clock
        self._horizon = max(1, self._last - self._replay + 1)
        self._slices.extend(sorted({one.slice for one in loaded if one.slice[0] >= newest.floor}))
        while self._slices and self._is_over(*self._slices[0]):  # only where the settings are others than they were
            self._slices.popleft()
        self._floor = max(newest.floor, self._slices[0][0] if self._slices else self._last + 1)
        self._index.drop_before(self._floor)

    def _restore_records(self, loaded: list[_Loaded]) -> list[str]:
        """Put back what is needed, in the order of judging, and return the keys of the rest."""
        newest: dict[str, Record] = {}  # of each id, what is in the window
        before: dict[str, list[Record]] = {}
        for one in loaded:
            record = one.record
            if record.withdrawal:
                newest.pop(record.id, None)
                _recall(before.get(record.id, ()), record.received)
            elif record.indexed:
                newest[record.id] = record
            before.setdefault(record.id, []).append(record)
        rest: list[str] = []
        for one in loaded:
            record = one.record
            if newest.get(record.id) is record and record.number >= self._floor:
                self._enter(record, one.signature)
            elif record.number >= self._horizon:
                self._leave(record)
            else:
                rest.append(self._key(record.number))
        return rest

    def _is_full(self, number: int, opened: int) -> bool:
        return self._last - number >= self._slice_limit or self._clock - opened >= self._slice_span

    def _is_over(self, number: int, opened: int) -> bool:
        return self._last - number >= self._limit or self._clock - opened >= self._span + self._slice_span

    def _drop_before(self, number: int) -> None:
        if number == self._floor:
            return
        self._index.drop_before(number)
        dropped = [record for record in map(self._at, range(self._floor, number)) if record is not None and record.live]
        self._floor = number
        for record in dropped:
            record.live = False
        for digest in {record.exact for record in dropped}:
            self._prune(digest)
        for record in dropped:
            del self._live[record.id]
            self._leave(record)

    def _vacate(self, id: str) -> None:
        """Take the document of ``id`` out of the window."""
        record = self._live.pop(id, None)
        if record is None:
            return
        record.live = False
        self._index.discard(record.number)
        self._prune(record.exact)
        self._leave(record)

    def _prune(self, digest: bytes) -> None:
        """Take the documents that are not in the window any more off the list of those with the same words."""
        if left := [record for record in self._exact.get(digest, ()) if record.live]:
            self._exact[digest] = left
        else:
            self._exact.pop(digest, None)

    def _enter(self, record: Record, signature: UInt32s | None) -> None:
        """Put a document into the window."""
        record.live = True
        self._ring[record.number % len(self._ring)] = record
        self._live[record.id] = record
        if record.exact:
            self._exact.setdefault(record.exact, []).append(record)
        if signature is not None and len(signature):
            self._index.add(record.number, signature)

    def _leave(self, record: Record) -> None:
        """Remember a judgement that is not in the window, or forget it."""
        record.exact = record.shingles = b""
        if record.number >= self._horizon:
            self._ring[record.number % len(self._ring)] = record
            self._past.setdefault(record.id, []).append(record)
        else:
            self._ring[record.number % len(self._ring)] = None
            self._due.append(self._key(record.number))

    def _forget_to(self, horizon: int) -> None:
        """Forget the judgements below ``horizon`` that are not in the window."""
        for number in range(self._horizon, horizon):
            record = self._at(number)
            if record is not None and not record.live:
                past = self._past[record.id]
                past.remove(record)
                if not past:
                    del self._past[record.id]
                self._ring[number % len(self._ring)] = None
                self._due.append(self._key(number))
        self._horizon = max(self._horizon, horizon)

    def _at(self, number: int) -> Record | None:
        record = self._ring[number % len(self._ring)]
        return record if record is not None and record.number == number else None

    def _key(self, number: int) -> str:
        """Rows of different schemes never share a key."""
        return f"{self._prefix}-{number:016d}"


def _recall(records: Iterable[Record], received: int) -> None:
    """Note in all judgements of an id that a withdrawal of it came."""
    for record in records:
        record.recalled = received
