"""What the loop says of a record: when it came, and why it failed."""

import pytest
from pydantic import ValidationError

from services.runtime.records import Record, decode, failed


@pytest.mark.parametrize(
    "timestamp", [58_692e9, 253_402_300_800.0, 4_102_444_800.0, -1e20, -0.001, float("nan"), float("inf")]
)
def test_a_time_that_is_none_is_always_the_same(timestamp: float) -> None:
    assert Record("t", 0, 0, None, None, timestamp).received_at.isoformat() == "1970-01-01T00:00:00+00:00"


def test_a_time_before_2100_is_kept() -> None:
    assert Record("t", 0, 0, None, None, 4_102_444_799.0).received_at.year == 2099


def test_a_failure_names_the_field_and_quotes_nothing_of_the_document() -> None:
    with pytest.raises(ValidationError) as caught:
        decode(Record("t", 0, 0, None, b'{"event": "a private word"}', 0.0))
    message = failed(caught.value).message
    assert message.startswith("event")
    assert "private" not in message
    assert "private" in str(caught.value)
