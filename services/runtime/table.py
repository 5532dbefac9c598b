"""Faust's tables as they have to be for a table to be whole: after a crash, a move to another worker, a rebalance in between.

Decides what counts as read and as written. Each of the three is a loss that was seen or that Faust's source shows; what is in a
table, and who writes it, is the stage's to say.
"""

import asyncio
from typing import Any

import faust
from mode.utils.queues import ThrowableQueue

OPTIONS = {"block_cache_size": 32 * 1024**2, "write_buffer_size": 16 * 1024**2}
"""Of RocksDB, in bytes. Faust's own are 2 GiB and three times 64 MiB, which the first reading of a large table fills: they
would be most of what the judge has in memory. Rows are read rarely, and the system caches the files anyway."""


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


class DurableTable(faust.Table[str, str]):
    """A Faust table whose changelog messages can be awaited, so that an offset is never committed ahead of the table."""

    def __init__(self, app: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(app, *args, **kwargs)
        app.tables._changelog_queue = GenerationQueue(app)
        self.unacknowledged: list[Any] = []

    def send_changelog(self, *args: Any, **kwargs: Any) -> Any:
        """Send one change, and remember it until it is acknowledged."""
        future = super().send_changelog(*args, **kwargs)
        self.unacknowledged.append(future)
        return future

    async def acknowledged(self) -> None:
        """Wait until the broker has every change made so far."""
        waiting, self.unacknowledged = self.unacknowledged, []
        await asyncio.gather(*waiting)

    def _on_changelog_sent(self, fut: Any) -> None:
        """Note how far the changelog is in the local store; recovery goes on from there.

        Faust notes the place of whatever was sent. But a worker that stood still, and was replaced, writes what it had in
        hand behind its successor's changes, which it does not have: with that place noted it would never read them. So
        only what follows on what is here counts; after a gap nothing does until the next recovery.
        """
        sent = fut.result()
        here = self.data.persisted_offset(sent.topic_partition)
        if sent.offset == (-1 if here is None else here) + 1:
            super()._on_changelog_sent(fut)
