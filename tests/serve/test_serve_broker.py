"""The HTTP service as a process on a real Kafka, with real HTTP clients, also hostile ones."""

import contextlib
import gzip
import http.client
import json
import os
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from services.runtime import topics
from services.runtime.settings import Settings
from services.runtime.topology import DOCUMENTS
from tests.docs.snippets import ROOT, block
from tests.otlp import attributes, receiver
from tests.sinks.streams import Process

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

TOKEN = "token-of-the-tests-4711"  # noqa: S105
TEXT = "Mayor Mara Voss praised the harbour tunnel on Monday, because it is good for the city."
MEGABYTE = 1024 * 1024
SECONDS = 10


@dataclass
class Served:
    """A running service: its topics, its process, and where it takes documents."""

    settings: Settings
    process: Process

    @property
    def port(self) -> int:
        said = self.process.log.read_text()
        return int(said.partition("/documents")[0].rpartition(":")[2])

    def send(
        self, body: bytes | Iterator[bytes] | None, *, method: str = "POST", path: str = "/documents", **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """The status, body and headers of an answer."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        client.request(method, path, body, {name: value for name, value in given.items() if value})
        answer = client.getresponse()
        content = answer.read()
        client.close()
        return answer.status, json.loads(content or b"{}"), answer.headers

    def messages(self) -> list[tuple[bytes | None, bytes | None]]:
        """All keys and values on the topic now."""
        return [(one.key, one.value) for one in self.records()]

    def records(self) -> list[Any]:
        """All messages on the topic now, as Kafka's client has them."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.bootstrap, enable_auto_commit=False)
        name = self.settings.prefix + DOCUMENTS.name
        partitions = [TopicPartition(name, number) for number in sorted(consumer.partitions_for_topic(name))]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Any] = []
        while any(consumer.position(at) < ends[at] for at in partitions):
            for batch in consumer.poll(timeout_ms=1_000).values():
                found += batch
        consumer.close()
        return found


@pytest.fixture(scope="module")
def served(brokers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    settings = Settings(brokers=brokers, prefix=f"serve{os.getpid()}-", data_dir=folder, partitions=2)
    topics.create(settings)
    process = start(settings, folder)
    process.until(lambda: process.ask("/ready")[0] == 200, "not ready")
    yield Served(settings, process)
    assert process.end() == 0
    assert "4711" not in process.log.read_text()
    assert "Traceback" not in process.log.read_text()


def start(settings: Settings, folder: Path, **variables: str) -> Process:
    few = {"MEGABYTES": "1", "DOCUMENTS": "50", "SECONDS": str(SECONDS), "PORT": "0", "METRICS_PORT": "0"}
    values = {
        f"STANCEWIRE_SERVE_{name}": value for name, value in (few | {"TOKEN": f"{TOKEN},another-{TOKEN}"}).items()
    }
    process = Process(settings, folder / "log", "serve", **values, **variables)
    process.until(lambda: "/metrics" in process.log.read_text(), "no address")
    return process


def documents(count: int, name: str) -> list[dict[str, str]]:
    return [{"id": f"{name}-{number}", "text": f"{TEXT} It is number {number}."} for number in range(count)]


def test_the_example_of_the_page_is_on_the_topic_when_it_is_answered(served: Served) -> None:
    page = (ROOT / "docs" / "http.md").read_text()
    body = (ROOT / "docs" / "example.json").read_bytes()
    status, answer, headers = served.send(body)
    assert (status, answer) == (202, json.loads(block(page, "json answer")))
    assert (answer["ids"][0].encode(), body.strip()) in served.messages()
    assert headers["Cache-Control"] == "no-store"


def test_the_trace_of_a_request_is_that_of_its_documents_and_a_bad_one_is_left_out(served: Served) -> None:
    parent, state = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=1,b=2"
    body = json.dumps(documents(2, "traced")).encode()
    assert served.send(body, traceparent=parent, tracestate=state)[0] == 202
    assert served.send(None, method="DELETE", path="/documents/traced-taken-back", traceparent=parent)[0] == 202
    for number, bad in enumerate((parent.upper(), f"{parent},{parent}", "x" * 8_000, "\xff")):
        body = json.dumps(documents(1, f"untraced-{number}")).encode()
        assert served.send(body, traceparent=bad, tracestate=state)[0] == 202
    headers = {one.key.decode(): list(one.headers) for one in served.records() if b"traced" in (one.key or b"")}
    both = [("traceparent", parent.encode()), ("tracestate", state.encode())]
    assert headers["traced-0"] == headers["traced-1"] == both
    assert headers["traced-taken-back"] == both[:1]
    assert [headers[f"untraced-{number}-0"] for number in range(4)] == [[]] * 4


def test_a_request_has_a_span_that_is_the_parent_of_its_documents(served: Served, tmp_path: Path) -> None:
    trace, parent = "0af7651916cd43dd8448eb211c80319d", "b7ad6b7169203331"
    settings = served.settings.model_copy(update={"prefix": f"spans{os.getpid()}-"})
    topics.create(settings)
    with receiver() as received:
        said = {"STANCEWIRE_OTEL": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint}
        spanned = Served(settings, start(settings, tmp_path, **said))
        spanned.process.until(lambda: spanned.process.ask("/ready")[0] == 200, "not ready")
        body = json.dumps(documents(2, "spanned")).encode()
        assert spanned.send(body, traceparent=f"00-{trace}-{parent}-01")[0] == 202
        assert spanned.send(json.dumps(documents(1, "rooted")).encode())[0] == 202
        assert spanned.send(None, method="DELETE", path="/documents/spanned-0")[0] == 202
        assert spanned.send(b"[]")[0] == 400
        assert spanned.send(b"[]", Authorization="")[0] == 401
        assert spanned.process.end() == 0
    (span,) = [span for _, span in received.of(trace)]
    assert span.parent_span_id.hex() == parent
    names = [(span.name, attributes(span)["http.response.status_code"]) for _, span in received.spans]
    assert sorted(names) == [
        ("DELETE /documents/{id}", 202),
        ("POST /documents", 202),
        ("POST /documents", 202),
        ("POST /documents", 400),
    ]
    headers = {one.key.decode(): dict(one.headers) for one in spanned.records() if one.value is not None}
    for number in range(2):
        assert headers[f"spanned-{number}"]["traceparent"] == f"00-{trace}-{span.span_id.hex()}-01".encode()
    roots = [f"00-{one.trace_id.hex()}-{one.span_id.hex()}".encode() for _, one in received.spans]
    assert headers["rooted-0"]["traceparent"][:-3] in roots


def test_documents_in_cloud_events_arrive_as_they_are(served: Served) -> None:
    event = {"specversion": "1.0", "id": "e-1", "source": "/cms", "type": "story"}
    body = [event | {"data": one} for one in documents(2, "event")]
    status, answer, _ = served.send(json.dumps(body).encode(), Content_Type="application/cloudevents-batch+json")
    assert (status, answer["ids"]) == (202, ["event-0", "event-1"])
    assert (b"event-0", json.dumps(documents(1, "event")[0]).encode()) in served.messages()
    status, answer, _ = served.send(json.dumps(event).encode(), Content_Type="application/cloudevents+json")
    assert (status, answer["problems"]) == (400, [{"at": "body", "message": "data: is required, and is the document"}])


def test_arrays_lines_and_packed_bodies_arrive_whole(served: Served) -> None:
    lines = "\n".join(map(json.dumps, documents(20, "line"))).encode()
    array = json.dumps(documents(50, "entry")).encode()
    for body, headers in (
        (lines, {"Content_Type": "application/x-ndjson"}),
        (array, {"Content_Type": "application/json; charset=UTF-8", "Content_Encoding": "gzip"}),
    ):
        packed = gzip.compress(body) if "Content_Encoding" in headers else body
        status, answer, _ = served.send(packed, **headers)
        assert status == 202
        keys = [key for key, _ in served.messages()]
        assert all(keys.count(one.encode()) == 1 for one in answer["ids"])
    assert len(answer["ids"]) == 50


def test_another_token_is_valid_too_and_an_id_is_made(served: Served) -> None:
    body = json.dumps({"text": TEXT}).encode()
    ids = {served.send(body, Authorization=f"bearer another-{TOKEN}")[1]["ids"][0] for _ in range(2)}
    assert len(ids) == 1
    assert ids.pop().startswith("sw-")


def test_a_document_is_taken_back(served: Served) -> None:
    served.send(json.dumps({"id": "a/b ü", "text": TEXT}).encode())
    status, answer, _ = served.send(None, method="DELETE", path="/documents/a%2Fb%20%C3%BC")
    assert (status, answer) == (202, {"ids": ["a/b ü"]})
    assert [value for key, value in served.messages() if key == "a/b ü".encode()][-1] is None
    assert served.send(None, method="DELETE", path="/documents/%20x")[0] == 400
    assert served.send(None, method="DELETE", path="/documents/" + "x" * 257)[0] == 400


def bomb() -> bytes:
    return gzip.compress(b" " * (100 * MEGABYTE))


REFUSED: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "no token": (401, b"{}", {"Authorization": ""}),
    "a wrong token": (401, b"{}", {"Authorization": f"Bearer {TOKEN}x"}),
    "a token that is no ASCII": (401, b"{}", {"Authorization": "Bearer \xff\xfe"}),
    "another scheme": (401, b"{}", {"Authorization": f"Basic {TOKEN}"}),
    "no type": (415, b"{}", {"Content_Type": ""}),
    "plain text": (415, b"text", {"Content_Type": "text/plain"}),
    "another encoding": (415, b"{}", {"Content_Type": "application/json; charset=latin-1"}),
    "nothing": (400, b"", {}),
    "not JSON": (400, b"text", {}),
    "UTF-16": (400, json.dumps({"text": TEXT}).encode("utf-16"), {}),
    "a document without a text": (400, b'{"title": "x"}', {}),
    "a good one and a bad one": (400, json.dumps([*documents(1, "held"), {"text": ""}]).encode(), {}),
    "nested": (400, b"[" * 500_000, {}),
    "too many": (413, json.dumps(documents(51, "many")).encode(), {}),
    "too large": (413, b" " * (MEGABYTE + 1), {}),
    "too large when it is unpacked": (413, bomb(), {"Content_Encoding": "gzip"}),
    "packed in another way": (415, b"{}", {"Content_Encoding": "br"}),
    "not packed": (400, b"not packed", {"Content_Encoding": "gzip"}),
    "cut off while packed": (400, zlib.compress(b"{}" * 1_000)[:-9], {"Content_Encoding": "deflate"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(served: Served, name: str) -> None:
    status, body, headers = REFUSED[name]
    before = served.messages()
    got, answer, given = served.send(body, **headers)
    assert (got, served.messages()) == (status, before), answer
    assert len(answer["error"]) > 10
    assert (given["WWW-Authenticate"] == "Bearer") == (status == 401)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/documents"), ("PUT", "/documents/a"), ("GET", "/x"), ("DELETE", "/documents/")]
)
def test_other_requests_are_refused(served: Served, method: str, path: str) -> None:
    status, answer, _ = served.send(None, method=method, path=path)
    assert status in (404, 405)
    assert answer["error"]


def test_a_body_without_an_end_is_cut_off(served: Served) -> None:
    endless = (b"x" * 65_536 for _ in range(64))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # hung up on before we had sent all
        assert served.send(endless, Transfer_Encoding="chunked")[0] == 413
    assert served.send(json.dumps({"text": TEXT}).encode())[0] == 202


def slowly(served: Served, head: bytes, then: bytes) -> bytes:
    """Send ``then`` byte by byte behind ``head`` until the service hangs up; what it said."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as one:
        one.sendall(head)
        deadline = time.monotonic() + 60
        one.settimeout(0.3)
        said = b""
        while time.monotonic() < deadline:
            try:
                one.sendall(then)
                piece = one.recv(4_096)
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                return said
            if not piece:
                return said
            said += piece
    raise AssertionError("the service waits for ever")


def test_who_sends_slowly_is_hung_up_on(served: Served) -> None:
    head = f"POST /documents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"
    assert b" 408 " in slowly(served, f"{head}Content-Length: 1000\r\n\r\n".encode(), b" ")
    assert slowly(served, head.encode(), b"x") == b""
    assert b" 401 " in slowly(served, b"POST /documents HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", b" ")
    assert served.send(json.dumps({"text": TEXT}).encode())[0] == 202


def test_it_is_described_and_watched(served: Served) -> None:
    status, described, _ = served.send(None, method="GET", path="/openapi.json", Authorization="")
    assert (status, described["openapi"]) == (200, "3.1.0")
    assert described["paths"]["/documents"]["post"]["responses"].keys() >= {"202", "401", "413", "503"}
    metrics = served.process.ask("/metrics")[1]
    for outcome in ("accepted", "invalid", "unauthorized", "too_large", "too_slow"):
        assert float(metrics.partition(f'stancewire_serve_requests_total{{outcome="{outcome}"}} ')[2].split()[0]) > 0
    assert f"stancewire_serve_documents_total {float(len(served.messages()))}" in metrics
    assert served.process.ask("/live")[0] == 200


def test_without_a_broker_it_says_so(tmp_path: Path) -> None:
    settings = Settings(brokers="127.0.0.1:1", data_dir=tmp_path)
    served = Served(settings, start(settings, tmp_path))
    assert served.process.ask("/ready")[0] == 503
    assert served.process.ask("/live")[0] == 200
    status, answer, headers = served.send(json.dumps({"text": TEXT}).encode())
    assert (status, headers["Retry-After"]) == (503, "2")
    assert "Kafka is away" in answer["error"]
    assert served.process.end() == 0
