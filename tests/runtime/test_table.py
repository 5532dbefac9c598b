"""Faust's tables on what a rebalance or a death leaves behind: what recovery makes of it, and what is on the disk."""

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.events import Event
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from services.runtime.records import StoreError
from services.runtime.table import DurableTable

CHANGELOG = TP("test-window-changelog", 0)


def change(app: faust.App, offset: int, generation: int) -> Any:
    """A change to the table, as the consumer puts it into the queue."""
    message = ConsumerMessage(
        CHANGELOG.topic, 0, offset, 0.0, 1, {}, b'"%d"' % offset, b'"row"', None, generation_id=generation, tp=CHANGELOG
    )
    return Event(app, f"{offset}", "row", {}, message)


def make_app(folder: Path) -> tuple[faust.App, DurableTable]:
    app = faust.App("test", broker="kafka://nowhere", store="rocksdb://", Table=DurableTable, datadir=str(folder))
    table = app.Table("window", partitions=1, key_type=str, value_type=str)
    assert isinstance(table, DurableTable)
    return app, table


def test_recovery_loses_nothing_to_what_an_older_generation_left_in_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def recovered() -> list[int]:
        app, table = make_app(tmp_path)
        app.finalize()
        tables: Any = app.tables
        recovery = tables.recovery
        recovery.add_active(table, CHANGELOG)
        recovery.active_offsets[CHANGELOG], recovery.active_highwaters[CHANGELOG] = 9, 30
        app.consumer_generation_id, recovery.in_recovery = 2, True
        applied: list[int] = []
        monkeypatch.setattr(
            table, "apply_changelog_batch", lambda batch: applied.extend(e.message.offset for e in batch)
        )
        slurp = asyncio.ensure_future(recovery._slurp_changelogs(recovery))
        queue = tables.changelog_queue
        app.flow_control.resume()
        await queue.put(change(app, 25, 1))
        for offset in range(10, 31):
            await queue.put(change(app, offset, 2))
            app.flow_control.resume()
        while recovery.in_recovery:  # noqa: ASYNC110 - Faust has no event for it
            await asyncio.sleep(0.01)
        slurp.cancel()
        return applied

    assert asyncio.run(asyncio.wait_for(recovered(), 10)) == list(range(10, 31))


class Changelog:
    """The changelog topic: what is sent waits until the test acknowledges it."""

    def __init__(self, table: DurableTable, monkeypatch: pytest.MonkeyPatch) -> None:
        self._waiting: list[asyncio.Future[Any]] = []
        monkeypatch.setattr(table, "send_changelog", self._send)
        monkeypatch.setattr(table, "partition_for_key", lambda key: 0)

    def _send(self, partition: int, key: str, value: str | None, **_: Any) -> Any:
        self._waiting.append(asyncio.get_running_loop().create_future())
        return self._waiting[-1]

    def acknowledge(self, *offsets: int) -> None:
        """The broker has the changes that wait, at these offsets."""
        for offset in offsets:
            self._waiting.pop(0).set_result(SimpleNamespace(topic_partition=CHANGELOG, offset=offset))

    def refuse(self) -> None:
        """The broker does not take the next change."""
        self._waiting.pop(0).set_exception(ConnectionError("no broker"))


def stored(table: DurableTable) -> dict[str, str]:
    """What a worker would find on its disk that died now."""
    database: Any = table.data
    return {key.decode(): value.decode() for key, value in database._visible_items(database._db_for_partition(0))}


@pytest.mark.parametrize(
    ("here", "sent", "noted"),
    [
        (None, [0, 1, 2], 2),  # a table that is new
        (6, [7, 8], 8),
        (6, [7, 12, 13], 7),  # another worker wrote 8 to 11
        (6, [12], 6),
        (None, [5], None),
    ],
)
def test_only_what_follows_on_the_local_store_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: int | None, sent: list[int], noted: int | None
) -> None:
    async def run() -> None:
        _, table = make_app(tmp_path)
        changelog = Changelog(table, monkeypatch)
        if here is not None:
            table.data.set_persisted_offset(CHANGELOG, here)
        for offset in sent:
            table[f"{offset}"] = "row"
        changelog.acknowledge(*sent)
        await table.acknowledged()
        assert table.data.persisted_offset(CHANGELOG) == noted
        assert stored(table) == {f'"{offset}"': '"row"' for offset in sent}

    asyncio.run(run())


def test_nothing_is_on_the_disk_before_the_changelog_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a worker that dies in between wakes with rows that no other worker will ever see."""

    async def run() -> None:
        _, table = make_app(tmp_path)
        changelog = Changelog(table, monkeypatch)
        table["a"] = "one"
        table["b"] = "two"
        del table["a"]
        assert (table.get("a"), table.get("b"), stored(table)) == (None, "two", {}), "read from memory until then"
        waiting = asyncio.ensure_future(table.acknowledged())
        changelog.acknowledge(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        table["b"] = "three"
        changelog.acknowledge(1, 2)
        await waiting
        assert (table.get("a"), table.get("b"), stored(table)) == (None, "three", {'"b"': '"two"'})
        changelog.acknowledge(3)
        await table.acknowledged()
        assert (table.get("b"), stored(table)) == ("three", {'"b"': '"three"'})
        assert table.data.persisted_offset(CHANGELOG) == 3

    asyncio.run(run())


def test_what_the_broker_does_not_take_is_raised_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        _, table = make_app(tmp_path)
        changelog = Changelog(table, monkeypatch)
        table["a"] = "one"
        changelog.refuse()
        with pytest.raises(ConnectionError):
            await table.acknowledged()
        assert stored(table) == {}

    asyncio.run(run())


def test_a_damaged_store_is_no_shorter_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust's own iteration ends at the damaged block and says nothing; and no document is to blame for a row of it."""
    app, table = make_app(tmp_path)
    store: Any = table.data
    database = store._db_for_partition(0)
    for number in range(300):
        database.put(b'"%04d"' % number, b'"%s"' % os.urandom(500).hex().encode())
    database.flush()
    monkeypatch.setattr(type(app.assignor), "assigned_actives", lambda _: {CHANGELOG})
    assert len(list(table)) == 300
    database.close()
    store._dbs.clear()
    (rows,) = store.partition_path(0).glob("*.sst")
    whole = rows.read_bytes()
    rows.write_bytes(whole[: len(whole) // 2] + b"\xff" * 50 + whole[len(whole) // 2 + 50 :])
    store._db_for_partition(0)
    assert len(list(store)) < 300, "so Faust"
    with pytest.raises(StoreError, match="Corruption"):
        list(table)
    with pytest.raises(StoreError, match="Corruption"):
        [table.get(f"{number:04}") for number in range(300)]
