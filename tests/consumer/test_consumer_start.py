from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.consumer.seen import Seen
from services.consumer.start import Start, parse_start

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("beginning", "beginning"),
        ("end", "end"),
        ("90s", NOW - timedelta(seconds=90)),
        ("15m", NOW - timedelta(minutes=15)),
        ("2h", NOW - timedelta(hours=2)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
        ("2026-03-10T08:00+02:00", datetime(2026, 3, 10, 8, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-03-10T08:00:00Z", datetime(2026, 3, 10, 8, tzinfo=UTC)),
    ],
)
def test_a_start_is_read(words: str, start: Start) -> None:
    assert parse_start(words, NOW) == start


@pytest.mark.parametrize(
    "words", ["", "now", "-5m", "5 m", "5w", "999999d", "1969-12-31", "0001-01-01", "tomorrow", "15m ago"]
)
def test_what_is_no_start_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="cannot start at"):
        parse_start(words, NOW)


def test_the_last_ids_are_remembered_and_the_oldest_forgotten() -> None:
    seen = Seen(3)
    assert [seen.add(name) for name in "abcacdab"] == [True, True, True, False, False, True, False, True]
