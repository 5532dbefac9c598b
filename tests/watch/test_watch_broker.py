"""The watch list on a real Kafka: a worker that runs follows it, garbage on the topic does nothing, the commands change it."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from typer.testing import CliRunner, Result

from deploy import broker
from schemas import Entity, Event, Processing, Status, Watched, Work
from services.cli import app
from services.entities.watchlist import read_change
from services.runtime import topics
from services.runtime.compacted import Follower, NotReadError
from services.runtime.settings import Settings
from services.runtime.topology import ENTITIES, UNIQUE, WATCHED
from services.watch.topic import Entries, add, make_entry, remove
from tests.broker.cluster import worker

pytestmark = [pytest.mark.timeout(400)]
TEXT = "They met at Zorble on Monday, and Quibble Works paid for the lunch."


class Stage:
    """The entities stage of a worker: a document in, its entities out."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
        self._consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)
        partition = TopicPartition(settings.prefix + ENTITIES.name, 0)
        self._consumer.assign([partition])
        self._consumer.seek_to_beginning(partition)

    def put(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Put a message on a topic of the settings' prefix."""
        self._producer.send(self._settings.prefix + topic, key=key, value=value).get(30)

    def ids(self, seconds: float = 120) -> tuple[dict[str, str], str | None]:
        """Send the document; watched id -> name in its event, and the digest of the list."""
        processing = Processing(pipeline="test", received_at=datetime(2024, 3, 1, tzinfo=UTC))
        event = Event(event_id="0", id="a", status=Status.ENRICHED, text=TEXT, processing=processing)
        self.put(UNIQUE.name, b"a", Work(event=event).model_dump_json().encode())
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for messages in self._consumer.poll(timeout_ms=200).values():
                [message] = messages
                made = Work.model_validate_json(message.value).event
                found: list[Entity] = [entity for entity in made.entities if entity.watched]
                return {entity.watched or "": entity.name for entity in found}, made.processing.models.get("watched")
        pytest.fail("no event came")

    def until(self, wanted: dict[str, str]) -> float:
        """Send documents until one has these watched ids; how many seconds that took."""
        started = time.monotonic()
        while self.ids()[0] != wanted:
            assert time.monotonic() - started < 60
        return time.monotonic() - started

    def close(self) -> None:
        """Let go of the connections."""
        self._producer.close()
        self._consumer.close()


@pytest.fixture
def settings(fresh: Callable[..., Settings]) -> Settings:
    return fresh(partitions=1, processes=1)


@pytest.fixture
def stage(settings: Settings) -> Iterator[Stage]:
    one = Stage(settings)
    yield one
    one.close()


@pytest.mark.broker
def test_a_worker_follows_the_list_while_it_runs(
    settings: Settings, stage: Stage, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert add([make_entry("Z-1", "Zorble", "org", [])], settings).ok
    for key, value in (
        (b"bad", b"\x00"),
        (b"Z-1", b'{"id": "Z-1"}'),
        (b"other", b'{"id": "Z-1", "name": "x", "type": "ORG"}'),
    ):
        stage.put(WATCHED.name, key, value)
    log = tmp_path / "worker.log"
    with worker(settings, log, "--stages", "entities"):
        first, digest = stage.ids(300)
        assert first == {"Z-1": "Zorble"}, "the topic is read to its end before the first document"
        assert digest
        assert add([make_entry("Q-1", "Quibble Works", "ORG", ["Quibble"])], settings).ok
        record_property("seconds_to_effect", stage.until({"Z-1": "Zorble", "Q-1": "Quibble Works"}))
        stage.put(WATCHED.name, b"Q-1", b"[]")
        stage.put(WATCHED.name, b"Q-1\n\x1b[2J", b"{}")
        assert remove(["Z-1"], settings).ok
        stage.until({"Q-1": "Quibble Works"})
        assert remove(["Q-1"], settings).ok
        stage.until({})
        assert stage.ids() == ({}, None)
    said = log.read_text()
    for name in ("b'bad'", "b'Z-1'", "b'other'", "b'Q-1'", "b'Q-1\\n\\x1b[2J'"):
        assert f"message {name} of {settings.prefix}news.watched is left out" in said
    assert "Traceback" not in said


@pytest.mark.broker
def test_a_follower_has_the_newest_value_of_each_key(settings: Settings) -> None:
    name = settings.prefix + WATCHED.name
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, transactional_id=f"{settings.prefix}w", acks="all")
    producer.init_transactions()
    producer.begin_transaction()
    for key, value in ((b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"c", b"1"), (b"b", None)):
        producer.send(name, key=key, value=value).get(30)
    producer.commit_transaction()  # the topic ends with its marker, which is no message
    follower = Follower(settings, WATCHED, lambda key, value: None)
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
        follower = Follower(settings, WATCHED, read_change)
        follower.start(60)
    try:
        with broker.running(tmp_path / "broker") as again:
            assert again.address == running.address
            entry = make_entry("Z-1", "Zorble", "ORG", [])
            assert add([entry], settings).ok
            deadline = time.monotonic() + 90
            while not (found := follower.take()):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            assert found == [(b"Z-1", entry.model_dump_json().encode())]
    finally:
        follower.stop()


def test_a_follower_that_cannot_read_says_so(tmp_path: Path) -> None:
    follower = Follower(
        Settings(brokers="127.0.0.1:1", prefix="p-", data_dir=tmp_path), WATCHED, lambda key, value: None
    )
    try:
        with pytest.raises(NotReadError, match=r"p-news\.watched was not read to its end in 0\.2 s"):
            follower.start(0.2)
    finally:
        follower.stop()


@pytest.fixture
def call(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, in this process, with the settings."""
    for name in ("brokers", "prefix", "data_dir"):
        monkeypatch.setenv(f"STANCEWIRE_{name.upper()}", str(getattr(settings, name)))
    return lambda *arguments: CliRunner().invoke(app, ["watch", *arguments], catch_exceptions=False)


@pytest.mark.broker
def test_the_commands_change_what_is_on_the_topic(
    settings: Settings, call: Callable[..., Result], tmp_path: Path
) -> None:
    added = call("add", "ACME-17", "Acme Rocket Works", "--type", "org", "--alias", "Acme", "--alias", "[red]A")
    assert (added.exit_code, "1 delivered" in added.output) == (0, True)
    path = tmp_path / "list.csv"
    path.write_text("id,name,type,aliases\nQ312,Jane Roe,PERSON,\nACME-18,Acme Moon Works,ORG,Moon|AMW\n")
    assert call("load", str(path)).exit_code == 0
    shown = call("list")
    assert shown.exit_code == 0
    for words in ("ACME-17", "Acme Rocket Works", "Acme | [red]A", "Q312", "PERSON", "Moon | AMW", "3 entities"):
        assert words in shown.output
    entries = Entries(settings)
    assert entries.watched["Q312"] == Watched(id="Q312", name="Jane Roe", type="PERSON")
    lines = [json.loads(line) for line in call("list", "--json").stdout.splitlines() if line.startswith("{")]
    assert [line["id"] for line in lines] == ["ACME-17", "ACME-18", "Q312"]
    assert call("load", str(path), "--replace").exit_code == 0
    assert Entries(settings).watched.keys() == {"Q312", "ACME-18"}
    removed = call("remove", "Q312", "never-there", " bad ")
    assert removed.exit_code == 1
    assert "not an id" in removed.output
    assert Entries(settings).watched.keys() == {"ACME-18"}
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap)
    producer.send(settings.prefix + WATCHED.name, key=b"\x1b[2Jbad", value=b"{}").get(30)
    producer.close()
    listed = call("list")
    assert listed.exit_code == 1
    assert "NOT IN FORCE  bad  id: Field required" in listed.output


def test_what_is_wrong_is_named_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANCEWIRE_BROKERS", "127.0.0.1:1")
    path = tmp_path / "list.jsonl"
    path.write_text('{"id": "a", "name": "Acme", "type": "FIRM"}\n')
    for arguments, status, words in (
        (["add", "a", "Acme"], 2, "--type"),
        (["add", "a", "Acme", "--type", "firm"], 2, "type: Input should be"),
        (["add", " ", "Acme", "--type", "ORG"], 2, "id: "),
        (["add", "a", "--", "--"], 2, "--type"),
        (["add", "a", "?!", "--type", "ORG"], 2, "name: Value error, has no letter"),
        (["add", "a", "Acme", "--type", "ORG", "--alias", "\n"], 2, "aliases.0: "),
        (["load", str(path)], 2, "line 1: type: Input should be"),
        (["load", str(tmp_path / "none")], 2, "No such file"),
        (["remove"], 2, "Missing argument"),
        (["dance"], 2, "No such command"),
    ):
        ended = CliRunner().invoke(app, ["watch", *arguments], catch_exceptions=False)
        assert (ended.exit_code, words in ended.output) == (status, True), (arguments, ended.output)
