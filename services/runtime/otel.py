"""OpenTelemetry's spans, sent by OTLP over HTTP: one for each document in a stage, each event in a sink, each request.

Where to, how many, and with which headers is said by OpenTelemetry's own variables (``OTEL_EXPORTER_OTLP_ENDPOINT``, ...). They are
sent on a thread of its own, from a queue that drops what it has no room for: a collector that is away, or slow, costs spans and
nothing else.

The span that a record is worked on in becomes the parent of what is made of it, by the headers. Its id follows from the record: so
a document that is worked on again after a crash has the same span, and its event the same headers.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.runtime.letters import Result
from services.runtime.records import Record
from services.runtime.settings import Settings
from services.runtime.spans import Outcome, Request, RequestSpans, SinkSpans, Spans
from services.runtime.topology import ENRICHED, Stage, group
from services.runtime.trace import TRACEPARENT, TRACESTATE, Headers

_CLOSE_SECONDS = 5.0
"""At the end what waits is sent for so long: a collector that is well takes a full queue in one."""
_UNKNOWN = "unknown_service"
"""How the SDK begins the name of a service that nobody has named."""
_W3C = TraceContextTextMapPropagator()


class _Ids(IdGenerator):
    """Ids that follow from the record that is begun, and from its consumer: several sinks read the same event."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer.encode()
        self._seed = b""

    def of(self, record: Record) -> None:
        """The next ids are those of ``record``. Its content counts, as a topic that is made anew has the same places again."""
        place = f"{record.position} {record.timestamp}".encode()
        parts = (self._consumer, place, record.key or b"", record.value or b"")
        self._seed = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()

    def generate_span_id(self) -> int:
        """Eight bytes, not all 0."""
        return int.from_bytes(hashlib.sha256(b"span" + self._seed).digest()[:8]) or 1

    def generate_trace_id(self) -> int:
        """Sixteen bytes, not all 0, of a document that came without a trace."""
        return int.from_bytes(hashlib.sha256(b"trace" + self._seed).digest()[:16]) or 1


class _Sender:
    """What sends the spans of a process. ``name``: of its service, where OpenTelemetry's own variables give none."""

    def __init__(self, name: str, ids: IdGenerator | None = None) -> None:
        resource = Resource.create()
        if str(resource.attributes.get(SERVICE_NAME, _UNKNOWN)).startswith(_UNKNOWN):
            resource = resource.merge(Resource({SERVICE_NAME: f"stancewire-{name}"}))
        self._provider = TracerProvider(resource=resource, id_generator=ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self.tracer = self._provider.get_tracer("stancewire")

    def close(self) -> None:
        """Send what waits, on a thread that does not keep the process where the collector does not answer."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


class _Consumer:
    """The spans of a consumer: one for each record that it takes.

    Args:
        name: of the stage or sink.
        topic, group: what it reads, with their prefix.
        own: attributes of all its spans.
    """

    def __init__(self, name: str, topic: str, group: str, own: Mapping[str, str]) -> None:
        self._ids = _Ids(group)
        self._sender = _Sender(name, self._ids)
        self._attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": topic,
            "messaging.consumer.group.name": group,
            **own,
        }

    def begin(self, record: Record) -> tuple[Record, Span]:
        """The record with the span that it is worked on in as its parent, and the span."""
        self._ids.of(record)
        place: dict[str, str | int] = {
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "stancewire.origin": record.origin,
        }
        span = self._sender.tracer.start_span(
            f"process {record.topic}",
            _W3C.extract(_carrier(record.trace), Context()),
            SpanKind.CONSUMER,
            {**self._attributes, **place},
        )
        others = tuple(header for header in record.headers if header[0] not in (TRACEPARENT, TRACESTATE))
        return replace(record, headers=others + _under(span, record.trace)), span

    def close(self) -> None:
        """As of ``_Sender``."""
        self._sender.close()


class SentSpans(Spans):
    """Spans that are sent. All but ``close`` runs on the stage's loop."""

    def __init__(self, stage: Stage, settings: Settings) -> None:
        topic, own = settings.prefix + stage.reads.name, {"stancewire.stage": stage.name}
        self._consumer = _Consumer(stage.name, topic, group(settings.prefix, stage), own)

    def begin(self, records: Sequence[Record]) -> tuple[list[Record], list[Span]]:
        """A span for each record, which it then names as its parent."""
        begun = [self._consumer.begin(record) for record in records]
        return [record for record, _ in begun], [span for _, span in begun]

    def end(self, spans: Sequence[Span], results: Sequence[Result]) -> None:
        """Say what came of each document. A failure of ours is an error; a document that was rejected is not."""
        for span, result in zip(spans, results, strict=True):
            made = result.made
            span.set_attribute("stancewire.document.id", made.key.decode())
            span.set_attribute("stancewire.outcome", made.status.value if made.status is not None else "passed")
            span.set_attribute("stancewire.work_seconds", made.seconds)
            if made.rejection is not None:
                span.set_attribute("stancewire.reason", made.rejection.reason.value)
            if result.failed and made.rejection is not None:
                span.set_attribute("error.type", made.rejection.reason.value)
                span.set_status(StatusCode.ERROR)
            span.end()

    def close(self) -> None:
        """As of ``_Sender``."""
        self._consumer.close()


class SentSinkSpans(SinkSpans):
    """Spans of a sink that are sent."""

    def __init__(self, name: str, group: str, settings: Settings) -> None:
        own = {"stancewire.sink": name}
        self._consumer = _Consumer(f"sink-{name}", settings.prefix + ENRICHED.name, group, own)
        self._open: dict[str, Span] = {}

    def begin(self, records: Sequence[Record]) -> list[Record]:
        """A span for each record, which it then names as its parent."""
        begun = [self._consumer.begin(record) for record in records]
        self._open = {record.position: span for record, span in begun}
        return [record for record, _ in begun]

    def end(self, record: Record, document: str | None, outcome: Outcome, error: str | None = None) -> None:
        """Say what came of the event. What the sink refuses is an error."""
        span = self._open.pop(record.position)
        if document is not None:
            span.set_attribute("stancewire.document.id", document)
        span.set_attribute("stancewire.outcome", outcome)
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(StatusCode.ERROR)
        span.end()

    def close(self) -> None:
        """As of ``_Sender``."""
        self._consumer.close()


class _SentRequest(Request):
    def __init__(self, span: Span, trace: Headers) -> None:
        super().__init__(_under(span, trace))
        self._span = span

    def end(self, status: int, documents: int = 0) -> None:
        self._span.set_attribute("http.response.status_code", status)
        self._span.set_attribute("stancewire.documents", documents)
        if status >= 500:
            self._span.set_attribute("error.type", str(status))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class SentRequestSpans(RequestSpans):
    """Spans of requests that are sent."""

    def __init__(self) -> None:
        self._sender = _Sender("serve")

    def begin(self, method: str, route: str, trace: Headers) -> Request:
        """A span below that of the sender, or one that begins a trace."""
        attributes = {"http.request.method": method, "http.route": route}
        context = _W3C.extract(_carrier(trace), Context())
        span = self._sender.tracer.start_span(f"{method} {route}", context, SpanKind.SERVER, attributes)
        return _SentRequest(span, trace)

    def close(self) -> None:
        """As of ``_Sender``."""
        self._sender.close()


def _carrier(trace: Headers) -> dict[str, str]:
    return {name: value.decode() for name, value in trace}


def _under(span: Span, trace: Headers) -> Headers:
    """The headers that have ``span`` as their parent; those of ``trace`` with OTEL_SDK_DISABLED, where no span has an id."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(span, Context()))
    return tuple((name, value.encode()) for name, value in carrier.items()) or trace
