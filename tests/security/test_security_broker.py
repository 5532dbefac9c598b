"""Every client of ours through a Kafka that wants TLS and a log-in; what each says where a certificate or a password is wrong."""

import json
import logging
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evaluation.faults.worker import COMMAND
from services.console.server import serving
from services.console.settings import ConsoleSettings
from services.consumer.client import connect as connect_consumer
from services.producer.client import connect as connect_producer
from services.producer.client import largest_message
from services.runtime.compacted import Follower
from services.runtime.ending import EXIT_BROKER_AWAY, EXIT_CONFIGURATION
from services.runtime.kafka import RefusedError, client_options
from services.runtime.settings import Settings, SettingsError
from services.runtime.topics import create, look
from services.runtime.topology import DOCUMENTS, WATCHED_ENTITIES
from tests.security.secured import KEY, PLAIN, SCRAM, Secured, secrets_in, secured

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with"),
    pytest.mark.timeout(240),
]
STORY = {
    "id": "ferry-1",
    "text": "Mayor Kari Lund praised the Harbor Board on Monday for its decision to close the pier in Port Ellery.",
}


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(tmp_path_factory.mktemp("secured")) as running:
        yield running


def scram(kafka: Secured, **changes: Any) -> dict[str, str]:
    """The environment of a client that logs in with a password and is let in, changed as told."""
    values = {
        "brokers": kafka.sasl,
        "security_protocol": "SASL_SSL",
        "ssl_cafile": kafka.folder / "ca.crt",
        "sasl_username": "scram",
        "sasl_password": SCRAM,
        "prefix": "s-",
        "partitions": 1,
        "processes": 1,
        "data_dir": kafka.folder / "data",
        "log_level": "DEBUG",
    }
    return {f"STANCEWIRE_{name.upper()}": str(value) for name, value in (values | changes).items() if value is not None}


def certified(kafka: Secured, **changes: Any) -> dict[str, str]:
    """The environment of a client that shows a certificate, whose key is under a password."""
    ours = {
        "brokers": kafka.tls,
        "security_protocol": "SSL",
        "ssl_certfile": kafka.folder / "us.crt",
        "ssl_keyfile": kafka.folder / "us.key",
        "ssl_password": KEY,
        "sasl_username": None,
        "sasl_password": None,
        "prefix": "c-",
    }
    return scram(kafka, **(ours | changes))


def settings(environment: dict[str, str]) -> Settings:
    return Settings.model_validate(
        {name.removeprefix("STANCEWIRE_").lower(): value for name, value in environment.items()}
    )


def call(environment: dict[str, str], *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    ended = subprocess.run(
        [COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | environment | {"COLUMNS": "200"},
    )
    assert not secrets_in((ended.stdout + ended.stderr).decode())
    return ended


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    port = {"STANCEWIRE_HTTP_PORT": "0"}
    with log.open("wb") as to:
        process = subprocess.Popen([COMMAND, "worker"], env=os.environ | environment | port, stdout=to, stderr=to)
    try:
        yield
    finally:
        process.terminate()
        process.wait(90)


def test_all_of_it_over_sasl_ssl(kafka: Secured, tmp_path: Path) -> None:
    environment = scram(kafka)
    assert call(environment, "topics", "create").returncode == 0
    log = tmp_path / "worker.log"
    (tmp_path / "password").write_text(SCRAM + "\n")
    from_a_file = scram(kafka, sasl_password=None, sasl_password_file=tmp_path / "password")
    with worker(from_a_file, log):
        assert call(environment, "watch", "entities", "add", "B-1", "Harbor Board", "--type", "ORG").returncode == 0
        assert call(environment, "watch", "issues", "add", "pier", "close the pier").returncode == 0
        lines = json.dumps(STORY).encode() + b"\n{broken\n"
        assert call(environment, "produce", "-", "--raw", stdin=lines).returncode == 0
        consumed = call(
            environment, "consume", "--from", "beginning", "--json", "--limit", "2", "--idle", "60", "--group", "g"
        )
    assert (consumed.returncode, b"2 events" in consumed.stderr) == (0, True), consumed.stderr
    events = {event["id"]: event for event in map(json.loads, consumed.stdout.splitlines())}
    assert events["ferry-1"]["status"] == "enriched"
    assert "B-1" in [entity["watched"] for entity in events["ferry-1"]["entities"]]
    with serving(settings(environment), ConsoleSettings(port=0)) as address:
        cards = _asked(f"{address}/api/stream")
    assert {card["id"] for card in cards} == set(events)
    assert b"not_json" in call(environment, "deadletters", "list").stdout
    assert b"put back: 1 to s-news.documents" in call(environment, "deadletters", "replay", "--max", "1").stderr
    assert b"Harbor Board" in call(environment, "watch", "entities", "list").stdout
    told = log.read_text()
    assert "DEBUG" in told
    assert not secrets_in(told)


def _asked(url: str) -> Any:
    for _ in range(100):
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http
            if cards := json.load(answer)["cards"]:
                return cards
        time.sleep(0.1)
    return []


def test_a_client_certificate_and_the_mechanism_plain_let_us_in_too(kafka: Secured) -> None:
    for environment in (
        certified(kafka),
        scram(kafka, sasl_username="plain", sasl_password=PLAIN, sasl_mechanism="PLAIN"),
    ):
        create(settings(environment))
        connect_producer(settings(environment)).close(5)
        connect_consumer(settings(environment), None).close()


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"sasl_password": "wrong"}, "STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted"),
        ({"sasl_username": "nobody"}, "STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted"),
        ({"sasl_mechanism": "SCRAM-SHA-256"}, "STANCEWIRE_SASL_MECHANISM: SCRAM-SHA-256 is not accepted"),
        ({"ssl_cafile": "other.crt"}, "STANCEWIRE_SSL_CAFILE: the broker's certificate is not trusted"),
        ({"ssl_cafile": None}, "STANCEWIRE_SSL_CAFILE: the broker's certificate is not trusted"),
        ({"ssl_cafile": "ca.key"}, "STANCEWIRE_SSL_CAFILE: no certificate can be read from it"),
        ({"brokers": "127.0.0.1"}, "STANCEWIRE_BROKERS: the broker's certificate is not for 127.0.0.1"),
        ({"security_protocol": "SSL"}, "STANCEWIRE_SECURITY_PROTOCOL: SSL is set, and the broker wants a log-in"),
        (
            {"security_protocol": "SASL_PLAINTEXT"},
            "STANCEWIRE_SECURITY_PROTOCOL: SASL_PLAINTEXT is set, and the broker speaks TLS",
        ),
        ({"brokers": "plain"}, "STANCEWIRE_SECURITY_PROTOCOL: SASL_SSL is set, and TLS cannot be agreed on"),
        (
            {"brokers": "plain", "security_protocol": "SASL_PLAINTEXT"},
            "STANCEWIRE_SECURITY_PROTOCOL: SASL_PLAINTEXT is set",
        ),
        ({"brokers": "tls"}, "STANCEWIRE_SSL_CERTFILE: our own certificate is missing or not accepted"),
        (
            {"brokers": "tls", "ssl_certfile": "other.crt", "ssl_keyfile": "other.key"},
            "STANCEWIRE_SSL_CERTFILE: our own",
        ),
        ({"ssl_certfile": "us.crt", "ssl_keyfile": "us.key"}, "STANCEWIRE_SSL_PASSWORD does not open the key"),
        ({"ssl_certfile": "us.crt", "ssl_keyfile": "ca.key"}, "STANCEWIRE_SSL_CERTFILE, _SSL_KEYFILE: they are no"),
    ],
)
def test_what_does_not_fit_is_one_line_that_names_the_setting(
    kafka: Secured, changes: dict[str, Any], setting: str
) -> None:
    there = {"127.0.0.1": kafka.sasl.replace("localhost", "127.0.0.1"), "plain": kafka.plain, "tls": kafka.tls}
    changes = {
        name: kafka.folder / value if name.startswith("ssl_") and value else there.get(value, value)
        for name, value in changes.items()
    }
    wrong = settings(scram(kafka, **changes))
    with pytest.raises(SettingsError) as caught:
        connect_consumer(wrong, None)
    assert str(caught.value).startswith(setting) or setting in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not secrets_in(str(caught.value))


def test_every_client_of_ours_says_so(kafka: Secured) -> None:
    wrong = settings(scram(kafka, sasl_password="wrong"))  # noqa: S106 - that is the test
    for use in (
        lambda: create(wrong),
        lambda: connect_producer(wrong),
        lambda: largest_message(wrong, DOCUMENTS.name),
        lambda: connect_consumer(wrong, "group"),
        lambda: Follower(wrong, WATCHED_ENTITIES, lambda key, value: None)._follow(),
        lambda: serving(wrong, ConsoleSettings(port=0)).__enter__(),
    ):
        with pytest.raises(RefusedError, match="STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted"):
            use()


@pytest.mark.parametrize(
    "command", ["topics list", "produce -", "consume", "console", "deadletters list", "watch entities list", "worker"]
)
def test_each_command_ends_with_status_2_and_one_line(kafka: Secured, command: str) -> None:
    environment = scram(kafka, sasl_password="not-" + SCRAM[:4], log_level="INFO")
    ended = call(environment, *command.split(), stdin=b'{"text": "x"}')
    said = ended.stderr.decode()
    if command == "worker":  # it says so of a stage's process
        assert (ended.returncode, f"exit {EXIT_CONFIGURATION}" in said) == (1, True), said
        assert "STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted" in said
    else:
        assert ended.returncode == 2, said
        assert said.startswith("error: STANCEWIRE_SASL_USERNAME, _SASL_PASSWORD: they are not accepted")
        assert said.count("\n") == 1
    assert "Traceback" not in said


def test_a_stage_that_was_in_order_is_started_again_though_the_broker_refuses_it_now(kafka: Secured) -> None:
    environment = scram(kafka, sasl_password="wrong", log_level="INFO") | {"STANCEWIRE_RESTARTS": "1"}  # noqa: S106
    command = [sys.executable, "-m", "services.runtime.process", "intake"]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False, env=os.environ | environment)
    assert ended.returncode == EXIT_BROKER_AWAY
    assert b"they are not accepted" in ended.stderr


def test_at_debug_no_password_is_in_the_log(kafka: Secured, caplog: pytest.LogCaptureFixture) -> None:
    """The mechanism PLAIN sends the password as it is, and both libraries write each request into the log."""
    from asyncio import run

    from aiokafka.admin import AIOKafkaAdminClient

    plain = settings(scram(kafka, sasl_username="plain", sasl_password=PLAIN, sasl_mechanism="PLAIN"))

    async def ask() -> None:
        admin = AIOKafkaAdminClient(**client_options(plain))
        await admin.start()
        await admin.close()

    with (
        caplog.at_level(logging.DEBUG),
        caplog.at_level(logging.DEBUG, "kafka"),
        caplog.at_level(logging.DEBUG, "aiokafka"),
    ):
        look(plain)
        connect_producer(plain).close(5)
        connect_consumer(plain, None).close()
        run(ask())
    told = caplog.text
    assert "Request" in told
    assert "Metadata" in told
    assert not secrets_in(told)
