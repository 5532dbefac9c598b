"""A document's trace through all stages on a real Kafka: headers, spans at a real receiver, and lines of the log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from evaluation.faults.worker import Worker, worker
from schemas import DeadLetter, Event, Reason, Status
from services.deadletters.replay import replay
from services.runtime import topics
from services.runtime.records import ORIGIN
from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, ENRICHED, STAGES, UNIQUE, Topic
from services.runtime.trace import TRACEPARENT, TRACESTATE
from tests.broker.cluster import Watcher
from tests.docs.snippets import ROOT, block
from tests.otlp import Receiver, attributes, receiver

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]
SPAN = "b7ad6b7169203331"
LIGHT = {"STANCEWIRE_STANCE_MODEL": "lexicon"}
"""What stances are found does not matter here."""
STATE = (TRACESTATE, b"congo=t61rcWkgMzE")
STORIES = (
    "Mayor Mara Voss praised the harbour tunnel on Monday, because it is good for the city. The council votes in May.",
    "Farmers in Odal harvested more barley than ever this summer. Rain came late, and prices fell by a fifth in the autumn.",
    "The museum of Kell bought a portrait that nobody had seen since 1911. Visitors may look at it from Thursday on.",
    "A storm closed the railway between Brent and Lowick for two days. Engineers cleared forty trees from the line by night.",
)
"""No copies of each other."""


def trace_of(number: int) -> str:
    return f"{number:032x}"


def parent_of(number: int) -> tuple[str, bytes]:
    return TRACEPARENT, f"00-{trace_of(number)}-{SPAN}-01".encode()


@dataclass
class Sent:
    """Messages with headers, and where they went."""

    settings: Settings
    origins: dict[str, str] = field(default_factory=dict)

    def send(self, name: str, value: bytes, *headers: tuple[str, bytes], topic: Topic = DOCUMENTS) -> None:
        """Send a message under the key ``name``."""
        producer = KafkaProducer(bootstrap_servers=self.settings.bootstrap, acks="all")
        at = producer.send(
            self.settings.prefix + topic.name, key=name.encode(), value=value, headers=list(headers)
        ).get(30)
        producer.close()
        self.origins[name] = f"{at.topic}/{at.partition}/{at.offset}"

    def document(self, name: str, story: int, *headers: tuple[str, bytes]) -> None:
        """Send a document with one of the stories."""
        self.send(name, json.dumps({"id": name, "text": STORIES[story]}).encode(), *headers)

    def letters(self) -> dict[str, Any]:
        """The dead letters by their documents' positions."""
        found = self._messages(DEAD_LETTERS)
        return {DeadLetter.from_headers(list(one.headers)).origin: one for one in found}

    def events(self) -> dict[str, list[Any]]:
        """The messages of the events by their documents' positions."""
        found: dict[str, list[Any]] = {}
        for one in self._messages(ENRICHED):
            found.setdefault(dict(one.headers)[ORIGIN].decode(), []).append(one)
        return found

    def _messages(self, topic: Topic) -> list[Any]:
        consumer = KafkaConsumer(bootstrap_servers=self.settings.bootstrap, enable_auto_commit=False)
        partitions = [TopicPartition(self.settings.prefix + topic.name, n) for n in range(self.settings.partitions)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Any] = []
        while any(consumer.position(at) < ends[at] for at in partitions):
            found += [one for batch in consumer.poll(timeout_ms=500).values() for one in batch]
        consumer.close()
        return found


def context(message: Any) -> list[tuple[str, bytes]]:
    """The headers of a message's trace."""
    return [header for header in message.headers if header[0] in (TRACEPARENT, TRACESTATE)]


def logged(log: Path) -> list[dict[str, str]]:
    """The lines of a log, each of which must be an object."""
    return [json.loads(line) for line in log.read_text().splitlines()]


def made(brokers: str, folder: Path, prefix: str, **settings: Any) -> Settings:
    one = Settings(
        brokers=brokers, prefix=prefix, partitions=2, data_dir=folder, session_seconds=6, processes=1, log_format="json",
        **settings,
    )  # fmt: skip
    topics.create(one)
    return one


@pytest.fixture
def received() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def test_without_opentelemetry_a_trace_comes_out_as_it_came_in_also_after_a_kill_and_a_replay(
    brokers: str, tmp_path: Path
) -> None:
    settings = made(brokers, tmp_path, "carried-")
    log = tmp_path / "worker.log"
    sent = Sent(settings)
    sent.document("with-both", 0, parent_of(1), STATE)
    sent.document("a-copy", 0, parent_of(2))
    sent.document("bad-state", 1, parent_of(3), (TRACESTATE, b"x" * 10_000))
    sent.document("bad-parent", 2, (TRACEPARENT, b"00-" + b"\xff" * 1_000_000), STATE)
    sent.document("without", 3)
    sent.send("rejected", b"{broken", parent_of(4), STATE)
    sent.send("no-work", b"no work", parent_of(5), STATE, topic=UNIQUE)
    expected = {
        "with-both": [parent_of(1), STATE],
        "a-copy": [parent_of(2)],
        "bad-state": [parent_of(3)],
        "bad-parent": [],
        "without": [],
        "rejected": [parent_of(4), STATE],
        "no-work": [parent_of(5), STATE],
    }
    watcher = Watcher(settings)
    killed = Worker(settings, tmp_path / "killed.log", "--stages", "intake")  # Python itself complains of a kill in it
    watcher.until([sent.origins["rejected"]], 240)  # whatever else has been done by then
    killed.kill()
    with worker(settings, log, variables=LIGHT):
        seen = watcher.until(sent.origins.values(), 240)
        assert replay(settings).replayed == 2
        watcher.until_count(sent.origins["rejected"], 2, 240)
    watcher.close()
    statuses = {name: seen.events[origin][-1].status for name, origin in sent.origins.items()}
    assert statuses == dict.fromkeys(expected, Status.ENRICHED) | {
        "a-copy": Status.DUPLICATE,
        "rejected": Status.REJECTED,
        "no-work": Status.DEAD_LETTERED,
    }
    messages, letters = sent.events(), sent.letters()
    for name, headers in expected.items():
        for message in messages[sent.origins[name]]:
            assert context(message) == headers, name
    for name in ("rejected", "no-work"):
        assert context(letters[sent.origins[name]]) == expected[name]
    ids = {Event.model_validate_json(one.value).event_id for one in messages[sent.origins["rejected"]]}
    assert len(ids) == 1
    lines = logged(log)
    (failure, *_) = [line for line in lines if "dead-lettered" in line["message"]]
    page = (ROOT / "docs" / "observability.md").read_text()
    example = json.loads(block(page, "json line"))
    assert failure.keys() == example.keys()
    for name in ("level", "logger", "message", "stage", "document_id", "trace_id"):
        assert failure[name].removeprefix(settings.prefix).replace("/1/", "/0/") == example[name].replace("/1/", "/0/")
    assert (failure["document_id"], failure["trace_id"]) == ("no-work", trace_of(5))
    assert (failure["stage"], failure["level"], failure["logger"]) == ("entities", "ERROR", "services.runtime.letters")
    assert {line["stage"] for line in lines if "stage" in line} == {stage.name for stage in STAGES}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)


def test_each_stage_has_a_span_below_that_of_the_stage_before(brokers: str, tmp_path: Path, received: Receiver) -> None:
    settings = made(brokers, tmp_path, "spans-", otel=True)
    log = tmp_path / "worker.log"
    sent = Sent(settings)
    sent.document("whole", 0, parent_of(1), STATE)
    sent.document("without", 1)
    sent.send("rejected", b"{broken", parent_of(2))
    sent.send("no-work", b"no work", parent_of(3), topic=UNIQUE)
    variables = LIGHT | {"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    watcher = Watcher(settings)
    with worker(settings, log, variables=variables):
        watcher.until(sent.origins.values(), 240)
    watcher.close()
    messages, letters = sent.events(), sent.letters()
    for name, number, ways in (
        ("whole", 1, STAGES),
        ("rejected", 2, STAGES[:1]),
        ("no-work", 3, (next(stage for stage in STAGES if stage.reads == UNIQUE),)),
    ):
        spans = dict(received.of(trace_of(number)))
        assert sorted(spans) == sorted(f"stancewire-{stage.name}" for stage in ways), name
        above = SPAN
        for stage in ways:
            span = spans[f"stancewire-{stage.name}"]
            assert span.parent_span_id.hex() == above
            assert attributes(span)["messaging.destination.name"] == settings.prefix + stage.reads.name
            assert attributes(span)["stancewire.document.id"] == name
            above = span.span_id.hex()
        for message in [*messages[sent.origins[name]], *([letters[sent.origins[name]]] if name != "whole" else [])]:
            assert dict(message.headers)[TRACEPARENT] == f"00-{trace_of(number)}-{above}-01".encode()
    (event,) = messages[sent.origins["whole"]]
    assert dict(event.headers)[TRACESTATE] == STATE[1]
    (own,) = messages[sent.origins["without"]]
    trace = dict(own.headers)[TRACEPARENT][3:35].decode()
    assert len(received.of(trace)) == len(STAGES)
    (root,) = [service for service, span in received.of(trace) if not span.parent_span_id]
    assert root == f"stancewire-{STAGES[0].name}"
    failed = attributes(received.of(trace_of(3))[0][1])
    assert (failed["stancewire.outcome"], failed["error.type"]) == ("dead_lettered", Reason.ERROR.value)
    assert logged(log)


def test_a_collector_that_never_answers_costs_spans_and_no_document(brokers: str, tmp_path: Path) -> None:
    settings = made(brokers, tmp_path, "deaf-", otel=True)
    sent = Sent(settings)
    for number in range(20):
        sent.document(f"d{number}", number % len(STORIES), parent_of(number + 1))
    watcher = Watcher(settings)
    variables = LIGHT | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "100"}
    with worker(settings, tmp_path / "worker.log", variables=variables) as running:
        seen = watcher.until(sent.origins.values(), 240)
        assert running.terminate() == 0
    watcher.close()
    assert seen.repeats == 0
    assert len(seen.events) == 20
