"""Another release beside this one, before it and after it; and failures that a restart must not forget."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from evaluation.faults.run import offsets
from evaluation.faults.worker import environment
from schemas import DeadLetter, Status
from schemas.event import document_part
from services.consumer.tail import Tail
from services.runtime.ending import EXIT_DEAD_LETTER_LIMIT
from services.runtime.parent import PARENT
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, FINGERPRINTS
from tests.broker.cluster import Watcher, put
from tests.conftest import ROOT

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

PREVIOUS = "bf0f30b"
"""The last commit of the release before this one: its stages pass over fields that they do not know."""
STORY = (
    "The harbor board voted on Monday to close the old pier. Mayor Ana Reyes praised the vote. “The board has failed this "
    "town,” said Leon Katz, who runs a boat yard next to the pier and employs forty people. It was vote number {}, and "
)
ENDS = ("the ferry to the islands leaves from there", "its timbers were laid a hundred years ago", "anglers liked it")

OTHER = json.dumps(
    {"id": "b", "text": "Rain fell on Oslo on Friday. Kari Lund, who leads the city, thanked the firemen."}
).encode()


def document(id: str, number: int) -> tuple[bytes, bytes]:
    return id.encode(), json.dumps({"id": id, "text": f"{STORY.format(number)}{ENDS[number % 3]}. " * 3}).encode()


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the release before this one."""
    folder = tmp_path_factory.mktemp("previous")
    heavy = [f":(exclude)services/stance/{name}" for name in ("model", "model-large", "reading/model")]
    git = ["git", "-C", str(ROOT), "archive", PREVIOUS, "services", "schemas", "deploy", *heavy]
    try:
        archive = subprocess.run(git, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"the history up to {PREVIOUS} is not here: {error}")
    tar = ["tar", "-x", "-C", str(folder)]  # the module's filters came with Python 3.11.4
    subprocess.run(tar, input=archive, check=True)
    return folder


def start(stage: str, settings: Settings, code: Path = ROOT, **variables: str) -> subprocess.Popen[bytes]:
    """The process of a stage, of the release whose sources are in ``code``."""
    own = {"STANCEWIRE_HTTP_PORT": "0", "STANCEWIRE_STANCE_MODEL": "lexicon", PARENT: str(os.getpid()), **variables}
    with (settings.data_dir / f"{stage}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "services.runtime.process", stage],
            cwd=code,
            env=os.environ | environment(settings) | own | {"PYTHONPATH": str(code)},
            stdout=log,
            stderr=log,
        )


@contextmanager
def stages(settings: Settings, of: dict[str, Path]) -> Iterator[None]:
    """All stages, each of the release that ``of`` names the folder of."""
    running = [start(stage, settings, code) for stage, code in of.items()]
    try:
        yield
        for process in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(90) for process in running] == [0] * len(running)
    finally:
        for process in running:
            process.kill()
            process.wait()


def send(settings: Settings, messages: Sequence[tuple[bytes, bytes, list[tuple[str, bytes]]]]) -> None:
    """Put keys, values and headers on the topic between intake and dedup."""
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    for key, value, headers in messages:
        producer.send(settings.prefix + FINGERPRINTS.name, key=key, value=value, headers=headers)
    producer.flush(30)
    producer.close()


def newer(value: bytes) -> bytes:
    """The work as a later release may write it: with a later minor version, and a field more in each object."""

    def add(part: Any) -> Any:
        if isinstance(part, list):
            return [add(one) for one in part]
        return {name: add(one) for name, one in part.items()} | {"hint": {"a": [1]}} if isinstance(part, dict) else part

    work = add(json.loads(value))
    work["event"] |= {"id": "newer", "event_id": "f" * 32, "schema_version": "2.7"}
    work["event"]["metadata"] = {}
    work["event"]["processing"] |= {"models": {}, "stage_seconds": {}}
    return json.dumps(work).encode()


def make_old_lists(settings: Settings) -> None:
    """The topics of the user's lists as that release names them; its stages do not start without."""
    configs = {"cleanup.policy": "compact", "max.message.bytes": "262144", "message.timestamp.type": "LogAppendTime"}
    admin = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    admin.create_topics(
        [NewTopic(settings.prefix + name, 1, 1, topic_configs=configs) for name in ("news.watched", "news.targets")]
    )
    admin.close()


def test_the_previous_release_works_before_this_one_and_after_it(
    fresh: Callable[..., Settings], previous: Path
) -> None:
    settings = fresh(processes=1, session_seconds=6)
    make_old_lists(settings)
    watcher = Watcher(settings)
    with stages(settings, {"intake": previous, "dedup": previous, "entities": ROOT, "stance": ROOT, "stories": ROOT}):
        first = put(settings, [document(f"a-{number}", number) for number in range(3)])
        seen = watcher.until(first, 200)
    with stages(settings, {"intake": ROOT, "dedup": ROOT, "entities": previous, "stance": ROOT, "stories": ROOT}):
        with Tail(settings, FINGERPRINTS, start="beginning", to_end=True) as tail:
            work = next(iter(tail)).value or b""
        send(settings, [(b"newer", newer(work), [("stancewire.origin", b"t/0/0")])])
        second = put(settings, [document("copy", 0), document("a-1", 1), (b"b", OTHER), (b"a-2", None), (b"c", b"?")])
        watcher.until([*second, "t/0/0"], 200)
    watcher.poll(1)
    watcher.close()
    assert [DeadLetter.from_headers(letter.headers).origin for letter in seen.letters] == [second[4]]
    last = {origin: events[-1] for origin, events in seen.events.items()}
    assert [last[origin].status for origin in first] == [Status.ENRICHED] * 3
    assert all(event.entities and "entities=" in event.processing.pipeline for event in (last[one] for one in first))
    copy, again, other, withdrawn, _ = (last[origin] for origin in second)
    assert (copy.duplicate and copy.duplicate.of, copy.status) == ("a-0", Status.DUPLICATE)  # the judge's table is read
    assert again.duplicate == last[first[1]].duplicate  # what the other release's judge said of it
    assert document_part(again.event_id) == document_part(last[first[1]].event_id)
    assert again.event_id != last[first[1]].event_id
    assert (other.status, withdrawn.status) == (Status.ENRICHED, Status.WITHDRAWN)
    assert other.processing.pipeline.startswith("intake=")
    assert last["t/0/0"].id == "newer"


def committed(settings: Settings) -> int:
    """The offset that dedup has committed in its one partition."""
    return offsets(settings)[0]["dedup"].get(0, 0)


def letters(settings: Settings) -> list[bytes | None]:
    """The keys of all dead letters."""
    with Tail(settings, DEAD_LETTERS, start="beginning", to_end=True) as tail:
        return [record.key for record in tail]


def test_a_stage_that_stopped_for_its_failures_stops_again_until_the_limit_is_raised(
    fresh: Callable[..., Settings],
) -> None:
    settings = fresh(dead_letter_run=20, batch_documents=8, batches_in_flight=1)

    def fail(numbers: range) -> None:
        send(settings, [(b"%d" % number, b"{}", []) for number in numbers])

    def until(last: bytes, process: subprocess.Popen[bytes]) -> None:
        with Tail(settings, DEAD_LETTERS, start="beginning", idle=90) as tail:
            assert any(record.key == last for record in tail)
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 0

    fail(range(16))
    until(b"15", start("dedup", settings))
    fail(range(16, 60))
    for _ in range(2):
        before = len(letters(settings))
        assert start("dedup", settings).wait(90) == EXIT_DEAD_LETTER_LIMIT
        assert len(letters(settings)) - before <= 20 - 16 + 8  # what the limit leaves, and the batch that goes past it
    assert committed(settings) <= 20
    until(b"59", start("dedup", settings, STANCEWIRE_DEAD_LETTER_RUN="100"))
    assert committed(settings) == len(set(letters(settings))) == 60
