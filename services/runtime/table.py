"""Faust's tables as they have to be for a table to be whole: after a crash, a move to another worker, a rebalance in between.

Decides what counts as read and as written. Each rule is a loss that was seen or that Faust's source shows; what is in a
table, and who writes it, is the stage's to say.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import faust
from mode.utils.queues import ThrowableQueue
from rocksdict import WriteBatch

from services.runtime.records import StoreError

OPTIONS = {"block_cache_size": 32 * 1024**2, "write_buffer_size": 16 * 1024**2}
"""Of RocksDB, in bytes. Faust's own are 2 GiB and three times 64 MiB, which the first reading of a large table fills: they
would be most of what the judge has in memory. Rows are read rarely, and the system caches the files anyway."""


def keys(database: Any) -> Iterator[bytes]:
    """The keys of a RocksDB. Where rocksdict's own iterators take a damaged block for the end, and say nothing, this raises.

    Raises:
        Exception: it is damaged.
    """
    rows = database.iter()
    rows.seek_to_first()
    while rows.valid():
        yield rows.key()
        rows.next()
    rows.status()


class GenerationQueue(ThrowableQueue[Any]):
    """The queue between the consumer and recovery; it drops what was fetched before the last rebalance, and nothing else.

    Faust's own is emptied at a rebalance and each time that flow is resumed. But what waits to be put into a full one gets in
    behind that: recovery takes it for the next record, and then drops as repeats those that come before it in the changelog
    and had been emptied out. And what a standby was sent between two resumings is lost. Recovery does not look at the
    generation of what it takes, as streams do; so this one does, and is never emptied.
    """

    def __init__(self, app: Any) -> None:
        super().__init__(maxsize=app.conf.stream_buffer_maxsize, flow_control=app.flow_control)
        self._app = app

    async def get(self) -> Any:
        """The next change of this generation."""
        while True:
            event = await super().get()
            if event.message.generation_id == self._app.consumer_generation_id:
                return event


async def are_whole(app: Any) -> bool:
    """Whether the tables that are this worker's have all that the broker has of their changelogs.

    Faust says that it has recovered by flags that two rebalances in quick succession confuse.
    """
    topics = {table.changelog_topic_name: table for table in app.tables.values()}
    here = {tp: topics[tp.topic].persisted_offset(tp) for tp in app.assignor.assigned_actives() if tp.topic in topics}
    if not here:
        return True
    firsts, ends = await app.consumer.earliest_offsets(*here), await app.consumer.highwaters(*here)
    return all(ends[tp] <= firsts[tp] or (offset is not None and offset >= ends[tp] - 1) for tp, offset in here.items())


@dataclass(frozen=True, eq=False)
class _Change:
    """A change on its way to the changelog; ``value`` is None where the key is deleted."""

    key: str
    value: str | None
    sent: Any


class DurableTable(faust.Table[str, str]):
    """A Faust table that is written behind its changelog: a change is in the local store only when the broker has it.

    Faust writes the store first. A worker that dies between the two then wakes with rows that no other worker will ever see, and
    does not write them again, since it has them. Until a change is written it is read from memory.

    It is of RocksDB, and is changed under the current event, as Faust's is.
    """

    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **kwargs)
        app.tables._changelog_queue = GenerationQueue(app)
        self._changes: deque[_Change] = deque()  # in the order of their making
        self._newest: dict[str, _Change] = {}

    def __getitem__(self, key: str) -> str:
        change = self._newest.get(key)
        if change is None:
            return str(self._stored(key))
        if change.value is None:
            raise KeyError(key)
        return change.value

    def __setitem__(self, key: str, value: str) -> None:
        self._change(key, value, self.send_changelog(self.partition_for_key(key), key, value))

    def __delitem__(self, key: str) -> None:
        self._change(key, None, self.send_changelog(self.partition_for_key(key), key, None, value_serializer="raw"))

    def __iter__(self) -> Iterator[str]:
        """The keys that are in the local store.

        Raises:
            StoreError: it is damaged.
        """
        store: Any = self.data
        try:
            for database in store._dbs_for_actives():
                for key in keys(database):
                    if key != store.offset_key:
                        yield store._decode_key(key)
        except Exception as error:
            raise _of_the_store(error) from error

    def _stored(self, key: str) -> Any:
        try:
            return self.data[key]
        except Exception as error:
            raise _of_the_store(error) from error

    async def acknowledged(self) -> None:
        """Wait until the broker has every change made so far; they are in the local store then.

        Raises:
            Exception: the broker does not take one, or the disk.
        """
        await asyncio.gather(*(change.sent for change in self._changes))
        while self._changes and self._changes[0].sent.done():
            change = self._changes[0]
            self._write(change)
            self._changes.popleft()
            if self._newest[change.key] is change:
                del self._newest[change.key]

    def _change(self, key: str, value: str | None, sent: Any) -> None:
        change = _Change(key, value, sent)
        self._changes.append(change)
        self._newest[key] = change

    def _write(self, change: _Change) -> None:
        """Write a change that the broker has to the local store, together with how far that is in the changelog.

        Recovery goes on from there. But a worker that stood still, and was replaced, writes what it had in hand behind its
        successor's changes, which it does not have: with that place noted it would never read them. So only what follows
        on what is here counts; after a gap nothing does until the next recovery.
        """
        store: Any = self.data
        at = change.sent.result()
        batch = WriteBatch(raw_mode=True)
        key = store._encode_key(change.key)
        if change.value is None:
            batch.delete(key)
        else:
            batch.put(key, store._encode_value(change.value))
        here = store.persisted_offset(at.topic_partition)
        if at.offset == (-1 if here is None else here) + 1:
            batch.put(store.offset_key, str(at.offset).encode())
        store._db_for_partition(at.topic_partition.partition).write(batch)

    def _on_changelog_sent(self, fut: Any) -> None:
        """Faust's note of the place in the changelog; ours is written with the change."""


def _of_the_store(error: Exception) -> Exception:
    """RocksDB's errors have no type of their own, so that whoever reads a row cannot tell them from those of the row."""
    return StoreError(str(error)) if type(error) is Exception else error
