"""What a fetch brought, unpacked: holes are known, and what cannot be read is one record that says why.

On bytes as brokers send them.
"""

from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from faust.types import TP

from services.runtime.unpacking import Notes, _Batches, _Records

PART = TP("news.documents", 0)


def batch(base: int, *values: bytes, skip: int = 0, codec: int = 0) -> bytes:
    """A batch of these values from the offset ``base`` on; ``skip`` offsets at its end hold nothing."""
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=-1,
        batch_size=1 << 20,
    )  # fmt: skip
    for number, value in enumerate(values):
        builder.append(number, 1_000, b"k", value, [("name", b"v")])
    raw = bytearray(builder.build())
    raw[0:8] = base.to_bytes(8, "big")
    raw[23:27] = (len(values) - 1 + skip).to_bytes(4, "big")
    return bytes(raw)


def read(data: bytes, start: int, notes: Notes, check: bool = False) -> list[Any]:
    return list(_Records(PART, _Batches(data), None, start, None, None, check, 0, notes=notes))


def test_what_a_fetch_passes_over_holds_nothing() -> None:
    notes = Notes(PART.topic)
    records = read(batch(5, b"a", b"b", skip=2) + batch(12, b"c"), 3, notes)
    assert [(one.offset, one.value) for one in records] == [(5, b"a"), (6, b"b"), (12, b"c")]
    assert [notes.behind_holes(PART, offset) for offset in (3, 4, 5, 6, 7, 13)] == [5, 4, 5, 6, 12, 13]
    notes.forget(PART, 6)
    assert notes.behind_holes(PART, 3) == 3
    assert notes.behind_holes(PART, 7) == 12


def test_nothing_is_noted_of_other_topics() -> None:
    notes = Notes("another")
    assert len(read(batch(5, b"a"), 3, notes)) == 1
    assert notes.behind_holes(PART, 3) == 3


def test_a_header_of_any_bytes_can_be_read() -> None:
    strange = batch(0, b"a", b"b").replace(b"name", b"n\xff\xfee", 1)
    notes = Notes(PART.topic)
    records = read(strange, 0, notes)
    assert [one.value for one in records] == [b"a", b"b"]
    assert records[0].headers == (("n\\xff\\xfee", b"v"),)
    assert notes.fault_of(PART, 0) is None


def test_a_codec_that_nobody_knows_is_one_record_that_says_so() -> None:
    data = bytearray(batch(7, b"a", b"b", b"c"))
    data[22] |= 5  # of its attributes the last three bits say the codec; there are four
    notes = Notes(PART.topic)
    records = read(bytes(data) + batch(10, b"behind"), 7, notes)
    assert [(one.offset, one.value) for one in records] == [(7, bytes(data)), (10, b"behind")]
    assert str(notes.fault_of(PART, 7)).startswith("offsets 7 to 9 cannot be read: ")
    assert notes.behind_holes(PART, 8) == 10


def test_what_is_damaged_within_a_batch_costs_what_lies_behind_it() -> None:
    good = batch(0, b"first-value", b"second-value", b"third-value")
    at = good.index(b"second-value") - 3
    damaged = good[:at] + b"\xff\xff" + good[at + 2 :]
    notes = Notes(PART.topic)
    records = read(damaged + batch(3, b"behind"), 0, notes)
    assert [one.value for one in records] == [b"first-value", damaged, b"behind"]
    assert str(notes.fault_of(PART, 1)).startswith("offsets 1 to 2 cannot be read: ")


def test_a_wrong_checksum_is_fetched_once_more_before_it_is_believed() -> None:
    data = bytearray(batch(4, b"a"))
    data[-3] ^= 1
    notes = Notes(PART.topic)
    with pytest.raises(Exception, match="CRC"):
        read(bytes(data), 4, notes, check=True)
    records = read(bytes(data) + batch(5, b"b"), 4, notes, check=True)
    assert [(one.offset, one.value) for one in records] == [(4, bytes(data)), (5, b"b")]
    assert str(notes.fault_of(PART, 4)).startswith("it cannot be read: its checksum")
