"""The clients of examples/clients: types made from the schema, and who stands where from a real broker, an emoji in the text."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from kafka import KafkaProducer

from deploy import broker
from schemas import Event
from services.runtime.settings import Settings
from services.runtime.topology import ENRICHED
from tests.conftest import ROOT
from tests.npm import fetch

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]
WRITTEN = ROOT / "tests" / "schemas" / "released" / "events-2.0.jsonl"


def run(command: Sequence[str | Path], folder: Path, needs: str) -> str:
    """What the command prints. ``needs``: the program of it that this machine may lack; then the test skips."""
    if shutil.which(needs) is None:
        pytest.skip(f"{needs} is not installed")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clients() -> Path:
    """A copy of the clients where git ignores what is made, as deep as they are; what is fetched stays for the next run."""
    folder = ROOT / "build" / "clients"
    shutil.copytree(
        ROOT / "examples" / "clients", folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules")
    )
    return folder


@pytest.fixture(scope="module")
def types(clients: Path) -> Path:
    """The clients with the types that npm's tools make; they skip where npm is not there or cannot fetch the tools."""
    fetch(clients, "the tools that make the types")
    run(["npm", "run", "types"], clients, "npm")
    return clients


@pytest.fixture(scope="module")
def written() -> list[str]:
    return WRITTEN.read_text().splitlines()


@pytest.fixture
def topic(fresh: Callable[..., Settings], written: list[str]) -> tuple[str, str]:
    """A broker and a topic on it with the events, the first one twice, as it may come."""
    settings = fresh(partitions=1)
    name = settings.prefix + ENRICHED.name
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap, acks="all")
    for event in (written[0], *written):
        producer.send(name, key=json.loads(event)["id"].encode(), value=event.encode()).get(30)
    producer.close()
    return settings.bootstrap[0], name


@pytest.fixture(scope="module")
def expected(written: list[str]) -> list[str]:
    """A line for each stance: the document, who, which side, toward what, in which words."""
    lines = []
    for event in map(Event.read, written):
        names = {one.id: one.name for one in event.subjects} | {None: "the article"}
        for stance in event.stances:
            evidence = stance.evidence[0]
            lines.append(
                "\t".join(
                    (
                        event.id,
                        stance.holder.name or names[stance.holder.entity],
                        stance.stance,
                        names[stance.target.entity or stance.target.issue],
                        getattr(event, evidence.field)[evidence.start : evidence.end],
                    )
                )
            )
    behind = [line for line in lines if line.startswith("odd\t")]
    assert behind, "an event with an emoji before its evidence"
    return lines


def test_python(clients: Path, topic: tuple[str, str], written: list[str], expected: list[str]) -> None:
    folder = clients / "python"
    run([Path(sys.executable).with_name("datamodel-codegen")], folder, sys.executable)
    command = [sys.executable, "consumer.py", *topic, str(len(written))]
    assert run(command, folder, sys.executable).splitlines() == expected


def test_typescript(types: Path, topic: tuple[str, str], written: list[str], expected: list[str]) -> None:
    run(["npm", "run", "build"], types, "npm")
    told = run(["node", "typescript/out/consumer.js", *topic, str(len(written))], types, "node")
    assert told.splitlines() == expected


def test_go(types: Path, topic: tuple[str, str], written: list[str], expected: list[str]) -> None:
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    command = ["go", "mod", "download"]
    fetched = subprocess.run(command, cwd=types / "go", capture_output=True, text=True, timeout=300, check=False)
    if fetched.returncode:
        pytest.skip(f"go cannot fetch franz-go, or is too old for it: {fetched.stderr.strip()[-200:]}")
    assert run(["go", "run", ".", *topic, str(len(written))], types / "go", "go").splitlines() == expected


def test_java(types: Path, topic: tuple[str, str], written: list[str], expected: list[str], tmp_path: Path) -> None:
    jars = broker.jars(tmp_path, lambda _: None)
    sources = ["Consumer.java", *(f"events/{path.name}" for path in (types / "java" / "events").glob("*.java"))]
    run(["javac", "-d", "out", "-cp", jars, *sources], types / "java", "javac")
    command = ["java", "-cp", os.pathsep.join(("out", jars)), "Consumer", *topic, str(len(written))]
    assert run(command, types / "java", "java").splitlines() == expected
