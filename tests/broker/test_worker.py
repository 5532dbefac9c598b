"""One worker on a real Kafka: bad input, order, copies over restarts, stray records, and errors at the start."""

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from evaluation.faults.books import content
from evaluation.faults.run import uncommitted
from evaluation.faults.worker import COMMAND, Worker, environment
from schemas import DeadLetter, Event, Reason, Status
from schemas.base import CANARY_PREFIX, MAX_MESSAGE_BYTES
from services.canary.core import Place
from services.canary.story import OURS, read_story
from services.consumer.follow import read_event
from services.consumer.tail import Tail
from services.deadletters.letters import which
from services.deadletters.replay import replay
from services.runtime import topics
from services.runtime.ending import EXIT_CONFIGURATION
from services.runtime.settings import Settings
from services.runtime.topology import CANARIES, UNIQUE
from tests.broker.cluster import Watcher, put
from tests.intake.bad_documents import BAD_DOCUMENTS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]
STORY = (
    "The harbor board voted on Monday to close the old pier. Mayor Ana Reyes praised the vote. "
    "“The board has failed this town,” said Leon Katz, who runs a boat yard next to the pier and employs forty people. "
) * 3


def document(id: str, text: str = STORY, **fields: object) -> tuple[bytes, bytes]:
    return id.encode(), json.dumps({"id": id, "text": text, **fields}).encode()


@pytest.fixture(scope="module")
def settings(brokers: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("worker")
    made = Settings(brokers=brokers, prefix="worker-", partitions=3, data_dir=folder, session_seconds=6, processes=1)
    topics.create(made)
    return made


@pytest.fixture(scope="module")
def worker(settings: Settings) -> Iterator[list[Worker]]:
    """The worker that runs now, in a list, so that a test may put another in its place."""
    running = [Worker(settings, settings.data_dir / "worker.log")]
    yield running
    assert running[0].terminate() == 0


@pytest.fixture
def watcher(settings: Settings, worker: list[Worker]) -> Iterator[Watcher]:
    one = Watcher(settings)
    yield one
    one.close()


def last(watcher: Watcher, origin: str) -> Event:
    return watcher.seen.events[origin][-1]


def test_bad_documents_are_named_and_everything_else_goes_through(settings: Settings, watcher: Watcher) -> None:
    messages: list[tuple[bytes | None, bytes | None]] = []
    for number, bad in enumerate(BAD_DOCUMENTS):
        messages += [
            (f"bad-{number}".encode(), bad.value),
            document(f"good-{number}", f"{STORY} It was vote number {number}."),
        ]
    sendable = [pair for pair in messages if len(pair[1] or b"") <= 2 * MAX_MESSAGE_BYTES]
    assert len(sendable) == len(messages)
    origins = put(settings, messages)
    seen = watcher.until(origins, 200)
    for number, bad in enumerate(BAD_DOCUMENTS):
        event = last(watcher, origins[2 * number])
        assert event.status is Status.REJECTED, bad
        assert event.rejection is not None
        assert event.rejection.reason == bad.reason, bad
        assert last(watcher, origins[2 * number + 1]).status in (Status.ENRICHED, Status.DUPLICATE)
    watcher.poll(2)
    letters = {DeadLetter.from_headers(letter.headers).origin: letter for letter in seen.letters}
    for number, bad in enumerate(BAD_DOCUMENTS):
        letter = letters[origins[2 * number]]
        headers = DeadLetter.from_headers(letter.headers)
        assert (letter.key, letter.value) == (f"bad-{number}".encode(), bad.value)
        assert (headers.stage, headers.status, headers.reason) == ("intake", Status.REJECTED, Reason(bad.reason))


def test_the_events_of_one_id_keep_their_order(settings: Settings, watcher: Watcher) -> None:
    origins = put(
        settings,
        [
            document("pier", STORY + "First version of the story about the pier, as it was printed in the morning."),
            document(
                "pier", STORY + "Second version of the story about the pier, as it was printed at night.", revision=2
            ),
            (b"pier", None),
        ],
    )
    watcher.until(origins, 60)
    events = watcher.seen.order["pier"]
    assert [event.status for event in events][-1] is Status.WITHDRAWN
    assert [event.revision for event in events[:2]] == [1, 2]
    assert all(event.duplicate is None or event.duplicate.of != "pier" for event in events)


def test_canaries_find_every_known_fact_and_stay_out_of_the_users_topic(settings: Settings, watcher: Watcher) -> None:
    left = Place(1, "story").id
    story = read_story(OURS)
    put(settings, [(left.encode(), json.dumps({"id": left, "title": story.title, "text": story.text}).encode())])
    for _ in range(2):  # the first finds what an earlier process left behind, withdraws it and begins again
        done = subprocess.run(
            [COMMAND, "canary", "--once"],
            env=os.environ | environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("held") == 18
    origins = put(settings, [document("after-the-canaries")])
    watcher.until(origins, 60)
    assert not [name for name in watcher.seen.order if name.startswith(CANARY_PREFIX)]
    with Tail(settings, CANARIES, start="beginning", to_end=True) as tail:
        events = [read_event(record).event for record in tail]
    assert len(events) >= 2 + 6 * 2
    assert {event.id for event in events if event is not None and event.status is Status.WITHDRAWN} >= {left}


def test_a_copy_is_found_whatever_its_partition_also_after_a_kill(
    settings: Settings, worker: list[Worker], watcher: Watcher
) -> None:
    text = STORY.replace("harbor", "lighthouse") + "The keeper, who had lit the lamp for thirty years, was not asked."
    origins = put(settings, [document("original", text)])
    original = watcher.until(origins, 60).events[origins[0]][0]
    copies = put(settings, [document(f"copy-{number}", text) for number in range(6)])
    watcher.until(copies, 60)
    assert len({origin.split("/")[1] for origin in copies}) > 1
    worker[0].kill()
    worker[0] = Worker(settings, settings.data_dir / "worker.log")
    later = put(settings, [document("copy-later", text), document("original", text)])
    watcher.until(later, 90)
    for origin in (*copies, later[0]):
        event = last(watcher, origin)
        assert event.status is Status.DUPLICATE
        assert event.duplicate is not None
        assert (event.duplicate.verdict, event.duplicate.of) == ("exact", "original")
    again = last(watcher, later[1])
    assert again.event_id == original.event_id
    assert again.status is Status.ENRICHED
    assert {**content(again), "processing": 0} == {**content(original), "processing": 0}


def test_what_is_no_work_on_an_inner_topic_is_dead_lettered(settings: Settings, watcher: Watcher) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    stray = producer.send(settings.prefix + UNIQUE.name, key=b"stray", value=b"\x00garbage").get(20)
    empty = producer.send(settings.prefix + UNIQUE.name, key=b"empty", value=None).get(20)
    producer.close()
    origins = [f"{one.topic}/{one.partition}/{one.offset}" for one in (stray, empty)]
    watcher.until(origins, 60)
    watcher.poll(2)
    assert [last(watcher, origin).status for origin in origins] == [Status.DEAD_LETTERED] * 2
    letters = [DeadLetter.from_headers(one.headers) for one in watcher.seen.letters if one.key in (b"stray", b"empty")]
    assert [(letter.stage, letter.reason) for letter in letters] == [("entities", Reason.ERROR)] * 2


def test_a_letter_is_put_back_once_and_comes_again_as_another_attempt(
    settings: Settings, worker: list[Worker], watcher: Watcher
) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    sent = producer.send(settings.prefix + UNIQUE.name, key=b"replayed", value=b"no work").get(20)
    producer.close()
    position = f"{sent.topic}/{sent.partition}/{sent.offset}"
    watcher.until([position], 60)
    replay(settings, which(["error"]))  # this one, and those that other tests left
    deadline = time.monotonic() + 60
    attempts: list[int] = []
    while attempts != [1, 2]:
        assert time.monotonic() < deadline, attempts
        watcher.poll()
        letters = [DeadLetter.from_headers(one.headers) for one in watcher.seen.letters if one.key == b"replayed"]
        attempts = [letter.attempt for letter in letters]
    assert {letter.origin for letter in letters} == {position}
    events = watcher.seen.events[position]
    assert len({event.event_id for event in events}) == 1
    with urllib.request.urlopen(f"http://127.0.0.1:{worker[0].port_of('entities')}/metrics", timeout=5) as answer:
        metrics = answer.read().decode()
    assert re.search(r'stancewire_retries_total{cause="replay",stage="entities"} [1-9]', metrics), metrics


def test_the_markers_of_a_transaction_do_not_stop_a_partition(settings: Settings, watcher: Watcher) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id="sender", acks="all")
    producer.init_transactions()
    origins = []
    for turn in range(3):
        producer.begin_transaction()
        sent = [
            producer.send("worker-news.documents", *reversed(document(f"tx-{turn}-{one}", f"{STORY} {turn} {one}")))
            for one in range(4)
        ]
        producer.commit_transaction()
        origins += [f"{one.topic}/{one.partition}/{one.offset}" for one in (future.get(20) for future in sent)]
    producer.close()
    watcher.until(origins, 120)
    deadline = time.monotonic() + 60
    while any((lags := uncommitted(settings)).values()):
        assert time.monotonic() < deadline, lags
        time.sleep(1)


def test_sigterm_ends_everything_with_status_0(fresh: Callable[..., Settings], tmp_path: Path) -> None:
    settings = fresh(processes=1)
    worker, watcher = Worker(settings, tmp_path / "worker.log"), Watcher(settings)
    watcher.until(put(settings, [document("one")]), 90)
    watcher.close()
    assert len(_processes_of(settings)) >= 8
    assert worker.terminate() == 0
    assert _processes_of(settings) == []


def test_kill_9_leaves_nothing_behind(fresh: Callable[..., Settings], tmp_path: Path) -> None:
    settings = fresh(processes=1)
    worker = Worker(settings, tmp_path / "worker.log")
    deadline = time.monotonic() + 60
    while len(_processes_of(settings)) < 6:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    worker.kill()
    while found := _processes_of(settings):
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def _processes_of(settings: Settings) -> list[str]:
    """Processes whose environment names the settings' prefix."""
    mark = f"STANCEWIRE_PREFIX={settings.prefix}\0".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if mark in (folder / "environ").read_bytes() and (command := (folder / "cmdline").read_bytes()):
                    found.append(f"{folder.name} {command.decode()}")
            except (OSError, ProcessLookupError):
                continue
    return found


def _start(settings: Settings, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    variables = environment(settings) | {f"STANCEWIRE_{name}": value for name, value in variables.items()}
    return subprocess.run(
        [COMMAND, *arguments], env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_worker_without_topics_says_so(brokers: str, tmp_path: Path) -> None:
    ended = _start(Settings(brokers=brokers, prefix="none-", data_dir=tmp_path), "worker")
    assert ended.returncode == 1
    assert "none-news.documents is missing" in ended.stderr
    assert "stancewire topics create" in ended.stderr
    assert f"exit {EXIT_CONFIGURATION}" in ended.stderr


def test_a_topic_with_the_wrong_partitions_is_refused(brokers: str, tmp_path: Path) -> None:
    from kafka import KafkaAdminClient
    from kafka.admin import NewTopic

    admin = KafkaAdminClient(bootstrap_servers=brokers)
    admin.create_topics([NewTopic("wrong-news.fingerprints", 3, 1)])
    admin.close()
    ended = _start(Settings(brokers=brokers, prefix="wrong-", data_dir=tmp_path), "topics", "create")
    assert ended.returncode == 1
    assert "wrong-news.fingerprints has 3 partitions and must have 1" in ended.stderr


def test_a_broker_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = _start(Settings(brokers="127.0.0.1:1", data_dir=tmp_path), "topics", "list")
    assert ended.returncode == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_named(fresh: Callable[..., Settings], worker: list[Worker]) -> None:
    ended = _start(fresh(), "worker", "--stages", "intake", HTTP_PORT=str(worker[0].port))
    assert ended.returncode == 1
    assert f"STANCEWIRE_HTTP_PORT: port {worker[0].port} cannot be served" in ended.stderr


def test_a_worker_waits_for_a_broker_that_is_away(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    worker = Worker(Settings(brokers="127.0.0.1:1", data_dir=tmp_path), log, "--stages", "stance")
    deadline = time.monotonic() + 120
    while log.read_text().count("no Kafka broker answers at 127.0.0.1:1") < 2:
        assert worker.process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)
    assert worker.terminate() in (0, 1)
