"""Dead letters for the tests."""

from datetime import UTC, datetime
from typing import Any

from schemas import DeadLetter, Reason
from services.runtime.records import Record


def letter(**changes: Any) -> DeadLetter:
    fields: dict[str, Any] = {
        "topic": "news.documents",
        "partition": 1,
        "offset": 42,
        "origin": "news.documents/1/42",
        "stage": "entities",
        "status": "dead_lettered",
        "reason": Reason.TIMED_OUT,
        "document": "herald-1",
        "exception": "TimeoutError",
        "message": "longer than 60 s of work",
        "pipeline": "0.1.0",
        "configuration": "abc",
        "failed_at": datetime(2026, 3, 11, 7, 30, tzinfo=UTC),
    }
    return DeadLetter.model_validate(fields | changes)


def record(
    said: DeadLetter | None, offset: int = 0, key: bytes | None = b"herald-1", value: bytes | None = b'{"text": "x"}'
) -> Record:
    """A message of the dead-letter topic; without ``said`` it has no headers of ours."""
    headers = tuple(said.to_headers()) if said else ()
    return Record("news.deadletter", 0, offset, key, value, 0.0, (("traceparent", b"00-1"), *headers))
