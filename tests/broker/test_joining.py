"""A second worker joins while the first has a backlog, on a real Kafka: nobody finishes first what cannot be committed."""

import time
from collections.abc import Callable
from itertools import count

import pytest

from evaluation.bench.stages import read_gauges, send_works
from evaluation.bench.works import make_work
from evaluation.data import Article
from evaluation.faults.books import content
from evaluation.faults.worker import Worker, worker
from schemas import Work
from services.runtime.settings import Settings
from services.runtime.topology import ENTITIES
from tests.broker.cluster import Watcher

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
SECONDS = 90
"""Longest wait for anything: a busy machine starts a stage in twenty."""
WAITING = 140
"""Documents without an event, at least, until both workers are at work: more than a worker has in flight."""
IDS = 12
SLOW = Article(title="", text="He said he said she said. " * 300)
"""Some 50 ms of work, so that what is in flight takes longer than the partitions take to move."""
VARIABLES = {"STANCEWIRE_STANCE_MODEL": "lexicon"}


def works(numbers: "count[int]", many: int) -> list[Work]:
    """Revisions of some ids, one after the other."""
    made = []
    for number in (next(numbers) for _ in range(many)):
        work = make_work(f"story-{number % IDS}", SLOW)
        event = work.event.model_copy(update={"event_id": f"event-{number}", "revision": 1 + number // IDS})
        made.append(work.model_copy(update={"event": event}))
    return made


def test_a_worker_joins_under_a_backlog(fresh: Callable[..., Settings]) -> None:
    settings = fresh(processes=1, session_seconds=6)
    log, numbers, sent = settings.data_dir / "worker.log", count(), list[str]()
    watcher = Watcher(settings)

    def backlog_until(holds: Callable[[], bool]) -> None:
        """Keep the first worker at work until it holds."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            assert time.monotonic() < deadline, log.read_text()[-3000:]
            if len(sent) - len(watcher.seen.events) < WAITING:
                sent.extend(send_works(settings, ENTITIES, works(numbers, 60)))
            watcher.poll(0.1)

    def taken(one: Worker) -> float:
        return said(one, "documents_taken_total") if one.holds("stance") else 0

    def said(one: Worker, name: str) -> float:
        return read_gauges(one.port_of("stance"), [name])[name]

    with (
        worker(
            settings, settings.data_dir / "stories.log", "--stages", "stories"
        ),  # what stance hands on becomes events
        worker(settings, log, "--stages", "stance", variables=VARIABLES) as old,
    ):
        backlog_until(lambda: taken(old) > 0)
        with worker(settings, log, "--stages", "stance", variables=VARIABLES) as new:
            backlog_until(lambda: new.holds("stance") == old.holds("stance") == 1)
            before = taken(old)
            backlog_until(lambda: taken(old) > before and taken(new) > 0)
            both = (old, new)
            watcher.until(sent, SECONDS)
            backlog_gone = time.monotonic() + SECONDS
            while any(said(one, "lag_documents") or said(one, "documents_in_flight") for one in both):
                assert time.monotonic() < backlog_gone, log.read_text()[-3000:]
                watcher.poll(0.1)
            watcher.poll(1)
            asked = ("ready", "documents_unaccounted", "worker_restarts")
            assert [[said(one, name) for name in asked] for one in both] == [[1, 0, 0], [1, 0, 0]]
            events = list(watcher.seen.events.values())
            assert sum(taken(one) for one in both) > sum(map(len, events))  # some were dropped, and not done first
    assert len(events) == len(sent)
    assert not watcher.seen.letters
    for same in events:
        assert all(content(one) == content(same[0]) for one in same)
    for of_one_id in watcher.seen.order.values():
        firsts = list(dict.fromkeys(event.revision for event in of_one_id))
        assert firsts == sorted(firsts)
    watcher.close()
