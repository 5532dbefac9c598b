"""Real articles through real workers on a real Kafka, in peace and while workers die, stop, join and leave."""

import gzip
import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluation.recorded import expected
from schemas import Status
from services.runtime.settings import Settings
from tests.broker.cluster import Seen, Watcher, Worker, content, put, uncommitted

pytestmark = [pytest.mark.broker, pytest.mark.timeout(900)]
COUNT = 1_000


@pytest.fixture(scope="session")
def articles(shared: Path) -> list[tuple[bytes, bytes]]:
    path = shared / "data" / "allsides" / "articles.jsonl.gz"
    if not path.exists():
        pytest.skip("../shared/data/allsides is not here")
    with gzip.open(path) as lines:
        return list(_numbered(itertools.islice(lines, COUNT)))


def _numbered(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for number, line in enumerate(lines):
        article = json.loads(line)
        document = {
            "id": f"allsides-{number}",
            "title": article["title"][:2000],
            "text": article["text"],
            "source": article["source"],
        }
        yield document["id"].encode(), json.dumps(document).encode()


Record = Callable[[str, object], None]
"""pytest's ``record_property``: the figures are in the report that ``--junitxml`` writes."""


def check(seen: Seen, settings: Settings, count: int, record_property: Record) -> None:
    """Nothing lost, nothing invented, nothing its own copy, nothing standing still; the verdicts of an undisturbed judge."""
    record_property("statuses", {status.value: number for status, number in seen.statuses.items()})
    record_property("repeats", seen.repeats)
    record_property("dead_letters", len(seen.letters))
    assert len(seen.events) == count
    assert sum(seen.statuses.values()) == count
    assert seen.statuses.keys() <= {Status.ENRICHED, Status.DUPLICATE, Status.REJECTED}
    for events in seen.events.values():
        assert len({event.event_id for event in events}) == 1
        assert all(content(event) == content(events[0]) for event in events[1:])
        assert all(event.duplicate is None or event.duplicate.of != event.id for event in events)
    right = expected(settings)
    record_property(
        "copies", sum(answer.duplicate is not None and answer.duplicate.of is not None for answer in right.values())
    )
    for origin, events in seen.events.items():
        assert origin in right or events[0].status is Status.REJECTED
        assert all(right[origin].is_in(event) for event in events if origin in right)
    deadline = time.monotonic() + 30
    while any((lags := uncommitted(settings)).values()):
        assert time.monotonic() < deadline, f"not committed: {lags}"
        time.sleep(0.5)


def test_every_article_has_exactly_one_disposition(
    fresh: Callable[..., Settings],
    articles: list[tuple[bytes, bytes]],
    tmp_path: Path,
    record_property: Record,
) -> None:
    settings = fresh(partitions=4)
    worker, watcher = Worker(settings, tmp_path / "worker.log"), Watcher(settings)
    try:
        seen = watcher.until(put(settings, articles), 600)
        check(seen, settings, COUNT, record_property)
        rejected = seen.statuses.get(Status.REJECTED, 0)
        assert (seen.repeats, len(seen.letters)) == (0, rejected)
        assert rejected == 0
    finally:
        watcher.close()
        assert worker.terminate() == 0


def test_nothing_is_lost_while_workers_die_stop_join_and_leave(
    fresh: Callable[..., Settings],
    articles: list[tuple[bytes, bytes]],
    tmp_path: Path,
    record_property: Record,
) -> None:
    settings = fresh(partitions=4, session_seconds=6)
    workers = {"one": Worker(settings, tmp_path / "one.log")}
    faults = iter(
        [
            (0.08, "kill one"),
            (0.2, "join two"),
            (0.35, "stop one"),
            (0.5, "kill one"),
            (0.65, "leave two"),
            (2.0, "end"),
        ]
    )
    due, fault = next(faults)
    done = []

    def disturb(share: float) -> None:
        nonlocal due, fault
        if share < due:
            return
        what, name = fault.split()
        if what == "kill":
            workers[name].kill()
        elif what in ("stop", "leave"):
            assert workers[name].terminate() == 0
        if what == "leave":
            del workers[name]
        else:
            workers[name] = Worker(settings, tmp_path / f"{name}.log")
        done.append(fault)
        due, fault = next(faults)

    watcher = Watcher(settings)
    try:
        seen = watcher.until(put(settings, articles), 800, disturb)
        assert len(done) == 5
        check(seen, settings, COUNT, record_property)
        assert seen.letters == []
    finally:
        watcher.close()
        ended = [worker.terminate() for worker in workers.values()]
        assert not any(ended)
