"""The consumer on a real Kafka."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewPartitions
from kafka.structs import MemberState

from services.consumer import client
from services.consumer.client import ConsumeError
from services.consumer.follow import Follower
from services.consumer.tail import GroupOffset, Tail, fetch
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED
from tests.consumer.made_events import event

pytestmark = pytest.mark.broker


def put(settings: Settings, values: Iterable[bytes], partition: int = 0) -> None:
    """Put messages on a partition."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    for value in values:
        producer.send(settings.prefix + ENRICHED.name, value, partition=partition)
    producer.flush()
    producer.close()


def events(*names: str) -> list[bytes]:
    return [event(event_id=name).model_dump_json().encode() for name in names]


def followed(settings: Settings, **options: object) -> list[str]:
    """The event ids that a follower gives up to the topic's end; a problem is "?"."""
    with Follower(settings, to_end=True, **options) as follower:  # type: ignore[arg-type]
        return [received.event.event_id if received.event else "?" for received in follower]


def test_it_follows_from_the_beginning_the_end_or_a_time(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    for name in "abc":
        put(settings, events(name))  # each with a connection of its own, so that the broker's times differ
    with Tail(settings, ENRICHED, to_end=True) as tail:
        first, second, third = (record.received_at for record in tail)
    assert first < second < third
    assert followed(settings, start="beginning") == ["a", "b", "c"]
    assert followed(settings, start=second) == ["b", "c"]
    assert followed(settings, start=second + timedelta(milliseconds=1)) == ["c"]
    assert followed(settings, start=third + timedelta(milliseconds=1)) == []
    assert followed(settings, start="end") == []
    with Follower(settings, start="end", limit=2) as follower:
        put(settings, events("d", "e", "f"))
        assert [received.event.event_id for received in follower if received.event] == ["d", "e"]


def test_reading_that_was_broken_off_goes_on_where_it_was(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, events(*"abcde"))
    seen = []
    with Tail(settings, ENRICHED, to_end=True) as tail:
        for _ in range(3):
            for record in tail:
                seen.append(record.offset)
                break
        seen += [record.offset for record in tail]
    assert seen == [0, 1, 2, 3, 4]


def test_repeats_are_dropped_on_request_and_what_is_no_event_is_named(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, [*events("a", "b", "a"), b"{}", *events("b", "c")])
    assert followed(settings, start="beginning") == ["a", "b", "a", "?", "b", "c"]
    assert followed(settings, start="beginning", unique=True) == ["a", "b", "?", "c"]
    assert followed(settings, start="beginning", unique=True, limit=3) == ["a", "b", "?"]
    with Follower(settings, start="beginning", unique=True, idle=0.5) as follower:
        assert len(list(follower)) == 4
        assert follower.repeats == 2


def test_a_group_goes_on_after_what_was_done_with(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, events("a", "b", "c", "d"))
    with Follower(settings, start="beginning", group="g") as follower:
        for received in follower:
            if received.event and received.event.event_id == "c":
                break  # it is not done with: the next one was not asked for
    assert followed(settings, start="end", group="g", limit=1) == ["c"]
    assert followed(settings, start="end", group="g") == ["d"]
    assert followed(settings, start="beginning", group="g") == []
    assert followed(settings, start="beginning", group="other") == ["a", "b", "c", "d"]


def test_a_group_that_began_at_the_end_misses_nothing_while_it_is_away(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, events("a"))
    assert followed(settings, start="end", group="g") == []
    put(settings, events("b"))
    assert followed(settings, start="end", group="g") == ["b"]


def test_who_buffers_commits_by_hand(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, events("a", "b"))
    options = {"start": "beginning", "group": "g", "commit_by_hand": True}
    assert followed(settings, **options) == ["a", "b"]
    assert followed(settings, **options) == ["a", "b"]
    with Follower(settings, start="beginning", group="g", commit_by_hand=True, to_end=True) as follower:
        assert len(list(follower)) == 2
        assert follower.commit()
    assert followed(settings, **options) == []


def test_two_members_of_a_group_share_what_there_is(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=4)
    names = [str(number) for number in range(200)]
    seen: dict[str, list[str]] = {"one": [], "two": []}
    entered = {name: threading.Event() for name in seen}

    def member(name: str) -> None:
        with Follower(settings, start="beginning", group="g", idle=5) as follower:
            entered[name].set()
            for received in follower:
                if received.event:
                    seen[name].append(received.event.event_id)

    members = [threading.Thread(target=member, args=[name]) for name in seen]
    for thread, waited in zip(members, entered.values(), strict=True):
        thread.start()
        assert waited.wait(30)
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    for number, name in enumerate(names):
        producer.send(settings.prefix + ENRICHED.name, events(name)[0], partition=number % 4)
    producer.flush()
    producer.close()
    for thread in members:
        thread.join()
    assert set(seen["one"]) | set(seen["two"]) == set(names)
    assert seen["one"]
    assert seen["two"]


def test_a_rebalance_that_outlasts_a_poll_is_not_forgotten(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=1)
    with Tail(settings, ENRICHED, group=f"{settings.prefix}g", idle=20) as tail:
        consumer = tail._consumer
        generation = consumer.group_metadata().generation_id
        admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
        admin.create_partitions({tail.topic: NewPartitions(2)})
        admin.close()
        while len(consumer.partitions_for_topic(tail.topic)) < 2:
            consumer.topics()
        consumer.poll(timeout_ms=0)  # the rebalance begins, and this poll does not wait for its end
        while consumer.group_metadata().generation_id == generation:
            time.sleep(0.01)
        put(settings, [b"old"], 0)
        put(settings, [b"new"], 1)
        assert {record.value for record in itertools.islice(tail, 2)} == {b"old", b"new"}


def test_who_gets_no_partition_is_told_what_is_known(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=1)
    group = f"{settings.prefix}g"
    other = KafkaConsumer(
        settings.prefix + ENRICHED.name,
        bootstrap_servers=settings.bootstrap,
        client_id="a",  # the first in the alphabet keeps the partition
        group_id=group,
    )
    other.topics()  # or news of its partitions begins another rebalance
    while not other.assignment():
        other.poll(timeout_ms=100)
    answers, over = threading.Event(), threading.Event()

    def answer() -> None:
        answers.wait()
        while not over.is_set():
            other.poll(timeout_ms=100)
        other.close()

    def after_a_poll() -> float:
        if next(calls) == 0:
            return 0.0
        answers.set()
        return 1000.0

    def when_joined() -> float:
        return 1000.0 if late._consumer.group_metadata().state == MemberState.STABLE else 0.0

    calls = itertools.count()
    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with pytest.raises(ConsumeError, match="did not let us in within 45 s"):
            Tail(settings, ENRICHED, group=group, clock=after_a_poll).__enter__()
        late = Tail(settings, ENRICHED, group=group, clock=when_joined)
        with pytest.raises(ConsumeError, match=f"other members of the group {group} have all partitions"):
            late.__enter__()
    finally:
        answers.set()
        over.set()
        thread.join()


def test_a_place_that_another_member_passed_is_not_committed_over(fresh: Callable[..., Settings]) -> None:
    settings = fresh(partitions=1)
    put(settings, events("a", "b", "c"))
    group = f"{settings.prefix}g"
    with Tail(settings, ENRICHED, group=group) as tail:
        assert tail.commit({0: GroupOffset(2, "a note")})
    with Tail(settings, ENRICHED, group=group) as tail:
        assert tail.placed == {0: GroupOffset(2, "a note")}
        assert tail.commit({0: GroupOffset(1)})
    with Tail(settings, ENRICHED, group=group) as tail:
        assert tail.placed == {0: GroupOffset(2, "a note")}


def test_one_message_is_fetched_by_its_position(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    put(settings, [b"a", b"b"])
    assert fetch(settings, ENRICHED, 0, 1).value == b"b"
    for partition, offset, words in [(0, 2, "it has 0 to 1"), (1, 0, "it is empty"), (7, 0, "it has 0 to 1")]:
        with pytest.raises(LookupError, match=words):
            fetch(settings, ENRICHED, partition, offset)


def test_a_large_event_is_read(fresh: Callable[..., Settings]) -> None:
    settings = fresh()
    large = (
        event(text="x" * 450_000, entities=(), stances=(), metadata={"x": "\u20ac" * 3_000_000})
        .model_dump_json()
        .encode()
    )
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, max_request_size=16 * 1024 * 1024)
    producer.send(settings.prefix + ENRICHED.name, large).get(30)
    producer.close()
    assert followed(settings, start="beginning") == ["ev-1"]


def test_without_a_topic_or_a_broker_it_says_so(
    fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_CONNECT_SECONDS", 1)
    settings = fresh()
    with pytest.raises(
        ConsumeError,
        match=r"the topic nowhere-news\.enriched does not exist; create it with `stancewire topics create`",
    ):
        followed(settings.model_copy(update={"prefix": "nowhere-"}))
    with pytest.raises(ConsumeError, match=r"no Kafka broker answers at 127\.0\.0\.1:1"):
        followed(settings.model_copy(update={"brokers": "127.0.0.1:1"}))
