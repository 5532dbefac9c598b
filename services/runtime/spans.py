"""The span of each document in a stage: where it begins and ends, and whether there is one at all.

By default there is none, and OpenTelemetry is not even imported; ``otel`` has those that are sent.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.runtime.letters import Result
from services.runtime.records import Record
from services.runtime.settings import Settings, SettingsError
from services.runtime.topology import Stage

if TYPE_CHECKING:
    from opentelemetry.trace import Span


class Spans:
    """No spans: a record goes on as it is."""

    def begin(self, records: Sequence[Record]) -> "tuple[list[Record], Sequence[Span]]":
        """The records were taken. Returns them as the stage is to see them, and a span for each (or none at all)."""
        return list(records), ()

    def end(self, spans: "Sequence[Span]", results: Sequence[Result]) -> None:
        """The broker has what was made of the records of ``spans``. Spans that are never ended are not sent."""

    def close(self) -> None:
        """Send what waits, for some seconds at most."""


def spans_of(stage: Stage, settings: Settings) -> Spans:
    """The spans that the settings ask for.

    Raises:
        SettingsError: they ask for spans, and OpenTelemetry is not installed.
    """
    if not settings.otel:
        return Spans()
    try:
        from services.runtime.otel import SentSpans
    except ImportError as error:
        raise SettingsError(
            f"STANCEWIRE_OTEL: {error.name} is not installed; install Stancewire with its extra: pip install 'stancewire[otel]'"
        ) from None
    return SentSpans(stage, settings)
