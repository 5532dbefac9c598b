"""Reads what aiokafka cannot: a record with a header whose name is not UTF-8.

The broker takes any bytes for the name of a header; aiokafka raises UnicodeDecodeError at it, each time that it fetches it, and so
stands there for ever. Such names mean nothing to us, and the document is whole: it is taken, with the name's bad bytes written as
``\\xff``. aiokafka's compiled reader goes first; what is left of a batch that it fails on goes through its reader in Python.
A batch with a wrong checksum is not read here: the bytes may come right at another fetch, or from another replica.
"""

import logging
import struct
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint_py

log = logging.getLogger(__name__)

_START = struct.Struct(">qi")
"""Of a batch: its first offset, and its length in bytes after these two."""


class _Lenient(bytearray):
    """Bytes of which any slice is text."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Lenient(found) if isinstance(index, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc] # final, and yet all that differs is what a slice is
    _buffer: bytearray

    def __iter__(self) -> "_LenientBatch":
        self._maybe_uncompress()
        self._buffer = _Lenient(self._buffer)
        return self

    def _read_msg(self, decode_varint: Any = decode_varint_py) -> Any:
        return super()._read_msg(decode_varint)


class _Batch:
    """A batch of aiokafka's compiled reader, which goes on where that fails on a name."""

    def __init__(self, batch: Any, records: "Records") -> None:
        self._batch = batch
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        taken = 0
        try:
            for record in self._batch:
                yield record
                taken += 1
        except UnicodeDecodeError:
            rest = list(_LenientBatch(self._records.bytes_of(self._batch.base_offset)))[taken:]
            log.warning(
                "%s/%d: the message at offset %d has a header whose name is not UTF-8; its document is taken. Tell its sender",
                *self._records.partition,
                rest[0].offset,
            )
            yield from rest


class Records:
    """What a fetch brought of one partition: aiokafka's ``MemoryRecords``, which reads any header."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._records = MemoryRecords(data)
        self.partition: tuple[str, int] = ("?", -1)
        """Topic and partition; aiokafka says them only after it made this."""

    def size_in_bytes(self) -> int:
        """Of all that was fetched."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether a whole batch is left."""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """The next batch, or None."""
        batch = self._records.next_batch()
        return batch if batch is None else _Batch(batch, self)

    def bytes_of(self, base_offset: int) -> bytes:
        """The bytes of the batch that begins with the offset ``base_offset``.

        Raises:
            LookupError: there is none.
        """
        position = 0
        while position + _START.size <= len(self._data):
            first, length = _START.unpack_from(self._data, position)
            end = position + _START.size + length
            if first == base_offset:
                return self._data[position:end]
            position = end
        raise LookupError(f"no batch begins with offset {base_offset}")


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc] # aiokafka has no types here
    def __init__(self, tp: Any, records: Records, *others: Any) -> None:
        records.partition = (tp.topic, tp.partition)
        super().__init__(tp, records, *others)


def install() -> None:
    """Let every aiokafka consumer of this process read like this: aiokafka makes both by these names, and takes no others."""
    fetcher.MemoryRecords = Records
    fetcher.PartitionRecords = _PartitionRecords
