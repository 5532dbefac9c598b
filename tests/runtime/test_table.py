"""Faust's tables on what a rebalance leaves behind: what its recovery makes of it, and which place is noted."""

import asyncio
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.events import Event
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from services.runtime.table import DurableTable

CHANGELOG = TP("test-window-changelog", 0)


def change(app: faust.App, offset: int, generation: int) -> Any:
    """A change to the table, as the consumer puts it into the queue."""
    message = ConsumerMessage(
        CHANGELOG.topic, 0, offset, 0.0, 1, {}, b'"%d"' % offset, b'"row"', None, generation_id=generation, tp=CHANGELOG
    )
    return Event(app, f"{offset}", "row", {}, message)


def make_app(folder: Path) -> tuple[faust.App, DurableTable]:
    app = faust.App("test", broker="kafka://nowhere", store="memory://", Table=DurableTable, datadir=str(folder))
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


class Store:
    """What a local store knows of its changelog: how far it has it."""

    def __init__(self, here: int | None) -> None:
        self.here = here

    def persisted_offset(self, tp: TP) -> int | None:
        return self.here

    def set_persisted_offset(self, tp: TP, offset: int) -> None:
        self.here = offset


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
    tmp_path: Path, here: int | None, sent: list[int], noted: int | None
) -> None:
    _, table = make_app(tmp_path)
    store: Any = Store(here)
    table._data = store
    for offset in sent:
        table._on_changelog_sent(
            SimpleNamespace(result=partial(SimpleNamespace, topic_partition=CHANGELOG, offset=offset))
        )
    assert store.here == noted
