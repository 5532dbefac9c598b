"""A Kafka with an authorizer: each process with the rights of the table, and no other, does its work."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from deploy import broker
from evaluation.faults.worker import COMMAND
from services.rights import Rights, rights
from services.runtime.topology import STAGES
from services.sinks.sink import SINKS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]
PREFIX = "r-"
USERS = {one.process: f"user-{number}" for number, one in enumerate(rights())}
PROPERTIES = """
listeners=PLAINTEXT://127.0.0.1:{{port}},CONTROLLER://127.0.0.1:{{controller}},SASL_PLAINTEXT://127.0.0.1:{port}
advertised.listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""
STORY = {
    "id": "ferry-1",
    "text": "Mayor Kari Lund praised the Harbor Board on Monday for its decision to close the pier.",
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where users log in. Each process has its own user, with its rights; without a log-in everything is allowed."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    users = " ".join(f'user_{user}="{user}-word"' for user in (*USERS.values(), "nobody"))
    properties = PROPERTIES.format(port=port, users=users)
    with broker.running(tmp_path_factory.mktemp("rights"), properties=properties) as running:
        admin = KafkaAdminClient(bootstrap_servers=running.address)
        found = admin.create_acls([acl for one in rights() for acl in acls(one)])
        assert not found["failed"]
        admin.close()
        yield f"127.0.0.1:{port}"


def acls(one: Rights) -> Iterator[ACL]:
    """The rights of a process as Kafka has them."""
    topics = {"Read": one.reads, "Write": one.writes} | dict(one.others)
    wanted = [(ResourceType.TOPIC, name, operation) for operation, names in topics.items() for name in names]
    wanted += [(ResourceType.GROUP, name, "Read") for name in one.groups]
    wanted += [(ResourceType.GROUP, name, "Describe") for name in one.watches]
    for kind, name, operation in wanted:
        called = "".join(f"_{letter}" if letter.isupper() else letter for letter in operation)[1:].upper()
        pattern = ResourcePattern(kind, PREFIX + ("ours" if " " in name else name))
        user = f"User:{USERS[one.process]}"
        yield ACL(user, "*", ACLOperation[called], ACLPermissionType.ALLOW, pattern)


def environment(address: str, process: str | None, data: Path) -> dict[str, str]:
    user = USERS[process] if process else "nobody"
    values = {
        "brokers": address,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_username": user,
        "sasl_password": f"{user}-word",
        "prefix": PREFIX,
        "partitions": 1,
        "processes": 1,
        "data_dir": data / user,
        "http_port": 0,
        "sink_port": 0,
        "parquet_folder": data / "events",
    }
    return os.environ | {f"STANCEWIRE_{name.upper()}": str(value) for name, value in values.items()}


def call(
    address: str, data: Path, process: str | None, *words: str, stdin: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """A command, as the user of ``process``."""
    return subprocess.run(
        [COMMAND, *words],
        input=stdin,
        capture_output=True,
        timeout=100,
        check=False,
        env=environment(address, process, data),
    )


def test_each_process_does_its_work_with_its_rights_alone(address: str, tmp_path: Path) -> None:
    def done(process: str, *words: str, stdin: bytes = b"") -> bytes:
        ended = call(address, tmp_path, process, *words, stdin=stdin)
        assert ended.returncode == 0, (process, ended.stderr.decode())
        return ended.stdout

    done("topics create", "topics", "create")
    done("watch", "watch", "entities", "add", "B-1", "Harbor Board", "--type", "ORG")
    with ExitStack() as stack:
        for stage in STAGES:
            process = f"worker --stages {stage.name}"
            log = stack.enter_context((tmp_path / f"{stage.name}.log").open("wb"))
            words = [sys.executable, "-m", "services.runtime.process", stage.name]  # as each runs in a pod of its own
            worker = subprocess.Popen(words, env=environment(address, process, tmp_path), stdout=log, stderr=log)
            stack.callback(worker.wait, 60)
            stack.callback(worker.terminate)
        done("produce", "produce", "-", "--raw", stdin=json.dumps(STORY).encode() + b"\n{broken\n")
        consume = ("consume", "--from", "beginning", "--json", "--limit", "2", "--idle", "80", "--group", "ours")
        events = {one["id"]: one for one in map(json.loads, done("consume", *consume).splitlines())}
    logs = "".join((tmp_path / f"{stage.name}.log").read_text() for stage in STAGES)
    assert events["ferry-1"]["status"] == "enriched", logs[-3000:]
    assert "B-1" in [entity["watched"] for entity in events["ferry-1"]["entities"]]
    assert len(events) == 2
    assert "DescribeConfigs" not in logs
    assert b"ferry-1" in done("stories", "stories", "list", "--json")
    assert b"not_json" in done("deadletters list", "deadletters", "list")
    done("sink parquet", "sink", "parquet", "--until-end")
    assert len(list((tmp_path / "events").glob("date=*/*.parquet"))) == 1
    done("deadletters replay", "deadletters", "replay", "--max", "1")
    done("replay", "replay", "--stage", "stance", "--from", "1h")
    done("topics grow", "topics", "grow", "2", "--topic", f"{PREFIX}news.documents", "--now")


def test_without_rights_nothing_is_seen(address: str, tmp_path: Path) -> None:
    assert call(address, tmp_path, None, "topics", "create").returncode == 1
    assert call(address, tmp_path, None, "produce", "-", stdin=b'{"text": "x"}').returncode == 1
    assert call(address, tmp_path, None, "consume", "--from", "beginning", "--until-end").returncode == 1


def test_the_table_has_each_stage_and_each_sink() -> None:
    names = [one.process for one in rights()]
    assert len(names) == len(set(names))
    assert {f"worker --stages {stage.name}" for stage in STAGES} | {f"sink {row.name}" for row in SINKS} <= set(names)
