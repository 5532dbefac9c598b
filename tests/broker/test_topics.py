"""Topics that an operator has made or changed: what the start's check says of them, on a real Kafka."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from typer.testing import CliRunner

from services.cli import make_parser
from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import (
    CANARIES,
    DEAD_LETTERS,
    DOCUMENTS,
    ENRICHED,
    ENTITIES,
    STAGES,
    TOPICS,
    UNIQUE,
    WATCHED_ENTITIES,
    WATCHED_ISSUES,
    Topic,
)

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]
[TABLE] = [topic for topic in topics.every_topic("") if topic not in TOPICS]


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
