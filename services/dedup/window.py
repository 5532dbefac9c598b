"""What is remembered of the works judged before, for how long, and how it comes back from the table.

It decides when a document is too old to be compared with and when a judgement is forgotten; verdicts are ``core``'s.

Works judged are numbered. The *window* is a run of the last numbers: the documents that new ones are compared with.
It is cut into slices, by time, by number and by bytes, and the oldest slice is dropped whole when all of it is older
than ``window_hours``, or the window has more than ``window_documents`` numbers or ``window_bytes``. Time is the greatest
``received_at`` judged so far. Judgements themselves are remembered longer: the last ``replay_documents`` keep their
verdict, so that works which are read again after a crash get it again, also where the window has moved on.

The table holds a row for each judgement that is remembered, under a key of its own. The last row tells the state of
the whole. In memory are only the indexes, in flat arrays, and what finds a row: ids, events and texts as 64 bits of a
hash. Whatever is found is read from its row and compared in full, so that a collision costs a look and nothing else.
"""

import hashlib
import math
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from schemas.work import Fingerprint
from services.dedup.fingerprint import stamp
from services.dedup.index import SketchIndex
from services.dedup.record import ROW, JudgedRecord, Row, State, read, write
from services.dedup.settings import DedupSettings
from services.dedup.words import UInt32s
from services.kept.places import MIX, Groups, Places
from services.kept.rows import key_of

SLICES = 12
"""Parts that a window is dropped in: a document stays up to a twelfth longer than it must."""
DELETED = 4
"""Most rows deleted with one judgement. Each adds one, and thousands fall due when a slice is dropped: they are gone when a
third of the next slice is full, without a pause."""
_READ = 1024
"""Rows that were read last are kept as records, some 3 KB each: the documents of a story that is being copied."""

_HOUR = 3_600_000_000  # microseconds
_NEVER = -(2**62)  # before any time


class _Slice(NamedTuple):
    """A part of the window: the number of its first judgement, the time then, and the characters written before it."""

    first: int
    opened: int
    written: int


class Window:
    """The judgements that are remembered, and the documents among them that are compared with.

    Args:
        settings: how much is kept, and what fingerprints are made of.
        table: where the rows stand that ``add`` made. It is only read; whoever holds it writes what it is told to,
            before the next judgement.
    """

    def __init__(self, settings: DedupSettings, table: Mapping[str, str]) -> None:
        self.scheme = f"{ROW}/{stamp(settings)}"
        self.stale: tuple[str, ...] = ()
        self._table = table
        self._prefix = hashlib.sha256(self.scheme.encode()).hexdigest()[:8]
        self._span = round(settings.window_hours * _HOUR)
        self._limit = settings.window_documents
        self._bytes = settings.window_bytes
        self._replay = settings.replay_documents
        self._slice_span = self._span // SLICES
        self._slice_limit = math.ceil(self._limit / SLICES)
        self._slice_bytes = self._bytes // SLICES
        capacity = max(self._limit, self._replay)
        self._places = Places(capacity)
        self._index = SketchIndex(self._places, settings.sketch)
        self._known = np.zeros(capacity + 1, np.bool_).data  # remembered, in the window or not
        self._withdrawals = np.zeros(capacity + 1, np.bool_).data
        self._received = np.zeros(capacity + 1, np.int64).data
        # Of all that is remembered, so that none of these is gone through: one id may have come 100,000 times.
        self._ids = Groups(capacity)
        self._works = Groups(capacity)  # by id and event
        self._arrivals = Groups(capacity)  # by id, event and time
        self._ends = Groups(capacity)  # an id's document in the window, and under another key its withdrawals
        self._texts = Groups(capacity)  # of what is in the window
        self._live = 0
        self._horizon = 1  # the lowest number that is remembered whether it is live or not
        self._clock = _NEVER
        self._written = 0
        self._slices: deque[_Slice] = deque()
        self._due: deque[str] = deque()
        self._record = lru_cache(_READ)(self._read_record)

    def __len__(self) -> int:
        """Documents that are compared with."""
        return self._live

    @property
    def characters(self) -> int:
        """Characters of the fingerprints that were put into the window: what ``window_bytes`` bounds."""
        return self._written - self._slices[0].written if self._slices else 0

    def find(self, event: str, id: str, received: int) -> JudgedRecord | None:
        """The judgement of this very work, if it is remembered.

        A document that is sent again is the same work at whatever time it comes; only what comes after a withdrawal of
        its id is judged again. A withdrawal says nothing of what it withdraws, so it is the same only when it came at
        the same time. (Works of one id come from one partition, so that their times are in their order.)
        """
        work = _work_key(event, id)
        at = self._arrivals.first(_arrival_key(work, received))
        if not at:
            at = self._works.last(work)
            if not at or self._withdrawals[at]:
                return None
            recall = self._ends.last(_withdrawal_key(id))
            if self._number_at(recall) > self._number_at(at) and self._received[recall] < received:
                return None
        record = self._record(self._number_at(at))
        return record if (record.event, record.id) == (event, id) else None

    def knows(self, id: str) -> bool:
        """Whether any judgement of ``id`` is remembered."""
        return self._ids.first(key_of(id)) != 0

    def standing(self, id: str) -> Iterator[JudgedRecord]:
        """The documents of ``id`` that are in the window, the newest first: more than one where an id was given twice."""
        for place in self._ends.newest(key_of(id)):
            record = self._record(self._number_at(place))
            if record.id == id:
                yield record

    def exact(self, digest: bytes) -> Iterator[JudgedRecord]:
        """The documents with the same words, the earliest first."""
        for place in self._texts.members(_text_key(digest)):
            record = self._record(self._number_at(place))
            if record.exact == digest:
                yield record

    def candidates(self, shingles: UInt32s, least: float) -> list[int]:
        """The numbers of documents of which one may contain the share ``least`` of the other.

        Those with the greatest share come first; of equal ones the earliest.
        """
        found = self._index.candidates(shingles, least)
        numbered = [(-share, self._number_at(place)) for place, share in found.items()]
        return [number for _, number in sorted(numbered)]

    def record(self, number: int) -> JudgedRecord:
        """The judgement of ``number``, which must be remembered."""
        return self._record(number)

    def estimate(self, number: int, shingles: UInt32s) -> float:
        """The similarity of a text and the document ``number`` in the window, as their sketches tell it."""
        return self._index.estimate(self._places.of(number), shingles)

    def advance(self, received: int) -> int:
        """Begin a judgement: let the time pass, drop what is too old by it, and return the judgement's number."""
        number = self._places.last + 1
        self._clock = max(self._clock, received)
        if not self._slices or self._is_full(self._slices[-1], number):
            self._slices.append(_Slice(number, self._clock, self._written))
        while self._is_over(self._slices[0], number):
            self._slices.popleft()
        self._drop_before(self._slices[0].first)
        return number

    def add(self, record: JudgedRecord, fingerprint: Fingerprint | None) -> tuple[str, str]:
        """Remember a judgement under the number that ``advance`` gave, and return its row, key and value.

        Args:
            record: ``indexed`` says whether the document is in the window, ``replaces`` and ``beside`` whose place it
            takes; a withdrawal takes out all of its id.
            fingerprint: what later documents are compared with; None where there is nothing to compare.
        """
        kept = fingerprint if record.indexed else None
        if kept is not None:
            self._written += len(kept.shingles)
        state = State(self.scheme, self._clock, self._written, self._slices[-1], self._slices[0].first)
        value = write(record, state, kept)
        self._take(record)
        return self._row_key(record.number), value

    def due(self) -> tuple[str, ...]:
        """Keys of rows that are not needed any more, to be deleted in this order; each is returned once.

        They fell due at earlier judgements, so that the table is whole wherever a crash comes between deleting and
        putting.
        """
        return tuple(self._due.popleft() for _ in range(min(DELETED, len(self._due))))

    def load(self) -> None:
        """Take up the state that the table's rows were written in. Only for a window that is new.

        Rows that cannot be read, or were written under another stamp, and rows that are not needed are left out:
        ``stale`` names those of the first two kinds, and all of them fall due. The rows are read one at a time.
        """
        stale: list[str] = []
        numbers: list[int] = []
        for key in self._table:
            if (number := self._row_number(key)) is None:
                stale.append(key)
            else:
                numbers.append(number)
        numbers.sort()
        newest = None
        while numbers and (newest := self._read_row(numbers[-1])) is None:
            stale.append(self._row_key(numbers.pop()))
        if newest is not None:
            self._restore(numbers, newest[0], stale)
        self.stale = tuple(sorted(stale))
        self._due.extendleft(reversed(self.stale))

    def _restore(self, numbers: list[int], newest: Row, stale: list[str]) -> None:
        """Judge again, so to speak, what the rows of ``numbers`` tell, in that order; unreadable ones go to ``stale``."""
        self._clock, self._written = newest.clock, newest.written
        self._horizon = max(1, newest.number - self._replay + 1)
        self._places.first = max(newest.floor, newest.number - self._limit + 1)
        for number in numbers:
            kept = self._read_row(number)
            if kept is None:
                stale.append(self._row_key(number))
                continue
            row, record = kept
            its = _Slice(*row.slice)
            if its.first >= newest.floor and (not self._slices or self._slices[-1] != its):
                self._slices.append(its)
            self._take(record)
        self._places.last = newest.number

    def _is_full(self, one: _Slice, number: int) -> bool:
        return (
            number - one.first >= self._slice_limit
            or self._clock - one.opened >= self._slice_span
            or self._written - one.written >= self._slice_bytes
        )

    def _is_over(self, one: _Slice, number: int) -> bool:
        return (
            number - one.first >= self._limit
            or self._clock - one.opened >= self._span + self._slice_span
            or self._written - one.written >= self._bytes
        )

    def _take(self, record: JudgedRecord) -> None:
        """Remember ``record``, where it is to be remembered, and let it change what was remembered before."""
        if record.replaces:
            if self._places.holds(record.replaces):
                self._leave(self._places.of(record.replaces))
        elif record.withdrawal or (record.indexed and not record.beside):
            while standing := self._standing_place(record.id):
                self._leave(standing)
        self._forget_to(record.number - self._replay + 1)
        enters = record.indexed and record.number >= self._places.first
        if not enters and record.number < self._horizon:
            self._due.append(self._row_key(record.number))
            return
        place = self._places.take(record.number)
        self._known[place] = True
        self._withdrawals[place] = record.withdrawal
        self._received[place] = record.received
        work = _work_key(record.event, record.id)
        self._ids.add(place, key_of(record.id))
        self._works.add(place, work)
        self._arrivals.add(place, _arrival_key(work, record.received))
        if record.withdrawal:
            self._ends.add(place, _withdrawal_key(record.id))
        if enters:
            self._enter(place, record)

    def _enter(self, place: int, record: JudgedRecord) -> None:
        """Put a document into the window."""
        self._places.live_view[place] = True
        self._live += 1
        self._ends.add(place, key_of(record.id))
        if record.exact:
            self._texts.add(place, _text_key(record.exact))
        if len(record.shingles):
            self._index.add(place, record.shingles)

    def _leave(self, place: int) -> None:
        """Take a document out of the window, and forget it where it is not to be remembered longer."""
        self._places.live_view[place] = False
        self._live -= 1
        self._ends.remove(place)
        if place in self._texts:
            self._texts.remove(place)
        if self._number_at(place) < self._horizon:
            self._forget(place)

    def _forget(self, place: int) -> None:
        self._known[place] = False
        for group in (self._ids, self._works, self._arrivals):
            group.remove(place)
        if self._withdrawals[place]:
            self._ends.remove(place)
        self._due.append(self._row_key(self._number_at(place)))

    def _drop_before(self, number: int) -> None:
        """End the window before ``number``."""
        for dropped in range(self._places.first, number):
            if self._places.holds(dropped):
                self._leave(self._places.of(dropped))
        self._places.first = max(self._places.first, number)

    def _forget_to(self, horizon: int) -> None:
        """Forget the judgements below ``horizon`` that are not in the window."""
        for number in range(self._horizon, horizon):
            place = self._places.of(number)
            if self._number_at(place) == number and self._known[place] and not self._places.live_view[place]:
                self._forget(place)
        self._horizon = max(self._horizon, horizon)

    def _standing_place(self, id: str) -> int:
        """Where the first document of ``id`` in the window stands, or 0 without one."""
        return self._ends.first(key_of(id))

    def _number_at(self, place: int) -> int:
        number: int = self._places.numbers_view[place]
        return number

    def _read_record(self, number: int) -> JudgedRecord:
        kept = self._read_row(number)
        if kept is None:
            raise LookupError(f"the table has no row of judgement {number}, which is remembered")
        return kept[1]

    def _read_row(self, number: int) -> tuple[Row, JudgedRecord] | None:
        """The row of a judgement, and what it tells; None without a readable one."""
        try:
            row = Row.read(self._table.get(self._row_key(number)) or "")
            record = read(row)
        except ValueError:  # pydantic's errors are of this kind too
            return None
        return (row, record) if row.scheme == self.scheme and row.number == number else None

    def _row_key(self, number: int) -> str:
        """Rows of different schemes never share a key."""
        return f"{self._prefix}-{number:016d}"

    def _row_number(self, key: str) -> int | None:
        """The number in ``key``; None where it is no key of this scheme."""
        prefix, _, digits = key.partition("-")
        if prefix != self._prefix or not digits.isdecimal() or key != self._row_key(int(digits)):
            return None
        return int(digits)


def _work_key(event: str, id: str) -> int:
    return key_of(event) ^ (key_of(id) * MIX & 0xFFFFFFFFFFFFFFFF)


def _arrival_key(work: int, received: int) -> int:
    return work ^ (received * MIX & 0xFFFFFFFFFFFFFFFF)


def _withdrawal_key(id: str) -> int:
    return key_of(id) ^ MIX


def _text_key(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "little")
