"""Topics that an operator has made or changed: what the start's check says of them, on a real Kafka."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from typer.testing import CliRunner, Result

from services.cli import make_parser
from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import (
    CANARIES,
    DEAD_LETTERS,
    DOCUMENTS,
    ENRICHED,
    ENTITIES,
    FINGERPRINTS,
    STAGES,
    TOPICS,
    UNIQUE,
    WATCHED_ENTITIES,
    WATCHED_ISSUES,
    Topic,
)
from tests.broker.cluster import put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]
TABLE, *_ = (topic for topic in topics.every_topic("") if topic not in TOPICS)


@pytest.fixture(scope="module")
def settings(brokers: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(brokers=brokers, prefix="made-", partitions=1, data_dir=tmp_path_factory.mktemp("d"))
    assert [one for one in topics.create(made) if one.faults] == []
    return made


@pytest.fixture(scope="module")
def admin(settings: Settings) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=settings.bootstrap)
    yield client
    client.close()


def change(admin: Any, name: str, setting: str, value: str) -> None:
    """Set a topic's setting, and leave its others."""
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {setting: value})])


@pytest.mark.parametrize(
    ("topic", "setting", "value", "must", "fatal"),
    [
        (DOCUMENTS, "cleanup.policy", "compact", "delete", True),
        (UNIQUE, "cleanup.policy", "compact,delete", "delete", True),
        (WATCHED_ENTITIES, "cleanup.policy", "delete", "compact", True),
        (TABLE, "cleanup.policy", "delete", "compact", True),
        (TABLE, "max.message.bytes", "1048588", str(TABLE.max_bytes), True),
        (DEAD_LETTERS, "max.message.bytes", "1048588", str(DEAD_LETTERS.max_bytes), True),
        (ENRICHED, "max.message.bytes", "1048588", str(ENRICHED.max_bytes), False),  # what is larger is dead-lettered
        (DOCUMENTS, "max.message.bytes", "1048588", str(DOCUMENTS.max_bytes), False),
        (WATCHED_ISSUES, "max.message.bytes", "1024", str(WATCHED_ISSUES.max_bytes), False),
        (ENRICHED, "min.insync.replicas", "2", "1", True),
        (DOCUMENTS, "message.timestamp.type", "CreateTime", "LogAppendTime", False),
        (DOCUMENTS, "compression.type", "producer", "uncompressed", False),
        (ENTITIES, "retention.ms", "3600000", "604800000", False),
        (CANARIES, "retention.bytes", "1000000", "-1", False),
    ],
)
def test_a_setting_that_would_hurt_is_named_with_the_command_that_mends_it(
    topic: Topic,
    setting: str,
    value: str,
    must: str,
    fatal: bool,
    settings: Settings,
    admin: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = settings.prefix + topic.name
    command = (
        f"kafka-configs.sh --bootstrap-server {settings.bootstrap[0]} --alter --entity-type topics "
        f"--entity-name {name} --add-config {setting}={must}"
    )
    change(admin, name, setting, value)
    try:
        found = topics.look(settings)
    finally:
        change(admin, name, *command.rpartition(" ")[2].split("="))
    [fault] = [fault for one in found for fault in one.faults]
    assert fault.what.startswith(f"{name}: {setting} is {value} and must be {must}, or else ")
    assert (fault.mend, fault.fatal) == (command, fatal)
    for stage in STAGES:
        topics.warn(found, stage)
    said = [record.getMessage() for record in caplog.records if record.name == "services.runtime.topics"]
    if fatal:
        assert not said
        with pytest.raises(topics.TopicsError) as caught:
            topics.check(found)
        assert fault.what in str(caught.value)
        assert str(caught.value).endswith(command)
    else:
        topics.check(found)
        assert said == [f"{fault.what}. To mend it: {command}"]
    assert [one for one in topics.look(settings) if one.faults] == [], "the command mends it"


def test_the_commands_say_what_is_wrong_and_how_it_is_mended(
    settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("brokers", "prefix"):
        monkeypatch.setenv(f"STANCEWIRE_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setenv("STANCEWIRE_DATA_DIR", str(tmp_path))
    documents, table = settings.prefix + DOCUMENTS.name, settings.prefix + TABLE.name
    change(admin, documents, "message.timestamp.type", "CreateTime")
    try:
        for command in ("create", "list"):
            said = CliRunner().invoke(make_parser(), ["topics", command])
            assert said.exit_code == 0, "a stage would start"
            assert f"warning: {documents}: message.timestamp.type is CreateTime" in said.stdout
            assert f"--entity-name {documents} --add-config message.timestamp.type=LogAppendTime\n" in said.stdout
        change(admin, table, "cleanup.policy", "delete")
        said = CliRunner().invoke(make_parser(), ["topics", "list"])
        assert said.exit_code == 1
        assert f"wrong: {table}: cleanup.policy is delete and must be compact" in said.stdout
        assert f"warning: {documents}:" in said.stdout
        said = CliRunner().invoke(make_parser(), ["topics", "create"])
        assert isinstance(said.exception, topics.TopicsError)
        assert f"--entity-name {table} --add-config cleanup.policy=compact" in str(said.exception)
    finally:
        change(admin, documents, "message.timestamp.type", "LogAppendTime")
        change(admin, table, "cleanup.policy", "compact")


def test_topics_grow_where_nothing_waits_and_the_others_are_refused(
    fresh: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fresh(partitions=2)
    for name in ("brokers", "prefix", "data_dir"):
        monkeypatch.setenv(f"STANCEWIRE_{name.upper()}", str(getattr(settings, name)))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(make_parser(), ["topics", "grow", *arguments])

    def partitions() -> dict[str, int]:
        return {one.topic.name: one.partitions for one in topics.look(settings)}

    before = partitions()
    put(settings, [(b"a", b"{}")])
    documents = settings.prefix + DOCUMENTS.name
    waits = call("4")
    assert waits.exit_code == 1
    assert f"{documents}: 2 -> 4 partitions, 1 messages wait\n" in waits.stdout
    assert "nothing was changed" in waits.stderr
    for wrong, said in (
        (("4", "--topic", settings.prefix + FINGERPRINTS.name), "must have 1 partition"),
        (("4", "--topic", "other"), "other is no topic of Stancewire"),
        (("4", "--topic", settings.prefix + TABLE.name), "must have 1 partition"),
    ):
        refused = call(*wrong)
        assert isinstance(refused.exception, topics.TopicsError)
        assert said in str(refused.exception)
    assert call("4", "--dry-run").exit_code == 0
    assert partitions() == before
    one = call("3", "--topic", settings.prefix + UNIQUE.name)
    assert one.exit_code == 0, one.stderr
    assert partitions() == before | {UNIQUE.name: 3}
    assert call("4", "--now").exit_code == 0
    assert partitions() == {
        topic.name: 4 if topic.partitions is None else 1 for topic in topics.every_topic(settings.prefix)
    }
    fewer = call("3", "--topic", documents)
    assert "cannot take any away" in str(fewer.exception)
    nothing = call("3")
    assert (nothing.exit_code, "nothing to do" in nothing.stderr) == (0, True)
