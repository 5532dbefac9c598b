"""What a fetch brought, unpacked: the records, what the broker's answer shows not to exist, and what cannot be read.

A fetch begins at an offset that was asked for, and what it brings is in order: so offsets that it passes over hold nothing for
us. They were compacted away, or they are the markers and the aborted records of transactions. That is known at once and
without asking again; ``Notes`` keeps it for the ledger, which would otherwise wait for a record that never comes.

aiokafka's unpacking raises where a header's name is not UTF-8, where a codec is missing, or where bytes are damaged, and then does
so again at every start. Here a record with a strange name is a record like any other, and a batch that cannot be read is one
record, its bytes, of which ``Notes`` says why. A batch with a wrong checksum is fetched once more first.
"""

import logging
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from faust.types import TP

from services.runtime.kafka import Lenient

log = logging.getLogger(__name__)

_HEAD = struct.Struct(">qi")
"""Of a batch: its first offset, and its length behind these twelve bytes."""
_MAGIC = 16
"""Where a batch says its format; 2 since Kafka 0.11."""


class Notes:
    """What was seen of one topic. It is written on the consumer's thread and read on the loop's; each step is one operation."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._holes: dict[TP, dict[int, int]] = {}
        self._faults: dict[tuple[TP, int], str] = {}
        self._suspects: set[tuple[TP, int]] = set()

    def hole(self, tp: TP, start: int, end: int) -> None:
        """Nothing for us stands from ``start`` up to ``end``."""
        self._holes.setdefault(tp, {})[start] = end

    def behind_holes(self, tp: TP, offset: int) -> int:
        """The first offset from ``offset`` on that may hold a record."""
        holes = self._holes.get(tp, {})
        while offset in holes:
            offset = holes[offset]
        return offset

    def fault(self, tp: TP, offset: int, why: str) -> None:
        """What is given out as the record at ``offset`` are the bytes of what could not be read."""
        self._faults[tp, offset] = why

    def fault_of(self, tp: TP, offset: int) -> str | None:
        """Why the record at ``offset`` could not be read, or None."""
        return self._faults.get((tp, offset))

    def suspect(self, tp: TP, offset: int) -> bool:
        """Whether the batch at ``offset`` is damaged for the first time."""
        first = (tp, offset) not in self._suspects
        self._suspects.add((tp, offset))
        return first

    def forget(self, tp: TP, before: float = math.inf) -> None:
        """What is known of the offsets before ``before`` is done with."""
        holes = self._holes.get(tp, {})
        for start in [start for start in list(holes) if holes[start] <= before]:
            holes.pop(start, None)
        for place in [place for place in list(self._faults) if place[0] == tp and place[1] < before]:
            self._faults.pop(place, None)


@dataclass(frozen=True)
class _Unread:
    """In the place of what could not be read; with a record's fields."""

    offset: int
    timestamp: int
    timestamp_type: int
    value: bytes
    key: None = None
    headers: tuple[()] = ()
    checksum: None = None


class _Batch:
    """One batch of a fetch. Reading it raises nothing."""

    def __init__(self, batch: Any, raw: bytes, tp: TP, notes: Notes) -> None:
        self._batch = batch
        self._raw = raw
        self._tp = tp
        self._notes = notes
        self._records: Iterator[Any] | None = None
        self._fault: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> "_Batch":
        return self

    def __next__(self) -> Any:
        if self._records is None:
            self._records = self._read()
        return next(self._records)

    def validate_crc(self) -> bool:
        """Whether the bytes are those that were sent. The second time that they are not, they are given out as they are."""
        if self._batch.validate_crc():
            return True
        self._fault = "its checksum is not that of its bytes"
        return not self._notes.suspect(self._tp, self._batch.base_offset)

    def _read(self) -> Iterator[Any]:
        read = self._batch.base_offset
        if self._fault is None:
            try:
                for record in self._batch:
                    read = record.offset + 1
                    yield record
                return
            except Exception as error:  # noqa: BLE001 - what is read is whatever somebody sent
                self._fault = f"{type(error).__name__}: {error}"
            if self._raw[_MAGIC] >= 2:
                try:
                    rest = [record for record in _leniently(self._raw) if record.offset >= read]
                    if rest:
                        log.warning(
                            "%s/%d: the message at offset %d has a header whose name is not UTF-8; it is taken. Tell its sender",
                            self._tp.topic, self._tp.partition, rest[0].offset,
                        )  # fmt: skip
                    yield from rest
                    return
                except Exception as error:  # noqa: BLE001 - as above
                    self._fault = f"{type(error).__name__}: {error}"
        yield self._unread(read)

    def _unread(self, offset: int) -> _Unread:
        last = self._batch.next_offset - 1
        whole = f"offsets {offset} to {last} cannot be read" if last > offset else "it cannot be read"
        self._notes.fault(self._tp, offset, f"{whole}: {' '.join(str(self._fault).split())[:200]}")
        time = getattr(self._batch, "max_timestamp", 0)
        return _Unread(offset, time, self._batch.timestamp_type or 0, self._raw)


def _leniently(raw: bytes) -> Iterator[Any]:
    batch = _DefaultRecordBatchPy(raw)
    batch._maybe_uncompress()
    batch._buffer = Lenient(batch._buffer)
    yield from batch


class _Batches:
    """aiokafka's batches of a fetch, each with its own bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._batches = MemoryRecords(data)
        self.tp: TP | None = None
        self.notes: Notes | None = None

    def has_next(self) -> bool:
        """Whether another whole batch is there."""
        return bool(self._batches.has_next())

    def size_in_bytes(self) -> int:
        """Of all of them."""
        return int(self._batches.size_in_bytes())

    def next_batch(self) -> Any:
        """The next batch."""
        _, length = _HEAD.unpack_from(self._data, self._at)
        start, self._at = self._at, self._at + _HEAD.size + length
        batch = self._batches.next_batch()
        if self.notes is None or self.tp is None:
            return batch
        return _Batch(batch, bytes(self._data[start : self._at]), self.tp, self.notes)


class _Records(fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of a partition that a fetch brought; what they pass over is noted."""

    def __init__(self, tp: TP, records: Any, *arguments: Any, notes: Notes) -> None:
        self._notes = notes if tp.topic == notes.topic else None
        if self._notes is not None:
            records.tp, records.notes = tp, notes
        super().__init__(tp, records, *arguments)

    def __next__(self) -> Any:
        before = self.next_fetch_offset
        try:
            record = super().__next__()
        except StopIteration:
            self._note(before, self.next_fetch_offset)
            raise
        self._note(before, record.offset)
        return record

    def _note(self, before: int, offset: int) -> None:
        if self._notes is not None and offset > before:
            self._notes.hole(self._tp, before, offset)


def install(notes: Notes) -> None:
    """Have aiokafka's consumers of this process unpack in this way, those of other topics than ``notes``' as before."""

    def records(*arguments: Any) -> _Records:
        return _Records(*arguments, notes=notes)

    fetcher.MemoryRecords = _Batches
    fetcher.PartitionRecords = records
