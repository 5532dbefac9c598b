"""OpenTelemetry's spans, one for each document in each stage, sent by OTLP over HTTP.

Where to, how many, and with which headers is said by OpenTelemetry's own variables (``OTEL_EXPORTER_OTLP_ENDPOINT``, ...). They are
sent on a thread of its own, from a queue that drops what it has no room for: a collector that is away, or slow, costs spans and
nothing else.

The span that a record is worked on in becomes the parent of what is made of it, by the headers. Its id follows from the record: so
a document that is worked on again after a crash has the same span, and its event the same headers.
"""

import hashlib
import threading
from collections.abc import Sequence
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
from services.runtime.spans import Spans
from services.runtime.topology import Stage, group
from services.runtime.trace import TRACEPARENT, TRACESTATE

_CLOSE_SECONDS = 5.0
"""At the end what waits is sent for so long: a collector that is well takes a full queue in one."""
_UNKNOWN = "unknown_service"
"""How the SDK begins the name of a service that nobody has named."""
_W3C = TraceContextTextMapPropagator()


class _Ids(IdGenerator):
    """Ids that follow from the record that is begun."""

    def __init__(self) -> None:
        self._seed = b""

    def of(self, record: Record) -> None:
        """The next ids are those of ``record``. Its content counts, as a topic that is made anew has the same places again."""
        place = f"{record.position} {record.timestamp}".encode()
        parts = (place, record.key or b"", record.value or b"")
        self._seed = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()

    def generate_span_id(self) -> int:
        """Eight bytes, not all 0."""
        return int.from_bytes(hashlib.sha256(b"span" + self._seed).digest()[:8]) or 1

    def generate_trace_id(self) -> int:
        """Sixteen bytes, not all 0, of a document that came without a trace."""
        return int.from_bytes(hashlib.sha256(b"trace" + self._seed).digest()[:16]) or 1


class SentSpans(Spans):
    """Spans that are sent. All but ``close`` runs on the stage's loop."""

    def __init__(self, stage: Stage, settings: Settings) -> None:
        self._ids = _Ids()
        resource = Resource.create()
        if str(resource.attributes.get(SERVICE_NAME, _UNKNOWN)).startswith(_UNKNOWN):
            resource = resource.merge(Resource({SERVICE_NAME: f"stancewire-{stage.name}"}))
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("stancewire")
        self._attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": settings.prefix + stage.reads.name,
            "messaging.consumer.group.name": group(settings.prefix, stage),
            "stancewire.stage": stage.name,
        }

    def begin(self, records: Sequence[Record]) -> tuple[list[Record], list[Span]]:
        """A span for each record, which it then names as its parent."""
        spans = [self._begin(record) for record in records]
        return [_under(span, record) for span, record in zip(spans, records, strict=True)], spans

    def _begin(self, record: Record) -> Span:
        self._ids.of(record)
        carrier = {name: value.decode() for name, value in record.trace}
        place: dict[str, str | int] = {
            "messaging.destination.partition.id": str(record.partition),
            "messaging.kafka.offset": record.offset,
            "stancewire.origin": record.origin,
        }
        return self._tracer.start_span(
            f"process {record.topic}",
            _W3C.extract(carrier, Context()),
            SpanKind.CONSUMER,
            {**self._attributes, **place},
        )

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
        """Send what waits, on a thread that does not keep the process where the collector does not answer."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)


def _under(span: Span, record: Record) -> Record:
    """The record with ``span`` as its parent."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(span, Context()))
    if not carrier:  # OTEL_SDK_DISABLED
        return record
    others = tuple(header for header in record.headers if header[0] not in (TRACEPARENT, TRACESTATE))
    return replace(record, headers=others + tuple((name, value.encode()) for name, value in carrier.items()))
