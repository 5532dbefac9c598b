"""A shorter cut of the fault suite (``make faults``): real workers on a real Kafka, under load.

The dead-letter kinds are struck in full; of what dies, a worker, and a node that is the controller and leads partitions.
What is checked is in ``evaluation/faults/books.py``; that each check can fail, in its tests.
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from evaluation.faults.cluster import Cluster
from evaluation.faults.kinds import KINDS
from evaluation.faults.run import Run, cluster, figures, is_clean
from evaluation.faults.worker import Worker
from evaluation.made_copies import Copies, document
from schemas import Reason, Status
from services.consumer.tail import Tail
from services.runtime import topics
from services.runtime.kafka import client_options
from services.runtime.topology import DOCUMENTS
from tests.broker.cluster import Watcher, put

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]
POISONED = ("hanging_document", "eating_document", "crashing_document", "refused_message")
STRUCK = (*POISONED, "strange_header", "kill_worker")
"""In this order: what the documents do to a worker is looked at before workers die and begin to count anew."""
NODES_STRUCK = ("kill_controller",)
"""The quorum is lost in `make faults` alone: it takes a minute."""
RATE = 8.0
RATE_OF_THREE = 3.0
"""Three nodes on the cores of one leave less to the stages."""
SECONDS = 200
"""Longest wait for anything."""

Record = Callable[[str, object], None]
"""pytest's ``record_property``: the figures are in the report that ``--junitxml`` writes."""


@pytest.fixture
def run(tmp_path: Path) -> Iterator[tuple[Run, list[str]]]:
    """A run under load, and the workers that ended by themselves."""
    with cluster(tmp_path / "faults") as made:
        one = Run(made, 1, RATE)
        one.begin()
        yield one, made.ended


def test_nothing_is_lost_whatever_a_document_does_and_whoever_dies(
    run: tuple[Run, list[str]], record_property: Record
) -> None:
    one, ended = run
    for name in STRUCK:
        one.strike(name, KINDS[name])
    found = one.finish()
    result = figures(one, found, ended) | {"stuck": None, "not_sent": len(one.load.failed), "workers_ended": ended}
    record_property("figures", result)
    assert is_clean(result), result
    assert result["faults"] == len(STRUCK)
    assert result["documents"] > 100
    assert result["offsets_audited"] > 300
    assert result["audits"] >= len(STRUCK)
    assert {"enriched", "duplicate", "withdrawn"} <= found.statuses.keys()
    letters = {origin: letters[0] for origin, letters in one.books.letters.items()}
    named = {one.books.inputs[origin].key.partition("-")[0]: letter for origin, letter in letters.items()}
    assert {name: letter.reason for name, letter in named.items()} == {
        "poisonhang": Reason.TIMED_OUT,
        "poisoneat": Reason.ERROR,
        "poisoncrash": Reason.CRASHED,
        "large": Reason.ERROR,
    }
    assert all(letter.stage == "entities" for letter in letters.values())
    assert named["poisoneat"].exception == "MemoryError"
    assert named["large"].exception == "MessageSizeTooLargeError"
    assert "max.message.bytes" in named["large"].message


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker of three nodes and a worker; topics have three replicas, of which two must have a record."""
    with cluster(tmp_path_factory.mktemp("three") / "faults", ("one",), nodes=3) as made:
        yield made


def test_nothing_is_lost_when_nodes_of_three_die(three: Cluster, record_property: Record) -> None:
    one = Run(three, 2, RATE_OF_THREE)
    one.begin()
    for name in NODES_STRUCK:
        one.strike(name, KINDS[name])
    result = figures(one, one.finish(), three.ended)
    record_property("figures", result)
    assert is_clean(result | {"stuck": None, "not_sent": len(one.load.failed), "workers_ended": three.ended}), result
    assert result["faults"] == len(NODES_STRUCK)
    assert result["audits"] >= len(NODES_STRUCK)
    assert result["offsets_audited"] > 50


class Log:
    """The documents' topic of one partition on two of the three nodes, of which either may lead alone."""

    def __init__(self, three: Cluster, folder: Path) -> None:
        self.settings = three.settings.model_copy(update={"prefix": "cut-", "partitions": 1, "data_dir": folder})
        topics.create(self.settings)
        self._name = self.settings.prefix + DOCUMENTS.name
        self._admin: Any = KafkaAdminClient(**client_options(self.settings))
        config = {"min.insync.replicas": "1", "unclean.leader.election.enable": "true"}
        self._admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, self._name, config)])
        leader = self._partition()["leader_id"]
        self.nodes = [leader, leader % 3 + 1]
        self._admin.alter_partition_reassignments({TopicPartition(self._name, 0): self.nodes})
        self.until(lambda one: set(one["replica_nodes"]) == set(one["isr_nodes"]) == set(self.nodes))

    def until(self, what: Callable[[Any], bool], seconds: float = SECONDS) -> None:
        """Wait until something holds of the partition; while nobody answers, it does not."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(KafkaError):
                if what(found := self._partition()):
                    return
            assert time.monotonic() < deadline, found
            time.sleep(0.2)

    def close(self) -> None:
        self._admin.close()

    def _partition(self) -> Any:
        (topic,) = self._admin.describe_topics([self._name])
        return topic["partitions"][0]


def test_what_an_unclean_election_leaves_of_a_log_has_its_events(three: Cluster, tmp_path: Path) -> None:
    """A follower dies, its leader goes on alone and dies, the follower leads: what the leader alone had is gone from the log, and
    other documents come in the places where those had been."""
    texts = Copies(7)

    def send(name: str, count: int) -> list[str]:
        return put(log.settings, (document(f"{name}-{number}", texts.text()) for number in range(count)))

    log = Log(three, tmp_path)
    leader, follower = (three.broker.nodes[number - 1] for number in log.nodes)
    worker = Worker(log.settings, tmp_path / "worker.log")
    watcher = Watcher(log.settings)
    try:
        kept = send("kept", 8)
        watcher.until(kept, SECONDS)
        follower.kill()
        log.until(lambda one: one["isr_nodes"] == log.nodes[:1])
        gone = send("gone", 12)
        watcher.until(gone, SECONDS)
        leader.kill()
        follower.start()
        log.until(lambda one: one["leader_id"] == log.nodes[1])
        new = send("new", 4)
        three.broker.start()
        there = [f"{name}-{number}" for name, count in (("kept", 8), ("new", 4)) for number in range(count)]
        watcher.until_ids(there, SECONDS)
        assert worker.terminate() == 0
        watcher.poll()
    finally:
        worker.kill()
        watcher.close()
        log.close()
    with Tail(log.settings, DOCUMENTS, to_end=True) as tail:
        assert [json.loads(record.value or b"")["id"] for record in tail] == there
    assert new == gone[:4]
    found = {origin: [event.id for event in events] for origin, events in watcher.seen.events.items()}
    assert {origin: set(ids) for origin, ids in found.items()} == (
        {origin: {f"kept-{number}"} for number, origin in enumerate(kept)}
        | {origin: {f"gone-{number}"} for number, origin in enumerate(gone)}
        | {origin: {f"gone-{number}", f"new-{number}"} for number, origin in enumerate(new)}
    )
    assert {event.status for events in watcher.seen.events.values() for event in events} == {Status.ENRICHED}
    assert watcher.seen.letters == []
    assert f"{DOCUMENTS.name}/0: offset 20 was due, and the log ends at" in worker.log.read_text()
