"""The spans of a document in a stage, an event in a sink, a request: where they begin and end, and whether there are any.

By default there are none, and OpenTelemetry is not even imported; ``otel`` has those that are sent.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from services.runtime.letters import Result
from services.runtime.records import Record
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import Stage
from services.runtime.trace import Headers

if TYPE_CHECKING:
    from opentelemetry.trace import Span

Outcome = Literal["written", "refused"]


class Spans:
    """No spans: a record goes on as it is."""

    def begin(self, records: Sequence[Record]) -> "tuple[list[Record], Sequence[Span]]":
        """The records were taken. Returns them as the stage is to see them, and a span for each (or none at all)."""
        return list(records), ()

    def end(self, spans: "Sequence[Span]", results: Sequence[Result]) -> None:
        """The broker has what was made of the records of ``spans``. Spans that are never ended are not sent."""

    def close(self) -> None:
        """Send what waits, for some seconds at most."""


class SinkSpans:
    """No spans of a sink: a record goes on as it is."""

    def begin(self, records: Sequence[Record]) -> list[Record]:
        """The sink is given these. Returns them as it is to see them. Spans that were begun before and never ended are not sent."""
        return list(records)

    def end(self, record: Record, document: str | None, outcome: Outcome, error: str | None = None) -> None:
        """What became of one of them. ``document``: its id; ``error``: the kind of the refusal."""

    def close(self) -> None:
        """Send what waits, for some seconds at most."""


class Request:
    """A request without a span. ``trace``: the headers that its documents get."""

    def __init__(self, trace: Headers) -> None:
        self.trace = trace

    def end(self, status: int, documents: int = 0) -> None:
        """It is answered, and so many documents were sent."""


class RequestSpans:
    """No spans of requests."""

    def begin(self, method: str, route: str, trace: Headers) -> Request:
        """A request has come, as a part of ``trace``."""
        return Request(trace)

    def close(self) -> None:
        """Send what waits, for some seconds at most."""


def spans_of(stage: Stage, settings: Settings) -> Spans:
    """The spans that the settings ask for. Raises SettingsError: they ask for spans, and OpenTelemetry is not installed."""
    if not settings.otel:
        return Spans()
    with _needing_otel():
        from services.runtime.otel import SentSpans
    return SentSpans(stage, settings)


def spans_of_sink(name: str, group: str, settings: Settings) -> SinkSpans:
    """The same of the sink ``name``, whose consumer group, with its prefix, is ``group``."""
    if not settings.otel:
        return SinkSpans()
    with _needing_otel():
        from services.runtime.otel import SentSinkSpans
    return SentSinkSpans(name, group, settings)


def spans_of_requests(settings: Settings) -> RequestSpans:
    """The same of `stancewire serve`."""
    if not settings.otel:
        return RequestSpans()
    with _needing_otel():
        from services.runtime.otel import SentRequestSpans
    return SentRequestSpans()


@contextmanager
def _needing_otel() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise SettingsError(
            f"STANCEWIRE_OTEL: {error.name} is not installed; install Stancewire with its extra: pip install 'stancewire[otel]'"
        ) from None
