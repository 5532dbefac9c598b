"""The loop's books are opened on a table that is whole and works begun only then, whatever moves meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import MessageSizeTooLargeError
from faust.types import TP

from schemas import Event, Reason, Status
from services.runtime.deadletter import DeadLetterLimitError
from services.runtime.flight import Batch
from services.runtime.health import Health
from services.runtime.loop import Loop
from services.runtime.metrics import Metrics
from services.runtime.opening import Opening
from services.runtime.pool import DroppedError
from services.runtime.publishing import RefusedLetterError, _apart
from services.runtime.records import Failure, Made, Record
from services.runtime.settings import Settings
from services.runtime.spans import Spans
from services.runtime.topology import FINGERPRINTS, UNIQUE, named
from services.runtime.unpacking import Notes

DEDUP = named("dedup")
SOURCE = TP(FINGERPRINTS.name, 0)
CHANGELOG = TP("window-changelog", 0)
TURN = 0.15
"""Seconds in which the loop, that looks twenty times a second, has done what it will do."""


class Channel:
    """Notes what is sent, and refuses it where ``refuses`` says so of the value and of how many were sent before."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bytes]] = []
        self.refuses: Callable[[bytes, int], bool] = lambda value, before: False

    async def send(self, key: bytes, value: bytes, headers: object) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.refuses(value, len(self.sent)):
            future.set_exception(MessageSizeTooLargeError())
        else:
            future.set_result(None)
        self.sent.append((key, value))
        return future


class Faust:
    """As much of an app as the loop looks at: its partitions, its generation, how far its table is and its changelog."""

    def __init__(self) -> None:
        self.consumer_generation_id = 1
        self.rebalancing = self.in_recovery = False
        self.here: int | None = 9
        self.end = 10
        self.source_end = 7  # the source has nothing beyond what is committed
        table = SimpleNamespace(changelog_topic_name=CHANGELOG.topic, persisted_offset=lambda _: self.here)
        self.tables = {"window": table}
        self.assignor = SimpleNamespace(assigned_actives=lambda: {SOURCE, CHANGELOG})
        self.consumer = SimpleNamespace(
            assignment=lambda: {SOURCE, CHANGELOG},
            earliest_offsets=self._firsts,
            highwaters=self._ends,
            unstable=self._unstable,
        )

        self.channel = Channel()

    def topic(self, name: str, **_: object) -> "Channel":
        return self.channel

    async def _firsts(self, *tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, 0)

    async def _unstable(self, tps: object) -> int:
        return 0

    async def _ends(self, *tps: TP) -> dict[TP, int]:
        return {tp: self.end if tp == CHANGELOG else self.source_end for tp in tps}


class Work:
    """Notes what it is called for; ``open`` waits while ``shut``."""

    def __init__(self) -> None:
        self.opened = 0
        self.taken: list[int] = []
        self.done = 0
        self.starting = False
        self.shut = asyncio.Event()
        self.shut.set()

    async def start(self) -> None:
        """Nothing to load."""

    async def open(self) -> None:
        self.opened += 1
        await self.shut.wait()

    async def __call__(self, records: Any, events: Any) -> list[Any]:
        self.taken += [record.offset for record in records]
        await asyncio.Event().wait()  # for ever under work
        return []

    def drop(self) -> None:
        """Nothing waits."""

    def watch(self, metrics: Metrics) -> None:
        """Nothing to tell."""

    def stop(self) -> None:
        """Nothing to let go of."""


class Stream:
    """Gives one event, which stood in hand when the partitions were handed out anew."""

    async def take_events(self, most: int, within: float) -> AsyncIterator[list[Any]]:
        message = SimpleNamespace(
            tp=SOURCE, topic=SOURCE.topic, partition=0, offset=7, key=b"", value=b"", timestamp=0.0, headers=()
        )
        yield [SimpleNamespace(message=message)]
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _an_end_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(code: int, why: str, trace: bool = True) -> None:
        raise AssertionError(f"the process would have ended with {code}: {why}")

    monkeypatch.setattr("services.runtime.ending.hard_exit", ended)


@pytest.fixture(autouse=True)
def _committed_to_7(monkeypatch: pytest.MonkeyPatch) -> None:
    async def starts(_: Opening, assigned: set[TP]) -> dict[TP, int]:
        return dict.fromkeys(assigned, 7)

    monkeypatch.setattr(Opening, "_starts", starts)


def made_loop(app: Any, work: Any, health: Health | None = None, **settings: Any) -> Loop:
    said = Settings(brokers="nowhere:1", **settings)
    return Loop(
        app, DEDUP, said, work, Metrics(DEDUP), health or Health(30.0), "test", "v1", Notes(SOURCE.topic), Spans()
    )


def running(app: Any, work: Work) -> "asyncio.Task[None]":
    return asyncio.ensure_future(made_loop(app, work).consume(Stream()))


def test_what_was_in_hand_waits_until_the_table_is_read_back() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.rebalancing = True
        task = running(app, work)
        for app.rebalancing, app.in_recovery in ((True, False), (True, True), (False, True)):
            await asyncio.sleep(TURN)
            assert (work.opened, work.taken) == (0, [])
        app.in_recovery = False
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())


def test_a_table_that_was_read_while_partitions_moved_is_read_again() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        work.shut.clear()
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert work.opened == 1
        app.rebalancing, app.consumer_generation_id = True, 2
        work.shut.set()
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [])
        app.rebalancing = False
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (2, [7])
        task.cancel()

    asyncio.run(run())


@pytest.mark.parametrize("here", [None, 3, 8])
def test_a_table_that_lacks_what_its_changelog_has_is_waited_for(here: int | None) -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.here = here  # and Faust says that it has recovered
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (0, [])
        app.here = 9
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())


@pytest.mark.parametrize("begun", [False, True])
def test_what_is_in_flight_when_partitions_move_is_dropped_and_lag_is_told_while_it_is_waited_for(begun: bool) -> None:
    """None of it could be committed. What was begun ends first, so that it does not meet the new generation's state."""

    class Slow(Work):
        def __init__(self) -> None:
            super().__init__()
            self.dropped, self.end = asyncio.Event(), asyncio.Event()

        def drop(self) -> None:
            self.dropped.set()

        async def __call__(self, records: Any, events: Any) -> list[Any]:
            await self.end.wait()
            if begun:
                return [made("a")]
            raise DroppedError

    async def run() -> None:
        app, work = Faust(), Slow()
        loop = made_loop(app, work)
        tasks = [asyncio.ensure_future(loop.consume(Stream())), asyncio.ensure_future(loop.keep())]
        await _until(lambda: loop._flight.documents == 1)
        app.consumer_generation_id, app.source_end = 2, 12
        await asyncio.wait_for(work.dropped.wait(), 30)
        await _until(lambda: loop._metrics.lag._value.get() == 5)  # 12 - 7
        assert (work.opened, loop._flight.documents) == (1, 1)
        work.end.set()
        await _until(lambda: loop._ledger.generation == 2)
        assert (work.opened, loop._flight.documents, loop._ledger.due(SOURCE), app.channel.sent) == (2, 0, 7, [])
        assert loop._metrics._unaccounted() == 0
        for task in tasks:
            task.cancel()

    asyncio.run(run())


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - what the loop does sets no event
            await asyncio.sleep(0.01)


def test_a_new_table_is_whole() -> None:
    async def run() -> None:
        app, work = Faust(), Work()
        app.here, app.end = None, 0
        task = running(app, work)
        await asyncio.sleep(TURN)
        assert (work.opened, work.taken) == (1, [7])
        task.cancel()

    asyncio.run(run())


def made(key: str, size: int = 10) -> Made:
    return Made(UNIQUE.name, key.encode(), key.encode() * size, (), None)


def record(offset: int) -> Record:
    return Record(FINGERPRINTS.name, 0, offset, b"key", b"no work", 1_700_000_000.0)


def published(app: Faust, results: Sequence[Made | Failure], **settings: Any) -> list[Made]:
    async def publish() -> list[Made]:
        records = [record(offset) for offset in range(len(results))]
        batch = Batch(1, {}, {}, records, asyncio.ensure_future(asyncio.sleep(0, [])), 0.0)
        return await made_loop(app, Work(), **settings)._publisher.publish_batch(batch, results)

    return asyncio.run(publish())


def test_what_the_broker_refuses_is_sent_once_more_alone() -> None:
    """Kafka's client sends several messages in a batch, and the broker refuses the batch for one of them."""
    app = Faust()
    app.channel.refuses = lambda value, before: before in (1, 2) or len(value) > 10_000
    done = published(app, [made("a"), made("b"), made("c", 20_000), made("d")])
    keys = [key for key, _ in app.channel.sent]
    assert keys[:4] == [b"a", b"b", b"c", b"d"]
    assert keys[4:6] == [b"b", b"c"]
    assert keys[6:] == [b"key", b"key"]  # c's letter and its event
    assert [one.status for one in done] == [None, None, Status.DEAD_LETTERED, None]
    event = Event.model_validate_json(done[2].value)
    assert event.rejection is not None
    assert event.rejection.reason is Reason.ERROR
    assert "on news.unique for its size: max.message.bytes is lower" in event.rejection.message


def test_an_event_waits_until_the_one_before_it_of_the_same_id_was_taken() -> None:
    """Else the second would be there before the first, which was refused with the batch that it was in."""
    app = Faust()
    app.channel.refuses = lambda value, before: before in (1, 2)
    published(app, [made("a"), made("b"), made("c"), made("b"), made("d"), made("b")])
    taken = [key for before, (key, _) in enumerate(app.channel.sent) if before not in (1, 2)]
    assert taken == [b"a", b"b", b"c", b"b", b"d", b"b"]
    assert len(app.channel.sent) == 8
    assert [list(run) for run in _apart([])] == [[]]


def test_a_letter_that_is_refused_ends_the_process_and_has_no_event() -> None:
    app = Faust()
    app.channel.refuses = lambda value, before: len(value) > 5
    with pytest.raises(RefusedLetterError, match="refuses a dead letter of 7 bytes: raise its max"):
        published(app, [made("a")])
    assert {key for key, _ in app.channel.sent} == {b"a", b"key"}
    assert all(not value.startswith(b"{") for _, value in app.channel.sent)


def test_the_letters_are_out_before_too_many_of_them_stop_the_worker() -> None:
    app = Faust()
    failures = [Failure(Reason.CRASHED, "E", "why", 1)] * 3
    with pytest.raises(DeadLetterLimitError, match="2 documents in a row"):
        published(app, failures, dead_letter_run=1)
    assert len(app.channel.sent) == 6  # three letters and three events


def test_health_follows_partitions_tables_and_what_moves() -> None:
    async def run() -> None:
        app, work, health = Faust(), Work(), Health(30.0)
        loop = made_loop(app, work, health)
        beating = asyncio.ensure_future(loop.beat())
        await asyncio.sleep(0)
        assert (health.assigned, health.recovered) == (False, True)
        assert await loop._opening.open()
        await asyncio.sleep(0.6)
        assert (health.assigned, health.recovered) == (True, True)
        app.in_recovery = True
        await asyncio.sleep(0.6)
        assert (health.assigned, health.recovered) == (False, False)
        app.in_recovery = False
        await asyncio.sleep(0.6)
        assert (health.assigned, health.live()[1]["stuck_seconds"]) == (True, pytest.approx(0, abs=0.6))
        loop._gaps.highwaters = {SOURCE: 9}  # two are due, and none comes
        await asyncio.sleep(1.2)
        stuck = health.live()[1]["stuck_seconds"]
        assert stuck > 1
        work.done += 1
        await asyncio.sleep(0.6)
        assert health.live()[1]["stuck_seconds"] < stuck
        work.starting = True  # an NLP process loads its model: that has a limit of its own
        await asyncio.sleep(1.2)
        assert health.live()[1]["stuck_seconds"] < 1
        beating.cancel()

    asyncio.run(run())


def test_books_that_are_kept_while_the_consumer_is_stopped_do_not_end_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At SIGTERM the last look at the broker may find the consumer's own loop closed."""
    ended: list[int] = []
    monkeypatch.setattr("services.runtime.ending.hard_exit", lambda code, why, trace=True: ended.append(code))

    async def run(drained: bool) -> None:
        app = Faust()
        loop = made_loop(app, Work())

        async def closed(*_: TP) -> dict[TP, int]:
            loop._drained = drained
            raise RuntimeError("Event loop is closed")

        app.consumer.earliest_offsets = closed
        keeping = asyncio.ensure_future(loop.keep())
        await asyncio.sleep(0.8)
        assert keeping.done() is drained
        keeping.cancel()

    asyncio.run(run(drained=True))
    assert ended == []
    asyncio.run(run(drained=False))
    assert ended
