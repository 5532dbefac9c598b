"""Stories on a real Kafka: the keeper dies, moves to workers with nothing on their disks, and says what one that lived would."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, TopicPartition

from evaluation.recorded import expected_stories, told
from schemas import Event, Status, StoryRecord
from services.consumer.tail import Tail
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED, STANCES, STORIES
from tests.broker.cluster import judges, put
from tests.stories.kept import gone, work

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
PORTION = 150
_WORDS = [
    f"{a}{b}{c}"
    for a in ("balt", "mern", "dors", "falk", "vint", "rusk", "holm", "pend")
    for b in "aeiouy"
    for c in "lmnrvz"
]


_NAMES = [
    (first, last) for first in ("Ann", "Tom", "Ines", "Erik") for last in ("Moran", "Hale", "Lund", "Roe", "Dahl")
]


def works(seed: int) -> Iterator[tuple[bytes, bytes]]:
    """Messages of ``news.stances`` without end: a running event told over again, copies, revisions and withdrawals; people with
    their full names, and with surnames alone."""
    choice = random.Random(seed)  # noqa: S311 - any stream will do
    events = [choice.sample(_WORDS, 10) for _ in range(80)]
    ids: list[str] = []
    while True:
        event = events[len(ids) // 8 % 70 + choice.randrange(8)]
        title, text = " ".join(choice.sample(event, 5)), " ".join(choice.sample(event, 8) + choice.sample(_WORDS, 6))
        hours = len(ids) / 60
        kind = choice.random() if ids else 1.0
        of = choice.choice(ids[-40:]) if ids else ""
        name, source = f"d{len(ids)}", f"{choice.randrange(9)}.example"
        first, last = _NAMES[min(choice.randrange(len(_NAMES)) for _ in range(3))]
        names = (last,) if choice.random() < 0.4 else (f"{first} {last}",)
        if kind < 0.15:
            one = work(name, (title, text), hours, copies=of, source=source, status=Status.DUPLICATE)
        elif kind < 0.2:
            one = work(of, (title, text), hours, revision=len(ids), source=source, names=names)
        elif kind < 0.25:
            one = gone(of, hours)
        else:
            one = work(name, (title, text), hours, source=source, names=names)
        ids += [name] if one.event.id == name else []
        yield one.event.id.encode(), one.write().encode()


def take(stream: Iterator[tuple[bytes, bytes]]) -> list[tuple[bytes | None, bytes | None]]:
    return [next(stream) for _ in range(PORTION)]


def published(settings: Settings) -> dict[str, StoryRecord]:
    """What a reader of ``news.stories`` knows who has read it to its end."""
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
    partitions = [TopicPartition(settings.prefix + STORIES.name, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    found: dict[str, StoryRecord] = {}
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for messages in consumer.poll(timeout_ms=200).values():
            for message in messages:
                name = message.key.decode()
                if message.value is None:
                    found.pop(name, None)
                else:
                    found[name] = StoryRecord.model_validate_json(message.value)
    consumer.close()
    return found


def test_the_keeper_dies_and_moves_and_the_stories_are_those_of_one_undisturbed_run(
    fresh: Callable[..., Settings], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    settings = fresh(partitions=3, session_seconds=6, batch_documents=8)
    stream = works(1)
    with judges(settings, tmp_path, "stories", ENRICHED) as (workers, arrivals):
        workers.start("one")
        workers.judge()
        workers.start("two")
        origins = put(settings, take(stream), STANCES)
        arrivals.until(origins, 0.4)

        killed = workers.judge()
        workers.kill(killed)
        after_kill = put(settings, take(stream), STANCES)
        workers.start(killed)  # on the table that it died with
        arrivals.until(after_kill, 0.4)

        workers.start("three")  # with nothing on its disk
        after_join = put(settings, take(stream), STANCES)
        arrivals.until(after_join, 0.4)
        workers.stop(workers.judge())
        origins += after_kill + after_join + put(settings, take(stream), STANCES)
        arrivals.until(origins)
    stories, records = expected_stories(settings)
    assert stories.keys() == set(origins)
    with Tail(settings, ENRICHED, to_end=True) as tail:
        said = [(record.origin, told(Event.read(record.value or b""))) for record in tail]
    wrong = [f"{origin}: {one} and not {stories[origin]}" for origin, one in said if one != stories[origin]]
    assert not wrong, f"{len(wrong)} of {len(said)}, such as {wrong[:3]}"
    placed = [one.story.rule.partition("/")[0] for one in stories.values() if one.story is not None]
    record_property("placed", {how: placed.count(how) for how in set(placed)})
    assert min(placed.count("joined"), placed.count("opened"), placed.count("copy")) > 10
    assert published(settings) == records
    assert len(records) > 10
