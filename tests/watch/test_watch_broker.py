"""The lists on a real Kafka: a worker that runs follows them, garbage on the topic does nothing, the commands change them."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from typer.testing import CliRunner, Result

from deploy import broker
from evaluation.faults.worker import worker
from schemas import Event, Processing, Status, WatchedEntity, WatchedIssue, Work
from services.cli import make_parser
from services.entities.watchlist import KIND
from services.lists.entry import read_change
from services.runtime import topics
from services.runtime.compacted import Follower, NotReadError
from services.runtime.settings import Settings
from services.runtime.topology import STANCES, UNIQUE, WATCHED_ENTITIES, WATCHED_ISSUES
from services.watch.topic import WATCHED_ENTITY_LIST, WATCHED_ISSUE_LIST, Entries, add, make_entry, remove

pytestmark = [pytest.mark.timeout(400)]
TEXT = (
    "They met at Zorble on Monday, and Quibble Works paid for the lunch. “I oppose sanctuary cities,” said Senator Ann Lee. "
    "“We support a price on carbon,” said Senator John Roe."
)


def entry(id: str, name: str, *aliases: str) -> WatchedEntity:
    return make_entry(WATCHED_ENTITY_LIST, {"id": id, "name": name, "type": "ORG", "aliases": aliases})


class Stages:
    """The entities and the stance stage of a worker: a document in, its event out."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
        self._consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        partition = TopicPartition(settings.prefix + STANCES.name, 0)
        self._consumer.assign([partition])
        self._consumer.seek_to_beginning(partition)

    def put(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Put a message on a topic of the settings' prefix."""
        self._producer.send(self._settings.prefix + topic, key=key, value=value).get(30)

    def event(self, seconds: float = 120) -> Event:
        """Send the document; its event."""
        processing = Processing(pipeline="test", received_at=datetime(2024, 3, 1, tzinfo=UTC))
        event = Event(event_id="0", id="a", status=Status.ENRICHED, text=TEXT, processing=processing)
        self.put(UNIQUE.name, b"a", Work(event=event).model_dump_json().encode())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for messages in self._consumer.poll(timeout_ms=200).values():
                [message] = messages
                return Work.read(message.value).event
        pytest.fail("no event came")

    def until(self, wanted: set[str]) -> float:
        """Send documents until one has these ids of both lists; how many seconds that took."""
        started = time.monotonic()
        while ids(self.event()) != wanted:
            assert time.monotonic() - started < 60
        return time.monotonic() - started

    def close(self) -> None:
        """Let go of the connections."""
        self._producer.close()
        self._consumer.close()


def ids(event: Event) -> set[str]:
    """The ids of both lists in an event: of its entities, and of the issues that stances are toward."""
    toward = {stance.target.issue for stance in event.stances}
    found = {one.watched for one in event.entities} | {one.watched for one in event.issues if one.id in toward}
    return {identity for identity in found if identity}


@pytest.fixture
def settings(fresh: Callable[..., Settings]) -> Settings:
    return fresh(partitions=1, processes=1)


@pytest.fixture
def stages(settings: Settings) -> Iterator[Stages]:
    one = Stages(settings)
    yield one
    one.close()


@pytest.mark.broker
def test_a_worker_follows_both_lists_while_it_runs(
    settings: Settings, stages: Stages, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert add(WATCHED_ENTITY_LIST, [entry("Z-1", "Zorble")], settings).ok
    assert add(WATCHED_ISSUE_LIST, [WatchedIssue(id="T-1", name="sanctuary cities")], settings).ok
    bad = (
        (b"bad", b"\x00"),
        (b"Z-1", b'{"id": "Z-1"}'),
        (b"T-1", b'{"id": "T-1", "name": "?"}'),
        (b"other", b'{"id": "Z-1", "name": "x", "type": "ORG"}'),
    )
    for topic in (WATCHED_ENTITIES, WATCHED_ISSUES):
        for key, value in bad:
            stages.put(topic.name, key, value)
    log = tmp_path / "worker.log"
    with worker(settings, log, "--stages", "entities,stance"):
        first = stages.event(300)
        assert ids(first) == {"Z-1", "T-1"}, "the topics are read to their end before the first document"
        assert {"watched", "issues"} <= first.processing.models.keys()
        assert add(WATCHED_ENTITY_LIST, [entry("Q-1", "Quibble Works", "Quibble")], settings).ok
        assert add(
            WATCHED_ISSUE_LIST, [WatchedIssue(id="T-2", name="carbon tax", phrases=("a price on carbon",))], settings
        ).ok
        record_property("seconds_to_effect", stages.until({"Z-1", "Q-1", "T-1", "T-2"}))
        for topic, key in ((WATCHED_ENTITIES, b"Q-1"), (WATCHED_ISSUES, b"T-2"), (WATCHED_ISSUES, b"T-2\n\x1b[2J")):
            stages.put(topic.name, key, b"[]")
        assert remove(WATCHED_ENTITY_LIST, ["Z-1"], settings).ok
        assert remove(WATCHED_ISSUE_LIST, ["T-1"], settings).ok
        stages.until({"Q-1", "T-2"})
        assert remove(WATCHED_ENTITY_LIST, ["Q-1"], settings).ok
        assert remove(WATCHED_ISSUE_LIST, ["T-2"], settings).ok
        stages.until(set())
        assert not {"watched", "issues"} & stages.event().processing.models.keys()
    said = log.read_text()
    for topic in (WATCHED_ENTITIES, WATCHED_ISSUES):
        for key, _ in bad:
            assert f"message {key!r} of {settings.prefix}{topic.name} is left out" in said
    for name in ("b'Q-1' of", "b'T-2' of", "b'T-2\\n\\x1b[2J' of"):
        assert f"message {name}" in said
    assert "Traceback" not in said


@pytest.mark.broker
def test_a_follower_has_the_newest_value_of_each_key(settings: Settings) -> None:
    name = settings.prefix + WATCHED_ENTITIES.name
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=f"{settings.prefix}w", acks="all")
    producer.init_transactions()
    producer.begin_transaction()
    for key, value in ((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"c", b"1"), (b"b", None)):
        producer.send(name, key=key, value=value).get(30)
    producer.commit_transaction()  # the topic ends with its marker, which is no message
    follower = Follower(settings, WATCHED_ENTITIES, lambda key, value: None)
    try:
        follower.start(60)
        assert follower.take(1) == [(b"a", b"2")]
        assert follower.take() == [(b"b", None), (b"c", b"1")]
        assert follower.take() == []
        producer.begin_transaction()
        producer.send(name, key=b"d", value=b"x").get(30)
        producer.commit_transaction()
        deadline = time.monotonic() + 30
        while not (found := follower.take()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert found == [(b"d", b"x")]
    finally:
        follower.stop()
        producer.close()


@pytest.mark.broker
def test_a_follower_outlives_its_broker(tmp_path: Path) -> None:
    with broker.running(tmp_path / "broker") as running:
        settings = Settings(brokers=running.address, data_dir=tmp_path, partitions=1)
        topics.create(settings)
        follower = Follower(settings, WATCHED_ENTITIES, partial(read_change, KIND))
        follower.start(60)
    try:
        with broker.running(tmp_path / "broker") as again:
            assert again.address == running.address
            zorble = entry("Z-1", "Zorble")
            assert add(WATCHED_ENTITY_LIST, [zorble], settings).ok
            deadline = time.monotonic() + 90
            while not (found := follower.take()):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert found == [(b"Z-1", zorble.model_dump_json().encode())]
    finally:
        follower.stop()


def test_a_follower_that_cannot_read_says_so(tmp_path: Path) -> None:
    follower = Follower(
        Settings(brokers="127.0.0.1:1", prefix="p-", data_dir=tmp_path), WATCHED_ENTITIES, lambda key, value: None
    )
    try:
        with pytest.raises(NotReadError, match=r"p-news\.watched\.entities could not be read to its end within 0\.2 s"):
            follower.start(0.2)
    finally:
        follower.stop()


@pytest.fixture
def call(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, in this process, with the settings."""
    for name in ("brokers", "prefix", "data_dir"):
        monkeypatch.setenv(f"STANCEWIRE_{name.upper()}", str(getattr(settings, name)))
    return lambda *arguments: CliRunner().invoke(make_parser(), arguments, catch_exceptions=False)


@pytest.mark.broker
def test_the_commands_change_what_is_on_the_topic(
    settings: Settings, call: Callable[..., Result], tmp_path: Path
) -> None:
    added = call(
        "watch",
        "entities",
        "add",
        "ACME-17",
        "Acme Rocket Works",
        "--type",
        "org",
        "--alias",
        "Acme",
        "--alias",
        "[red]A",
    )
    assert (added.exit_code, "1 delivered" in added.output) == (0, True)
    path = tmp_path / "list.csv"
    path.write_text("id,name,type,aliases\nQ312,Jane Roe,PERSON,\nACME-18,Acme Moon Works,ORG,Moon|AMW\n")
    assert call("watch", "entities", "load", str(path)).exit_code == 0
    shown = call("watch", "entities", "list")
    assert shown.exit_code == 0
    for words in ("ACME-17", "Acme Rocket Works", "Acme | [red]A", "Q312", "PERSON", "Moon | AMW", "3 entities"):
        assert words in shown.output
    entries = Entries(WATCHED_ENTITY_LIST, settings)
    assert entries.listed["Q312"] == WatchedEntity(id="Q312", name="Jane Roe", type="PERSON")
    lines = [
        json.loads(line)
        for line in call("watch", "entities", "list", "--json").stdout.splitlines()
        if line.startswith("{")
    ]
    assert [line["id"] for line in lines] == ["ACME-17", "ACME-18", "Q312"]
    assert call("watch", "entities", "load", str(path), "--replace").exit_code == 0
    assert Entries(WATCHED_ENTITY_LIST, settings).listed.keys() == {"Q312", "ACME-18"}
    removed = call("watch", "entities", "remove", "Q312", "never-there", " bad ")
    assert removed.exit_code == 1
    assert "not an id" in removed.output
    assert Entries(WATCHED_ENTITY_LIST, settings).listed.keys() == {"ACME-18"}
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    producer.send(settings.prefix + WATCHED_ENTITIES.name, key=b"\x1b[2Jbad", value=b"{}").get(30)
    producer.close()
    listed = call("watch", "entities", "list")
    assert listed.exit_code == 1
    assert "NOT IN FORCE  bad  id: Field required" in listed.output


@pytest.mark.broker
def test_the_commands_of_issues_change_their_own_list(
    settings: Settings, call: Callable[..., Result], tmp_path: Path
) -> None:
    added = call("watch", "issues", "add", "tax", "a carbon tax", "--phrase", "a price on carbon", "--phrase", "[red]A")
    assert (added.exit_code, "1 delivered" in added.output) == (0, True)
    path = tmp_path / "list.csv"
    path.write_text("id,name,phrases\nsc,sanctuary cities,sanctuary laws|safe cities\ntax,carbon tax,\n")
    listed = call("watch", "issues", "list")
    for words in ("tax", "a carbon tax", "a price on carbon | [red]A", "1 issues"):
        assert words in listed.output
    assert "type" not in listed.output
    assert call("watch", "issues", "load", str(path)).exit_code == 0
    lines = [
        json.loads(line)
        for line in call("watch", "issues", "list", "--json").stdout.splitlines()
        if line.startswith("{")
    ]
    assert lines == [
        {"id": "sc", "name": "sanctuary cities", "phrases": ["sanctuary laws", "safe cities"]},
        {"id": "tax", "name": "carbon tax", "phrases": []},
    ]
    assert call("watch", "issues", "remove", "tax").exit_code == 0
    assert Entries(WATCHED_ISSUE_LIST, settings).listed.keys() == {"sc"}
    assert Entries(WATCHED_ENTITY_LIST, settings).listed == {}


def test_what_is_wrong_is_named_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANCEWIRE_BROKERS", "127.0.0.1:1")
    path = tmp_path / "list.jsonl"
    path.write_text('{"id": "a", "name": "Acme", "type": "FIRM"}\n')
    for arguments, status, words in (
        (["watch", "entities", "add", "a", "Acme"], 2, "--type"),
        (["watch", "entities", "add", "a", "Acme", "--type", "firm"], 2, "type: Input should be"),
        (["watch", "entities", "add", " ", "Acme", "--type", "ORG"], 2, "id: "),
        (["watch", "entities", "add", "a", "--", "--"], 2, "--type"),
        (["watch", "entities", "add", "a", "?!", "--type", "ORG"], 2, "name: has no letter"),
        (["watch", "entities", "add", "a", "Acme", "--type", "ORG", "--alias", "\n"], 2, "aliases.0: "),
        (["watch", "entities", "load", str(path)], 2, "line 1: type: Input should be"),
        (["watch", "entities", "load", str(tmp_path / "none")], 2, "No such file"),
        (["watch", "entities", "remove"], 2, "Missing argument"),
        (["watch", "entities", "dance"], 2, "No such command"),
        (["watch", "issues", "add", "a"], 2, "Missing argument"),
        (["watch", "issues", "add", " a", "tax"], 2, "id: "),
        (["watch", "issues", "add", "a", "?!"], 2, "name: has no letter"),
        (["watch", "issues", "add", "a", "tax", "--phrase", "\n"], 2, "phrases.0: "),
        (["watch", "issues", "load", str(path)], 2, "line 1: type: Extra inputs"),
        (["watch", "issues", "remove"], 2, "Missing argument"),
    ):
        ended = CliRunner().invoke(make_parser(), arguments, catch_exceptions=False)
        assert (ended.exit_code, words in ended.output) == (status, True), (arguments, ended.output)
