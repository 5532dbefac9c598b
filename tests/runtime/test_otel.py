"""Spans of OpenTelemetry, received by a real receiver: whose children they are, what they say, and what they never hold up."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from schemas import Reason, Rejection
from schemas import Status as Disposition
from services.runtime.letters import Message, Result
from services.runtime.records import Made, Record
from services.runtime.settings import Settings, SettingsError
from services.runtime.spans import Spans, spans_of, spans_of_requests, spans_of_sink
from services.runtime.topology import ENRICHED, UNIQUE, named
from services.runtime.trace import TRACEPARENT, TRACESTATE
from tests.otlp import Receiver, attributes, receiver

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = (TRACEPARENT, f"00-{TRACE}-{SPAN}-01".encode())
STATE = (TRACESTATE, b"congo=t61rcWkgMzE")
ON = Settings(brokers="nowhere:1", prefix="p-", otel=True)
STAGE = named("entities")


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as one:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", one.endpoint)
        yield one


def record(offset: int, *headers: tuple[str, bytes], value: bytes = b"{}") -> Record:
    return Record("p-" + UNIQUE.name, 1, offset, b"herald-1", value, 1_700_000_000.5, headers)


def result(failed: bool = False, status: Disposition | None = None, reason: Reason | None = None) -> Result:
    rejection = Rejection(reason=reason, message="why") if reason else None
    made = Made("t", b"herald-1", b"{}", (), status, rejection, seconds=0.25)
    return Result(made, Message("d", b"", b"", ()) if failed else None, failed)


def one(spans: Spans, record: Record, outcome: Result | None = None) -> Record:
    """The record as the stage sees it, whose span is ended."""
    (seen,), begun = spans.begin([record])
    spans.end(begun, [outcome or result()])
    return seen


def test_a_span_is_the_child_of_the_records_and_the_parent_of_what_is_made_of_it(received: Receiver) -> None:
    spans = spans_of(STAGE, ON)
    before = time.time_ns()
    seen = one(spans, record(5, ("other", b"x"), STATE, PARENT))
    spans.close()
    ((service, span),) = received.of(TRACE)
    assert service == "stancewire-entities"
    assert (span.parent_span_id.hex(), span.kind, span.name) == (SPAN, Span.SPAN_KIND_CONSUMER, "process p-news.unique")
    assert span.trace_state == STATE[1].decode()
    assert seen.headers == (
        ("other", b"x"),
        (TRACEPARENT, f"00-{TRACE}-{span.span_id.hex()}-01".encode()),
        STATE,
    )
    assert before <= span.start_time_unix_nano <= span.end_time_unix_nano <= time.time_ns()
    assert attributes(span) == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "p-news.unique",
        "messaging.consumer.group.name": "p-stancewire-entities",
        "messaging.destination.partition.id": "1",
        "messaging.kafka.offset": 5,
        "stancewire.stage": "entities",
        "stancewire.origin": "p-news.unique/1/5",
        "stancewire.document.id": "herald-1",
        "stancewire.outcome": "passed",
        "stancewire.work_seconds": 0.25,
    }


def test_a_failure_is_an_error_and_a_rejection_is_none(received: Receiver) -> None:
    spans = spans_of(STAGE, ON)
    one(spans, record(1, PARENT), result(True, Disposition.DEAD_LETTERED, Reason.CRASHED))
    one(spans, record(2, PARENT), result(False, Disposition.REJECTED, Reason.NOT_JSON))
    spans.close()
    (_, failed), (_, rejected) = received.of(TRACE)
    assert (failed.status.code, attributes(failed)["error.type"]) == (Status.STATUS_CODE_ERROR, "crashed")
    assert (rejected.status.code, attributes(rejected)["stancewire.reason"]) == (Status.STATUS_CODE_UNSET, "not_json")
    outcomes = [attributes(span)["stancewire.outcome"] for span in (failed, rejected)]
    assert outcomes == ["dead_lettered", "rejected"]


def test_what_is_worked_on_again_has_the_same_span_and_other_records_have_others(received: Receiver) -> None:
    first, again = spans_of(STAGE, ON), spans_of(STAGE, ON)
    plain = record(1)
    assert one(first, plain).headers == one(again, plain).headers
    assert one(first, record(1, PARENT)).headers == one(again, record(1, PARENT)).headers
    others = [
        replace(plain, offset=2),
        replace(plain, timestamp=1.0),
        replace(plain, value=b"[]"),
        replace(plain, key=None),
    ]
    made = [dict(one(first, other).headers)[TRACEPARENT] for other in (plain, *others)]
    assert len({header[3:35] for header in made}) == len({header[36:52] for header in made}) == 5
    first.close()
    again.close()
    roots = [span for _, span in received.spans if not span.parent_span_id]
    assert len(roots) == 7


def test_a_batch_that_is_dropped_sends_nothing(received: Receiver) -> None:
    spans = spans_of(STAGE, ON)
    spans.begin([record(1, PARENT)])
    one(spans, record(2, PARENT))
    spans.close()
    assert [attributes(span)["messaging.kafka.offset"] for _, span in received.spans] == [2]


def test_a_trace_that_is_not_sampled_goes_on_unsampled_and_is_not_sent(received: Receiver) -> None:
    spans = spans_of(STAGE, ON)
    seen = one(spans, record(1, (TRACEPARENT, PARENT[1][:-2] + b"00")))
    spans.close()
    header = dict(seen.headers)[TRACEPARENT]
    assert (header[3:35].decode(), header[-2:]) == (TRACE, b"00")
    assert received.spans == []


def event_of(offset: int, *headers: tuple[str, bytes]) -> Record:
    return replace(record(offset, *headers), topic="p-" + ENRICHED.name)


def test_each_sink_has_a_span_of_its_own_below_that_of_the_event(received: Receiver) -> None:
    for name in ("postgres", "parquet"):
        spans = spans_of_sink(name, f"p-stancewire-sink-{name}", ON)
        (seen,) = spans.begin([event_of(7, PARENT, STATE)])
        spans.end(seen, "herald-1", "written")
        spans.close()
    (first, span), (second, other) = received.of(TRACE)
    assert (first, second) == ("stancewire-sink-postgres", "stancewire-sink-parquet")
    assert span.parent_span_id.hex() == other.parent_span_id.hex() == SPAN
    assert (span.kind, span.name) == (Span.SPAN_KIND_CONSUMER, "process p-news.enriched")
    assert span.span_id != other.span_id
    assert dict(seen.headers)[TRACEPARENT] == f"00-{TRACE}-{other.span_id.hex()}-01".encode()
    assert attributes(span) == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "p-news.enriched",
        "messaging.consumer.group.name": "p-stancewire-sink-postgres",
        "messaging.destination.partition.id": "1",
        "messaging.kafka.offset": 7,
        "stancewire.sink": "postgres",
        "stancewire.origin": "p-news.enriched/1/7",
        "stancewire.document.id": "herald-1",
        "stancewire.outcome": "written",
    }


def test_what_a_sink_refuses_is_an_error_and_what_it_is_given_again_has_the_same_span(received: Receiver) -> None:
    spans = spans_of_sink("webhook", "g", ON)
    spans.begin([event_of(1, PARENT), event_of(2, PARENT)])  # the sink was away
    given = spans.begin([event_of(1, PARENT), event_of(2, PARENT)])
    spans.end(given[0], "a", "refused", "error")
    spans.end(given[1], None, "refused", "schema")
    again = spans.begin([event_of(2, PARENT)])
    assert again == given[1:]
    spans.close()
    (_, refused), (_, unreadable) = received.of(TRACE)
    for span, error in ((refused, "error"), (unreadable, "schema")):
        assert (span.status.code, attributes(span)["error.type"]) == (Status.STATUS_CODE_ERROR, error)
    assert "stancewire.document.id" not in attributes(unreadable)


def test_a_request_has_a_span_below_that_of_its_sender_or_begins_a_trace(received: Receiver) -> None:
    spans = spans_of_requests(ON)
    below = spans.begin("POST", "/documents", (PARENT, STATE))
    below.end(202, 3)
    own = spans.begin("POST", "/documents", ())
    own.end(400)
    away = spans.begin("DELETE", "/documents/{id}", (PARENT,))
    away.end(503)
    spans.close()
    (service, span), (_, failed) = received.of(TRACE)
    assert (service, span.kind, span.name) == ("stancewire-serve", Span.SPAN_KIND_SERVER, "POST /documents")
    assert span.parent_span_id.hex() == SPAN
    assert below.trace == ((TRACEPARENT, f"00-{TRACE}-{span.span_id.hex()}-01".encode()), STATE)
    assert attributes(span) == {
        "http.request.method": "POST",
        "http.route": "/documents",
        "http.response.status_code": 202,
        "stancewire.documents": 3,
    }
    assert (failed.status.code, attributes(failed)["error.type"]) == (Status.STATUS_CODE_ERROR, "503")
    (root,) = [one for _, one in received.spans if not one.parent_span_id]
    assert dict(own.trace)[TRACEPARENT][:-3] == f"00-{root.trace_id.hex()}-{root.span_id.hex()}".encode()
    assert root.status.code == Status.STATUS_CODE_UNSET


def test_its_own_variables_are_heeded(received: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "news")
    spans = spans_of(STAGE, ON)
    one(spans, record(1, PARENT))
    spans.close()
    assert [service for service, _ in received.spans] == ["news"]
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    disabled = spans_of(STAGE, ON)
    for headers in ((PARENT, STATE), ()):
        assert one(disabled, record(1, *headers)).headers == headers
    disabled.close()
    assert len(received.spans) == 1


def test_by_default_a_record_goes_on_as_it_is_and_opentelemetry_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "services.runtime.otel", raising=False)
    off = spans_of(STAGE, Settings(brokers="nowhere:1"))
    plain = record(1, PARENT)
    assert one(off, plain) is plain
    off.close()
    sink, requests = spans_of_sink("postgres", "g", Settings()), spans_of_requests(Settings())
    assert sink.begin([plain]) == [plain]
    sink.end(plain, "herald-1", "written")
    assert requests.begin("POST", "/documents", (PARENT,)).trace == (PARENT,)
    for made in (
        lambda: spans_of(STAGE, ON),
        lambda: spans_of_sink("postgres", "g", ON),
        lambda: spans_of_requests(ON),
    ):
        with pytest.raises(SettingsError, match=r"STANCEWIRE_OTEL: opentelemetry.* pip install 'stancewire\[otel\]'"):
            made()


@pytest.mark.parametrize("answers", [False, True])
def test_a_collector_that_is_away_or_never_answers_holds_nothing_up(
    answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        if not answers:
            server.close()
            port = 1
        else:
            port = server.getsockname()[1]  # connections are taken by the system, and nobody reads
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        spans = spans_of(STAGE, ON)
        threads = threading.active_count()
        began, used = time.monotonic(), time.process_time()
        for offset in range(10_000):
            one(spans, record(offset, PARENT))
        assert time.process_time() - used < 20
        assert time.monotonic() - began < 60, "each of 19 batches would wait for ten seconds"
        assert threading.active_count() <= threads + 1
        began = time.monotonic()
        spans.close()
        assert time.monotonic() - began < 6
